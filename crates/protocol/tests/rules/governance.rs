//! Proposals: from deposit to effect, and every way in which nothing comes of one.

use expect_test::expect;
use protocol::*;

use crate::life::spec;
use crate::world::*;

pub(crate) fn change(name: &str, value: u128) -> Amendment {
    Amendment::Parameters {
        changes: vec![ParameterChange { name: name.into(), value: amount(value) }],
    }
}

pub(crate) fn admit(price: u128, haircut: u32, cap: u128) -> Amendment {
    let terms = CollateralTerms { price: amount(price), haircut: Ppm(haircut), cap: amount(cap) };
    Amendment::Collateral { asset: AssetId(2), terms }
}

pub(crate) fn third_asset(decimals: u8) -> Amendment {
    let definition =
        AssetDefinition { id: AssetId(2), symbol: "ORE".into(), decimals, issuer: Some(ISSUER) };
    Amendment::Asset { definition }
}

/// Small deposits, because nobody in these tests has a thousand tokens to spare.
pub(crate) fn modest() -> Parameters {
    Parameters { proposal_deposit: amount(1_000), ..Parameters::default() }
}

impl World {
    pub(crate) fn propose(&mut self, amendment: Amendment) -> u64 {
        let events = self.ok(STRANGER, Action::Propose { amendment });
        let proposed = events.iter().find_map(|event| match event {
            Event::Governance(GovernanceEvent::ProposalSubmitted { proposal, .. }) => {
                Some(*proposal)
            }
            _ => None,
        });
        proposed.expect("an accepted proposal is an event")
    }

    pub(crate) fn vote(&mut self, proposal: u64, ballots: &[Ballot]) {
        for (validator, ballot) in VALIDATORS.into_iter().zip(ballots) {
            self.ok(validator, Action::Vote { proposal, ballot: *ballot });
        }
    }

    /// The first block after the proposal's deadline.
    pub(crate) fn pass_deadline(&mut self, proposal: u64) {
        let deadline = self.state.proposal(proposal).unwrap().deadline;
        self.block_at(deadline.plus_ms(1));
    }

    /// Has an amendment accepted by everybody and put into effect.
    pub(crate) fn amend(&mut self, amendment: Amendment) {
        let proposal = self.propose(amendment);
        self.vote(proposal, &[Ballot::For; 3]);
        self.pass_deadline(proposal);
        self.pass_deadline(proposal);
        let enacted = |event: &Event| matches!(event, Event::Governance(GovernanceEvent::AmendmentEnacted { proposal: done }) if *done == proposal);
        assert!(self.events.iter().any(enacted), "{:?}", self.events.last());
    }

    fn outcome(&self) -> Option<Outcome> {
        self.events.iter().rev().find_map(|event| match event {
            Event::Governance(GovernanceEvent::ProposalTallied { outcome, .. }) => Some(*outcome),
            _ => None,
        })
    }
}

pub(crate) fn enacted() -> World {
    let mut world = World::staked_with(modest());
    world.amend(change("challenge_ms", 60_000));
    world
}

