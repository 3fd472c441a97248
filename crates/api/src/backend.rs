//! What the server needs from a node.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use protocol::{
    AccountId, Class, ClassId, DelegationView, DeviceId, Hash, Height, JobId, ProgramId,
    UndelegationView,
};
use tokio::sync::watch;

use crate::cursor::Cursor;
use crate::problem::Problem;
use crate::wire::{
    AccessView, AccountView, BallotView, BlockView, DeviceView, EventPage, Foresight, GenesisView,
    JobExplanation, JobView, OperatorView, Page, ParameterView, PriceView, ProgramView,
    ProposalView, StandingView, Status, SupplyView, TransactionState, TransactionView,
    UndelegationName,
};

/// Which jobs a list is to have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Only those that this account requested, runs or audits.
    pub account: Option<AccountId>,
    /// Only those that are not over, or only those that are.
    pub open: Option<bool>,
}

/// The node behind a server. Everything is told of the last final block: nothing answered here is
/// ever taken back.
///
/// The reading methods are quick and never block; only the asynchronous ones may take a while.
pub trait Backend: Send + Sync + 'static {
    /// How far the chain is.
    fn status(&self) -> Status;

    /// What the chain started from.
    fn genesis(&self) -> GenesisView;

    /// Takes a signed transaction and waits, at most so long, until it is final. Taking the same
    /// bytes again is harmless, before and after they were executed.
    fn submit(
        &self,
        transaction: Bytes,
        wait: Duration,
    ) -> impl Future<Output = Result<TransactionState, Problem>> + Send;

    /// What became of the transaction of this name, waiting at most so long until it is final.
    fn transaction(
        &self,
        id: Hash,
        wait: Duration,
    ) -> impl Future<Output = Result<TransactionState, Problem>> + Send;

    /// What would become of an unsigned transaction (borsh) if it were executed now.
    ///
    /// # Errors
    ///
    /// It does not decode, is of another chain, or takes work that nobody pays for here.
    fn foresee(&self, transaction: &[u8]) -> Result<Foresight, Problem>;

    /// At most `limit` events from `after` on, without waiting for any to happen.
    fn events(
        &self,
        after: Cursor,
        limit: usize,
    ) -> impl Future<Output = Result<EventPage, Problem>> + Send;

    /// A final block; none if there is none at this height.
    fn block(
        &self,
        height: Height,
    ) -> impl Future<Output = Result<Option<BlockView>, Problem>> + Send;

    /// At most `limit` transactions of a final block, behind the one with index `after`.
    fn transactions(
        &self,
        height: Height,
        after: Option<u64>,
        limit: usize,
    ) -> impl Future<Output = Result<Option<Page<TransactionView>>, Problem>> + Send;

    /// The signed bytes of one transaction of a final block.
    fn signed_bytes(
        &self,
        height: Height,
        index: u64,
    ) -> impl Future<Output = Result<Option<Bytes>, Problem>> + Send;

    /// A proof, for whoever knows the network's validators, of a job's record in the last final state; none if it has
    /// no such job.
    fn job_proof(&self, job: JobId) -> impl Future<Output = Result<Option<Bytes>, Problem>> + Send;

    /// Height of the last final block; changes when there may be new events.
    fn heads(&self) -> watch::Receiver<u64>;

    /// An account; an unknown one is empty.
    fn account(&self, account: AccountId) -> AccountView;

    /// An account's access stake.
    fn access(&self, account: AccountId) -> AccessView;

    /// At most `limit` delegations of an account behind the one with an operator.
    fn delegations(
        &self,
        delegator: AccountId,
        after: Option<AccountId>,
        limit: usize,
    ) -> Page<DelegationView>;

    /// What an account has delegated to an operator.
    fn delegation(&self, delegator: AccountId, operator: AccountId) -> Option<DelegationView>;

    /// At most `limit` undelegations of an account under way, behind one.
    fn undelegations(
        &self,
        delegator: AccountId,
        after: Option<UndelegationName>,
        limit: usize,
    ) -> Page<UndelegationView>;

    /// At most `limit` operators behind one.
    fn operators(&self, after: Option<AccountId>, limit: usize) -> Page<OperatorView>;

    /// One operator.
    fn operator(&self, account: AccountId) -> Option<OperatorView>;

    /// What an operator's stake carries, and what is known of its machines.
    fn standing(&self, operator: AccountId) -> Option<StandingView>;

    /// At most `limit` devices of an operator behind one.
    fn devices(
        &self,
        operator: AccountId,
        after: Option<DeviceId>,
        limit: usize,
    ) -> Page<DeviceView>;

    /// At most `limit` jobs behind one.
    fn jobs(&self, filter: &JobFilter, after: Option<JobId>, limit: usize) -> Page<JobView>;

    /// One job.
    fn job(&self, job: JobId) -> Option<JobView>;

    /// Why a job is where it is.
    fn explain(&self, job: JobId) -> Option<JobExplanation>;

    /// One program.
    fn program(&self, program: ProgramId) -> Option<ProgramView>;

    /// The prepared module of a program.
    fn module(&self, program: ProgramId) -> Option<Bytes>;

    /// The supply equation of every asset.
    fn supply(&self) -> Vec<SupplyView>;

    /// What a native token counts for, and whether jobs are assigned on it.
    fn price(&self) -> PriceView;

    /// At most `limit` parameters in force, in order of name, behind one.
    fn parameters(&self, after: Option<&str>, limit: usize) -> Page<ParameterView>;

    /// One parameter.
    fn parameter(&self, name: &str) -> Option<ParameterView>;

    /// At most `limit` resource classes behind one.
    fn classes(&self, after: Option<ClassId>, limit: usize) -> Page<Class>;

    /// At most `limit` open proposals behind one.
    fn proposals(&self, after: Option<u64>, limit: usize) -> Page<ProposalView>;

    /// One open proposal.
    fn proposal(&self, proposal: u64) -> Option<ProposalView>;

    /// At most `limit` ballots on a proposal behind that of a validator.
    fn ballots(&self, proposal: u64, after: Option<AccountId>, limit: usize) -> Page<BallotView>;
}
