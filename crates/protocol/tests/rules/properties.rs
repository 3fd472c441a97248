//! Random operations by random people with a random referee's program: whatever happens, every invariant holds, export
//! and import give the same state, honest providers keep their bonds, and the events alone rebuild the books.

use std::collections::BTreeMap;

use proptest::prelude::*;
use protocol::*;

use crate::governance::{admit, change, third_asset};
use crate::life::{input_pages, spec};
use crate::world::*;

const PEOPLE: [AccountId; 9] = [
    REQUESTER,
    STRANGER,
    ISSUER,
    PROVIDERS[0],
    PROVIDERS[1],
    PROVIDERS[2],
    VALIDATORS[0],
    VALIDATORS[1],
    VALIDATORS[2],
];

/// One random step: who, what (chosen by the numbers), how much.
#[derive(Clone, Debug)]
struct Operation {
    who: usize,
    what: u8,
    pick: u16,
    units: u128,
}

fn operation() -> impl Strategy<Value = Operation> {
    let units = prop_oneof![
        4 => 1..BOND,
        1 => Just(0),
        1 => Just(u128::MAX),
        1 => PURSE - 5..PURSE + 5,
    ];
    (0..PEOPLE.len(), any::<u8>(), any::<u16>(), units)
        .prop_map(|(who, what, pick, units)| Operation { who, what, pick, units })
}

/// Short windows, few attempts, tight budgets: everything happens, and leftovers wait.
fn parameters() -> Parameters {
    Parameters {
        audit_rate_floor: Ppm(400_000),
        audit_rate_new: Ppm(700_000),
        audit_lock: Ppm(2_000_000),
        // Audits as frequent as these must be cheap, or friends among the auditors would gain by them.
        audit_fee: Ppm(250_000),
        timers_per_block: 3,
        draws_per_block: 2,
        clearings_per_block: 2,
        jail_ms: 5_000,
        retention_ms: 3_000_000,
        correlation_ms: 100_000,
        convictions_max: 4,
        validator_bond_min: amount(DOLLAR),
        access_min: amount(DOLLAR),
        access_penalty: amount(DOLLAR),
        candidates_max: 3,
        promotions_per_block: 1,
        credit_reference: amount(PURSE),
        // Reports every third of a second, votes of a second, bonds that leave in hours.
        oracle_slot_ms: 300,
        price_window_ms: 60_000,
        price_stale_ms: 2_000_000,
        breaker_ms: 1_000,
        report_allowance: Ppm(0),
        margin_call_ms: 2_000,
        reviews_per_block: 2,
        proposal_deposit: amount(1_000),
        voting_ms: 1_000,
        run_ms_max: 60_000,
        epoch_ms: 13_000_000,
        unbonding_ms: 55_000_000,
        timelock_ms: 55_000_000,
        veto_ms: 1,
        slack_ms: 0,
        pool_bond_min: amount(DOLLAR),
        delegation_min: amount(1),
        seat_bond: amount(DOLLAR),
        ..Parameters::default()
    }
}

/// Changes of the rules that somebody may propose at any time; not all of them are possible at any time.
fn amendment(pick: u16) -> Amendment {
    let value = |values: &[u128]| values[usize::from(pick / 32) % values.len()];
    match pick % 12 {
        0 => change("burn_min", value(&[100_000, 700_000])),
        1 => change("bounty_max", value(&[0, 300_000])),
        2 => change("audit_rate_floor", value(&[20_000, 700_000])),
        3 => change("native_haircut", value(&[0, 400_000])),
        4 => change("validator_bond_min", value(&[0, 5_000 * DOLLAR])),
        5 => change("attempts_max", value(&[1, 5])),
        6 => change("oracle_slot_ms", value(&[0, 300, 500])),
        7 => change("answer_ms", value(&[1_000, 1_800_000])),
        8 => change("retention_ms", value(&[1_800_000, 5_000_000])),
        9 => change("validators_max", value(&[1, 3])),
        10 => third_asset(6),
        _ => admit(value(&[1, DOLLAR]), 500_000, BOND),
    }
}

struct Chaos {
    world: World,
    /// Providers that only ever say the truth and never miss: they must not be convicted.
    honest: AccountId,
}

