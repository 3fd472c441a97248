//! Turns: who waits stands where the stake of the day and the tags put it, looked for each time among all who wait. Tags
//! are counted in points, as the book rounds them; what is active, who rests, and what finishes when is not kept.

use std::collections::BTreeSet;

use protocol::{AccountId, ClassId, JobId, JobStatus};

use super::{Model, hashed};
use crate::exact::Point;

/// What history decides about a requester in a class.
#[derive(Clone, Copy, Default)]
pub(crate) struct Flow {
    /// When its last served job finishes.
    finished: Point,
    /// When its first waiting job starts, while it has stake.
    start: Option<Point>,
    /// It was seen to have started.
    eligible: bool,
    /// Its lot among equals, drawn when it last moved.
    lot: u32,
}

/// What history decides about a class.
#[derive(Clone, Copy, Default)]
pub(crate) struct Lanes {
    /// Virtual time of the stakers.
    time: Point,
    /// The last finish given out.
    latest: Point,
    /// Service of the stakers and of the others, each over its share.
    staked: Point,
    unstaked: Point,
}

impl Model {
    /// Jobs of a class that wait for a turn, by arrival.
    pub(super) fn in_line(&self, class: ClassId) -> Vec<(u64, JobId)> {
        let waits = |job: &super::Job| job.spec.class == class && !job.offered;
        let all = self.jobs.iter().filter(|(_, job)| waits(job));
        let mut all: Vec<_> = all.filter_map(|(id, job)| Some((job.place?, *id))).collect();
        all.sort();
        all
    }

    fn first_of(&self, class: ClassId, account: AccountId) -> Option<(u64, JobId)> {
        let waiting = self.in_line(class).into_iter();
        waiting.into_iter().find(|(_, job)| self.jobs[job].requester == account)
    }

    fn lanes_mut(&mut self, class: ClassId) -> &mut Lanes {
        self.lanes.entry(class).or_default()
    }

    fn time(&self, class: ClassId) -> Point {
        self.lanes.get(&class).copied().unwrap_or_default().time
    }

    /// Everybody remembered in a class.
    fn flows_of(&self, class: ClassId) -> Vec<(AccountId, Flow)> {
        let all = self.flows.iter().filter(|((of, _), _)| *of == class);
        all.map(|((_, account), flow)| (*account, *flow)).collect()
    }

    /// Something about a requester changed: its first waiting job, its stake, or the time.
    pub(super) fn place_in_line(&mut self, class: ClassId, account: AccountId) {
        let time = self.time(class);
        let mut flow = self.flows.get(&(class, account)).copied().unwrap_or_default();
        let waits = self.first_of(class, account).is_some();
        if waits && self.access_stake(account) > 0 {
            let start = flow.start.unwrap_or(flow.finished.max(time));
            (flow.start, flow.eligible) = (Some(start), start <= time);
            let [a, b, c, d, ..] = hashed("earnest turn v1", &(self.beacon, class, account));
            flow.lot = u32::from_be_bytes([a, b, c, d]);
        } else {
            (flow.start, flow.eligible) = (None, false);
        }
        if waits || flow.finished > time {
            self.flows.insert((class, account), flow);
        } else {
            self.flows.remove(&(class, account));
        }
        // No staker waits: whatever was given out is over.
        if self.flows_of(class).iter().all(|(_, flow)| flow.start.is_none()) {
            let lanes = self.lanes_mut(class);
            lanes.time = lanes.time.max(lanes.latest);
        }
    }

    /// A stake changed: its account moves wherever it is remembered.
    pub(super) fn stake_changed(&mut self, account: AccountId) {
        let known = self.flows.keys().filter(|(_, who)| *who == account);
        for (class, _) in known.copied().collect::<Vec<_>>() {
            self.place_in_line(class, account);
        }
    }

    /// A job steps into its requester's lane.
    pub(super) fn enter_line(&mut self, id: JobId) {
        self.job_mut(id).offered = false;
        self.moved(id);
    }

    /// A job steps out of its lane without a turn.
    pub(super) fn step_aside(&mut self, id: JobId) {
        self.job_mut(id).offered = true;
        self.moved(id);
    }

    /// A job waits no more.
    pub(super) fn leave_line(&mut self, id: JobId) {
        let was_offered = self.jobs[&id].offered;
        let job = self.job_mut(id);
        (job.place, job.offered) = (None, false);
        if !was_offered {
            self.moved(id);
        }
    }

    fn moved(&mut self, id: JobId) {
        let job = &self.jobs[&id];
        self.place_in_line(job.spec.class, job.requester);
    }

