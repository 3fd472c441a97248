//! Demands in a row: how long whoever is answered may go on, and that it ends.

use protocol::*;

use crate::life::spec;
use crate::world::*;

/// Whether an action is accepted one millisecond before an instant, at it, and after it.
const UP_TO: [bool; 3] = [true, true, false];

fn demand(job: JobId, data: DataKind, first_page: u64) -> Action {
    Action::DemandData { job, data, first_page, pages: 1 }
}

impl World {
    /// The stranger demands one page of the trace.
    fn ask(&mut self, job: JobId, page: u64) -> Result<Vec<Event>, Rejection> {
        self.send(STRANGER, demand(job, DataKind::Trace, page))
    }

    /// The provider answers the stranger's demand for one page, at the last moment.
    fn answer_late(&mut self, job: JobId) {
        let open = self.state.demand(job, STRANGER).unwrap().clone();
        self.block_at(open.deadline);
        let page = Toy::page(&Toy::trace_pages(), usize::try_from(open.first_page).unwrap());
        let pages = vec![page];
        self.ok(self.provider(job), Action::AnswerDemand { job, demander: STRANGER, pages });
    }

    /// A result in its window, and a page of its trace that was demanded at the last moment of the window and answered
    /// at the last moment after it.
    fn answered_after_the_window(&mut self, audit: Option<Claim>) -> JobId {
        let job = self.assigned();
        let truth = self.truth(job);
        match audit {
            Some(audit) => self.audited_window(job, truth, audit),
            None => self.window(job, truth),
        }
        self.block_at(self.job(job).window_end.unwrap());
        self.ask(job, 0).unwrap();
        self.answer_late(job);
        job
    }
}

#[test]
fn after_the_window_only_whoever_was_answered_may_go_on_and_not_for_long() {
    let after_answer_ms = Parameters::default().after_answer_ms;
    let offsets = [after_answer_ms - 1, after_answer_ms, after_answer_ms + 1];
    let asked = offsets.map(|after| {
        let mut world = World::staked();
        let job = world.answered_after_the_window(None);
        world.block_at(world.now.plus_ms(after));
        world.ask(job, 1).is_ok()
    });
    assert_eq!(asked, UP_TO);
    let mut world = World::staked();
    let job = world.answered_after_the_window(None);
    let late = world.send(REQUESTER, demand(job, DataKind::Trace, 1));
    assert!(matches!(late, Err(Rejection::DeadlinePassed { .. })), "{late:?}");
}

#[test]
fn late_demands_are_limited_and_then_the_result_stands() {
    let mut world = World::staked();
    let job = world.answered_after_the_window(None);
    let limit = world.parameters().late_demands_max;
    for made in 1..=limit {
        world.ask(job, u64::from(made) % 3).unwrap();
        assert_eq!(world.state.demand(job, STRANGER).unwrap().late, made);
        world.answer_late(job);
    }
    assert_eq!(world.ask(job, 0), Err(Rejection::TooManyDemands { limit }));
    let (answers, last) = {
        let last = world.state.demand(job, STRANGER).unwrap();
        (last.answers.clone(), last.deadline)
    };
    assert_eq!(answers.len(), usize::try_from(limit).unwrap() + 1, "every block with an answer");
    assert!(answers.is_sorted());
    assert_eq!(Some(last), world.job(job).deadline);
    world.lapse(job);
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::Completed));
    assert!(world.state.demand(job, STRANGER).is_none(), "forgotten with the window");
}

/// The whole way, each step at its last moment, is within what bonds stay answerable for.
#[test]
fn the_longest_row_of_demands_is_within_the_exposure() {
    let mut world = World::staked();
    let guess = {
        let mut trial = world.clone();
        let job = trial.assigned();
        trial.lie(job)
    };
    let begun = world.now;
    let job = world.answered_after_the_window(Some(guess));
    let after_answer_ms = world.parameters().after_answer_ms;
    for _ in 0..world.parameters().late_demands_max {
        world.block_at(world.now.plus_ms(after_answer_ms));
        world.ask(job, 1).unwrap();
        world.answer_late(job);
    }
    let end = world.job(job).deadline.unwrap();
    assert!(end.since_ms(begun) <= world.parameters().exposure_ms_max());
    // An auditor that demands whatever it may, and proves nothing, was false all the same.
    let auditor = world.auditor(job);
    world.lapse(job);
    assert_eq!(world.job(job).status, JobStatus::Ended(EndReason::Completed));
    let fault = |event: &Event| matches!(event, Event::Penalty(PenaltyEvent::Faulted { account, fault: Fault::FalseAudit, .. }) if *account == auditor);
    assert!(world.events.iter().any(fault));
    assert!(
        !world
            .events
            .iter()
            .any(|event| matches!(event, Event::Dispute(DisputeEvent::DemandExpired { .. })))
    );
}

