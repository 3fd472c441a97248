//! Measured transfers: drawn validators report, the median stands, a signed receipt beats a low report.

use ed25519_consensus::SigningKey;
use protocol::*;

use crate::devices::*;
use crate::rejections::Case;
use crate::world::*;

fn key(number: u8) -> SigningKey {
    SigningKey::from([number; 32])
}

fn observer(number: u8) -> AccountId {
    AccountId(key(number).verification_key().to_bytes())
}

const OBSERVERS: [u8; 3] = [101, 102, 103];

/// The worker with a line of ten units, three validators with real keys, and the round open.
pub(crate) fn ready() -> World {
    let parameters = Parameters { observers: 3, ..unwatched() };
    let mut genesis = Genesis { classes: Class::seed(), ..genesis(parameters) };
    for number in OBSERVERS {
        let account = observer(number);
        let purse = [NATIVE, STABLE];
        let purse = purse.map(|asset| GenesisBalance { account, asset, amount: amount(PURSE) });
        genesis.balances.extend(purse);
    }
    let mut world = World::of(&genesis);
    world.checked = false;
    for number in OBSERVERS {
        let operator = observer(number);
        let duties = Duties { provider: false, validator: true };
        world.ok(operator, Action::RegisterOperator { duties });
        world.ok(operator, Action::Bond { operator, asset: STABLE, amount: amount(BOND) });
    }
    // The worker is a validator too: it would be drawn if anybody could measure himself.
    let duties = Duties { provider: true, validator: true };
    world.ok(WORKER, Action::RegisterOperator { duties });
    world.ok(WORKER, Action::Bond { operator: WORKER, asset: STABLE, amount: amount(BOND) });
    world.register(WORKER, 1, ClassId::BANDWIDTH, 10);
    world.checked = true;
    world.block();
    open(&mut world);
    world
}

/// This epoch's round of the class, by waiting for the last moment it may begin.
fn open(world: &mut World) {
    let mut epoch = world.state.clock().epoch.0;
    if world.state.round(ClassId::BANDWIDTH).is_some_and(|round| round.epoch.0 == epoch) {
        epoch += 1;
    }
    world.block_at(Time(world.epoch_start(epoch + 1).0 - 20 * 60_000));
    assert!(!world.state.round(ClassId::BANDWIDTH).unwrap().settled);
}

const READY: fn() -> Action =
    || Action::AnswerCapacity { device: device(1), answer: Vec::new().into() };

/// The operator is ready, in a block whose beacon finds enough observers.
fn measured(world: &mut World) {
    for _ in 0..20 {
        if world.send(WORKER, READY()).is_ok() {
            return;
        }
        world.block();
    }
    panic!("enough observers are found sooner or later");
}

fn observers(world: &World) -> Vec<AccountId> {
    let measurement = world.state.measurement(WORKER, device(1)).unwrap();
    measurement.observations.iter().map(|one| one.observer).collect()
}

pub(crate) fn report(units: u32) -> Action {
    Action::ReportTransfer { operator: WORKER, device: device(1), units }
}

fn rebut(world: &World, observer: AccountId, units: u32) -> Action {
    let number = OBSERVERS.into_iter().find(|number| self::observer(*number) == observer).unwrap();
    let seed = world.state.round(ClassId::BANDWIDTH).unwrap().seed;
    let signed = receipt(device_challenge(seed, WORKER, device(1)), observer, units);
    let signature = key(number).sign(signed.as_bytes()).to_bytes().to_vec().into();
    Action::RebutTransfer { device: device(1), observer, units, signature }
}

/// All reports, then the end of the round: what is proven.
fn proven(reports: &[u32]) -> (u32, u32) {
    let mut world = ready();
    measured(&mut world);
    for (observer, units) in observers(&world).into_iter().zip(reports) {
        world.ok(observer, report(*units));
    }
    world.settle_round(ClassId::BANDWIDTH);
    let capacity = world.state.capacity(WORKER, ClassId::BANDWIDTH);
    assert_eq!(world.state.measurement(WORKER, device(1)), None);
    (capacity.proven, capacity.failures)
}

#[test]
fn the_median_of_the_reports_decides() {
    assert_eq!(proven(&[10, 10]), (10, 0));
    assert_eq!(proven(&[9, 10]), (0, 1), "the lower of two");
    assert_eq!(proven(&[10]), (0, 0), "one of three is not enough to say anything");
}

#[test]
fn nobody_is_drawn_to_measure_himself_and_everybody_once() {
    let mut world = ready();
    measured(&mut world);
    let observers = observers(&world);
    assert!(observers.len() >= 2 && observers.len() <= 3);
    for observer in &observers {
        assert!(OBSERVERS.iter().any(|number| self::observer(*number) == *observer));
        assert_eq!(observers.iter().filter(|other| *other == observer).count(), 1);
    }
}

