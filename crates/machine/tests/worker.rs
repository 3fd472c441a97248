//! The confined child: what it yields, what it may not do, and what becomes of it when it misbehaves.

mod support;

use std::io::Write;
use std::ops::ControlFlow;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use machine::claim::Bounds;
use machine::computation::End;
use machine::engine::{Failure, TrapReason};
use machine::limits;
use machine::local::{Options, run};
use machine::prepare::Program;
use machine::tamper::{Edit, Place, Tamper};
use machine::track::Tracking;
use machine::witness::Wanted;
use machine::worker::{RunError, WorkerConfig};
use machine::{Machine, local, no_progress};
use support::{bounds, mixer, mixer_input, program, program_with};

fn config() -> WorkerConfig {
    WorkerConfig::of(PathBuf::from(env!("CARGO_BIN_EXE_machine-worker")))
}

fn machine() -> Machine {
    Machine::new(config())
}

#[test]
fn a_child_yields_what_this_process_yields() {
    let (program, input, bounds) = (mixer(), mixer_input(17), bounds());
    let here = run(&program, &input, &bounds, &Options::default()).expect("the host is able");
    for tracking in [Tracking::Auto, Tracking::Shadow] {
        let machine = Machine::new(WorkerConfig { tracking, ..config() });
        let there = machine.run(&program, &input, &bounds, &mut no_progress);
        assert_eq!(there.expect("the worker is able"), here);
    }
}

#[test]
fn evidence_from_a_child_is_evidence_from_this_process() {
    let (program, input, bounds) = (mixer(), mixer_input(6), bounds());
    for wanted in [Wanted::Step(4), Wanted::State(6), Wanted::Output(6, Some(1))] {
        let here = local::witness(&program, &input, &bounds, wanted).expect("the host is able");
        let there = machine().witness(&program, &input, &bounds, wanted, &mut no_progress);
        assert_eq!(there.expect("the worker is able"), here);
    }
    let late = machine().prove_step(&program, &input, &bounds, 7);
    assert!(matches!(late, Err(RunError::Failed(Failure::Missing(_)))), "{late:?}");
}

#[test]
fn tampering_works_in_a_child_too() {
    let place = Place::ChangedWord { index: 3 };
    let tamper = Tamper { after_step: 5, place, edit: Edit::Xor(vec![0, 0, 0, 0x80]) };
    let (program, input, bounds) = (mixer(), mixer_input(9), bounds());
    let options = Options { tampers: vec![tamper.clone()], ..Options::default() };
    let here = run(&program, &input, &bounds, &options).expect("the host is able");
    let there = machine().run_tampered(&program, &input, &bounds, &[tamper], &mut no_progress);
    assert!(here.corrupted);
    assert_eq!(there.expect("the worker is able"), here);
}

#[test]
fn a_worker_is_confined() {
    let report = machine().confinement().expect("the worker is able");
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.kernel_tracking, Tracking::kernel_is_able());
}

#[test]
fn a_trap_is_a_result() {
    let gives_up = program("(unreachable)");
    let execution = machine().run(&gives_up, &[], &bounds(), &mut no_progress);
    let end = execution.expect("the worker is able").end;
    assert_eq!(end, End::Trapped { step: 1, reason: TrapReason::Unreachable });
}

#[test]
fn progress_is_told_and_can_stop_a_run() {
    // A hundred thousand steps of some work each.
    let long = program(
        "(local $k i32)
         (loop $again
            (local.set $k (i32.add (local.get $k) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $k) (i32.const 100000))))
         (i32.const 0)",
    );
    let bounds = Bounds { steps_max: 100_000, ..bounds() };
    let mut told = Vec::new();
    let stopped = machine().run(&long, &[], &bounds, &mut |steps| {
        told.push(steps);
        if steps > 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(stopped, Err(RunError::Stopped)), "{stopped:?}");
    assert!(told.is_sorted() && told.last().is_some_and(|steps| *steps > 0));
}

