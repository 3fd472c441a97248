//! Changes of parameters: by name, within bounds, and in a set without contradictions. The bounds are those that
//! [`Parameters::table`] publishes; the relations are written once more.

use std::collections::BTreeSet;

use protocol::{Amount, ParameterChange, ParameterFault, ParameterInfo, Parameters, Ppm};

use super::collateral::longest_exposure_of_any;

/// Parameters that no vote changes, and why.
const FIXED: [(&str, &str); 5] = [
    ("epoch_ms", "epochs are counted from the start by its length"),
    ("convictions_max", "a tombstone is for good"),
    ("transaction_bytes_max", "ledgers are built for it"),
    ("judge_units_per_block", "ledgers are built for it"),
    ("judge_units_max", "ledgers are built for it"),
];

/// A value as a parameter holds it.
trait Held: Sized {
    fn of(value: u128) -> Option<Self>;
}
impl Held for u32 {
    fn of(value: u128) -> Option<Self> {
        value.try_into().ok()
    }
}
impl Held for u64 {
    fn of(value: u128) -> Option<Self> {
        value.try_into().ok()
    }
}
impl Held for Ppm {
    fn of(value: u128) -> Option<Self> {
        value.try_into().ok().map(Self)
    }
}
impl Held for Amount {
    fn of(value: u128) -> Option<Self> {
        Some(Self::new(value))
    }
}

/// Calls a macro with the names of all parameters.
macro_rules! with_every_parameter {
    ($macro:ident) => {
        $macro! {
            fee_base fee_per_byte fee_per_program_byte transaction_bytes_max expiry_blocks_max program_bytes_max
            evidence_bytes_max native_price native_haircut validator_bond_min provider_bond_min validators_max
            unbonding_ms exits_max units_max price_min ask_max steps_max meter_max memory_max input_bytes_max run_ms_min
            meter_per_ms_max run_ms_max wait_ms_max attempts_max retention_ms margin saving detection audit_rate_floor audit_rate_new
            clean_epochs insured_premium audit_commit_ms reveal_ms audit_reveal_ms audit_fee audit_lock auditors_max
            auditor_tries_max challenge_ms challenge_bond judge_units_per_block judge_units_max answer_ms
            after_answer_ms demand_pages_max demand_bond_per_page input_demands_max late_demands_max provider_share
            audit_share insurance_share missed_lock_share missed_price_share fallback_premium fallbacks_per_block silent_audit_share burn_min bounty_max
            insurance_slash_share jail_ms convictions_max correlation_ms correlated_base epoch_ms timers_per_block
            draws_per_block clearings_per_block candidates_max slack_ms veto_ms
            oracle_slot_ms reporters_max report_quorum report_tolerance report_deviations report_allowance report_fine
            price_rise_max price_window_ms price_stale_ms price_blind_ms breaker_fall breaker_ms exposure_short_ms
            exposure_day_ms exposure_long_ms native_haircut_day native_haircut_long native_haircut_longest band_amber
            margin_call_ms reviews_per_block proposal_deposit proposals_max voting_ms approval spam_share timelock_ms
            classes_max assets_max
            delegation_cap pool_bond_min delegation_min undelegations_max buckets_max commission_step commitment_ms_min
            commitment_ms_max commitment_bonus seat_bond seats_max seats_per_operator
            operator_share_max offered_start unstaked_share promotions_per_block access_min access_penalty
            access_unbonding_ms access_exits_max credit_budget credit_reference credit_decay
            devices_max uptime_draws uptime_draws_per_block uptime_answer_ms uptime_misses_max record_epochs
            downtime_grace downtime_rate downtime_max uptime_floor uptime_full maintenance_earned maintenance_max_ms
            offer_share capacity_answer_bytes_max capacity_checks_per_block capacity_settlements_per_block
            capacity_failures_max misrepresented_rate misrepresented_jail_ms observers accuracy_epochs accuracy_prior
            accuracy_fail_weight accuracy_passes_max
            replicas_min replicas_max replica_pool escalation_ms appeal_ms appeal_bond appeal_bond_min
            lease_epochs_max lease_notice lease_lock lease_penalty lease_grace lease_failures_max lease_probes
            lease_probes_max lease_probes_per_block lease_answers_min lease_report_ms lease_rebut_ms leases_per_block
            supply_cap emission_start emission_decay emission_capacity emission_validation emission_work rebate_max
            rebate_bond sessions double_signing_rate signing_evidence_bytes_max
        }
    };
}
#[cfg(test)]
pub(crate) use with_every_parameter;

