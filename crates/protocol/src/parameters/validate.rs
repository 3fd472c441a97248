//! Which parameter sets are allowed.

use super::{ParameterInfo, Parameters};
use crate::primitives::{Amount, PAGE_BYTES, PPM, Ppm, ROOT_BYTES};

/// Most entries of the price's history: what one slot looks through.
const PRICES_MAX: u64 = 10_000;

/// Why a set of parameters is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParameterFault {
    /// A value outside its own bounds.
    #[error("{name} is {value} {unit}; it must be between {minimum} and {maximum}")]
    OutOfBounds {
        /// Which parameter.
        name: &'static str,
        /// Its unit.
        unit: &'static str,
        /// The offending value.
        value: Amount,
        /// Least allowed value.
        minimum: Amount,
        /// Largest allowed value.
        maximum: Amount,
    },
    /// Shares of one whole that add up to more than it.
    #[error("{parts} add up to {sum} ppm, more than the whole")]
    SharesExceedWhole {
        /// The shares.
        parts: &'static str,
        /// Their sum in ppm.
        sum: u64,
    },
    /// A bond could leave before everything it secures is final.
    #[error(
        "unbonding_ms is {unbonding_ms}, but a job may stay open for {exposure_ms} ms, veto and slack included"
    )]
    UnbondingTooShort {
        /// The unbonding time.
        unbonding_ms: u64,
        /// The longest exposure, veto and slack included.
        exposure_ms: u64,
    },
    /// One value must not pass another.
    #[error("{lesser} is {lesser_value}; it must not pass {greater}, which is {greater_value}")]
    Order {
        /// The parameter that must be the lesser.
        lesser: &'static str,
        /// Its value.
        lesser_value: u64,
        /// The parameter that must be the greater.
        greater: &'static str,
        /// Its value.
        greater_value: u64,
    },
    /// No parameter has this name.
    #[error("there is no parameter {name:?}")]
    Unknown {
        /// The name.
        name: String,
    },
    /// A parameter that only genesis sets.
    #[error("{name} is fixed at genesis: {why}")]
    Fixed {
        /// Which parameter.
        name: &'static str,
        /// Why it cannot change.
        why: &'static str,
    },
    /// The same parameter twice in one change.
    #[error("{name} is changed twice")]
    Twice {
        /// Which parameter.
        name: String,
    },
}

