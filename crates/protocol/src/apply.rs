//! The reducer: one transaction at a time.

use crate::books::{Movement, Place, Pot, Why};
use crate::context::Context;
use crate::event::Event;
use crate::parameters::Parameters;
use crate::primitives::{AccountId, Amount, NATIVE, Nonce, TransactionId};
use crate::rejection::Rejection;
use crate::state::State;
use crate::step::Step;
use crate::transaction::{Action, Transaction, Verified};
use crate::{
    access, accounts, bonds, capacity, delegation, disputes, governance, jobs, leases, market,
    operators, penalties, price, programs, rewards,
};

/// What came of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Which transaction.
    pub id: TransactionId,
    /// Fee paid, in native base units; less than was due if the sender had less.
    pub fee: Amount,
    /// What happened, the fee's movement first. Of a refused transaction: the fee's movement, if it was charged.
    pub events: Vec<Event>,
    /// Why it was refused, if it was.
    pub rejection: Option<Rejection>,
}

/// The fee of an action in a transaction of so many bytes, in native base units.
pub fn fee(parameters: &Parameters, bytes: u64, action: &Action) -> Amount {
    let per = |price: Amount, bytes: u64| price.scaled_ceil(bytes.into(), 1);
    let source = match action {
        Action::RegisterProgram { source } => source.len(),
        _ => 0,
    };
    parameters
        .fee_base
        .plus(per(parameters.fee_per_byte, bytes))
        .plus(per(parameters.fee_per_program_byte, source))
}

/// Whether a transaction may enter a block now: chain, size, expiry, nonce, fee. Returns the fee. What a mempool asks.
///
/// # Errors
/// A [`Rejection`] with a code below 200.
pub fn admit(
    state: &State,
    context: &Context<'_>,
    verified: &Verified,
) -> Result<Amount, Rejection> {
    let transaction = verified.transaction();
    let (expected, found) = (state.chain.id, transaction.chain);
    if expected != found {
        return Err(Rejection::WrongChain { expected, found });
    }
    let (expiry, height) = (transaction.expiry, context.height);
    if expiry < height {
        return Err(Rejection::Expired { expiry, height });
    }
    let account = state.account(transaction.sender);
    let (expected, found) = (account.nonce, transaction.nonce);
    if expected != found {
        return Err(Rejection::BadNonce { expected, found });
    }
    // From here on a refusal uses the nonce, so the nonce has to be right before: else it would be used again and again.
    let (bytes, limit) = (verified.bytes(), state.parameters.transaction_bytes_max);
    if bytes > limit {
        return Err(Rejection::TransactionTooLarge { bytes, limit });
    }
    let latest = height.plus(state.parameters.expiry_blocks_max);
    if expiry > latest {
        return Err(Rejection::ExpiryTooFar { expiry, latest });
    }
    let (fee, available) = (fee(&state.parameters, bytes, &transaction.action), account.native);
    if available < fee { Err(Rejection::CannotPayFee { fee, available }) } else { Ok(fee) }
}

/// Transactions whose entries are read ahead together: enough for the memory to be busy, and few enough for what they need to
/// stay in the cache until it is used.
const READ_AHEAD: usize = 32;

/// Applies transactions in order, as [`apply`] would one by one. Faster where the state is large, because it reads ahead.
pub fn apply_all(
    state: &mut State,
    context: &Context<'_>,
    transactions: &[Verified],
) -> Vec<Receipt> {
    let mut receipts = Vec::with_capacity(transactions.len());
    for few in transactions.chunks(READ_AHEAD) {
        state.read_ahead(few);
        receipts.extend(few.iter().map(|one| apply(state, context, one)));
    }
    receipts
}

/// Applies one transaction. A refused one changes nothing but its sender's nonce and fee; one that was not its sender's
/// to send now ([`Rejection::is_uncharged`]) changes nothing at all.
pub fn apply(state: &mut State, context: &Context<'_>, verified: &Verified) -> Receipt {
    let id = verified.id();
    let fee = match admit(state, context, verified) {
        Ok(fee) => fee,
        Err(rejection) => return turn_away(state, context, verified, rejection),
    };
    // What an action that may fail half-way has changed is undone by a clone from before. The frequent ones decide before
    // they change anything, so they go without: while there is a clone, every change copies its path through the tables.
    let spare = (!decides_first(state, verified.transaction())).then(|| state.clone());
    let mut step = Step::new(state, context);
    charge(&mut step, verified.transaction(), fee);
    let charged = step.events.len();
    let rejection = perform(&mut step, verified.transaction()).err();
    if rejection.is_some() {
        step.events.truncate(charged);
        if let Some(before) = spare {
            *step.state = before;
            step.events.clear();
            charge(&mut step, verified.transaction(), fee);
        }
    }
    Receipt { id, fee, events: step.events, rejection }
}

