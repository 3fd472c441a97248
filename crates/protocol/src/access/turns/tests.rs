//! Turns against the fluid server they stand for, at random; and what splitting a stake gains: nothing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use expect_test::expect;
use proptest::prelude::*;

use crate::access::{Queue, Tag};
use crate::books::Place;
use crate::context::Context;
use crate::jobs::{Job, JobSpec, JobStatus};
use crate::parameters::{Class, ClassId};
use crate::primitives::{
    AccountId, Amount, Content, Hash, Height, JobId, NATIVE, Time, uniform_below,
};
use crate::referee::{
    CapacityCase, Case, Judgement, PreparedProgram, Referee, SigningCase, Verdict,
};
use crate::state::State;
use crate::step::Step;

struct Nobody;

impl Referee for Nobody {
    fn prepare(&self, _: &[u8]) -> Result<PreparedProgram, String> {
        Err("no programs here".into())
    }

    fn judge(&self, _: &Case<'_>) -> Judgement {
        Judgement { verdict: Verdict::Dismissed("no judge here".into()), units: 0 }
    }

    fn check_capacity(&self, _: &CapacityCase<'_>) -> bool {
        false
    }

    fn check_parameters(&self, _: &crate::parameters::Parameters) -> Result<(), String> {
        Ok(())
    }

    fn check_double_signing(&self, _: &SigningCase<'_>) -> bool {
        false
    }

    fn check_page(&self, _: &Content, _: u64, _: &[u8], _: &[Hash]) -> bool {
        false
    }
}

const CLASS: ClassId = ClassId::CPU;

fn account(index: usize) -> AccountId {
    AccountId([u8::try_from(index).expect("few accounts") + 1; 32])
}

/// The lanes of one class and nothing else; requesters are numbers, a stake of zero is no stake.
struct Lane {
    state: State,
    context: Context<'static>,
    jobs: u64,
    budget: u32,
}

impl Lane {
    fn new(stakes: &[u64], seed: u64) -> Self {
        let mut state = State::default();
        for class in Class::seed() {
            state.classes.insert(class.id, class);
        }
        for (index, stake) in stakes.iter().enumerate().filter(|(_, stake)| **stake > 0) {
            let stake = Amount::new((*stake).into());
            state.held.insert((Place::Access(account(index)), NATIVE), stake);
        }
        let beacon = Hash::of("test lots", &seed);
        let context = Context { height: Height(1), now: Time(0), beacon, referee: &Nobody };
        Self { state, context, jobs: 0, budget: u32::MAX }
    }

    fn step(&mut self) -> Step<'_> {
        Step::new(&mut self.state, &self.context)
    }

    fn submit(&mut self, requester: usize, size: u64) -> JobId {
        self.jobs += 1;
        let id = JobId(Hash::of("test job", &self.jobs).0);
        let spec = JobSpec {
            program: Default::default(),
            input: Default::default(),
            class: CLASS,
            steps_max: 1,
            meter_max: size,
            memory_max: 1,
            run_ms: 1,
            wait_ms: 1,
            price_max: Amount::new(1),
            harm: Amount::ZERO,
            insured: Amount::ZERO,
            kind: Default::default(),
        };
        let job = Job {
            id,
            requester: account(requester),
            spec,
            submitted: Time(0),
            status: JobStatus::Open,
            deadline: None,
            timer: None,
            queued: Some(self.jobs),
            window_end: None,
            attempts: 0,
            failed: Vec::new(),
            assignment: None,
            ended: None,
        };
        self.state.jobs.insert(id, Arc::new(job));
        self.step().enter_lane(id);
        id
    }

    /// Serves whose turn it is: who, and how large the job was.
    fn serve(&mut self) -> Option<(usize, u64)> {
        let before = self.state.lanes(CLASS).time;
        let mut step = Step::new(&mut self.state, &self.context);
        let (who, job) = step.next_turn(CLASS, &mut self.budget)?;
        let size = step.job(job).expect("a queued job exists").spec.meter_max;
        step.use_turn(job, &mut self.budget);
        assert!(self.state.lanes(CLASS).time >= before, "virtual time never goes back");
        Some((usize::from(who.0[0]) - 1, size))
    }
}

