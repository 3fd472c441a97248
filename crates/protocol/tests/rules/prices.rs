//! The reported price: slots, medians, fines, intake, bands, and the audit rate that makes up for a fall.

use expect_test::expect;
use protocol::*;

use crate::life::spec;
use crate::world::*;

pub(crate) const SLOT_MS: u64 = 10_000;

/// A day has 8,640 slots of ten seconds.
pub(crate) fn reporting() -> Parameters {
    Parameters { oracle_slot_ms: SLOT_MS, ..Parameters::default() }
}

/// Everybody staked, in the first slot in which the validators are entitled.
pub(crate) fn staked(parameters: Parameters) -> World {
    let mut world = World::staked_with(parameters);
    world.next_slot();
    world
}

impl World {
    pub(crate) fn oracle(&self) -> Oracle {
        *self.state.oracle().expect("the test's price is reported")
    }

    pub(crate) fn next_slot(&mut self) {
        self.block_at(self.oracle().until);
    }

    pub(crate) fn commit_price(&mut self, validator: AccountId, price: u128) {
        let slot = self.oracle().slot;
        let commitment = seal_price(self.state.chain().id, slot, validator, SALT, amount(price));
        self.ok(validator, Action::CommitPrice { slot, commitment });
    }

    fn reveal_price(&mut self, validator: AccountId, price: u128) -> Result<Vec<Event>, Rejection> {
        let slot = self.oracle().slot - 1;
        self.send(validator, Action::RevealPrice { slot, price: amount(price), salt: SALT })
    }

    /// Two slots, in which the validators report these prices, as many as there are, and are heard.
    pub(crate) fn report(&mut self, prices: &[u128]) {
        let reports: Vec<_> = VALIDATORS.into_iter().zip(prices).collect();
        for (validator, price) in &reports {
            self.commit_price(*validator, **price);
        }
        self.next_slot();
        for (validator, price) in &reports {
            self.reveal_price(*validator, **price).unwrap();
        }
        self.next_slot();
    }

    /// The same price from everybody.
    pub(crate) fn agree(&mut self, price: u128) {
        self.report(&[price; 3]);
    }

    fn agreed(&self) -> (u128, u128) {
        let Oracle { price, collateral, .. } = self.oracle();
        (price.units(), collateral.units())
    }
}

pub(crate) fn reported() -> World {
    let mut world = staked(reporting());
    world.agree(900_000);
    world
}

