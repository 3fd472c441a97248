//! Stands by a wrong result and publishes nothing, but answers every demand on the ledger, so that nobody can say
//! that anything was withheld: whoever wants to prove the fault must make do with the pages answered.

use super::Deed;

pub(super) fn amend(deeds: Vec<Deed>) -> Vec<Deed> {
    let is_done = |deed: &Deed| !matches!(deed, Deed::Publish(_));
    deeds.into_iter().filter(is_done).collect()
}
