//! The auditor's eye: two states side by side, everything that can be asked of both.

mod capacity;
mod collateral;
mod governance;
mod leases;
mod pools;
mod price;
mod replicated;
mod rewards;

use std::collections::BTreeMap;
use std::fmt::Debug;

use protocol::{
    AccountId, Amount, AssetId, Height, Holdings, Job as Record, JobId, Nonce, Operator as Listed,
    Place, PlaceKind, State, Time,
};

use crate::operation::{PEOPLE, account};
use crate::rules::{Attempt, Audit, Job, Model, Operator};

/// Where two answers to one question differ.
#[derive(Default)]
pub(crate) struct Differences(Vec<String>);

impl Differences {
    fn same<T: PartialEq + Debug>(&mut self, what: impl FnOnce() -> String, rules: T, model: T) {
        if rules != model {
            self.0.push(format!("{}: the rules say {rules:?}, the model {model:?}", what()));
        }
    }
}

/// Every difference between the state of the rules and the model.
pub(crate) fn differences(state: &State, model: &Model) -> Vec<String> {
    let mut found = Differences::default();
    clock(state, model, &mut found);
    money(state, model, &mut found);
    operators(state, model, &mut found);
    jobs(state, model, &mut found);
    demands(state, model, &mut found);
    access(state, model, &mut found);
    capacity::compare(state, model, &mut found);
    price::compare(state, model, &mut found);
    collateral::compare(state, model, &mut found);
    governance::compare(state, model, &mut found);
    pools::compare(state, model, &mut found);
    replicated::compare(state, model, &mut found);
    leases::compare(state, model, &mut found);
    rewards::compare(state, model, &mut found);
    found.0
}

fn clock(state: &State, model: &Model, found: &mut Differences) {
    let clock = state.clock();
    found.same(|| "height".into(), clock.height, Height(model.height));
    found.same(|| "time".into(), clock.now, Time(model.now));
    found.same(|| "epoch".into(), clock.epoch.0, model.epoch());
    found.same(|| "numbers given out".into(), clock.sequence, model.numbers);
    found.same(|| "units judged".into(), clock.judged_units, model.judgements.iter().sum());
    found.same(|| "offending stake".into(), clock.offending.units(), model.offending());
}

/// Every place of the model holds as much in the rules, and the sums by kind leave no room for any other place.
fn money(state: &State, model: &Model, found: &mut Differences) {
    let mut sums: BTreeMap<(PlaceKind, AssetId), u128> = BTreeMap::new();
    for (place, asset, units) in model.books.iter() {
        let held = match place {
            Place::Unissued => {
                let minted = state.asset(asset).map_or(Amount::ZERO, |asset| asset.minted);
                Amount::SUPPLY_MAX.saturating_sub(minted)
            }
            _ => state.held(place, asset),
        };
        found.same(|| format!("{place:?} of {asset}"), held.units(), units);
        if let Some(kind) = place.kind() {
            *sums.entry((kind, asset)).or_default() += units;
        }
    }
    for asset in model.assets.keys() {
        for kind in PlaceKind::ALL {
            let sum = sums.get(&(kind, *asset)).copied().unwrap_or(0);
            found.same(|| format!("{kind:?} of {asset}"), state.total(kind, *asset).units(), sum);
        }
    }
    for (account, nonce) in &model.nonces {
        found.same(|| format!("nonce of {account:?}"), state.next_nonce(*account), Nonce(*nonce));
    }
}

fn operators(state: &State, model: &Model, found: &mut Differences) {
    found.same(|| "operators".into(), state.operators().count(), model.operators.len());
    for listed in state.operators() {
        match model.operators.get(&listed.account) {
            Some(operator) => compare_operator(state, model, listed, operator, found),
            None => found.0.push(format!("the model has no operator {:?}", listed.account)),
        }
    }
    for class in model.classes.keys() {
        let asks = state.asks(*class).map(|(account, ask)| (ask.units(), account));
        found.same(|| format!("asks of {class}"), asks.collect(), model.standing(*class));
    }
    let weights = state.validators().map(|(account, weight)| (account, weight.units()));
    let seated = model.seated.iter().map(|(account, weight)| (*account, *weight));
    found.same(|| "validators".into(), weights.collect::<Vec<_>>(), seated.collect());
}