#[test]
fn a_fall_counts_at_once() {
    let world = reported();
    assert_eq!(world.agreed(), (900_000, 900_000));
    assert_eq!(world.state.collateral_price(), amount(900_000));
    expect![[r#"
        price: 0.9 USD per token, agreed at 31100; collateral counts at 0.9 USD, the average if that is less
        intake: open
    "#]]
    .assert_eq(&(explain::price(&world.state).join("\n") + "\n"));
}

/// Where nobody reports, the governed price counts and nothing is ever stale.
#[test]
fn a_network_without_reports_counts_the_governed_price_for_ever() {
    let mut world = World::staked();
    world.block_after(365 * 86_400_000);
    assert_eq!(world.state.collateral_price(), amount(DOLLAR));
    assert_eq!(world.state.intake(), Intake::Open);
    let job = world.assigned();
    assert_eq!(world.assignment(job).quote.native_price, amount(DOLLAR));
    assert!(explain::price(&world.state)[0].contains("governed"));
}

/// A doubled price: 5 % up per slot, and collateral only as far as the average of a day has come.
#[test]
fn a_rise_is_limited_by_slot_and_by_the_average() {
    let mut world = staked(reporting());
    world.agree(2_000_000);
    assert_eq!(world.agreed(), (1_050_000, 1_000_000));
    world.agree(2_000_000);
    // 1.102500 agreed; so far three fifths of the time at 1.00 and two at 1.05.
    assert_eq!(world.agreed(), (1_102_500, 1_020_000));
    world.agree(1_010_000);
    assert_eq!(world.agreed().0, 1_010_000, "down again without a limit");
}

/// A price of a few micro-dollars can still rise: the limit rounds up.
#[test]
fn a_tiny_price_is_not_stuck() {
    let mut world = staked(reporting());
    world.agree(3);
    assert_eq!(world.agreed().0, 3);
    world.agree(100);
    assert_eq!(world.agreed().0, 4);
}

#[test]
fn a_price_counts_fully_after_a_window() {
    let parameters = Parameters { price_window_ms: 60_000, ..reporting() };
    let mut world = staked(parameters);
    world.agree(1_040_000);
    assert_eq!(world.agreed().1, 1_000_000);
    for _ in 0..3 {
        world.agree(1_040_000);
    }
    assert_eq!(world.agreed(), (1_040_000, 1_040_000));
    assert!(world.state.prices().count() <= 5, "what is over is forgotten");
}

/// Three equal validators: two thirds are enough, one third is not.
#[test]
fn a_median_needs_two_thirds_of_the_entitled_weight() {
    let mut world = staked(reporting());
    world.report(&[800_001, 800_001]);
    assert_eq!(world.agreed().0, 800_001);
    world.report(&[700_000]);
    assert_eq!(world.agreed().0, 800_001);
    let short = |event: &Event| match event {
        Event::Price(PriceEvent::PriceNotAgreed { opened, entitled, .. }) => {
            (*opened, *entitled) == (amount(BOND), amount(3 * BOND))
        }
        _ => false,
    };
    assert!(world.events.iter().any(short));
}

/// The quorum to the last micro-dollar of weight.
#[test]
fn the_quorum_is_exact() {
    let agreed = [-1_i64, 0, 1].map(|offset| {
        let parameters = Parameters { validator_bond_min: amount(1), ..reporting() };
        let mut world = World::new(parameters);
        let first = 666_666_u128.strict_add_signed(offset.into());
        let bonds = [(VALIDATORS[0], first), (VALIDATORS[1], 1_000_000 - first)];
        for (operator, units) in bonds {
            let duties = Duties { provider: false, validator: true };
            world.ok(operator, Action::RegisterOperator { duties });
            world.ok(operator, Action::Bond { operator, asset: STABLE, amount: amount(units) });
        }
        world.next_slot();
        world.report(&[500_000]);
        world.agreed().0 == 500_000
    });
    assert_eq!(agreed, [false, true, true]);
}

#[test]
fn the_median_is_weighted_by_stake() {
    let mut world = staked(reporting());
    let operator = VALIDATORS[2];
    world.ok(operator, Action::Bond { operator, asset: STABLE, amount: amount(2 * BOND + 1) });
    world.next_slot();
    world.report(&[900_000, 900_000, 990_000]);
    assert_eq!(world.agreed().0, 990_000, "more than half of the weight says so");
}

/// Weight is read when the slot begins: what moves afterwards changes nothing, and who comes afterwards waits.
#[test]
fn entitlement_is_of_the_slots_beginning() {
    let mut world = staked(reporting());
    let slot = world.oracle().slot;
    let operator = VALIDATORS[0];
    world.ok(
        operator,
        Action::Unbond { operator, asset: STABLE, amount: amount(BOND - 1_000 * DOLLAR) },
    );
    let weight = |world: &World, slot| {
        world.state.reports(slot).find(|(who, _)| *who == operator).map(|(_, report)| report.weight)
    };
    assert_eq!(weight(&world, slot), Some(amount(BOND)));
    let newcomer = PROVIDERS[0];
    let duties = Duties { provider: true, validator: true };
    world.ok(newcomer, Action::SetDuties { duties });
    let commit = Action::CommitPrice { slot, commitment: SALT };
    let refused = world.send(newcomer, commit);
    assert_eq!(refused, Err(Rejection::NotEntitledToReport { slot }));
    world.next_slot();
    assert_eq!(weight(&world, slot + 1), Some(amount(1_000 * DOLLAR)));
    world.ok(newcomer, Action::CommitPrice { slot: slot + 1, commitment: SALT });
}

#[test]
fn only_the_heaviest_are_entitled() {
    let mut world = staked(Parameters { reporters_max: 2, ..reporting() });
    let operator = VALIDATORS[2];
    world.ok(operator, Action::Bond { operator, asset: STABLE, amount: amount(1) });
    world.next_slot();
    let entitled: Vec<_> =
        world.state.reports(world.oracle().slot).map(|(account, _)| account).collect();
    assert_eq!(entitled, [VALIDATORS[0], VALIDATORS[2]], "of equals the lower account");
}

/// A report counts in its slot only, and is opened in the next only.
#[test]
fn reports_keep_to_their_slots() {
    let mut world = staked(reporting());
    let validator = VALIDATORS[0];
    let slot = world.oracle().slot;
    world.commit_price(validator, 900_000);
    let early = Action::RevealPrice { slot, price: amount(900_000), salt: SALT };
    assert!(matches!(world.send(validator, early.clone()), Err(Rejection::WrongSlot { .. })));
    world.next_slot();
    let late = Action::CommitPrice { slot, commitment: SALT };
    let (expected, found) = (Some(slot + 1), slot);
    assert_eq!(world.send(validator, late), Err(Rejection::WrongSlot { expected, found }));
    world.next_slot();
    assert!(matches!(world.send(validator, early), Err(Rejection::WrongSlot { .. })));
    assert_eq!(world.state.reports(slot).count(), 0);
}

/// A network that stood still has missed slots, not a thousand of them to catch up with.
#[test]
fn a_standstill_is_one_slot() {
    let mut world = staked(reporting());
    let slot = world.oracle().slot;
    world.block_after(1_000 * SLOT_MS);
    assert_eq!(world.oracle().slot, slot + 1);
    assert_eq!(world.oracle().until, world.now.plus_ms(SLOT_MS));
}

/// Three percent off is where honest sources are; one micro-dollar more is a miss. Where half of the sources are ten
/// percent off, nobody within three times that is far.
#[test]
fn far_off_is_further_than_sources_are() {
    let misses = |prices: [u128; 3]| {
        let mut world = staked(reporting());
        world.report(&prices);
        VALIDATORS.map(|validator| world.state.misses(validator))
    };
    assert_eq!(misses([1_000_000, 1_000_000, 1_030_000]), [0, 0, 0]);
    assert_eq!(misses([1_000_000, 1_000_000, 1_030_001]), [0, 0, 1]);
    assert_eq!(misses([1_000_000, 1_000_000, 969_999]), [0, 0, 1]);
    assert_eq!(misses([900_000, 1_000_000, 1_100_000]), [0, 0, 0]);
}

/// Epochs of five slots, of which one may be missed. Slots are long enough for unbonding to last no more epochs than a
/// pool may have buckets.
fn strict() -> Parameters {
    Parameters {
        oracle_slot_ms: LONG_SLOT_MS,
        epoch_ms: 5 * LONG_SLOT_MS,
        buckets_max: 4_096,
        report_allowance: Ppm(200_000),
        ..reporting()
    }
}

const LONG_SLOT_MS: u64 = 60_000;

pub(crate) fn fined() -> World {
    let mut world = staked(strict());
    world.block_at(Time(1_000 + 5 * LONG_SLOT_MS));
    world.report(&[1_000_000, 1_000_000, 2_000_000]);
    world.report(&[1_000_000, 1_000_000, 2_000_000]);
    world
}

/// The second miss of the epoch costs 0.01 % of ten thousand dollars: a quarter to insurance, the rest burned.
#[test]
fn misses_beyond_the_allowance_are_fined() {
    let since = staked(strict()).events.len();
    let mut world = fined();
    expect![[r#"
        burned: +750000
        pot Insurance: +250000
        validator 2 bond: -1000000
    "#]]
    .assert_eq(&world.statement(since, STABLE));
    assert_eq!(world.state.misses(VALIDATORS[2]), 2);
    world.block_after(5 * LONG_SLOT_MS);
    assert_eq!(world.state.misses(VALIDATORS[2]), 0, "a new epoch, a new allowance");
}

/// Whoever is fined in a slot weighs what its bond is worth at that slot's price, not at the one before.
#[test]
fn a_fine_weighs_at_the_price_of_its_slot() {
    let allowance = Ppm(0);
    let mut world =
        staked(Parameters { reviews_per_block: 1, report_allowance: allowance, ..reporting() });
    let operator = VALIDATORS[2];
    world.ok(operator, Action::Bond { operator, asset: NATIVE, amount: amount(1_000_000_000) });
    world.report(&[500_000, 500_000, 2_000_000]);
    assert!(world.state.sweep().is_some(), "the pass has not come to it");
    let weight = world.state.validators().find(|(who, _)| *who == operator).unwrap().1;
    assert_eq!(weight, amount(BOND - DOLLAR + 374_962));
}

#[test]
fn reports_that_are_missing_cost_nothing() {
    let mut world = staked(Parameters { report_allowance: Ppm(0), ..reporting() });
    for _ in 0..5 {
        world.report(&[1_000_000, 1_000_000]);
    }
    assert_eq!(world.state.operator(VALIDATORS[2]).unwrap().bonded.of(STABLE), amount(BOND));
}

/// At the limit of its age a price is fresh; a millisecond later jobs wait, and are assigned once reports agree.
#[test]
fn a_stale_price_closes_the_intake_and_nothing_is_lost() {
    let mut world = reported();
    let agreed = world.oracle().agreed;
    let stale_ms = world.parameters().price_stale_ms;
    world.block_at(agreed.plus_ms(stale_ms));
    assert_eq!(world.state.intake(), Intake::Open);
    world.block_after(1);
    assert_eq!(world.state.intake(), Intake::Stale(agreed));
    let job = world.submit(spec());
    world.block();
    assert_eq!(world.job(job).status, JobStatus::Open);
    let why = explain::unassigned(&world.state, job).unwrap();
    assert_eq!(why.change, explain::Change::WaitForIntake(Intake::Stale(agreed)));
    assert!(explain::price(&world.state)[1].contains("closed"));
    world.agree(900_000);
    assert_eq!(world.job(job).status, JobStatus::Assigned);
}

/// A job in flight does not notice: it is audited, revealed and paid as ever.
#[test]
fn a_closed_intake_does_not_touch_jobs_in_flight() {
    let mut world = reported();
    let job = world.assigned_with(JobSpec { run_ms: 3_600_000, ..spec() });
    world.block_after(world.parameters().price_stale_ms + 1);
    assert_ne!(world.state.intake(), Intake::Open);
    let truth = world.truth(job);
    world.audited_window(job, truth, truth);
    world.lapse(job);
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::Completed));
}

/// A fifth below the high stops new locks, a micro-dollar less does not; a day later they are taken again.
#[test]
fn a_deep_fall_stops_new_locks_for_a_day() {
    let mut world = staked(reporting());
    world.agree(800_001);
    assert_eq!(world.state.intake(), Intake::Open);
    world.agree(800_000);
    let until = world.now.plus_ms(86_400_000);
    assert_eq!(world.state.intake(), Intake::Halted(until));
    let job = world.submit(JobSpec { wait_ms: 200_000_000, ..spec() });
    // It has recovered above four fifths, which lengthens nothing; and stays fresh to the end.
    world.agree(840_000);
    world.block_at(Time(until.0 - 5 * SLOT_MS));
    world.agree(840_000);
    world.block_at(Time(until.0 - 1));
    assert_eq!(world.state.intake(), Intake::Halted(until));
    assert_eq!(world.job(job).status, JobStatus::Open);
    world.block_after(1);
    assert_eq!(world.state.intake(), Intake::Open);
    assert_eq!(world.job(job).status, JobStatus::Assigned);
}

/// As long as the price is a fifth below the high of the last day, the day begins anew.
#[test]
fn the_breaker_holds_while_the_fall_lasts() {
    let mut world = staked(reporting());
    world.agree(800_000);
    let first = world.oracle().halted_until.unwrap();
    world.agree(790_000);
    assert!(world.oracle().halted_until.unwrap() > first);
    let halts = world
        .events
        .iter()
        .filter(|event| matches!(event, Event::Collateral(CollateralEvent::IntakeHalted { .. })));
    assert_eq!(halts.count(), 1, "one halt, lengthened");
}

/// A stranger's bond in tokens alone, with so many jobs of $10 on it that run for an hour.
fn tokens_at_work(parameters: Parameters, jobs: usize) -> (World, Vec<JobId>) {
    let mut world = staked(parameters);
    for provider in PROVIDERS {
        world.offer(provider, 0, DOLLAR);
    }
    let operator = STRANGER;
    let duties = Duties { provider: true, validator: false };
    world.ok(operator, Action::RegisterOperator { duties });
    let tokens = amount(900_000_000_000);
    world.ok(operator, Action::Bond { operator, asset: NATIVE, amount: tokens });
    let offer = Action::SetOffer { class: ClassId::EDGE, units: 20, ask: amount(DOLLAR) };
    world.ok(operator, offer);
    let long = JobSpec { class: ClassId::EDGE, run_ms: 3_600_000, ..spec() };
    let jobs = (0..jobs).map(|_| world.assigned_with(long.clone())).collect();
    (world, jobs)
}

/// Without a breaker, so that bands alone decide.
fn unbroken() -> Parameters {
    Parameters { breaker_fall: Ppm(1_000_000), ..reporting() }
}

/// Six jobs owe $508.235298; 900 tokens cover that after the haircut down to $0.752942 each, amber ends at $0.621177
/// and red at $0.564706.
fn fallen(price: u128) -> (World, Vec<JobId>) {
    let (mut world, jobs) = tokens_at_work(unbroken(), 6);
    world.agree(price);
    (world, jobs)
}

#[test]
fn bands_change_at_their_prices() {
    let bands: Vec<_> = [752_942, 752_941, 621_177, 621_176, 564_706, 564_705, 1]
        .map(|price| (price, fallen(price).0.state.band(STRANGER)))
        .to_vec();
    expect![[r#"
        [(752942, Green), (752941, Amber), (621177, Amber), (621176, Red), (564706, Red), (564705, Black), (1, Black)]"#]]
    .assert_eq(&format!("{bands:?}"));
}

/// A lock that is slashed is owed no longer, so a bond that just covers its locks is not thin for being slashed.
#[test]
fn a_slashed_lock_calls_no_margin() {
    let (mut world, _) = fallen(752_942);
    let since = world.events.len();
    world.block_after(3_600_001);
    let slashed = world.events[since..]
        .iter()
        .filter(|one| matches!(one, Event::Penalty(PenaltyEvent::Slashed { .. })));
    assert_eq!(slashed.count(), 6, "every deadline was missed");
    let called =
        |event: &Event| matches!(event, Event::Collateral(CollateralEvent::BandChanged { .. }));
    assert!(!world.events[since..].iter().any(called));
    assert_eq!(world.state.exposure(STRANGER), None);
}

#[test]
fn a_thin_bond_takes_no_new_jobs_and_is_called() {
    let (mut world, _) = fallen(752_941);
    let called = world.events.iter().find_map(|event| match event {
        Event::Collateral(CollateralEvent::BandChanged {
            operator: STRANGER,
            before,
            band,
            grace_until,
            ..
        }) => Some((*before, *band, *grace_until)),
        _ => None,
    });
    let grace = world.state.exposure(STRANGER).unwrap().call.map(|call| call.until);
    assert_eq!(called, Some((Band::Green, Band::Amber, grace)));
    expect![[r#"
        open locks 508.235298 USD; bond worth 677.6469 USD, 508.235175 USD after the haircut
        amber: takes no new jobs
        margin call: add to the bond or let jobs end by 172831100
    "#]]
    .assert_eq(&(explain::cover(&world.state, STRANGER).unwrap().join("\n") + "\n"));
    // What is free of the bond would reach for a small job.
    let small = JobSpec { class: ClassId::EDGE, meter_max: 1_000_000_000, ..spec() };
    let job = world.submit(small);
    world.block();
    assert_eq!(world.job(job).status, JobStatus::Open);
    let why = explain::unassigned(&world.state, job).unwrap();
    assert_eq!(why.obstacles, [(explain::Obstacle::Thin, 1)]);
}

/// In amber what is free may leave, as long as what is left stays clear of red; in red nothing may.
#[test]
fn a_bond_may_not_leave_into_red() {
    let unbond = |price, tokens: u128| {
        let amount = amount(tokens);
        fallen(price).0.send(STRANGER, Action::Unbond { operator: STRANGER, asset: NATIVE, amount })
    };
    // At $0.63 amber ends at 887.394965080 tokens.
    let most = 900_000_000_000 - 887_394_965_080;
    assert!(unbond(630_000, most - 1).is_ok());
    assert!(unbond(630_000, most).is_ok());
    assert!(matches!(unbond(630_000, most + 1), Err(Rejection::CollateralThin { .. })));
    assert!(matches!(unbond(600_000, 1), Err(Rejection::CollateralThin { .. })));
}

/// A call that is not met counts as red after its grace, and is over when the bond covers its locks again.
#[test]
fn a_margin_call_runs_out_and_is_met() {
    let parameters = Parameters { margin_call_ms: 60_000, ..unbroken() };
    let (mut world, _) = tokens_at_work(parameters, 6);
    world.agree(700_000);
    let until = world.state.exposure(STRANGER).unwrap().call.unwrap().until;
    world.block_at(until);
    assert_eq!(world.state.band(STRANGER), Band::Amber);
    world.block_after(1);
    assert_eq!(world.state.band(STRANGER), Band::Red);
    let refused = Action::Unbond { operator: STRANGER, asset: NATIVE, amount: amount(1) };
    assert!(matches!(world.send(STRANGER, refused), Err(Rejection::CollateralThin { .. })));
    world.ok(
        REQUESTER,
        Action::Transfer { to: STRANGER, asset: NATIVE, amount: amount(90_000_000_000) },
    );
    let more = Action::Bond { operator: STRANGER, asset: NATIVE, amount: amount(90_000_000_000) };
    world.ok(STRANGER, more);
    assert_eq!(world.state.band(STRANGER), Band::Green);
    assert_eq!(world.state.exposure(STRANGER).unwrap().call, None);
}

/// Nothing is sold: jobs end, and take what they owe with them.
#[test]
fn a_thin_bond_recovers_as_its_jobs_end() {
    let (mut world, jobs) = fallen(600_000);
    assert_eq!(world.state.band(STRANGER), Band::Red);
    let tokens = world.state.operator(STRANGER).unwrap().bonded.of(NATIVE);
    for job in &jobs {
        let truth = world.truth(*job);
        world.window(*job, truth);
    }
    let mut bands = Vec::new();
    for job in jobs {
        world.lapse(job);
        bands.push(world.state.band(STRANGER));
    }
    expect!["[Amber, Green, Green, Green, Green, Green]"].assert_eq(&format!("{bands:?}"));
    assert_eq!(world.state.operator(STRANGER).unwrap().bonded.of(NATIVE), tokens);
    assert_eq!(world.state.exposure(STRANGER), None);
}

/// A bond in stable needs no more than it owes: locked to the last unit, it is green at any price of the token.
#[test]
fn a_bond_in_stable_has_no_bands() {
    let mut world = staked(reporting());
    let insured = amount(4_000 * DOLLAR);
    for provider in &PROVIDERS[1..] {
        world.offer(*provider, 0, DOLLAR);
    }
    let job = world.assigned_with(JobSpec { insured, ..spec() });
    let locked = world.assignment(job).quote.required;
    let free = world.state.held(Place::Bond(PROVIDERS[0]), STABLE);
    assert!(locked.plus(locked) > amount(BOND), "most of it is locked: {locked}, {free} free");
    world.agree(1);
    assert_eq!(world.state.band(PROVIDERS[0]), Band::Green);
}

/// A lock of 141.176471667 tokens at half a dollar is worth $70.588235, of which a bounty returns a quarter; honesty then
/// needs ceil(1.25 x 10 / (0.85 x 62.941177)) = 23.3645 %.
#[test]
fn a_draw_makes_up_for_what_the_lock_has_lost() {
    let (mut world, jobs) = tokens_at_work(reporting(), 1);
    world.agree(500_000);
    let job = jobs[0];
    assert_eq!(world.state.lock_worth(world.assignment(job)), amount(70_588_235));
    assert_eq!(world.state.band(STRANGER), Band::Green, "the rest of the bond covers it");
    assert_eq!(world.state.audit_rate(world.assignment(job)), Ppm(233_645));
    let truth = world.truth(job);
    world.commit(job, truth);
    world.block();
    let decided = world.events.iter().find_map(|event| match event {
        Event::Job(JobEvent::AuditDecided { rate, .. }) => Some(*rate),
        _ => None,
    });
    assert_eq!(decided, Some(Ppm(233_645)));
    let raised = |event: &Event| {
        matches!(
            event,
            Event::Collateral(CollateralEvent::AuditRaised {
                quoted: Ppm(200_000),
                rate: Ppm(233_645),
                ..
            })
        )
    };
    assert!(world.events.iter().any(raised));
}

#[test]
fn a_worthless_lock_is_audited_always() {
    let (mut world, jobs) = tokens_at_work(reporting(), 1);
    world.agree(1);
    assert_eq!(world.state.audit_rate(world.assignment(jobs[0])), Ppm::WHOLE);
}

/// Whose whole bond is worth less than it owes is audited always, even where the lock of the job itself would do.
#[test]
fn black_is_audited_always() {
    let (world, jobs) = fallen(564_705);
    let rates = jobs.iter().map(|job| world.state.audit_rate(world.assignment(*job)));
    assert!(rates.eq(std::iter::repeat_n(Ppm::WHOLE, 6)));
}

/// A price an hour old says nothing: tokens count nothing, stable counts.
#[test]
fn a_blind_price_counts_stable_only() {
    let (mut world, jobs) = tokens_at_work(reporting(), 1);
    let agreed = world.oracle().agreed;
    let worth = |world: &World| world.state.lock_worth(world.assignment(jobs[0]));
    world.block_at(agreed.plus_ms(3_600_000));
    assert_eq!(worth(&world), amount(141_176_471));
    world.block_after(1);
    assert_eq!(worth(&world), Amount::ZERO);
    assert_eq!(world.state.audit_rate(world.assignment(jobs[0])), Ppm::WHOLE);
}

pub(crate) fn crash() -> World {
    let (mut world, jobs) = tokens_at_work(reporting(), 6);
    world.agree(500_000);
    let truth = world.truth(jobs[0]);
    world.commit(jobs[0], truth);
    world.block();
    world
}

/// Locks are taken at the haircut of the job's longest exposure: hours, a day, days.
#[test]
fn longer_exposures_take_larger_haircuts() {
    let parameters = Parameters::default();
    let hours = |run_ms| parameters.exposure_ms(run_ms) as f64 / 3_600_000.0;
    let haircuts: Vec<String> = [60_000, 3_600_000, 7_200_000, 21_600_000, 172_800_000]
        .map(|run_ms| format!("{:.1} h: {}", hours(run_ms), parameters.haircut(run_ms)))
        .to_vec();
    expect!["14.9 h: 40 %, 19.8 h: 40 %, 24.8 h: 55 %, 44.8 h: 55 %, 254.8 h: 70 %"]
        .assert_eq(&haircuts.join(", "));
    let short = Parameters { answer_ms: 60_000, audit_commit_ms: 60_000, ..parameters };
    assert_eq!(short.haircut(60_000), Ppm(250_000));
    let edge = Parameters { exposure_day_ms: short.exposure_ms(3_600_000), ..short.clone() };
    let before = Parameters { exposure_day_ms: edge.exposure_day_ms - 1, ..edge.clone() };
    assert_eq!((edge.haircut(3_600_000), before.haircut(3_600_000)), (Ppm(400_000), Ppm(550_000)));
}

/// The first example of the chapter: the median, who missed it, and how slowly a rise counts.
#[test]
fn the_example_of_the_chapter() {
    let mut world = staked(reporting());
    world.report(&[970_000, 1_000_000, 1_400_000]);
    let missed = world.events.iter().find_map(|event| match event {
        Event::Price(PriceEvent::ReportMissed { validator, median, tolerance, .. }) => {
            Some((*validator, *median, *tolerance))
        }
        _ => None,
    });
    assert_eq!(missed, Some((VALIDATORS[2], amount(1_000_000), amount(90_000))));
    world.agree(2_000_000);
    assert_eq!(world.agreed(), (1_050_000, 1_000_000));
}

/// A price that changes during a pass is followed by another pass: nobody keeps the weight of the price between.
#[test]
fn a_price_during_a_pass_is_not_missed() {
    let mut world = staked(Parameters { reviews_per_block: 1, ..reporting() });
    let operator = PROVIDERS[0];
    world.ok(operator, Action::SetDuties { duties: Duties { provider: true, validator: true } });
    world.ok(operator, Action::Bond { operator, asset: NATIVE, amount: amount(1_000_000_000) });
    let weight =
        |world: &World| world.state.validators().find(|(who, _)| *who == operator).unwrap().1;
    world.next_slot();
    // Three of four are enough.
    world.agree(900_000);
    assert_eq!(weight(&world), amount(BOND + 675_000), "it is the first that is looked at");
    world.agree(800_001);
    assert_eq!(weight(&world), amount(BOND + 675_000), "the pass has gone on");
    for _ in 0..14 {
        world.block();
    }
    assert_eq!(world.state.sweep(), None);
    assert_eq!(weight(&world), amount(BOND + 600_000));
}

/// The pass after a price: one operator a block, weights and bands right in the end, none forgotten.
#[test]
fn the_pass_after_a_price_is_bounded_and_complete() {
    let mut world = staked(Parameters { reviews_per_block: 1, ..reporting() });
    let operator = VALIDATORS[0];
    world.ok(operator, Action::Bond { operator, asset: NATIVE, amount: amount(1_000_000_000) });
    let weight =
        |world: &World| world.state.validators().find(|(who, _)| *who == operator).unwrap().1;
    assert_eq!(weight(&world), amount(BOND + 750_000));
    world.agree(500_000);
    assert!(world.state.sweep().is_some());
    for _ in 0..7 {
        world.block();
    }
    assert_eq!(world.state.sweep(), None);
    assert_eq!(weight(&world), amount(BOND + 375_000));
}