macro_rules! setter {
    ($($name:ident)*) => {
        /// Sets what has a name to a value, if it can have it.
        fn set(parameters: &mut Parameters, name: &str, value: u128) -> Option<()> {
            match name {
                $(stringify!($name) => parameters.$name = Held::of(value)?,)*
                _ => return None,
            }
            Some(())
        }
    };
}
with_every_parameter!(setter);

/// The set with these changes, or everything that is wrong with it.
pub(super) fn changed(
    parameters: &Parameters,
    changes: &[ParameterChange],
) -> Result<Parameters, Vec<ParameterFault>> {
    let (mut changed, mut faults, mut seen) = (parameters.clone(), Vec::new(), BTreeSet::new());
    let table = parameters.table();
    for ParameterChange { name, value } in changes {
        if !seen.insert(name) {
            faults.push(ParameterFault::Twice { name: name.clone() });
        }
        let fixed = FIXED.iter().find(|(fixed, _)| fixed == name);
        match (table.iter().find(|info| info.name == name), fixed) {
            (None, _) => faults.push(ParameterFault::Unknown { name: name.clone() }),
            (_, Some((name, why))) => faults.push(ParameterFault::Fixed { name, why }),
            (Some(info), None) if set(&mut changed, name, value.units()).is_none() => {
                faults.push(out_of_bounds(info, *value));
            }
            _ => {}
        }
    }
    if faults.is_empty() {
        faults = contradictions(&changed);
    }
    if faults.is_empty() { Ok(changed) } else { Err(faults) }
}

fn out_of_bounds(info: &ParameterInfo, value: Amount) -> ParameterFault {
    let ParameterInfo { name, unit, minimum, maximum, .. } = *info;
    ParameterFault::OutOfBounds { name, unit, value, minimum, maximum }
}

/// Everything that is wrong with a set: values out of their bounds, shares of more than a whole, wrong orders, and a bond
/// that could leave too early.
fn contradictions(parameters: &Parameters) -> Vec<ParameterFault> {
    let table = parameters.table();
    let outside = table.iter().filter(|one| one.value < one.minimum || one.value > one.maximum);
    let mut faults: Vec<_> = outside.map(|info| out_of_bounds(info, info.value)).collect();
    let price =
        [parameters.provider_share, parameters.audit_share, parameters.insurance_share].map(share);
    let slash = [parameters.burn_min, parameters.bounty_max].map(share);
    let emission =
        [parameters.emission_capacity, parameters.emission_validation, parameters.emission_work]
            .map(share);
    for (parts, sum) in [
        ("provider_share + audit_share + insurance_share", price.iter().sum()),
        ("burn_min + bounty_max", slash.iter().sum()),
        ("emission_capacity + emission_validation + emission_work", emission.iter().sum()),
    ] {
        if sum > 1_000_000 {
            faults.push(ParameterFault::SharesExceedWhole { parts, sum });
        }
    }
    for ((lesser, lesser_value), (greater, greater_value)) in orders(parameters) {
        let [lesser_value, greater_value] = [lesser_value, greater_value].map(at_most_64_bits);
        if lesser_value > greater_value {
            faults.push(ParameterFault::Order { lesser, lesser_value, greater, greater_value });
        }
    }
    let answerable = longest_exposure_of_any(parameters)
        + u128::from(parameters.veto_ms)
        + u128::from(parameters.slack_ms);
    let (unbonding_ms, exposure_ms) = (parameters.unbonding_ms, at_most_64_bits(answerable));
    if unbonding_ms < exposure_ms {
        faults.push(ParameterFault::UnbondingTooShort { unbonding_ms, exposure_ms });
    }
    faults
}

