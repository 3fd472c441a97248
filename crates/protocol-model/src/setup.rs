//! What a history starts from: its parameters are drawn from its seed, so that windows, budgets and rates of every size
//! meet every sequence of operations.

use protocol::{
    Amount, AssetDefinition, AssetId, CapacityChallenge, Class, ClassId, Genesis, GenesisBalance,
    GenesisPot, JobLimits, NATIVE, Parameters, Pot, Ppm, STABLE, Time,
};

use crate::chance::Chance;
use crate::operation::{PEOPLE, account};

/// A dollar in stable base units.
pub(crate) const DOLLAR: u128 = 1_000_000;
/// A whole native token in base units.
pub(crate) const NATIVE_TOKEN: u128 = 1_000_000_000;
/// An asset that is neither bond nor money.
pub(crate) const TOKEN: AssetId = AssetId(2);
/// Who issues the stable asset and the third.
pub(crate) const ISSUER: u8 = 0;
/// The class of small jobs.
pub(crate) const EDGE: u16 = ClassId::EDGE.0;
/// Its largest jobs.
pub(crate) const EDGE_LIMITS: JobLimits = JobLimits {
    meter_max: 9_000_000_000,
    memory_max: 1 << 19,
    price_max: Amount::new(20 * DOLLAR),
};
/// The class that asks for next to no bond.
pub(crate) const CHEAP: u16 = ClassId::STORAGE.0;
/// Who has next to nothing.
pub(crate) const POOR: u8 = 11;

/// What it has of the native asset, and everybody else.
const POOR_PURSE: u128 = 40_000;
const PURSE: u128 = 10_000_000_000_000;

/// An access stake of the middling size, in native base units.
pub(crate) const WEIGHT: u128 = 1_000_000_000;

/// The genesis that a seed starts from.
pub(crate) fn genesis(seed: u64) -> Genesis {
    let mut chance = Chance::Seed(seed ^ 0x5eed);
    let mut balances = Vec::new();
    for person in 0..PEOPLE {
        let poor = person == POOR;
        let purses = [
            (NATIVE, if poor { POOR_PURSE } else { PURSE }),
            (STABLE, if poor { 3 * DOLLAR } else { 1_000_000 * DOLLAR }),
            (TOKEN, 1_000),
        ];
        balances.extend(purses.map(|(asset, units)| GenesisBalance {
            account: account(person),
            asset,
            amount: Amount::new(units),
        }));
    }
    let mut assets = AssetDefinition::seed(Some(account(ISSUER)));
    let issuer = Some(account(ISSUER));
    assets.push(AssetDefinition { id: TOKEN, symbol: "THIRD".into(), decimals: 0, issuer });
    let pot = Amount::new(chance.pick(&[1, 20, 10_000]) * DOLLAR);
    let start = Time(chance.pick(&[0, 1_000]));
    let parameters = parameters(&mut chance);
    Genesis {
        chain_name: "model".into(),
        start,
        classes: classes(parameters.epoch_ms, &mut chance),
        parameters,
        assets,
        balances,
        pots: vec![GenesisPot { pot: Pot::Audit, asset: STABLE, amount: pot }],
    }
}

/// Classes with and without a challenge; those which most jobs are of mostly without.
fn classes(epoch_ms: u64, chance: &mut Chance<'_>) -> Vec<Class> {
    let mut classes = Class::seed();
    for class in &mut classes {
        let rarely = [ClassId::CPU.0, CHEAP].contains(&class.id.0);
        if class.id.0 == CHEAP {
            class.bond_per_unit = Amount::new(5 * DOLLAR);
        }
        let proven = chance.one_in(5) == rarely;
        let answer_ms = chance.pick(&[epoch_ms / 4, epoch_ms / 2, epoch_ms]);
        let challenge = class.challenge.filter(|_| proven);
        class.challenge = challenge.map(|challenge| CapacityChallenge { answer_ms, ..challenge });
        class.job_limits = class.job_limits.map(|_| EDGE_LIMITS);
    }
    classes
}