impl Chaos {
    fn new() -> Self {
        let mut world = World::staked_with(parameters());
        world.checked = false;
        for staker in [REQUESTER, STRANGER] {
            world.ok(staker, Action::LockAccess { amount: amount(BOND) });
        }
        Self { world, honest: PROVIDERS[0] }
    }

    fn some_job(&self, pick: u16) -> Option<JobId> {
        let count = self.world.state.jobs().count();
        self.world.state.jobs().nth(usize::from(pick) % count.max(1)).map(|job| job.id)
    }

    fn run(&mut self, operation: &Operation) {
        let before = self.world.state.clone();
        if operation.what.is_multiple_of(4) {
            self.pass(operation.pick);
        } else {
            let action = self.action(operation);
            let _ = self.world.send(PEOPLE[operation.who], action);
        }
        self.world.assert_invariants();
        self.world.assert_round_trip(&before);
    }

    /// Time passes: a little, or past some deadline. The honest provider does its duty first.
    fn pass(&mut self, pick: u16) {
        self.be_honest();
        self.report(pick);
        self.vote(pick);
        let amended = self.world.state.proposals().map(|proposal| proposal.deadline).min();
        if let Some(deadline) = amended.filter(|_| pick.is_multiple_of(5))
            && !self.honest_is_awaited()
            && deadline >= self.world.now
        {
            return self.world.block_at(deadline.plus_ms(1));
        }
        let next = self.some_job(pick).and_then(|job| self.world.job(job).deadline);
        match next {
            Some(deadline)
                if pick.is_multiple_of(3)
                    && deadline >= self.world.now
                    && !self.honest_is_awaited() =>
            {
                self.world.block_at(deadline.plus_ms(1));
            }
            _ => self.world.block_after(u64::from(pick % 500)),
        }
    }

    /// Validators open what they committed to and commit anew, all to the same price, but for an erring one.
    fn report(&mut self, pick: u16) {
        let Some(Oracle { slot, .. }) = self.world.state.oracle().copied() else { return };
        let chain = self.world.state.chain().id;
        let price = |slot: u64, who: AccountId| {
            let walk = Hash::of("walk", &(slot / 8)).as_bytes()[0];
            let errs = who == VALIDATORS[2] && slot.is_multiple_of(5);
            amount(if errs { 3 * DOLLAR } else { DOLLAR / 4 + u128::from(walk) * 4_000 })
        };
        for who in VALIDATORS {
            if let Some(before) = slot.checked_sub(1) {
                let price = price(before, who);
                let _ =
                    self.world.send(who, Action::RevealPrice { slot: before, price, salt: SALT });
            }
            if !pick.is_multiple_of(11) {
                let commitment = seal_price(chain, slot, who, SALT, price(slot, who));
                let _ = self.world.send(who, Action::CommitPrice { slot, commitment });
            }
        }
    }

    fn honest_is_awaited(&self) -> bool {
        self.world.state.jobs().any(|job| {
            let mine = job
                .assignment
                .as_ref()
                .is_some_and(|assignment| assignment.provider == self.honest);
            mine && matches!(
                job.status,
                JobStatus::Assigned | JobStatus::Committed | JobStatus::Auditing
            )
        })
    }

    fn be_honest(&mut self) {
        let mine: Vec<(JobId, JobStatus)> = self
            .world
            .state
            .jobs()
            .filter(|job| {
                job.assignment.as_ref().is_some_and(|assignment| assignment.provider == self.honest)
            })
            .map(|job| (job.id, job.status))
            .collect();
        for (job, status) in mine {
            let claim = self.world.truth(job);
            let demanders: Vec<AccountId> =
                self.world.state.demands(job).map(|(who, _)| who).collect();
            for demander in demanders {
                self.answer(job, demander);
            }
            match status {
                JobStatus::Assigned => self.world.commit(job, claim),
                JobStatus::Revealing => self.world.reveal(job, claim),
                _ => {}
            }
        }
    }

    fn answer(&mut self, job: JobId, demander: AccountId) {
        let demand = self.world.state.demand(job, demander).unwrap().clone();
        let pages = match demand.data {
            DataKind::Trace => Toy::trace_pages(),
            DataKind::Input => input_pages(),
            DataKind::Output => return,
        };
        let wanted = demand.owed.iter().enumerate().filter(|(_, owed)| **owed);
        let first = usize::try_from(demand.first_page).unwrap();
        let pages = wanted.map(|(at, _)| Toy::page(&pages, first + at)).collect();
        let _ = self.world.send(self.honest, Action::AnswerDemand { job, demander, pages });
    }