/// The fluid server: everybody with work left gets its share of every instant, exactly. Times are work done.
struct Fluid {
    stakes: Vec<f64>,
    left: Vec<f64>,
    done: Vec<f64>,
}

impl Fluid {
    fn new(stakes: &[u64]) -> Self {
        let stakes: Vec<f64> = stakes.iter().map(|stake| *stake as f64).collect();
        let (left, done) = (vec![0.0; stakes.len()], vec![0.0; stakes.len()]);
        Self { stakes, left, done }
    }

    fn work(&mut self, mut amount: f64) {
        while amount > 1e-9 {
            let busy: Vec<usize> =
                (0..self.left.len()).filter(|who| self.left[*who] > 1e-9).collect();
            let all: f64 = busy.iter().map(|who| self.stakes[*who]).sum();
            let until = busy.iter().map(|who| self.left[*who] * all / self.stakes[*who]);
            let span = until.fold(amount, f64::min);
            for who in busy {
                let part = span * self.stakes[who] / all;
                self.left[who] -= part;
                self.done[who] += part;
            }
            amount -= span;
        }
    }
}

#[derive(Clone, Debug)]
struct Traffic {
    stakes: Vec<u64>,
    /// By tick: who submits jobs of which size. Every tick serves one job.
    arrivals: Vec<Vec<(usize, u64)>>,
}

fn size() -> impl Strategy<Value = u64> {
    prop_oneof![Just(1), Just(2), Just(7), Just(20), Just(100)]
}

fn traffic(ticks: usize) -> impl Strategy<Value = Traffic> {
    let stake = prop_oneof![Just(1_u64), Just(2), Just(5), Just(10), Just(50)];
    prop::collection::vec(stake, 2..7).prop_flat_map(move |stakes| {
        let count = stakes.len();
        let tick = prop::collection::vec((0..count, size()), 0..4);
        prop::collection::vec(tick, ticks)
            .prop_map(move |arrivals| Traffic { stakes: stakes.clone(), arrivals })
    })
}