/// Parameters of every size, in which everything happens within a few hundred operations.
fn parameters(chance: &mut Chance<'_>) -> Parameters {
    let mut parameters = Parameters::default();
    money(&mut parameters, chance);
    times(&mut parameters, chance);
    counts(&mut parameters, chance);
    rates(&mut parameters, chance);
    capacity(&mut parameters, chance);
    market(&mut parameters, chance);
    pools(&mut parameters, chance);
    replicated(&mut parameters, chance);
    leases(&mut parameters, chance);
    let exposure = parameters.exposure_ms_max() + parameters.veto_ms + parameters.slack_ms;
    let failures = parameters.capacity_failures_max.max(parameters.lease_failures_max);
    let failing = parameters.epoch_ms * (u64::from(failures) + 1);
    parameters.unbonding_ms = exposure.max(failing) + chance.pick(&[0, 1, 1_000]);
    parameters.access_unbonding_ms = parameters.exposure_ms_max() + chance.pick(&[0, 1, 400]);
    price(&mut parameters, chance);
    collateral(&mut parameters, chance);
    governance(&mut parameters, chance);
    rewards(&mut parameters, chance);
    parameters
}

/// With the cap below, just above and far above what genesis gives out.
fn rewards(parameters: &mut Parameters, chance: &mut Chance<'_>) {
    let minted = u128::from(PEOPLE - 1) * PURSE + POOR_PURSE;
    let room = chance.pick(&[1_000, 3_001, 1_000_000, 1_000 * WEIGHT, 1_000_000 * WEIGHT]);
    parameters.supply_cap = Amount::new(if chance.one_in(12) { 1 } else { minted + room });
    let start = chance.pick(&[0, 1_000, 1_003, 77 * WEIGHT, 1_000 * WEIGHT, 1_000 * WEIGHT]);
    parameters.emission_start = Amount::new(start);
    parameters.emission_decay = Ppm(chance.pick(&[0, 475, 100_000, 333_333, 500_000]));
    let shares = [
        (550_000, 250_000, 150_000),
        (333_333, 333_333, 333_333),
        (1_000_000, 0, 0),
        (0, 999_999, 0),
        (0, 0, 1_000_000),
    ];
    let (capacity, validation, work) = chance.pick(&shares);
    parameters.emission_capacity = Ppm(capacity);
    (parameters.emission_validation, parameters.emission_work) = (Ppm(validation), Ppm(work));
    parameters.rebate_max = Ppm(chance.pick(&[0, 900_000, 333_333, 999_999]));
    parameters.rebate_bond = Ppm(chance.pick(&[0, 1, 10, 10_000, 1_000_000]));
    parameters.sessions = chance.pick(&[1, 3, 24]);
    parameters.double_signing_rate = Ppm(chance.pick(&[0, 50_000, 333_333, 1_000_000]));
    parameters.signing_evidence_bytes_max = 64;
}

fn market(parameters: &mut Parameters, chance: &mut Chance<'_>) {
    parameters.operator_share_max =
        Ppm(chance.pick(&[100_000, 333_333, 499_999, 666_666, 1_000_000]));
    parameters.offered_start = Ppm(chance.pick(&[0, 200_000, 333_333, 1_000_000]));
    parameters.unstaked_share = Ppm(chance.pick(&[10_000, 200_000, 500_000, 900_000]));
    parameters.promotions_per_block = chance.pick(&[1, 2, 10_000]);
    let (penalty, minimum) = chance.pick(&[(0, 1), (3, 3), (WEIGHT / 3, WEIGHT), (WEIGHT, WEIGHT)]);
    parameters.access_penalty = Amount::new(penalty);
    parameters.access_min = Amount::new(minimum);
    parameters.access_exits_max = chance.pick(&[1, 2, 4]);
    parameters.credit_budget = Amount::new(chance.pick(&[0, 1, DOLLAR, 100 * DOLLAR]));
    parameters.credit_reference = Amount::new(chance.pick(&[1, 10 * WEIGHT, 77 * WEIGHT]));
    parameters.credit_decay = Ppm(chance.pick(&[250_000, 500_000, 333_333, 1_000_000]));
}

