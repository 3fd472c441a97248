//! Reading the state.

use std::ops::Bound;

use crate::books::{Place, PlaceKind};
use crate::delegation::BucketKind;
use crate::jobs::{Demand, Job, Program, Replication, Vote};
use crate::operators::{Exit, Offer, Operator};
use crate::parameters::{Class, ClassId, Parameters};
use crate::primitives::{AccountId, Amount, AssetId, JobId, NATIVE, Nonce, ProgramId};
use crate::state::{Account, Asset, ChainInfo, Clock, State};

/// The supply equation of one asset, with its terms.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Supply {
    /// Which asset.
    pub asset: AssetId,
    /// Base units ever minted.
    pub minted: Amount,
    /// Base units ever burned.
    pub burned: Amount,
    /// Where the rest is, by kind of place; kinds that hold nothing included.
    pub held: Vec<(PlaceKind, Amount)>,
    /// Sum of `held`.
    pub accounted: Amount,
    /// Whether `accounted == minted - burned`, to the last unit.
    pub exact: bool,
}

impl State {
    /// What never changes about the chain.
    pub fn chain(&self) -> &ChainInfo {
        &self.chain
    }

    /// The numbers of the rules.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Height, time, epoch and counters.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// An asset of the registry.
    pub fn asset(&self, asset: AssetId) -> Option<&Asset> {
        self.assets.get(&asset)
    }

    /// Every asset, in order of number.
    pub fn assets(&self) -> impl Iterator<Item = &Asset> {
        self.assets.values()
    }

    /// A resource class.
    pub fn class(&self, class: ClassId) -> Option<&Class> {
        self.classes.get(&class)
    }

    /// Every resource class, in order of number.
    pub fn classes(&self) -> impl Iterator<Item = &Class> {
        self.classes.values()
    }

    /// An account; one that never appeared has nothing.
    pub fn account(&self, account: AccountId) -> Account {
        self.accounts.get(&account).copied().unwrap_or_default()
    }