const LARGEST: u64 = 100;

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// The delay bound: every job is done no later than on a machine of the requester's own with its share of the
    /// speed, plus one job of the largest size. Whatever the others do.
    #[test]
    fn every_job_is_done_within_the_delay_bound(traffic in traffic(120)) {
        let mut lane = Lane::new(&traffic.stakes, 1);
        let all: u64 = traffic.stakes.iter().sum();
        // Per requester the times, in work times its stake, at which its own machine has done each waiting job.
        let mut due: Vec<VecDeque<u64>> = vec![VecDeque::new(); traffic.stakes.len()];
        let mut latest = vec![0_u64; traffic.stakes.len()];
        let mut work = 0_u64;
        let mut arrivals = traffic.arrivals.iter();
        loop {
            let tick = arrivals.next();
            for (who, size) in tick.into_iter().flatten() {
                lane.submit(*who, *size);
                latest[*who] = latest[*who].max(work * traffic.stakes[*who]) + size * all;
                due[*who].push_back(latest[*who]);
            }
            match lane.serve() {
                Some((who, size)) => {
                    work += size;
                    let due = due[who].pop_front().expect("what is served was submitted");
                    let stake = traffic.stakes[who];
                    prop_assert!(work * stake <= due + LARGEST * stake, "{} {}", work * stake, due);
                }
                None if tick.is_none() => break,
                None => {}
            }
        }
        prop_assert!(due.iter().all(VecDeque::is_empty), "nobody starves");
    }

    /// Who waits all the time gets its share of all work done, in every span, up to one job of its own and one of
    /// the others.
    #[test]
    fn every_span_of_waiting_has_its_share(traffic in traffic(120)) {
        let mut lane = Lane::new(&traffic.stakes, 2);
        let all: u64 = traffic.stakes.iter().sum();
        let count = traffic.stakes.len();
        let (mut waiting, mut behind, mut least) = (vec![0_u32; count], vec![0_i64; count], vec![0_i64; count]);
        for tick in &traffic.arrivals {
            for (who, size) in tick {
                lane.submit(*who, *size);
                if waiting[*who] == 0 {
                    (behind[*who], least[*who]) = (0, 0);
                }
                waiting[*who] += 1;
            }
            let Some((served, size)) = lane.serve() else { continue };
            for who in (0..count).filter(|who| waiting[*who] > 0) {
                let stake = traffic.stakes[who];
                let given = if who == served { i64::try_from(size * all).unwrap_or(i64::MAX) } else { 0 };
                behind[who] += i64::try_from(size * stake).unwrap_or(i64::MAX) - given;
                least[who] = least[who].min(behind[who]);
                let allowed = i64::try_from(2 * LARGEST * all).unwrap_or(i64::MAX);
                prop_assert!(behind[who] - least[who] <= allowed, "{} behind", behind[who]);
            }
            waiting[served] -= 1;
        }
    }

    /// Against the fluid server itself: as long as all wait, the two differ by at most one largest job in either
    /// direction.
    #[test]
    fn a_burst_follows_the_fluid_server_to_one_job(jobs in prop::collection::vec((0..4_usize, size()), 4..80)) {
        let stakes = [1, 5, 10, 50];
        let mut lane = Lane::new(&stakes, 3);
        let mut fluid = Fluid::new(&stakes);
        for (who, size) in &jobs {
            lane.submit(*who, *size);
            fluid.left[*who] += *size as f64;
        }
        let mut done = [0.0; 4];
        while fluid.left.iter().all(|left| *left > 0.5) {
            let (who, size) = lane.serve().expect("all wait");
            done[who] += size as f64;
            fluid.work(size as f64);
            for (served, fluid) in done.iter().zip(&fluid.done) {
                prop_assert!((served - fluid).abs() <= LARGEST as f64 + 1e-6, "{served} {fluid}");
            }
        }
    }

    /// With arrivals at any time they differ by at most a job of the largest size per requester.
    #[test]
    fn random_arrivals_follow_the_fluid_server(traffic in traffic(100)) {
        let mut lane = Lane::new(&traffic.stakes, 4);
        let mut fluid = Fluid::new(&traffic.stakes);
        let mut done = vec![0.0; traffic.stakes.len()];
        let allowed = LARGEST as f64 * traffic.stakes.len() as f64;
        for tick in &traffic.arrivals {
            for (who, size) in tick {
                lane.submit(*who, *size);
                fluid.left[*who] += *size as f64;
            }
            let Some((who, size)) = lane.serve() else { continue };
            done[who] += size as f64;
            fluid.work(size as f64);
            for (served, fluid) in done.iter().zip(&fluid.done) {
                prop_assert!((served - fluid).abs() <= allowed, "{served} {fluid}");
            }
        }
    }

    /// The unstaked get their fifth whenever they want it, the stakers theirs, and who is alone gets everything.
    #[test]
    fn a_fifth_is_kept_for_the_unstaked_and_nothing_is_wasted(
        jobs in prop::collection::vec((0..4_usize, size()), 1..120),
    ) {
        let mut lane = Lane::new(&[0, 0, 3, 9], 5);
        let mut waiting = [0_u32; 2];
        for (who, size) in &jobs {
            lane.submit(*who, *size);
            waiting[usize::from(*who > 1)] += 1;
        }
        let mut work = [0_u64; 2];
        while waiting.iter().all(|jobs| *jobs > 0) {
            let (who, size) = lane.serve().expect("both lanes wait");
            work[usize::from(who > 1)] += size;
            waiting[usize::from(who > 1)] -= 1;
            let [unstaked, staked] = work;
            prop_assert!(5 * unstaked + 5 * LARGEST >= unstaked + staked);
            prop_assert!(5 * staked + 5 * LARGEST >= 4 * (unstaked + staked));
        }
        let left: u32 = waiting.iter().sum();
        for _ in 0..left {
            prop_assert!(lane.serve().is_some(), "work-conserving both ways");
        }
        prop_assert!(lane.serve().is_none());
    }
}

/// A scheduler for the experiment below: jobs of size one.
trait Turns {
    fn submit(&mut self, requester: usize);
    fn serve(&mut self) -> Option<usize>;
}