/// Half of all networks begin with reports.
fn price(parameters: &mut Parameters, chance: &mut Chance<'_>) {
    let slot_ms = chance.pick(&[0, 0, 0, 0, 12, 20, 50, 80]);
    parameters.oracle_slot_ms = slot_ms;
    if slot_ms > 0 && !chance.one_in(8) {
        // Tokens that are worth something, so that bonds hang on their price.
        parameters.native_price = parameters.native_price.max(Amount::new(333_333));
        parameters.native_haircut = parameters.native_haircut.min(Ppm(333_333));
        parameters.provider_bond_min = parameters.provider_bond_min.min(Amount::new(5 * DOLLAR));
    }
    parameters.reporters_max = chance.pick(&[1, 2, 3, 100]);
    parameters.report_quorum = Ppm(chance.pick(&[500_001, 666_666, 1_000_000]));
    parameters.report_tolerance = Ppm(chance.pick(&[0, 30_000, 333_333]));
    parameters.report_deviations = chance.pick(&[1, 3]);
    parameters.report_allowance = Ppm(chance.pick(&[0, 0, 50_000, 200_000]));
    parameters.report_fine = Ppm(chance.pick(&[0, 100, 10_000]));
    parameters.price_rise_max = Ppm(chance.pick(&[50_000, 200_000, 1_000_000, 1_000_000]));
    parameters.price_window_ms = chance.pick(&[1, 1, 100, 1_000]);
    parameters.price_stale_ms = 2 * slot_ms.max(20) + chance.pick(&[0, 400, 2_000, 2_000]);
    parameters.price_blind_ms = parameters.price_stale_ms + chance.pick(&[0, 1, 300]);
    parameters.breaker_fall = Ppm(chance.pick(&[200_000, 500_000, 1_000_000]));
    parameters.breaker_ms = chance.pick(&[0, 50, 400]);
}

/// Haircuts with exposures at which the shortest and the longest job are just on one side or the other; and bands.
fn collateral(parameters: &mut Parameters, chance: &mut Chance<'_>) {
    let mut edge = |run_ms| parameters.exposure_ms(run_ms) - chance.pick(&[0, 1]);
    let (least, most) = (edge(parameters.run_ms_min), edge(parameters.run_ms_max));
    let tiers =
        [(least, most, most + 1), (1, least, most), (1, 2, least), (least, least + 1, most + 1)];
    let (short, day, long) = chance.pick(&tiers);
    (parameters.exposure_short_ms, parameters.exposure_day_ms) = (short, day.max(short));
    parameters.exposure_long_ms = long.max(day);
    let of_short = parameters.native_haircut;
    let more = |least: Ppm, chance: &mut Chance<'_>| {
        Ppm((least.0 + chance.pick(&[0, 1, 150_000])).min(950_000))
    };
    parameters.native_haircut_day = more(of_short, chance);
    parameters.native_haircut_long = more(parameters.native_haircut_day, chance);
    parameters.native_haircut_longest = more(parameters.native_haircut_long, chance);
    parameters.band_amber = Ppm(chance.pick(&[1_000_000, 1_100_000, 1_100_000, 1_333_333]));
    parameters.margin_call_ms = chance.pick(&[1, 150, 600, 600]);
    parameters.reviews_per_block = chance.pick(&[1, 3, 100]);
}

fn governance(parameters: &mut Parameters, chance: &mut Chance<'_>) {
    parameters.proposal_deposit = Amount::new(chance.pick(&[0, 1, 1_000_000_000_000]));
    parameters.proposals_max = chance.pick(&[1, 2, 16]);
    parameters.voting_ms = chance.pick(&[1, 150, 400]);
    parameters.approval = Ppm(chance.pick(&[500_001, 500_001, 666_666, 1_000_000]));
    parameters.spam_share = Ppm(chance.pick(&[1, 250_001, 333_333, 500_001]));
    parameters.timelock_ms = parameters.unbonding_ms + chance.pick(&[0, 1, 200]);
    parameters.classes_max = chance.pick(&[5, 6, 64]);
    parameters.assets_max = chance.pick(&[3, 4, 64]);
}

