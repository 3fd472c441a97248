//! Amounts of several assets at once.

use std::io::{self, Read, Write};

use borsh::{BorshDeserialize, BorshSerialize};
use smallvec::SmallVec;

use super::{Amount, AssetId};

/// Amounts by asset: sorted, at most one entry per asset, none of them zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Holdings(SmallVec<[(AssetId, Amount); IN_PLACE]>);

/// Assets whose amounts need no memory of their own: most bonds and locks are of one.
const IN_PLACE: usize = 1;

// As a sequence.
impl BorshSerialize for Holdings {
    fn serialize<W: Write>(&self, writer: &mut W) -> io::Result<()> {
        self.0.as_slice().serialize(writer)
    }
}

impl BorshDeserialize for Holdings {
    fn deserialize_reader<R: Read>(reader: &mut R) -> io::Result<Self> {
        Ok(Self(Vec::deserialize_reader(reader)?.into()))
    }
}

impl Holdings {
    /// The amount held of an asset.
    pub fn of(&self, asset: AssetId) -> Amount {
        self.iter().find(|(held, _)| *held == asset).map_or(Amount::ZERO, |(_, amount)| amount)
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every asset held with its amount, in order of asset.
    pub fn iter(&self) -> impl Iterator<Item = (AssetId, Amount)> + '_ {
        self.0.iter().copied()
    }

    /// Puts an amount in.
    pub fn put(&mut self, asset: AssetId, amount: Amount) {
        self.set(asset, self.of(asset).plus(amount));
    }

    /// Takes an amount out that was checked to be there.
    pub fn take(&mut self, asset: AssetId, amount: Amount) {
        self.set(asset, self.of(asset).minus(amount));
    }

    fn set(&mut self, asset: AssetId, amount: Amount) {
        match self.0.binary_search_by_key(&asset, |(held, _)| *held) {
            Ok(at) if amount.is_zero() => drop(self.0.remove(at)),
            Ok(at) => self.0[at].1 = amount,
            Err(_) if amount.is_zero() => {}
            Err(at) => self.0.insert(at, (asset, amount)),
        }
    }
}

impl FromIterator<(AssetId, Amount)> for Holdings {
    fn from_iter<I: IntoIterator<Item = (AssetId, Amount)>>(parts: I) -> Self {
        let mut holdings = Self::default();
        for (asset, amount) in parts {
            holdings.put(asset, amount);
        }
        holdings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::{NATIVE, STABLE};

    #[test]
    fn stays_sorted_and_without_zeros() {
        let mut held = Holdings::default();
        held.put(STABLE, Amount::new(5));
        held.put(NATIVE, Amount::new(7));
        held.put(NATIVE, Amount::ZERO);
        assert_eq!(
            held.iter().collect::<Vec<_>>(),
            [(NATIVE, Amount::new(7)), (STABLE, Amount::new(5))]
        );
        held.take(NATIVE, Amount::new(7));
        assert_eq!(held.of(NATIVE), Amount::ZERO);
        assert_eq!(held.iter().count(), 1);
    }
}