/// Refuses what may not enter a block. If it is in one all the same, its nonce is used, so that nobody has it executed
/// later, and its sender pays what it has, so that filling blocks is not free.
fn turn_away(
    state: &mut State,
    context: &Context<'_>,
    verified: &Verified,
    rejection: Rejection,
) -> Receipt {
    let (id, transaction) = (verified.id(), verified.transaction());
    if rejection.is_uncharged() {
        let (fee, events) = (Amount::ZERO, Vec::new());
        return Receipt { id, fee, events, rejection: Some(rejection) };
    }
    let due = fee(&state.parameters, verified.bytes(), &transaction.action);
    let fee = due.min(state.account(transaction.sender).native);
    let mut step = Step::new(state, context);
    charge(&mut step, transaction, fee);
    Receipt { id, fee, events: step.events, rejection: Some(rejection) }
}

/// Whether an action makes every check before its first change, so that refusing it has changed nothing. Paying what a pool
/// has earned would be a change.
fn decides_first(state: &State, transaction: &Transaction) -> bool {
    let pools = pools_of(transaction.sender, &transaction.action);
    let earned = |operator| state.reward_due_floor(operator).is_some();
    if pools.into_iter().flatten().any(earned) {
        return false;
    }
    matches!(
        transaction.action,
        Action::Transfer { .. }
            | Action::Mint { .. }
            | Action::Burn { .. }
            | Action::Bond { .. }
            | Action::Unbond { .. }
            | Action::CancelExit { .. }
            | Action::CommitPrice { .. }
            | Action::RevealPrice { .. }
            | Action::LockAccess { .. }
            | Action::UnlockAccess { .. }
            | Action::AnswerUptime { .. }
            | Action::SubmitJob { .. }
            | Action::CancelJob { .. }
            | Action::TakeJob { .. }
            | Action::CommitResult { .. }
            | Action::RevealResult { .. }
            | Action::CommitAudit { .. }
            | Action::RevealAudit { .. }
            | Action::Attend { .. }
            | Action::ClaimRewards { .. }
            | Action::Delegate { .. }
            | Action::Undelegate { .. }
            | Action::Redelegate { .. }
            | Action::CancelUnbonding { .. }
            | Action::ClaimFees { .. }
    )
}

/// Takes the fee and uses up the nonce of an admitted transaction.
fn charge(step: &mut Step<'_>, transaction: &Transaction, fee: Amount) {
    let sender = transaction.sender;
    let account = step.state.accounts.get_or_default(sender);
    let Nonce(nonce) = account.nonce;
    account.nonce = Nonce(nonce.checked_add(1).expect("64 bits outlast any sender"));
    let (from, to) = (Place::Account(sender), Place::Pot(Pot::Fees));
    step.shift(Movement { from, to, asset: NATIVE, amount: fee, why: Why::Fee, job: None });
}