fn pools(parameters: &mut Parameters, chance: &mut Chance<'_>) {
    parameters.delegation_cap = chance.pick(&[0, 1, 9, 9, 1_000]);
    parameters.pool_bond_min = Amount::new(chance.pick(&[1, 1, NATIVE_TOKEN]));
    parameters.delegation_min = Amount::new(chance.pick(&[1, 1, 1_000, NATIVE_TOKEN]));
    parameters.undelegations_max = chance.pick(&[1, 2, 32]);
    parameters.commission_step = Ppm(chance.pick(&[10_000, 333_333, 1_000_000]));
    parameters.commitment_ms_min = chance.pick(&[1, 100]);
    parameters.commitment_ms_max = chance.pick(&[100, 1_000, 3_000]);
    parameters.commitment_bonus = Ppm(chance.pick(&[0, 333_333, 1_000_000, 10_000_000]));
    parameters.seat_bond = Amount::new(chance.pick(&[1, NATIVE_TOKEN, 100 * NATIVE_TOKEN]));
    parameters.seats_max = chance.pick(&[1, 3, 64]);
    parameters.seats_per_operator = chance.pick(&[1, 6]).min(parameters.seats_max);
}

fn leases(parameters: &mut Parameters, chance: &mut Chance<'_>) {
    let epoch_ms = parameters.epoch_ms;
    parameters.lease_epochs_max = chance.pick(&[2, 3, 6]);
    parameters.lease_notice = chance.pick(&[0, 0, 1, 2]);
    parameters.lease_lock = Ppm(chance.pick(&[0, 333_333, 2_000_000, 10_000_000]));
    parameters.lease_penalty = Ppm(chance.pick(&[0, 250_000, 333_333, 1_000_000]));
    parameters.lease_grace = chance.pick(&[0, 0, 1]);
    parameters.lease_failures_max = chance.pick(&[1, 2, 3]);
    parameters.lease_probes = chance.pick(&[0, 2, 8, 40]);
    parameters.lease_probes_max = chance.pick(&[1, 2, 32]);
    parameters.lease_probes_per_block = chance.pick(&[1, 2, 64]);
    parameters.lease_answers_min = Ppm(chance.pick(&[1, 500_500, 667_000, 1_000_000]));
    parameters.lease_report_ms = chance.pick(&[1, 30, epoch_ms / 2]);
    parameters.lease_rebut_ms = chance.pick(&[1, 30, epoch_ms / 2]);
    parameters.leases_per_block = chance.pick(&[1, 2, 16]);
}

fn money(parameters: &mut Parameters, chance: &mut Chance<'_>) {
    let dollars = |dollars: u128| Amount::new(dollars * DOLLAR);
    parameters.fee_base = Amount::new(chance.pick(&[0, 7, 1_000]));
    parameters.fee_per_byte = Amount::new(chance.pick(&[0, 10]));
    parameters.fee_per_program_byte = Amount::new(chance.pick(&[0, 100]));
    parameters.native_price = Amount::new(chance.pick(&[1, 333_333, DOLLAR, 7_000_001]));
    parameters.native_haircut = Ppm(chance.pick(&[0, 250_000, 333_333, 950_000]));
    parameters.validator_bond_min = dollars(chance.pick(&[0, 100, 1_000]));
    parameters.provider_bond_min = dollars(chance.pick(&[0, 5, 500]));
    parameters.challenge_bond = Amount::new(chance.pick(&[0, 1, 10 * DOLLAR]));
    parameters.demand_bond_per_page = Amount::new(chance.pick(&[0, 10_000]));
}

fn times(parameters: &mut Parameters, chance: &mut Chance<'_>) {
    // Tight enough at times that the work decides how long a job must be given.
    parameters.meter_per_ms_max = chance.pick(&[166_666_666, 1_000_000_000, 1_000_000_000]);
    let mut time = |scale: u64| chance.pick(&[1, scale, 3 * scale]);
    parameters.run_ms_min = 50;
    parameters.run_ms_max = 50 + time(150);
    parameters.wait_ms_max = 200 + time(400);
    parameters.audit_commit_ms = time(80);
    parameters.reveal_ms = 20 + time(80);
    parameters.audit_reveal_ms = 20 + time(80);
    parameters.challenge_ms = 40 + time(100);
    parameters.answer_ms = 20 + time(80);
    parameters.after_answer_ms = time(40);
    parameters.retention_ms = parameters.answer_ms + time(200);
    parameters.jail_ms = time(150);
    parameters.correlation_ms = time(1_000);
    parameters.epoch_ms = 100 + time(300);
    (parameters.slack_ms, parameters.veto_ms) = (time(1), 20 + time(80));
}

