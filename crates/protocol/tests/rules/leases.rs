//! Leases: an ask takes one, validators probe it, every epoch is paid or returned.

use ed25519_consensus::SigningKey;
use expect_test::expect;
use protocol::*;

use crate::rejections::Case;
use crate::rewards::{TOKEN, generous, rewarded};
use crate::world::*;

fn key(number: u8) -> SigningKey {
    SigningKey::from([number; 32])
}

fn keyed(number: u8) -> AccountId {
    AccountId(key(number).verification_key().to_bytes())
}

const OBSERVERS: [u8; 3] = [101, 102, 103];
const TENANT: u8 = 104;

fn tenant() -> AccountId {
    keyed(TENANT)
}

/// Three probes are drawn as soon as an hour of an epoch has passed in one block.
fn probed() -> Parameters {
    Parameters { lease_probes: 240, lease_probes_max: 3, ..Parameters::default() }
}

/// Three providers with two units each that ask 2, 3 and 5 dollars an epoch; three validators and a requester with real keys.
fn market(parameters: Parameters) -> World {
    let mut genesis = genesis(parameters);
    for number in OBSERVERS.into_iter().chain([TENANT]) {
        let account = keyed(number);
        let purse = |asset| GenesisBalance { account, asset, amount: amount(PURSE) };
        genesis.balances.extend([NATIVE, STABLE].map(purse));
    }
    let mut world = World::of(&genesis);
    world.checked = false;
    let providers = PROVIDERS.into_iter().take(3).map(|account| (account, false));
    for (operator, validator) in providers.chain(OBSERVERS.map(|number| (keyed(number), true))) {
        let duties = Duties { provider: !validator, validator };
        world.ok(operator, Action::RegisterOperator { duties });
        world.ok(operator, Action::Bond { operator, asset: STABLE, amount: amount(BOND) });
    }
    for (provider, dollars) in PROVIDERS.into_iter().zip([2, 3, 5]) {
        world.offer(provider, 2, DOLLAR);
        world.ok(provider, asks(Some(dollars)));
    }
    world.checked = true;
    world.block();
    world
}

fn asks(dollars: Option<u128>) -> Action {
    let ask = dollars.map(|dollars| amount(dollars * DOLLAR));
    Action::SetLeaseAsk { class: ClassId::CPU, ask }
}

fn spec(units: u32, epochs: u32) -> LeaseSpec {
    LeaseSpec {
        service: Content { root: Hash([8; 32]), size: 300 },
        class: ClassId::CPU,
        units,
        epochs,
        price_max: amount(8 * DOLLAR),
        wait_ms: 60_000,
    }
}

fn request(world: &mut World, spec: LeaseSpec) -> JobId {
    let lease = lease_id(world.state.chain().id, tenant(), world.state.next_nonce(tenant()));
    world.ok(tenant(), Action::RequestLease { spec });
    lease
}

/// A lease of two units for some epochs that has begun in a market.
fn begun(parameters: Parameters, epochs: u32) -> (World, JobId) {
    let mut world = market(parameters);
    let lease = request(&mut world, spec(2, epochs));
    world.block();
    assert_eq!(world.state.lease(lease).unwrap().status, LeaseStatus::Running);
    (world, lease)
}

fn tenure(world: &World, lease: JobId) -> Tenure {
    world.state.lease(lease).unwrap().tenure.clone().unwrap()
}

/// The probes of the open epoch; an hour passes if there are none yet.
fn probes(world: &mut World, lease: JobId) -> Vec<Probe> {
    if tenure(world, lease).probes.is_empty() {
        world.block_after(3_600_000);
    }
    let tenure = tenure(world, lease);
    let open = tenure.probes.iter().filter(|probe| probe.epoch == tenure.open_epoch());
    open.copied().collect()
}

fn report(lease: JobId, probe: &Probe, answered: bool) -> Action {
    Action::ReportProbe { lease, challenge: probe.challenge, answered }
}

