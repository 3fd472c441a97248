//! The rules as the ledger runs them.

use std::sync::Arc;

use bytes::Bytes;
use ledger::{
    Admission, Application, BlockContext, BlockOutcome, Change, Entry, Refusal, RestoreError,
    TransactionResult,
};
use protocol::{
    AccountId, Action, ChainId, Context, Event, Genesis, GenesisFault, Hash, Height, Rejection,
    SignedTransaction, State, Time, Verified, invariants,
};

use crate::referee::Referee;
use crate::signatures::{self, Malformed};

/// The protocol, with the machine as its referee, behind the ledger's door. A clone is a pointer.
#[derive(Clone)]
pub struct Rules(Arc<Parts>);

struct Parts {
    chain: ChainId,
    genesis: Genesis,
    start: State,
    /// What happened at height 0; told with the first block, because genesis has no block.
    start_events: Vec<Event>,
    referee: Referee,
}

impl Rules {
    /// The rules of a chain that starts from `genesis`.
    ///
    /// # Errors
    ///
    /// The genesis contradicts itself.
    pub fn new(genesis: Genesis) -> Result<Self, GenesisFault> {
        let (start, start_events) = State::genesis(&genesis)?;
        let (chain, referee) = (genesis.chain_id(), Referee::default());
        Ok(Self(Arc::new(Parts { chain, genesis, start, start_events, referee })))
    }

    /// What the chain starts from.
    pub fn genesis(&self) -> &Genesis {
        &self.0.genesis
    }

    /// The identity of the chain.
    pub fn chain(&self) -> ChainId {
        self.0.chain
    }

    #[cfg(test)]
    fn genesis_state(&self) -> State {
        self.0.start.clone()
    }

    /// What a block knows of the outside.
    pub(crate) fn context(&self, height: u64, time: u64, beacon: [u8; 32]) -> Context<'_> {
        Context {
            height: Height(height),
            now: self.time(time),
            beacon: Hash(beacon),
            referee: &self.0.referee,
        }
    }

    /// Network time of the rules at a time of the ledger, which starts at 0.
    pub(crate) fn time(&self, ledger_ms: u64) -> Time {
        self.0.genesis.start.plus_ms(ledger_ms)
    }

    fn admission(&self, signed: &SignedTransaction) -> Admission {
        let transaction = &signed.transaction;
        let work = match transaction.action {
            Action::Challenge { .. } => self.0.genesis.parameters.judge_units_max,
            _ => 0,
        };
        Admission {
            sender: transaction.sender.0,
            nonce: transaction.nonce.0,
            expires: transaction.expiry.0,
            work,
        }
    }
}

fn decode(checked: &Bytes) -> Verified {
    let signed = borsh::from_slice::<SignedTransaction>(checked);
    signed.expect("the ledger executes what was checked").assume_verified()
}

fn rejected(rejection: &Rejection) -> TransactionResult {
    let text = format!("{rejection}; {}", rejection.advice());
    TransactionResult::Rejected { code: rejection.code().into(), text }
}

fn refusal(malformed: &Malformed) -> Refusal {
    Refusal { code: malformed.code(), text: malformed.to_string() }
}

fn encode(event: &Event) -> Vec<u8> {
    borsh::to_vec(event).expect("writing to memory does not fail")
}

impl Application for Rules {
    type State = State;

    fn chain(&self) -> ledger::ChainId {
        self.0.chain.0
    }

    fn genesis(&self) -> State {
        self.0.start.clone()
    }

    fn check(&self, transactions: &[&[u8]]) -> Vec<Result<Admission, Refusal>> {
        let verified = signatures::verify(self.0.chain, transactions);
        let admit = |signed: Result<SignedTransaction, Malformed>| match signed {
            Ok(signed) => Ok(self.admission(&signed)),
            Err(malformed) => Err(refusal(&malformed)),
        };
        verified.into_iter().map(admit).collect()
    }