/// Does what an admitted transaction asks.
fn perform(step: &mut Step<'_>, transaction: &Transaction) -> Result<(), Rejection> {
    let sender = transaction.sender;
    match &transaction.action {
        Action::Transfer { to, asset, amount } => {
            accounts::transfer(step, sender, *to, *asset, *amount)
        }
        Action::Mint { asset, to, amount } => accounts::mint(step, sender, *to, *asset, *amount),
        Action::Burn { asset, amount } => accounts::burn(step, sender, *asset, *amount),
        Action::RegisterProgram { source } => programs::register(step, sender, source),
        Action::LockAccess { amount } => access::lock(step, sender, *amount),
        Action::UnlockAccess { amount } => access::unlock(step, sender, *amount),
        Action::RegisterOperator { .. }
        | Action::SetDuties { .. }
        | Action::NominateOwner { .. }
        | Action::AcceptOwnership { .. }
        | Action::Bond { .. }
        | Action::Unbond { .. }
        | Action::CancelExit { .. }
        | Action::SetOffer { .. }
        | Action::Unjail => perform_operator(step, sender, &transaction.action),
        Action::RegisterDevice { .. }
        | Action::RetireDevice { .. }
        | Action::AnswerUptime { .. }
        | Action::DeclareMaintenance { .. }
        | Action::AnswerCapacity { .. }
        | Action::ReportTransfer { .. }
        | Action::RebutTransfer { .. } => perform_capacity(step, sender, &transaction.action),
        Action::CommitPrice { slot, commitment } => price::commit(step, sender, *slot, *commitment),
        Action::RevealPrice { slot, price, salt } => {
            price::reveal(step, sender, *slot, *price, *salt)
        }
        Action::Propose { amendment } => governance::propose(step, sender, amendment),
        Action::Vote { proposal, ballot } => governance::vote(step, sender, *proposal, *ballot),
        Action::Delegate { .. }
        | Action::Undelegate { .. }
        | Action::Redelegate { .. }
        | Action::CancelUnbonding { .. }
        | Action::ClaimFees { .. }
        | Action::SetCommission { .. }
        | Action::Commit { .. } => perform_delegation(step, sender, &transaction.action),
        Action::SetLeaseAsk { .. }
        | Action::RequestLease { .. }
        | Action::CancelLease { .. }
        | Action::GiveNotice { .. }
        | Action::ReportProbe { .. }
        | Action::ShowReceipt { .. } => {
            perform_lease(step, sender, transaction.nonce, &transaction.action)
        }
        Action::Attend { epoch, session } => rewards::attend(step, sender, *epoch, *session),
        Action::ClaimRewards { operator } => rewards::claim(step, sender, *operator),
        Action::ProveDoubleSigning { operator, height, evidence } => {
            penalties::prove_double_signing(step, sender, *operator, *height, evidence)
        }
        action => perform_job(step, sender, transaction.nonce, action),
    }
}

fn perform_operator(
    step: &mut Step<'_>,
    sender: AccountId,
    action: &Action,
) -> Result<(), Rejection> {
    match *action {
        Action::RegisterOperator { duties } => operators::register(step, sender, duties),
        Action::SetDuties { duties } => operators::set_duties(step, sender, duties),
        Action::NominateOwner { operator, owner } => {
            operators::nominate(step, sender, operator, owner)
        }
        Action::AcceptOwnership { operator } => operators::accept(step, sender, operator),
        Action::Bond { operator, asset, amount } => {
            bonds::bond(step, sender, operator, asset, amount)
        }
        Action::Unbond { operator, asset, amount } => {
            bonds::unbond(step, sender, operator, asset, amount)
        }
        Action::CancelExit { operator, exit } => bonds::cancel_exit(step, sender, operator, exit),
        Action::SetOffer { class, units, ask } => {
            operators::set_offer(step, sender, class, units, ask)
        }
        Action::Unjail => operators::unjail(step, sender),
        _ => unreachable!("the caller sends operators' actions only"),
    }
}

fn perform_capacity(
    step: &mut Step<'_>,
    sender: AccountId,
    action: &Action,
) -> Result<(), Rejection> {
    match action {
        Action::RegisterDevice { device, class, units } => {
            capacity::register_device(step, sender, *device, *class, *units)
        }
        Action::RetireDevice { device } => capacity::retire_device(step, sender, *device),
        Action::AnswerUptime { challenge } => capacity::answer_uptime(step, sender, *challenge),
        Action::DeclareMaintenance { duration_ms } => {
            capacity::declare_maintenance(step, sender, *duration_ms)
        }
        Action::AnswerCapacity { device, answer } => {
            capacity::answer_capacity(step, sender, *device, answer)
        }
        Action::ReportTransfer { operator, device, units } => {
            capacity::report_transfer(step, sender, *operator, *device, *units)
        }
        Action::RebutTransfer { device, observer, units, signature } => {
            capacity::rebut_transfer(step, sender, *device, *observer, *units, signature)
        }
        _ => unreachable!("the caller sends actions about capacity only"),
    }
}

