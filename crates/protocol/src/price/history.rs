//! The agreed prices of the window, their average and their high.

use crate::primitives::{Amount, Time};
use crate::state::State;

impl State {
    /// Notes the price that counts from now on, and forgets what was over before the window began.
    pub(super) fn note_price(&mut self, now: Time, price: Amount) {
        self.prices.insert(now, price);
        let began = self.window_began(now);
        let in_force = self.prices.range(..=began).next_back().map(|(at, _)| *at);
        let over: Vec<Time> = match in_force {
            Some(in_force) => self.prices.range(..in_force).map(|(at, _)| *at).collect(),
            None => Vec::new(),
        };
        for at in over {
            self.prices.remove(&at);
        }
    }

    /// The average of the prices over the window up to now, each weighted by how long it counted, rounded down. A
    /// shorter history is averaged over what there is.
    pub(super) fn average_price_floor(&self, now: Time) -> Option<Amount> {
        let began = self.window_began(now);
        let ends = self.prices.keys().skip(1).copied().chain([now]);
        let (mut sum, mut span) = (Amount::ZERO, 0_u64);
        for ((at, price), end) in self.prices.iter().zip(ends) {
            let counted_ms = end.since_ms((*at).max(began));
            sum = sum.plus(price.scaled_floor(counted_ms.into(), 1));
            span = span.saturating_add(counted_ms);
        }
        (span > 0).then(|| sum.scaled_floor(1, span.into()))
    }

    /// The highest price anybody can know of, in micro-dollars per whole token: of the window, or the governed one.
    pub fn highest_known_price(&self) -> Amount {
        self.highest_price().unwrap_or(self.parameters.native_price)
    }

    /// The highest price of the window.
    pub(super) fn highest_price(&self) -> Option<Amount> {
        self.prices.values().max().copied()
    }

    fn window_began(&self, now: Time) -> Time {
        Time(now.0.saturating_sub(self.parameters.price_window_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn state(window_ms: u64) -> State {
        let mut state = State::default();
        std::sync::Arc::make_mut(&mut state.parameters).price_window_ms = window_ms;
        state
    }

    proptest! {
        /// The same average and high from the whole history, millisecond by millisecond.
        #[test]
        fn the_kept_history_is_enough(
            steps in prop::collection::vec((1_u64..40, 1_u128..1_000), 1..30),
            window_ms in 1_u64..200,
            after in 0_u64..50,
        ) {
            let mut state = state(window_ms);
            let mut told = Vec::new();
            let mut now = Time(1_000);
            for (ms, price) in steps {
                now = now.plus_ms(ms);
                state.note_price(now, Amount::new(price));
                told.push((now, price));
            }
            now = now.plus_ms(after);
            let began = Time(now.0 - window_ms).max(told[0].0);
            let at = |time: u64| told.iter().rev().find(|(from, _)| from.0 <= time).unwrap().1;
            let counted: Vec<u128> = (began.0..now.0).map(at).collect();
            let sum: u128 = counted.iter().sum();
            let average = sum.checked_div(counted.len() as u128).map(Amount::new);
            prop_assert_eq!(state.average_price_floor(now), average);
            let floor = Time(now.0 - after - window_ms);
            let kept = state.prices.keys().filter(|at| **at <= floor).count();
            prop_assert!(kept <= 1, "one price before the window is enough");
        }
    }
}