    fn action(&mut self, operation: &Operation) -> Action {
        let Operation { who, what, pick, units } = *operation;
        let (me, amount) = (PEOPLE[who], amount(units));
        let other = PEOPLE[usize::from(pick) % PEOPLE.len()];
        let asset = if pick % 2 == 0 { STABLE } else { NATIVE };
        let job = self.some_job(pick);
        let kind = what % 36;
        match (kind, job) {
            (0, _) => Action::Transfer { to: other, asset, amount },
            (1, _) => Action::Mint { asset, to: other, amount },
            (2, _) => Action::Burn { asset, amount },
            (3, _) => Action::Bond { operator: me, asset, amount },
            (4, _) => Action::Unbond { operator: me, asset, amount },
            (5, _) => {
                let exit = self.world.state.exits(me).next().map_or(0, |(exit, ..)| exit);
                Action::CancelExit { operator: me, exit }
            }
            (6, _) => Action::SetOffer {
                class: ClassId::CPU,
                units: u32::from(pick % 6),
                ask: self::amount(DOLLAR + u128::from(pick)),
            },
            (7, _) => Action::SetDuties {
                duties: Duties { provider: pick % 3 > 0, validator: pick % 5 > 0 },
            },
            (8, _) => Action::NominateOwner { operator: me, owner: other },
            (9, _) => Action::AcceptOwnership { operator: other },
            (10, _) => Action::Unjail,
            (29, _) => Action::Propose { amendment: amendment(pick) },
            (30, _) => self.ballot(pick),
            (31, _) => Action::Bond { operator: me, asset: AssetId(2), amount },
            (23, _) => Action::Delegate { operator: other, amount },
            (24, _) => Action::Undelegate { operator: other, shares: amount },
            (25, _) => {
                let source = PEOPLE[usize::from(pick / 9) % PEOPLE.len()];
                Action::Redelegate { source, operator: other, shares: amount }
            }
            (26, _) => {
                let open = self.world.state.undelegations(me).next();
                let (operator, bucket) =
                    open.map_or((other, 0), |view| (view.operator, view.bucket));
                Action::CancelUnbonding { operator, bucket }
            }
            (27, _) => Action::SetCommission {
                commission: Commission { rewards: Ppm(pick.into()), fees: Ppm(pick.into()) },
            },
            (28, _) => Action::Commit { operator: other, duration_ms: 1_209_600_000 },
            (11..=13, _) | (_, None) => Action::SubmitJob { spec: self.random_spec(pick) },
            (14, Some(job)) => Action::CancelJob { job },
            (15, Some(job)) => Action::Challenge {
                job,
                accused: Accused::Provider,
                evidence: b"step".to_vec().into(),
            },
            (16, Some(job)) => Action::Challenge {
                job,
                accused: Accused::Auditor,
                evidence: b"step".to_vec().into(),
            },
            (17, Some(job)) => Action::DemandData {
                job,
                data: DataKind::Trace,
                first_page: u64::from(pick % 3),
                pages: 1,
            },
            (18, Some(job)) => {
                Action::DemandData { job, data: DataKind::Input, first_page: 0, pages: 1 }
            }
            (19, Some(job)) => Action::TakeJob { job },
            (20, _) => Action::LockAccess { amount },
            (21, _) => {
                let stake = self.world.state.access_stake(me);
                let amount = if pick.is_multiple_of(3) { stake } else { stake.min(amount) };
                Action::UnlockAccess { amount }
            }
            (_, Some(job)) => self.duty(job, me, pick),
        }
    }

    /// Validators vote on the latest proposal, mostly for it.
    fn vote(&mut self, pick: u16) {
        for (who, pick) in VALIDATORS.into_iter().zip(pick / 8..) {
            let ballot = self.ballot(pick);
            let _ = self.world.send(who, ballot);
        }
    }

    fn ballot(&self, pick: u16) -> Action {
        let proposal = self.world.state.proposals().last().map_or(0, |proposal| proposal.id);
        let ballot = match pick % 8 {
            0 => Ballot::Spam,
            1 => Ballot::Against,
            _ => Ballot::For,
        };
        Action::Vote { proposal, ballot }
    }