pub(crate) fn rebutted() -> World {
    let mut world = ready();
    measured(&mut world);
    let observers = observers(&world);
    observers.iter().for_each(|observer| drop(world.ok(*observer, report(0))));
    let rebuttals: Vec<Action> =
        observers.iter().map(|observer| rebut(&world, *observer, 10)).collect();
    rebuttals.into_iter().for_each(|rebuttal| drop(world.ok(WORKER, rebuttal)));
    world
}

/// A whole committee that lies costs a transaction each, and its accuracy.
#[test]
fn receipts_beat_lies() {
    let mut world = rebutted();
    let observers = observers(&world);
    assert!(observers.iter().all(|observer| world.state.accuracy(*observer) == Ppm(250_000)));
    world.settle_round(ClassId::BANDWIDTH);
    assert_eq!(world.state.capacity(WORKER, ClassId::BANDWIDTH).proven, 10);
}

/// A receipt also stands in for a report that never came, at no cost to the observer.
#[test]
fn a_receipt_stands_in_for_a_missing_report() {
    let mut world = ready();
    measured(&mut world);
    let observers = observers(&world);
    for observer in &observers {
        let rebuttal = rebut(&world, *observer, 10);
        world.ok(WORKER, rebuttal);
        assert_eq!(world.state.accuracy(*observer), Ppm(500_000));
    }
    world.settle_round(ClassId::BANDWIDTH);
    assert_eq!(world.state.capacity(WORKER, ClassId::BANDWIDTH).proven, 10);
}

#[test]
fn a_receipt_counts_for_its_round_device_observer_and_units_only() {
    let mut world = ready();
    measured(&mut world);
    let observer = observers(&world)[0];
    let Action::RebutTransfer { signature, .. } = rebut(&world, observer, 10) else { panic!() };
    let forged = |units, signature: Bytes| Action::RebutTransfer {
        device: device(1),
        observer,
        units,
        signature,
    };
    for action in [
        forged(11, signature.clone()),
        forged(10, vec![0; 64].into()),
        forged(10, Vec::new().into()),
    ] {
        assert_eq!(world.send(WORKER, action), Err(Rejection::BadReceipt));
    }
    world.ok(WORKER, forged(10, signature));
}

/// What was proven stands while nobody can say anything new.
#[test]
fn without_reports_the_last_finding_stands() {
    let mut world = ready();
    measured(&mut world);
    observers(&world).into_iter().for_each(|observer| drop(world.ok(observer, report(10))));
    world.settle_round(ClassId::BANDWIDTH);
    open(&mut world);
    measured(&mut world);
    world.settle_round(ClassId::BANDWIDTH);
    let capacity = world.state.capacity(WORKER, ClassId::BANDWIDTH);
    assert_eq!((capacity.proven, capacity.failures), (10, 0));
}

#[test]
fn reports_end_at_half_time_and_receipts_at_the_end() {
    let round = |world: &World| *world.state.round(ClassId::BANDWIDTH).unwrap();
    for (offset, expected) in [(-1_i64, true), (0, true), (1, false)] {
        let around = |time: Time| Time(time.0.checked_add_signed(offset).unwrap());
        let mut world = ready();
        measured(&mut world);
        let observer = observers(&world)[0];
        let mut later = world.clone();
        world.block_at(around(round(&world).report_by()));
        assert_eq!(world.send(observer, report(10)).is_ok(), expected, "report {offset}");
        let rebuttal = rebut(&later, observer, 10);
        later.block_at(around(round(&later).answer_by));
        assert_eq!(later.send(WORKER, rebuttal).is_ok(), expected, "receipt {offset}");
    }
}

/// Every reason to refuse what belongs to a measurement.
pub(crate) fn refusals() -> Vec<Case> {
    vec![
        ("TooFewObservers", || {
            let mut world = World::proving(Parameters { observers: 11, ..unwatched() });
            world.register(WORKER, 1, ClassId::BANDWIDTH, 10);
            world.block();
            open(&mut world);
            world.send(WORKER, READY()).unwrap_err()
        }),
        ("NotObserver", || {
            let mut world = ready();
            measured(&mut world);
            world.send(STRANGER, report(10)).unwrap_err()
        }),
        ("AlreadyReported", || {
            let mut world = ready();
            measured(&mut world);
            let observer = observers(&world)[0];
            world.ok(observer, report(0));
            world.send(observer, report(10)).unwrap_err()
        }),
        ("NoMeasurement", || ready().send(observer(101), report(10)).unwrap_err()),
        ("BadReceipt", || {
            let mut world = ready();
            measured(&mut world);
            let (observer, signature) = (observers(&world)[0], vec![0; 64].into());
            let rebuttal =
                Action::RebutTransfer { device: device(1), observer, units: 10, signature };
            world.send(WORKER, rebuttal).unwrap_err()
        }),
    ]
}
