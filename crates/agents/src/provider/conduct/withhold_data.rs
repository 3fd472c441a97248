//! Commits and reveals, but publishes nothing and answers no demand: whoever needs the data demands them
//! on the ledger, and not answering is punished as a wrong result is.

use super::Deed;

pub(super) fn amend(deeds: Vec<Deed>) -> Vec<Deed> {
    let is_done = |deed: &Deed| !matches!(deed, Deed::Publish(_) | Deed::Answer(..));
    deeds.into_iter().filter(is_done).collect()
}