impl Parameters {
    /// Checks every bound and every relation between parameters; collects all faults.
    ///
    /// # Errors
    /// Every fault found, never just the first.
    pub fn validate(&self) -> Result<(), Vec<ParameterFault>> {
        let mut faults: Vec<_> = self.table().iter().filter_map(out_of_bounds).collect();
        faults.extend(self.share_faults());
        faults.extend(self.order_faults());
        let exposure_ms =
            self.exposure_ms_max().saturating_add(self.veto_ms).saturating_add(self.slack_ms);
        if self.unbonding_ms < exposure_ms {
            let unbonding_ms = self.unbonding_ms;
            faults.push(ParameterFault::UnbondingTooShort { unbonding_ms, exposure_ms });
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// The shortest time that a job of so much work may be given: `max(run_ms_min, ceil(meter / meter_per_ms_max))`.
    pub fn run_ms_least(&self, meter: u64) -> u64 {
        self.run_ms_min.max(meter.div_ceil(self.meter_per_ms_max.max(1)))
    }

    /// The longest exposure of any job, vetoes apart.
    pub fn exposure_ms_max(&self) -> u64 {
        self.exposure_ms(self.run_ms_max).max(self.replicated_exposure_ms(self.run_ms_max))
    }

    /// The longest time from the first draw of a replicated job that may run for so long to the last verdict of its replicas: two
    /// rounds with the time between them, and the time to appeal. The vote on an appeal is the veto, which is counted apart.
    pub fn replicated_exposure_ms(&self, run_ms: u64) -> u64 {
        let round = run_ms.saturating_add(self.reveal_ms);
        round.saturating_mul(2).saturating_add(self.escalation_ms).saturating_add(self.appeal_ms)
    }

    /// The longest time from an assignment to the last possible conviction for it, of a job that may run for so long:
    /// run + every auditor's turn + reveals + challenge window + every demand's answer and the time left after it + taking
    /// evidence, which may be due in the window and again after the last answer.
    pub fn exposure_ms(&self, run_ms: u64) -> u64 {
        let stops = u64::from(self.input_demands_max).saturating_mul(self.answer_ms);
        let run = run_ms.saturating_add(stops);
        let audit =
            run.saturating_add(self.audit_commit_ms).saturating_mul(self.auditors_max.into());
        let answer = self.answer_ms.saturating_add(self.after_answer_ms);
        [
            self.reveal_ms,
            self.audit_reveal_ms,
            self.challenge_ms,
            run_ms.saturating_mul(2),
            answer.saturating_mul(self.demands_in_a_row()),
        ]
        .into_iter()
        .fold(run.saturating_add(audit), u64::saturating_add)
    }

    /// The longest time from the beginning of a lease of so many epochs to its last judgement.
    pub fn lease_exposure_ms(&self, epochs: u32) -> u64 {
        let served_ms = self.epoch_ms.saturating_mul(epochs.into());
        served_ms.saturating_add(self.lease_report_ms).saturating_add(self.lease_rebut_ms)
    }

    /// The haircut on native collateral for the longest exposure of a proven job that may run for so long.
    pub fn haircut(&self, run_ms: u64) -> Ppm {
        self.haircut_over(self.exposure_ms(run_ms))
    }

    /// The same for a replicated job, whose vote holds the locks too.
    pub fn replicated_haircut(&self, run_ms: u64) -> Ppm {
        self.haircut_over(self.replicated_exposure_ms(run_ms).saturating_add(self.veto_ms))
    }

    /// The haircut on native collateral for an exposure.
    pub(crate) fn haircut_over(&self, exposure_ms: u64) -> Ppm {
        let tiers = [
            (self.exposure_short_ms, self.native_haircut),
            (self.exposure_day_ms, self.native_haircut_day),
            (self.exposure_long_ms, self.native_haircut_long),
        ];
        let tier = tiers.into_iter().find(|(longest_ms, _)| exposure_ms <= *longest_ms);
        tier.map_or(self.native_haircut_longest, |(_, haircut)| haircut)
    }

    /// Demands that one account can make one after the other although each answer comes at the last moment: one in the
    /// window, and the late ones.
    fn demands_in_a_row(&self) -> u64 {
        u64::from(self.late_demands_max).saturating_add(1)
    }

    /// Demands that show the first page in which a result differs from one's own, whatever was committed to: two
    /// neighbouring pages and their paths decide two levels of the tree, and what is left in the end is demanded whole.
    /// A result is a trace of at most `steps_max` steps or an output of at most `memory_max` bytes.
    pub fn demands_to_differing_page(&self) -> u64 {
        let trace = self.steps_max.saturating_add(1).saturating_mul(ROOT_BYTES);
        let pages = trace.max(self.memory_max).div_ceil(PAGE_BYTES);
        let levels = pages.next_power_of_two().ilog2();
        let left = levels.saturating_sub(self.demand_pages_max.max(1).ilog2());
        u64::from(left.div_ceil(2)).saturating_add(1)
    }

    /// What the friends of a requester may have back of a price, beside what the provider and the credit return, in ppm of it,
    /// rounded up: the premium, and the fee of an audit as often as one is drawn and its auditor is one of them. The part of the weight
    /// that may be theirs is the one that `detection` leaves.
    fn friends_earn_ppm(&self) -> u64 {
        let factors = [self.audit_rate_new, self.audit_fee, self.detection.complement()];
        let fees: u128 = factors.into_iter().map(|Ppm(rate)| u128::from(rate)).product();
        let fees = fees.div_ceil(u128::from(PPM) * u128::from(PPM));
        u64::from(self.fallback_premium.0) + u64::try_from(fees).expect("three rates are small")
    }

    fn share_faults(&self) -> impl Iterator<Item = ParameterFault> {
        let fault = |parts, shares: [u32; 3]| {
            let sum = shares.into_iter().map(u64::from).sum();
            (sum > u64::from(PPM)).then_some(ParameterFault::SharesExceedWhole { parts, sum })
        };
        let price = [self.provider_share.0, self.audit_share.0, self.insurance_share.0];
        let slash = [self.burn_min.0, self.bounty_max.0, 0];
        let emission = [self.emission_capacity.0, self.emission_validation.0, self.emission_work.0];
        [
            fault("provider_share + audit_share + insurance_share", price),
            fault("burn_min + bounty_max", slash),
            fault("emission_capacity + emission_validation + emission_work", emission),
        ]
        .into_iter()
        .flatten()
    }

    fn order_faults(&self) -> impl Iterator<Item = ParameterFault> {
        let order = |lesser, lesser_value, greater, greater_value| {
            order((lesser, lesser_value), (greater, greater_value))
        };
        let plain = |amount: Amount| u64::try_from(amount.units()).unwrap_or(u64::MAX);
        let rates = (self.audit_rate_floor.0.into(), self.audit_rate_new.0.into());
        [
            order("run_ms_min", self.run_ms_min, "run_ms_max", self.run_ms_max),
            order("audit_rate_floor", rates.0, "audit_rate_new", rates.1),
            order(
                "judge_units_max",
                self.judge_units_max,
                "judge_units_per_block",
                self.judge_units_per_block,
            ),
            order(
                "program_bytes_max",
                self.program_bytes_max,
                "transaction_bytes_max",
                self.transaction_bytes_max,
            ),
            order(
                "evidence_bytes_max",
                self.evidence_bytes_max,
                "transaction_bytes_max",
                self.transaction_bytes_max,
            ),
            order("answer_ms", self.answer_ms, "retention_ms", self.retention_ms),
            order(
                "what it takes to find a wrong page, in demands,",
                self.demands_to_differing_page(),
                "late_demands_max + 1",
                self.demands_in_a_row(),
            ),
            order(
                "fallback_premium + audit_rate_new x audit_fee x (1 - detection)",
                self.friends_earn_ppm(),
                "audit_share + insurance_share",
                u64::from(self.audit_share.0) + u64::from(self.insurance_share.0),
            ),
            order(
                "a job's longest exposure",
                self.exposure_ms_max(),
                "access_unbonding_ms",
                self.access_unbonding_ms,
            ),
            order(
                "access_penalty",
                plain(self.access_penalty),
                "access_min",
                plain(self.access_min),
            ),
        ]
        .into_iter()
        .flatten()
        .chain(self.capacity_faults())
        .chain(order("unbonding_ms", self.unbonding_ms, "timelock_ms", self.timelock_ms))
        .chain(self.price_faults())
        .chain(self.pool_faults())
        .chain(order(
            "replicas_min",
            self.replicas_min.into(),
            "replicas_max",
            self.replicas_max.into(),
        ))
        .chain(self.lease_faults())
    }

    /// Relations of capacity and uptime: the factor has a slope, an answer fits into a transaction, and a bond stays as long as
    /// it takes to fail often enough.
    fn capacity_faults(&self) -> impl Iterator<Item = ParameterFault> {
        [
            order(
                ("uptime_floor", self.uptime_floor.0.into()),
                ("uptime_full", self.uptime_full.0.into()),
            ),
            order(
                ("capacity_answer_bytes_max", self.capacity_answer_bytes_max),
                ("transaction_bytes_max", self.transaction_bytes_max),
            ),
            order(
                (
                    "epoch_ms * (capacity_failures_max + 1)",
                    self.epoch_ms.saturating_mul(u64::from(self.capacity_failures_max) + 1),
                ),
                ("unbonding_ms", self.unbonding_ms),
            ),
        ]
        .into_iter()
        .flatten()
    }

    /// Relations of the price: slots fit into what counts as fresh, the history is bounded, haircuts rise with exposure.
    fn price_faults(&self) -> impl Iterator<Item = ParameterFault> {
        let slot_ms = self.oracle_slot_ms;
        let stale = ("price_stale_ms", self.price_stale_ms);
        let haircuts: [(&str, u64); 4] = [
            ("native_haircut", self.native_haircut.0.into()),
            ("native_haircut_day", self.native_haircut_day.0.into()),
            ("native_haircut_long", self.native_haircut_long.0.into()),
            ("native_haircut_longest", self.native_haircut_longest.0.into()),
        ];
        let exposures = [
            ("exposure_short_ms", self.exposure_short_ms),
            ("exposure_day_ms", self.exposure_day_ms),
            ("exposure_long_ms", self.exposure_long_ms),
        ];
        let history = ("price_window_ms / 10,000", self.price_window_ms / PRICES_MAX);
        [
            order(("2 x oracle_slot_ms", slot_ms.saturating_mul(2)), stale),
            order(history, ("oracle_slot_ms", slot_ms)).filter(|_| slot_ms > 0),
            order(stale, ("price_blind_ms", self.price_blind_ms)),
            order(haircuts[0], haircuts[1]),
            order(haircuts[1], haircuts[2]),
            order(haircuts[2], haircuts[3]),
            order(exposures[0], exposures[1]),
            order(exposures[1], exposures[2]),
        ]
        .into_iter()
        .flatten()
    }

    /// Relations of delegation: commitments have a length, a pool has a bucket for each epoch of unbonding, and nobody
    /// has more seats than there are.
    fn pool_faults(&self) -> impl Iterator<Item = ParameterFault> {
        let epochs = self.unbonding_ms.div_ceil(self.epoch_ms.max(1));
        [
            order(
                ("commitment_ms_min", self.commitment_ms_min),
                ("commitment_ms_max", self.commitment_ms_max),
            ),
            order(("unbonding_ms / epoch_ms", epochs), ("buckets_max", self.buckets_max.into())),
            order(
                ("seats_per_operator", self.seats_per_operator.into()),
                ("seats_max", self.seats_max.into()),
            ),
            order(("sessions", self.sessions.into()), ("epoch_ms", self.epoch_ms)),
        ]
        .into_iter()
        .flatten()
    }

    /// Relations of leases: an epoch is judged before the next one is over, and a bond stays as long as it takes to be found
    /// missing.
    fn lease_faults(&self) -> impl Iterator<Item = ParameterFault> {
        let failing_ms = self.epoch_ms.saturating_mul(u64::from(self.lease_failures_max) + 1);
        [
            order(
                (
                    "lease_report_ms + lease_rebut_ms",
                    self.lease_report_ms.saturating_add(self.lease_rebut_ms),
                ),
                ("epoch_ms", self.epoch_ms),
            ),
            order(
                ("epoch_ms * (lease_failures_max + 1)", failing_ms),
                ("unbonding_ms", self.unbonding_ms),
            ),
        ]
        .into_iter()
        .flatten()
    }
}

/// The fault that what must not pass something passes it.
fn order(
    (lesser, lesser_value): (&'static str, u64),
    (greater, greater_value): (&'static str, u64),
) -> Option<ParameterFault> {
    let fault = ParameterFault::Order { lesser, lesser_value, greater, greater_value };
    (lesser_value > greater_value).then_some(fault)
}

fn out_of_bounds(info: &ParameterInfo) -> Option<ParameterFault> {
    let ParameterInfo { name, unit, value, minimum, maximum, .. } = *info;
    let inside = (minimum..=maximum).contains(&value);
    (!inside).then_some(ParameterFault::OutOfBounds { name, unit, value, minimum, maximum })
}
