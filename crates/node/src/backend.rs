//! The API's view of the node: the last final state, and the way in.

use std::time::Duration;

use api::wire::{
    AccessView, AccountView, BallotView, BlockView, DemandView, DeviceView, EventPage, EventRecord,
    ExitView, Foresight, GenesisView, JobExplanation, JobView, OfferView, OperatorView, Outcome,
    Page, ParameterView, PriceView, ProgramView, ProposalView, Receipt, Rejected, RewardsView,
    SessionView, StandingView, Status, SupplyView, TransactionState, TransactionView,
    UndelegationName,
};
use api::{Backend, Code, Cursor, JobFilter, Problem};
use bytes::Bytes;
use ledger::{FinalBlock, LedgerHandle, SubmitError, Tip, TransactionId, TransactionResult};
use protocol::{
    AccountId, Asset, AssetId, Class, ClassId, DelegationView, DeviceId, Event, Hash, Height,
    Holdings, Job, JobId, Nonce, Operator, Place, ProgramId, Rejection, SignedTransaction, State,
    UndelegationView,
};
use tokio::sync::watch;

use crate::rules::Rules;
use crate::{blocks, explain, foresight, governance, problems, staking};

/// What the API asks.
pub(crate) struct NodeBackend {
    rules: Rules,
    ledger: LedgerHandle<Rules>,
    heads: watch::Receiver<u64>,
}

impl NodeBackend {
    /// A backend of a running ledger. `heads` tells the height of its last final block.
    pub(crate) fn new(
        rules: Rules,
        ledger: LedgerHandle<Rules>,
        heads: watch::Receiver<u64>,
    ) -> Self {
        Self { rules, ledger, heads }
    }

    fn tip(&self) -> Tip<State> {
        self.ledger.tip()
    }

    /// Asks the rules what the ledger cannot know before it executes. What does not decode, is
    /// signed wrongly or comes too late is left to the ledger, which looks at that itself.
    fn check_admission(&self, bytes: &[u8]) -> Result<(), Problem> {
        let Ok(mut signed) = borsh::from_slice::<SignedTransaction>(bytes) else { return Ok(()) };
        let Tip { header, state } = self.tip();
        let context = self.rules.context(header.height + 1, header.time, header.beacon);
        // A transaction may wait for those before it: it is judged as if they had been.
        let next = state.next_nonce(signed.transaction.sender);
        signed.transaction.nonce = signed.transaction.nonce.min(next);
        match protocol::admit(&state, &context, &signed.assume_verified()) {
            Err(
                rejection @ (Rejection::CannotPayFee { .. }
                | Rejection::ExpiryTooFar { .. }
                | Rejection::TransactionTooLarge { .. }),
            ) => Err(problems::not_admitted(&rejection)),
            _ => Ok(()),
        }
    }

    fn executed(&self, id: &TransactionId) -> Option<TransactionState> {
        self.ledger.receipt(id).map(|receipt| TransactionState::Final(receipt_view(&receipt)))
    }

    async fn read_block(&self, Height(height): Height) -> Result<Option<FinalBlock>, Problem> {
        self.ledger.block(height).await.map_err(|error| problems::not_read(&error))
    }

    async fn await_receipt(
        &self,
        id: TransactionId,
        wait: Duration,
    ) -> Result<TransactionState, Problem> {
        match tokio::time::timeout(wait, self.ledger.wait(&id)).await {
            Ok(Ok(receipt)) => Ok(TransactionState::Final(receipt_view(&receipt))),
            Ok(Err(error)) => Err(problems::no_receipt(&error)),
            Err(_) => Ok(TransactionState::Pending { id: Hash(id.0) }),
        }
    }
}

impl Backend for NodeBackend {
    fn status(&self) -> Status {
        let Tip { header, state } = self.tip();
        let end = ledger::Cursor::at(header.height + 1);
        Status {
            network: state.chain().name.clone(),
            chain: self.rules.chain(),
            height: Height(header.height),
            time: state.clock().now,
            cursor: cursor_view(end),
            version: env!("CARGO_PKG_VERSION").into(),
        }
    }

