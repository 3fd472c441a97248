//! Small step programs for the tests of running, proving and judging.
#![allow(dead_code, reason = "each test file uses its part")]

use machine::claim::Bounds;
use machine::prepare::{Program, prepare};

/// A module with a body between the parts that the interface demands.
///
/// The input cell is at 16, the output cell at 32; memory starts with `initial` pages of 64 KiB.
pub(crate) fn program_with(initial: u32, maximum: u32, body: &str) -> Program {
    let source = format!(
        r#"(module
            (@custom "earnest.abi" "\01\00\00\00")
            (memory (export "memory") {initial} {maximum})
            (global (export "earnest_input") i32 (i32.const 16))
            (global (export "earnest_output") i32 (i32.const 32))
            {body})"#
    );
    let source = wat::parse_str(&source).expect("the text is a module");
    prepare(&source).expect("the module is a step program")
}

/// Steps that return what an expression of `$i` says.
pub(crate) fn program(step: &str) -> Program {
    program_with(1, 16, &format!(r#"(func (export "step") (param $i i64) (result i32) {step})"#))
}

/// Mixes its input into pages all over memory, grows now and then, keeps a mutable global, and leaves
/// an output of a page and a half. The input's first word is the number of steps.
pub(crate) fn mixer() -> Program {
    program_with(
        3,
        64,
        r#"
        (global $random (mut i64) (i64.const 88172645463325252))
        (global $float (mut f32) (f32.const 1.5))
        (data (i32.const 5000) "a data segment")
        (func $next (result i64)
            (global.set $random (i64.xor (global.get $random) (i64.shl (global.get $random) (i64.const 13))))
            (global.set $random (i64.xor (global.get $random) (i64.shr_u (global.get $random) (i64.const 7))))
            (global.set $random (i64.xor (global.get $random) (i64.shl (global.get $random) (i64.const 17))))
            (global.get $random))
        (func $mix (param $input i32)
            (local $k i32) (local $at i32)
            (loop $again
                (local.set $at (i32.add (i32.const 65536)
                    (i32.and (i32.wrap_i64 (call $next)) (i32.const 0x1fff8))))
                (i64.store (local.get $at) (i64.add (i64.load (local.get $at))
                    (i64.load8_u (i32.add (local.get $input) (local.get $k)))))
                (local.set $k (i32.add (local.get $k) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $k) (i32.const 12)))))
        (func $finish (result i32)
            (i32.store (i32.const 32) (i32.const 65536))
            (i32.store (i32.const 36) (i32.const 6000))
            (i32.const 1))
        (func (export "step") (param $i i64) (result i32)
            (local $input i32)
            (local.set $input (i32.load (i32.const 16)))
            (global.set $float (f32.mul (global.get $float) (f32.const 1.25)))
            (f32.store (i32.const 8192) (global.get $float))
            (call $mix (local.get $input))
            (memory.copy (i32.const 65536) (i32.const 70000) (i32.const 300))
            (if (i64.eq (i64.rem_u (local.get $i) (i64.const 5)) (i64.const 3)) (then
                (i64.store (i32.shl (memory.grow (i32.const 1)) (i32.const 16)) (local.get $i))))
            (if (result i32) (i64.ge_u (i64.add (local.get $i) (i64.const 1))
                    (i64.load32_u (local.get $input)))
                (then (call $finish))
                (else (i32.const 0))))
        "#,
    )
}

/// An input for [`mixer`] with so many steps.
pub(crate) fn mixer_input(steps: u32) -> Vec<u8> {
    let mut input: Vec<u8> = (0..9_000u32).map(|place| (place * 7).to_le_bytes()[0]).collect();
    input[..4].copy_from_slice(&steps.to_le_bytes());
    input
}

/// Bounds that small programs keep.
pub(crate) fn bounds() -> Bounds {
    Bounds {
        steps_max: 100,
        meter_max: 1 << 40,
        meter_per_step: 1_000_000,
        pages_per_step: 64,
        memory_bytes: 64 << 16,
        output_bytes: 1 << 20,
    }
}
