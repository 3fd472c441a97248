//! Reading ahead: what transactions are about to need, asked of the memory all at once.
//!
//! A state of millions of entries is not in a processor's cache, and applying a transaction waits for one place after
//! another. Asked for together, many places are there after one wait. This is a guess and changes nothing: an entry that is
//! left out, or that nobody will need, costs time and no more.

use crate::books::Place;
use crate::delegation::{Delegation, Pool};
use crate::jobs::job_id;
use crate::operators::Operator;
use crate::parameters::ClassId;
use crate::primitives::{AccountId, AssetId, JobId, NATIVE, STABLE};
use crate::state::State;
use crate::transaction::{Action, Transaction, Verified};

/// Keys that transactions name.
#[derive(Default)]
struct Named {
    accounts: Vec<AccountId>,
    operators: Vec<AccountId>,
    /// Of delegators with operators.
    positions: Vec<(AccountId, AccountId)>,
    /// Of operators with themselves.
    bonds: Vec<(AccountId, AccountId)>,
    jobs: Vec<JobId>,
}

impl Named {
    fn note(&mut self, transaction: &Transaction) {
        let sender = transaction.sender;
        self.accounts.push(sender);
        match transaction.action {
            Action::Transfer { to, .. } => self.accounts.push(to),
            Action::Bond { operator, .. } | Action::Unbond { operator, .. } => {
                self.operators.push(operator);
                self.bonds.push((operator, operator));
            }
            Action::Delegate { operator, .. }
            | Action::Undelegate { operator, .. }
            | Action::CancelUnbonding { operator, .. }
            | Action::ClaimFees { operator } => self.note_position(sender, operator),
            Action::Redelegate { source, operator, .. } => {
                self.note_position(sender, source);
                self.note_position(sender, operator);
            }
            Action::SubmitJob { .. } => {
                self.jobs.push(job_id(transaction.chain, sender, transaction.nonce));
            }
            Action::CommitResult { job, .. }
            | Action::RevealResult { job, .. }
            | Action::CommitAudit { job, .. }
            | Action::RevealAudit { job, .. } => {
                self.operators.push(sender);
                self.jobs.push(job);
            }
            _ => {}
        }
    }

    fn note_position(&mut self, delegator: AccountId, operator: AccountId) {
        // Whether the delegator is an operator as well is asked too: one does not delegate to oneself.
        self.operators.extend([delegator, operator]);
        self.positions.push((delegator, operator));
    }
}

/// Keys that follow from what was read.
#[derive(Default)]
struct Derived {
    places: Vec<(Place, AssetId)>,
    exits: Vec<(AccountId, u64)>,
    buckets: Vec<(AccountId, u64)>,
    undelegations: Vec<(AccountId, AccountId, u64)>,
    flows: Vec<(ClassId, AccountId)>,
    /// The next number for exits, timers and buckets, if they are given out as it seems.
    sequence: u64,
}

impl Derived {
    fn note(&mut self, state: &State, transaction: &Transaction) {
        let sender = transaction.sender;
        match transaction.action {
            Action::Transfer { asset: NATIVE, .. } => {}
            Action::Transfer { to, asset, .. } => {
                self.places.extend([sender, to].map(|account| (Place::Account(account), asset)));
            }
            Action::Bond { operator, asset, .. } => {
                self.places.push((Place::Bond(operator), asset))
            }
            Action::Unbond { operator, asset, .. } => {
                let exit = self.next(None);
                self.exits.push((operator, exit));
                self.places.push((Place::Bond(operator), asset));
            }
            Action::Undelegate { operator, .. } => {
                let bucket = self.next(state.pool_of(operator).and_then(|pool| pool.leaving));
                self.buckets.push((operator, bucket));
                self.undelegations.push((sender, operator, bucket));
                self.next(None);
            }
            Action::Redelegate { source, .. } => {
                let bucket = self.next(state.pool_of(source).and_then(|pool| pool.hopping));
                self.buckets.push((source, bucket));
                self.next(None);
            }
            Action::SubmitJob { ref spec } => {
                let job = job_id(transaction.chain, sender, transaction.nonce);
                self.places.extend([
                    (Place::Account(sender), STABLE),
                    (Place::Access(sender), NATIVE),
                    (Place::Escrow(job), STABLE),
                ]);
                self.flows.push((spec.class, sender));
            }
            _ => {}
        }
    }

    /// The number that is there, or else the next one.
    fn next(&mut self, number: Option<u64>) -> u64 {
        number.unwrap_or_else(|| {
            let next = self.sequence;
            self.sequence = next.saturating_add(1);
            next
        })
    }
}

impl State {
    /// Brings what transactions are about to look at into the processor's cache.
    pub(crate) fn read_ahead(&self, transactions: &[Verified]) {
        let mut named = Named::default();
        transactions.iter().for_each(|one| named.note(one.transaction()));
        let Named { accounts, operators, positions, bonds, jobs } = named;
        self.accounts.read_ahead(&accounts, |_| false);
        self.operators.read_ahead(&operators, |operator| look_at_operator(operator));
        self.delegations.read_ahead(&positions, look_at_delegation);
        self.commitments.read_ahead(&bonds, |_| false);
        self.commitments.read_ahead(&positions, |_| false);
        self.jobs.read_ahead(&jobs, |job| job.ended.is_some());

        let mut derived = Derived { sequence: self.clock.sequence, ..Derived::default() };
        transactions.iter().for_each(|one| derived.note(self, one.transaction()));
        self.held.read_ahead(&derived.places, |_| false);
        self.exits.read_ahead(&derived.exits, |_| false);
        self.buckets.read_ahead(&derived.buckets, |bucket| bucket.left.is_zero());
        self.undelegations.read_ahead(&derived.undelegations, |_| false);
        self.flows.read_ahead(&derived.flows, |flow| flow.turn.is_some());
    }
}

/// Looks at fields that staking needs, in several lines of memory; what it finds does not matter. None is left out because
/// of what another says.
fn look_at_operator(operator: &Operator) -> bool {
    let Operator { account, owner, duties, bonded, exits, registered, rank, earnings, .. } =
        operator;
    (account == owner)
        ^ duties.validator
        ^ bonded.of(NATIVE).is_zero()
        ^ (*exits == 0)
        ^ (registered.0 == 0)
        ^ operator.is_active()
        ^ rank.is_some()
        ^ earnings.is_empty()
        ^ operator.pool.as_ref().is_some_and(look_at_pool)
}

fn look_at_pool(pool: &Pool) -> bool {
    pool.tokens.is_zero()
        ^ pool.shares.is_zero()
        ^ pool.bonus.is_zero()
        ^ pool.fees.per_unit.is_zero()
        ^ pool.bonuses.per_unit.is_zero()
        ^ (pool.generation == 0)
        ^ pool.leaving.is_some()
        ^ pool.hopping.is_some()
        ^ pool.raise.is_some()
}

fn look_at_delegation(delegation: &Delegation) -> bool {
    delegation.shares.is_zero() ^ (delegation.generation == 0) ^ delegation.hop.is_some()
}