    fn genesis(&self) -> GenesisView {
        GenesisView { chain: self.rules.chain(), genesis: self.rules.genesis().clone() }
    }

    async fn submit(&self, bytes: Bytes, wait: Duration) -> Result<TransactionState, Problem> {
        let id = TransactionId::of(&bytes);
        if let Some(executed) = self.executed(&id) {
            return Ok(executed);
        }
        self.check_admission(&bytes)?;
        match self.ledger.submit(bytes).await {
            Ok(_) | Err(SubmitError::Known) => self.await_receipt(id, wait).await,
            // It may have been executed since the look above.
            Err(error) => self.executed(&id).ok_or_else(|| problems::not_taken(&error)),
        }
    }

    async fn transaction(&self, id: Hash, wait: Duration) -> Result<TransactionState, Problem> {
        self.await_receipt(TransactionId(id.0), wait).await
    }

    fn foresee(&self, transaction: &[u8]) -> Result<Foresight, Problem> {
        let Tip { header, state } = self.tip();
        let context = self.rules.context(header.height + 1, header.time, header.beacon);
        foresight::foresee(&state, &context, transaction)
    }

    async fn events(&self, after: Cursor, limit: usize) -> Result<EventPage, Problem> {
        let from = ledger::Cursor { height: after.height, index: after.index };
        let page = self.ledger.events(from, limit).await;
        let page = page.map_err(|error| problems::not_read(&error))?;
        let view = |record| event_view(&self.rules, record);
        let events: Result<_, _> = page.events.iter().map(view).collect();
        Ok(EventPage { events: events?, next: cursor_view(page.next) })
    }

    async fn block(&self, height: Height) -> Result<Option<BlockView>, Problem> {
        let found = self.read_block(height).await?;
        Ok(found.map(|found| blocks::block(&self.rules, &found)))
    }