fn counts(parameters: &mut Parameters, chance: &mut Chance<'_>) {
    parameters.transaction_bytes_max = 2_048;
    parameters.program_bytes_max = 256;
    parameters.evidence_bytes_max = 1_024;
    parameters.expiry_blocks_max = 50;
    parameters.validators_max = chance.pick(&[1, 2, 3, 1_024]);
    parameters.exits_max = chance.pick(&[1, 2, 4]);
    parameters.units_max = 6;
    parameters.steps_max = 100;
    parameters.meter_max = 100_000_000_000;
    parameters.memory_max = 1 << 20;
    parameters.input_bytes_max = 20_000;
    parameters.attempts_max = chance.pick(&[1, 2, 3, 5]);
    parameters.clean_epochs = chance.pick(&[1, 3, 30]);
    parameters.auditors_max = chance.pick(&[1, 2, 3]);
    parameters.auditor_tries_max = chance.pick(&[1, 3, 64]);
    parameters.judge_units_max = 10;
    parameters.judge_units_per_block = chance.pick(&[10, 25, 10_000]);
    // As many as it takes to find one page of 256, and more.
    (parameters.demand_pages_max, parameters.late_demands_max) =
        chance.pick(&[(4, 3), (4, 3), (4, 5), (64, 1), (256, 0)]);
    parameters.input_demands_max = chance.pick(&[1, 1, 2]);
    parameters.convictions_max = chance.pick(&[1, 3, 100, 100]);
    parameters.timers_per_block = chance.pick(&[1, 2, 1_000]);
    parameters.draws_per_block = chance.pick(&[1, 500]);
    parameters.clearings_per_block = chance.pick(&[1, 2, 100]);
    parameters.candidates_max = chance.pick(&[2, 3, 256, 256]);
}

fn rates(parameters: &mut Parameters, chance: &mut Chance<'_>) {
    parameters.margin = Ppm(chance.pick(&[1_000_000, 1_250_000, 3_333_333]));
    parameters.saving = Ppm(chance.pick(&[0, 333_333, 1_000_000]));
    parameters.detection = Ppm(chance.pick(&[850_000, 850_000, 1_000_000, 333_333]));
    let rates = [(20_000, 200_000), (400_000, 700_000), (900_000, 1_000_000), (1, 999_999)];
    let (floor, new) = chance.pick(&rates);
    (parameters.audit_rate_floor, parameters.audit_rate_new) = (Ppm(floor), Ppm(new));
    parameters.insured_premium = Ppm(chance.pick(&[0, 200_000, 333_333]));
    parameters.audit_fee = Ppm(chance.pick(&[0, 960_000, 1_333_333]));
    parameters.audit_lock = Ppm(chance.pick(&[0, 2_000_000, 32_000_000]));
    let (provider, audit, insurance) =
        chance.pick(&[(900_000, 50_000, 10_000), (333_333, 333_333, 333_333), (1_000_000, 0, 0)]);
    parameters.provider_share = Ppm(provider);
    (parameters.audit_share, parameters.insurance_share) = (Ppm(audit), Ppm(insurance));
    parameters.missed_lock_share = Ppm(chance.pick(&[0, 250_000, 1_000_000]));
    parameters.missed_price_share = Ppm(chance.pick(&[0, 100_000, 1_000_000]));
    let left = left_of_audits(parameters);
    parameters.fallback_premium = Ppm(chance.pick(&[left, left * 5 / 6, left.min(30_000)]));
    parameters.fallbacks_per_block = chance.pick(&[0, 1, 1, 32, 32]);
    parameters.silent_audit_share = Ppm(chance.pick(&[0, 250_000, 333_333]));
    let (burn, bounty) = chance.pick(&[
        (200_000, 250_000),
        (200_000, 250_000),
        (500_000, 400_000),
        (666_667, 333_333),
        (1, 999_999),
    ]);
    (parameters.burn_min, parameters.bounty_max) = (Ppm(burn), Ppm(bounty));
    parameters.insurance_slash_share = Ppm(chance.pick(&[0, 250_000, 1_000_000]));
    parameters.correlated_base = Ppm(chance.pick(&[0, 50_000, 600_000, 999_999, 1_000_000]));
}

