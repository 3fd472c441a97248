//! One computation, one result: whatever runs it and however changed pages are found.

mod support;

use machine::claim::Bounds;
use machine::computation::End;
use machine::content::Content;
use machine::engine::TrapReason;
use machine::execution::Execution;
use machine::local::{Backend, Options, run};
use machine::prepare::Program;
use machine::state::trapped;
use machine::track::Tracking;
use support::{bounds, mixer, mixer_input, program, program_with};

const BACKENDS: [Backend; 3] = [Backend::Compiled, Backend::Unoptimised, Backend::Interpreted];
const TRACKINGS: [Tracking; 3] = [Tracking::Auto, Tracking::Kernel, Tracking::Shadow];

fn run_all(program: &Program, input: &[u8], bounds: &Bounds) -> Execution {
    let mut executions = Vec::new();
    for backend in BACKENDS {
        for tracking in TRACKINGS {
            let impossible = !Tracking::kernel_is_able() || backend == Backend::Interpreted;
            if tracking == Tracking::Kernel && impossible {
                continue;
            }
            let options = Options { backend, tracking: Some(tracking), tampers: vec![] };
            executions.push(run(program, input, bounds, &options).expect("the host is able"));
        }
    }
    let first = executions.pop().expect("there is at least one");
    executions.iter().for_each(|other| assert_eq!(*other, first));
    first
}

fn trap(step: &str) -> (u64, TrapReason) {
    let execution = run_all(&program(step), &[], &bounds());
    assert_eq!(execution.output, [] as [u8; 0]);
    assert_eq!(execution.claim.output, Content::empty());
    let End::Trapped { step, reason } = execution.end else { panic!("it is done") };
    assert_eq!(execution.trace.last(), Some(&trapped(step)));
    assert_eq!(execution.steps(), step);
    (step, reason)
}

#[test]
fn the_kernel_marks_pages_here() {
    // Not an assertion about the code: it says in the test's output which half was compared.
    eprintln!("page tracking by the kernel: {}", Tracking::kernel_is_able());
}

#[test]
fn a_program_of_all_sorts_yields_the_same_everywhere() {
    let execution = run_all(&mixer(), &mixer_input(17), &bounds());
    assert_eq!((execution.end, execution.steps()), (End::Done, 17));
    assert_eq!(execution.output.len(), 6_000);
    assert!(execution.claim.meter > 17 * 100);
    expect_test::expect!["830be30c18538f68c98079e7a3867446af0e30bc2b14b7fe5a93badb270f2d11"]
        .assert_eq(&execution.claim.trace.root.to_string());
}

#[test]
fn an_empty_input_is_an_input() {
    let done = program("(i32.const 1)");
    let execution = run_all(&done, &[], &bounds());
    assert_eq!((execution.end, execution.steps()), (End::Done, 1));
    assert_eq!(execution.claim.output, Content::empty());
}

#[test]
fn input_arrives_aligned_and_whole() {
    // Sums the bytes of the input into the output.
    let sum = program_with(
        1,
        64,
        r#"(func (export "step") (param i64) (result i32)
            (local $at i32) (local $end i32)
            (local.set $at (i32.load (i32.const 16)))
            (local.set $end (i32.add (local.get $at) (i32.load (i32.const 20))))
            (loop $again
                (i64.store (i32.const 8192) (i64.add (i64.load (i32.const 8192)) (i64.load8_u (local.get $at))))
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $at) (local.get $end))))
            (i32.store (i32.const 8200) (i32.load (i32.const 16)))
            (i32.store (i32.const 32) (i32.const 8192))
            (i32.store (i32.const 36) (i32.const 12))
            (i32.const 1))"#,
    );
    for size in [1usize, 4096, 4097, 65_536, 65_537, 200_000] {
        let input: Vec<u8> = (0..size).map(|place| place.to_le_bytes()[0]).collect();
        let bounds = Bounds { meter_per_step: 100_000_000, ..bounds() };
        let execution = run_all(&sum, &input, &bounds);
        let expected: u64 = input.iter().map(|byte| u64::from(*byte)).sum();
        let (sum, place) = execution.output.split_at(8);
        assert_eq!(sum, expected.to_le_bytes());
        let place = u32::from_le_bytes(place.try_into().expect("four bytes")) as usize;
        assert!(place.is_multiple_of(size.max(4096).next_power_of_two()) && place >= 65_536);
    }
}

