//! What collateral is worth.

use crate::parameters::NATIVE_UNIT;
use crate::primitives::{Amount, Holdings, NATIVE, PPM, Ppm, STABLE};
use crate::state::State;

/// Native base units worth `value` micro-dollars after the haircut, rounded up:
/// `ceil(value * 10^9 * PPM / (price * (PPM - haircut)))`.
pub(crate) fn tokens_ceil(value: Amount, price: Amount, haircut: Ppm) -> Amount {
    let per_token = price.units() * u128::from(haircut.complement().0);
    value.scaled_ceil(NATIVE_UNIT * u128::from(PPM), per_token)
}

/// Micro-dollars that native base units are worth after the haircut, rounded down.
pub(crate) fn worth_floor(native: Amount, price: Amount, haircut: Ppm) -> Amount {
    let per_token = price.units() * u128::from(haircut.complement().0);
    native.scaled_floor(per_token, NATIVE_UNIT * u128::from(PPM))
}

impl State {
    /// What a bond counts for, in micro-dollars: stable at par, native at the collateral price after the haircut.
    pub fn bond_value(&self, holdings: &Holdings) -> Amount {
        let parameters = self.parameters();
        let native =
            worth_floor(holdings.of(NATIVE), parameters.native_price, parameters.native_haircut);
        holdings.of(STABLE).plus(native)
    }
}