/// Steps of a good part of a second each, that never say they are done.
fn endless() -> Program {
    program(
        "(local $k i32)
         (loop $again
            (local.set $k (i32.add (local.get $k) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $k) (i32.const 500000000))))
         (i32.const 0)",
    )
}

/// Bounds that an endless program does not reach for hours, whatever the processor: a step's alone are used up in about
/// a second.
fn hours() -> Bounds {
    let (steps_max, meter_max) = (limits::STEPS_MAX, limits::METER_MAX);
    Bounds { steps_max, meter_max, meter_per_step: limits::METER_PER_STEP_MAX, ..bounds() }
}

#[test]
fn a_late_worker_is_killed() {
    let endless = endless();
    let wall_max = Duration::from_millis(700);
    let machine = Machine::new(WorkerConfig { wall_max, ..config() });
    let bounds = hours();
    let start = Instant::now();
    let late = machine.run(&endless, &[], &bounds, &mut no_progress);
    assert!(matches!(late, Err(RunError::Late(after)) if after == wall_max), "{late:?}");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_worker_that_uses_up_its_processor_time_is_killed() {
    let endless = endless();
    let machine = Machine::new(WorkerConfig { cpu_max: Duration::from_secs(1), ..config() });
    let bounds = hours();
    let died = machine.run(&endless, &[], &bounds, &mut no_progress);
    let Err(RunError::Died { how, .. }) = died else { panic!("{died:?}") };
    assert!(how.contains("processor time"), "{how}");
}

#[test]
fn a_worker_without_memory_dies_with_a_reason() {
    // The program may have, and uses, more than the host gives for everything together.
    let greedy = program_with(
        1,
        64,
        r#"(func (export "step") (param i64) (result i32)
            (drop (memory.grow (i32.const 63)))
            (memory.fill (i32.const 65536) (i32.const 1) (i32.const 4000000))
            (i32.const 1))"#,
    );
    let machine = Machine::new(WorkerConfig { host_bytes_max: 40 << 20, ..config() });
    let died = machine.run(&greedy, &[], &bounds(), &mut no_progress);
    let reason = match died {
        Err(RunError::Died { how, stderr }) => how + &stderr,
        Err(RunError::Failed(failure)) => failure.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(reason.contains("memory"), "{reason}");
}

#[test]
fn a_module_that_makes_the_compiler_explode_is_stopped() {
    // Many blocks with branches to all of them: much work for an optimiser, little text.
    let depth = 500;
    let branches: String =
        (0..depth).map(|level| format!("(br_if {level} (local.get $k))")).collect();
    let body = format!("{}{branches}{}", "(block ".repeat(depth), ")".repeat(depth));
    let functions: String =
        (0..200).map(|index| format!("(func $f{index} (param $k i32) {body})")).collect();
    let bomb = program_with(
        1,
        16,
        &format!(r#"{functions} (func (export "step") (param i64) (result i32) (i32.const 1))"#),
    );
    let machine = Machine::new(WorkerConfig { cpu_max: Duration::from_secs(1), ..config() });
    let died = machine.run(&bomb, &[], &bounds(), &mut no_progress);
    let Err(RunError::Died { how, .. }) = died else { panic!("{died:?}") };
    assert!(how.contains("processor time"), "{how}");
}

#[test]
fn an_executable_that_is_not_there_is_an_error() {
    let machine = Machine::new(WorkerConfig::of(PathBuf::from("/nonexistent/worker")));
    let missing = machine.run(&mixer(), &[], &bounds(), &mut no_progress);
    assert!(matches!(missing, Err(RunError::Spawn(_))), "{missing:?}");
}

/// A "worker" that says these bytes and then waits to be killed.
struct Liar {
    folder: tempfile::TempDir,
}

impl Liar {
    fn saying(bytes: &[u8], then: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        std::fs::write(folder.path().join("said"), bytes).expect("there is room");
        let script =
            format!("#!/bin/sh\n/bin/cat '{}'\n{then}\n", folder.path().join("said").display());
        // Written and closed before it is run: a file open for writing cannot be executed.
        let mut file = std::fs::File::create(folder.path().join("liar")).expect("there is room");
        file.write_all(script.as_bytes()).expect("there is room");
        file.set_permissions(std::fs::Permissions::from_mode(0o755)).expect("it is ours");
        drop(file);
        Self { folder }
    }

    fn run(&self) -> RunError {
        let wall_max = Duration::from_secs(20);
        let executable = self.folder.path().join("liar");
        let machine = Machine::new(WorkerConfig { wall_max, ..WorkerConfig::of(executable) });
        let result = machine.run(&mixer(), &mixer_input(3), &bounds(), &mut no_progress);
        result.expect_err("it said nothing true")
    }
}

const WAIT: &str = "exec /bin/sleep 60";

/// A frame around a reply.
fn framed(reply: &[u8]) -> Vec<u8> {
    [&u32::try_from(reply.len()).expect("it is short").to_le_bytes()[..], reply].concat()
}

#[test]
fn a_lying_worker_is_hostile_and_no_trap() {
    let roots =
        |count: u32| [&[0][..], &count.to_le_bytes(), &vec![7; 32 * count as usize]].concat();
    let finished = |end: &[u8], size: u64| {
        [&[2][..], end, &9u64.to_le_bytes(), &[0], &size.to_le_bytes()].concat()
    };
    let two_roots = framed(&roots(2));
    let lies: Vec<(&str, Vec<u8>)> = vec![
        ("a frame of four gigabytes", vec![255; 4]),
        ("no reply at all", framed(&[200])),
        ("a vector longer than its frame", framed(&[0, 255, 255, 255, 255])),
        ("more steps than allowed", framed(&roots(102))),
        ("done without a step", framed(&finished(&[0], 0))),
        (
            "an output beyond the bounds",
            [two_roots.clone(), framed(&finished(&[0], 1 << 40))].concat(),
        ),
        (
            "a trap that its trace does not show",
            [two_roots.clone(), framed(&finished(&[1, 1, 0, 0, 0, 0, 0, 0, 0, 0], 0))].concat(),
        ),
        ("bytes out of turn", framed(&[4, 1, 0, 0, 0, 9])),
        (
            "more bytes than announced",
            [two_roots, framed(&finished(&[0], 2)), framed(&[4, 3, 0, 0, 0, 9, 9, 9])].concat(),
        ),
        (
            "evidence that nobody asked for",
            framed(&[&[3][..], &(1u64 << 50).to_le_bytes()].concat()),
        ),
        ("a report that nobody asked for", framed(&[5, 1, 1, 1, 1, 1, 1])),
    ];
    for (lie, bytes) in lies {
        let error = Liar::saying(&bytes, WAIT).run();
        assert!(matches!(error, RunError::Hostile(_)), "{lie}: {error:?}");
    }
}

#[test]
fn a_worker_that_ends_early_died() {
    let error = Liar::saying(&[9, 0, 0, 0, 1], "echo 'some reason' >&2; exit 7").run();
    let RunError::Died { how, stderr } = error else { panic!("{error:?}") };
    assert!(how.contains('7'), "{how}");
    assert_eq!(stderr, "some reason");
}

#[test]
fn what_a_worker_says_on_standard_error_is_bounded() {
    let flood = "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789 >&2; i=$((i+1)); done; exit 1";
    let RunError::Died { stderr, .. } = Liar::saying(&[], flood).run() else { panic!("it ended") };
    assert!((1_000..=4_096).contains(&stderr.len()), "{}", stderr.len());
}

#[test]
fn a_mute_worker_is_killed_in_the_end() {
    let liar = Liar::saying(&[], WAIT);
    let wall_max = Duration::from_millis(300);
    let executable = liar.folder.path().join("liar");
    let machine = Machine::new(WorkerConfig { wall_max, ..WorkerConfig::of(executable) });
    let late = machine.run(&mixer(), &vec![0; 1 << 20], &bounds(), &mut no_progress);
    assert!(matches!(late, Err(RunError::Late(_))), "{late:?}");
}
