//! The roots of all states in one blob.

use crate::content::Content;
use crate::hash::Hash;
use crate::limits::PAGE_BYTES;
use crate::opening::{Opening, Pages};

/// Roots in one page of a trace.
const ROOTS_PER_PAGE: u64 = (PAGE_BYTES / Hash::BYTES) as u64;

/// The blob of a trace.
#[must_use]
pub fn to_bytes(roots: &[Hash]) -> Vec<u8> {
    roots.iter().flat_map(|root| root.0).collect()
}

/// The roots of a blob, if it is a whole number of them.
#[must_use]
pub fn from_bytes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (roots, rest) = bytes.as_chunks::<{ Hash::BYTES }>();
    rest.is_empty().then(|| roots.iter().copied().map(Hash).collect())
}

/// Opens the roots from `first` to `last` of the trace `bytes`.
#[must_use]
pub(crate) fn open(bytes: &[u8], first: u64, last: u64) -> Opening {
    Content::open(bytes, &pages(first, last))
}

/// The pages in which the roots from `first` to `last` lie.
pub(crate) fn pages(first: u64, last: u64) -> Vec<u32> {
    let pages = first / ROOTS_PER_PAGE..=last / ROOTS_PER_PAGE;
    pages.filter_map(|page| u32::try_from(page).ok()).collect()
}

/// Roots that an opening showed.
pub(crate) struct Window(Pages);

impl Window {
    /// Checks an opening of at most two pages against a trace.
    pub(crate) fn check(trace: &Content, opening: &Opening) -> Option<Self> {
        trace.check(opening, 2).map(Self)
    }

    /// The root of a state, if it was shown.
    pub(crate) fn root(&self, step: u64) -> Option<Hash> {
        let page = self.0.get(&u32::try_from(step / ROOTS_PER_PAGE).ok()?)?;
        let start = usize::try_from(step % ROOTS_PER_PAGE).ok()? * Hash::BYTES;
        page.get(start..)?.first_chunk().copied().map(Hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots(count: u8) -> Vec<Hash> {
        (0..count).map(|value| Hash([value; 32])).collect()
    }

    #[test]
    fn a_trace_is_its_roots_in_order() {
        let roots = roots(5);
        assert_eq!(from_bytes(&to_bytes(&roots)), Some(roots));
        assert_eq!(from_bytes(&[0; 33]), None);
    }

    #[test]
    fn a_window_shows_what_was_opened_and_nothing_else() {
        let bytes = to_bytes(&roots(200));
        let trace = Content::of(&bytes);
        let window = Window::check(&trace, &open(&bytes, 127, 128)).expect("it was just made");
        assert_eq!(window.root(127), Some(Hash([127; 32])));
        assert_eq!(window.root(128), Some(Hash([128; 32])));
        let window = Window::check(&trace, &open(&bytes, 5, 6)).expect("it was just made");
        assert_eq!(window.root(6), Some(Hash([6; 32])));
        assert_eq!(window.root(128), None);
        assert!(Window::check(&Content { size: 4096, ..trace }, &open(&bytes, 5, 6)).is_none());
    }
}