/// Observers report so, one after the other.
fn speak(world: &mut World, lease: JobId, answers: &[bool]) {
    let probes = probes(world, lease);
    assert_eq!(probes.len(), 3);
    for (probe, answered) in probes.iter().zip(answers) {
        world.ok(probe.observer, report(lease, probe, *answered));
    }
}

/// The first block after everything about the open epoch can have been said.
fn judge(world: &mut World, lease: JobId) -> EpochJudged {
    let deadline = world.state.lease(lease).unwrap().deadline;
    world.block_at(deadline.plus_ms(1));
    *tenure(world, lease).judged.last().unwrap()
}

fn signed(number: u8, message: Hash) -> Bytes {
    key(number).sign(message.as_bytes()).to_bytes().to_vec().into()
}

fn answer_receipt(lease: JobId, probe: &Probe) -> Action {
    let number = OBSERVERS.into_iter().find(|number| keyed(*number) == probe.observer).unwrap();
    let signature = signed(number, probe_receipt(lease, probe.challenge));
    Action::ShowReceipt { lease, receipt: LeaseReceipt::Probe(probe.challenge), signature }
}

fn acceptance(lease: JobId, epoch: u32) -> Action {
    let signature = signed(TENANT, acceptance_receipt(lease, epoch));
    Action::ShowReceipt { lease, receipt: LeaseReceipt::Epoch(epoch), signature }
}

fn ended(world: &World, lease: JobId) -> Option<LeaseEnd> {
    match world.state.lease(lease).unwrap().status {
        LeaseStatus::Ended(reason) => Some(reason),
        _ => None,
    }
}

/// The example of the book. Two units at the first rejected ask of 3 dollars: 6 an epoch, 24 in escrow, 6 of them back at
/// once, 12 locked. The first epoch is served, the second is missed within the grace, the third costs a quarter of the lock.
pub(crate) fn example() -> (World, JobId) {
    let (mut world, lease) = begun(probed(), 3);
    speak(&mut world, lease, &[true, true, false]);
    judge(&mut world, lease);
    speak(&mut world, lease, &[true, false, false]);
    judge(&mut world, lease);
    speak(&mut world, lease, &[false, false, false]);
    judge(&mut world, lease);
    (world, lease)
}