    /// Every account that ever had a native balance or sent a transaction, in order.
    pub fn accounts(&self) -> impl Iterator<Item = (AccountId, Account)> + '_ {
        self.accounts.iter().map(|(id, account)| (*id, *account))
    }

    /// The nonce an account's next transaction must have.
    pub fn next_nonce(&self, account: AccountId) -> Nonce {
        self.account(account).nonce
    }

    /// An account's free balance of an asset.
    pub fn balance(&self, account: AccountId, asset: AssetId) -> Amount {
        self.held(Place::Account(account), asset)
    }

    /// What a place holds of an asset. The two ends outside the supply hold what was burned, and nothing.
    pub fn held(&self, place: Place, asset: AssetId) -> Amount {
        match place {
            Place::Account(account) if asset == NATIVE => self.account(account).native,
            Place::Burned => self.asset(asset).map_or(Amount::ZERO, |asset| asset.burned),
            Place::Pool(operator) if asset == NATIVE => self.pool_tokens(operator),
            Place::Leaving(operator, number) if asset == NATIVE => {
                let bucket = self.buckets.get(&(operator, number));
                let leaving = bucket.filter(|bucket| bucket.kind == BucketKind::Leaving);
                leaving.map_or(Amount::ZERO, |bucket| bucket.left)
            }
            Place::Exit(operator, number) => {
                let exit = self.exits.get(&(operator, number)).filter(|exit| exit.asset == asset);
                exit.map_or(Amount::ZERO, |exit| exit.amount)
            }
            _ => self.held.get(&(place, asset)).copied().unwrap_or_default(),
        }
    }

    /// What all places of a kind hold of an asset.
    pub fn total(&self, kind: PlaceKind, asset: AssetId) -> Amount {
        self.totals.get(&(kind, asset)).copied().unwrap_or_default()
    }

    /// The supply equation of an asset.
    pub fn supply(&self, asset: AssetId) -> Option<Supply> {
        let Asset { minted, burned, .. } = *self.asset(asset)?;
        let held: Vec<_> =
            PlaceKind::ALL.iter().map(|kind| (*kind, self.total(*kind, asset))).collect();
        let accounted = held.iter().map(|(_, amount)| *amount).sum();
        let exact = minted.checked_sub(burned) == Some(accounted);
        Some(Supply { asset, minted, burned, held, accounted, exact })
    }

    /// An operator.
    pub fn operator(&self, account: AccountId) -> Option<&Operator> {
        self.operators.get(&account).map(AsRef::as_ref)
    }

    /// Every operator, in order of account.
    pub fn operators(&self) -> impl Iterator<Item = &Operator> {
        self.operators_after(None)
    }

    /// Operators behind an account, in order of account. Costs what is looked at.
    pub fn operators_after(&self, after: Option<AccountId>) -> impl Iterator<Item = &Operator> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let behind = self.roster.range((from, Bound::Unbounded));
        behind.map(|(account, ())| self.operator(*account).expect("the roster lists operators"))
    }

    /// An operator's standing offer in a class.
    pub fn offer(&self, operator: AccountId, class: ClassId) -> Option<&Offer> {
        self.offers.get(&(operator, class))
    }

    /// An operator's standing offers.
    pub fn offers(&self, operator: AccountId) -> impl Iterator<Item = (ClassId, &Offer)> {
        self.offers.group(&operator).into_iter().map(|((_, class), offer)| (*class, offer))
    }

    /// The offers a job could be cleared to next block, from the lowest ask: operator and ask.
    pub fn asks(&self, class: ClassId) -> impl Iterator<Item = (AccountId, Amount)> + '_ {
        let first = (class, Amount::ZERO, AccountId([0; 32]));
        let last = (class, Amount::new(u128::MAX), AccountId([255; 32]));
        self.asks.range(first..=last).map(|((_, ask, operator), ())| (*operator, *ask))
    }

    /// An operator's open exits, by number.
    pub fn exits(&self, operator: AccountId) -> impl Iterator<Item = (u64, Exit)> {
        self.exits.group(&operator).into_iter().map(|((_, number), exit)| (*number, *exit))
    }

    /// Active validators and the weight they are drawn by, in micro-dollars.
    pub fn validators(&self) -> impl Iterator<Item = (AccountId, Amount)> + '_ {
        self.auditors.iter().map(|(account, weight)| (*account, *weight))
    }

    /// The weight an active validator is drawn and votes with, in micro-dollars; nothing for anybody else.
    pub fn validator_weight(&self, account: AccountId) -> Amount {
        self.auditors.get(&account).copied().unwrap_or_default()
    }

    /// Seats on the ledger that an operator holds in this epoch.
    pub fn seats_of(&self, operator: AccountId) -> u32 {
        self.seats.get(&operator).copied().unwrap_or_default()
    }

    /// A registered program.
    pub fn program(&self, program: ProgramId) -> Option<&Program> {
        self.programs.get(&program).map(AsRef::as_ref)
    }

    /// Every registered program, in order of name.
    pub fn programs(&self) -> impl Iterator<Item = &Program> {
        self.programs.values().map(AsRef::as_ref)
    }

    /// A job that is open or ended not long ago.
    pub fn job(&self, job: JobId) -> Option<&Job> {
        self.jobs.get(&job).map(AsRef::as_ref)
    }

    /// Every job in the state, in order of name.
    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.values().map(AsRef::as_ref)
    }

    /// The first jobs behind a name that are wanted, in order of name. Looks at every job.
    pub fn jobs_after(
        &self,
        after: Option<JobId>,
        count: usize,
        wanted: impl Fn(&Job) -> bool,
    ) -> Vec<&Job> {
        let jobs = self.jobs.first(count, |id, job| Some(*id) > after && wanted(job));
        jobs.into_iter().map(|(_, job)| job.as_ref()).collect()
    }

    /// An account's last demand for a job's data, open or answered a short while ago.
    pub fn demand(&self, job: JobId, demander: AccountId) -> Option<&Demand> {
        self.demands.get(&(job, demander)).map(AsRef::as_ref)
    }

    /// Every account's last demand for a job's data, by demander.
    pub fn demands(&self, job: JobId) -> impl Iterator<Item = (AccountId, &Demand)> {
        let demands = self.demands.group(&job).into_iter();
        demands.map(|((_, demander), demand)| (*demander, demand.as_ref()))
    }

    /// The replicas of a job that was drawn for.
    pub fn replication(&self, job: JobId) -> Option<&Replication> {
        self.replications.get(&job).map(AsRef::as_ref)
    }

    /// The votes on a job's open appeal, by validator.
    pub fn votes(&self, job: JobId) -> impl Iterator<Item = (AccountId, &Vote)> {
        let range = (job, AccountId([0; 32]))..=(job, AccountId([255; 32]));
        self.votes.range(range).map(|((_, validator), vote)| (*validator, vote))
    }

    /// Whether an operator is drawn for replicas.
    pub fn runs_replicas(&self, operator: AccountId) -> bool {
        self.replicators.contains_key(&operator)
    }
}