fn compare_operator(
    state: &State,
    model: &Model,
    listed: &Listed,
    operator: &Operator,
    found: &mut Differences,
) {
    let account = listed.account;
    let who = |what: &str| format!("{what} of {account:?}");
    let owners = (listed.owner, listed.nominee, listed.duties, listed.registered);
    let expected = (operator.owner, operator.nominee, operator.duties, Time(operator.registered));
    found.same(|| who("owner, nominee, duties, registration"), owners, expected);
    found.same(|| who("status"), listed.status, model.status(operator));
    found.same(|| who("reliability"), listed.reliability, operator.reliability());
    let offence = listed.offence.map(|one| (one.until.0, one.timer, one.stake.units()));
    let expected = operator.offence.map(|one| (one.until, one.number, one.stake));
    found.same(|| who("offence"), offence, expected);
    for asset in model.assets.keys() {
        let bonded = listed.bonded.of(*asset).units();
        found.same(|| who("bond"), bonded, model.bonded(account, *asset));
    }
    let offers = state.offers(account);
    let offers = offers.map(|(class, offer)| (class, offer.units, offer.busy, offer.ask.units()));
    found.same(|| who("offers"), offers.collect(), model.offers(account));
    let exits = state.exits(account);
    let exits = exits.map(|(n, exit)| (n, exit.asset, exit.began.0, exit.release.0));
    let expected = model.exits_of(account).into_iter();
    let expected = expected.map(|(n, exit)| (n, exit.asset, exit.began, exit.release));
    found.same(|| who("exits"), exits.collect::<Vec<_>>(), expected.collect());
    found.same(|| who("open exits"), u64::from(listed.exits), state.exits(account).count() as u64);
}

fn jobs(state: &State, model: &Model, found: &mut Differences) {
    found.same(|| "jobs".into(), state.jobs().count(), model.jobs.len());
    for record in state.jobs() {
        match model.jobs.get(&record.id) {
            Some(job) => {
                let what = || format!("whether job {:?} is offered", record.id);
                found.same(what, state.is_offered(record), model.is_offered(record.id));
                compare_job(record, job, found);
            }
            None => found.0.push(format!("the model has no job {:?}", record.id)),
        }
    }
    found.same(|| "programs".into(), state.programs().count(), model.programs.len());
    for listed in state.programs() {
        let program = model.programs.get(&listed.id);
        let kept = program.map(|one| (one.author, one.memory_max, Time(one.registered)));
        let expected = Some((listed.author, listed.memory_max, listed.registered));
        found.same(|| format!("program {:?}", listed.id), expected, kept);
    }
}

fn compare_job(record: &Record, job: &Job, found: &mut Differences) {
    let id = record.id;
    let of = |what: &str| format!("{what} of job {id:?}");
    found.same(|| of("requester"), record.requester, job.requester);
    found.same(|| of("specification"), &record.spec, &job.spec);
    found.same(|| of("status"), record.status, job.status);
    let deadline = record.deadline.map(|at| at.0).zip(record.timer);
    found.same(|| of("deadline"), deadline, job.deadline);
    found.same(|| of("place"), record.queued, job.place);
    let times = (record.submitted, record.window_end, record.ended);
    let expected = (Time(job.submitted), job.window_end.map(Time), job.ended.map(Time));
    found.same(|| of("submission, window and end"), times, expected);
    found.same(|| of("attempts"), record.attempts, job.begun());
    let failed = record.failed.iter().copied();
    if !failed.clone().eq(job.failed()) {
        found.same(|| of("failures"), failed.collect::<Vec<_>>(), job.failed().collect());
    }
    match (&record.assignment, job.attempt()) {
        (Some(assignment), Some(attempt)) => compare_attempt(id, assignment, attempt, found),
        (assignment, attempt) => {
            found.same(|| of("attempt"), assignment.is_some(), attempt.is_some());
        }
    }
}

