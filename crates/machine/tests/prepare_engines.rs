//! What a prepared program does is the same in every engine.

#![allow(clippy::cast_possible_truncation, reason = "bits are moved about")]

mod prepare_support;

use prepare_support::{
    Outcome, Runnable, agree, agrees_with_naive, assemble, module, program, raw_memory,
};

#[test]
fn a_sum_is_a_sum_everywhere() {
    let text = module(
        "(global $sum (mut i64) (i64.const 0))",
        "(local $n i32)
         (loop $again
            (global.set $sum (i64.add (global.get $sum) (i64.extend_i32_u (local.get $n))))
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $n) (i32.const 100))))
         (i64.store (i32.const 4092) (global.get $sum))
         (i64.eq (local.get $i) (i64.const 2))",
    );
    let program = program(&text);
    let outcomes = agree(&program, &Runnable { steps: 9, ..Runnable::of(&program) });
    assert_eq!(outcomes.len(), 3);
    assert_eq!(outcomes[2].memory()[4092..4100], (3 * 4950u64).to_le_bytes());
}

#[test]
fn an_infinite_loop_ends_by_the_meter() {
    let program = program(&module("", "(loop $again (br $again)) (unreachable)"));
    assert_eq!(agree(&program, &Runnable::of(&program)), [Outcome::Trapped]);
}

/// Runs a text in every engine and against the naive rewriting.
#[track_caller]
fn check(text: &str, steps: i64) -> Vec<Outcome> {
    let source = assemble(text);
    let program = program(text);
    let runnable = Runnable { steps, ..Runnable::of(&program) };
    agrees_with_naive(&source, &program, &runnable);
    agree(&program, &runnable)
}

#[test]
fn nans_have_one_payload_everywhere() {
    let text = nan_module();
    let outcomes = check(&text, 1);
    let memory = outcomes[0].memory();
    let canonical = |at: usize| memory[at..at + 4] == 0x7fc0_0000u32.to_le_bytes();
    assert!((1024..32_768).step_by(4).filter(|at| canonical(*at)).count() > 500);
}

#[test]
fn without_preparation_nans_differ() {
    // The control: the test above can see what it is there to see.
    let text = nan_module();
    let program = program(&text);
    let prepared = &agree(&program, &Runnable::of(&program))[0];
    let raw = raw_memory(&assemble(&text));
    assert_ne!(raw, prepared.memory());
}

/// Values from which NaNs of many payloads arise; loaded, so that no compiler sees them.
const SPECIALS: [u64; 8] = [
    0x7ff0_0000_0000_0001, // signalling
    0xfff0_0000_1234_5678, // negative, signalling
    0x7ff8_0000_0000_beef, // quiet, with a payload
    0xfff8_0000_0000_0000,
    0x7ff0_0000_0000_0000, // infinity
    0xfff0_0000_0000_0000,
    0xbff0_0000_0000_0000, // -1
    0,
];

