//! Virtual time: how much service each unit of weight has had.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};
use ruint::aliases::U256;

use crate::primitives::Amount;

/// Fraction bits of a tag: with a weight of all the money there can be, a job of the least size still moves it.
const FRACTION_BITS: usize = 96;

/// A point of virtual time, in metered units per unit of weight, with a fraction of 96 bits.
///
/// The largest job (2^60) of the least weight (1) moves it by 2^156, so it outlasts 2^100 of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tag(U256);

impl Tag {
    /// A place in a queue of arrivals, ordered like any tag.
    pub(crate) fn place(place: u64) -> Self {
        Self(U256::from(place))
    }

    /// When a job of `size` is done that starts now and has `weight`: rounded up, so that cutting a job or a stake
    /// into pieces gains nothing.
    pub(crate) fn after(self, size: u64, weight: Amount) -> Self {
        self.plus(scaled(size).div_ceil(U256::from(weight.units())))
    }

    /// Virtual time after `work` for `stake`, rounded down so that it never runs ahead of the service given; but not
    /// beyond `until`, with the work that is left then.
    pub(crate) fn moved(self, work: Work, stake: Amount, until: Option<Self>) -> (Self, Work) {
        let stake = U256::from(stake.units());
        // Past 256 bits is more than any job, so it is not reached.
        let needed = |until: Self| until.0.saturating_sub(self.0).checked_mul(stake);
        let reached = until.and_then(|until| Some((until, work.0.checked_sub(needed(until)?)?)));
        match reached {
            Some((until, left)) => (self.max(until), Work(left)),
            None if stake.is_zero() => (self, Work::default()),
            None => (self.plus(work.0 / stake), Work::default()),
        }
    }

    fn plus(self, service: U256) -> Self {
        Self(self.0.checked_add(service).expect("256 bits outlast the network"))
    }
}

fn scaled(size: u64) -> U256 {
    U256::from(size) << FRACTION_BITS
}

/// Work done, in metered units with the fraction of a tag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Work(U256);

impl Work {
    /// The work of a job.
    pub(crate) fn of(size: u64) -> Self {
        Self(scaled(size))
    }
}

impl BorshSerialize for Tag {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(&self.0.to_be_bytes::<32>())
    }
}

impl BorshDeserialize for Tag {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        Ok(Self(U256::from_be_bytes(<[u8; 32]>::deserialize_reader(reader)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_owed_rounds_up_and_time_passed_rounds_down() {
        let three = Amount::new(3);
        let passed = |size| Tag::default().moved(Work::of(size), three, None).0;
        assert_eq!(Tag::default().after(3, three), passed(3));
        assert!(Tag::default().after(1, three) > passed(1));
    }

    #[test]
    fn the_extremes_fit_and_still_differ() {
        let start = Tag::default().after(u64::MAX, Amount::new(1));
        assert!(start.after(1, Amount::SUPPLY_MAX) > start);
        assert!(start.moved(Work::of(1), Amount::SUPPLY_MAX, None).0 > start);
    }

    #[test]
    fn time_stops_on_its_way_with_the_work_that_is_left() {
        let (start, stake) = (Tag::default(), Amount::new(2));
        let until = start.after(6, stake);
        assert_eq!(start.moved(Work::of(10), stake, Some(until)), (until, Work::of(4)));
        assert_eq!(start.moved(Work::of(6), stake, Some(until)), (until, Work::default()));
        assert!(start.moved(Work::of(5), stake, Some(until)).0 < until);
        assert_eq!(
            until.moved(Work::of(1), stake, Some(start)),
            (until, Work::of(1)),
            "past already"
        );
        assert_eq!(start.moved(Work::of(1), Amount::ZERO, None).0, start);
    }
}
