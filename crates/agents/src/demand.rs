//! Demands for data on the ledger: what to ask for next, and how to answer.

use api::wire::JobView;
use protocol::{AccountId, Bytes, Content, DataKind, Demand, PAGE_BYTES, PageProof, Parameters};

use crate::attempt::Attempt;
use crate::content;

/// A stretch of pages of one content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pages {
    /// The first page.
    pub first: u64,
    /// How many.
    pub count: u32,
}

impl Pages {
    /// The page behind the stretch.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.first + u64::from(self.count)
    }
}

/// How far this process has demanded each piece of data: the first page not demanded yet. Every page is
/// demanded once, because every demand costs a bond, and an answer is for everybody.
pub type Demanded = std::collections::BTreeMap<(Attempt, DataKind), u64>;

/// What `account` should demand next of `content`: nothing while a demand of its own is open, and nothing
/// when all was demanded.
#[must_use]
pub fn next(
    found: &JobView,
    account: AccountId,
    content: &Content,
    demanded: u64,
    rules: &Parameters,
) -> Option<Pages> {
    if found.demands.iter().any(|open| open.demander == account) {
        return None;
    }
    let left = content.pages().checked_sub(demanded)?;
    let count = u32::try_from(left).unwrap_or(u32::MAX).min(rules.demand_pages_max);
    (count > 0).then_some(Pages { first: demanded, count })
}

/// The pages that `demand` is still owed, of the blob `bytes`, each with its path.
#[must_use]
pub fn answer(bytes: &[u8], demand: &Demand) -> Vec<PageProof> {
    let tree = content::PageTree::of(bytes);
    let owed = demand.owed.iter().zip(demand.first_page..).filter(|(owed, _)| **owed);
    let proof = |index| {
        let start = usize::try_from(index * PAGE_BYTES).ok()?.min(bytes.len());
        let end = bytes.len().min(start + content::PAGE);
        let bytes = Bytes::from(bytes[start..end].to_vec());
        Some(PageProof { index, bytes, path: tree.path(index) })
    };
    owed.filter_map(|(_, index)| proof(index)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{job_view, me, other};

    fn rules() -> Parameters {
        Parameters { demand_pages_max: 4, ..Parameters::default() }
    }

    fn content(pages: u64) -> Content {
        Content { size: pages * PAGE_BYTES, ..Content::default() }
    }

    #[test]
    fn pages_are_demanded_in_stretches_and_each_once() {
        let found = job_view();
        let next = |demanded| next(&found, me(), &content(9), demanded, &rules());
        assert_eq!(next(0), Some(Pages { first: 0, count: 4 }));
        assert_eq!(next(4), Some(Pages { first: 4, count: 4 }));
        assert_eq!(next(8), Some(Pages { first: 8, count: 1 }));
        assert_eq!(next(9), None);
        assert_eq!(next(10), None);
    }

    #[test]
    fn one_demand_at_a_time_and_nothing_of_nothing() {
        let mut found = job_view();
        assert_eq!(next(&found, me(), &content(0), 0, &rules()), None);
        found.demands.push(crate::testing::demand(other(), DataKind::Trace, content(9)));
        assert!(next(&found, me(), &content(9), 0, &rules()).is_some());
        found.demands.push(crate::testing::demand(me(), DataKind::Trace, content(9)));
        assert_eq!(next(&found, me(), &content(9), 0, &rules()), None);
    }

    #[test]
    fn an_answer_has_the_owed_pages_and_the_last_without_padding() {
        let bytes: Vec<u8> = (0..10_000u32).map(|i| (i % 253) as u8).collect();
        let mut view = crate::testing::demand(me(), DataKind::Output, content::address(&bytes));
        view.demand.first_page = 1;
        view.demand.owed = vec![true, true];
        let pages = answer(&bytes, &view.demand);
        let shape: Vec<_> = pages.iter().map(|page| (page.index, page.bytes.len())).collect();
        assert_eq!(shape, [(1, 4096), (2, 10_000 - 8192)]);
        view.demand.owed = vec![false, true];
        let pages = answer(&bytes, &view.demand);
        assert_eq!(pages.iter().map(|page| page.index).collect::<Vec<_>>(), [2]);
    }
}