#[test]
fn an_amendment_takes_effect_after_vote_and_timelock_and_returns_its_deposit() {
    let mut world = World::staked_with(modest());
    let since = world.events.len();
    let proposal = world.propose(change("challenge_ms", 60_000));
    assert_eq!(world.state.held(Place::Deposit(proposal), NATIVE), amount(1_000));
    world.vote(proposal, &[Ballot::For, Ballot::For, Ballot::Against]);
    expect![[r#"
        for 20000000000, against 10000000000, spam 0 of 30000000000; 66.6666 % of all must be for it
        would be accepted if the vote ended now; it ends after 604801200
    "#]]
    .assert_eq(&(explain::vote(&world.state, proposal).unwrap().join("\n") + "\n"));
    let vote_until = world.state.proposal(proposal).unwrap().deadline;
    world.block_at(vote_until);
    assert_eq!(world.state.proposal(proposal).unwrap().stage, Stage::Voting);
    let ballots = |world: &World| {
        let (byte, _) = TABLES.iter().find(|(_, table)| *table == "ballots").unwrap();
        world.state.entries().iter().filter(|(key, _)| key[0] == *byte).count()
    };
    assert_eq!(ballots(&world), 3);
    world.block_after(1);
    assert_eq!(ballots(&world), 0, "counted, and removed");
    assert!(matches!(world.state.proposal(proposal).unwrap().stage, Stage::Accepted(_)));
    assert_eq!(world.state.total(PlaceKind::Deposits, NATIVE), Amount::ZERO);
    assert_eq!(world.parameters().challenge_ms, 1_800_000, "not before its time");
    assert!(explain::vote(&world.state, proposal).unwrap()[1].starts_with("accepted"));
    let timelock_ms = world.parameters().timelock_ms;
    world.block_at(vote_until.plus_ms(1 + timelock_ms));
    assert_eq!(world.parameters().challenge_ms, 1_800_000);
    world.block_after(1);
    assert_eq!(world.parameters().challenge_ms, 60_000);
    assert_eq!(world.state.proposals().count(), 0);
    assert!(!world.statement(since, NATIVE).contains("deposit"), "what went in came out");
}

/// Two thirds of all weight, to the last micro-dollar, and not only of what voted.
#[test]
fn approval_is_of_all_weight_and_exact() {
    let accepted = [-1_i64, 0, 1].map(|offset| {
        let mut world = World::new(Parameters { validator_bond_min: amount(1), ..modest() });
        let first = 666_666_u128.strict_add_signed(offset.into());
        for (operator, units) in [(VALIDATORS[0], first), (VALIDATORS[1], 1_000_000 - first)] {
            let duties = Duties { provider: false, validator: true };
            world.ok(operator, Action::RegisterOperator { duties });
            world.ok(operator, Action::Bond { operator, asset: STABLE, amount: amount(units) });
        }
        let proposal = world.propose(change("challenge_ms", 60_000));
        world.vote(proposal, &[Ballot::For]);
        world.pass_deadline(proposal);
        world.outcome() == Some(Outcome::Accepted)
    });
    assert_eq!(accepted, [false, true, true]);
}

fn voted(ballots: &[Ballot]) -> World {
    let mut world = World::staked_with(modest());
    let proposal = world.propose(change("challenge_ms", 60_000));
    world.vote(proposal, ballots);
    world.pass_deadline(proposal);
    world
}

pub(crate) fn spam() -> World {
    voted(&[Ballot::Spam])
}

#[test]
fn a_third_that_calls_it_spam_burns_the_deposit_unless_it_is_accepted() {
    let outcome = |ballots: &[Ballot]| {
        let world = voted(ballots);
        (world.outcome().unwrap(), world.state.asset(NATIVE).unwrap().burned.units())
    };
    assert_eq!(outcome(&[Ballot::Spam]), (Outcome::Spam, 1_000));
    assert_eq!(outcome(&[Ballot::For, Ballot::For, Ballot::Spam]), (Outcome::Accepted, 0));
    assert_eq!(outcome(&[Ballot::For, Ballot::Against, Ballot::Against]), (Outcome::Rejected, 0));
    assert_eq!(outcome(&[]), (Outcome::Rejected, 0), "silence is not spam");
}

#[test]
fn the_latest_ballot_counts() {
    let mut world = World::staked_with(modest());
    let proposal = world.propose(change("challenge_ms", 60_000));
    world.vote(proposal, &[Ballot::Spam; 3]);
    world.vote(proposal, &[Ballot::For; 3]);
    world.pass_deadline(proposal);
    assert_eq!(world.outcome(), Some(Outcome::Accepted));
}

/// Vote, take the bond out, have another validator bond and vote: the same money is not counted twice, because all
/// weights are read at one moment and a leaving bond has none.
#[test]
fn weight_that_voted_and_moved_counts_once() {
    let mut world = World::staked_with(modest());
    let proposal = world.propose(change("challenge_ms", 60_000));
    world.vote(proposal, &[Ballot::For]);
    let operator = VALIDATORS[0];
    let leaves = amount(BOND - 1_000 * DOLLAR);
    world.ok(operator, Action::Unbond { operator, asset: STABLE, amount: leaves });
    let tally = world.state.tally(proposal);
    assert_eq!(tally.approve, amount(1_000 * DOLLAR));
    assert_eq!(tally.all, amount(2 * BOND + 1_000 * DOLLAR));
    let unbonding_ms = world.parameters().unbonding_ms;
    assert!(unbonding_ms >= world.parameters().voting_ms, "it cannot be back before the end");
}

/// Two amendments that are possible each by itself and not together: the later one is void.
pub(crate) fn void() -> World {
    let mut world = World::staked_with(modest());
    let exposure = world.parameters().exposure_ms_max();
    let longer = world.propose(change("run_ms_max", 49 * 3_600_000));
    let shorter = world.propose(change("unbonding_ms", u128::from(exposure) + 260_000_000));
    for proposal in [longer, shorter] {
        world.vote(proposal, &[Ballot::For; 3]);
    }
    world.pass_deadline(shorter);
    world.pass_deadline(shorter);
    world
}

#[test]
fn an_amendment_that_has_become_impossible_is_void() {
    let world = void();
    assert_eq!(world.parameters().run_ms_max, 49 * 3_600_000);
    assert_eq!(world.parameters().unbonding_ms, Parameters::default().unbonding_ms);
    let voids: Vec<_> = world
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Governance(GovernanceEvent::AmendmentVoid { fault, .. }) => {
                Some(fault.to_string())
            }
            _ => None,
        })
        .collect();
    assert_eq!(voids.len(), 1, "{voids:?}");
    assert!(voids[0].contains("unbonding_ms"), "{voids:?}");
    assert_eq!(world.parameters().validate(), Ok(()));
}