#[test]
fn traps_are_the_same_everywhere() {
    assert_eq!(trap("(unreachable)"), (1, TrapReason::Unreachable));
    assert_eq!(trap("(i32.load (i32.const 65536))"), (1, TrapReason::Memory));
    assert_eq!(
        trap("(i32.div_u (i32.const 1) (i32.wrap_i64 (local.get $i)))"),
        (1, TrapReason::Arithmetic)
    );
    assert_eq!(trap("(i32.const 2)"), (1, TrapReason::Return));
    assert_eq!(
        trap("(i32.mul (i32.const 2) (i64.ge_u (local.get $i) (i64.const 7)))"),
        (8, TrapReason::Return)
    );
    assert_eq!(trap("(loop $forever (br $forever)) (unreachable)"), (1, TrapReason::Meter));
    assert_eq!(trap("(i32.const 0)"), (100, TrapReason::Steps));
}

#[test]
fn the_meter_of_the_whole_run_ends_in_the_step_that_passes_it() {
    let endless = program("(i32.const 0)");
    let unbounded = run_all(&endless, &[], &bounds());
    let per_step = unbounded.claim.meter / (unbounded.steps() - 1);
    for (meter_max, step) in [(7 * per_step, 8), (7 * per_step - 1, 7), (per_step, 2)] {
        let execution = run_all(&endless, &[], &Bounds { meter_max, ..bounds() });
        assert_eq!(execution.end, End::Trapped { step, reason: TrapReason::Meter });
        assert_eq!(execution.claim.meter, (step - 1) * per_step);
    }
}

#[test]
fn endless_recursion_is_a_trap_and_no_crash() {
    let endless = program_with(
        1,
        16,
        r#"(func $down (param i64) (result i64) (i64.add (i64.const 1) (call $down (local.get 0))))
           (func (export "step") (param i64) (result i32) (i32.wrap_i64 (call $down (local.get 0))))"#,
    );
    let generous = Bounds { meter_per_step: 1_000_000_000, ..bounds() };
    let execution = run_all(&endless, &[], &generous);
    assert_eq!(execution.end, End::Trapped { step: 1, reason: TrapReason::Depth });
}

#[test]
fn frames_full_of_constants_end_by_the_depth_too() {
    // The interpreter keeps them in the frame, and the function is as long as it may be.
    let constants: String = (1..=5_500)
        .map(|number: i64| {
            let constant = number * 0x0123_4567;
            format!("(local.set 0 (i64.xor (local.get 0) (i64.const {constant})))")
        })
        .collect();
    let endless = program_with(
        1,
        16,
        &format!(
            r#"(func $down (param i64) (result i64) {constants} (call $down (local.get 0)))
               (func (export "step") (param i64) (result i32) (i32.wrap_i64 (call $down (local.get 0))))"#
        ),
    );
    let generous = Bounds { meter_per_step: 1_000_000_000, ..bounds() };
    let execution = run_all(&endless, &[], &generous);
    assert_eq!(execution.end, End::Trapped { step: 1, reason: TrapReason::Depth });
}

#[test]
fn a_growth_beyond_the_maximum_is_minus_one() {
    let bomb = program_with(
        1,
        64,
        r#"(func (export "step") (param i64) (result i32)
            (i32.store (i32.const 4096) (memory.grow (i32.const 64)))
            (i32.store (i32.const 4100) (memory.grow (i32.const 63)))
            (i32.store (i32.const 4104) (memory.grow (i32.const 1)))
            (i32.store (i32.const 32) (i32.const 4096))
            (i32.store (i32.const 36) (i32.const 12))
            (i32.const 1))"#,
    );
    let execution = run_all(&bomb, &[], &bounds());
    let expected = [-1i32, 1, -1].map(i32::to_le_bytes).concat();
    assert_eq!(execution.output, expected);
}

#[test]
fn what_does_not_fit_is_a_trap_at_once() {
    let done = program("(i32.const 1)");
    let small = Bounds { memory_bytes: 15 << 16, ..bounds() };
    let cannot_start = End::Trapped { step: 0, reason: TrapReason::Start };
    assert_eq!(run_all(&done, &[], &small).end, cannot_start);
    // One page is taken, fifteen are left, but an aligned input begins at eight.
    assert_eq!(run_all(&done, &vec![0; 8 << 16], &bounds()).end, End::Done);
    assert_eq!(run_all(&done, &vec![0; (8 << 16) + 1], &bounds()).end, cannot_start);
}

#[test]
fn an_output_cell_that_names_nothing_is_an_empty_output() {
    for (pointer, length) in [(8193, 5), (8192, 70_000), (65_536, 1), (-4096, 8192), (8192, 0)] {
        let odd = program(&format!(
            "(i32.store (i32.const 32) (i32.const {pointer}))
             (i32.store (i32.const 36) (i32.const {length}))
             (i32.const 1)"
        ));
        let execution = run_all(&odd, &[], &bounds());
        assert_eq!((execution.end, execution.output.len()), (End::Done, 0));
    }
}
