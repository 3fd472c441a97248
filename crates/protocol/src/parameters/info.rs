//! What is said of a parameter, and parameters as plain numbers.

use crate::primitives::{Amount, Ppm};

/// One parameter, described.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ParameterInfo {
    /// Field name.
    pub name: &'static str,
    /// Unit of the value.
    pub unit: &'static str,
    /// Least allowed value.
    pub minimum: Amount,
    /// Largest allowed value.
    pub maximum: Amount,
    /// Value a new network starts with.
    pub default: Amount,
    /// Value in this set.
    pub value: Amount,
    /// What it is for and why the default is what it is.
    pub reason: &'static str,
    /// Why no vote changes it, if only genesis sets it.
    pub fixed: Option<&'static str>,
}

/// A value a parameter can have, seen as a plain number.
pub(super) trait Plain: Sized {
    fn plain(self) -> Amount;
    /// The value that is this number, if the type has it.
    fn from_plain(number: Amount) -> Option<Self>;
}
impl Plain for u64 {
    fn plain(self) -> Amount {
        Amount::new(u128::from(self))
    }
    fn from_plain(number: Amount) -> Option<Self> {
        Self::try_from(number.units()).ok()
    }
}
impl Plain for u32 {
    fn plain(self) -> Amount {
        Amount::new(u128::from(self))
    }
    fn from_plain(number: Amount) -> Option<Self> {
        Self::try_from(number.units()).ok()
    }
}
impl Plain for Ppm {
    fn plain(self) -> Amount {
        self.0.plain()
    }
    fn from_plain(number: Amount) -> Option<Self> {
        u32::from_plain(number).map(Self)
    }
}
impl Plain for Amount {
    fn plain(self) -> Amount {
        self
    }
    fn from_plain(number: Amount) -> Option<Self> {
        Some(number)
    }
}
