//! A small network without a network: the rules, a toy referee, named people, and checks after every step.

use std::collections::BTreeMap;

use protocol::*;

/// The time blocks take in tests.
pub(crate) const BLOCK_MS: u64 = 100;

pub(crate) const ISSUER: AccountId = AccountId([1; 32]);
pub(crate) const REQUESTER: AccountId = AccountId([2; 32]);
pub(crate) const STRANGER: AccountId = AccountId([3; 32]);
pub(crate) const PROVIDERS: [AccountId; 4] =
    [AccountId([10; 32]), AccountId([11; 32]), AccountId([12; 32]), AccountId([13; 32])];
pub(crate) const VALIDATORS: [AccountId; 3] =
    [AccountId([20; 32]), AccountId([21; 32]), AccountId([22; 32])];

/// A dollar in stable base units.
pub(crate) const DOLLAR: u128 = 1_000_000;
/// What everybody starts with, of each asset.
pub(crate) const PURSE: u128 = 1_000_000 * DOLLAR;
/// What every operator bonds, in stable.
pub(crate) const BOND: u128 = 10_000 * DOLLAR;

pub(crate) const SALT: Hash = Hash([7; 32]);

pub(crate) fn name(account: AccountId) -> String {
    match account {
        ISSUER => "issuer".into(),
        REQUESTER => "requester".into(),
        STRANGER => "stranger".into(),
        AccountId(bytes) if (10..20).contains(&bytes[0]) => format!("provider {}", bytes[0] - 10),
        AccountId(bytes) if (20..30).contains(&bytes[0]) => format!("validator {}", bytes[0] - 20),
        other => other.to_string(),
    }
}

pub(crate) fn amount(units: u128) -> Amount {
    Amount::new(units)
}

/// Knows the one right result of every run, so it convicts exactly the wrong claims. A program whose source begins with
/// `bad` is refused; one that begins with `hog` breaks the limits.
pub(crate) struct Toy;

impl Toy {
    pub(crate) fn program(source: &[u8]) -> ProgramId {
        ProgramId(Hash::of("toy program", source).0)
    }

    pub(crate) fn truth(program: ProgramId, input: &Content) -> Claim {
        let root = |what| Hash::of(what, &(program, input));
        let output = Content { root: root("toy output"), size: 100 };
        Claim { output, trace: Toy::content(&Self::trace_pages()), meter: 1_000 }
    }

    /// Three pages of trace, the last one short.
    pub(crate) fn trace_pages() -> Vec<Vec<u8>> {
        vec![vec![1; 4_096], vec![2; 4_096], vec![3; 64]]
    }

    fn leaf(bytes: &[u8]) -> Hash {
        Hash::of("toy page", bytes)
    }

    pub(crate) fn content(pages: &[Vec<u8>]) -> Content {
        let leaves: Vec<Hash> = pages.iter().map(|page| Self::leaf(page)).collect();
        let size = pages.iter().map(|page| page.len() as u64).sum();
        Content { root: Hash::of("toy content", &leaves), size }
    }

    /// What a device that has all its units answers: a chain of hashes, one for each unit.
    pub(crate) fn capacity_answer(
        kind: ChallengeKind,
        challenge: Hash,
        device: DeviceId,
        units: u32,
    ) -> Vec<u8> {
        let chain = |last: Hash, unit| Hash::of("toy capacity", &(kind, last, device, unit));
        (0..units).fold(challenge, chain).0.to_vec()
    }

    /// Evidence that an operator signed twice.
    pub(crate) fn double_signature(chain: ChainId, operator: AccountId, height: Height) -> Vec<u8> {
        Hash::of("toy double signature", &(chain, operator, height)).0.to_vec()
    }

    pub(crate) fn page(pages: &[Vec<u8>], index: usize) -> PageProof {
        let path = pages.iter().map(|page| Self::leaf(page)).collect();
        PageProof { index: index as u64, bytes: pages[index].clone().into(), path }
    }
}

impl Referee for Toy {
    fn prepare(&self, source: &[u8]) -> Result<PreparedProgram, String> {
        if source.starts_with(b"bad") {
            return Err("it is bad".into());
        }
        let id = Self::program(source);
        Ok(PreparedProgram { id, bytes: source.to_vec().into(), memory_max: 65_536 })
    }

    fn judge(&self, case: &Case<'_>) -> Judgement {
        let wrong = *case.claim != Self::truth(case.program, &case.input);
        let verdict = match case.evidence {
            b"step" if wrong => Verdict::Guilty,
            b"hog" if case.prepared.starts_with(b"hog") => Verdict::AuthorFault,
            _ => Verdict::Dismissed("the step is as claimed".into()),
        };
        Judgement { verdict, units: case.units_max.min(1_000_000) }
    }

    /// The answer names the challenge once per unit: work in proportion to the claim, useless for any other device.
    fn check_capacity(&self, case: &CapacityCase<'_>) -> bool {
        case.answer == Self::capacity_answer(case.kind, case.challenge, case.device, case.units)
    }