    async fn transactions(
        &self,
        height: Height,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Option<Page<TransactionView>>, Problem> {
        let found = self.read_block(height).await?;
        found.map(|found| blocks::transactions(&found, after, limit)).transpose()
    }

    async fn signed_bytes(&self, height: Height, index: u64) -> Result<Option<Bytes>, Problem> {
        let found = self.read_block(height).await?;
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        Ok(found.and_then(|found| found.transactions.get(index).cloned()))
    }

    async fn job_proof(&self, job: JobId) -> Result<Option<Bytes>, Problem> {
        if self.tip().state.job(job).is_none() {
            return Ok(None);
        }
        let proof = self.ledger.prove(&protocol::job_key(job)).await;
        let proof = proof.map_err(|stopped| problems::not_proven(&stopped))?;
        Ok(Some(proof.0.into()))
    }

    fn heads(&self) -> watch::Receiver<u64> {
        self.heads.clone()
    }

    fn account(&self, account: AccountId) -> AccountView {
        let state = self.tip().state;
        let Nonce(nonce) = state.next_nonce(account);
        let balances = holdings(&state, Place::Account(account));
        AccountView { account, nonce: Nonce(nonce), balances }
    }

    fn access(&self, account: AccountId) -> AccessView {
        staking::access(&self.tip().state, account)
    }

    fn delegations(
        &self,
        delegator: AccountId,
        after: Option<AccountId>,
        limit: usize,
    ) -> Page<DelegationView> {
        staking::delegations(&self.tip().state, delegator, after, limit)
    }

    fn delegation(&self, delegator: AccountId, operator: AccountId) -> Option<DelegationView> {
        self.tip().state.delegation(delegator, operator)
    }

    fn undelegations(
        &self,
        delegator: AccountId,
        after: Option<UndelegationName>,
        limit: usize,
    ) -> Page<UndelegationView> {
        staking::undelegations(&self.tip().state, delegator, after, limit)
    }

    fn operators(&self, after: Option<AccountId>, limit: usize) -> Page<OperatorView> {
        let state = self.tip().state;
        let behind = state.operators_after(after);
        page(behind, limit, |operator| operator.account, |operator| operator_view(&state, operator))
    }

    fn operator(&self, account: AccountId) -> Option<OperatorView> {
        let state = self.tip().state;
        state.operator(account).map(|operator| operator_view(&state, operator))
    }

    fn standing(&self, operator: AccountId) -> Option<StandingView> {
        staking::standing(&self.tip().state, operator)
    }

    fn devices(
        &self,
        operator: AccountId,
        after: Option<DeviceId>,
        limit: usize,
    ) -> Page<DeviceView> {
        staking::devices(&self.tip().state, operator, after, limit)
    }

    fn jobs(&self, filter: &JobFilter, after: Option<JobId>, limit: usize) -> Page<JobView> {
        let state = self.tip().state;
        let wanted = state.jobs_after(after, limit.saturating_add(1), |job| matches(filter, job));
        page(wanted.into_iter(), limit, |job| job.id, |job| job_view(&state, job))
    }

    fn job(&self, job: JobId) -> Option<JobView> {
        let state = self.tip().state;
        state.job(job).map(|job| job_view(&state, job))
    }

    fn explain(&self, job: JobId) -> Option<JobExplanation> {
        explain::job(&self.tip().state, job)
    }

    fn program(&self, program: ProgramId) -> Option<ProgramView> {
        let state = self.tip().state;
        let protocol::Program { id, author, prepared, memory_max, registered } =
            state.program(program)?;
        let (bytes, memory_max) = (prepared.len(), *memory_max);
        Some(ProgramView { id: *id, author: *author, bytes, memory_max, registered: *registered })
    }

    fn module(&self, program: ProgramId) -> Option<Bytes> {
        let state = self.tip().state;
        state.program(program).map(|program| Bytes::copy_from_slice(program.prepared.as_slice()))
    }

    fn supply(&self) -> Vec<SupplyView> {
        let state = self.tip().state;
        state.assets().filter_map(|asset| supply_view(&state, asset)).collect()
    }

    fn price(&self) -> PriceView {
        governance::price(&self.tip().state)
    }

    fn parameters(&self, after: Option<&str>, limit: usize) -> Page<ParameterView> {
        governance::parameters(&self.tip().state, after, limit)
    }

    fn parameter(&self, name: &str) -> Option<ParameterView> {
        governance::parameter(&self.tip().state, name)
    }

    fn classes(&self, after: Option<ClassId>, limit: usize) -> Page<Class> {
        let state = self.tip().state;
        let behind = state.classes().filter(|class| Some(class.id) > after);
        page(behind, limit, |class| class.id, Class::clone)
    }

    fn proposals(&self, after: Option<u64>, limit: usize) -> Page<ProposalView> {
        governance::proposals(&self.tip().state, after, limit)
    }

    fn proposal(&self, proposal: u64) -> Option<ProposalView> {
        governance::proposal(&self.tip().state, proposal)
    }

    fn ballots(&self, proposal: u64, after: Option<AccountId>, limit: usize) -> Page<BallotView> {
        governance::ballots(&self.tip().state, proposal, after, limit)
    }
}

fn cursor_view(cursor: ledger::Cursor) -> Cursor {
    Cursor { height: cursor.height, index: cursor.index }
}

fn receipt_view(receipt: &ledger::Receipt) -> Receipt {
    Receipt {
        id: Hash(receipt.id.0),
        height: Height(receipt.height),
        index: receipt.index.into(),
        outcome: outcome(&receipt.result),
    }
}

/// What a transaction did, in the words of the API.
pub(crate) fn outcome(result: &TransactionResult) -> Outcome {
    match result {
        TransactionResult::Accepted => Outcome::Accepted,
        TransactionResult::Rejected { code, text } => Outcome::Rejected(rejected(*code, text)),
    }
}

fn rejected(code: u32, text: &str) -> Rejected {
    let code = u16::try_from(code).unwrap_or(u16::MAX);
    let name = Rejection::CODES.iter().find(|(known, _)| *known == code);
    let name = name.map_or("Unknown", |(_, name)| name);
    Rejected { code, name: name.into(), message: text.into() }
}

fn event_view(rules: &Rules, record: &ledger::EventRecord) -> Result<EventRecord, Problem> {
    let event = borsh::from_slice::<Event>(&record.bytes).map_err(|error| {
        tracing::error!(?record.cursor, %error, "a stored event does not decode");
        Problem::new(Code::Internal, "a stored event does not decode")
    })?;
    let (cursor, time) = (cursor_view(record.cursor.next()), rules.time(record.time));
    Ok(EventRecord { cursor, time, event })
}

/// The first `limit` items, and the name of the last of them if there are more.
pub(crate) fn page<T: Copy, V, N: std::fmt::Display>(
    items: impl Iterator<Item = T>,
    limit: usize,
    name: impl Fn(T) -> N,
    view: impl Fn(T) -> V,
) -> Page<V> {
    let mut items: Vec<T> = items.take(limit.saturating_add(1)).collect();
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|last| name(*last).to_string());
    Page { items: items.into_iter().map(view).collect(), next }
}