fn compare_attempt(
    id: JobId,
    assignment: &protocol::Assignment,
    attempt: &Attempt,
    found: &mut Differences,
) {
    let of = |what: &str| format!("{what} of job {id:?}");
    let terms = (assignment.provider, assignment.ask.units(), assignment.assigned.0);
    found.same(|| of("provider"), terms, (attempt.provider, attempt.ask, attempt.assigned));
    found.same(|| of("pricing"), assignment.pricing, attempt.pricing);
    found.same(|| of("quote"), &assignment.quote, &attempt.quote);
    compare_locked(id, &assignment.locked, attempt, found);
    let committed = assignment.commitment.zip(assignment.committed);
    let committed = committed.map(|(hash, (height, time))| (hash, height.0, time.0));
    found.same(|| of("commitment"), committed, attempt.committed);
    let revealed = assignment.claim.zip(assignment.revealed.map(|at| at.0));
    found.same(|| of("revealed claim"), revealed, attempt.revealed);
    let demands = attempt.demands_by(attempt.provider);
    found.same(|| of("provider's demands"), assignment.input_demands, demands);
    let silent = attempt.audits.iter().filter(|audit| audit.gone).map(|audit| audit.auditor);
    let silent: Vec<AccountId> = silent.collect();
    found.same(|| of("silent auditors"), &assignment.silent_auditors, &silent);
    let audits = (&assignment.audit, attempt.audit());
    match audits {
        (Some(record), Some(audit)) => compare_audit(id, record, attempt, audit, found),
        (record, audit) => found.same(|| of("audit"), record.is_some(), audit.is_some()),
    }
}

/// Stakes are places of the books; what else belongs to access is asked of everybody.
fn access(state: &State, model: &Model, found: &mut Differences) {
    for account in (0..PEOPLE).map(account) {
        let who = |what: &str| format!("{what} of {account:?}");
        let credit = state.access_credit(account).units();
        found.same(|| who("credit"), credit, model.credit(account));
        let exits = state.access_exits(account);
        let exits = exits.map(|(number, exit, _)| (number, exit.began.0, exit.release.0));
        let expected = model.access_exits_of(account).into_iter();
        let expected = expected.map(|(number, exit)| (number, exit.began, exit.release));
        found.same(|| who("access exits"), exits.collect::<Vec<_>>(), expected.collect());
        let counted = u64::from(state.access(account).exits);
        found.same(
            || who("open access exits"),
            counted,
            state.access_exits(account).count() as u64,
        );
    }
}

fn compare_locked(id: JobId, locked: &Holdings, attempt: &Attempt, found: &mut Differences) {
    let rules: Vec<_> = locked.iter().map(|(asset, amount)| (asset, amount.units())).collect();
    let model = attempt.locked.iter().map(|(asset, units)| (*asset, *units));
    found.same(|| format!("lock of job {id:?}"), rules, model.collect());
}

fn compare_audit(
    id: JobId,
    record: &protocol::Audit,
    attempt: &Attempt,
    audit: &Audit,
    found: &mut Differences,
) {
    let of = |what: &str| format!("{what} of the audit of job {id:?}");
    let drawn = (record.auditor, record.drawn.0, record.fee.units(), record.lock.units());
    found.same(|| of("terms"), drawn, (audit.auditor, audit.drawn, audit.fee, audit.lock));
    found.same(|| of("commitment"), record.commitment, audit.commitment);
    found.same(|| of("claim"), record.claim, audit.claim);
    found.same(|| of("finding"), record.finding, audit.finding);
    let demands = attempt.demands_by(audit.auditor);
    found.same(|| of("demands"), record.input_demands, demands);
}

fn demands(state: &State, model: &Model, found: &mut Differences) {
    let counted: usize = state.jobs().map(|job| state.demands(job.id).count()).sum();
    let alive = model.demands.keys().filter(|(job, _)| model.jobs.contains_key(job)).count();
    found.same(|| "demands".into(), counted, alive);
    for ((job, demander), expected) in &model.demands {
        let Some(demand) = state.demand(*job, *demander) else {
            found.0.push(format!("the rules have no demand of {demander:?} for job {job:?}"));
            continue;
        };
        let what = || format!("demand of {demander:?} for job {job:?}");
        let facts = (demand.data, demand.content, demand.attempt, demand.first_page);
        let first = expected.first;
        let facts_expected = (expected.data, expected.content, expected.attempt, first);
        found.same(what, facts, facts_expected);
        found.same(what, (demand.deadline.0, demand.timer), (expected.deadline, expected.number));
        let pages = first..first + u64::from(expected.pages);
        let owed = pages.map(|page| expected.owes(page));
        found.same(what, demand.owed.clone(), owed.collect());
        found.same(what, demand.answered, expected.answered_at().map(Time));
        let answers = expected.answers().into_iter().map(Height);
        found.same(what, demand.answers.clone(), answers.collect());
        let window_end = model.jobs.get(job).filter(|job| job.begun() == expected.attempt);
        let window_end = window_end.and_then(|job| job.window_end);
        if window_end.is_some() {
            found.same(what, demand.late, expected.late(window_end));
        }
    }
}