    fn nonce(&self, state: &State, sender: &ledger::Sender) -> u64 {
        state.next_nonce(AccountId(*sender)).0
    }

    fn execute(
        &self,
        state: &mut State,
        block: &BlockContext,
        transactions: &[Bytes],
    ) -> BlockOutcome {
        let context = self.context(block.height, block.time, block.beacon);
        let mut events = if block.height == 1 { self.0.start_events.clone() } else { Vec::new() };
        events.extend(protocol::begin_block(state, &context));
        let transactions: Vec<Verified> = transactions.iter().map(decode).collect();
        let mut results = Vec::with_capacity(transactions.len());
        for receipt in protocol::apply_all(state, &context, &transactions) {
            events.extend(receipt.events);
            let accepted = TransactionResult::Accepted;
            results.push(receipt.rejection.map_or(accepted, |rejection| rejected(&rejection)));
        }
        // Panics if the books do not balance: nothing the node could do from there on is right. The
        // ledger then stops before the block is final and says why.
        events.extend(protocol::end_block(state, &context));
        BlockOutcome { results, events: events.iter().map(encode).collect() }
    }

    fn changes(&self, before: Option<&State>, after: &State) -> Vec<Change> {
        let all = |(key, value)| (key, Some(value));
        let mut changes = match before {
            Some(before) => before.changes(after),
            None => after.entries().into_iter().map(all).collect(),
        };
        // The rules order entries by value, the ledger by bytes.
        changes.sort_unstable();
        changes
    }