impl Turns for Lane {
    fn submit(&mut self, requester: usize) {
        Self::submit(self, requester, 1_000);
    }

    fn serve(&mut self) -> Option<usize> {
        Self::serve(self).map(|(who, _)| who)
    }
}

/// The popular cheaper variant: the least finish tag, eligible or not; virtual time is the tag in service.
struct FinishTags {
    stakes: Vec<u64>,
    time: u64,
    finished: Vec<u64>,
    waiting: BTreeMap<(u64, usize, u64), ()>,
    jobs: u64,
}

impl Turns for FinishTags {
    fn submit(&mut self, who: usize) {
        let finish = self.finished[who].max(self.time) + 1_000_000_000 / self.stakes[who];
        self.finished[who] = finish;
        self.jobs += 1;
        self.waiting.insert((finish, who, self.jobs), ());
    }

    fn serve(&mut self) -> Option<usize> {
        let ((finish, who, _), ()) = self.waiting.pop_first()?;
        self.time = finish;
        Some(who)
    }
}

/// Bursts of so many jobs, every so many ticks, by a staker with so much, over a number of accounts; and ten honest stakers
/// of 800, each with a job in so many of a thousand ticks.
#[derive(Clone, Copy)]
struct Bursts {
    stake: u64,
    jobs: usize,
    every: u64,
    honest: u128,
}

/// Mean ticks from submission to service of the bursts split over so many accounts, and of the honest ones' jobs.
fn burst_delay(turns: &mut impl Turns, bursts: Bursts, parts: usize, seed: u64) -> (f64, f64) {
    let random = |tick: u64, who: usize| {
        uniform_below(Hash::of("test traffic", &(seed, tick, who as u64)).leading_128(), 1_000)
    };
    let mut since: Vec<VecDeque<u64>> = vec![VecDeque::new(); 10 + parts];
    let (mut burst, mut honest) = ((0_u64, 0_u64), (0_u64, 0_u64));
    for tick in 0..3_000_u64 {
        for (who, queue) in since.iter_mut().enumerate().take(10) {
            if tick < 2_400 && random(tick, who) < bursts.honest {
                turns.submit(who);
                queue.push_back(tick);
            }
        }
        if tick % bursts.every == 0 && tick < 2_400 {
            for job in 0..bursts.jobs {
                turns.submit(10 + job % parts);
                since[10 + job % parts].push_back(tick);
            }
        }
        let Some(who) = turns.serve() else { continue };
        let waited = tick - since[who].pop_front().expect("what is served was submitted");
        let sum = if who < 10 { &mut honest } else { &mut burst };
        *sum = (sum.0 + waited, sum.1 + 1);
    }
    let mean = |(sum, count): (u64, u64)| sum as f64 / count as f64;
    (mean(burst), mean(honest))
}

/// Mean of the burst's delays, and of the honest ones', over several seeds.
fn mean_delays<T: Turns>(
    make: impl Fn(&[u64], u64) -> T,
    bursts: Bursts,
    parts: usize,
) -> (f64, f64) {
    let split = bursts.stake / parts as u64;
    let stakes = [vec![800; 10], vec![split; parts]].concat();
    let run = |seed| burst_delay(&mut make(&stakes, seed), bursts, parts, seed);
    let runs: Vec<(f64, f64)> = (0..6).map(run).collect();
    let mean =
        |part: fn(&(f64, f64)) -> f64| runs.iter().map(part).sum::<f64>() / runs.len() as f64;
    (mean(|run| run.0), mean(|run| run.1))
}

/// A fifth of the stake, at 95 % load.
const FIFTH: Bursts = Bursts { stake: 2_000, jobs: 20, every: 80, honest: 70 };