/// Whose pools an action is about: what they have earned is paid before their stake changes.
const fn pools_of(sender: AccountId, action: &Action) -> [Option<AccountId>; 2] {
    match *action {
        Action::Delegate { operator, .. }
        | Action::Undelegate { operator, .. }
        | Action::CancelUnbonding { operator, .. }
        | Action::ClaimFees { operator }
        | Action::Commit { operator, .. } => [Some(operator), None],
        Action::Redelegate { source, operator, .. } => [Some(source), Some(operator)],
        Action::SetCommission { .. } => [Some(sender), None],
        _ => [None, None],
    }
}

fn perform_delegation(
    step: &mut Step<'_>,
    sender: AccountId,
    action: &Action,
) -> Result<(), Rejection> {
    for operator in pools_of(sender, action).into_iter().flatten() {
        step.collect(operator);
    }
    match *action {
        Action::Delegate { operator, amount } => {
            delegation::delegate(step, sender, operator, amount)
        }
        Action::Undelegate { operator, shares } => {
            delegation::undelegate(step, sender, operator, shares)
        }
        Action::Redelegate { source, operator, shares } => {
            delegation::redelegate(step, sender, source, operator, shares)
        }
        Action::CancelUnbonding { operator, bucket } => {
            delegation::cancel_unbonding(step, sender, operator, bucket)
        }
        Action::ClaimFees { operator } => delegation::claim(step, sender, operator),
        Action::SetCommission { commission } => {
            delegation::set_commission(step, sender, commission)
        }
        Action::Commit { operator, duration_ms } => {
            delegation::commit(step, sender, operator, duration_ms)
        }
        _ => unreachable!("the caller sends delegation's actions only"),
    }
}

fn perform_lease(
    step: &mut Step<'_>,
    sender: AccountId,
    nonce: Nonce,
    action: &Action,
) -> Result<(), Rejection> {
    match action {
        Action::SetLeaseAsk { class, ask } => leases::set_ask(step, sender, *class, *ask),
        Action::RequestLease { spec } => leases::request(step, sender, nonce, spec),
        Action::CancelLease { lease } => leases::cancel(step, sender, *lease),
        Action::GiveNotice { lease } => leases::give_notice(step, sender, *lease),
        Action::ReportProbe { lease, challenge, answered } => {
            leases::report_probe(step, sender, *lease, *challenge, *answered)
        }
        Action::ShowReceipt { lease, receipt, signature } => {
            leases::show_receipt(step, *lease, *receipt, signature)
        }
        _ => unreachable!("the caller sends leases' actions only"),
    }
}

fn perform_job(
    step: &mut Step<'_>,
    sender: AccountId,
    nonce: Nonce,
    action: &Action,
) -> Result<(), Rejection> {
    match action {
        Action::SubmitJob { spec } => jobs::submit(step, sender, nonce, spec),
        Action::CancelJob { job } => jobs::cancel(step, sender, *job),
        Action::TakeJob { job } => market::take(step, sender, *job),
        Action::CommitResult { job, commitment } => {
            jobs::commit_result(step, sender, *job, *commitment)
        }
        Action::RevealResult { job, claim, salt } => {
            jobs::reveal_result(step, sender, *job, *claim, *salt)
        }
        Action::CommitAudit { job, commitment } => {
            jobs::commit_audit(step, sender, *job, *commitment)
        }
        Action::RevealAudit { job, claim, salt } => {
            jobs::reveal_audit(step, sender, *job, *claim, *salt)
        }
        Action::Challenge { job, accused, evidence } => {
            disputes::challenge(step, sender, *job, *accused, evidence)
        }
        Action::DemandData { job, data, first_page, pages } => {
            disputes::demand(step, sender, *job, *data, *first_page, *pages)
        }
        Action::AnswerDemand { job, demander, pages } => {
            disputes::answer(step, sender, *job, *demander, pages)
        }
        // Replicated.
        Action::CommitReplica { job, commitment } => {
            jobs::commit_replica(step, sender, *job, *commitment)
        }
        Action::RevealReplica { job, output, salt } => {
            jobs::reveal_replica(step, sender, *job, *output, *salt)
        }
        Action::AppealJob { job } => jobs::appeal(step, sender, *job),
        Action::VoteAppeal { job, answer } => jobs::vote(step, sender, *job, *answer),
        Action::RunReplicas { willing } => jobs::run_replicas(step, sender, *willing),
        _ => unreachable!("the caller sends jobs' actions only"),
    }
}