/// Applies every operator that makes NaNs to every pair of specials, and stores all results.
fn nan_module() -> String {
    let mut data = String::new();
    for bits in SPECIALS {
        bits.to_le_bytes().iter().for_each(|byte| data.push_str(&format!("\\{byte:02x}")));
    }
    for bits in SPECIALS {
        // The same classes in 32 bits.
        let narrow = (bits >> 32) as u32 & 0x8000_0000
            | ((bits >> 52) as u32 & 0x7ff).min(0xff) << 23
            | (bits as u32 & 0x7f_ffff)
            | ((bits >> 29) as u32 & 0x40_0000);
        narrow.to_le_bytes().iter().for_each(|byte| data.push_str(&format!("\\{byte:02x}")));
    }
    let mut body = String::new();
    let mut at = 1024;
    let mut store = |ty: &str, value: String| {
        body.push_str(&format!("({ty}.store (i32.const {at}) {value})\n"));
        at += 16;
    };
    let binary = ["add", "sub", "mul", "div", "min", "max", "copysign"];
    let unary = ["sqrt", "ceil", "floor", "trunc", "nearest", "neg", "abs"];
    for (ty, vector, base, size) in [("f64", "f64x2", 256, 8), ("f32", "f32x4", 320, 4)] {
        for a in 0..SPECIALS.len() {
            let x = format!("({ty}.load (i32.const {}))", base + a * size);
            let lanes = format!("(v128.load (i32.const {}))", base + a % 4 * size);
            for op in unary {
                store(ty, format!("({ty}.{op} {x})"));
                store("v128", format!("({vector}.{op} {lanes})"));
            }
            for b in 0..SPECIALS.len() {
                let y = format!("({ty}.load (i32.const {}))", base + b * size);
                binary.iter().for_each(|op| store(ty, format!("({ty}.{op} {x} {y})")));
            }
            for op in ["add", "div", "min", "pmax"] {
                let y = format!("({vector}.splat {x})");
                store("v128", format!("({vector}.{op} {lanes} {y})"));
            }
        }
    }
    for a in 0..SPECIALS.len() {
        store("f32", format!("(f32.demote_f64 (f64.load (i32.const {})))", 256 + a * 8));
        store("f64", format!("(f64.promote_f32 (f32.load (i32.const {})))", 320 + a * 4));
        let lanes = |base: usize| format!("(v128.load (i32.const {}))", base + a % 4 * 8);
        store("v128", format!("(f32x4.demote_f64x2_zero {})", lanes(256)));
        store("v128", format!("(f64x2.promote_low_f32x4 {})", lanes(320)));
    }
    module(&format!("(data (i32.const 256) \"{data}\")"), &format!("{body} (i32.const 1)"))
}

/// A body of `step` that divides zero by zero in every float type, and looks at the results in one way.
#[track_caller]
fn look(fields: &str, way: &str) {
    let fields = format!(
        "{fields}
         (global $g (mut f32) (f32.const 0))
         (func $seen (param $x f32) (f32.store (i32.const 512) (local.get $x)))
         (func $pass (param $x f32) (result f32) (local.get $x))
         (func $nan (result f32) (f32.div (f32.load (i32.const 256)) (f32.load (i32.const 256))))"
    );
    let f32 = "(f32.div (f32.load (i32.const 256)) (f32.load (i32.const 260)))";
    let f64 = "(f64.div (f64.load (i32.const 256)) (f64.load (i32.const 264)))";
    let f32x4 = "(f32x4.div (v128.load (i32.const 256)) (v128.load (i32.const 272)))";
    let f64x2 = "(f64x2.div (v128.load (i32.const 256)) (v128.load (i32.const 272)))";
    let way =
        way.replace("F32X4", f32x4).replace("F64X2", f64x2).replace("F32", f32).replace("F64", f64);
    let locals = "(local $a f32) (local $b f32) (local $d f64) (local $v v128) (local $w v128) (local $n i32)";
    check(&module(&fields, &format!("{locals} {way} (i32.const 1)")), 1);
}