    /// Takes at most a hundred million steps.
    fn check_parameters(&self, parameters: &Parameters) -> Result<(), String> {
        if parameters.steps_max > 100_000_000 {
            return Err("these are too many steps for a toy".into());
        }
        Ok(())
    }

    /// The evidence is the statements' common preimage: who signed, at which height, on which chain.
    fn check_double_signing(&self, case: &SigningCase<'_>) -> bool {
        case.evidence == Self::double_signature(case.chain, case.operator, case.height)
    }

    fn check_page(&self, content: &Content, index: u64, bytes: &[u8], path: &[Hash]) -> bool {
        let leaf = usize::try_from(index).ok().and_then(|index| path.get(index));
        leaf == Some(&Self::leaf(bytes)) && Hash::of("toy content", path) == content.root
    }
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) height: Height,
    pub(crate) now: Time,
    pub(crate) beacon: Hash,
    pub(crate) events: Vec<Event>,
    /// Whether every step is followed by all checks; the property test turns it off to check in strides.
    pub(crate) checked: bool,
}

pub(crate) fn genesis(parameters: Parameters) -> Genesis {
    let people = [ISSUER, REQUESTER, STRANGER].into_iter().chain(PROVIDERS).chain(VALIDATORS);
    let purse = |account| {
        [NATIVE, STABLE].map(|asset| GenesisBalance { account, asset, amount: amount(PURSE) })
    };
    Genesis {
        chain_name: "test".into(),
        start: Time(1_000),
        parameters,
        assets: AssetDefinition::seed(Some(ISSUER)),
        classes: Class::devnet(),
        balances: people.flat_map(purse).collect(),
        pots: vec![GenesisPot { pot: Pot::Audit, asset: STABLE, amount: amount(1_000 * DOLLAR) }],
    }
}

impl World {
    pub(crate) fn new(parameters: Parameters) -> Self {
        Self::of(&genesis(parameters))
    }

    pub(crate) fn of(genesis: &Genesis) -> Self {
        let (state, events) = State::genesis(genesis).expect("the test genesis is valid");
        let now = state.clock().now;
        let beacon = Hash([1; 32]);
        let mut world = Self { state, height: Height(0), now, beacon, events, checked: true };
        world.block();
        world
    }

    /// Everybody bonded, providers offering at one dollar per 10^9 units, one good program registered.
    pub(crate) fn staked() -> Self {
        Self::staked_with(Parameters::default())
    }

    pub(crate) fn staked_with(parameters: Parameters) -> Self {
        let mut world = Self::new(parameters);
        world.checked = false;
        for operator in PROVIDERS.into_iter().chain(VALIDATORS) {
            let validator = VALIDATORS.contains(&operator);
            world.ok(
                operator,
                Action::RegisterOperator { duties: Duties { provider: !validator, validator } },
            );
            world.ok(operator, Action::Bond { operator, asset: STABLE, amount: amount(BOND) });
        }
        for provider in PROVIDERS {
            world.offer(provider, 4, DOLLAR);
        }
        world.ok(REQUESTER, Action::RegisterProgram { source: b"good".to_vec().into() });
        world.checked = true;
        world.block();
        world
    }