/// Possible when it was proposed, impossible when its vote ends: it is not even accepted.
#[test]
fn an_amendment_is_checked_again_when_its_vote_ends() {
    let mut world = World::staked_with(modest());
    let exposure = world.parameters().exposure_ms_max();
    let longer = world.propose(change("run_ms_max", 49 * 3_600_000));
    world.vote(longer, &[Ballot::For; 3]);
    world.pass_deadline(longer);
    let enacted_after = world.state.proposal(longer).unwrap().deadline;
    world.block_at(Time(enacted_after.0 - 1_000));
    let shorter = world.propose(change("unbonding_ms", u128::from(exposure) + 260_000_000));
    world.vote(shorter, &[Ballot::For; 3]);
    world.pass_deadline(longer);
    let since = world.events.len();
    world.pass_deadline(shorter);
    let voided: Vec<bool> = world.events[since..]
        .iter()
        .filter_map(|event| match event {
            Event::Governance(GovernanceEvent::AmendmentVoid { .. }) => Some(true),
            Event::Governance(GovernanceEvent::AmendmentAccepted { .. }) => Some(false),
            _ => None,
        })
        .collect();
    assert_eq!(voided, [true]);
    assert_eq!(world.state.proposals().count(), 0);
    assert_eq!(world.state.total(PlaceKind::Deposits, NATIVE), Amount::ZERO);
}

