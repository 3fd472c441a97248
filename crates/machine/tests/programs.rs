//! The four programs of the repository: one result everywhere, and every lie about it convicted.

use machine::local::{Backend, Options, run, run_with};
use machine::prepare::prepare;
use machine::soundness::{Subject, Trial};
use machine::track::Tracking;
use machine::{Bounds, End};

fn nbody_input() -> Vec<u8> {
    nbody::Setup { time_steps: 12, frames: 4, ..nbody::Setup::demo(1) }.encode()
}

fn train_setup() -> train::Setup {
    train::Setup { epochs: 1, ..train::Setup::demo(1) }
}

fn train_input() -> Vec<u8> {
    train::encode(&train_setup(), &train::Dataset::wine_quality())
}

fn table_input() -> Vec<u8> {
    table::Query::weather().encode(&table::weather(8_000, 1))
}

fn infer_input() -> Vec<u8> {
    let program = prepare(train::MODULE).expect("the module is admitted");
    let options = Options::default();
    let trained = run(&program, &train_input(), &bounds(), &options).expect("the host is able");
    let report = train::Report::decode(&trained.output).expect("it trained");
    let data = train::Dataset::wine_quality();
    let network = infer::Network::quantise(&report.model, (0..50).map(|row| data.row(row)));
    let rows: Vec<_> = (0..data.len()).step_by(40).collect();
    let features = rows.iter().map(|&row| network.features(&report.model, data.row(row)));
    let features: Vec<_> = features.collect();
    let labels: Vec<u8> = rows.iter().map(|&row| data.labels[row]).collect();
    let smoothing = infer::Smoothing { copies: 10, ..infer::Smoothing::demo(1) };
    infer::encode(&network, smoothing, &features, &labels)
}

fn bounds() -> Bounds {
    Bounds { steps_max: 2_000, ..Bounds::default() }
}

/// One result on two compilers and two trackers, and on the interpreter; then lies.
fn check(name: &str, module: &[u8], input: &[u8]) {
    let program = prepare(module).expect("the module is admitted");
    let one = |backend, tracking| {
        let options = Options { backend, tracking: Some(tracking), tampers: vec![] };
        let mut states = 0u64;
        let execution = run_with(&program, input, &bounds(), &options, || states += 1);
        let execution = execution.expect("the host is able");
        assert_eq!(states, execution.steps() + 1);
        execution
    };
    let first = one(Backend::Compiled, Tracking::Auto);
    assert_eq!(first.end, End::Done, "{name}");
    assert!(first.steps() > 1 && !first.output.is_empty(), "{name}: {} steps", first.steps());
    assert_eq!(one(Backend::Compiled, Tracking::Shadow), first, "{name}");
    assert_eq!(one(Backend::Unoptimised, Tracking::Shadow), first, "{name}");
    assert_eq!(one(Backend::Interpreted, Tracking::Shadow), first, "{name}");

    let subject = Subject { name, program: &program, input, bounds: bounds() };
    let mut trial = Trial::new(subject, 1, 4).expect("the host is able");
    for _ in 0..10 {
        trial.lie().unwrap_or_else(|violation| panic!("{violation}"));
    }
    for _ in 0..10 {
        trial.mangle().unwrap_or_else(|violation| panic!("{violation}"));
    }
    trial.tampered_run().unwrap_or_else(|violation| panic!("{violation}"));
}

#[test]
fn simulation() {
    check("nbody", nbody::MODULE, &nbody_input());
}

#[test]
fn training() {
    check("train", train::MODULE, &train_input());
}

#[test]
fn data_processing() {
    check("table", table::MODULE, &table_input());
}

#[test]
fn inference() {
    check("infer", infer::MODULE, &infer_input());
}