    fn random_spec(&self, pick: u16) -> JobSpec {
        let harm = amount(if pick.is_multiple_of(7) { u128::from(pick) * 1_000 } else { 0 });
        let insured = amount(if pick.is_multiple_of(5) { u128::from(pick) * 1_000 } else { 0 });
        let price_max = amount(if pick.is_multiple_of(4) { 10 * DOLLAR } else { 20 * DOLLAR });
        JobSpec { harm, insured, price_max, ..spec() }
    }

    /// What a party of the job should do next: truthfully, or with a lie.
    fn duty(&self, job: JobId, me: AccountId, pick: u16) -> Action {
        let truthful = me == self.honest || !pick.is_multiple_of(3);
        let claim = if truthful { self.world.truth(job) } else { self.world.lie(job) };
        let record = self.world.job(job);
        let commitment = seal(job, record.attempts, me, SALT, &claim);
        match record.status {
            JobStatus::Assigned => Action::CommitResult { job, commitment },
            JobStatus::Auditing => Action::CommitAudit { job, commitment },
            JobStatus::Revealing => Action::RevealResult { job, claim, salt: SALT },
            JobStatus::AuditRevealing => Action::RevealAudit { job, claim, salt: SALT },
            _ => Action::CommitResult { job, commitment: SALT },
        }
    }

    /// The books of every place, from the movements alone.
    fn assert_history_is_whole(&self) {
        let mut books: BTreeMap<(Place, AssetId), u128> = BTreeMap::new();
        for event in &self.world.events {
            if let Event::Books(BooksEvent::Moved { from, to, asset, amount, .. }) = event {
                if *from != Place::Unissued {
                    *books.get_mut(&(*from, *asset)).unwrap() -= amount.units();
                }
                *books.entry((*to, *asset)).or_default() += amount.units();
            }
        }
        for ((place, asset), units) in books {
            assert_eq!(self.world.state.held(place, asset), amount(units), "{place:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_people_do_the_rules_hold(operations in prop::collection::vec(operation(), 1..160)) {
        let mut chaos = Chaos::new();
        for operation in &operations {
            chaos.run(operation);
        }
        chaos.assert_history_is_whole();
        let honest = chaos.world.state.operator(chaos.honest).unwrap();
        prop_assert_eq!(honest.reliability.convictions, 0, "an honest provider is never convicted");
    }
}

/// The random walk above is worth something only if it gets to the ends.
#[test]
fn the_random_walk_reaches_convictions_and_settlements() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeMap::new();
    for _ in 0..24 {
        let operations =
            prop::collection::vec(operation(), 160).new_tree(&mut runner).unwrap().current();
        let mut chaos = Chaos::new();
        for operation in &operations {
            chaos.run(operation);
        }
        for event in &chaos.world.events {
            if let Event::Job(JobEvent::JobEnded { .. })
            | Event::Penalty(PenaltyEvent::Faulted { .. })
            | Event::Job(JobEvent::JobAssigned { .. })
            | Event::Job(JobEvent::AuditorDrawn { .. })
            | Event::Job(JobEvent::JobOffered { .. })
            | Event::Access(AccessEvent::AccessExitBegan { .. })
            | Event::Price(PriceEvent::PriceAgreed { .. })
            | Event::Price(PriceEvent::ReportFined { .. })
            | Event::Governance(GovernanceEvent::AmendmentEnacted { .. }) = event
            {
                let kind = format!("{event:?}").split(' ').next().unwrap_or_default().to_string();
                *seen.entry(kind).or_insert(0) += 1;
            }
        }
    }
    let often =
        ["JobEnded", "Faulted", "JobAssigned", "AuditorDrawn", "PriceAgreed", "ReportFined"];
    let often = often.map(|kind| (kind, 10));
    for (kind, least) in often.into_iter().chain([("JobOffered", 3), ("AccessExitBegan", 3)]) {
        assert!(seen.get(kind).is_some_and(|count| *count >= least), "{kind}: {seen:?}");
    }
    assert!(seen.get("AmendmentEnacted").is_some_and(|count| *count >= 2), "{seen:?}");
}
