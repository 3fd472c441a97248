//! Where decisions come from: a seed, or bytes that a fuzzer chose.

/// A source of decisions.
pub(crate) enum Chance<'a> {
    /// SplitMix64 over a seed: never ends.
    Seed(u64),
    /// One byte for a small decision, eight for a large one; then all decisions are the first.
    Bytes(&'a [u8]),
}

impl Chance<'_> {
    /// Whether bytes are used up.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Self::Bytes([]))
    }

    /// Any number.
    pub(crate) fn number(&mut self) -> u64 {
        match self {
            Self::Seed(state) => {
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut mixed = *state;
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                mixed ^ (mixed >> 31)
            }
            Self::Bytes(bytes) => bytes.split_off(..bytes.len().min(8)).map_or(0, |taken| {
                taken.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
            }),
        }
    }

    /// A number below a bound.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        if let Self::Bytes(bytes) = self
            && bound <= 256
        {
            let first = bytes.split_off_first().copied().unwrap_or(0);
            return u64::from(first) % bound.max(1);
        }
        self.number() % bound.max(1)
    }

    /// True once in so many times.
    pub(crate) fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of several.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).expect("an index")]
    }

    /// One of several, or none if there are none.
    pub(crate) fn any<T>(&mut self, mut choices: Vec<T>) -> Option<T> {
        if choices.is_empty() {
            return None;
        }
        let at = self.below(choices.len() as u64);
        Some(choices.swap_remove(usize::try_from(at).expect("an index")))
    }

    /// A limit, one less, or one more.
    pub(crate) fn around(&mut self, limit: u128) -> u128 {
        self.pick(&[limit.saturating_sub(1), limit, limit.saturating_add(1)])
    }
}