#[test]
fn after_the_last_answer_of_a_dispute_there_is_time_to_run_the_job_once_more() {
    let left = |disputed: bool| {
        let mut world = World::staked();
        let job = world.assigned();
        let (truth, lie) = (world.truth(job), world.lie(job));
        world.audited_window(job, lie, if disputed { truth } else { lie });
        world.block_at(world.job(job).window_end.unwrap());
        world.ask(job, 0).unwrap();
        world.answer_late(job);
        world.job(job).deadline.unwrap().since_ms(world.now)
    };
    let after_answer_ms = Parameters::default().after_answer_ms;
    assert_eq!(left(false), after_answer_ms);
    assert_eq!(left(true), after_answer_ms + spec().run_ms);
}

#[test]
fn a_demand_that_means_nothing_any_more_holds_up_no_other_one() {
    // Of an attempt that is over.
    let mut world = World::staked();
    let job = world.assigned();
    let lie = world.lie(job);
    world.window(job, lie);
    world.ask(job, 0).unwrap();
    assert_eq!(world.ask(job, 1), Err(Rejection::DemandOpen));
    world.challenge(REQUESTER, job, Accused::Provider).unwrap();
    world.block();
    let truth = world.truth(job);
    world.window(job, truth);
    let purse = world.state.balance(STRANGER, STABLE);
    world.ask(job, 2).unwrap();
    assert_eq!(world.state.balance(STRANGER, STABLE), purse, "one bond back, one put down");
    let open = world.state.demand(job, STRANGER).unwrap();
    assert_eq!((open.attempt, open.first_page, open.late), (2, 2, 0));
    // Of the input, by an auditor that got it elsewhere meanwhile.
    let mut world = World::staked();
    let job = world.assigned();
    let truth = world.truth(job);
    world.commit(job, truth);
    world.draw(job, true);
    let auditor = world.auditor(job);
    world.ok(auditor, demand(job, DataKind::Input, 0));
    world.commit_audit(job, truth);
    world.reveal(job, truth);
    world.reveal_audit(job, truth);
    world.ok(auditor, demand(job, DataKind::Trace, 0));
}

#[test]
fn an_answered_demand_is_no_demand_to_answer() {
    let mut world = World::staked();
    let job = world.answered_after_the_window(None);
    let pages = vec![Toy::page(&Toy::trace_pages(), 0)];
    let again = Action::AnswerDemand { job, demander: STRANGER, pages };
    assert_eq!(world.send(STRANGER, again), Err(Rejection::UnknownDemand));
}

#[test]
fn answers_to_a_demand_of_a_job_that_moved_on_are_not_kept() {
    let mut world = World::staked();
    let job = world.assigned();
    let lie = world.lie(job);
    world.window(job, lie);
    world.ask(job, 0).unwrap();
    world.challenge(REQUESTER, job, Accused::Provider).unwrap();
    let pages = vec![Toy::page(&Toy::trace_pages(), 0)];
    world.ok(REQUESTER, Action::AnswerDemand { job, demander: STRANGER, pages });
    assert!(world.state.demand(job, STRANGER).is_none());
}

#[test]
fn parameters_leave_room_to_find_the_one_wrong_page() {
    let valid = |change: fn(&mut Parameters)| {
        let mut parameters = Parameters::default();
        change(&mut parameters);
        parameters.validate().is_ok()
    };
    assert_eq!(Parameters::default().demands_to_differing_page(), 6);
    assert!(valid(|parameters| parameters.late_demands_max = 5));
    assert!(!valid(|parameters| parameters.late_demands_max = 4));
    // A trace of 128 pages and an output of one: all in one demand.
    let small = |parameters: &mut Parameters| {
        (parameters.steps_max, parameters.memory_max) = (128 * 128 - 1, 65_536);
        parameters.late_demands_max = 0;
    };
    let mut parameters = Parameters::default();
    small(&mut parameters);
    assert_eq!(parameters.demands_to_differing_page(), 1);
    parameters.demand_pages_max = 128;
    assert!(parameters.validate().is_ok());
    parameters.demand_pages_max = 127;
    assert!(parameters.validate().is_err());
}

