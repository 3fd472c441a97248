//! Changing a set of parameters into another one that is allowed.

use std::collections::BTreeSet;

use borsh::{BorshDeserialize, BorshSerialize};

use super::{ParameterFault, ParameterInfo, Parameters};
use crate::primitives::Amount;

/// A new value of one parameter.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ParameterChange {
    /// Name of the parameter, as in [`Parameters::table`].
    pub name: String,
    /// Its new value, in its unit.
    pub value: Amount,
}

/// Parameters that only genesis sets, each with the reason.
const FIXED: [(&str, &str); 5] = [
    ("epoch_ms", "epochs are counted from the start by its length"),
    ("convictions_max", "a tombstone is for good"),
    ("transaction_bytes_max", "ledgers are built for it"),
    ("judge_units_per_block", "ledgers are built for it"),
    ("judge_units_max", "ledgers are built for it"),
];

/// Why only genesis sets a parameter, if that is so.
pub(super) fn fixed(name: &str) -> Option<&'static str> {
    FIXED.into_iter().find_map(|(fixed, why)| (fixed == name).then_some(why))
}

impl Parameters {
    /// The set with these changes.
    ///
    /// # Errors
    /// Every fault of the changes, or of the set they would make.
    pub fn with(&self, changes: &[ParameterChange]) -> Result<Self, Vec<ParameterFault>> {
        let mut changed = self.clone();
        let (table, mut seen) = (self.table(), BTreeSet::new());
        let mut faults = Vec::new();
        for change in changes {
            if !seen.insert(&change.name) {
                faults.push(ParameterFault::Twice { name: change.name.clone() });
            }
            faults.extend(changed.change(&table, change).err());
        }
        if faults.is_empty() { changed.validate().map(|()| changed) } else { Err(faults) }
    }

    fn change(
        &mut self,
        table: &[ParameterInfo],
        change: &ParameterChange,
    ) -> Result<(), ParameterFault> {
        let name = &change.name;
        let info = table.iter().find(|info| info.name == name);
        let info = info.ok_or_else(|| ParameterFault::Unknown { name: name.clone() })?;
        let ParameterInfo { name, unit, minimum, maximum, fixed, .. } = *info;
        if let Some(why) = fixed {
            return Err(ParameterFault::Fixed { name, why });
        }
        let value = change.value;
        let refused = ParameterFault::OutOfBounds { name, unit, value, minimum, maximum };
        self.set(name, value).ok_or(refused)
    }
}
