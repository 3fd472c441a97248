//! Canaries: a model that believes one wrong number must be contradicted, whichever number it is. So every limit, rate and
//! window of the rules is felt to the last unit by some operation of the workload, and the comparison sees it.

use protocol::{Amount, Parameters, Ppm};

use crate::chance::Chance;
use crate::history::{Broken, drive, minimise};
use crate::run::{Run, Strides};

/// Histories tried before a wrong belief counts as unnoticed.
const HISTORIES_MAX: u64 = 1_500;

/// Operations of each.
const OPERATIONS: usize = 600;

/// Parameters that no rule reads: they only bound others when a set is validated.
const UNREAD: [&str; 2] = ["slack_ms", "veto_ms"];

/// One off: a unit of a count, a tenth of a percent of a rate.
trait OneOff {
    fn one_off(&mut self);
}
impl OneOff for u32 {
    fn one_off(&mut self) {
        *self += 1;
    }
}
impl OneOff for u64 {
    fn one_off(&mut self) {
        *self += 1;
    }
}
impl OneOff for Amount {
    fn one_off(&mut self) {
        *self = self.plus(Self::new(1));
    }
}
impl OneOff for Ppm {
    /// Never above the whole, where the rule has no meaning.
    fn one_off(&mut self) {
        self.0 = if self.0 >= 1_000 { self.0 - 1_000 } else { self.0 + 1_000 };
    }
}

/// A wrong belief with the name of what it is about.
type Belief = (&'static str, fn(&mut Parameters));

macro_rules! beliefs {
    ($($name:ident)*) => { [$((stringify!($name), |parameters| parameters.$name.one_off()),)*] };
}

const BELIEFS: &[Belief] = &beliefs! {
    fee_base fee_per_byte fee_per_program_byte transaction_bytes_max expiry_blocks_max program_bytes_max
    evidence_bytes_max native_price native_haircut validator_bond_min provider_bond_min validators_max
    unbonding_ms exits_max units_max price_min ask_max steps_max meter_max memory_max input_bytes_max run_ms_min
    run_ms_max wait_ms_max attempts_max retention_ms margin saving detection audit_rate_floor audit_rate_new
    clean_epochs insured_premium audit_commit_ms reveal_ms audit_reveal_ms audit_fee audit_lock auditors_max
    auditor_tries_max challenge_ms challenge_bond judge_units_per_block judge_units_max answer_ms
    after_answer_ms demand_pages_max demand_bond_per_page input_demands_max late_demands_max provider_share audit_share
    insurance_share missed_lock_share missed_price_share silent_audit_share burn_min bounty_max
    insurance_slash_share jail_ms convictions_max correlation_ms correlated_base epoch_ms timers_per_block
    draws_per_block clearings_per_block candidates_max
    operator_share_max offered_start unstaked_share promotions_per_block access_min access_penalty access_unbonding_ms
    access_exits_max credit_budget credit_reference credit_decay
    devices_max uptime_draws uptime_draws_per_block uptime_answer_ms uptime_misses_max record_epochs downtime_grace
    downtime_rate downtime_max uptime_floor uptime_full maintenance_earned maintenance_max_ms offer_share
    capacity_answer_bytes_max capacity_checks_per_block capacity_settlements_per_block capacity_failures_max
    misrepresented_rate misrepresented_jail_ms observers accuracy_epochs accuracy_prior accuracy_fail_weight
    accuracy_passes_max
    supply_cap emission_start emission_decay emission_capacity emission_validation emission_work rebate_max rebate_bond
    sessions double_signing_rate signing_evidence_bytes_max
};

/// The world of a seed under a wrong belief.
fn deluded(seed: u64, strides: Strides, belief: fn(&mut Parameters)) -> Run {
    let mut run = Run::new(seed, strides);
    belief(&mut run.model.parameters);
    run
}

/// The first history that contradicts a belief, with its seed.
fn contradiction(belief: fn(&mut Parameters)) -> Option<(u64, Box<Broken>)> {
    (1..=HISTORIES_MAX).find_map(|seed| {
        let run = deluded(seed, Strides::WIDE, belief);
        Some((seed, drive(Chance::Seed(seed), OPERATIONS, run).err()?))
    })
}

#[test]
fn every_wrong_number_is_contradicted() {
    let unnoticed = BELIEFS.iter().filter(|(_, belief)| contradiction(*belief).is_none());
    let unnoticed: Vec<&str> = unnoticed.map(|(name, _)| *name).collect();
    assert!(unnoticed.is_empty(), "nobody noticed: {unnoticed:?}");
}

#[test]
fn every_parameter_has_its_canary() {
    let table = Parameters::default().table();
    let listed = |name: &str| BELIEFS.iter().any(|(belief, _)| *belief == name);
    let missing: Vec<&str> = table
        .iter()
        .map(|info| info.name)
        .filter(|name| !listed(name) && !UNREAD.contains(name))
        .collect();
    assert!(missing.is_empty(), "no canary believes wrong {missing:?}");
}

/// What is told of a disagreement is short, and can be pasted as a test.
#[test]
fn a_disagreement_is_told_as_a_short_test() {
    let belief: fn(&mut Parameters) = |parameters| parameters.ask_max.one_off();
    let (seed, broken) = contradiction(belief).expect("the belief is wrong");
    let failure = minimise(seed, *broken, &|strides| deluded(seed, strides, belief));
    assert!(failure.smallest.len() <= 5, "{failure}");
    let text = failure.to_string();
    let lines = ["#[test]", "SetOffer {", "protocol_model::replay("];
    assert!(lines.iter().all(|line| text.contains(line)), "{text}");
    assert!(failure.smallest_what.contains("OutOfBounds"), "{text}");
}
