//! Units by hand, and the three ways in which a step is stopped: meter, depth, pages.

mod prepare_support;

use machine::limits;
use prepare_support::{
    ENGINES, Engine, Outcome, Runnable, agree, agrees_with_naive, assemble, module, on_big_stack,
    program, run,
};

/// Units that one step of a body uses.
#[track_caller]
fn used(fields: &str, body: &str) -> i64 {
    let text = module(fields, body);
    let program = program(&text);
    let runnable = Runnable::of(&program);
    agrees_with_naive(&assemble(&text), &program, &runnable);
    runnable.cap - agree(&program, &runnable)[0].meter_left(program.manifest())
}

#[test]
fn structure_is_free() {
    assert_eq!(used("", "(i32.const 1)"), 1);
    assert_eq!(used("", "(nop) (block (nop) (loop (nop))) (i32.const 1)"), 1);
    assert_eq!(used("", "(return (i32.const 1))"), 2);
}

#[test]
fn each_class_of_operator_has_its_cost() {
    let one = 1;
    // drop and the constant of `(i32.const 1)` come on top.
    assert_eq!(used("", "(drop (i32.const 0)) (i32.const 1)"), 2 + one);
    assert_eq!(used("", "(drop (i32.add (i32.const 1) (i32.const 1))) (i32.const 1)"), 4 + one);
    assert_eq!(
        used("", "(drop (i32.div_u (i32.const 1) (i32.const 1))) (i32.const 1)"),
        3 + 8 + one
    );
    assert_eq!(used("", "(drop (f32.add (f32.const 1) (f32.const 1))) (i32.const 1)"), 3 + 2 + one);
    assert_eq!(used("", "(drop (f64.sqrt (f64.const 1))) (i32.const 1)"), 2 + 8 + one);
    assert_eq!(used("", "(drop (f64.neg (f64.const 1))) (i32.const 1)"), 3 + one);
    assert_eq!(used("", "(drop (i32.load8_u (i32.const 0))) (i32.const 1)"), 2 + 2 + one);
    assert_eq!(used("", "(i64.store (i32.const 0) (i64.const 0)) (i32.const 1)"), 2 + 2 + one);
    assert_eq!(
        used("", "(drop (i8x16.add (v128.const i64x2 0 0) (v128.const i64x2 0 0))) (i32.const 1)"),
        1 + 3 * 2 + one
    );
    assert_eq!(
        used("", "(drop (f32x4.div (v128.const i64x2 0 0) (v128.const i64x2 0 0))) (i32.const 1)"),
        1 + 4 + 8 + one
    );
    assert_eq!(used("(func $f)", "(call $f) (i32.const 1)"), 8 + one);
    assert_eq!(
        used("(func $f (local i64 i64 i64 i64 f32))", "(call $f) (i32.const 1)"),
        8 + 1 + one
    );
    let table = "(table 1 funcref) (elem (i32.const 0) $f) (type $t (func)) (func $f)";
    assert_eq!(used(table, "(call_indirect (type $t) (i32.const 0)) (i32.const 1)"), 8 + 1 + one);
}

#[test]
fn only_what_runs_is_charged() {
    let choice = |condition: i32| {
        format!(
            "(if (i32.const {condition}) (then (nop) (drop (i32.const 1))) (else)) (i32.const 1)"
        )
    };
    assert_eq!(used("", &choice(1)), 1 + 1 + 2 + 1);
    assert_eq!(used("", &choice(0)), 1 + 1 + 1);
    assert_eq!(used("", "(br 0 (i32.const 1)) (drop (i32.const 1))"), 2);
    assert_eq!(
        used("", "(block (br_if 0 (i32.const 1)) (drop (i32.const 1))) (i32.const 1)"),
        2 + 1
    );
    assert_eq!(
        used("", "(block (br_if 0 (i32.const 0)) (drop (i32.const 1))) (i32.const 1)"),
        2 + 2 + 1
    );
    let body = "(local $n i32)
        (loop $l (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 10))))
        (i32.const 1)";
    assert_eq!(used("", body), 10 * 7 + 1);
    assert_eq!(used("", "(block (br_table 0 0 (i32.const 7))) (i32.const 1)"), 2 + 1);
}

