//! Everything that is refused, by example, and how the refusal is called.

mod prepare_support;

use machine::limits;
use machine::prepare::{
    Feature, Limit, Mismatch, PrepareError, Program, Required, SegmentKind, prepare,
};
use prepare_support::{assemble, module};

const DONE: &str = "(i32.const 1)";

#[track_caller]
fn refusal(text: &str) -> PrepareError {
    match prepare(&assemble(text)) {
        Ok(_) => panic!("accepted: {text}"),
        Err(error) => error,
    }
}

#[track_caller]
fn refuses_feature(feature: Feature, fields: &str, body: &str) {
    match refusal(&module(fields, body)) {
        PrepareError::Feature { feature: found, .. } => {
            assert_eq!(found, feature, "{fields}{body}")
        }
        other => panic!("{other} instead of {feature}"),
    }
}

#[track_caller]
fn refuses_limit(limit: Limit, maximum: u64, text: &str) {
    match refusal(text) {
        PrepareError::OverLimit { limit: found, maximum: most, found: count, .. } => {
            assert_eq!((found, most), (limit, maximum));
            assert!(count > most);
        }
        other => panic!("{other} instead of too many {limit}"),
    }
}

#[track_caller]
fn accepts(text: &str) {
    if let Err(error) = prepare(&assemble(text)) {
        panic!("{error}");
    }
}

#[test]
fn the_least_module_is_accepted() {
    accepts(&module("", DONE));
}

#[test]
fn what_is_not_wasm_is_refused() {
    for bytes in [&b""[..], b"\0asm", b"#!/bin/sh\n", b"\0asm\x0d\0\x01\0"] {
        assert_eq!(prepare(bytes), Err(PrepareError::NotWasm));
    }
    let truncated = &assemble(&module("", DONE))[..60];
    assert!(matches!(prepare(truncated), Err(PrepareError::Malformed { .. })));
}

#[test]
fn what_does_not_type_check_is_refused() {
    let wrong = module("", "(i64.const 1)");
    assert!(matches!(refusal(&wrong), PrepareError::Malformed { .. }));
}

#[test]
fn every_cut_and_every_flipped_byte_is_handled() {
    let source = assemble(&module("(data (i32.const 16) \"abc\")", DONE));
    for length in 0..source.len() {
        // Cut between sections it may still be a module, if not a program.
        drop(prepare(&source[..length]));
    }
    for at in 0..source.len() {
        for flip in [1, 0x40, 0xff] {
            let mut mangled = source.clone();
            mangled[at] ^= flip;
            // It must not panic; whatever is accepted is a program of its own.
            drop(prepare(&mangled));
        }
    }
}

#[test]
fn an_oversize_module_is_refused_unread() {
    let bytes = vec![0; limits::SOURCE_BYTES_MAX + 1];
    let error = PrepareError::OverLimit {
        limit: Limit::SourceBytes,
        function: None,
        found: bytes.len() as u64,
        maximum: limits::SOURCE_BYTES_MAX as u64,
    };
    assert_eq!(prepare(&bytes), Err(error));
}

