//! What a state between two steps is, and the 32 bytes that commit to it.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::hash::{Domain, Hash};
use crate::prepare::{GlobalKind, Manifest};

/// Whether the program asked for another step.
#[derive(Clone, Copy, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub enum Status {
    /// The next step may be called.
    Running,
    /// The program said that it is done.
    Done,
}

/// Everything a state is: the preimage of its root.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Header {
    /// How many steps led here; the argument of the next call.
    pub step: u64,
    /// Whether there is a next step.
    pub status: Status,
    /// Metered units used by all steps so far.
    pub meter: u64,
    /// Bytes of memory, whole WebAssembly pages.
    pub memory_bytes: u64,
    /// Root of the memory tree, of fixed height.
    pub memory_root: Hash,
    /// Bits of every mutable global but the meter, in the order of the manifest, zero-extended.
    pub globals: Vec<u128>,
}

impl Header {
    /// The commitment to this state.
    #[must_use]
    pub fn root(&self) -> Hash {
        Domain::State.hash(&borsh::to_vec(self).expect("writing to memory does not fail"))
    }

    /// Whether a program with this manifest can be in such a state at all.
    #[must_use]
    pub fn fits(&self, manifest: &Manifest) -> bool {
        let wasm_pages = self.memory_bytes / crate::limits::WASM_PAGE_BYTES;
        let kinds = kinds(manifest);
        self.memory_bytes.is_multiple_of(crate::limits::WASM_PAGE_BYTES)
            && wasm_pages >= u64::from(manifest.initial_memory_pages)
            && wasm_pages <= u64::from(manifest.maximum_memory_pages)
            && kinds.len() == self.globals.len()
            && kinds.iter().zip(&self.globals).all(|(kind, bits)| holds(*kind, *bits))
    }
}

/// Kinds of the globals that are part of a state: all but the meter.
pub(crate) fn kinds(manifest: &Manifest) -> Vec<GlobalKind> {
    let slots = manifest.globals.iter().enumerate().filter(|(index, _)| *index != manifest.meter);
    slots.map(|(_, slot)| slot.kind).collect()
}

fn holds(kind: GlobalKind, bits: u128) -> bool {
    let width = 8 * kind.bytes();
    width >= 128 || bits >> width == 0
}

/// The root that stands for a computation that trapped in a step: it has no memory and no meter.
#[must_use]
pub fn trapped(step: u64) -> Hash {
    Domain::Trapped.hash(&step.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            step: 3,
            status: Status::Running,
            meter: 70,
            memory_bytes: 65_536,
            memory_root: Hash([1; 32]),
            globals: vec![5, 6],
        }
    }

    #[test]
    fn every_field_is_committed_to() {
        let changes: [fn(&mut Header); 6] = [
            |header| header.step += 1,
            |header| header.status = Status::Done,
            |header| header.meter += 1,
            |header| header.memory_bytes += 65_536,
            |header| header.memory_root.0[31] ^= 1,
            |header| header.globals[1] ^= 1 << 100,
        ];
        for change in changes {
            let mut other = header();
            change(&mut other);
            assert_ne!(other.root(), header().root(), "{other:?}");
        }
    }

    #[test]
    fn a_trap_differs_by_step_and_from_every_state() {
        assert_ne!(trapped(1), trapped(2));
        assert_ne!(trapped(3), header().root());
    }

    #[test]
    fn roots_are_pinned() {
        expect_test::expect!["53b200b87a0439a3faad98ab10d541fbef937739819298710f305730308e0011"]
            .assert_eq(&header().root().to_string());
        expect_test::expect!["dd50efdba463663681503f724e4397455aed3cb7c8e3d2fd730fd7700f823429"]
            .assert_eq(&trapped(7).to_string());
    }
}