#[test]
fn length_is_charged() {
    let fill = |length: i32| {
        format!("(memory.fill (i32.const 16) (i32.const 1) (i32.const {length})) (i32.const 1)")
    };
    assert_eq!(used("", &fill(0)), 3 + 8 + 1);
    assert_eq!(used("", &fill(15)), 3 + 8 + 1);
    assert_eq!(used("", &fill(16)), 3 + 8 + 1 + 1);
    assert_eq!(used("", &fill(65_520)), 3 + 8 + 4_095 + 1);
    let copy = "(memory.copy (i32.const 16) (i32.const 32) (i32.const 64)) (i32.const 1)";
    assert_eq!(used("", copy), 3 + 8 + 4 + 1);
    let grow = |pages: i32| format!("(drop (memory.grow (i32.const {pages}))) (i32.const 1)");
    assert_eq!(used("", &grow(0)), 1 + 64 + 1 + 1);
    assert_eq!(used("", &grow(3)), 1 + 64 + 3 * 4_096 + 1 + 1);
    // A failed growth costs nothing more, however much was asked for.
    assert_eq!(used("", &grow(4)), 1 + 64 + 1 + 1);
    assert_eq!(used("", &grow(-1)), 1 + 64 + 1 + 1);
}

#[test]
fn the_cap_is_exact() {
    let text = module(
        "(func $f (param i32) (result i32) (local.get 0))",
        "(local $n i32)
         (loop $l
            (drop (call $f (local.get $n)))
            (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 50))))
         (memory.fill (i32.const 16) (i32.const 7) (i32.const 1000))
         (i32.const 1)",
    );
    let program = program(&text);
    let generous = Runnable::of(&program);
    let units = generous.cap - agree(&program, &generous)[0].meter_left(program.manifest());
    for (cap, traps) in
        [(units + 1, false), (units, false), (units - 1, true), (0, true), (-1, true)]
    {
        let outcomes = agree(&program, &Runnable { cap, ..Runnable::of(&program) });
        assert_eq!(outcomes == [Outcome::Trapped], traps, "cap {cap} of {units}");
    }
}

#[test]
fn nothing_unbounded_runs_unchecked() {
    let endless = [
        ("", "(loop $l (br $l)) (unreachable)"),
        ("", "(loop $l (loop $m (br $m)) (br $l)) (unreachable)"),
        ("", "(loop $l (br_if $l (i32.const 1))) (i32.const 1)"),
        ("", "(loop $l (br_table $l $l (i32.const 0))) (unreachable)"),
        ("", "(loop $l (drop (memory.grow (i32.const 0))) (br $l)) (unreachable)"),
        (
            "",
            "(loop $l (memory.fill (i32.const 0) (i32.const 0) (i32.const 65536)) (br $l)) (unreachable)",
        ),
        ("(func $f (call $f) (call $f))", "(call $f) (i32.const 1)"),
        ("(func $f)", "(loop $l (call $f) (br $l)) (unreachable)"),
    ];
    for (fields, body) in endless {
        let program = program(&module(fields, body));
        assert_eq!(agree(&program, &Runnable::of(&program)), [Outcome::Trapped], "{fields}{body}");
    }
}

#[test]
fn a_tree_of_calls_ends_by_the_meter() {
    // 2^40 calls of a function without loops.
    let mut fields = String::from("(func $f0)");
    for level in 1..=40 {
        fields += &format!("(func $f{level} (call $f{0}) (call $f{0}))", level - 1);
    }
    let program = program(&module(&fields, "(call $f40) (i32.const 1)"));
    assert_eq!(agree(&program, &Runnable::of(&program)), [Outcome::Trapped]);
}