#[test]
fn imports_are_refused_by_name() {
    for kind in ["(func)", "(memory 1)", "(global i32)", "(table 1 funcref)"] {
        let text = format!(r#"(module (import "env" "foo" {kind}))"#);
        let error = PrepareError::Import { module: "env".into(), name: "foo".into() };
        assert_eq!(refusal(&text), error);
    }
    let error = refusal(r#"(module (import "env" "foo" (func)))"#);
    assert_eq!(
        error.to_string(),
        "import `env.foo` is not offered: programs import nothing; remove the dependency that \
         calls it"
    );
}

#[test]
fn a_start_function_is_refused() {
    assert_eq!(refusal(&module("(func $s) (start $s)", DONE)), PrepareError::Start);
}

#[test]
fn forbidden_features_are_refused_by_name() {
    use Feature as F;
    let table = "(table 1 funcref)";
    let cases = [
        (F::Threads, "", "(i32.atomic.load (i32.const 0))"),
        (F::Threads, "", "(atomic.fence) (i32.const 1)"),
        (
            F::RelaxedSimd,
            "",
            "(drop (f32x4.relaxed_madd (v128.const i64x2 0 0) (v128.const i64x2 0 0) (v128.const i64x2 0 0))) (i32.const 1)",
        ),
        (F::Gc, "(type (struct))", DONE),
        (F::Gc, "", "(drop (ref.i31 (i32.const 0))) (i32.const 1)"),
        (F::Exceptions, "(tag)", DONE),
        (F::Exceptions, "", "(unreachable) (throw_ref)"),
        (F::TailCall, "", "(return_call $step (i64.const 1))"),
        (F::ReferenceTypes, "", "(drop (ref.null func)) (i32.const 1)"),
        (F::ReferenceTypes, "(table 1 externref)", DONE),
        (F::ReferenceTypes, "(table 1 funcref) (table 1 funcref)", DONE),
        (F::ReferenceTypes, "(global (mut funcref) (ref.null func))", DONE),
        (F::TableMutation, "(table 1 funcref)", "(drop (table.get (i32.const 0))) (i32.const 1)"),
        (F::TableMutation, table, "(unreachable) (table.set 0)"),
        (F::TableMutation, table, "(drop (table.size)) (i32.const 1)"),
        (
            F::TableMutation,
            "(table 1 funcref)",
            "(table.copy (i32.const 0) (i32.const 0) (i32.const 0)) (i32.const 1)",
        ),
        (F::SegmentMutation, "(data \"x\")", "(data.drop 0) (i32.const 1)"),
        (
            F::SegmentMutation,
            "(data (i32.const 16) \"x\")",
            "(memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0)) (i32.const 1)",
        ),
        (F::PassiveSegments, "(data \"x\")", DONE),
        (F::PassiveSegments, "(table 1 funcref) (elem func $step)", DONE),
        (F::MultiMemory, "(memory 1 1)", DONE),
        (F::ExtendedConst, "(global i32 (i32.add (i32.const 1) (i32.const 2)))", DONE),
        (F::FunctionReferences, "(type $t (func))", "(unreachable) (call_ref $t)"),
        (
            F::WideArithmetic,
            "",
            "(i64.add128 (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0)) (drop) (drop) (i32.const 1)",
        ),
        (F::Gc, "(type $f (func)) (type $c (cont $f))", DONE),
    ];
    for (feature, fields, body) in cases {
        refuses_feature(feature, fields, body);
    }
}

/// A module like [`module`]'s, with other declarations of memory and cells.
fn bare(memory: &str, rest: &str) -> String {
    format!(
        r#"(module {memory} {rest}
            (func (export "step") (param i64) (result i32) (i32.const 1))
            (@custom "earnest.abi" "\01\00\00\00"))"#
    )
}

const CELLS: &str = r#"(global (export "earnest_input") i32 (i32.const 0))
    (global (export "earnest_output") i32 (i32.const 8))"#;

#[test]
fn unusual_memories_are_refused() {
    let cases = [
        (Feature::Threads, "(memory (export \"memory\") 1 4 shared)"),
        (Feature::Memory64, "(memory (export \"memory\") i64 1 4)"),
        (Feature::CustomPageSizes, "(memory (export \"memory\") 1 4 (pagesize 1))"),
    ];
    for (feature, memory) in cases {
        let error = refusal(&bare(memory, CELLS));
        assert!(matches!(error, PrepareError::Feature { feature: found, .. } if found == feature));
    }
    refuses_limit(Limit::MemoryPages, 16_384, &bare("(memory (export \"memory\") 1 16385)", CELLS));
    accepts(&bare("(memory (export \"memory\") 1 16384)", CELLS));
    let missing = PrepareError::Missing(Required::MemoryMaximum);
    assert_eq!(refusal(&bare("(memory (export \"memory\") 1)", CELLS)), missing);
    assert_eq!(refusal(&bare("(memory 1 4)", CELLS)), PrepareError::Missing(Required::Memory));
    let wrong = PrepareError::Wrong { required: Required::Memory };
    assert_eq!(refusal(&bare("(func (export \"memory\")) (memory 1 4)", CELLS)), wrong);
}

#[test]
fn cells_must_be_where_evidence_can_reach_them() {
    let at = |address: &str| {
        let cells = CELLS.replace("(i32.const 8)", &format!("({address})"));
        bare("(memory (export \"memory\") 1 4)", &cells)
    };
    accepts(&at("i32.const 65528"));
    accepts(&at("i32.const 4088"));
    let wrong = PrepareError::Wrong { required: Required::OutputCell };
    for address in
        ["i32.const 65532", "i32.const 65536", "i32.const -8", "i32.const 4092", "i32.const 9"]
    {
        assert_eq!(refusal(&at(address)), wrong, "{address}");
    }
    let memory = "(memory (export \"memory\") 1 4)";
    let missing = PrepareError::Missing(Required::InputCell);
    assert_eq!(refusal(&bare(memory, "")), missing);
    let mutable = CELLS.replacen("i32 (i32", "(mut i32) (i32", 1);
    let wrong = PrepareError::Wrong { required: Required::InputCell };
    assert_eq!(refusal(&bare(memory, &mutable)), wrong);
    let wide = CELLS.replacen("i32 (i32", "i64 (i64", 1);
    assert_eq!(refusal(&bare(memory, &wide)), wrong);
}

#[test]
fn step_and_section_must_be_right() {
    let text = module("", DONE);
    let renamed = text.replace("(export \"step\")", "");
    assert_eq!(refusal(&renamed), PrepareError::Missing(Required::Step));
    let typed = text.replace("(param $i i64)", "(param $i i32)");
    assert_eq!(refusal(&typed), PrepareError::Wrong { required: Required::Step });
    let section = r#"(@custom "earnest.abi" "\01\00\00\00")"#;
    assert_eq!(refusal(&text.replace(section, "")), PrepareError::Missing(Required::Abi));
    let wrong = PrepareError::Wrong { required: Required::Abi };
    for other in
        [section.replace("\\01", "\\02"), section.replace("\\00\"", "\""), section.repeat(2)]
    {
        assert_eq!(refusal(&text.replace(section, &other)), wrong);
    }
}

#[test]
fn reserved_names_are_refused() {
    let reserved = |name: &str| PrepareError::ReservedName(name.into());
    let export = module("(func (export \"earnest.meter\"))", DONE);
    assert_eq!(refusal(&export), reserved("earnest.meter"));
    let section = module("(@custom \"earnest.manifest\" \"\")", DONE);
    assert_eq!(refusal(&section), reserved("earnest.manifest"));
    let program = prepare(&assemble(&module("", DONE))).expect("it can be prepared");
    assert!(matches!(prepare(program.bytes()), Err(PrepareError::ReservedName(_))));
    assert!(matches!(prepare(&program.touch_variant()), Err(PrepareError::Feature { .. })));
}

#[test]
fn segments_must_fit_so_that_instantiation_cannot_fail() {
    let outside = |kind, index| PrepareError::SegmentOutOfBounds { kind, index };
    accepts(&module("(data (i32.const 65533) \"abc\") (data (i32.const 65536) \"\")", DONE));
    let data = module("(data (i32.const 0) \"a\") (data (i32.const 65534) \"abc\")", DONE);
    assert_eq!(refusal(&data), outside(SegmentKind::Data, 1));
    let data = module("(data (i32.const -1) \"abc\")", DONE);
    assert_eq!(refusal(&data), outside(SegmentKind::Data, 0));
    accepts(&module("(table 2 funcref) (elem (i32.const 1) $step)", DONE));
    let elements = module("(table 2 funcref) (elem (i32.const 1) $step $step)", DONE);
    assert_eq!(refusal(&elements), outside(SegmentKind::Element, 0));
}

#[test]
fn limits_are_met_exactly() {
    let functions = |count: usize| module(&"(func)".repeat(count - 1), DONE);
    accepts(&functions(10_000));
    refuses_limit(Limit::Functions, 10_000, &functions(10_001));

    let nested = |depth: usize| {
        module("", &format!("{}{} {DONE}", "(block ".repeat(depth), ")".repeat(depth)))
    };
    accepts(&nested(512));
    refuses_limit(Limit::Nesting, 512, &nested(513));

    let locals = |count: usize| module("", &format!("(local {}) {DONE}", "v128 ".repeat(count)));
    accepts(&locals(4_095));
    refuses_limit(Limit::Locals, 4_096, &locals(4_096));
    refuses_limit(Limit::Locals, 4_096, &locals(4_097));

    let operands = |count: usize| {
        module("", &format!("{}{} {DONE}", "(i32.const 0)".repeat(count), "(drop)".repeat(count)))
    };
    accepts(&operands(1_024));
    refuses_limit(Limit::Operands, 1_024, &operands(1_025));

    let targets = |count: usize| {
        module("", &format!("(block (br_table {} (i32.const 0))) {DONE}", "0 ".repeat(count + 1)))
    };
    accepts(&targets(8_192));
    refuses_limit(Limit::BranchTargets, 8_192, &targets(8_193));

    let bytes = |count: usize| module(&format!("(func {})", "(nop)".repeat(count)), DONE);
    accepts(&bytes((64 << 10) - 2));
    refuses_limit(Limit::FunctionBytes, 64 << 10, &bytes((64 << 10) - 1));

    let globals = |count: usize| module(&"(global i32 (i32.const 0))".repeat(count - 2), DONE);
    accepts(&globals(500));
    refuses_limit(Limit::Globals, 500, &globals(501));

    let data = |count: usize| module(&"(data (i32.const 16) \"a\")".repeat(count), DONE);
    accepts(&data(1_000));
    refuses_limit(Limit::DataSegments, 1_000, &data(1_001));

    let table = |count: usize| module(&format!("(table {count} funcref)"), DONE);
    accepts(&table(16_384));
    refuses_limit(Limit::TableElements, 16_384, &table(16_385));

    let parameters =
        |count: usize| module(&format!("(func (param {}))", "i32 ".repeat(count)), DONE);
    accepts(&parameters(32));
    refuses_limit(Limit::Parameters, 32, &parameters(33));

    let results = |count: usize| {
        module(&format!("(func (result {}) unreachable)", "i32 ".repeat(count)), DONE)
    };
    accepts(&results(32));
    refuses_limit(Limit::Results, 32, &results(33));
}

#[test]
fn code_that_grows_too_much_is_refused() {
    // Three bytes become sixteen: every root is looked at.
    let roots = "(f32.sqrt) (i32.reinterpret_f32) (f32.reinterpret_i32)".repeat(21_000);
    let one = format!("(func (f32.const 0) {roots} (drop))");
    accepts(&module(&one.repeat(11), DONE));
    refuses_limit(Limit::PreparedBytes, 4 << 20, &module(&one.repeat(14), DONE));
    // Two become thirty-seven.
    let growth = "(memory.grow)".repeat(20_000);
    let one = format!("(func (i32.const 0) {growth} (drop))");
    refuses_limit(Limit::PreparedFunctionBytes, 512 << 10, &module(&one, DONE));
}

#[test]
fn custom_sections_are_dropped() {
    let plain = prepare(&assemble(&module("", DONE))).expect("it can be prepared");
    let named = module(r#"(@custom "producers" "x") (@custom ".debug_info" "y")"#, DONE);
    let named = prepare(&assemble(&named)).expect("it can be prepared");
    assert_eq!(plain, named);
}

#[test]
fn preparing_twice_gives_the_same_bytes() {
    let source = assemble(&module("(global (mut f32) (f32.const 0))", DONE));
    let first = prepare(&source).expect("it can be prepared");
    assert_eq!(prepare(&source).as_ref(), Ok(&first));
    assert_eq!(Program::from_prepared(first.bytes().to_vec()), Ok(first));
}

#[test]
fn a_manifest_must_agree_with_its_module() {
    let program = prepare(&assemble(&module("(global (mut i64) (i64.const 5))", DONE)));
    let program = program.expect("it can be prepared");
    let source = assemble(&module("", DONE));
    let unprepared = Program::from_prepared(source);
    assert_eq!(unprepared, Err(PrepareError::NotPrepared(Mismatch::Manifest)));
    // Mangle the manifest, which is the last section, byte by byte.
    let start =
        program.bytes().len() - borsh::to_vec(program.manifest()).expect("it encodes").len();
    for at in start..program.bytes().len() {
        let mut bytes = program.bytes().to_vec();
        bytes[at] ^= 1;
        let refused = Program::from_prepared(bytes);
        assert!(matches!(refused, Err(PrepareError::NotPrepared(_))), "byte {at}: {refused:?}");
    }
}

#[test]
fn every_refusal_says_what_to_do() {
    for feature in Feature::ALL {
        assert!(!feature.remedy().is_empty() && !feature.to_string().is_empty());
    }
    for limit in Limit::ALL {
        assert!(!limit.remedy().is_empty());
    }
    let error = refusal(&module("", "(i32.atomic.load (i32.const 0))"));
    assert_eq!(
        error.to_string(),
        "threads and atomics (at byte 98) is not offered: results would depend on scheduling; \
         build without `+atomics`"
    );
}