    fn restore(&self, entries: &mut dyn Iterator<Item = Entry>) -> Result<State, RestoreError> {
        let fault = |fault: &dyn std::fmt::Display| RestoreError(fault.to_string());
        let state = State::from_entries(entries).map_err(|error| fault(&error))?;
        let found = state.chain().id;
        if found != self.0.chain {
            return Err(RestoreError(format!("they belong to chain {found}")));
        }
        // Once at every start, so that damage is found before anything is built on it.
        match invariants::check(&state).first() {
            None => Ok(state),
            Some(violation) => Err(RestoreError(format!("its books are wrong: {violation:?}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use ed25519_consensus::SigningKey;
    use protocol::{Amount, Nonce, STABLE, Transaction};

    use super::*;
    use crate::presets::{self, Funding};

    fn key(seed: u8) -> SigningKey {
        SigningKey::from([seed; 32])
    }

    fn account(seed: u8) -> AccountId {
        AccountId(key(seed).verification_key().to_bytes())
    }

    fn rules() -> Rules {
        let funded = [Funding::whole(account(1), 100, 100), Funding::whole(account(2), 100, 100)];
        Rules::new(presets::devnet(None, &funded)).expect("a valid genesis")
    }

    fn transfer(rules: &Rules, seed: u8, nonce: u64) -> Vec<u8> {
        let (to, asset, amount) = (account(9), STABLE, Amount::new(1));
        let transaction = Transaction {
            chain: rules.chain(),
            sender: account(seed),
            nonce: Nonce(nonce),
            expiry: Height(100),
            action: Action::Transfer { to, asset, amount },
        };
        let signature = key(seed).sign(&transaction.id().0).to_bytes();
        borsh::to_vec(&transaction.with_signature(signature)).expect("in memory")
    }

    fn block(height: u64) -> BlockContext {
        BlockContext { height, time: height * 10, timestamp: 0, beacon: [7; 32] }
    }

    #[test]
    fn a_bad_signature_is_found_among_good_ones() {
        let rules = rules();
        let mut transactions: Vec<_> = (0..8).map(|nonce| transfer(&rules, 1, nonce)).collect();
        let all = |transactions: &[Vec<u8>]| {
            let bytes: Vec<_> = transactions.iter().map(|bytes| &bytes[..]).collect();
            rules.check(&bytes).into_iter().map(|checked| checked.ok()).collect::<Vec<_>>()
        };
        let good = all(&transactions);
        for (nonce, checked) in (0..).zip(&good) {
            let expected = Admission { sender: account(1).0, nonce, expires: 100, work: 0 };
            assert_eq!(*checked, Some(expected));
        }
        *transactions[3].last_mut().expect("not empty") ^= 1;
        transactions[5].push(0);
        let mut expected = good;
        (expected[3], expected[5]) = (None, None);
        assert_eq!(all(&transactions), expected);
        assert_eq!(all(&[]), []);
    }

    #[test]
    fn refusals_have_the_codes_of_the_rules() {
        let (rules, mut forged) = (rules(), transfer(&rules(), 1, 0));
        *forged.last_mut().expect("not empty") ^= 1;
        let other = Rules::new(presets::demo(&[])).expect("a valid genesis");
        let elsewhere = transfer(&other, 1, 0);
        let answers = rules.check(&[b"", &forged, &elsewhere]);
        let codes: Vec<_> =
            answers.into_iter().map(|answer| answer.expect_err("bad").code).collect();
        assert_eq!(codes, [1, 101, 100]);
    }

    #[test]
    fn what_changed_rebuilds_the_state_and_is_in_order() {
        let rules = rules();
        let mut state = rules.genesis_state();
        let transactions: Vec<Bytes> =
            vec![transfer(&rules, 1, 0).into(), transfer(&rules, 2, 0).into()];
        let before = state.clone();
        let outcome = rules.execute(&mut state, &block(1), &transactions);
        assert_eq!(outcome.results, [TransactionResult::Accepted, TransactionResult::Accepted]);
        let mut entries: std::collections::BTreeMap<_, _> =
            rules.changes(None, &before).into_iter().collect();
        let changes = rules.changes(Some(&before), &state);
        assert!(changes.is_sorted_by(|a, b| a.0 < b.0));
        for (key, value) in changes {
            entries.insert(key, value);
        }
        let mut entries = entries.into_iter().filter_map(|(key, value)| Some((key, value?)));
        assert_eq!(rules.restore(&mut entries), Ok(state));
    }

    #[test]
    fn the_first_block_tells_what_genesis_gave_out() {
        let rules = rules();
        let events = |height| {
            let mut state = rules.genesis_state();
            rules.execute(&mut state, &block(height), &[]).events.len()
        };
        // Two balances each for two accounts, and the audit pot.
        assert_eq!(events(1) - events(2), 5);
    }

    fn unbalanced(rules: &Rules) -> Vec<Entry> {
        let mut entries = rules.genesis_state().entries();
        let accounts = 5;
        let entry = entries.iter_mut().find(|(key, _)| key[0] == accounts).expect("funded");
        // The balance follows the nonce: one unit out of nothing.
        entry.1[8] ^= 1;
        entries
    }

    #[test]
    #[should_panic(expected = "the books do not balance")]
    fn a_block_that_leaves_the_books_unbalanced_stops_the_node() {
        let rules = rules();
        let mut entries = rules.genesis_state().entries();
        let totals = 7;
        let total =
            entries.iter_mut().find(|(key, _)| key[0] == totals).expect("something is held");
        total.1[0] ^= 1;
        let mut state = State::from_entries(entries).expect("well-formed, only wrong");
        rules.execute(&mut state, &block(1), &[]);
    }

    #[test]
    fn entries_that_are_no_sound_state_are_not_restored() {
        let rules = rules();
        let restore = |entries: Vec<Entry>| rules.restore(&mut entries.into_iter());
        let strange = vec![(vec![250], vec![])];
        assert!(restore(strange).expect_err("no such table").0.contains("fa"));
        let missing = rules.genesis_state().entries().split_off(4);
        assert!(restore(missing).is_err());
        let error = restore(unbalanced(&rules)).expect_err("one unit too many");
        assert!(error.0.contains("books"), "{error}");
    }
}
