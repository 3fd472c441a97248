//! Capacity, uptime and accuracy, side by side.

use protocol::{
    Accuracy, DrawTally, Epoch, EpochUptime, Height, Maintenance, Observation, State, Time,
    uptime_factor,
};

use super::Differences;
use crate::rules::{Counts, Model, Presence};

/// Everything about hardware and results that can be asked of both.
pub(super) fn compare(state: &State, model: &Model, found: &mut Differences) {
    found.same(|| "answers".into(), state.clock().capacity_checks, model.hardware.checks);
    for account in model.operators.keys() {
        let who = |what: &str| format!("{what} of {account:?}");
        let Counts { epoch, passed, failed, counted } = model.operators[account].results;
        let expected = Accuracy { epoch: Epoch(epoch), passed, failed, counted };
        found.same(|| who("record of accuracy"), state.accuracy_record(*account), expected);
        found.same(|| who("accuracy"), state.accuracy(*account), model.accuracy(*account));
        let (rules, expected) = (state.uptime(*account), model.uptime(*account));
        found.same(|| who("uptime"), rules, expected);
        let factor = rules.map(|uptime| uptime_factor(state.parameters(), uptime));
        let expected = expected.map(|uptime| model.uptime_factor(uptime));
        found.same(|| who("factor of uptime"), factor, expected);
        devices(state, model, *account, found);
        match (state.uptime_record(*account), model.hardware.presences.get(account)) {
            (Some(record), Some(presence)) => {
                compare_presence(model, *account, record, presence, found);
            }
            (record, presence) => {
                found.same(|| who("presence"), record.is_some(), presence.is_some());
            }
        }
    }
    rounds(state, model, found);
}

fn devices(state: &State, model: &Model, account: protocol::AccountId, found: &mut Differences) {
    let listed = state.devices(account).map(|(id, device)| {
        let facts = (device.class, device.units, device.registered);
        (id, facts, device.answered, device.passed)
    });
    let expected = model.devices_of(account).into_iter().map(|(id, device)| {
        let facts = (device.class, device.units, Height(device.registered));
        let answered = device.answers.last().map(|(epoch, _)| Epoch(*epoch));
        (id, facts, answered, device.stands())
    });
    found.same(
        || format!("devices of {account:?}"),
        listed.collect::<Vec<_>>(),
        expected.collect(),
    );
    for (id, _) in model.devices_of(account) {
        let listed = state.measurement(account, id);
        let listed = listed.map(|one| (one.epoch, one.observations.clone()));
        let expected = model.hardware.measurements.get(&(account, id)).map(|one| {
            let observed = one.observers.iter();
            let observed = observed.map(|observer| Observation {
                observer: *observer,
                units: one.figure_of(*observer),
            });
            (Epoch(one.epoch), observed.collect())
        });
        found.same(|| format!("measurement of {id:?} of {account:?}"), listed, expected);
    }
}

fn compare_presence(
    model: &Model,
    account: protocol::AccountId,
    record: &protocol::Uptime,
    presence: &Presence,
    found: &mut Differences,
) {
    let who = |what: &str| format!("{what} of {account:?}");
    let devices = model.devices_of(account).len();
    found.same(|| who("count of devices"), u64::from(record.devices), devices as u64);
    let place = model.hardware.row.iter().position(|other| *other == account);
    found.same(|| who("place"), record.place.map(u64::from), place.map(|place| place as u64));
    found.same(|| who("epoch reached"), record.epoch, Epoch(presence.reached));
    let tally = |epoch| {
        let (drawn, answered) = presence.tally(epoch);
        DrawTally { drawn, answered }
    };
    found.same(|| who("tally"), record.tally, tally(presence.reached));
    let history = (presence.remembered..presence.reached).map(|epoch| EpochUptime {
        tally: tally(epoch),
        down: presence.downs.contains(&epoch),
        penalised: presence.penalised.contains(&epoch),
    });
    found.same(|| who("history"), record.history.clone(), history.collect());
    let draw = record.draw.map(|draw| (draw.challenge, draw.drawn.0, draw.answer_by.0));
    let open = presence.open().map(|draw| (draw.challenge, draw.drawn, draw.answer_by));
    found.same(|| who("open draw"), draw, open);
    let times = (record.missing_since, record.answered_at);
    let since = presence.missing_since(presence.reached).map(Time);
    found.same(|| who("misses and answers"), times, (since, presence.answered_at().map(Time)));
    found.same(|| who("credit"), record.credit_ms, presence.credit_ms);
    let declared = presence.maintenance;
    let declared =
        declared.map(|(from, until)| Maintenance { from: Time(from), until: Time(until) });
    found.same(|| who("maintenance"), record.maintenance, declared);
}

fn rounds(state: &State, model: &Model, found: &mut Differences) {
    for class in model.classes.keys() {
        let latest = state.round(*class).map(|round| {
            let times = (round.epoch, round.height, round.opened, round.answer_by, round.before);
            (times, round.seed, round.settled_to, round.settled)
        });
        let rounds = model.hardware.rounds.get(class);
        let expected = rounds.and_then(|rounds| rounds.last()).map(|round| {
            let (opened, answer_by) = (Time(round.opened), Time(round.answer_by));
            let before = Time(model.round_before(*class));
            let times = (Epoch(round.epoch), Height(round.height), opened, answer_by, before);
            (times, round.seed, round.settled_to, round.settled)
        });
        found.same(|| format!("round of {class}"), latest, expected);
        let listed = state.capacities(*class).map(|(operator, one)| {
            (operator, one.epoch, one.proven, one.failures, one.failing_since)
        });
        let claims = model.hardware.claims.iter().filter(|((of, _), _)| of == class);
        let expected = claims.map(|((_, operator), settled)| {
            let epoch = settled.last().map(|one| Epoch(one.epoch));
            let (failures, since) = model.failed_in_a_row(*operator, *class);
            (*operator, epoch, model.proven(*operator, *class), failures, since.map(Time))
        });
        found.same(
            || format!("capacities of {class}"),
            listed.collect::<Vec<_>>(),
            expected.collect(),
        );
    }
}