fn fault(amendment: Amendment) -> String {
    match World::staked_with(modest()).send(STRANGER, Action::Propose { amendment }) {
        Err(Rejection::AmendmentRefused { fault }) => fault.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn amendments_are_refused_for_every_reason() {
    let class = |name: &str, bond| {
        let class =
            Class { name: name.into(), bond_per_unit: amount(bond), ..Class::devnet()[0].clone() };
        Amendment::Class { class }
    };
    let twice = ParameterChange { name: "challenge_ms".into(), value: amount(60_000) };
    let asset = |id| match third_asset(9) {
        Amendment::Asset { definition } => {
            Amendment::Asset { definition: AssetDefinition { id, ..definition } }
        }
        other => other,
    };
    let native = match admit(1, 0, 1) {
        Amendment::Collateral { terms, .. } => Amendment::Collateral { asset: NATIVE, terms },
        other => other,
    };
    let faults = [
        Amendment::Parameters { changes: Vec::new() },
        change("challenge_ms", 1_800_000),
        change("nobody", 1),
        change("epoch_ms", 1),
        change("margin", 999_999),
        change("margin", u128::MAX),
        change("unbonding_ms", 86_400_000),
        change("timelock_ms", 86_400_000),
        change("oracle_slot_ms", 8_639),
        change("price_stale_ms", 3_600_001),
        change("native_haircut", 400_001),
        change("steps_max", 100_000_001),
        Amendment::Parameters { changes: vec![twice.clone(), twice] },
        class("", 1),
        class("a\nb", 1),
        class(&"x".repeat(33), 1),
        class("cpu", u128::MAX),
        Amendment::Class { class: Class::devnet()[0].clone() },
        Amendment::Class { class: Class::seed()[0].clone() },
        asset(NATIVE),
        third_asset(19),
        native,
        admit(1, 0, 1),
    ];
    let faults: Vec<String> = faults.into_iter().map(fault).collect();
    expect![[r#"
        it changes nothing
        it changes nothing
        the parameters it makes are refused: there is no parameter "nobody"
        the parameters it makes are refused: epoch_ms is fixed at genesis: epochs are counted from the start by its length
        the parameters it makes are refused: margin is 999999 ppm; it must be between 1000000 and 10000000
        the parameters it makes are refused: margin is 340282366920938463463374607431768211455 ppm; it must be between 1000000 and 10000000
        the parameters it makes are refused: epoch_ms * (capacity_failures_max + 1) is 345600000; it must not pass unbonding_ms, which is 86400000; epoch_ms * (lease_failures_max + 1) is 345600000; it must not pass unbonding_ms, which is 86400000; unbonding_ms is 86400000, but a job may stay open for 1176600000 ms, veto and slack included
        the parameters it makes are refused: unbonding_ms is 1209600000; it must not pass timelock_ms, which is 86400000
        the parameters it makes are refused: price_window_ms / 10,000 is 8640; it must not pass oracle_slot_ms, which is 8639
        the parameters it makes are refused: price_stale_ms is 3600001; it must not pass price_blind_ms, which is 3600000
        the parameters it makes are refused: native_haircut is 400001; it must not pass native_haircut_day, which is 400000
        the machine does not carry out the parameters it makes: these are too many steps for a toy
        the parameters it makes are refused: challenge_ms is changed twice
        the name must be plain text of 1 to 32 bytes
        the name must be plain text of 1 to 32 bytes
        the name must be plain text of 1 to 32 bytes
        the bond per unit is 340282366920938463463374607431768211455, it may be at most 79228162514264337593543950336
        it changes nothing
        how class 0 is proven is fixed at genesis
        native exists already
        the number of decimals is 19, it may be at most 18
        native is collateral by the rules themselves
        asset 2 is not registered
    "#]].assert_eq(&(faults.join("\n") + "\n"));
}

#[test]
fn collateral_terms_are_refused_for_every_reason() {
    let mut world = World::staked_with(modest());
    world.amend(third_asset(0));
    let most = Amount::SUPPLY_MAX.units();
    let cases = [
        admit(0, 0, 1),
        admit(1_000_000_000_000_001, 0, 1),
        admit(1, 950_001, 1),
        admit(1, 0, most + 1),
        admit(2, 0, most),
    ];
    let faults = cases.map(|amendment| match world.send(STRANGER, Action::Propose { amendment }) {
        Err(Rejection::AmendmentRefused { fault }) => fault.to_string(),
        other => panic!("{other:?}"),
    });
    expect![[r#"
        a price is at least one micro-dollar
        the price is 1000000000000001, it may be at most 1000000000000000
        the haircut in ppm is 950001, it may be at most 950000
        the cap is 79228162514264337593543950337, it may be at most 79228162514264337593543950336
        the worth of the cap in micro-dollars is 158456325028528675187087900672, it may be at most 79228162514264337593543950336
    "#]].assert_eq(&(faults.join("\n") + "\n"));
    world.ok(STRANGER, Action::Propose { amendment: admit(1, 950_000, most) });
}

#[test]
fn proposals_are_bounded() {
    let mut world = World::staked_with(Parameters { proposals_max: 2, ..modest() });
    let proposal = world.propose(change("challenge_ms", 60_000));
    world.propose(change("challenge_ms", 60_001));
    let third = Action::Propose { amendment: change("challenge_ms", 60_002) };
    let refused = world.send(STRANGER, third.clone());
    assert_eq!(refused, Err(Rejection::TooManyProposals { limit: 2 }));
    world.pass_deadline(proposal);
    world.ok(STRANGER, third);
}

#[test]
fn classes_and_assets_are_bounded() {
    let mut world = World::staked_with(Parameters { classes_max: 3, assets_max: 2, ..modest() });
    let new = Class { id: ClassId(9), ..Class::devnet()[0].clone() };
    for amendment in [Amendment::Class { class: new }, third_asset(9)] {
        let refused = world.send(STRANGER, Action::Propose { amendment });
        let full =
            matches!(refused, Err(Rejection::AmendmentRefused { fault: AmendmentFault::Full(..) }));
        assert!(full, "{refused:?}");
    }
    let changed = Class { bond_per_unit: amount(7), ..Class::devnet()[0].clone() };
    world.amend(Amendment::Class { class: changed });
    assert_eq!(world.state.class(ClassId::CPU).unwrap().bond_per_unit, amount(7));
}

#[test]
fn a_new_class_can_be_offered() {
    let mut world = World::staked_with(modest());
    let class = Class { id: ClassId(7), name: "storage".into(), ..Class::devnet()[0].clone() };
    let offer = Action::SetOffer { class: ClassId(7), units: 1, ask: amount(DOLLAR) };
    assert!(world.send(PROVIDERS[0], offer.clone()).is_err());
    world.amend(Amendment::Class { class });
    world.ok(PROVIDERS[0], offer);
    let job = world.assigned_with(JobSpec { class: ClassId(7), ..spec() });
    assert_eq!(world.provider(job), PROVIDERS[0]);
}

/// Ore of three decimals at $2 less 50 %, at most 100 whole units in the network.
fn with_ore() -> World {
    let mut world = World::staked_with(modest());
    world.amend(third_asset(3));
    world.amend(admit(2 * DOLLAR, 500_000, 100_000));
    let mint = Action::Mint { asset: AssetId(2), to: STRANGER, amount: amount(1_000_000) };
    world.ok(ISSUER, mint);
    let duties = Duties { provider: true, validator: false };
    world.ok(STRANGER, Action::RegisterOperator { duties });
    world
}

fn bond_ore(units: u128) -> Action {
    Action::Bond { operator: STRANGER, asset: AssetId(2), amount: amount(units) }
}

#[test]
fn an_admitted_asset_counts_after_its_haircut_up_to_its_cap() {
    let mut world = with_ore();
    let (bonded, cap) = (Amount::ZERO, amount(100_000));
    let refused = world.send(STRANGER, bond_ore(100_001));
    assert_eq!(refused, Err(Rejection::CollateralCap { asset: AssetId(2), bonded, cap }));
    world.ok(STRANGER, bond_ore(100_000));
    assert!(world.send(STRANGER, bond_ore(1)).is_err());
    let bonded = world.state.operator(STRANGER).unwrap().bonded.clone();
    assert_eq!(world.state.bond_value(&bonded), amount(100 * DOLLAR));
    world.amend(admit(DOLLAR, 500_000, 0));
    assert_eq!(
        world.state.bond_value(&bonded),
        amount(50 * DOLLAR),
        "new terms count for what is there"
    );
    assert!(world.send(STRANGER, bond_ore(1)).is_err(), "and no more is admitted");
    world.ok(
        STRANGER,
        Action::Unbond { operator: STRANGER, asset: AssetId(2), amount: amount(50_000) },
    );
}

/// Stable first, then native, then what was admitted; all of it is slashed, each in its own unit.
#[test]
fn an_admitted_asset_is_locked_last_and_slashed_like_any_other() {
    let mut world = with_ore();
    for provider in PROVIDERS {
        world.offer(provider, 0, DOLLAR);
    }
    world.ok(STRANGER, bond_ore(100_000));
    for (asset, units) in [(STABLE, 10 * DOLLAR), (NATIVE, 10_000_000_000)] {
        world.ok(STRANGER, Action::Bond { operator: STRANGER, asset, amount: amount(units) });
    }
    let offer = Action::SetOffer { class: ClassId::EDGE, units: 1, ask: amount(DOLLAR) };
    world.ok(STRANGER, offer);
    let since = world.events.len();
    let job = world.assigned_with(JobSpec { class: ClassId::EDGE, ..spec() });
    // $84.705883: ten in stable, six in ten tokens less 40 %, the rest of 68.705883 in ore at $1 net.
    let locked: Vec<_> = world.assignment(job).locked.iter().collect();
    let expected = [(NATIVE, 10_000_000_000), (STABLE, 10 * DOLLAR), (AssetId(2), 68_706)];
    assert_eq!(locked, expected.map(|(asset, units)| (asset, amount(units))));
    let lie = world.lie(job);
    world.window(job, lie);
    world.challenge(REQUESTER, job, Accused::Provider).unwrap();
    expect![[r#"
        burned: +34354
        pot Insurance: +17176
        requester: +17176
        stranger bond: -68706
    "#]]
    .assert_eq(&world.statement(since, AssetId(2)));
}

/// What a job was insured for when it was assigned it is insured for, whatever shares a slash has later.
#[test]
fn an_insured_job_in_flight_stays_whole() {
    let short = Parameters {
        run_ms_max: 60_000,
        epoch_ms: 13_000_000,
        unbonding_ms: 55_000_000,
        timelock_ms: 55_000_000,
        veto_ms: 1,
        slack_ms: 0,
        ..modest()
    };
    let mut world = World::staked_with(short);
    let changes = [("burn_min", 700_000), ("bounty_max", 300_000)]
        .map(|(name, value)| ParameterChange { name: name.into(), value: amount(value) });
    let proposal = world.propose(Amendment::Parameters { changes: changes.to_vec() });
    world.vote(proposal, &[Ballot::For; 3]);
    world.pass_deadline(proposal);
    let enacted_after = world.state.proposal(proposal).unwrap().deadline;
    world.block_at(Time(enacted_after.0 - 1_000));
    let job = world.assigned_with(JobSpec { insured: amount(50 * DOLLAR), ..spec() });
    let lie = world.lie(job);
    world.window(job, lie);
    world.pass_deadline(proposal);
    assert_eq!(world.parameters().burn_min, Ppm(700_000));
    let before = world.state.balance(REQUESTER, STABLE);
    world.challenge(STRANGER, job, Accused::Provider).unwrap();
    assert_eq!(world.state.balance(REQUESTER, STABLE), before.plus(amount(50 * DOLLAR)));
    let next = world.state.parameters().clone();
    assert!(next.burn_min.0 + next.bounty_max.0 == 1_000_000, "later jobs lock for the new shares");
}

/// A governed price that changes changes weights, in the blocks that follow.
#[test]
fn a_new_governed_price_counts_for_weights_and_quotes() {
    let mut world = World::staked_with(modest());
    let operator = VALIDATORS[0];
    world.ok(operator, Action::Bond { operator, asset: NATIVE, amount: amount(1_000_000_000) });
    world.amend(change("native_price", 400_000));
    world.block();
    let weight = world.state.validators().find(|(who, _)| *who == operator).unwrap().1;
    assert_eq!(weight, amount(BOND + 300_000));
    assert_eq!(world.state.collateral_price(), amount(400_000));
}

/// Reports begin and end by proposal; the first price is the governed one, and afterwards it is again.
pub(crate) fn reports_begin_and_end() -> World {
    let mut world = World::staked_with(modest());
    world.amend(change("oracle_slot_ms", 10_000));
    assert_eq!(world.state.collateral_price(), amount(DOLLAR));
    world.next_slot();
    world.agree(900_000);
    assert_eq!(world.state.collateral_price(), amount(900_000));
    world.amend(change("oracle_slot_ms", 0));
    world
}

#[test]
fn reports_leave_nothing_behind() {
    let world = reports_begin_and_end();
    assert_eq!(world.state.collateral_price(), amount(DOLLAR));
    assert_eq!(world.state.oracle(), None);
    assert_eq!(world.state.prices().count(), 0);
    let tables: Vec<u8> = world.state.entries().iter().map(|(key, _)| key[0]).collect();
    assert!(!tables.iter().any(|table| (40..=43).contains(table)), "{tables:?}");
}