fn share(rate: Ppm) -> u64 {
    rate.0.into()
}

/// What is told of a number that is too large to be true.
fn at_most_64_bits(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

type Named = (&'static str, u128);

/// What must not pass what.
fn orders(parameters: &Parameters) -> Vec<(Named, Named)> {
    let transaction = ("transaction_bytes_max", parameters.transaction_bytes_max.into());
    let rate = |rate: Ppm| u128::from(rate.0);
    let mut orders = vec![
        (
            ("run_ms_min", parameters.run_ms_min.into()),
            ("run_ms_max", parameters.run_ms_max.into()),
        ),
        (
            ("audit_rate_floor", rate(parameters.audit_rate_floor)),
            ("audit_rate_new", rate(parameters.audit_rate_new)),
        ),
        (
            ("judge_units_max", parameters.judge_units_max.into()),
            ("judge_units_per_block", parameters.judge_units_per_block.into()),
        ),
        (("program_bytes_max", parameters.program_bytes_max.into()), transaction),
        (("evidence_bytes_max", parameters.evidence_bytes_max.into()), transaction),
        (
            ("answer_ms", parameters.answer_ms.into()),
            ("retention_ms", parameters.retention_ms.into()),
        ),
        (
            ("what it takes to find a wrong page, in demands,", demands_to_find(parameters)),
            ("late_demands_max + 1", u128::from(parameters.late_demands_max) + 1),
        ),
        (
            (
                "fallback_premium + audit_rate_new x audit_fee x (1 - detection)",
                back_to_friends(parameters),
            ),
            (
                "audit_share + insurance_share",
                rate(parameters.audit_share) + rate(parameters.insurance_share),
            ),
        ),
    ];
    orders.extend(orders_of_access(parameters));
    orders.extend(orders_of_hardware(parameters));
    orders.extend(orders_of_prices(parameters));
    orders.extend(orders_of_pools(parameters));
    orders.push((
        ("replicas_min", parameters.replicas_min.into()),
        ("replicas_max", parameters.replicas_max.into()),
    ));
    orders.extend(orders_of_leases(parameters));
    orders
}

/// What of a price comes back to a requester whose friends do the job in the place of another and audit it, in millionths: no
/// audit is drawn more often than of a new provider, and friends have the weight that nobody counts on.
fn back_to_friends(parameters: &Parameters) -> u128 {
    let friends = 1_000_000_u32.saturating_sub(parameters.detection.0);
    let fees = [parameters.audit_rate_new.0, parameters.audit_fee.0, friends];
    let fees: u128 = fees.into_iter().map(u128::from).product();
    u128::from(parameters.fallback_premium.0) + fees.div_ceil(1_000_000_000_000)
}

/// What prices and bonds at them have to keep to, votes included.
fn orders_of_prices(parameters: &Parameters) -> Vec<(Named, Named)> {
    let rate = |rate: Ppm| u128::from(rate.0);
    let slot = parameters.oracle_slot_ms;
    let stale = ("price_stale_ms", parameters.price_stale_ms.into());
    let mut orders = vec![
        (
            ("unbonding_ms", parameters.unbonding_ms.into()),
            ("timelock_ms", parameters.timelock_ms.into()),
        ),
        (("2 x oracle_slot_ms", u128::from(slot) * 2), stale),
    ];
    if slot > 0 {
        let history = u128::from(parameters.price_window_ms) / 10_000;
        orders.push((("price_window_ms / 10,000", history), ("oracle_slot_ms", slot.into())));
    }
    let short = ("exposure_short_ms", parameters.exposure_short_ms.into());
    let day = ("exposure_day_ms", parameters.exposure_day_ms.into());
    let long = ("exposure_long_ms", parameters.exposure_long_ms.into());
    let haircut = ("native_haircut", rate(parameters.native_haircut));
    let of_a_day = ("native_haircut_day", rate(parameters.native_haircut_day));
    let of_long = ("native_haircut_long", rate(parameters.native_haircut_long));
    let of_longest = ("native_haircut_longest", rate(parameters.native_haircut_longest));
    orders.extend([
        (stale, ("price_blind_ms", parameters.price_blind_ms.into())),
        (haircut, of_a_day),
        (of_a_day, of_long),
        (of_long, of_longest),
        (short, day),
        (day, long),
    ]);
    orders
        .push((("sessions", parameters.sessions.into()), ("epoch_ms", parameters.epoch_ms.into())));
    orders
}

fn orders_of_access(parameters: &Parameters) -> [(Named, Named); 2] {
    [
        (
            ("a job's longest exposure", longest_exposure_of_any(parameters)),
            ("access_unbonding_ms", parameters.access_unbonding_ms.into()),
        ),
        (
            ("access_penalty", parameters.access_penalty.units()),
            ("access_min", parameters.access_min.units()),
        ),
    ]
}

/// Uptime that counts in full is not below what counts for nothing; answers fit into transactions; and no bond leaves while
/// rounds may still fail in a row.
fn orders_of_hardware(parameters: &Parameters) -> [(Named, Named); 3] {
    let rounds = u128::from(parameters.capacity_failures_max) + 1;
    [
        (
            ("uptime_floor", parameters.uptime_floor.0.into()),
            ("uptime_full", parameters.uptime_full.0.into()),
        ),
        (
            ("capacity_answer_bytes_max", parameters.capacity_answer_bytes_max.into()),
            ("transaction_bytes_max", parameters.transaction_bytes_max.into()),
        ),
        (
            ("epoch_ms * (capacity_failures_max + 1)", u128::from(parameters.epoch_ms) * rounds),
            ("unbonding_ms", parameters.unbonding_ms.into()),
        ),
    ]
}

fn orders_of_leases(parameters: &Parameters) -> [(Named, Named); 2] {
    let (report, rebut) = (parameters.lease_report_ms, parameters.lease_rebut_ms);
    let rows = u128::from(parameters.lease_failures_max) + 1;
    [
        (
            ("lease_report_ms + lease_rebut_ms", u128::from(report) + u128::from(rebut)),
            ("epoch_ms", parameters.epoch_ms.into()),
        ),
        (
            ("epoch_ms * (lease_failures_max + 1)", u128::from(parameters.epoch_ms) * rows),
            ("unbonding_ms", parameters.unbonding_ms.into()),
        ),
    ]
}

fn orders_of_pools(parameters: &Parameters) -> [(Named, Named); 3] {
    let epochs = parameters.unbonding_ms.div_ceil(parameters.epoch_ms.max(1));
    [
        (
            ("commitment_ms_min", parameters.commitment_ms_min.into()),
            ("commitment_ms_max", parameters.commitment_ms_max.into()),
        ),
        (
            ("unbonding_ms / epoch_ms", epochs.into()),
            ("buckets_max", parameters.buckets_max.into()),
        ),
        (
            ("seats_per_operator", parameters.seats_per_operator.into()),
            ("seats_max", parameters.seats_max.into()),
        ),
    ]
}

/// Demands that find the first page in which two results of the largest size differ: each decides two levels of the tree
/// over its pages, the last takes all pages that are left.
fn demands_to_find(parameters: &Parameters) -> u128 {
    let trace = (u128::from(parameters.steps_max) + 1) * 32;
    let largest = at_most_64_bits(trace).max(parameters.memory_max);
    let pages = u128::from(largest).div_ceil(4_096);
    let levels = (0_u32..).find(|levels| 1 << levels >= pages).expect("a page for each byte");
    let at_once =
        (0_u32..).take_while(|levels| 1_u64 << levels <= parameters.demand_pages_max.max(1).into());
    let at_once = u32::try_from(at_once.count()).expect("it is small") - 1;
    u128::from(levels.saturating_sub(at_once).div_ceil(2)) + 1
}