/// A job with an input of so many pages, of which one account may demand 256 at a time and twice.
fn with_input(pages: usize) -> (World, JobId, Vec<Vec<u8>>) {
    let mut world =
        World::staked_with(Parameters { input_demands_max: 2, ..Parameters::default() });
    let input: Vec<Vec<u8>> = vec![vec![9; 4_096]; pages];
    let job = world.submit(JobSpec { input: Toy::content(&input), ..spec() });
    world.block();
    (world, job, input)
}

impl World {
    /// Demands the first page of the input, and has it answered by the requester.
    fn ask_input(&mut self, job: JobId, account: AccountId, input: &[Vec<u8>]) {
        self.ok(account, demand(job, DataKind::Input, 0));
        let pages = vec![Toy::page(input, 0)];
        self.ok(REQUESTER, Action::AnswerDemand { job, demander: account, pages });
    }

    fn faults(&self) -> Vec<Fault> {
        let fault = |event: &Event| match event {
            Event::Penalty(PenaltyEvent::Faulted { fault, .. }) => Some(*fault),
            _ => None,
        };
        self.events.iter().filter_map(fault).collect()
    }
}

/// A provider that misses its deadline, with an input of so many pages and so many demands for it answered.
fn late_provider(pages: usize, demands: u32) -> (World, JobId) {
    let (mut world, job, input) = with_input(pages);
    let provider = world.provider(job);
    (0..demands).for_each(|_| world.ask_input(job, provider, &input));
    world.lapse(job);
    (world, job)
}

pub(crate) fn excused() -> World {
    late_provider(513, 2).0
}

#[test]
fn a_provider_is_excused_once_it_can_demand_no_more_of_an_input_that_has_more() {
    for (pages, demands) in [(512, 2), (513, 1), (513, 0)] {
        let (world, _) = late_provider(pages, demands);
        assert_eq!(world.faults(), [Fault::MissedDeadline], "{pages} pages, {demands} demands");
    }
    let (world, job) = late_provider(513, 2);
    assert_eq!(world.faults(), []);
    assert_eq!(world.state.asset(STABLE).unwrap().burned, Amount::ZERO, "nobody is punished");
    let record = world.job(job);
    let [excused] = record.failed[..] else { panic!("the job went on to the next provider") };
    assert_ne!(world.provider(job), excused);
    assert_eq!(world.state.operator(excused).unwrap().reliability.deadlines_missed, 0);
}

#[test]
fn an_auditor_is_excused_likewise_and_another_one_is_drawn() {
    for (pages, expected) in [(512, vec![Fault::SilentAudit]), (513, vec![])] {
        let (mut world, job, input) = with_input(pages);
        let truth = world.truth(job);
        world.commit(job, truth);
        world.draw(job, true);
        let auditor = world.auditor(job);
        (0..2).for_each(|_| world.ask_input(job, auditor, &input));
        let purse = world.state.balance(auditor, STABLE);
        world.lapse(job);
        assert_eq!(world.faults(), expected, "{pages} pages");
        assert_eq!(world.state.balance(auditor, STABLE), purse, "no fee either way");
        assert_eq!(world.job(job).assignment.as_ref().unwrap().silent_auditors, [auditor]);
    }
}

#[test]
fn an_input_is_demanded_without_a_bond() {
    let mut world = World::staked();
    let job = world.assigned();
    let provider = world.provider(job);
    let purse = world.state.balance(provider, STABLE);
    world.ok(provider, demand(job, DataKind::Input, 0));
    assert_eq!(world.state.balance(provider, STABLE), purse);
    let pages = vec![Toy::page(&crate::life::input_pages(), 0)];
    let before = world.state.balance(REQUESTER, STABLE);
    world.ok(REQUESTER, Action::AnswerDemand { job, demander: provider, pages });
    assert_eq!(world.state.balance(REQUESTER, STABLE), before, "what is owed is not paid for");
}
