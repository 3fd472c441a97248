//! The parameters themselves.

use borsh::{BorshDeserialize, BorshSerialize};

use super::info::{ParameterInfo, Plain};
use crate::primitives::{Amount, Ppm};

macro_rules! parameters {
    ($($name:ident: $type:ty, $unit:literal, $minimum:literal..=$maximum:literal, $default:expr, $reason:literal;)*) => {
        /// The numbers of the rules. Durations are network milliseconds, rates parts per million,
        /// values micro-dollars (which are stable base units), unless the unit says otherwise.
        #[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default, deny_unknown_fields))]
        pub struct Parameters {
            $(#[doc = $reason] #[doc = concat!("\n\nUnit: ", $unit, ".")] pub $name: $type,)*
        }

        impl Default for Parameters {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Parameters {
            /// Every parameter with its description, in the order of declaration.
            pub fn table(&self) -> Vec<ParameterInfo> {
                let default = Self::default();
                vec![$(ParameterInfo {
                    name: stringify!($name),
                    unit: $unit,
                    minimum: Amount::new($minimum),
                    maximum: Amount::new($maximum),
                    default: default.$name.plain(),
                    value: self.$name.plain(),
                    reason: $reason,
                    fixed: super::change::fixed(stringify!($name)),
                },)*]
            }

            /// Sets the parameter of a name; `None` if there is none of that name or its type has no such value.
            pub(super) fn set(&mut self, name: &str, value: Amount) -> Option<()> {
                match name {
                    $(stringify!($name) => self.$name = Plain::from_plain(value)?,)*
                    _ => return None,
                }
                Some(())
            }
        }
    };
}

/// A minute, an hour and a day in milliseconds.
pub(super) const MINUTE: u64 = 60_000;
pub(super) const HOUR: u64 = 60 * MINUTE;
pub(super) const DAY: u64 = 24 * HOUR;

/// A whole token (10^9 base units) and a dollar (10^6 micro-dollars).
pub(super) const TOKEN: u128 = 1_000_000_000;
pub(super) const DOLLAR: u128 = 1_000_000;

parameters! {
    // Transactions.
    fee_base: Amount, "native base units", 0..=1_000_000_000_000, Amount::new(1_000),
        "Fee of any transaction, so that filling blocks costs something.";
    fee_per_byte: Amount, "native base units per byte", 0..=1_000_000_000, Amount::new(10),
        "Fee per encoded byte: bytes are what every node carries.";
    fee_per_program_byte: Amount, "native base units per byte", 0..=1_000_000_000, Amount::new(100),
        "Extra fee per source byte of a registered program: it is prepared by every node and stays in the state.";
    transaction_bytes_max: u64, "bytes", 1_024..=67_108_864, 6 * 1024 * 1024,
        "Largest transaction: room for the largest program, evidence and pages.";
    expiry_blocks_max: u64, "blocks", 1..=10_000_000, 100_000,
        "How far ahead a transaction may expire, so that no signature stays a threat for ever.";
    program_bytes_max: u64, "bytes", 1..=4_194_304, 1024 * 1024,
        "Largest program source.";
    evidence_bytes_max: u64, "bytes", 1_024..=33_554_432, 5 * 1024 * 1024,
        "Largest evidence in one challenge: 1,024 touched pages and their proofs.";

    // Bonds.
    native_price: Amount, "micro-dollars per whole token", 1..=1_000_000_000_000_000, Amount::new(DOLLAR),
        "Collateral price of the native token where nobody reports it, and until the first reports agree.";
    native_haircut: Ppm, "ppm", 0..=950_000, Ppm(250_000),
        "What native collateral may lose in value while a lock is open: 25 % for exposures up to 6 hours.";
    validator_bond_min: Amount, "micro-dollars", 0..=1_000_000_000_000_000, Amount::new(1_000 * DOLLAR),
        "Least bond of a validator.";
    provider_bond_min: Amount, "micro-dollars", 0..=1_000_000_000_000_000, Amount::new(5 * DOLLAR),
        "Least bond of a provider, whatever it offers: a name must cost something.";
    validators_max: u32, "validators", 1..=65_536, 1_024,
        "Most validators; bounds the work of one auditor draw.";
    unbonding_ms: u64, "ms", 1..=31_536_000_000, 14 * DAY,
        "How long a leaving bond stays answerable for what happened before it began to leave.";
    exits_max: u32, "exits", 1..=256, 32,
        "Most bonds of one operator leaving at once; bounds the work of one slash.";
    units_max: u32, "units", 1..=1_000_000, 1_000,
        "Most units one operator may offer in one class.";

    // The price of the native token.
    oracle_slot_ms: u64, "ms", 0..=600_000, 0,
        "Length of a slot in which validators report the price; two minutes suit a network of many. Zero: nobody reports, and the price is `native_price`, as on one machine.";
    reporters_max: u32, "validators", 1..=1_024, 100,
        "Validators entitled to report in one slot, the heaviest first; bounds the work of a slot.";
    report_quorum: Ppm, "ppm of the entitled weight", 500_001..=1_000_000, Ppm(666_666),
        "Weight that must have revealed before a median counts: two thirds, so that a third alone can neither set a price nor hide one.";
    report_tolerance: Ppm, "ppm of the median", 0..=1_000_000, Ppm(30_000),
        "How far from the median a report may always be: 3 %, more than honest sources differ.";
    report_deviations: u32, "median deviations", 1..=100, 3,
        "How many times the usual distance from the median a report may be when sources disagree more than that.";
    report_allowance: Ppm, "ppm of the slots of an epoch", 0..=1_000_000, Ppm(50_000),
        "Reports of an epoch that may be far off without a fine: sources fail now and then.";
    report_fine: Ppm, "ppm of the self-bond", 0..=10_000, Ppm(100),
        "Fine of each further report that is far off: 0.01 %, small because being wrong is not lying, and certain.";
    price_rise_max: Ppm, "ppm per slot", 1..=1_000_000, Ppm(50_000),
        "Most the price may rise in a slot. Falls are not limited: too low only pauses intake, too high would leave locks uncovered.";
    price_window_ms: u64, "ms", 1..=604_800_000, DAY,
        "Window of the average that the collateral price never passes, and of the high that the breaker looks at.";
    price_stale_ms: u64, "ms", 1..=86_400_000, 10 * MINUTE,
        "Age at which a price is stale: no job is assigned until reports agree again.";
    price_blind_ms: u64, "ms", 1..=604_800_000, HOUR,
        "Age at which a price says nothing: audit draws count the stable part of a lock only.";
    breaker_fall: Ppm, "ppm of the high", 1..=1_000_000, Ppm(200_000),
        "Fall from the window's high that stops new locks: 20 %, which no ordinary day has.";
    breaker_ms: u64, "ms", 0..=604_800_000, DAY,
        "How long new locks stay stopped after such a fall was last seen: most crashes are over within a day.";

    // Collateral that loses value.
    exposure_short_ms: u64, "ms", 1..=31_536_000_000, 6 * HOUR,
        "Longest exposure of a job that `native_haircut` is for.";
    exposure_day_ms: u64, "ms", 1..=31_536_000_000, 24 * HOUR,
        "Longest exposure of a job that `native_haircut_day` is for.";
    exposure_long_ms: u64, "ms", 1..=31_536_000_000, 72 * HOUR,
        "Longest exposure of a job that `native_haircut_long` is for.";
    native_haircut_day: Ppm, "ppm", 0..=950_000, Ppm(400_000),
        "Haircut on native collateral for exposures up to a day: covers 99.9 % of the days of comparable tokens.";
    native_haircut_long: Ppm, "ppm", 0..=950_000, Ppm(550_000),
        "Haircut on native collateral for exposures up to three days.";
    native_haircut_longest: Ppm, "ppm", 0..=950_000, Ppm(700_000),
        "Haircut on native collateral for longer exposures; what falls further is made up by the audit rate.";
    band_amber: Ppm, "ppm of the open locks", 1_000_000..=2_000_000, Ppm(1_100_000),
        "Least worth of a thin collateral, without haircut, that is still amber and not red.";
    margin_call_ms: u64, "ms", 1..=2_592_000_000, 48 * HOUR,
        "Grace of a margin call: time to add to the bond, or to let open jobs end, before amber counts as red.";
    reviews_per_block: u32, "operators", 1..=100_000, 1_000,
        "Operators whose standing is brought up to date in one block after a price has changed; the rest waits for the next.";
    // Delegation and seats.
    delegation_cap: u32, "times the own native bond", 0..=1_000, 9,
        "Most tokens delegated to an operator: with nine times its own bond it still has a tenth of everything to lose.";
    pool_bond_min: Amount, "native base units", 1..=1_000_000_000_000_000_000, Amount::new(100 * TOKEN),
        "Least own native bond of an operator that takes delegations, so that nobody's first deposit can be inflated away.";
    delegation_min: Amount, "native base units", 1..=1_000_000_000_000_000_000, Amount::new(TOKEN),
        "Least delegation, so that a record in every node's state costs something.";
    undelegations_max: u32, "undelegations", 1..=256, 32,
        "Most undelegations of one delegator from one pool at once.";
    buckets_max: u32, "epochs", 1..=4_096, 256,
        "Most epochs that unbonding may last: a pool has a bucket for each, and a slash looks at all of them.";
    commission_step: Ppm, "ppm per epoch", 1..=1_000_000, Ppm(10_000),
        "How fast a commission rises, once the time to leave before it is over.";
    commitment_ms_min: u64, "ms", 1..=31_536_000_000, 14 * DAY,
        "Shortest commitment: as long as unbonding, so it adds nothing and earns nothing more.";
    commitment_ms_max: u64, "ms", 1..=315_360_000_000, 365 * DAY,
        "Longest commitment.";
    commitment_bonus: Ppm, "ppm", 0..=10_000_000, Ppm(1_000_000),
        "What stake committed for longest counts for in rewards beyond itself: as much again.";
    seat_bond: Amount, "native base units", 1..=1_000_000_000_000_000_000_000, Amount::new(1_000 * TOKEN),
        "Stake of one seat on the ledger.";
    seats_max: u32, "seats", 1..=1_024, 64,
        "Most seats: what the engine's messages can carry, and what an epoch's election costs.";
    seats_per_operator: u32, "seats", 1..=1_024, 6,
        "Most seats of one operator: a tenth of them, so that stopping a third takes four.";

    // Jobs: what may be asked for.
    price_min: Amount, "micro-dollars", 1..=1_000_000_000_000, Amount::new(1_000),
        "Least price of a job: a free job would be free reputation.";
    ask_max: Amount, "micro-dollars per 10^9 metered units", 1..=1_000_000_000_000_000, Amount::new(1_000_000 * DOLLAR),
        "Largest ask, so that a price never overflows.";
    steps_max: u64, "steps", 1..=1_000_000_000, 10_000_000,
        "Most steps of one job.";
    meter_max: u64, "metered units", 1..=1_000_000_000_000_000_000, 1_000_000_000_000_000,
        "Most metered units of one job.";
    memory_max: u64, "bytes", 65_536..=1_073_741_824, 1_073_741_824,
        "Most memory of one job.";
    input_bytes_max: u64, "bytes", 0..=1_073_741_824, 1_000_000_000,
        "Largest input of one job.";
    run_ms_min: u64, "ms", 1..=86_400_000, 1_000,
        "Shortest time a requester may give a provider: shorter would be a trap.";
    meter_per_ms_max: u64, "metered units per ms", 1_000..=1_000_000_000_000, 10_000_000,
        "Most work a requester may ask for in each millisecond it gives; one core did 22 to 57 million. What nobody can do in time would be a trap.";
    run_ms_max: u64, "ms", 1..=604_800_000, 48 * HOUR,
        "Longest time a requester may give a provider; counts up to five times in the exposure that unbonding must outlast.";
    wait_ms_max: u64, "ms", 1..=2_592_000_000, 7 * DAY,
        "Longest time a job may wait for a provider before its escrow returns.";
    attempts_max: u32, "attempts", 1..=16, 3,
        "How many providers a job may fail with before its escrow returns.";
    retention_ms: u64, "ms", 1..=31_536_000_000, 7 * DAY,
        "How long an ended job stays in the state.";

    // The honesty inequality.
    margin: Ppm, "ppm", 1_000_000..=10_000_000, Ppm(1_250_000),
        "Factor m by which dishonesty must lose: a buffer of 25 % against shocks.";
    saving: Ppm, "ppm of the price", 0..=1_000_000, Ppm(1_000_000),
        "What a cheat may save, as a share of the price; the whole price is the worst case.";
    detection: Ppm, "ppm", 1..=1_000_000, Ppm(850_000),
        "Chance that an audit catches a wrong result: one auditor, at most 15 % of the weight colluding.";
    audit_rate_floor: Ppm, "ppm", 1..=1_000_000, Ppm(20_000),
        "Audit probability of a proven provider.";
    audit_rate_new: Ppm, "ppm", 1..=1_000_000, Ppm(200_000),
        "Audit probability of a new provider or one with a recent fault.";
    clean_epochs: u32, "epochs", 1..=10_000, 30,
        "Clean working epochs over which the audit probability falls to the floor.";
    insured_premium: Ppm, "ppm", 0..=10_000_000, Ppm(200_000),
        "How much more than the insured value is locked for it.";

    // Audits.
    audit_commit_ms: u64, "ms", 1..=86_400_000, 30 * MINUTE,
        "Time an auditor has to commit, on top of the time the job itself allows.";
    reveal_ms: u64, "ms", 1..=86_400_000, 10 * MINUTE,
        "Time a provider has to reveal.";
    audit_reveal_ms: u64, "ms", 1..=86_400_000, 10 * MINUTE,
        "Time an auditor has to reveal after the provider.";
    audit_fee: Ppm, "ppm of the price", 0..=10_000_000, Ppm(960_000),
        "Fee of one audit, 1.2 times an expected cost of 0.8 of the price, as far as the audit pot reaches.";
    audit_lock: Ppm, "ppm of the price", 0..=1_000_000_000, Ppm(32_000_000),
        "Lock of an auditor: 40 times the expected cost of one audit.";
    auditors_max: u32, "auditors", 1..=8, 2,
        "How many auditors may be drawn one after the other when one stays silent.";
    auditor_tries_max: u32, "tries", 1..=1_024, 64,
        "Tries of one draw to hit an eligible auditor; bounds its work.";

    // Challenges.
    challenge_ms: u64, "ms", 1..=604_800_000, 30 * MINUTE,
        "Time anybody has to challenge a revealed result: minutes, because a proof is one transaction.";
    challenge_bond: Amount, "micro-dollars", 0..=1_000_000_000_000, Amount::new(10 * DOLLAR),
        "Bond of a challenge, lost to the accused when the judge dismisses it.";
    judge_units_per_block: u64, "metered units", 1..=1_000_000_000_000, 2_000_000_000,
        "Judging done in one block.";
    judge_units_max: u64, "metered units", 1..=1_000_000_000_000, 250_000_000,
        "Judging one challenge may take; must fit into a block.";
    answer_ms: u64, "ms", 1..=86_400_000, 30 * MINUTE,
        "Time to answer a demand for data on the chain.";
    after_answer_ms: u64, "ms", 1..=86_400_000, 30 * MINUTE,
        "Time left to challenge, or to demand more, after an answer; a disputed result adds the time to take evidence.";
    demand_pages_max: u32, "pages", 2..=4_096, 256,
        "Most pages of one demand.";
    demand_bond_per_page: Amount, "micro-dollars per page", 0..=1_000_000_000_000, Amount::new(10_000),
        "Bond of a demand for output or trace per page; pays whoever answers it. Input is owed, and demanded without a bond.";
    input_demands_max: u32, "demands", 1..=64, 4,
        "Demands for input by one provider or auditor that stop its clock.";
    late_demands_max: u32, "demands", 0..=64, 6,
        "Demands for a result by one account after the window, each following an answer: five find the one wrong page of the longest trace.";

    // Settlement and penalties.
    provider_share: Ppm, "ppm of the price", 0..=1_000_000, Ppm(900_000),
        "What the provider earns of the price.";
    audit_share: Ppm, "ppm of the price", 0..=1_000_000, Ppm(50_000),
        "What the audit pot earns of the price.";
    insurance_share: Ppm, "ppm of the price", 0..=1_000_000, Ppm(10_000),
        "What the insurance pot earns of the price; the rest, about 4 %, is the protocol's take.";
    missed_lock_share: Ppm, "ppm of the lock", 0..=1_000_000, Ppm(250_000),
        "Penalty for a missed deadline, as a share of the lock.";
    missed_price_share: Ppm, "ppm of the price", 0..=1_000_000, Ppm(100_000),
        "Penalty for a missed deadline, as a share of the price, added to the former.";
    fallback_premium: Ppm, "ppm of the price", 0..=1_000_000, Ppm(30_000),
        "What a fallback earns on top, out of the lock of the provider that missed; with what a friend earns by auditing it, less than the requester loses by paying a price to a friend, so that nobody sets traps for it.";
    fallbacks_per_block: u32, "draws", 0..=10_000, 32,
        "Fallbacks drawn in one block; other jobs that were missed wait for their turn again.";
    silent_audit_share: Ppm, "ppm of the lock", 0..=1_000_000, Ppm(250_000),
        "Penalty of an auditor that does not commit or reveal.";
    burn_min: Ppm, "ppm of a slash", 1..=1_000_000, Ppm(200_000),
        "Least part of a slash that is burned, so that no coalition gains by slashing itself.";
    bounty_max: Ppm, "ppm of a slash", 0..=1_000_000, Ppm(250_000),
        "Bounty of whoever proves a fault.";
    insurance_slash_share: Ppm, "ppm of a slash", 0..=1_000_000, Ppm(250_000),
        "What the insurance pot gets of a slash, after bounty and victim.";
    jail_ms: u64, "ms", 1..=31_536_000_000, 7 * DAY,
        "Time in jail after a fault.";
    convictions_max: u32, "convictions", 1..=100, 3,
        "The conviction that tombstones an operator.";
    correlation_ms: u64, "ms", 1..=31_536_000_000, 28 * DAY,
        "Window in which convictions count as repeated and as correlated.";
    correlated_base: Ppm, "ppm of the bond", 0..=1_000_000, Ppm(50_000),
        "Penalty on the bond of a repeated offender when nobody else offended.";

    // Market and access.
    operator_share_max: Ppm, "ppm of a clearing", 1..=1_000_000, Ppm(100_000),
        "Most of one clearing that one operator gets while others are available: withholding supply gains 1.7 % at this share, 28 % at four times it.";
    offered_start: Ppm, "ppm of the maximum price", 0..=1_000_000, Ppm(200_000),
        "Where the price begins at which a job is offered that no standing ask takes; it rises to the maximum.";
    unstaked_share: Ppm, "ppm of the work", 10_000..=900_000, Ppm(200_000),
        "Part of the work kept for requesters without access stake, as long as they want it.";
    promotions_per_block: u32, "requesters", 1..=1_000_000, 10_000,
        "Requesters of one class that become eligible in one block; bounds the work when virtual time jumps.";
    access_min: Amount, "native base units", 1..=1_000_000_000_000_000_000, Amount::new(10 * TOKEN),
        "Least access stake, the penalty of one fault: splitting a stake makes no fault cheaper.";
    access_penalty: Amount, "native base units", 0..=1_000_000_000_000_000_000, Amount::new(10 * TOKEN),
        "What a false challenge, a withheld input or a program beyond the limits costs of access stake; an amount, not a share, because a share would be cheap for small accounts.";
    access_unbonding_ms: u64, "ms", 1..=31_536_000_000, 14 * DAY,
        "How long leaving access stake stays answerable: longer than any job is open that it got a turn for.";
    access_exits_max: u32, "exits", 1..=256, 32,
        "Most access stakes of one account leaving at once; bounds the work of one slash.";
    credit_budget: Amount, "micro-dollars per epoch", 0..=1_000_000_000_000_000, Amount::new(1_000 * DOLLAR),
        "Take that the protocol forgoes per epoch, divided among access stake.";
    credit_reference: Amount, "native base units", 1..=1_000_000_000_000_000_000_000, Amount::new(1_000_000 * TOKEN),
        "Access stake below which the budget is not all given out, so that the first small staker does not own it.";
    credit_decay: Ppm, "ppm per epoch", 250_000..=1_000_000, Ppm(500_000),
        "Part of unused credit lost per epoch: nobody hoards more than two epochs' worth.";
    // Capacity and uptime.
    devices_max: u32, "devices", 1..=1_024, 64,
        "Most devices of one operator; bounds the work of settling its capacity.";
    uptime_draws: u32, "draws per operator and epoch", 0..=10_000, 48,
        "How often an operator is expected to be drawn in an epoch: whoever is away 5 % of the day is caught 9 times in 10.";
    uptime_draws_per_block: u32, "draws", 1..=100_000, 256,
        "Most uptime draws of one block; what is above is not made up for.";
    uptime_answer_ms: u64, "ms", 1..=86_400_000, MINUTE,
        "Time to answer an uptime draw: room for forty blocks, so that nobody is censored into silence.";
    uptime_misses_max: u32, "misses", 0..=10_000, 3,
        "Missed draws an epoch's promise allows: at 99.5 % uptime more occur in one epoch of ten thousand.";
    record_epochs: u32, "epochs", 1..=128, 30,
        "Epochs an uptime record reaches back.";
    downtime_grace: u32, "epochs", 0..=128, 2,
        "Epochs of the record that may break the promise without a penalty.";
    downtime_rate: Ppm, "ppm of the bond", 0..=1_000_000, Ppm(500),
        "Penalty for an epoch outside the promise: more than the electricity saved.";
    downtime_max: Ppm, "ppm of the bond", 0..=1_000_000, Ppm(10_000),
        "Most that downtime may cost over one record.";
    uptime_floor: Ppm, "ppm", 0..=1_000_000, Ppm(900_000),
        "Uptime up to which capacity earns nothing.";
    uptime_full: Ppm, "ppm", 0..=1_000_000, Ppm(995_000),
        "Uptime from which capacity earns everything; between the two the factor is linear.";
    maintenance_earned: Ppm, "ppm of the epoch", 0..=1_000_000, Ppm(10_000),
        "Maintenance credit that an epoch inside the promise earns: about a quarter of an hour a day.";
    maintenance_max_ms: u64, "ms", 0..=2_592_000_000, 8 * HOUR,
        "Most maintenance credit that can be kept.";
    offer_share: Ppm, "ppm of the proven units", 0..=1_000_000, Ppm(800_000),
        "How much of what was proven may be offered; the rest is for the challenges that run beside the jobs.";
    capacity_answer_bytes_max: u64, "bytes", 1..=4_194_304, 65_536,
        "Largest answer to a capacity challenge: a dozen chunks of sealed data with their paths.";
    capacity_checks_per_block: u32, "answers", 1..=100_000, 64,
        "Capacity answers checked in one block.";
    capacity_settlements_per_block: u32, "operators", 1..=100_000, 64,
        "Operators of one class settled in one block after a round; the rest waits for the next.";
    capacity_failures_max: u32, "rounds", 1..=100, 3,
        "Failed rounds in a row that make a claim of capacity a misrepresentation.";
    misrepresented_rate: Ppm, "ppm of the bond", 0..=1_000_000, Ppm(100_000),
        "Penalty for misrepresented hardware.";
    misrepresented_jail_ms: u64, "ms", 1..=31_536_000_000, 30 * DAY,
        "Time in jail for misrepresented hardware.";
    observers: u32, "validators", 1..=31, 11,
        "Validators drawn to measure a transfer; the median stands while fewer than half of them lie.";
    accuracy_epochs: u32, "epochs", 1..=1_000, 30,
        "Mean life of what accuracy remembers.";
    accuracy_prior: u32, "results", 1..=1_000_000, 10,
        "Right and wrong results everybody begins with in mind: one half, until there is more to go by.";
    accuracy_fail_weight: u32, "right results", 1..=1_000_000, 20,
        "Right results that one fault outweighs.";
    accuracy_passes_max: u32, "results", 1..=1_000_000, 10,
        "Right results counted in one epoch: accuracy takes time, not many cheap jobs.";
    // Rewards and double signing.
    supply_cap: Amount, "native base units", 0..=79_228_162_514_264_337_593_543_950_336, Amount::new(1_000_000_000 * TOKEN),
        "Most native units that may ever have been minted: emission ends there.";
    emission_start: Amount, "native base units per epoch", 0..=1_000_000_000_000_000_000_000, Amount::new(100_000 * TOKEN),
        "Emission of the first epoch: with its decay 210 million tokens in all. Nothing: validators share fees alone.";
    emission_decay: Ppm, "ppm per epoch", 0..=500_000, Ppm(475),
        "How much less each epoch emits than the one before: half in four years.";
    emission_capacity: Ppm, "ppm of the emission", 0..=1_000_000, Ppm(550_000),
        "What proven capacity can earn of the emission.";
    emission_validation: Ppm, "ppm of the emission", 0..=1_000_000, Ppm(250_000),
        "What validators can earn of the emission, beside fees.";
    emission_work: Ppm, "ppm of the emission", 0..=1_000_000, Ppm(150_000),
        "What work can earn of the emission; the rest of it, 5 %, fills the insurance pot.";
    rebate_max: Ppm, "ppm of the take", 0..=999_999, Ppm(900_000),
        "Most that work is rewarded with, as a share of the take it paid: below the whole, so that paying oneself loses.";
    rebate_bond: Ppm, "ppm of the bond per epoch", 0..=1_000_000, Ppm(10_000),
        "Take that a bond carries in one epoch: prices of a quarter of the bond.";
    sessions: u32, "sessions per epoch", 1..=1_000, 24,
        "How often in an epoch a validator shows that it is there: hourly.";
    double_signing_rate: Ppm, "ppm of the bond", 0..=1_000_000, Ppm(50_000),
        "Penalty of a double signer when nobody else signed twice.";
    signing_evidence_bytes_max: u64, "bytes", 1..=65_536, 16_384,
        "Largest evidence of double signing: two statements and their signatures.";

    // Replicated.
    replicas_min: u32, "replicas", 2..=31, 3,
        "Least replicas of a replicated job: of two, one liar is enough to hold a job up and none is outvoted.";
    replicas_max: u32, "replicas", 2..=31, 7,
        "Most replicas at first; with those after an escalation, 15, which bounds the work of comparing.";
    replica_pool: u32, "asks per replica", 1..=64, 4,
        "Among how many of the lowest asks per replica they are drawn: more are harder to capture and dearer.";
    escalation_ms: u64, "ms", 1..=604_800_000, 30 * MINUTE,
        "Time to find more replicas after the first did not agree; meanwhile their locks are held.";
    appeal_ms: u64, "ms", 1..=604_800_000, 30 * MINUTE,
        "Time to appeal against what the replicas agreed on; as long as the window of a proven job.";
    appeal_bond: Ppm, "ppm of the job's maximum price", 0..=1_000_000, Ppm(1_000_000),
        "Bond of an appeal: it holds up what the job would pay.";
    appeal_bond_min: Amount, "micro-dollars", 0..=1_000_000_000_000, Amount::new(100 * DOLLAR),
        "Least bond of an appeal, since every validator is asked to run the job again.";
    // Leases.
    lease_epochs_max: u32, "epochs", 1..=1_000, 30,
        "Longest lease: its whole price is in escrow, and its lock takes the haircut of its whole time.";
    lease_notice: u32, "epochs", 0..=100, 1,
        "Whole epochs that a notice leaves to the other side, to find another provider or another requester.";
    lease_lock: Ppm, "ppm of the price of an epoch", 0..=100_000_000, Ppm(2_000_000),
        "Lock of a lease: two epochs' price, more than a provider could have for serving somebody else meanwhile.";
    lease_penalty: Ppm, "ppm of what is left of the lock", 0..=1_000_000, Ppm(250_000),
        "What a missed epoch costs after the grace, besides its price: as a missed deadline of a job does.";
    lease_grace: u32, "epochs of a lease", 0..=1_000, 1,
        "Missed epochs of a lease without a penalty: the first one costs its price alone.";
    lease_failures_max: u32, "epochs in a row", 1..=100, 3,
        "Missed epochs in a row that end a lease: what a provider that has left can still hold up.";
    lease_probes: u32, "probes per lease and epoch", 0..=1_000, 8,
        "How often a lease is expected to be probed in an epoch: none is drawn in one of three thousand.";
    lease_probes_max: u32, "probes per lease and epoch", 1..=1_000, 32,
        "Most probes of one lease in one epoch; what is drawn beyond is spent without effect.";
    lease_probes_per_block: u32, "probes", 1..=100_000, 64,
        "Most probes drawn in one block; what is above is not made up for.";
    lease_answers_min: Ppm, "ppm of the probes spoken of", 1..=1_000_000, Ppm(666_666),
        "Part of the probes that somebody spoke of which must be answered: two thirds, so that a third that lies decides nothing.";
    lease_report_ms: u64, "ms", 1..=86_400_000, 10 * MINUTE,
        "Time an observer has to probe and to report.";
    lease_rebut_ms: u64, "ms", 1..=86_400_000, 10 * MINUTE,
        "Time to show receipts after the last report, so that no report comes too late to be answered.";
    leases_per_block: u32, "leases", 1..=10_000, 8,
        "Waiting leases tried in one block, each against as many asks as a block looks at; the next block goes on behind them.";

    // Pace.
    epoch_ms: u64, "ms", 1..=2_592_000_000, DAY,
        "Length of an epoch.";
    timers_per_block: u32, "timers", 1..=1_000_000, 1_000,
        "Deadlines handled in one block; the rest waits for the next.";
    draws_per_block: u32, "draws", 1..=1_000_000, 500,
        "Audit draws made in one block; the rest waits for the next block's beacon.";
    clearings_per_block: u32, "jobs", 1..=100_000, 100,
        "Turns of one class given in one block, and offered jobs of it tried again; the next block goes on behind them.";
    candidates_max: u32, "offers", 2..=100_000, 256,
        "Asks of one class looked at in one block; where there are more, half of them are the lowest and half take turns.";
    slack_ms: u64, "ms", 0..=2_592_000_000, DAY,
        "Spare time by which unbonding must outlast the longest exposure of a job.";
    veto_ms: u64, "ms", 1..=2_592_000_000, 2 * DAY,
        "Time for two thirds of the validators to set aside what replicas agreed on, from the appeal.";

    // Governance.
    proposal_deposit: Amount, "native base units", 0..=1_000_000_000_000_000_000, Amount::new(1_000 * TOKEN),
        "Deposit of a proposal, burned if validators call it spam: taking everybody's attention must cost something.";
    proposals_max: u32, "proposals", 1..=256, 16,
        "Most proposals open at once; bounds what validators must read and what one tally can cost.";
    voting_ms: u64, "ms", 1..=2_592_000_000, 7 * DAY,
        "Time validators have to vote: a week, so that nobody is outvoted over a weekend.";
    approval: Ppm, "ppm of all weight", 500_001..=1_000_000, Ppm(666_666),
        "Weight that must be for a proposal, of all there is and not only of what voted: two thirds, as for a block.";
    spam_share: Ppm, "ppm of all weight", 1..=1_000_000, Ppm(333_333),
        "Weight that must call a proposal spam before its deposit is burned.";
    timelock_ms: u64, "ms", 1..=31_536_000_000, 14 * DAY,
        "Time between acceptance and effect: at least the unbonding time, so that whoever disagrees has left before, and every job assigned before acceptance is over.";
    classes_max: u32, "classes", 1..=1_024, 64,
        "Most resource classes; each is cleared in every block.";
    assets_max: u32, "assets", 2..=1_024, 64,
        "Most assets of the registry.";
}