/// Splitting a fifth of all stake over accounts gains nothing and costs the others nothing; under the cheaper rule it gains
/// much, so this experiment can tell.
#[test]
fn splitting_a_stake_gains_nothing() {
    let finish_tags = |stakes: &[u64], _| FinishTags {
        stakes: stakes.to_vec(),
        time: 0,
        finished: vec![0; stakes.len()],
        waiting: BTreeMap::new(),
        jobs: 0,
    };
    let mut told = String::new();
    let (whole, honest) = mean_delays(Lane::new, FIFTH, 1);
    for parts in [2, 5, 20] {
        let (split, others) = mean_delays(Lane::new, FIFTH, parts);
        assert!(split >= whole * 0.99, "{parts} accounts wait {split:.2} instead of {whole:.2}");
        assert!(others <= honest * 1.01, "{parts} accounts: others {others:.2}, was {honest:.2}");
        told += &format!("{parts}: {split:.1} instead of {whole:.1}\n");
    }
    let (whole, _) = mean_delays(finish_tags, FIFTH, 1);
    let (split, _) = mean_delays(finish_tags, FIFTH, 20);
    told += &format!("finish tags, 20: {split:.1} instead of {whole:.1}\n");
    expect![[r#"
        2: 26.5 instead of 26.4
        5: 28.9 instead of 26.4
        20: 31.2 instead of 26.4
        finish tags, 20: 20.2 instead of 24.5
    "#]]
    .assert_eq(&told);
    assert!(split < whole * 0.9, "finish tags alone: {split:.2} instead of {whole:.2}");
}

/// What splitting a stake gains the burst at most, in jobs' time, over random patterns of bursts and load.
fn most_gained(stake_most: u64, patterns: u64) -> f64 {
    let gained = |pattern: u64| {
        let random = |what: u64, least: u64, most: u64| {
            let lot = Hash::of("test bursts", &(pattern, what)).leading_128();
            let above = uniform_below(lot, (most - least + 1).into());
            least + u64::try_from(above).expect("a small number")
        };
        // Loads and parts in thousandths: of the time, and of the load.
        let (jobs, load, part) = (random(0, 2, 41), random(1, 300, 979), random(2, 100, 799));
        let bursts = Bursts {
            stake: random(3, 400, stake_most),
            jobs: usize::try_from(jobs).expect("few"),
            every: (jobs * 1_000_000 / (load * part)).max(1),
            honest: u128::from(load * (1_000 - part) / 10_000),
        };
        let parts = usize::try_from(random(4, 2, 20)).expect("few");
        let (whole, _) = mean_delays(Lane::new, bursts, 1);
        let (split, _) = mean_delays(Lane::new, bursts, parts);
        whole - split
    };
    (0..patterns).map(gained).fold(f64::MIN, f64::max)
}

/// Whatever the pattern, a fifth of all stake gains less than a fifth of a job's time, which is noise, and half of it less than
/// two jobs' time: each of many accounts has its first job at once where one account waits for its next.
#[test]
fn splitting_gains_little_in_any_pattern_of_load() {
    let (fifth, half) = (most_gained(2_000, 6), most_gained(8_000, 6));
    assert!(fifth < 0.2, "{fifth:.2}");
    assert!(half < 2.0, "{half:.2}");
}

#[test]
fn a_requester_that_stakes_or_unstakes_changes_its_lane_at_once() {
    let mut lane = Lane::new(&[0, 4], 6);
    lane.submit(0, 5);
    lane.submit(0, 5);
    lane.submit(1, 5);
    let queue = |lane: &Lane, who| {
        lane.state.flows.get(&(CLASS, account(who))).unwrap().turn.map(|turn| turn.0)
    };
    assert_eq!(queue(&lane, 0), Some(Queue::Arrived));
    lane.state.held.insert((Place::Access(account(0)), NATIVE), Amount::new(1));
    lane.step().refresh_turns(account(0));
    assert_eq!(queue(&lane, 0), Some(Queue::Eligible));
    assert_eq!(lane.serve(), Some((1, 5)), "four times the stake finishes first");
    lane.state.held.remove(&(Place::Access(account(0)), NATIVE));
    lane.step().refresh_turns(account(0));
    assert_eq!(queue(&lane, 0), Some(Queue::Arrived));
    assert_eq!((lane.serve(), lane.serve(), lane.serve()), (Some((0, 5)), Some((0, 5)), None));
    let rests = |turn: &(ClassId, Queue, Tag, u32, AccountId)| turn.1 == Queue::Resting;
    assert!(lane.state.turns.keys().all(rests));
}