fn matches(filter: &JobFilter, job: &Job) -> bool {
    let open = job.ended.is_none();
    filter.open.is_none_or(|wanted| wanted == open)
        && filter.account.is_none_or(|account| takes_part(job, account))
}

/// Whether an account requested a job, or runs or audits it, or did.
fn takes_part(job: &Job, account: AccountId) -> bool {
    let assigned = job.assignment.as_ref().is_some_and(|assignment| {
        assignment.provider == account
            || assignment.silent_auditors.contains(&account)
            || assignment.audit.as_ref().is_some_and(|audit| audit.auditor == account)
    });
    job.requester == account || assigned || job.failed.contains(&account)
}

fn holdings(state: &State, place: Place) -> Holdings {
    let held = |asset: &Asset| (asset.definition.id, state.held(place, asset.definition.id));
    state.assets().map(held).filter(|(_, amount)| !amount.is_zero()).collect()
}

fn operator_view(state: &State, operator: &Operator) -> OperatorView {
    let account = operator.account;
    let offers = state.offers(account).map(|(class, offer)| OfferView { class, offer: *offer });
    let exits = state.exits(account);
    OperatorView {
        operator: operator.clone(),
        free: holdings(state, Place::Bond(account)),
        offers: offers.collect(),
        exits: exits.map(|(number, exit)| ExitView { number, exit }).collect(),
        rewards: rewards_view(state, account),
    }
}

fn rewards_view(state: &State, operator: AccountId) -> RewardsView {
    let to_attend = state.session_to_attend(operator);
    RewardsView {
        due: state.reward_due_floor(operator).unwrap_or_default(),
        epochs: state.earnings(operator).to_vec(),
        to_attend: to_attend.map(|(epoch, session)| SessionView { epoch, session }),
    }
}

fn job_view(state: &State, job: &Job) -> JobView {
    let demand = |(demander, demand): (AccountId, &protocol::Demand)| DemandView {
        demander,
        demand: demand.clone(),
    };
    JobView { job: job.clone(), demands: state.demands(job.id).map(demand).collect() }
}

fn supply_view(state: &State, asset: &Asset) -> Option<SupplyView> {
    let id: AssetId = asset.definition.id;
    let supply = state.supply(id)?;
    Some(SupplyView {
        asset: id,
        symbol: asset.definition.symbol.clone(),
        decimals: asset.definition.decimals,
        minted: supply.minted,
        burned: supply.burned,
        places: supply.held.into_iter().collect(),
        accounted: supply.accounted,
        exact: supply.exact,
    })
}
