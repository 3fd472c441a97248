//! Where the rules' words and the machine's meet: both have a content and a claim of the same shape, and
//! neither knows the other.

use bytes::Bytes;
use machine::claim::Bounds;
use machine::tree::{Shape, Tree, leaf, padded, root_of};
use machine::{claim, content, limits};
use protocol::{Claim, Content, Hash, JobSpec, PageProof};

/// Bytes of a page.
pub(crate) const PAGE: usize = limits::PAGE_BYTES;

/// Blobs up to this size are hashed where they are; larger ones on a thread that may block.
const INLINE_BYTES: usize = 64 << 10;

/// The address of a blob.
pub(crate) fn address(bytes: &[u8]) -> Content {
    from_machine(&content::Content::of(bytes))
}

/// The address of a blob of any size, without holding up other tasks.
pub(crate) async fn address_blocking(bytes: Bytes) -> Content {
    if bytes.len() <= INLINE_BYTES {
        return address(&bytes);
    }
    let hashing = tokio::task::spawn_blocking(move || address(&bytes));
    hashing.await.expect("hashing does not panic and is not cancelled")
}

/// A machine's content in the words of the rules.
pub(crate) const fn from_machine(address: &content::Content) -> Content {
    Content { root: Hash(address.root.0), size: address.size }
}

/// A content of the rules in the words of the machine.
pub(crate) const fn to_machine(address: &Content) -> content::Content {
    content::Content { root: machine::hash::Hash(address.root.0), size: address.size }
}

/// A machine's claim in the words of the rules.
pub(crate) const fn claim_from_machine(claimed: &claim::Claim) -> Claim {
    Claim {
        output: from_machine(&claimed.output),
        trace: from_machine(&claimed.trace),
        meter: claimed.meter,
    }
}

/// A claim of the rules in the words of the machine.
pub(crate) const fn claim_to_machine(claimed: &Claim) -> claim::Claim {
    claim::Claim {
        output: to_machine(&claimed.output),
        trace: to_machine(&claimed.trace),
        meter: claimed.meter,
    }
}

/// What a job may use beside its steps and metered units: the same for every job of every network, because whoever runs a
/// job and whoever judges it must ask the same question.
#[must_use]
pub fn bounds(steps_max: u64, meter_max: u64) -> Bounds {
    Bounds { steps_max, meter_max, memory_bytes: limits::MEMORY_BYTES_MAX, ..Bounds::default() }
}

/// Whether a claim is within what its job allows. One that is not can be committed to but never opened.
pub(crate) fn is_possible(spec: &JobSpec, claimed: &Claim) -> bool {
    claimed.steps().is_some_and(|steps| steps <= spec.steps_max)
        && claimed.meter <= spec.meter_max
        && claimed.output.size <= spec.memory_max
}

/// How many bytes of a content lie in one of its pages; none behind its end.
pub(crate) fn page_bytes(content: &Content, index: u64) -> usize {
    let rest = content.size.saturating_sub(index.saturating_mul(PAGE as u64));
    usize::try_from(rest).unwrap_or(PAGE).min(PAGE)
}

/// Whether a page is the one of its index in a content.
pub(crate) fn is_page_of(content: &Content, page: &PageProof) -> bool {
    let bytes = page.bytes.as_slice();
    if bytes.is_empty() || bytes.len() != page_bytes(content, page.index) {
        return false;
    }
    let leaves = vec![(page.index, leaf(&padded(bytes)))];
    let root = root_of(Shape::content(content.size), leaves, &siblings(page));
    root.is_some_and(|root| root.0 == content.root.0)
}

/// The siblings of a page in the words of the machine.
pub(crate) fn siblings(page: &PageProof) -> Vec<machine::hash::Hash> {
    page.path.iter().map(|sibling| machine::hash::Hash(sibling.0)).collect()
}

/// The tree over a blob's pages, for opening single pages.
pub(crate) struct PageTree {
    shape: Shape,
    tree: Tree,
}

impl PageTree {
    /// The tree of a blob.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self { shape: Shape::content(bytes.len() as u64), tree: Tree::of_content(bytes) }
    }

    /// The siblings that lead from a page to the root.
    pub(crate) fn path(&self, index: u64) -> Vec<Hash> {
        let siblings = self.tree.prove(self.shape, &[index]);
        siblings.into_iter().map(|sibling| Hash(sibling.0)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{claim, job_view};

    #[test]
    fn a_claim_is_possible_up_to_each_bound_of_its_job() {
        let spec =
            JobSpec { steps_max: 1, meter_max: 5, memory_max: 10_000, ..job_view().job.spec };
        assert!(is_possible(&spec, &claim(1)));
        assert!(!is_possible(&JobSpec { steps_max: 0, ..spec.clone() }, &claim(1)));
        assert!(!is_possible(&JobSpec { meter_max: 4, ..spec.clone() }, &claim(1)));
        assert!(!is_possible(&JobSpec { memory_max: 9_999, ..spec }, &claim(1)));
    }

    #[test]
    fn claims_and_contents_keep_their_meaning_on_the_way() {
        let both = claim(3);
        assert_eq!(claim_from_machine(&claim_to_machine(&both)), both);
    }
}