/// Ways to look at a payload; `look` puts a division of zeros in place of each type's name.
const WAYS: &[&str] = &[
    "(f32.store (i32.const 512) F32)",
    "(f64.store (i32.const 512) F64)",
    "(i32.store (i32.const 512) (i32.reinterpret_f32 F32))",
    "(i64.store (i32.const 512) (i64.reinterpret_f64 F64))",
    "(f32.store (i32.const 512) (f32.abs (f32.neg F32)))",
    "(f32.store (i32.const 512) (f32.copysign (f32.const 1) F32))",
    "(f32.store (i32.const 512) (f32.copysign F32 (f32.const -1)))",
    "(f32.store (i32.const 512) (select F32 (f32.const 1) (i32.const 1)))",
    "(global.set $g F32)",
    "(call $seen F32)",
    "(call $seen (call $pass (call $nan)))",
    "(f32.store (i32.const 512) (block (result f32) F32))",
    "(f32.store (i32.const 512) (block $x (result f32) (br $x F32)))",
    "(f32.store (i32.const 512) (block $x (result f32) (drop (br_if $x F32 (i32.const 1))) (f32.const 1)))",
    "(f32.store (i32.const 512) (block $x (result f32) (br_table $x $x F32 (i32.const 1))))",
    "(f32.store (i32.const 512) (if (result f32) (i32.const 1) (then F32) (else (f32.const 1))))",
    "(f32.store (i32.const 512) (if (result f32) (i32.const 0) (then (f32.const 1)) (else F32)))",
    "F32 (block (param f32) (local.set $a)) (f32.store (i32.const 512) (local.get $a))",
    "F32 (loop (param f32) (local.set $a)) (f32.store (i32.const 512) (local.get $a))",
    "(local.set $a F32) (f32.store (i32.const 512) (local.get $a))",
    "(local.set $a F32) (local.set $b (local.get $a)) (f32.store (i32.const 512) (local.get $b))",
    "(f32.store (i32.const 512) (local.tee $a F32)) (f32.store (i32.const 516) (local.get $a))",
    "(v128.store (i32.const 512) F32X4)",
    "(v128.store (i32.const 512) F64X2)",
    "(v128.store (i32.const 512) (v128.not F32X4))",
    "(v128.store (i32.const 512) (f64x2.add F32X4 (v128.load (i32.const 288))))",
    "(v128.store (i32.const 512) (f32x4.add F64X2 (v128.load (i32.const 288))))",
    "(v128.store (i32.const 512) (f64x2.eq F32X4 F32X4))",
    "(v128.store (i32.const 512) (f32x4.abs F64X2))",
    "(v128.store (i32.const 512) (f64x2.pmin F32X4 F64X2))",
    "(v128.store (i32.const 512) (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 F64X2 F64X2))",
    "(v128.store (i32.const 512) (f64x2.add (v128.load (i32.const 288)) \
            (i8x16.shuffle 0 1 2 3 20 21 22 23 4 5 6 7 28 29 30 31 F64X2 F64X2)))",
    // Halves of a NaN become part of numbers.
    "(v128.store (i32.const 512) (f64x2.mul (v128.const f64x2 1 1) \
            (i8x16.shuffle 4 5 6 7 20 21 22 23 12 13 14 15 28 29 30 31 F64X2 (v128.const f64x2 1 2))))",
    // Halves of a NaN and of a number become a NaN that no arithmetic made.
    "(loop $l (local.set $v (f32x4.pmax F64X2 (f64x2.div (v128.const f64x2 1 1) (v128.const f64x2 3 3)))) \
            (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 3)))) \
            (v128.store (i32.const 512) (local.get $v))",
    "(v128.store (i32.const 512) (f32x4.eq (v128.load (i32.const 288)) \
            (i8x16.shuffle 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 F32X4 F32X4)))",
    "(f32.store (i32.const 512) (f32x4.extract_lane 1 F64X2))",
    "(f32.store (i32.const 512) (f32x4.extract_lane 1 F32X4))",
    "(v128.store (i32.const 512) (f32x4.splat F32))",
    "(v128.store (i32.const 512) (f64x2.replace_lane 1 F32X4 F64))",
    "(i32.store (i32.const 512) (v128.any_true (v128.and F32X4 (v128.const i32x4 1 1 1 1))))",
    "(local.set $v F64X2) (local.set $w (f32x4.add (local.get $v) (local.get $v))) (v128.store (i32.const 512) (local.get $w))",
    "(f32.store (i32.const 512) (f32.demote_f64 F64))",
    "(f64.store (i32.const 512) (f64.promote_f32 F32))",
    // Settled at the read, not in the loop; not if the local holds bits too.
    "(loop $l (local.set $a (f32.add (local.get $a) F32)) \
            (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 3)))) \
            (f32.store (i32.const 512) (local.get $a))",
    "(local.set $a (f32.load (i32.const 304))) (loop $l \
            (if (local.get $n) (then (local.set $b (local.get $a)) (f32.store (i32.const 512) (local.get $b)))) \
            (local.set $b (f32.add (local.get $b) F32)) \
            (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 3)))) \
            (f32.store (i32.const 516) (local.get $b))",
    "(local.set $v (v128.load (i32.const 304))) (loop $l \
            (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 3))) \
            (if (i32.gt_u (local.get $n) (i32.const 5)) (then (local.set $v F32X4))) ) \
            (v128.store (i32.const 512) (local.get $v))",
];

#[test]
fn a_payload_is_settled_however_it_is_looked_at() {
    // Zeros, so that divisions give NaNs; then NaNs that nothing may change.
    let data = r#"(data (i32.const 304) "\21\43\a5\7f\21\43\a5\ff\21\43\65\00\ff\ff\f5\7f")"#;
    for way in WAYS {
        look(data, way);
    }
}

