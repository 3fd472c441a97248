//! Dishonesty on purpose, for demonstrations and tests.
//!
//! A tampered run is a *real* computation that was really corrupted: after some step bytes of memory
//! change, the change is committed to, and the program goes on from there. Its result is therefore what
//! a dishonest or broken machine would present, not a made-up hash, and nothing about it is marked.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::engine::Engine;

/// Where bytes are corrupted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub enum Place {
    /// At an address of memory.
    Address(u32),
    /// At an offset into the buffer that the output cell names at that time.
    Output {
        /// Bytes from the buffer's start.
        offset: u32,
    },
    /// At one of the aligned 4-byte words that the step just changed, counted modulo their number: a
    /// plausible place, such as a weight in a training step.
    ChangedWord {
        /// Which one.
        index: u32,
    },
}

/// How bytes are corrupted.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub enum Edit {
    /// Exclusive or: `[0, 0, 0, 0x80]` flips the sign of a 32-bit float.
    Xor(Vec<u8>),
    /// These bytes instead.
    Replace(Vec<u8>),
}

/// One corruption.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Tamper {
    /// After which step, before its state is committed to; 0 is the first state.
    pub after_step: u64,
    /// Where.
    pub place: Place,
    /// How. Bytes that would fall outside memory are left out.
    pub edit: Edit,
}

impl Tamper {
    /// Whether memory as it was before the step is needed to find the place.
    pub(crate) const fn needs_before(&self) -> bool {
        matches!(self.place, Place::ChangedWord { .. })
    }

    /// Corrupts memory, and says whether anything is different now.
    pub(crate) fn apply(
        &self,
        engine: &mut impl Engine,
        output: Option<u64>,
        before: &[u8],
    ) -> bool {
        let address = match self.place {
            Place::Address(address) => Some(u64::from(address)),
            Place::Output { offset } => output.map(|start| start + u64::from(offset)),
            Place::ChangedWord { index } => changed_word(before, engine.memory(), index),
        };
        let Some(address) = address.and_then(|address| usize::try_from(address).ok()) else {
            return false;
        };
        let Some(target) = engine.memory_mut().get_mut(address..) else { return false };
        self.edit.apply(target)
    }
}

impl Edit {
    fn apply(&self, target: &mut [u8]) -> bool {
        let (Self::Xor(bytes) | Self::Replace(bytes)) = self;
        let mut changed = false;
        for (target, byte) in target.iter_mut().zip(bytes) {
            let new = if matches!(self, Self::Xor(_)) { *target ^ byte } else { *byte };
            changed |= new != *target;
            *target = new;
        }
        changed
    }
}

fn changed_word(before: &[u8], now: &[u8], index: u32) -> Option<u64> {
    let before = before.chunks(4).map(Some).chain(std::iter::repeat(None));
    let differs = |before: Option<&[u8]>, now: &[u8]| match before {
        Some(before) => before != now,
        None => now.iter().any(|byte| *byte != 0),
    };
    let words = before.zip(now.chunks(4)).zip(0u64..);
    let changed =
        words.filter(|((before, now), _)| differs(*before, now)).map(|(_, word)| 4 * word);
    let changed: Vec<u64> = changed.collect();
    let index = (index as usize).checked_rem(changed.len())?;
    changed.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_words_are_found_also_in_memory_that_grew() {
        let before = [0u8; 16];
        let mut now = [0u8; 32];
        (now[5], now[12], now[31]) = (1, 1, 1);
        let found: Vec<_> = (0..4).map(|index| changed_word(&before, &now, index)).collect();
        assert_eq!(found, [Some(4), Some(12), Some(28), Some(4)]);
        assert_eq!(changed_word(&before, &before, 0), None);
    }

    #[test]
    fn an_edit_says_whether_it_changed_anything() {
        let mut bytes = [1u8, 2];
        assert!(!Edit::Xor(vec![0, 0]).apply(&mut bytes));
        assert!(!Edit::Replace(vec![1, 2, 3]).apply(&mut bytes));
        assert!(Edit::Xor(vec![0, 0x80]).apply(&mut bytes));
        assert_eq!(bytes, [1, 0x82]);
    }
}
