//! Turns: the WF2Q+ rule over requesters, and the two lanes.
//!
//! ```text
//!   V      <- max(V + size / active stake, least start tag of the waiting)
//!   start  <- finish of the requester's job before, if it kept waiting; else max(V, that finish)
//!   finish <- start + size / stake
//!   next   <- the least finish among those with start <= V
//! ```
//!
//! Active is who waits, and who has been served so far ahead that its finish tag is still to come. A job's size is its bound of metered units,
//! for each of the replicas it seeks. Jobs that no standing ask takes leave the lanes until one does, so nobody
//! waits behind a job that cannot be served.

use super::{Flow, Lanes, Queue, Tag, Turn, Work};
use crate::books::Place;
use crate::jobs::Job;
use crate::parameters::ClassId;
use crate::primitives::{AccountId, Amount, Hash, JobId, NATIVE, Ppm};
use crate::state::State;
use crate::step::Step;

impl State {
    /// An account's access stake, in native base units: its weight.
    pub fn access_stake(&self, account: AccountId) -> Amount {
        self.held(Place::Access(account), NATIVE)
    }

    /// Whether a waiting job has been set aside because no standing ask takes it.
    pub fn is_offered(&self, job: &Job) -> bool {
        job.queued.is_some_and(|place| self.offered.get(&(job.spec.class, place)) == Some(&job.id))
    }

    /// A requester's first waiting job in a class: its place of arrival and its name.
    fn first_waiting(&self, class: ClassId, account: AccountId) -> Option<(u64, JobId)> {
        let waiting = self.open.range((class, account, 0)..=(class, account, u64::MAX)).next();
        waiting.map(|((_, _, place), job)| (*place, *job))
    }

    fn first_in(&self, class: ClassId, queue: Queue) -> Option<(Turn, AccountId)> {
        let from = (class, queue, Tag::default(), 0, AccountId([0; 32]));
        let ((in_class, in_queue, tag, lot, account), ()) = self.turns.range(from..).next()?;
        let found = (*in_class, *in_queue) == (class, queue);
        found.then_some(((queue, *tag, *lot), *account))
    }

    pub(crate) fn lanes(&self, class: ClassId) -> Lanes {
        self.lanes.get(&class).copied().unwrap_or_default()
    }

    /// Moves the virtual time of the staked lane on.
    fn pass_time(&mut self, class: ClassId, time: Tag) {
        let mut lanes = self.lanes(class);
        if time > lanes.time {
            lanes.time = time;
            self.lanes.insert(class, lanes);
        }
    }

    /// A requester's standing with this stake counted among the active.
    fn weigh(&mut self, class: ClassId, account: AccountId, stake: Amount) -> Flow {
        let flow = self.flows.get(&(class, account)).copied().unwrap_or_default();
        if flow.stake != stake {
            let mut lanes = self.lanes(class);
            lanes.active = lanes.active.minus(flow.stake).plus(stake);
            self.lanes.insert(class, lanes);
        }
        Flow { stake, ..flow }
    }

    /// Forgets a requester that nothing is known of any more.
    fn forget(&mut self, class: ClassId, account: AccountId) {
        self.weigh(class, account, Amount::ZERO);
        self.stand(class, account, None);
        self.flows.remove(&(class, account));
    }

    /// Moves virtual time on by a job's work. Whoever rests is active up to its finish tag: so many are passed at most,
    /// the others count a little longer.
    fn work(&mut self, class: ClassId, size: u64, passed: &mut u32) {
        let mut work = Work::of(size);
        loop {
            let mut lanes = self.lanes(class);
            let resting = self.first_in(class, Queue::Resting).filter(|_| *passed > 0);
            let until = resting.map(|((_, finish, _), _)| finish);
            (lanes.time, work) = lanes.time.moved(work, lanes.active, until);
            self.lanes.insert(class, lanes);
            match resting {
                Some(((_, finish, _), account)) if finish <= lanes.time => {
                    self.forget(class, account);
                    *passed = passed.saturating_sub(1);
                }
                _ => return,
            }
        }
    }

    fn stand(&mut self, class: ClassId, account: AccountId, turn: Option<Turn>) {
        let mut flow = self.flows.get(&(class, account)).copied().unwrap_or_default();
        if let Some((queue, tag, lot)) = flow.turn {
            self.turns.remove(&(class, queue, tag, lot, account));
        }
        if let Some((queue, tag, lot)) = turn {
            self.turns.insert((class, queue, tag, lot, account), ());
        }
        flow.turn = turn;
        self.flows.insert((class, account), flow);
    }
}

/// The start tag of a requester's first waiting job: where its last one finished, if it kept waiting since, or else not
/// before now. Without the first half a requester behind its share would never catch up.
fn start_of(flow: &Flow, time: Tag) -> Tag {
    flow.start.unwrap_or(flow.finished.max(time))
}