#[test]
fn a_served_epoch_is_paid_a_missed_one_returns_and_the_second_missed_one_costs() {
    let (world, lease) = example();
    let verdicts: Vec<_> =
        tenure(&world, lease).judged.iter().map(|judged| judged.verdict).collect();
    assert_eq!(verdicts, [EpochVerdict::Served, EpochVerdict::Missed, EpochVerdict::Missed]);
    let begun = tenure(&world, lease);
    assert_eq!((begun.provider, begun.price), (PROVIDERS[0], amount(6 * DOLLAR)));
    assert_eq!(begun.locked.of(STABLE), amount(12 * DOLLAR));
    let rejected = Pricing::Uniform { rejected: amount(3 * DOLLAR), quality: Ppm::WHOLE };
    assert_eq!(begun.pricing, rejected);
    let from = world
        .events
        .iter()
        .position(|event| matches!(event, Event::Lease(LeaseEvent::LeaseRequested { .. })));
    let statement = world.statement(from.unwrap() - 1, STABLE);
    let statement = statement.replace(&tenant().to_string(), "tenant");
    expect![[r#"
        pot Audit: +300000
        pot Insurance: +810000
        pot Treasury: +240000
        burned: +2250000
        provider 0 bond: -3000000
        provider 0: +5400000
        tenant: -6000000
    "#]]
    .assert_eq(&sorted(&statement));
    assert_eq!(ended(&world, lease), Some(LeaseEnd::Completed));
}

/// Of the three epochs one is paid. Its take counts for the rebate as a job's does, by an accuracy of one half.
#[test]
fn a_paid_epoch_counts_as_work() {
    let (world, lease) = example();
    let counted: Vec<_> = world
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Reward(RewardEvent::WorkCounted { operator, job, take, worked, .. }) => {
                Some((*operator, *job, take.units(), worked.units()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(counted, [(PROVIDERS[0], lease, 240_000, 120_000)]);
}

/// Of $6 an epoch the tenant's friend has $5.40, and a rebate of nine tenths of the take that was paid, by an accuracy of one
/// half. With credit for the whole take there is no rebate. Either way the pots' $0.36 are gone.
#[test]
fn renting_from_a_friend_loses() {
    for (credit, paid, rebate) in [(false, 600_000, 108_000), (true, 360_000, 0)] {
        let mut world = market(Parameters {
            emission_start: amount(1_000_000 * TOKEN),
            rebate_bond: Ppm::WHOLE,
            ..generous()
        });
        world.checked = false;
        if credit {
            world.ok(tenant(), Action::LockAccess { amount: amount(PURSE / 2) });
        }
        world.epochs_later(1);
        let wealth = |world: &World| -> u128 {
            let friends = [tenant(), PROVIDERS[0]];
            friends.iter().map(|who| world.state.balance(*who, STABLE).units()).sum()
        };
        let before = wealth(&world);
        let lease = request(&mut world, spec(2, 1));
        world.block();
        world.ok(PROVIDERS[0], acceptance(lease, 0));
        judge(&mut world, lease);
        world.epochs_later(3);
        assert_eq!(before - wealth(&world), paid);
        let price = world.state.highest_known_price();
        let worth = amount(rewarded(&world)).scaled_ceil(price.units(), TOKEN);
        assert_eq!(worth.units(), rebate);
    }
}

fn sorted(statement: &str) -> String {
    let mut lines: Vec<&str> = statement.lines().collect();
    lines.sort_by_key(|line| {
        let order = ["pot", "burned", "provider", "tenant"];
        let place = order.iter().position(|start| line.starts_with(start));
        (place.unwrap_or(order.len()), (*line).to_string())
    });
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[test]
fn explanations_say_what_it_costs_and_why_an_epoch_was_not_paid() {
    let (world, lease) = example();
    let cost = explain::lease_cost(world.state.parameters(), 2, 3, amount(3 * DOLLAR));
    let lines = explain::lease(&world.state, lease).join("\n");
    let text = format!("{cost}\n{lines}").replace(&PROVIDERS[0].to_string(), "PROVIDER");
    expect![[r#"
        2 x 3 USD = 6 USD an epoch, x 3 = 18 USD in escrow; its provider locks 12 USD
        over: all its epochs have been judged
        PROVIDER serves it at 6 USD an epoch for 3 epochs: 3 judged, 1 paid
        epoch 1 not paid: 3 probes, 3 spoken of, 1 answered, less than 66.6666 %
        epoch 2 not paid: 3 probes, 3 spoken of, 0 answered, less than 66.6666 %"#]]
    .assert_eq(&text);
}

#[test]
fn explanations_say_why_no_ask_takes_a_lease() {
    let mut world = market(probed());
    world.ok(PROVIDERS[0], Action::NominateOwner { operator: PROVIDERS[0], owner: tenant() });
    world.ok(tenant(), Action::AcceptOwnership { operator: PROVIDERS[0] });
    let dear = LeaseSpec { price_max: amount(5 * DOLLAR), ..spec(2, 1) };
    let lease = request(&mut world, dear);
    let large = request(&mut world, spec(3, 1));
    world.block();
    let lines = |lease| explain::lease(&world.state, lease).join("\n");
    expect![[r#"
        waits for a provider until 61200, 5 USD an epoch at most: 0 of 3 asks would take it
        1 do not: belongs with the requester
        2 do not: too dear
        the cheapest of those too dear wants 6 USD an epoch
        waits for a provider until 61200, 8 USD an epoch at most: 0 of 3 asks would take it
        3 do not: not so many units free"#]]
    .assert_eq(&format!("{}\n{}", lines(lease), lines(large)));
}

/// Two of three observers lie that nobody was there. Their own receipts say otherwise, and one of them loses face.
pub(crate) fn belied() -> (World, JobId) {
    let (mut world, lease) = begun(probed(), 2);
    speak(&mut world, lease, &[false, false]);
    let open = probes(&mut world, lease);
    world.ok(PROVIDERS[0], answer_receipt(lease, &open[0]));
    world.ok(STRANGER, answer_receipt(lease, &open[1]));
    (world, lease)
}

#[test]
fn a_receipt_beats_a_report_of_silence_whoever_shows_it() {
    let (mut world, lease) = belied();
    let liar = tenure(&world, lease).probes[0].observer;
    assert!(world.state.accuracy(liar) < Ppm(500_000), "its own receipt speaks against it");
    let judged = judge(&mut world, lease);
    let EpochJudged { drawn, heard, answered, verdict } = judged;
    assert_eq!((drawn, heard, answered, verdict), (3, 2, 2, EpochVerdict::Served));
}

/// Nobody is paid on nobody's word, and nobody is punished for it.
#[test]
fn an_epoch_nobody_speaks_of_returns_and_costs_nothing() {
    let parameters = Parameters { lease_grace: 0, lease_failures_max: 1, ..probed() };
    let (mut world, lease) = begun(parameters, 2);
    probes(&mut world, lease);
    let before = world.state.balance(tenant(), STABLE);
    assert_eq!(judge(&mut world, lease).verdict, EpochVerdict::Unproven);
    let back = world.state.balance(tenant(), STABLE).minus(before);
    assert_eq!(back, amount(6 * DOLLAR));
    assert_eq!(tenure(&world, lease).owed, amount(12 * DOLLAR));
    assert_eq!(ended(&world, lease), None);
}

/// The one signature that needs no observer at all, even against all of them.
pub(crate) fn accepted() -> (World, JobId) {
    let (mut world, lease) = begun(probed(), 1);
    speak(&mut world, lease, &[false, false, false]);
    world.ok(PROVIDERS[0], acceptance(lease, 0));
    judge(&mut world, lease);
    (world, lease)
}

#[test]
fn the_requesters_signature_is_enough() {
    let (world, lease) = accepted();
    assert_eq!(tenure(&world, lease).judged[0].verdict, EpochVerdict::Accepted);
    assert_eq!(ended(&world, lease), Some(LeaseEnd::Completed));
}

/// A requester that says nothing for ever cannot keep a provider from its pay.
#[test]
fn class_73_a_silent_customer_does_not_hold_up_payment() {
    let (mut world, lease) = begun(probed(), 1);
    let before = world.state.balance(PROVIDERS[0], STABLE);
    speak(&mut world, lease, &[true, true, true]);
    judge(&mut world, lease);
    let paid = world.state.balance(PROVIDERS[0], STABLE).minus(before);
    assert_eq!(paid, amount(5_400_000));
}

pub(crate) fn unserved() -> (World, JobId) {
    let (mut world, lease) = begun(probed(), 9);
    for _ in 0..3 {
        speak(&mut world, lease, &[false, false, false]);
        judge(&mut world, lease);
    }
    (world, lease)
}

#[test]
fn three_epochs_missed_in_a_row_end_a_lease_and_the_rest_returns() {
    let (world, lease) = unserved();
    assert_eq!(ended(&world, lease), Some(LeaseEnd::Unserved));
    assert_eq!(world.state.balance(tenant(), STABLE), amount(PURSE));
    let bond = world.state.operator(PROVIDERS[0]).unwrap().bonded.of(STABLE);
    assert_eq!(bond, amount(BOND - 3 * DOLLAR - 2_250_000), "12, less a quarter, less a quarter");
    assert_eq!(world.state.offer(PROVIDERS[0], ClassId::CPU).unwrap().busy, 0);
    assert_eq!(world.state.operator(PROVIDERS[0]).unwrap().status, OperatorStatus::Active);
}

#[test]
fn epochs_nobody_spoke_of_neither_mend_nor_lengthen_a_row() {
    let (mut world, lease) = begun(probed(), 9);
    for spoken in [true, true, false, true] {
        if spoken {
            speak(&mut world, lease, &[false, false, false]);
        }
        assert_eq!(ended(&world, lease), None);
        judge(&mut world, lease);
    }
    assert_eq!(ended(&world, lease), Some(LeaseEnd::Unserved));
}

pub(crate) fn noticed() -> (World, JobId) {
    let (mut world, lease) = begun(probed(), 9);
    world.block_after(3_600_000);
    world.ok(tenant(), Action::GiveNotice { lease });
    for _ in 0..2 {
        speak(&mut world, lease, &[true, true, true]);
        judge(&mut world, lease);
    }
    (world, lease)
}

/// In the first of nine epochs: it and one more remain, seven return at once.
#[test]
fn notice_leaves_the_epoch_under_way_and_one_more() {
    let (world, lease) = noticed();
    let returned = world.events.iter().find_map(|event| match event {
        Event::Lease(LeaseEvent::NoticeGiven { last, refunded, .. }) => Some((*last, *refunded)),
        _ => None,
    });
    assert_eq!(returned, Some((1, amount(42 * DOLLAR))));
    assert_eq!(ended(&world, lease), Some(LeaseEnd::NoticeGiven));
    assert_eq!(world.state.balance(tenant(), STABLE), amount(PURSE - 12 * DOLLAR));
}

#[test]
fn a_provider_serves_its_notice_too() {
    let (mut world, lease) = begun(probed(), 9);
    world.ok(PROVIDERS[0], Action::GiveNotice { lease });
    assert_eq!(
        (tenure(&world, lease).last, tenure(&world, lease).notice_by),
        (1, Some(PROVIDERS[0]))
    );
    assert_eq!(world.state.held(Place::Escrow(lease), STABLE), amount(12 * DOLLAR));
}

/// Jail for something else: the epoch is judged by what was said of it, and the lease is over.
#[test]
fn a_lease_of_a_provider_in_jail_ends_with_the_epoch_and_the_rest_returns() {
    let parameters = Parameters { challenge_ms: 1_000, lease_grace: 9, ..probed() };
    let (mut world, lease) = begun(parameters, 9);
    world.ok(REQUESTER, Action::RegisterProgram { source: b"good".to_vec().into() });
    world.offer(PROVIDERS[0], 3, 1);
    let run = JobSpec { run_ms: 3_600_000, ..crate::life::spec() };
    let nonce = world.state.next_nonce(REQUESTER);
    let job = job_id(world.state.chain().id, REQUESTER, nonce);
    world.ok(REQUESTER, Action::SubmitJob { spec: run });
    world.block();
    let assignment = world.state.job(job).unwrap().assignment.clone().unwrap();
    assert_eq!(assignment.provider, PROVIDERS[0]);
    // It commits and never reveals.
    let commitment = Hash([9; 32]);
    world.ok(PROVIDERS[0], Action::CommitResult { job, commitment });
    world.draw(job, false);
    speak(&mut world, lease, &[true, true, true]);
    let verdict = judge(&mut world, lease).verdict;
    assert!(matches!(
        world.state.operator(PROVIDERS[0]).unwrap().status,
        OperatorStatus::Jailed(_)
    ));
    assert_eq!(verdict, EpochVerdict::Served);
    assert_eq!(ended(&world, lease), Some(LeaseEnd::ProviderBarred));
    assert_eq!(world.state.balance(tenant(), STABLE), amount(PURSE - 6 * DOLLAR));
}

/// Deposits of orders that nobody takes return by themselves.
pub(crate) fn nobody_came() -> (World, JobId) {
    let mut world = market(probed());
    let lease = request(&mut world, spec(3, 2));
    world.block();
    world.block_after(60_001);
    world.block_after(Parameters::default().retention_ms + 1);
    (world, lease)
}

#[test]
fn class_72_a_lease_nobody_takes_returns_its_deposit_and_is_forgotten() {
    let (world, lease) = nobody_came();
    assert_eq!(world.state.balance(tenant(), STABLE), amount(PURSE));
    assert_eq!(world.state.lease(lease), None);
}

pub(crate) fn cancelled() -> (World, JobId) {
    let mut world = market(probed());
    let lease = request(&mut world, spec(3, 2));
    world.ok(tenant(), Action::CancelLease { lease });
    (world, lease)
}

#[test]
fn a_lease_that_waits_can_be_taken_back() {
    let (world, lease) = cancelled();
    assert_eq!(ended(&world, lease), Some(LeaseEnd::Cancelled));
    assert_eq!(world.state.balance(tenant(), STABLE), amount(PURSE));
}

#[test]
fn who_does_not_ask_for_leases_is_given_none() {
    let mut world = market(probed());
    for provider in PROVIDERS.into_iter().take(3) {
        world.ok(provider, asks(None));
    }
    let lease = request(&mut world, spec(1, 1));
    world.block();
    assert_eq!(world.state.lease(lease).unwrap().status, LeaseStatus::Waiting);
    world.ok(PROVIDERS[1], asks(Some(3)));
    world.block();
    assert_eq!(tenure(&world, lease).provider, PROVIDERS[1]);
}

/// The second unit of the same offer is the first ask left over, so its own ask is the price.
#[test]
fn a_lease_of_one_unit_costs_the_ask_of_the_next_unit() {
    let mut world = market(probed());
    let lease = request(&mut world, spec(1, 1));
    world.block();
    assert_eq!(tenure(&world, lease).price, amount(2 * DOLLAR));
    let offer = world.state.offer(PROVIDERS[0], ClassId::CPU).unwrap();
    assert_eq!((offer.units, offer.busy), (2, 1));
    assert!(world.state.lease_asks(ClassId::CPU).any(|(provider, _)| provider == PROVIDERS[0]));
}

#[test]
fn observers_belong_to_neither_side() {
    let mut world = market(probed());
    let owned = keyed(OBSERVERS[0]);
    world.ok(owned, Action::NominateOwner { operator: owned, owner: tenant() });
    world.ok(tenant(), Action::AcceptOwnership { operator: owned });
    let own = keyed(OBSERVERS[1]);
    world.ok(own, Action::NominateOwner { operator: own, owner: PROVIDERS[0] });
    world.ok(PROVIDERS[0], Action::AcceptOwnership { operator: own });
    let lease = request(&mut world, spec(2, 1));
    world.block();
    let observers = probes(&mut world, lease).into_iter().map(|probe| probe.observer);
    assert_eq!(observers.collect::<Vec<_>>(), [keyed(OBSERVERS[2]); 3]);
}

/// In time at the last instant, late a millisecond after it.
#[test]
fn reports_and_receipts_have_their_last_instants() {
    let late = |extra: u64, receipt: bool| {
        let (mut world, lease) = begun(probed(), 1);
        let probe = probes(&mut world, lease)[0];
        let windows = if receipt { 1_200_000 } else { 600_000 };
        world.block_at(probe.drawn.plus_ms(windows + extra));
        let (sender, action) = if receipt {
            (PROVIDERS[0], answer_receipt(lease, &probe))
        } else {
            (probe.observer, report(lease, &probe, true))
        };
        world.send(sender, action).is_err()
    };
    assert!(!late(0, false) && late(1, false));
    assert!(!late(0, true) && late(1, true));
}

/// The window of the last probe ends with the judgement: what is said in time counts.
#[test]
fn what_is_said_at_the_last_instant_is_judged() {
    let (mut world, lease) = begun(probed(), 1);
    let deadline = world.state.lease(lease).unwrap().deadline;
    world.block_at(deadline);
    assert_eq!(ended(&world, lease), None);
    world.ok(STRANGER, acceptance(lease, 0));
    assert_eq!(judge(&mut world, lease).verdict, EpochVerdict::Accepted);
}

#[test]
fn the_lock_of_a_lease_is_seen_by_everything_that_looks_at_locks() {
    let (world, _) = begun(probed(), 3);
    assert_eq!(world.state.exposure(PROVIDERS[0]).unwrap().owed, amount(12 * DOLLAR));
    let leave = Action::Unbond {
        operator: PROVIDERS[0],
        asset: STABLE,
        amount: amount(BOND - 12 * DOLLAR + 1),
    };
    let refused = world.clone().send(PROVIDERS[0], leave).expect_err("the lock stays");
    assert!(matches!(refused, Rejection::InsufficientBond { .. }), "{refused}");
}

#[test]
fn a_window_longer_than_an_epoch_is_no_set_of_parameters() {
    let text = |parameters: Parameters| parameters.validate().unwrap_err()[0].to_string();
    let long = Parameters { lease_report_ms: 86_400_000, ..Parameters::default() };
    expect![
        "lease_report_ms + lease_rebut_ms is 87000000; it must not pass epoch_ms, which is 86400000"
    ]
    .assert_eq(&text(long));
    let patient = Parameters { lease_failures_max: 14, ..Parameters::default() };
    expect!["epoch_ms * (lease_failures_max + 1) is 1296000000; it must not pass unbonding_ms, which is 1209600000"]
        .assert_eq(&text(patient));
}

fn refused(case: impl FnOnce(&mut World, JobId) -> (AccountId, Action)) -> Rejection {
    let (mut world, lease) = begun(probed(), 2);
    let (sender, action) = case(&mut world, lease);
    world.send(sender, action).expect_err("the action is to be refused")
}

pub(crate) fn rejections() -> Vec<Case> {
    const NONE: JobId = JobId([0; 32]);
    vec![
        ("UnknownLease", || refused(|_, _| (tenant(), Action::CancelLease { lease: NONE }))),
        ("WrongLeaseStage", || refused(|_, lease| (tenant(), Action::CancelLease { lease }))),
        ("NotLeaseParty", || refused(|_, lease| (STRANGER, Action::GiveNotice { lease }))),
        ("NothingToShorten", || refused(|_, lease| (tenant(), Action::GiveNotice { lease }))),
        ("UnknownProbe", || {
            let challenge = Hash([0; 32]);
            refused(|_, lease| (STRANGER, Action::ReportProbe { lease, challenge, answered: true }))
        }),
        ("NotItsObserver", || {
            refused(|world, lease| (STRANGER, report(lease, &probes(world, lease)[0], true)))
        }),
        ("ProbeKnown", || {
            refused(|world, lease| {
                let probe = probes(world, lease)[0];
                world.ok(probe.observer, report(lease, &probe, false));
                (probe.observer, report(lease, &probe, true))
            })
        }),
        ("WrongLeaseEpoch", || refused(|_, lease| (tenant(), acceptance(lease, 1)))),
        ("AcceptedAlready", || {
            refused(|world, lease| {
                world.ok(tenant(), acceptance(lease, 0));
                (tenant(), acceptance(lease, 0))
            })
        }),
        ("BadLeaseReceipt", || {
            refused(|_, lease| {
                let signature = signed(TENANT, acceptance_receipt(lease, 1));
                let receipt = LeaseReceipt::Epoch(0);
                (PROVIDERS[0], Action::ShowReceipt { lease, receipt, signature })
            })
        }),
    ]
}
