//! Demands for data on the ledger: whether one may be made now, how to answer, and how to read the answers.
//!
//! An answer is a transaction, and the demand says in which blocks the answers to it are. So whoever demands needs
//! nobody's store: it reads the blocks, checks every page against the root it belongs to, and has what was withheld.
//! It remembers nothing else: started again, it reads the same blocks again.

mod collect;
mod descent;

use api::wire::JobView;
use protocol::{
    AccountId, Bytes, DataKind, Demand, JobStatus, PAGE_BYTES, PageProof, Parameters, Time,
};

use crate::content;

pub use collect::{CollectError, Collected};
pub(crate) use descent::{Look, compare};

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

/// The demand that `account` made last for a job, in the current attempt.
#[must_use]
pub fn own(found: &JobView, account: AccountId) -> Option<&Demand> {
    let own = found.demands.iter().find(|view| view.demander == account);
    own.map(|view| &view.demand).filter(|demand| demand.attempt == found.job.attempts)
}

/// Whether `account` may demand the input now: it has no demand open, and has read what was answered before.
#[must_use]
pub fn may_demand_input(found: &JobView, account: AccountId, collected: &Collected) -> bool {
    own(found, account).is_none_or(|demand| !demand.is_open() && collected.is_up_to(demand))
}

/// Whether `account` may demand trace or output now: as for the input, and in the window, or a short while after an
/// answer.
#[must_use]
pub fn may_demand_result(
    found: &JobView,
    account: AccountId,
    now: Time,
    collected: &Collected,
    rules: &Parameters,
) -> bool {
    let in_window = found.job.window_end.is_some_and(|end| now <= end);
    let own = own(found, account).filter(|demand| demand.data != DataKind::Input);
    let Some(own) = own else { return in_window };
    let goes_on = own.late < rules.late_demands_max
        && own.answered.is_some_and(|at| now <= at.plus_ms(rules.after_answer_ms));
    !own.is_open() && collected.is_up_to(own) && (in_window || goes_on)
}

/// Whether `account` waits for the answer to a demand of trace or output.
#[must_use]
pub fn awaits_result(found: &JobView, account: AccountId) -> bool {
    found.job.status == JobStatus::Window
        && own(found, account)
            .is_some_and(|demand| demand.is_open() && demand.data != DataKind::Input)
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
    use protocol::Height;

    use crate::testing::{claim, demand, job_at, me, other};

    fn demanded(data: DataKind) -> JobView {
        let mut found = job_at(JobStatus::Window, other());
        found.job.window_end = Some(Time(1_000));
        found.demands.push(demand(me(), data, claim(1).trace));
        found
    }

    fn answered(change: impl FnOnce(&mut Demand)) -> JobView {
        let mut found = demanded(DataKind::Trace);
        let demand = &mut found.demands[0].demand;
        demand.answered = Some(Time(1_200));
        change(demand);
        found
    }

    #[test]
    fn one_demand_at_a_time() {
        let found = demanded(DataKind::Trace);
        let rules = Parameters::default();
        let may = |found: &JobView, account| {
            may_demand_result(found, account, Time(1_000), &Collected::default(), &rules)
        };
        assert!(may(&found, other()) && !may(&found, me()));
        assert!(awaits_result(&found, me()) && !awaits_result(&found, other()));
        assert!(!may_demand_input(&demanded(DataKind::Input), me(), &Collected::default()));
        // What was demanded to run the job, or in an attempt before, holds up nobody.
        assert!(may(&demanded(DataKind::Input), me()));
        let mut earlier = demanded(DataKind::Trace);
        earlier.job.attempts += 1;
        assert!(may(&earlier, me()) && may_demand_input(&earlier, me(), &Collected::default()));
    }

    #[test]
    fn after_the_window_only_a_short_while_after_an_answer() {
        let rules = Parameters { after_answer_ms: 100, ..Parameters::default() };
        let may = |found: &JobView, now| {
            may_demand_result(found, me(), Time(now), &Collected::default(), &rules)
        };
        let nothing = job_at(JobStatus::Window, other());
        assert!(may(&nothing, 2_000) && !may(&nothing, 2_001));
        let late = answered(|_| {});
        assert_eq!([1_001, 1_300, 1_301].map(|now| may(&late, now)), [true, true, false]);
        let input = answered(|demand| demand.data = DataKind::Input);
        assert_eq!([1_000, 1_001].map(|now| may(&input, now)), [true, false]);
        let last = answered(|demand| demand.late = rules.late_demands_max);
        assert_eq!([1_000, 1_001].map(|now| may(&last, now)), [true, false]);
    }

    #[test]
    fn nothing_more_is_demanded_before_what_was_answered_has_been_read() {
        let found = answered(|demand| demand.answers = vec![Height(4)]);
        let rules = Parameters::default();
        assert!(!may_demand_result(&found, me(), Time(1_000), &Collected::default(), &rules));
        assert!(!may_demand_input(&found, me(), &Collected::default()));
    }

    #[test]
    fn an_answer_has_the_owed_pages_and_the_last_without_padding() {
        let bytes: Vec<u8> = (0..10_000u32).map(|i| (i % 253) as u8).collect();
        let mut view = demand(me(), DataKind::Output, content::address(&bytes));
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
