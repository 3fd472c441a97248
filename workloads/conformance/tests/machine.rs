//! Does the machine, running a module, give what the same source gives natively, in steps within the limits?

mod support;

use guest::limits::{METER_MAX, PAGES_MAX};
use guest::measure::Report;
use guest::{Program, outcome, run_native};
use machine::claim::Bounds;
use machine::computation::End;
use machine::local::{Options, run};
use machine::prepare::prepare;
use support::Host;

/// Runs a module in the machine and natively; the outputs must be the same bytes.
fn assert_equal<P: Program>(module: &[u8], input: &[u8]) {
    let program = prepare(module).expect("the module is admitted");
    let execution =
        run(&program, input, &Bounds::default(), &Options::default()).expect("the host is able");
    assert_eq!(execution.end, End::Done);
    assert!(execution.output == run_native::<P>(input), "the outputs differ");
}

/// Runs a module step by step; no step may exceed what a step may cost. Returns what they cost, for the eye, and the
/// output, which is again that of the source.
fn measure<P: Program>(name: &str, module: &[u8], input: &[u8]) -> Report {
    let program = prepare(module).expect("the module is admitted");
    let (report, output) = Host::new(&program, input).run();
    outcome(&output).expect("the input is good");
    assert!(output == run_native::<P>(input), "{name}: the outputs differ");
    println!("{name}: {report}");
    let most = |kind: fn(&guest::measure::StepCost) -> Option<u64>| {
        report.worst(kind).expect("measured").1
    };
    assert!(most(|cost| cost.meter) <= METER_MAX, "{name}: a step is too much work");
    assert!(most(|cost| cost.pages) <= PAGES_MAX, "{name}: a step touches too many pages");
    report
}

/// Steps as in the demo, only fewer of them.
fn nbody_input() -> Vec<u8> {
    nbody::Setup { time_steps: 30, frames: 10, ..nbody::Setup::demo(1) }.encode()
}

fn train_setup() -> train::Setup {
    train::Setup { epochs: 3, ..train::Setup::demo(1) }
}

fn train_input() -> Vec<u8> {
    train::encode(&train_setup(), &train::Dataset::wine_quality())
}

fn table_input() -> Vec<u8> {
    table::Query::weather().encode(&table::weather(20_000, 1))
}

fn infer_input(copies: u32) -> Vec<u8> {
    let data = train::Dataset::wine_quality();
    let output = run_native::<train::Train>(&train::encode(&train_setup(), &data));
    let report = train::Report::decode(&output).expect("the input is good");
    let network = infer::Network::quantise(&report.model, (0..50).map(|row| data.row(row)));
    let rows: Vec<_> = (0..data.len()).step_by(10).collect();
    let features: Vec<_> =
        rows.iter().map(|&row| network.features(&report.model, data.row(row))).collect();
    let labels: Vec<u8> = rows.iter().map(|&row| data.labels[row]).collect();
    infer::encode(
        &network,
        infer::Smoothing { copies, ..infer::Smoothing::demo(1) },
        &features,
        &labels,
    )
}

#[test]
fn the_machine_and_the_processor_agree_bit_for_bit() {
    assert_equal::<nbody::NBody>(nbody::MODULE, &nbody_input());
    assert_equal::<train::Train>(train::MODULE, &train_input());
    assert_equal::<table::Table>(table::MODULE, &table_input());
    assert_equal::<infer::Infer>(infer::MODULE, &infer_input(10));
}

#[test]
fn a_refusal_is_an_output_of_the_module_too() {
    assert_equal::<nbody::NBody>(nbody::MODULE, b"no input");
    assert_equal::<train::Train>(train::MODULE, b"");
    assert_equal::<table::Table>(
        table::MODULE,
        &table::Query::new("k", &["v"]).encode(b"k,w\n1,2\n"),
    );
    assert_equal::<infer::Infer>(infer::MODULE, b"EIN1");
}

