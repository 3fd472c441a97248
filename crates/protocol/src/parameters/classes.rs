//! Resource classes.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::primitives::Amount;

/// Names a resource class.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ClassId(pub u16);

impl ClassId {
    /// General processors.
    pub const CPU: Self = Self(0);
    /// Machines with a graphics processor.
    pub const GPU: Self = Self(1);
    /// Small devices: tiny bond, small jobs.
    pub const EDGE: Self = Self(2);
    /// Kept data.
    pub const STORAGE: Self = Self(3);
    /// Moved data.
    pub const BANDWIDTH: Self = Self(4);
}

impl fmt::Display for ClassId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the devices of a class are challenged to do. The rules know the kind by name only; the mathematics is the
/// referee's, save for a transfer, which nobody can check afterwards and peers measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum ChallengeKind {
    /// A memory-hard function sized to the claimed units.
    MemoryHard,
    /// A chain of integer matrix products sized to the claimed units.
    MatrixChain,
    /// Random chunks of sealed data with their Merkle paths; the device's name is the root.
    SealedChunks,
    /// A transfer measured by drawn validators.
    MeasuredTransfer,
}

/// How the devices of a class prove that they are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CapacityChallenge {
    /// What is asked.
    pub kind: ChallengeKind,
    /// Time to answer, in milliseconds. Short enough that a machine a third slower than claimed fails.
    pub answer_ms: u64,
}

/// The largest job of a class, where it is smaller than the parameters allow anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct JobLimits {
    /// Most metered units.
    pub meter_max: u64,
    /// Most memory in bytes.
    pub memory_max: u64,
    /// Largest maximum price in micro-dollars.
    pub price_max: Amount,
}

/// A resource class: what one unit is, what an operator must have bonded to offer it, and how it is proven.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Class {
    /// Number it is called by.
    pub id: ClassId,
    /// Short name, for people.
    pub name: String,
    /// What one unit is, in words. A unit runs one job at a time.
    pub unit: String,
    /// Bond value required per offered unit, in micro-dollars.
    pub bond_per_unit: Amount,
    /// How units are proven before they are offered. `None`: the bond alone limits offers, and there are no devices.
    pub challenge: Option<CapacityChallenge>,
    /// Bounds of its jobs. `None`: the parameters' bounds alone.
    pub job_limits: Option<JobLimits>,
}

const MINUTE: u64 = 60_000;

impl Class {
    /// The classes a new network starts with, their capacity proven.
    pub fn seed() -> Vec<Self> {
        use ChallengeKind::{MatrixChain, MeasuredTransfer, MemoryHard, SealedChunks};
        let class = |id, name: &str, unit: &str, dollars: u128, kind, answer_ms| Self {
            id,
            name: name.into(),
            unit: unit.into(),
            bond_per_unit: Amount::new(dollars * 1_000_000),
            challenge: Some(CapacityChallenge { kind, answer_ms }),
            job_limits: None,
        };
        let small = JobLimits {
            meter_max: 10_000_000_000,
            memory_max: 256 * 1024 * 1024,
            price_max: Amount::new(20_000_000),
        };
        let cpu = "one job at a time on one processor";
        let gpu = "one job at a time on one graphics processor";
        let edge = "one small job at a time on one device";
        let storage = "one job at a time on 100 GiB of sealed data";
        let bandwidth = "one job at a time over 100 Mbit/s";
        vec![
            class(ClassId::CPU, "cpu", cpu, 100, MemoryHard, 5 * MINUTE),
            class(ClassId::GPU, "gpu", gpu, 500, MatrixChain, 5 * MINUTE),
            Self {
                job_limits: Some(small),
                ..class(ClassId::EDGE, "edge", edge, 5, MemoryHard, 5 * MINUTE)
            },
            class(ClassId::STORAGE, "storage", storage, 20, SealedChunks, 10 * MINUTE),
            class(ClassId::BANDWIDTH, "bandwidth", bandwidth, 20, MeasuredTransfer, 20 * MINUTE),
        ]
    }

    /// The same classes for networks on one machine: capacity is taken on the operator's word.
    pub fn devnet() -> Vec<Self> {
        Self::seed().into_iter().map(|class| Self { challenge: None, ..class }).collect()
    }
}
