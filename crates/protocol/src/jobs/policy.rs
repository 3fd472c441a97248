//! Prices, locks, names: the pure formulas.

use crate::jobs::{JobKind, JobSpec, LockQuote};
use crate::parameters::Parameters;
use crate::primitives::{AccountId, Amount, ChainId, Hash, JobId, Nonce, PPM, Ppm};

/// Metered units that an ask is the price of.
pub(crate) const ASK_UNITS: u128 = 1_000_000_000;

/// The name of the job that a requester submits with a nonce.
pub fn job_id(chain: ChainId, requester: AccountId, nonce: Nonce) -> JobId {
    JobId(Hash::of("earnest job v1", &(chain, requester, nonce)).0)
}

/// Price of a job at an ask: `ask * meter bound / 10^9`, rounded up, at least the minimum price.
pub fn price_ceil(parameters: &Parameters, spec: &JobSpec, ask: Amount) -> Amount {
    ask.scaled_ceil(spec.meter_max.into(), ASK_UNITS).max(parameters.price_min)
}

/// The lock that makes dishonesty lose, and the insured value whole:
/// `max(ceil((ceil(m (G + B) / (q delta)) - p) / (1 - bounty)), ceil(ceil(I (1 + premium)) / (1 - burn - bounty)))`.
///
/// The first term is the honesty condition `q delta (p + S - floor(bounty S)) >= m (G + B)`: a cheat about to be found out
/// may accuse itself from another account, so the bounty deters nobody. The second is what is left for the victim after
/// the burned part and the largest bounty.
pub fn lock_quote(
    parameters: &Parameters,
    spec: &JobSpec,
    price: Amount,
    audit_rate: Ppm,
    native_price: Amount,
) -> LockQuote {
    let saving = price.portion_ceil(parameters.saving);
    let gain = saving.plus(spec.harm);
    let caught = u128::from(audit_rate.0) * u128::from(parameters.detection.0);
    let deterrent = gain.scaled_ceil(u128::from(parameters.margin.0) * u128::from(PPM), caught);
    let lost = parameters.bounty_max.complement().0.max(1);
    let honesty = deterrent.saturating_sub(price).scaled_ceil(PPM.into(), lost.into());
    let insurance = insurance_lock_ceil(parameters, spec.insured);
    LockQuote {
        price,
        saving,
        harm: spec.harm,
        insured: spec.insured,
        audit_rate,
        detection: parameters.detection,
        margin: parameters.margin,
        honesty,
        insurance,
        required: honesty.max(insurance),
        native_price,
        native_haircut: match spec.kind {
            JobKind::Proven => parameters.haircut(spec.run_ms),
            JobKind::Replicated { .. } => parameters.replicated_haircut(spec.run_ms),
        },
        burn_min: parameters.burn_min,
        bounty_max: parameters.bounty_max,
    }
}

/// The audit rate at which honesty pays when a lock is worth so much: `min(1, ceil(m (G + B) / (delta (p + S - floor(bounty S)))))`.
///
/// It takes the place of what a lock has lost: at no worth at all every result is audited, and with the price alone at
/// stake honesty still pays as long as a cheat saves less than `delta / m` of it.
pub fn audit_rate_needed(quote: &LockQuote, worth: Amount) -> Ppm {
    let gain = quote.saving.plus(quote.harm);
    let at_stake = quote.price.plus(quote.lost(worth)).units();
    // Past all money it is the largest there is: the rate errs upwards.
    let caught = u128::from(quote.detection.0).saturating_mul(at_stake);
    if caught == 0 {
        return if gain.is_zero() { Ppm(0) } else { Ppm::WHOLE };
    }
    let rate = gain.scaled_ceil(u128::from(quote.margin.0) * u128::from(PPM), caught);
    let rate = rate.min(Amount::new(PPM.into())).units();
    Ppm(u32::try_from(rate).expect("a rate of at most the whole"))
}

fn insurance_lock_ceil(parameters: &Parameters, insured: Amount) -> Amount {
    let payable = PPM.saturating_sub(parameters.burn_min.0).saturating_sub(parameters.bounty_max.0);
    let covered = insured.plus(insured.portion_ceil(parameters.insured_premium));
    if covered.is_zero() { covered } else { covered.scaled_ceil(PPM.into(), payable.max(1).into()) }
}

/// Lock of an auditor of a job at a price.
pub fn audit_lock(parameters: &Parameters, price: Amount) -> Amount {
    price.portion_ceil(parameters.audit_lock)
}