impl Step<'_> {
    /// Puts a requester where its first waiting job and its stake put it. To be called when either changed.
    pub(crate) fn refresh_turn(&mut self, class: ClassId, account: AccountId) {
        let Some((place, job)) = self.state.first_waiting(class, account) else {
            return self.leave_lanes(class, account);
        };
        let stake = self.state.access_stake(account);
        let mut flow = self.state.weigh(class, account, stake);
        let turn = if stake.is_zero() {
            flow.start = None;
            (Queue::Arrived, Tag::place(place), 0)
        } else {
            let time = self.state.lanes(class).time;
            let start = start_of(&flow, time);
            flow.start = Some(start);
            let size = self.state.job(job).expect("a waiting job exists").work();
            let lot = Hash::of("earnest turn v1", &(self.context.beacon, class, account));
            let (queue, tag) = if start <= time {
                (Queue::Eligible, start.after(size, stake))
            } else {
                (Queue::Pending, start)
            };
            (queue, tag, lot.leading_32())
        };
        self.state.flows.insert((class, account), flow);
        self.state.stand(class, account, Some(turn));
        self.rest_lane(class);
    }

    /// Puts a requester where it belongs in every class in which it stands.
    pub(crate) fn refresh_turns(&mut self, account: AccountId) {
        let classes: Vec<ClassId> = self.state.classes.keys().copied().collect();
        for class in classes {
            if self.state.flows.contains_key(&(class, account)) {
                self.refresh_turn(class, account);
            }
        }
    }

    /// Nothing of a requester waits. It rests until what it was served is over, and is forgotten then.
    fn leave_lanes(&mut self, class: ClassId, account: AccountId) {
        let stake = self.state.access_stake(account);
        let mut flow = self.state.weigh(class, account, stake);
        flow.start = None;
        self.state.flows.insert((class, account), flow);
        self.state.stand(class, account, Some((Queue::Resting, flow.finished, 0)));
        if flow.finished <= self.state.lanes(class).time {
            self.state.forget(class, account);
        }
        self.rest_lane(class);
    }

    /// When nobody waits in the staked lane, who was served how much is forgotten: all begin anew as equals.
    fn rest_lane(&mut self, class: ClassId) {
        let waiting = [Queue::Eligible, Queue::Pending];
        if waiting.into_iter().all(|queue| self.state.first_in(class, queue).is_none()) {
            let latest = self.state.lanes(class).latest;
            self.state.pass_time(class, latest);
        }
    }

    /// Whose turn it is, with the first of its waiting jobs. Requesters whose start has come become eligible, at most
    /// as many as `promotions` says; the rest in the next block.
    pub(crate) fn next_turn(
        &mut self,
        class: ClassId,
        promotions: &mut u32,
    ) -> Option<(AccountId, JobId)> {
        self.promote(class, promotions);
        let staked = self.state.first_in(class, Queue::Eligible);
        let unstaked = self.state.first_in(class, Queue::Arrived);
        let mut lanes = self.state.lanes(class);
        let turn = match (staked, unstaked) {
            (Some(_), Some(turn)) if lanes.unstaked < lanes.staked => turn,
            (Some(turn), Some(_)) => turn,
            (Some(turn), None) => {
                lanes.unstaked = lanes.unstaked.max(lanes.staked);
                turn
            }
            (None, Some(turn)) => {
                lanes.staked = lanes.staked.max(lanes.unstaked);
                turn
            }
            (None, None) => return None,
        };
        self.state.lanes.insert(class, lanes);
        let (_, account) = turn;
        let (_, job) = self.state.first_waiting(class, account).expect("who stands has a job");
        Some((account, job))
    }

    fn promote(&mut self, class: ClassId, promotions: &mut u32) {
        while let Some(((_, start, _), account)) = self.state.first_in(class, Queue::Pending) {
            if self.state.first_in(class, Queue::Eligible).is_none() {
                self.state.pass_time(class, start);
            }
            if start > self.state.lanes(class).time || *promotions == 0 {
                return;
            }
            *promotions = promotions.saturating_sub(1);
            self.refresh_turn(class, account);
        }
    }

    /// A job has its turn and a provider: it leaves the lane, and its requester has been served so much. Counts down
    /// `passed` as [`Step::next_turn`] does its promotions.
    pub(crate) fn use_turn(&mut self, job: JobId, passed: &mut u32) {
        let (class, account, size) = self.take_place(job);
        let mut flow = self.state.flows.get(&(class, account)).copied().unwrap_or_default();
        let mut lanes = self.state.lanes(class);
        let parameters = self.parameters();
        let share = |rate: Ppm| Amount::new(rate.0.into());
        match flow.start {
            Some(start) => {
                let finish = start.after(size, flow.stake);
                (flow.finished, flow.start) = (finish, Some(finish));
                lanes.latest = lanes.latest.max(finish);
                let rest = share(parameters.unstaked_share.complement());
                lanes.staked = lanes.staked.after(size, rest);
            }
            None => lanes.unstaked = lanes.unstaked.after(size, share(parameters.unstaked_share)),
        }
        self.state.lanes.insert(class, lanes);
        self.state.flows.insert((class, account), flow);
        self.refresh_turn(class, account);
        if flow.start.is_some() {
            self.state.work(class, size, passed);
        }
    }

    /// Puts a job into its requester's lane, at the place of its arrival.
    pub(crate) fn enter_lane(&mut self, job: JobId) {
        let record = self.job(job).expect("the caller has just read the job");
        let (class, account) = (record.spec.class, record.requester);
        let place = record.queued.expect("an open job has a place");
        self.state.open.insert((class, account, place), job);
        self.refresh_turn(class, account);
    }

    /// Takes a job out of its requester's lane without a turn.
    pub(crate) fn leave_lane(&mut self, job: JobId) {
        let (class, account, _) = self.take_place(job);
        self.refresh_turn(class, account);
    }

    fn take_place(&mut self, job: JobId) -> (ClassId, AccountId, u64) {
        let record = self.job(job).expect("the caller has just read the job");
        let (class, account, size) = (record.spec.class, record.requester, record.work());
        let place = record.queued.expect("an open job has a place");
        let removed = self.state.open.remove(&(class, account, place));
        assert_eq!(removed, Some(job), "the queue and the job agree");
        (class, account, size)
    }
}

#[cfg(test)]
mod tests;