/// Of what a requester loses for good, what its friends do not have back as auditors: in millionths of a price. If they had more
/// than it loses, audits are made cheaper first.
fn left_of_audits(parameters: &mut Parameters) -> u32 {
    let lost = parameters.audit_share.0 + parameters.insurance_share.0;
    let friends = 1_000_000 - parameters.detection.0;
    let drawn = u64::from(parameters.audit_rate_new.0) * u64::from(friends);
    let whole = 1_000_000_000_000;
    if let Some(dearest) = (u64::from(lost) * whole).checked_div(drawn) {
        let dearest = u32::try_from(dearest).unwrap_or(u32::MAX);
        parameters.audit_fee = Ppm(parameters.audit_fee.0.min(dearest));
    }
    let fees = u128::from(drawn) * u128::from(parameters.audit_fee.0);
    let fees = fees.div_ceil(u128::from(whole));
    lost - u32::try_from(fees).expect("audits are no dearer than what is lost")
}

fn capacity(parameters: &mut Parameters, chance: &mut Chance<'_>) {
    parameters.devices_max = chance.pick(&[1, 2, 4]);
    parameters.uptime_draws = chance.pick(&[1, 5, 40]);
    parameters.uptime_draws_per_block = chance.pick(&[1, 2, 256]);
    parameters.uptime_answer_ms = chance.pick(&[1, 20, 80]);
    parameters.uptime_misses_max = chance.pick(&[0, 1, 2, 4]);
    parameters.record_epochs = chance.pick(&[1, 2, 5, 30]);
    parameters.downtime_grace = chance.pick(&[0, 1, 2]);
    let penalties = [(500, 10_000), (100_000, 200_000), (333_333, 333_333), (1_000_000, 1_000_000)];
    let (rate, most) = chance.pick(&penalties);
    (parameters.downtime_rate, parameters.downtime_max) = (Ppm(rate), Ppm(most));
    let (floor, full) = chance.pick(&[(0, 1_000_000), (500_000, 995_000), (333_333, 333_333)]);
    (parameters.uptime_floor, parameters.uptime_full) = (Ppm(floor), Ppm(full));
    parameters.maintenance_earned = Ppm(chance.pick(&[10_000, 333_333, 1_000_000]));
    parameters.maintenance_max_ms = chance.pick(&[1, 40, 600]);
    parameters.offer_share = Ppm(chance.pick(&[0, 500_000, 800_000, 1_000_000]));
    parameters.capacity_answer_bytes_max = 64;
    parameters.capacity_checks_per_block = chance.pick(&[1, 2, 64]);
    parameters.capacity_settlements_per_block = chance.pick(&[1, 2, 64]);
    parameters.capacity_failures_max = chance.pick(&[1, 2, 3]);
    parameters.misrepresented_rate = Ppm(chance.pick(&[1, 100_000, 333_333, 1_000_000]));
    parameters.misrepresented_jail_ms = chance.pick(&[1, 150, 450]);
    parameters.observers = chance.pick(&[1, 2, 3, 5]);
    parameters.accuracy_epochs = chance.pick(&[1, 2, 30]);
    parameters.accuracy_prior = chance.pick(&[1, 10]);
    parameters.accuracy_fail_weight = chance.pick(&[1, 20]);
    parameters.accuracy_passes_max = chance.pick(&[1, 2, 10]);
}

fn replicated(parameters: &mut Parameters, chance: &mut Chance<'_>) {
    (parameters.replicas_min, parameters.replicas_max) = chance.pick(&[(2, 2), (2, 3), (3, 3)]);
    parameters.replica_pool = chance.pick(&[1, 1, 2, 4]);
    parameters.escalation_ms = chance.pick(&[20, 60, 180]);
    parameters.appeal_ms = chance.pick(&[30, 60, 150]);
    parameters.appeal_bond = Ppm(chance.pick(&[0, 333_333, 1_000_000]));
    parameters.appeal_bond_min = Amount::new(chance.pick(&[0, 1, 200 * DOLLAR]));
}