/// Fee of an auditor of a job at a price, as far as the audit pot reaches.
pub fn audit_fee(parameters: &Parameters, price: Amount, pot: Amount) -> Amount {
    price.portion_floor(parameters.audit_fee).min(pot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spec(harm: u128, insured: u128) -> JobSpec {
        JobSpec {
            program: Default::default(),
            input: Default::default(),
            class: Default::default(),
            steps_max: 1,
            meter_max: 1,
            memory_max: 1,
            run_ms: 1,
            wait_ms: 1,
            price_max: Amount::ZERO,
            harm: Amount::new(harm),
            insured: Amount::new(insured),
            kind: Default::default(),
        }
    }

    fn quote(spec: &JobSpec, price: u128, rate: u32) -> LockQuote {
        let parameters = Parameters::default();
        lock_quote(&parameters, spec, Amount::new(price), Ppm(rate), parameters.native_price)
    }

    /// The multiples of the price that the derivation tabulates for G = p, delta = 0.85, m = 1.25, over the three
    /// quarters that a bounty does not return.
    #[test]
    fn the_lock_is_the_tabulated_multiple_of_the_price() {
        let table = [
            (20_000, 96_705_883),
            (50_000, 37_882_354),
            (100_000, 18_274_511),
            (200_000, 8_470_590),
        ];
        for (rate, lock) in table {
            let quote = quote(&spec(0, 0), 1_000_000, rate);
            assert_eq!(quote.required, Amount::new(lock), "{rate}");
        }
    }

    proptest! {
        #[test]
        fn honesty_holds_whatever_the_rounding(price in 1..1_u128 << 64, harm in 0..1_u128 << 64, rate in 1..=PPM) {
            let parameters = Parameters::default();
            let quote = quote(&spec(harm, 0), price, rate);
            let whole = u128::from(PPM);
            let caught = ruint::aliases::U256::from(u128::from(rate) * u128::from(parameters.detection.0));
            let lost = quote.required.minus(quote.required.portion_floor(parameters.bounty_max));
            let at_stake = caught * ruint::aliases::U256::from(price + lost.units());
            let gain = ruint::aliases::U256::from(quote.saving.units() + harm);
            prop_assert!(at_stake >= gain * ruint::aliases::U256::from(u128::from(parameters.margin.0) * whole));
        }

        /// Whatever a lock is worth, the rate that takes its place keeps honesty paying, or is the whole.
        #[test]
        fn the_rate_makes_up_for_what_the_lock_has_lost(
            price in 1..1_u128 << 64, harm in 0..1_u128 << 64, rate in 1..=PPM, left in 0..=PPM,
        ) {
            let quote = quote(&spec(harm, 0), price, rate);
            let worth = quote.required.portion_floor(Ppm(left));
            let needed = audit_rate_needed(&quote, worth);
            let pays = |rate: u32| {
                let caught = ruint::aliases::U256::from(u128::from(rate) * u128::from(quote.detection.0));
                let at_stake = caught * ruint::aliases::U256::from(price + quote.lost(worth).units());
                let gain = ruint::aliases::U256::from(quote.saving.units() + harm);
                at_stake >= gain * ruint::aliases::U256::from(u128::from(quote.margin.0) * u128::from(PPM))
            };
            prop_assert!(pays(needed.0) || needed == Ppm::WHOLE);
            prop_assert!(needed.0 == 0 || !pays(needed.0 - 1), "no more than is needed");
            prop_assert!(audit_rate_needed(&quote, quote.required) <= quote.audit_rate, "a whole lock needs no more");
        }

        #[test]
        fn the_insured_value_is_whole_after_burn_and_bounty(insured in 0..1_u128 << 80) {
            let parameters = Parameters::default();
            let quote = quote(&spec(0, insured), 1, PPM);
            let split = crate::penalties::split(&parameters, crate::STABLE, quote.required, true, quote.insured);
            prop_assert_eq!(split.victim, quote.insured);
        }
    }

    #[test]
    fn a_requirement_past_all_money_is_one_nobody_meets() {
        let parameters = Parameters { detection: Ppm(1), ..Parameters::default() };
        let huge = Amount::SUPPLY_MAX.units();
        let quote =
            lock_quote(&parameters, &spec(huge, huge), Amount::SUPPLY_MAX, Ppm(1), Amount::new(1));
        assert!(quote.required > Amount::SUPPLY_MAX);
    }
}