    /// Whose job is next: the lane that had less of its share, there the least finish or the first arrival.
    pub(super) fn next_turn(&mut self, class: ClassId, moves: &mut u32) -> Option<JobId> {
        self.let_in(class, moves);
        let eligible = self.flows_of(class).into_iter().filter(|(_, flow)| flow.eligible);
        let staked = eligible.map(|(account, flow)| {
            let (_, job) = self.first_of(class, account).expect("who has a start waits");
            (self.finish(account, &flow, job), flow.lot, account, job)
        });
        let staked = staked.min().map(|(.., job)| job);
        let mut unstaked = self.in_line(class).into_iter().map(|(_, job)| job);
        let unstaked = unstaked.find(|job| self.access_stake(self.jobs[job].requester) == 0);
        let lanes = self.lanes_mut(class);
        match (staked, unstaked) {
            (Some(_), Some(_)) if lanes.unstaked < lanes.staked => unstaked,
            (Some(_), Some(_)) => staked,
            (Some(_), None) => {
                lanes.unstaked = lanes.unstaked.max(lanes.staked);
                staked
            }
            (None, _) => {
                if unstaked.is_some() {
                    lanes.staked = lanes.staked.max(lanes.unstaked);
                }
                unstaked
            }
        }
    }

    fn finish(&self, account: AccountId, flow: &Flow, job: JobId) -> Point {
        let start = flow.start.expect("a staker that waits has a start");
        start.later(self.work_of(job), self.access_stake(account))
    }

    /// Stakers whose start has come are let in, so many a block; time jumps to the first when nobody is in.
    fn let_in(&mut self, class: ClassId, moves: &mut u32) {
        loop {
            let flows = self.flows_of(class);
            let nobody = flows.iter().all(|(_, flow)| !flow.eligible);
            let outside = flows.into_iter().filter(|(_, flow)| !flow.eligible);
            let starts = outside.filter_map(|(who, flow)| Some((flow.start?, flow.lot, who)));
            let Some((start, _, account)) = starts.min() else { return };
            let lanes = self.lanes_mut(class);
            if nobody {
                lanes.time = lanes.time.max(start);
            }
            if start > lanes.time || *moves == 0 {
                return;
            }
            *moves -= 1;
            self.place_in_line(class, account);
        }
    }

    /// A job has its turn and a provider.
    pub(super) fn serve(&mut self, id: JobId, moves: &mut u32) {
        let job = &self.jobs[&id];
        let (class, account, size) = (job.spec.class, job.requester, self.work_of(id));
        let kept = u128::from(self.parameters.unstaked_share.0);
        let flow = self.flows[&(class, account)];
        let finish = flow.start.map(|_| self.finish(account, &flow, id));
        let lanes = self.lanes_mut(class);
        match finish {
            Some(finish) => {
                lanes.staked = lanes.staked.later(size, 1_000_000 - kept);
                lanes.latest = lanes.latest.max(finish);
                let flow = self.flows.get_mut(&(class, account)).expect("it was just read");
                (flow.finished, flow.start) = (finish, Some(finish));
            }
            None => lanes.unstaked = lanes.unstaked.later(size, kept),
        }
        self.leave_line(id);
        if finish.is_some() {
            self.work(class, size, moves);
        }
    }

    /// Time passes as fast as the active are few: who waits with stake, and who rests until its last job is over.
    fn work(&mut self, class: ClassId, size: u64, moves: &mut u32) {
        let mut left = Point::of(size);
        loop {
            let flows = self.flows_of(class);
            let waiting: BTreeSet<AccountId> =
                self.in_line(class).iter().map(|(_, job)| self.jobs[job].requester).collect();
            let rests = flows.iter().filter(|(who, _)| !waiting.contains(who));
            let first = rests.map(|(who, flow)| (flow.finished, *who)).min();
            let active: u128 = flows.iter().map(|(who, _)| self.access_stake(*who)).sum();
            let time = self.time(class);
            match first.filter(|_| *moves > 0) {
                Some((over, who)) if over.since(time).times(active) <= left => {
                    left = left.since(over.since(time).times(active));
                    self.lanes_mut(class).time = time.max(over);
                    self.flows.remove(&(class, who));
                    *moves -= 1;
                }
                _ => {
                    self.lanes_mut(class).time = time.plus(left.shared_by(active));
                    return;
                }
            }
        }
    }

    /// Whether a job was set aside: no standing ask takes it, or too few its replicas.
    pub(crate) fn is_offered(&self, id: JobId) -> bool {
        let job = &self.jobs[&id];
        job.offered && matches!(job.status, JobStatus::Open | JobStatus::Escalating)
    }
}
