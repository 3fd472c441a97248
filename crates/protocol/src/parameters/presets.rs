//! Sets for networks of a kind.

use super::table::{DAY, DOLLAR, HOUR, MINUTE, Parameters, TOKEN};
use crate::primitives::Amount;

/// Base units of one whole native token; the unit of [`Parameters::native_price`].
pub(crate) const NATIVE_UNIT: u128 = TOKEN;

impl Parameters {
    /// A set for networks on one machine: the same rates, windows of seconds instead of minutes, small bonds.
    pub fn devnet() -> Self {
        Self {
            validator_bond_min: Amount::new(100 * DOLLAR),
            unbonding_ms: 2 * HOUR,
            access_unbonding_ms: 2 * HOUR,
            commitment_ms_min: 2 * HOUR,
            commitment_ms_max: 7 * DAY,
            seat_bond: Amount::new(100 * TOKEN),
            run_ms_max: 20 * MINUTE,
            wait_ms_max: HOUR,
            retention_ms: DAY,
            audit_commit_ms: 10_000,
            reveal_ms: 10_000,
            audit_reveal_ms: 10_000,
            challenge_ms: 4_000,
            answer_ms: 10_000,
            after_answer_ms: 4_000,
            jail_ms: 10 * MINUTE,
            correlation_ms: DAY,
            epoch_ms: MINUTE,
            sessions: 2,
            slack_ms: MINUTE,
            veto_ms: MINUTE,
            uptime_answer_ms: 10_000,
            escalation_ms: 30_000,
            appeal_ms: 4_000,
            lease_report_ms: 10_000,
            lease_rebut_ms: 10_000,
            misrepresented_jail_ms: 10 * MINUTE,
            voting_ms: 10 * MINUTE,
            timelock_ms: 2 * HOUR,
            // Everything that anybody gains or loses in a network of one machine has a visible cause: no tokens by the
            // minute between the movements that are to be shown.
            emission_start: Amount::ZERO,
            ..Self::default()
        }
    }
}