    pub(crate) fn context(&self) -> Context<'static> {
        Context { height: self.height, now: self.now, beacon: self.beacon, referee: &Toy }
    }

    pub(crate) fn parameters(&self) -> Parameters {
        self.state.parameters().clone()
    }

    pub(crate) fn offer(&mut self, provider: AccountId, units: u32, ask: u128) {
        self.ok(provider, Action::SetOffer { class: ClassId::CPU, units, ask: amount(ask) });
    }

    /// The next block, a moment later.
    pub(crate) fn block(&mut self) {
        self.block_after(BLOCK_MS);
    }

    pub(crate) fn block_after(&mut self, ms: u64) {
        self.end_block();
        self.begin_block(ms, Hash::of("test beacon", &self.height));
    }

    pub(crate) fn end_block(&mut self) {
        if self.height == self.state.clock().height && self.height.0 > 0 {
            let context = self.context();
            self.events.extend(end_block(&mut self.state, &context));
        }
    }

    pub(crate) fn begin_block(&mut self, ms: u64, beacon: Hash) {
        self.height = self.height.plus(1);
        self.now = self.now.plus_ms(ms);
        self.beacon = beacon;
        let before = self.state.clone();
        let context = self.context();
        let events = begin_block(&mut self.state, &context);
        self.events.extend(events);
        self.check(&before);
    }

    /// A block at exactly this time.
    pub(crate) fn block_at(&mut self, time: Time) {
        assert!(time >= self.now, "{time} is past");
        self.block_after(time.since_ms(self.now));
    }

    pub(crate) fn transaction(&self, sender: AccountId, action: Action) -> Transaction {
        let (chain, nonce) = (self.state.chain().id, self.state.next_nonce(sender));
        Transaction { chain, sender, nonce, expiry: self.height.plus(100), action }
    }

    pub(crate) fn send(
        &mut self,
        sender: AccountId,
        action: Action,
    ) -> Result<Vec<Event>, Rejection> {
        self.apply(self.transaction(sender, action))
    }

    pub(crate) fn apply(&mut self, transaction: Transaction) -> Result<Vec<Event>, Rejection> {
        let sender = transaction.sender;
        let verified = transaction.with_signature([0; 64]).assume_verified();
        let before = self.state.clone();
        let context = self.context();
        let receipt = apply(&mut self.state, &context, &verified);
        self.events.extend(receipt.events.iter().cloned());
        match receipt.rejection {
            None => {
                self.check(&before);
                Ok(receipt.events)
            }
            Some(rejection) => {
                self.check_unchanged(&before, sender, receipt.fee, &rejection);
                Err(rejection)
            }
        }
    }

    pub(crate) fn ok(&mut self, sender: AccountId, action: Action) -> Vec<Event> {
        let kind = format!("{action:?}");
        self.send(sender, action).unwrap_or_else(|rejection| panic!("{kind}: {rejection}"))
    }

    /// After a refusal only nonce and fee differ, or nothing.
    fn check_unchanged(
        &self,
        before: &State,
        sender: AccountId,
        fee: Amount,
        rejection: &Rejection,
    ) {
        if rejection.is_uncharged() {
            assert_eq!(&self.state, before, "{rejection}");
            return;
        }
        let changed: Vec<u8> = before.changes(&self.state).iter().map(|(key, _)| key[0]).collect();
        assert!(changed.iter().all(|table| [5, 6, 7].contains(table)), "{rejection}: {changed:?}");
        assert_eq!(self.state.next_nonce(sender).0, before.next_nonce(sender).0 + 1, "{rejection}");
        let paid = before.balance(sender, NATIVE).minus(self.state.balance(sender, NATIVE));
        assert_eq!(paid, fee, "{rejection}");
        let fees = |state: &State| state.held(Place::Pot(Pot::Fees), NATIVE);
        assert_eq!(fees(&self.state), fees(before).plus(fee), "{rejection}");
        assert_eq!(
            before.changes(&self.state).len(),
            if fee.is_zero() { 1 } else { 4 },
            "{rejection}"
        );
    }

    fn check(&self, before: &State) {
        if !self.checked {
            return;
        }
        self.assert_invariants();
        self.assert_round_trip(before);
    }

    pub(crate) fn assert_invariants(&self) {
        let violations = invariants::check(&self.state);
        assert!(violations.is_empty(), "{violations:#?}");
    }

    /// Export and import give the same state, and so do the earlier entries with the changes.
    pub(crate) fn assert_round_trip(&self, before: &State) {
        let entries = self.state.entries();
        let imported = State::from_entries(entries.iter().map(|(key, value)| (key, value)));
        assert_eq!(imported.as_ref(), Ok(&self.state));
        let mut patched: BTreeMap<_, _> = before.entries().into_iter().collect();
        for (key, value) in before.changes(&self.state) {
            match value {
                Some(value) => drop(patched.insert(key, value)),
                None => assert!(patched.remove(&key).is_some(), "only what was there can go"),
            }
        }
        assert_eq!(patched, entries.into_iter().collect());
    }

    /// Net flow of an asset per place since an event count, from events alone; accounts by name.
    pub(crate) fn statement(&self, since: usize, asset: AssetId) -> String {
        let mut net: BTreeMap<String, i128> = BTreeMap::new();
        for event in &self.events[since..] {
            let Event::Books(BooksEvent::Moved { from, to, asset: moved, amount, .. }) = event
            else {
                continue;
            };
            if *moved == asset {
                let units = i128::try_from(amount.units()).expect("test amounts are small");
                *net.entry(place_name(from)).or_default() -= units;
                *net.entry(place_name(to)).or_default() += units;
            }
        }
        let lines = net.into_iter().filter(|(_, units)| *units != 0);
        lines.map(|(place, units)| format!("{place}: {units:+}\n")).collect()
    }
}

fn place_name(place: &Place) -> String {
    match place {
        Place::Account(account) => name(*account),
        Place::Bond(account) => format!("{} bond", name(*account)),
        Place::Lock(account, _) => format!("{} lock", name(*account)),
        Place::Exit(account, _) => format!("{} exit", name(*account)),
        Place::Escrow(_) => "escrow".into(),
        Place::AuditFee(_) => "audit fee".into(),
        Place::DemandBond(_, account) => format!("{} demand", name(*account)),
        Place::Pot(pot) => format!("pot {pot:?}"),
        Place::Unissued => "unissued".into(),
        Place::Burned => "burned".into(),
        Place::Access(account) => format!("{} access", name(*account)),
        Place::AccessExit(account, _) => format!("{} access exit", name(*account)),
        Place::Deposit(_) => "deposit".into(),
        Place::Pool(account) => format!("{} pool", name(*account)),
        Place::PoolIncome(account) => format!("{} pool income", name(*account)),
        Place::Leaving(account, _) => format!("{} leaving", name(*account)),
        Place::AppealBond(_) => "appeal".into(),
        Place::Premium(_) => "premium".into(),
    }
}
