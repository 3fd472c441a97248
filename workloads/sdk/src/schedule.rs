//! Cutting work into steps.

use crate::Progress;
use std::ops::Range;

/// The ranges of [`for_each_block`], one after the other.
#[derive(Clone, Debug)]
pub struct Blocks {
    rest: Range<usize>,
    block: usize,
}

/// Cuts `0..items` into ranges of `block` items (the last may be shorter): take one in each step.
#[must_use]
pub const fn for_each_block(items: usize, block: usize) -> Blocks {
    assert!(block > 0, "a block holds at least one item");
    Blocks { rest: 0..items, block }
}

impl Iterator for Blocks {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.end.min(self.rest.start.saturating_add(self.block));
        let block = self.rest.start..end;
        self.rest.start = end;
        Some(block)
    }
}

/// One operation over so many items, each of about the same cost. An operation that cannot be cut has one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage<O> {
    /// What is to be done.
    pub operation: O,
    /// To how many items; none is a stage that does not happen.
    pub items: usize,
    /// What one item costs, in units of the author's choice (multiplications, say); at least one.
    pub cost: u64,
}

/// Stages that are done one after the other, all of them so many times.
#[derive(Clone, Debug)]
struct Segment<O> {
    stages: Vec<Stage<O>>,
    times: u64,
}

/// A list of operations, and how far its execution has come. Each step takes as many items as its budget
/// allows: several small stages may share a step and a large one may take many, always in order.
///
/// ```
/// use guest::{Progress, Schedule, Stage};
/// #[derive(Clone, Copy)]
/// enum Operation { Load, Train }
///
/// let mut schedule = Schedule::new(100)
///     .then(Stage { operation: Operation::Load, items: 10, cost: 5 })
///     .repeat(3, vec![Stage { operation: Operation::Train, items: 4, cost: 30 }]);
/// let (mut loaded, mut trained, mut steps) = (0, 0, 0);
/// loop {
///     steps += 1;
///     let progress = schedule.step(|operation, range| match operation {
///         Operation::Load => loaded += range.len(),
///         Operation::Train => trained += range.len(),
///     });
///     if progress == Progress::Done { break }
/// }
/// assert_eq!((loaded, trained, steps), (10, 12, 5));
/// ```
#[derive(Clone, Debug)]
pub struct Schedule<O> {
    segments: Vec<Segment<O>>,
    budget: u64,
    segment: usize,
    time: u64,
    stage: usize,
    item: usize,
}

impl<O: Copy> Schedule<O> {
    /// An empty list whose steps may cost so much each. A single item that costs more gets a step of its own.
    #[must_use]
    pub const fn new(budget: u64) -> Self {
        Self { segments: Vec::new(), budget, segment: 0, time: 0, stage: 0, item: 0 }
    }

    /// Adds one stage at the end.
    #[must_use]
    pub fn then(self, stage: Stage<O>) -> Self {
        self.repeat(1, vec![stage])
    }

    /// Adds a group of stages at the end, to be done so many times over.
    #[must_use]
    pub fn repeat(mut self, times: u64, stages: Vec<Stage<O>>) -> Self {
        self.segments.push(Segment { stages, times });
        self
    }

    /// Does one step: calls `run` with the operations and item ranges that fit the budget, in order.
    pub fn step(&mut self, mut run: impl FnMut(O, Range<usize>)) -> Progress {
        let mut left = self.budget;
        let mut fresh = true;
        while let Some(stage) = self.current() {
            let fitting = usize::try_from(left / stage.cost.max(1)).unwrap_or(usize::MAX);
            // One item always fits into an empty step, or a costly item would never be done.
            let count = fitting.max(usize::from(fresh)).min(stage.items - self.item);
            if count == 0 {
                return Progress::Continue;
            }
            run(stage.operation, self.item..self.item + count);
            self.item += count;
            left = left.saturating_sub(stage.cost.max(1).saturating_mul(count as u64));
            fresh = false;
        }
        Progress::Done
    }

    /// The stage with the next undone item, skipping what is finished or empty; `None` at the end.
    fn current(&mut self) -> Option<Stage<O>> {
        loop {
            let segment = self.segments.get(self.segment)?;
            let stage = segment.stages.get(self.stage).filter(|_| self.time < segment.times);
            match stage {
                Some(stage) if self.item < stage.items => return Some(*stage),
                Some(_) => (self.stage, self.item) = (self.stage + 1, 0),
                None if self.time + 1 < segment.times && segment.has_work() => {
                    (self.time, self.stage) = (self.time + 1, 0);
                }
                None => (self.segment, self.time, self.stage) = (self.segment + 1, 0, 0),
            }
        }
    }
}

impl<O> Segment<O> {
    /// Whether repeating it does anything: skipping through empty repetitions would be unbounded work.
    fn has_work(&self) -> bool {
        self.stages.iter().any(|stage| stage.items > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every item of every stage in order, without any cutting.
    fn naive(plan: &[(u64, Vec<Stage<u8>>)]) -> Vec<(u8, usize)> {
        let mut done = Vec::new();
        for (times, stages) in plan {
            for _ in 0..*times {
                for stage in stages {
                    done.extend((0..stage.items).map(|item| (stage.operation, item)));
                }
            }
        }
        done
    }

    fn plan() -> impl Strategy<Value = Vec<(u64, Vec<Stage<u8>>)>> {
        let stage = (any::<u8>(), 0usize..12, 0u64..9).prop_map(|(operation, items, cost)| Stage {
            operation,
            items,
            cost,
        });
        prop::collection::vec((0u64..4, prop::collection::vec(stage, 0..4)), 0..5)
    }

    proptest! {
        #[test]
        fn every_item_once_in_order_within_budget(plan in plan(), budget in 0u64..40) {
            let mut schedule = Schedule::new(budget);
            for (times, stages) in &plan {
                schedule = schedule.repeat(*times, stages.clone());
            }
            let mut done = Vec::new();
            loop {
                let before = done.len();
                let progress = schedule.step(|op, range| done.extend(range.map(|item| (op, item))));
                if progress == Progress::Done { break }
                prop_assert!(done.len() > before, "a step without work");
            }
            prop_assert_eq!(done, naive(&plan));
        }

        #[test]
        fn blocks_cover_the_range(items in 0usize..1_000, block in 1usize..50) {
            let all: Vec<usize> = for_each_block(items, block).flatten().collect();
            prop_assert_eq!(all, (0..items).collect::<Vec<_>>());
            prop_assert!(for_each_block(items, block).all(|range| range.len() <= block));
        }
    }

    #[test]
    fn a_step_never_exceeds_its_budget_by_more_than_one_item() {
        let mut schedule = Schedule::new(10)
            .then(Stage { operation: (), items: 7, cost: 4 })
            .then(Stage { operation: (), items: 2, cost: 25 });
        let mut costs = Vec::new();
        while {
            let mut items = 0;
            let progress = schedule.step(|(), range| items += range.len());
            costs.push(items);
            progress == Progress::Continue
        } {}
        assert_eq!(costs, [2, 2, 2, 1, 1, 1]);
    }

    #[test]
    fn empty_repetitions_cost_nothing() {
        let empty = Stage { operation: (), items: 0, cost: 1 };
        let mut schedule = Schedule::new(1).repeat(u64::MAX, vec![empty]);
        assert_eq!(schedule.step(|(), _| {}), Progress::Done);
    }
}
