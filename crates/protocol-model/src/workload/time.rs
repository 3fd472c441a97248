//! Time passes: a little, or just to the edge of something.

use super::Workload;
use super::disputes::demands;
use crate::operation::Operation;
use crate::run::Run;

impl Workload<'_> {
    /// The next block, some time later.
    pub(super) fn pass(&mut self, run: &Run) -> Operation {
        let now = run.model.now;
        let at = match self.chance.below(35) {
            0 => self.edge(self.turn_of_epoch(run)),
            1 => self.any_deadline(run).map_or(now, |at| self.edge(at)),
            2 => self.a_release_from_jail(run).map_or(now, |at| self.edge(at)),
            3..=6 => self.next_deadline(run).map_or(now, |at| self.edge(at)),
            7..=8 => now,
            9..=11 => self.end_of_demanding(run).map_or(now, |at| self.edge(at)),
            12..=13 => self.turn_of_price(run).map_or(now + 1, |at| self.edge(at)),
            14 => self.a_raise(run).map_or(now, |at| self.edge(at)),
            15 => self.turn_of_lease(run).map_or(now + 1, |at| self.edge(at)),
            16 => self.end_of_speaking(run).map_or(now + 1, |at| self.edge(at)),
            32..=34 => self.end_of_asking(run).map_or(now, |at| self.edge(at)),
            _ => now + 1 + self.chance.below(10),
        };
        // As often as not the slot is to end first, so that reports can agree.
        let slot = run.model.oracle.as_ref().map(|oracle| oracle.until.max(now));
        let at = slot.filter(|_| self.chance.one_in(2)).map_or(at, |until| at.min(until));
        Operation::Block { after_ms: at.saturating_sub(now), beacon: self.chance.number() }
    }

    /// An instant, or the millisecond before or after it.
    fn edge(&mut self, at: u64) -> u64 {
        u64::try_from(self.chance.around(at.into())).expect("times are small")
    }

    fn turn_of_epoch(&self, run: &Run) -> u64 {
        run.model.start + (run.model.epoch() + 1) * run.model.parameters.epoch_ms
    }

    fn any_deadline(&mut self, run: &Run) -> Option<u64> {
        self.chance.any(run.model.deadlines().map(|(at, ..)| at).collect())
    }

    fn next_deadline(&self, run: &Run) -> Option<u64> {
        let coming = run.model.deadlines().map(|(at, ..)| at);
        coming.filter(|at| *at >= run.model.now).min()
    }

    /// Where a window proper ends, or the time of somebody answered to go on.
    fn end_of_demanding(&mut self, run: &Run) -> Option<u64> {
        let windows = run.model.jobs.values().filter_map(|job| job.window_end);
        let answered = demands(run).into_iter().filter_map(|(.., demand)| demand.answered_at());
        let more = answered.map(|at| at + run.model.parameters.after_answer_ms);
        let coming = windows.chain(more).filter(|at| *at >= run.model.now);
        self.chance.any(coming.collect())
    }

    /// The end of a slot, or when a price becomes stale or blind, or when a crash is over.
    fn turn_of_price(&mut self, run: &Run) -> Option<u64> {
        let (oracle, parameters) = (run.model.oracle.as_ref()?, &run.model.parameters);
        let (agreed, _) = oracle.latest();
        let stale = agreed.saturating_add(parameters.price_stale_ms);
        let blind = agreed.saturating_add(parameters.price_blind_ms);
        let turns = [oracle.until, oracle.until, oracle.until, stale, blind];
        let coming = turns.into_iter().chain(oracle.halted_until);
        self.chance.any(coming.filter(|at| *at >= run.model.now).collect())
    }

    /// When a commission that was announced begins to rise.
    fn a_raise(&mut self, run: &Run) -> Option<u64> {
        let epoch = self.chance.any(run.model.coming_raises().collect())?;
        Some(run.model.start + epoch * run.model.parameters.epoch_ms)
    }

    fn a_release_from_jail(&mut self, run: &Run) -> Option<u64> {
        self.chance.any(run.model.operators.values().filter_map(|one| one.jailed).collect())
    }
}
