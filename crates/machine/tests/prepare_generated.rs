//! Generated modules: prepared, they do the same in every engine, and the same as their naive
//! rewriting.
//!
//! `PREPARE_CASES` raises the number of cases (96 of each kind by default); seeds are consecutive, so
//! a failure names the seed that repeats it.

mod prepare_support;

use machine::prepare::{PrepareError, prepare};
use prepare_support::floats::{Random, generate};
use prepare_support::{Outcome, Runnable, adapt, agree, agrees_with_naive, assemble, module};

fn cases() -> u64 {
    std::env::var("PREPARE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(96)
}

#[test]
fn random_floats_agree() {
    for seed in 0..cases() {
        let (fields, body) = generate(seed);
        let source = assemble(&module(&fields, &body));
        let program = prepare(&source).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let runnable = Runnable::of(&program);
        eprintln!("seed {seed}");
        agrees_with_naive(&source, &program, &runnable);
        if seed % 8 == 0 {
            let outcomes = agree(&program, &runnable);
            assert_ne!(outcomes, [Outcome::Trapped], "the generator makes no traps");
        }
    }
}

/// Enough bytes of noise for one module.
fn noise(seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    (0..3000).flat_map(|_| random.next().to_le_bytes()).collect()
}

/// A module of the kind that could be prepared, if the generator can make one of the noise.
fn smith(seed: u64, traps: bool) -> Option<Vec<u8>> {
    let config = wasm_smith::Config {
        max_imports: 0,
        min_memories: 1,
        max_memories: 1,
        max_memory32_bytes: 4 << 16,
        memory_max_size_required: true,
        max_tables: 1,
        max_table_elements: 100,
        min_funcs: 1,
        max_funcs: 5,
        max_instructions: 300,
        max_globals: 6,
        max_data_segments: 1,
        max_element_segments: 1,
        allow_start_export: false,
        disallow_traps: !traps,
        bulk_memory_enabled: false,
        reference_types_enabled: false,
        simd_enabled: true,
        relaxed_simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        exceptions_enabled: false,
        gc_enabled: false,
        memory64_enabled: false,
        extended_const_enabled: false,
        wide_arithmetic_enabled: false,
        custom_page_sizes_enabled: false,
        shared_everything_threads_enabled: false,
        generate_custom_sections: false,
        max_type_size: 100,
        ..wasm_smith::Config::default()
    };
    let noise = noise(seed);
    let mut noise = arbitrary::Unstructured::new(&noise);
    wasm_smith::Module::new(config, &mut noise).ok().map(|module| module.to_bytes())
}

#[test]
fn smithed_modules_agree() {
    let (mut accepted, mut returned) = (0, 0);
    for seed in 0..cases() {
        let Some((source, functions)) =
            smith(seed, seed % 2 == 0).and_then(|module| adapt::adapt(&module))
        else {
            continue;
        };
        let program = match prepare(&source) {
            Ok(program) => program,
            Err(PrepareError::SegmentOutOfBounds { .. }) => continue,
            Err(error) => panic!("seed {seed}: {error}"),
        };
        eprintln!("seed {seed}");
        let runnable = Runnable { starts: functions, cap: 100_000, ..Runnable::of(&program) };
        agrees_with_naive(&source, &program, &runnable);
        accepted += 1;
        if seed % 4 < 2 {
            let outcomes = agree(&program, &runnable);
            returned += outcomes.iter().filter(|outcome| **outcome != Outcome::Trapped).count();
        }
    }
    assert!(accepted * 3 > cases(), "only {accepted} modules could be prepared");
    assert!(returned as u64 * 8 > cases(), "only {returned} steps returned");
}