#[test]
fn growth_past_the_maximum_is_minus_one_everywhere() {
    let body = "(i32.store (i32.const 16) (memory.grow (i32.const 4)))
        (i32.store (i32.const 20) (memory.grow (i32.const 3)))
        (i32.store (i32.const 24) (memory.grow (i32.const 1)))
        (i32.store (i32.const 28) (memory.grow (i32.const -1)))
        (i32.store (i32.const 32) (memory.size))
        (i32.const 1)";
    let program = program(&module("", body));
    let outcomes = agree(&program, &Runnable::of(&program));
    let words: Vec<i32> = outcomes[0].memory()[16..36]
        .chunks(4)
        .map(|word| i32::from_le_bytes(word.try_into().expect("four bytes")))
        .collect();
    assert_eq!(words, [-1, 1, -1, -1, 4]);
    assert_eq!(outcomes[0].memory().len(), 4 << 16);
}

/// How deep a recursion gets: the same in every engine.
fn deepest(fields: &str) -> i64 {
    let program = program(&module(fields, "(call $f (local.get $i)) (i32.const 0)"));
    let works = |engine: Engine, depth: i64| {
        let runnable = Runnable { cap: 1 << 40, first: depth, ..Runnable::of(&program) };
        run(engine, &runnable).0 != [Outcome::Trapped]
    };
    let (mut low, mut high) = (10, i64::from(limits::STACK_UNITS_MAX));
    while high - low > 1 {
        let middle = low.midpoint(high);
        if works(Engine::Interpreter, middle) { low = middle } else { high = middle }
    }
    for engine in ENGINES {
        assert!(works(engine, low), "{engine:?} does not get to {low}");
        assert!(!works(engine, high), "{engine:?} gets to {high}");
    }
    low
}

#[test]
fn recursion_ends_at_the_same_depth_everywhere() {
    on_big_stack(|| {
        let plain = "(func $f (param $n i64)
            (if (i64.ne (local.get $n) (i64.const 0))
                (then (call $f (i64.sub (local.get $n) (i64.const 1))))))";
        // 32 for the frame, 1 for the parameter, 2 x 2 for operands, 9 / 4 for operators.
        let frames = i64::from(limits::STACK_UNITS_MAX) / (32 + 1 + 4 + 2) - 1;
        let deepest = deepest(plain);
        assert!((frames - 2..=frames).contains(&deepest), "{deepest} calls, {frames} expected");
    });
}

#[test]
fn large_frames_use_the_stack_up_sooner() {
    on_big_stack(|| {
        // 1,000 vectors that are all alive across the call.
        let mut body = String::new();
        for local in 0..1_000 {
            body += &format!("(local.set $v{local} (v128.load (i32.const {})))", local * 16);
        }
        body += "(if (i64.ne (local.get $n) (i64.const 0))
            (then (call $f (i64.sub (local.get $n) (i64.const 1)))))";
        for local in 0..1_000 {
            body += &format!("(v128.store (i32.const {}) (local.get $v{local}))", local * 16);
        }
        let locals: String = (0..1_000).map(|local| format!("(local $v{local} v128)")).collect();
        let fields = format!("(func $f (param $n i64) {locals} {body})");
        let deepest = deepest(&fields);
        assert!(deepest < 150, "{deepest}");
    });
}

#[test]
fn hoisted_values_fit_the_stack() {
    on_big_stack(|| {
        // Thousands of different values of the parameter, wanted again after the call.
        let mut body = String::from("(loop $l (local.set $s (i64.const 0))");
        for value in 1..2_000 {
            body += &format!(
                "(local.set $s (i64.add (local.get $s) (i64.mul (local.get $n) (i64.const {}))))",
                value * 77_777_777_777i64
            );
        }
        body += "(i64.store (i32.const 16) (local.get $s))
            (if (i64.ne (local.get $n) (i64.const 0))
                (then (call $f (i64.sub (local.get $n) (i64.const 1)))))
            (br_if $l (i64.eq (local.get $s) (i64.const 12345))))";
        let fields = format!("(func $f (param $n i64) (local $s i64) {body})");
        deepest(&fields);
    });
}

/// Pages that one step touches.
#[track_caller]
fn touched(body: &str) -> Vec<usize> {
    let program = program(&module("", &format!("{body} (i32.const 1)")));
    agree(&program, &Runnable::of(&program));
    let variant = program.touch_variant();
    let runnable = Runnable { module: &variant, touched_cap: Some(99), ..Runnable::of(&program) };
    run(Engine::Speed, &runnable).1.remove(0).pages
}

