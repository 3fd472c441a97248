//! Transactions: what lets one in, what it costs, what it does.

use protocol::{
    AccountId, Action, Amount, Height, NATIVE, Nonce, Place, Pot, Referee, Rejection, Transaction,
    Why,
};

use super::books::Move;
use super::{Model, Outcome};

/// Bytes of a signature, which a transaction pays for too.
const SIGNATURE_BYTES: u64 = 64;

/// Bytes of a transaction with its signature.
fn length(transaction: &Transaction) -> u64 {
    let body = borsh::object_length(transaction).expect("a value in memory has a length");
    body as u64 + SIGNATURE_BYTES
}

impl Model {
    /// Carries out a transaction: the fee that was charged, and whether it was refused.
    pub(crate) fn transact(
        &mut self,
        referee: &dyn Referee,
        transaction: &Transaction,
    ) -> (u128, Outcome) {
        let fee = match self.admits(transaction) {
            Ok(fee) => fee,
            Err(rejection) => return (self.turn_away(transaction, &rejection), Err(rejection)),
        };
        self.charge(transaction, fee);
        (fee, self.perform(referee, transaction))
    }

    /// In a block all the same: unless it was not its sender's to send now, it is over, and costs what there is.
    fn turn_away(&mut self, transaction: &Transaction, rejection: &Rejection) -> u128 {
        use Rejection::{CannotPayFee, ExpiryTooFar, TransactionTooLarge};
        if !matches!(
            rejection,
            TransactionTooLarge { .. } | ExpiryTooFar { .. } | CannotPayFee { .. }
        ) {
            return 0;
        }
        let due = self.fee(length(transaction), &transaction.action);
        let fee = due.min(self.books.held(Place::Account(transaction.sender), NATIVE));
        self.charge(transaction, fee);
        fee
    }

    fn charge(&mut self, transaction: &Transaction, fee: u128) {
        let sender = transaction.sender;
        *self.nonces.entry(sender).or_default() += 1;
        let (from, to) = (Place::Account(sender), Place::Pot(Pot::Fees));
        self.shift(Move { from, to, asset: NATIVE, units: fee, why: Why::Fee, job: None });
    }

    fn admits(&self, transaction: &Transaction) -> Result<u128, Rejection> {
        let (expected, found) = (self.chain, transaction.chain);
        if expected != found {
            return Err(Rejection::WrongChain { expected, found });
        }
        let (expiry, height) = (transaction.expiry, Height(self.height));
        if expiry < height {
            return Err(Rejection::Expired { expiry, height });
        }
        let expected = self.nonces.get(&transaction.sender).copied().unwrap_or(0);
        if transaction.nonce.0 != expected {
            let (expected, found) = (Nonce(expected), transaction.nonce);
            return Err(Rejection::BadNonce { expected, found });
        }
        let (bytes, limit) = (length(transaction), self.parameters.transaction_bytes_max);
        if bytes > limit {
            return Err(Rejection::TransactionTooLarge { bytes, limit });
        }
        let latest = Height(self.height + self.parameters.expiry_blocks_max);
        if expiry > latest {
            return Err(Rejection::ExpiryTooFar { expiry, latest });
        }
        let fee = self.fee(bytes, &transaction.action);
        let available = self.books.held(Place::Account(transaction.sender), NATIVE);
        if available < fee {
            let (fee, available) = (Amount::new(fee), Amount::new(available));
            return Err(Rejection::CannotPayFee { fee, available });
        }
        Ok(fee)
    }

    /// So much for any transaction, so much for each byte, and more for each byte of a program.
    fn fee(&self, bytes: u64, action: &Action) -> u128 {
        let program = match action {
            Action::RegisterProgram { source } => source.len(),
            _ => 0,
        };
        let parameters = &self.parameters;
        parameters.fee_base.units()
            + parameters.fee_per_byte.units() * u128::from(bytes)
            + parameters.fee_per_program_byte.units() * u128::from(program)
    }