#[test]
fn parameters_keep_their_bits() {
    // A parameter that is also accumulated into: settling its reads would change the caller's bits.
    let fields = r#"(data (i32.const 304) "\21\43\a5\ff")
        (func $f (param $x f32) (param $n i32)
            (block $out
                (br_if $out (i32.eqz (local.get $n)))
                (loop $l
                    (local.set $x (f32.add (local.get $x) (f32.const 1)))
                    (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
            (f32.store (i32.const 512) (local.get $x)))"#;
    let body = "(call $f (f32.load (i32.const 304)) (i32.wrap_i64 (local.get $i))) (i32.const 0)";
    let outcomes = check(&module(fields, body), 2);
    assert_eq!(outcomes[0].memory()[512..516], [0x21, 0x43, 0xa5, 0xff]);
    assert_eq!(outcomes[1].memory()[512..516], 0x7fc0_0000u32.to_le_bytes());
}

/// For each place where something is settled: how many loops it is in.
fn settled(body: &str) -> Vec<usize> {
    let program =
        program(&module("", &format!("(local $a f32) (local $n i32) {body} (i32.const 1)")));
    let mut places = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(program.bytes()) {
        let Ok(wasmparser::Payload::CodeSectionEntry(body)) = payload else { continue };
        let mut blocks = Vec::new();
        for operator in body.get_operators_reader().expect("it decodes") {
            use wasmparser::Operator as O;
            match operator.expect("it decodes") {
                O::Loop { .. } => blocks.push(true),
                O::Block { .. } | O::If { .. } => blocks.push(false),
                O::End => drop(blocks.pop()),
                O::F32Const { value } if value.bits() == 0x7fc0_0000 => {
                    places.push(blocks.iter().filter(|is_loop| **is_loop).count());
                }
                _ => {}
            }
        }
    }
    places
}

#[test]
fn nothing_is_settled_that_nobody_looks_at() {
    let sum = "(f32.add (f32.load (i32.const 16)) (f32.load (i32.const 20)))";
    assert_eq!(settled(&format!("(drop {sum})")), [0; 0]);
    assert_eq!(settled(&format!("(drop (f32.lt {sum} {sum}))")), [0; 0]);
    assert_eq!(settled(&format!("(drop (i32.trunc_sat_f32_s (f32.neg {sum})))")), [0; 0]);
    assert_eq!(settled(&format!("(f32.store (i32.const 24) {sum})")), [0]);
    let chain = format!("(f32.store (i32.const 24) (f32.sqrt (f32.mul {sum} (f32.abs {sum}))))");
    assert_eq!(settled(&chain), [0]);
    // An accumulator is settled once, behind the loop.
    let again =
        "(br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 9)))";
    let accumulate = format!("(local.set $a (f32.add (local.get $a) {sum}))");
    let store = "(f32.store (i32.const 24) (local.get $a))";
    assert_eq!(settled(&format!("(loop $l {accumulate} {again}) {store}")), [0]);
    // If it is stored in the loop too, then where it is made.
    assert_eq!(settled(&format!("(loop $l {accumulate} {store} {again}) {store}")), [1]);
    // If it ever holds bits, then where it is made.
    let bits = "(local.set $a (f32.load (i32.const 28)))";
    assert_eq!(settled(&format!("{bits} (loop $l {accumulate} {again}) {store}")), [1]);
}

#[test]
fn what_is_at_the_limits_runs_everywhere() {
    let vector = "(v128.load (i32.const 64))";
    let mut body = String::new();
    for local in (0..4_000).step_by(7) {
        body += &format!("(local.set {} (f32x4.add {vector} (local.get {local})))", local + 40);
    }
    body += &vector.repeat(1_000);
    body += &"(f32x4.mul)".repeat(999);
    body += "(local.set 33)";
    let parameters = "v128 ".repeat(32);
    let arguments = vector.repeat(32);
    let stores = "(local.set $v) (v128.store (i32.const 512) (local.get $v))".repeat(32);
    let fields = format!(
        "(func $f (param {parameters}) (result {parameters}) (local {}) {body} {})",
        "v128 ".repeat(4_064),
        (32..64).map(|local| format!("(local.get {local})")).collect::<String>()
    );
    let nested = format!("{} (nop) {}", "(block ".repeat(500), ")".repeat(500));
    let table = format!("(block (br_table {} (i32.const 9)))", "0 ".repeat(8_000));
    let body =
        format!("(local $v v128) {nested} {table} (call $f {arguments}) {stores} (i32.const 1)");
    check(&module(&fields, &body), 1);
}

#[test]
fn every_select_chooses_alike() {
    // An interpreter that fuses a comparison with the `select` behind it must not lose the condition.
    let values = [
        "(i32.const 5)",
        "(local.get $a)",
        "(local.get $b)",
        "(i32.add (local.get $a) (i32.const 3))",
    ];
    let conditions = [
        "(local.get $a)",
        "(i32.eqz (local.get $a))",
        "(i32.eqz (i32.eqz (local.get $a)))",
        "(i32.eqz (i32.sub (local.get $a) (i32.const 1)))",
        "(i32.eq (local.get $a) (i32.const 0))",
        "(i32.ne (local.get $a) (i32.const 0))",
        "(i32.eq (i32.const 0) (local.get $a))",
        "(i32.eq (local.get $a) (i32.const 2))",
        "(i32.lt_s (local.get $a) (i32.const 2))",
        "(i32.eqz (i32.and (local.get $a) (i32.const 1)))",
        "(i64.eqz (local.get $i))",
        "(i64.ne (local.get $i) (i64.const 0))",
        "(f32.lt (f32.convert_i32_s (local.get $a)) (f32.const 1))",
        "(i32.eqz (f64.eq (f64.convert_i64_s (local.get $i)) (f64.const 1)))",
        "(block (result i32) (i32.eqz (local.get $a)))",
        "(local.tee $c (i32.eqz (local.get $a)))",
    ];
    let mut body = String::from(
        "(local $a i32) (local $b i32) (local $c i32) \
         (local.set $a (i32.wrap_i64 (local.get $i))) (local.set $b (i32.const 9))",
    );
    let mut at = 1024;
    for condition in conditions {
        for one in values {
            for other in values {
                body += &format!("(i32.store (i32.const {at}) (select {one} {other} {condition}))");
                body += &format!(
                    "(v128.store (i32.const {}) (select (i32x4.splat {one}) (v128.const i32x4 1 2 3 4) {condition}))",
                    at + 16
                );
                at += 32;
            }
        }
    }
    check(&module("", &format!("{body} (i32.const 0)")), 3);
}

#[test]
fn what_lies_below_a_block_and_what_a_branch_carries_arrive_unchanged() {
    // wasmi 2.0.0 gets each of the three wrong: see decision record 0032.
    let body = "(local $c i32) (local $x i32)
        (local.set $c (i32.wrap_i64 (local.get $i)))
        (local.set $x (i32.const 5))
        local.get $x
        (i32.add (local.get $c) (i32.const 1))
        (block (param i32)
            drop
            (br_if 0 (i32.ne (local.get $c) (i32.const 1)))
            (local.set $x (i32.const 7)))
        local.set $x
        (i32.store (i32.const 1024) (local.get $x))
        (block $a (result i32 i32)
            (block $b (result i32 i32)
                i32.const 99
                (i32.add (local.get $c) (i32.const 10))
                (i32.add (local.get $c) (i32.const 20))
                local.get $c
                br_table $a $b $a)
            i32.const 1000
            i32.add)
        i32.sub
        local.set $x
        (i32.store (i32.const 1028) (local.get $x))
        (block $a (result v128)
            (block $b (result v128)
                i32.const 99
                (i32x4.splat (i32.add (local.get $c) (i32.const 10)))
                local.get $c
                br_table $a $b $a)
            (i32x4.add (v128.const i32x4 1000 0 0 0)))
        i32x4.extract_lane 0
        local.set $x
        (i32.store (i32.const 1032) (local.get $x))
        (i32.const 0)";
    let outcomes = check(&module("", body), 3);
    for (outcome, expected) in outcomes.iter().zip([[5, -10, 10], [5, -1010, 1011], [5, -10, 12]]) {
        let expected = expected.map(i32::to_le_bytes).concat();
        assert_eq!(outcome.memory()[1024..1036], expected);
    }
}