#[test]
fn touched_pages_are_exactly_those_accessed() {
    assert_eq!(touched(""), [0; 0]);
    assert_eq!(touched("(drop (i32.load8_u (i32.const 4095)))"), [0]);
    assert_eq!(touched("(drop (i32.load8_u offset=4095 (i32.const 1)))"), [1]);
    assert_eq!(touched("(drop (i32.load (i32.const 4093)))"), [0, 1]);
    assert_eq!(touched("(drop (i32.load (i32.const 4092)))"), [0]);
    assert_eq!(touched("(i64.store offset=8000 (i32.const 184) (i64.const 1))"), [1]);
    assert_eq!(touched("(i64.store offset=8000 (i32.const 185) (i64.const 1))"), [1, 2]);
    assert_eq!(touched("(f32.store (i32.const 65532) (f32.const 1))"), [15]);
    assert_eq!(touched("(v128.store (i32.const 8177) (v128.const i64x2 0 0))"), [1, 2]);
    assert_eq!(
        touched("(drop (v128.load16_lane 3 (i32.const 12287) (v128.const i64x2 0 0)))"),
        [2, 3]
    );
    assert_eq!(touched("(v128.store64_lane 1 (i32.const 4090) (v128.const i64x2 0 0))"), [0, 1]);
    assert_eq!(touched("(memory.fill (i32.const 4095) (i32.const 1) (i32.const 4098))"), [0, 1, 2]);
    assert_eq!(touched("(memory.fill (i32.const 9000) (i32.const 1) (i32.const 0))"), [0; 0]);
    assert_eq!(
        touched("(memory.copy (i32.const 0) (i32.const 20480) (i32.const 4097))"),
        [0, 1, 5, 6]
    );
    assert_eq!(touched("(memory.fill (i32.const 65536) (i32.const 1) (i32.const 0))"), [0; 0]);
    assert_eq!(
        touched("(drop (memory.grow (i32.const 3))) (i32.store (i32.const 262140) (i32.const 1))"),
        [63]
    );
}

#[test]
fn accesses_out_of_bounds_trap_as_before() {
    let bodies = [
        "(drop (i32.load (i32.const 65533)))",
        "(drop (i32.load8_u (i32.const 65536)))",
        "(drop (i32.load offset=4294967295 (i32.const -1)))",
        "(drop (i32.load offset=4294967295 (i32.const 4)))",
        "(i64.store (i32.const -4) (i64.const 1))",
        "(drop (v128.load offset=65521 (i32.const 0)))",
        "(memory.fill (i32.const 65536) (i32.const 1) (i32.const 1))",
        "(memory.fill (i32.const 65537) (i32.const 1) (i32.const 0))",
        "(memory.copy (i32.const 0) (i32.const 65000) (i32.const 1000))",
        "(memory.copy (i32.const 65000) (i32.const 0) (i32.const 1000))",
        "(drop (i32.div_s (i32.const -2147483648) (i32.const -1)))",
        "(drop (i32.trunc_f32_s (f32.const nan)))",
        "(unreachable)",
    ];
    for body in bodies {
        let program = program(&module("", &format!("{body} (i32.const 1)")));
        let outcomes = agree(&program, &Runnable::of(&program));
        assert_eq!(outcomes, [Outcome::Trapped], "{body}");
    }
}

#[test]
fn the_page_cap_stops_a_step_and_shows_it() {
    let body = "(local $n i32)
        (loop $l
            (i32.store (i32.mul (local.get $n) (i32.const 4096)) (i32.const 1))
            (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 10))))
        (i32.const 1)";
    let program = program(&module("", body));
    let variant = program.touch_variant();
    for engine in ENGINES {
        for (cap, traps) in [(11, false), (10, false), (9, true), (0, true)] {
            let runnable =
                Runnable { module: &variant, touched_cap: Some(cap), ..Runnable::of(&program) };
            let (outcomes, touched) = run(engine, &runnable);
            assert_eq!(outcomes == [Outcome::Trapped], traps);
            assert_eq!(touched[0].count > cap, traps, "the count tells why it trapped");
        }
    }
}