    fn perform(&mut self, referee: &dyn Referee, transaction: &Transaction) -> Outcome {
        let me = transaction.sender;
        match &transaction.action {
            Action::Transfer { to, asset, amount } => {
                self.transfer(me, *to, *asset, amount.units())
            }
            Action::Mint { asset, to, amount } => self.mint(me, *to, *asset, amount.units()),
            Action::Burn { asset, amount } => self.burn(me, *asset, amount.units()),
            Action::RegisterOperator { duties } => self.register_operator(me, *duties),
            Action::SetDuties { duties } => self.set_duties(me, *duties),
            Action::NominateOwner { operator, owner } => self.nominate(me, *operator, *owner),
            Action::AcceptOwnership { operator } => self.accept_ownership(me, *operator),
            Action::Bond { operator, asset, amount } => {
                self.bond(me, *operator, *asset, amount.units())
            }
            Action::Unbond { operator, asset, amount } => {
                self.unbond(me, *operator, *asset, amount.units())
            }
            Action::CancelExit { operator, exit } => self.cancel_exit(me, *operator, *exit),
            Action::SetOffer { class, units, ask } => {
                self.set_offer(me, *class, *units, ask.units())
            }
            Action::Unjail => self.unjail(me),
            Action::RegisterProgram { source } => {
                self.register_program(referee, me, source.as_slice())
            }
            Action::LockAccess { amount } => self.lock_access(me, amount.units()),
            Action::UnlockAccess { amount } => self.unlock_access(me, amount.units()),
            Action::TakeJob { job } => self.take_job(me, *job),
            Action::RegisterDevice { .. }
            | Action::RetireDevice { .. }
            | Action::AnswerUptime { .. }
            | Action::DeclareMaintenance { .. }
            | Action::AnswerCapacity { .. }
            | Action::ReportTransfer { .. }
            | Action::RebutTransfer { .. } => {
                self.perform_for_hardware(referee, me, &transaction.action)
            }
            Action::CommitPrice { slot, commitment } => self.commit_price(me, *slot, *commitment),
            Action::RevealPrice { slot, price, salt } => {
                self.reveal_price(me, *slot, *price, *salt)
            }
            Action::Propose { amendment } => self.propose(referee, me, amendment),
            Action::Vote { proposal, ballot } => self.vote(me, *proposal, *ballot),
            Action::SetLeaseAsk { .. }
            | Action::RequestLease { .. }
            | Action::CancelLease { .. }
            | Action::GiveNotice { .. }
            | Action::ReportProbe { .. }
            | Action::ShowReceipt { .. } => {
                self.perform_for_a_lease(me, transaction.nonce, &transaction.action)
            }
            Action::Attend { epoch, session } => self.attend(me, *epoch, *session),
            Action::ClaimRewards { operator } => self.claim_rewards(me, *operator),
            Action::ProveDoubleSigning { operator, height, evidence } => {
                self.prove_double_signing(referee, me, *operator, *height, evidence.as_slice())
            }
            _ => self.perform_for_a_job(referee, transaction),
        }
    }

    /// What a pool's operator has earned is paid before anything about its stake changes, unless nothing is to change.
    fn perform_for_a_pool(&mut self, me: AccountId, action: &Action) -> Outcome {
        let operators = match *action {
            Action::Redelegate { source, operator, .. } => vec![source, operator],
            Action::Delegate { operator, .. }
            | Action::Undelegate { operator, .. }
            | Action::CancelUnbonding { operator, .. }
            | Action::ClaimFees { operator }
            | Action::Commit { operator, .. } => vec![operator],
            _ => vec![me],
        };
        let before = operators.iter().any(|one| self.is_due(*one)).then(|| self.clone());
        for operator in operators {
            self.pay_rewards(operator);
        }
        let outcome = self.act_on_a_pool(me, action);
        if let Some(before) = before.filter(|_| outcome.is_err()) {
            *self = before;
        }
        outcome
    }

    fn act_on_a_pool(&mut self, me: AccountId, action: &Action) -> Outcome {
        match *action {
            Action::Delegate { operator, amount } => self.delegate(me, operator, amount.units()),
            Action::Undelegate { operator, shares } => {
                self.undelegate(me, operator, shares.units())
            }
            Action::Redelegate { source, operator, shares } => {
                self.redelegate(me, source, operator, shares.units())
            }
            Action::CancelUnbonding { operator, bucket } => {
                self.cancel_unbonding(me, operator, bucket)
            }
            Action::ClaimFees { operator } => self.claim(me, operator),
            Action::SetCommission { commission } => self.set_commission(me, commission),
            Action::Commit { operator, duration_ms } => self.commit(me, operator, duration_ms),
            ref other => panic!("the second opinion has no rule for {other:?}"),
        }
    }

    fn perform_for_a_job(&mut self, referee: &dyn Referee, transaction: &Transaction) -> Outcome {
        let me = transaction.sender;
        match &transaction.action {
            Action::SubmitJob { spec } => self.submit(me, transaction.nonce, spec),
            Action::CancelJob { job } => self.cancel(me, *job),
            Action::CommitResult { job, commitment } => self.commit_result(me, *job, *commitment),
            Action::RevealResult { job, claim, salt } => self.reveal_result(me, *job, claim, *salt),
            Action::CommitAudit { job, commitment } => self.commit_audit(me, *job, *commitment),
            Action::RevealAudit { job, claim, salt } => self.reveal_audit(me, *job, claim, *salt),
            Action::Challenge { job, accused, evidence } => {
                self.challenge(referee, me, *job, *accused, evidence.as_slice())
            }
            Action::DemandData { job, data, first_page, pages } => {
                self.demand(me, *job, *data, *first_page, *pages)
            }
            Action::AnswerDemand { job, demander, pages } => {
                self.answer(referee, me, *job, *demander, pages)
            }
            Action::CommitReplica { job, commitment } => self.commit_replica(me, *job, *commitment),
            Action::RevealReplica { job, output, salt } => {
                self.reveal_replica(me, *job, *output, *salt)
            }
            Action::AppealJob { job } => self.appeal(me, *job),
            Action::VoteAppeal { job, answer } => self.vote_on_appeal(me, *job, *answer),
            Action::RunReplicas { willing } => self.run_replicas(me, *willing),
            other => self.perform_for_a_pool(me, other),
        }
    }
}