#[test]
fn steps_of_the_demo_are_within_the_limits() {
    measure::<nbody::NBody>("nbody", nbody::MODULE, &nbody_input());
    measure::<train::Train>("train", train::MODULE, &train_input());
    measure::<infer::Infer>("infer", infer::MODULE, &infer_input(50));
    let report = measure::<table::Table>("table", table::MODULE, &table_input());
    // Evidence about a step stays a small part of a memory of some thousand pages.
    let median = report.median(|cost| cost.pages).expect("measured");
    assert!(median <= 120, "table: half of the steps touch more than {median} pages");
}

#[test]
fn steps_of_the_largest_inputs_are_within_the_limits() {
    let setup = nbody::Setup { bodies: 4_096, time_steps: 1, frames: 1, ..nbody::Setup::demo(1) };
    measure::<nbody::NBody>("4,096 bodies", nbody::MODULE, &setup.encode());
    measure::<train::Train>("the largest network", train::MODULE, &largest_training(1_024, 256));
    measure::<train::Train>("the most rows", train::MODULE, &largest_training(65_536, 4));
    measure::<infer::Infer>("the most samples", infer::MODULE, &largest_inference());
    measure::<table::Table>("the most groups", table::MODULE, &most_groups());
}

/// A training set at its limits, of numbers without meaning, and two batches of the largest network.
fn largest_training(rows: usize, features: usize) -> Vec<u8> {
    let names = |count: usize| (0..count).map(|at| at.to_string()).collect::<Vec<_>>();
    let data = train::Dataset {
        features: names(features),
        classes: names(64),
        values: (0..rows * features).map(|at| (guest::mix(at as u64) % 1_000) as f32).collect(),
        labels: (0..rows).map(|row| (guest::mix(row as u64) % 64) as u8).collect(),
    };
    let share = if rows > 2_000 { 900 } else { 870 };
    let setup = train::Setup {
        hidden: [256, 256],
        batch: 64,
        epochs: 1,
        test_permille: share,
        ..train_setup()
    };
    let mut input = train::encode(&setup, &data);
    if rows > 2_000 {
        // Thousands of batches would take long: a small network is enough to see what the rows cost.
        input[12..16].copy_from_slice(&[4, 0, 4, 0]);
    }
    input
}

/// As many samples as are admitted, for the widest network there is.
fn largest_inference() -> Vec<u8> {
    let draw =
        |count: usize| (0..count).map(|at| guest::mix(at as u64).to_le_bytes()[0].cast_signed());
    let weights = |inputs: usize, outputs: usize| draw(inputs * outputs).collect::<Vec<i8>>();
    let network = infer::Network {
        widths: [1, 256, 256, 64],
        weights: [weights(1, 256), weights(256, 256), weights(256, 64)],
        biases: [vec![7; 256], vec![-7; 256], vec![0; 64]],
        multipliers: [1 << 30, 1 << 30],
        shifts: [36, 40],
    };
    let samples = (1 << 21) / (1 + 5 * 64);
    let rows: Vec<Vec<i8>> = draw(samples).map(|value| vec![value]).collect();
    let labels: Vec<u8> = (0..64).cycle().take(samples).collect();
    infer::encode(&network, infer::Smoothing { copies: 1, noise: 20, seed: 1 }, &rows, &labels)
}

/// So many groups that their index has grown as far as it can, with eight columns each, and some of them seen again.
fn most_groups() -> Vec<u8> {
    let names: Vec<String> = (0..8).map(|column| format!("v{column}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut file = ["key,", &names.join(","), "\n"].concat();
    for row in 0..50_000u64 {
        let key = if row < 36_000 { row } else { guest::mix(row) % 36_000 };
        file += &format!("group number {key}");
        for column in 0..8 {
            file += &format!(",{}", guest::mix(row * 8 + column) % 10_000);
        }
        file.push('\n');
    }
    table::Query::new("key", &names).encode(file.as_bytes())
}
