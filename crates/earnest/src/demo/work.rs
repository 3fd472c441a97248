//! The four jobs: what runs, on what, and what its result says.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::cli::DemoArgs;

/// Rows of the generated CSV file: about five megabytes.
const CSV_ROWS: usize = 100_000;

/// Largest CSV file that is read, in bytes.
const CSV_BYTES_MAX: u64 = 60 << 20;

/// Everything that is drawn in the demo's inputs is drawn from here, so that every run shows the same.
const SEED: u64 = 20_261_122;

/// Relative energy drift from which a simulation is not sound.
const ENERGY_DRIFT_MAX: f64 = 1e-3;

/// A job of the demo.
pub(crate) struct Work {
    /// What it is called.
    pub(crate) name: &'static str,
    /// Its module, as built.
    pub(crate) module: &'static [u8],
    /// Its input.
    pub(crate) input: Vec<u8>,
    /// Reads its output and says in a sentence what came out; an error if it is not sound.
    pub(crate) summary: Reader,
}

/// What reads an output.
pub(crate) type Reader = Box<dyn Fn(&[u8]) -> Result<String> + Send + Sync>;

/// The four jobs.
pub(crate) fn all(arguments: &DemoArgs) -> Result<Vec<Work>> {
    Ok(vec![training(), simulation(), data(arguments)?, inference()?])
}

fn training() -> Work {
    let dataset = train::Dataset::wine_quality();
    Work {
        name: "training",
        module: train::MODULE,
        input: train::encode(&train::Setup::demo(SEED), &dataset),
        summary: Box::new(move |output| {
            let report = train::Report::decode(output)?;
            let rows = report.test_rows.iter().map(|row| *row as usize);
            let majority = dataset.majority_share(rows);
            let accuracy = report.test_accuracy();
            ensure!(
                accuracy > majority,
                "the network learnt nothing: {accuracy:.3} of held-out wines"
            );
            Ok(format!(
                "right on {:.1} % of {} wines it has not seen; who always names the majority: {:.1} %",
                accuracy * 100.0,
                report.test_rows.len(),
                majority * 100.0
            ))
        }),
    }
}

fn simulation() -> Work {
    let setup = nbody::Setup::demo(SEED);
    Work {
        name: "simulation",
        module: nbody::MODULE,
        input: setup.encode(),
        summary: Box::new(move |output| {
            let summary = nbody::Summary::decode(output)?;
            let drift = summary.energy_drift();
            ensure!(drift < ENERGY_DRIFT_MAX, "energy is not conserved: it drifts by {drift:.1e}");
            Ok(format!(
                "{} stars over {} time steps; energy drifts by {drift:.1e}, momentum is {:.1e}",
                setup.bodies,
                setup.time_steps,
                summary.momentum_length()
            ))
        }),
    }
}

/// A short training, on the host, gives the network that the job then classifies with.
fn inference() -> Result<Work> {
    let dataset = train::Dataset::wine_quality();
    let setup = train::Setup { hidden: [64, 32], epochs: 40, ..train::Setup::demo(SEED) };
    let trained = guest::run_native::<train::Train>(&train::encode(&setup, &dataset));
    let report = train::Report::decode(&trained)?;
    let majority = dataset.majority_share(report.test_rows.iter().map(|row| *row as usize));
    Ok(Work {
        name: "inference",
        module: infer::MODULE,
        input: infer::demo(&report, &dataset, SEED),
        summary: Box::new(move |output| {
            let verdicts = infer::Verdicts::decode(output)?;
            let accuracy = verdicts.accuracy();
            ensure!(
                accuracy > majority,
                "the quantised network is no better than a guess: {accuracy:.3}"
            );
            Ok(format!(
                "in 8 bits, right on {:.1} % of {} wines; by the vote of {} noisy copies, on {:.1} %",
                accuracy * 100.0,
                verdicts.answers.len(),
                verdicts.copies,
                verdicts.voted_accuracy() * 100.0
            ))
        }),
    })
}

fn data(arguments: &DemoArgs) -> Result<Work> {
    let (query, file) = match &arguments.csv {
        None => {
            let query = table::Query::new("station", &["temperature_c", "rain_mm", "wind_m_s"]);
            (query, table::weather(CSV_ROWS, SEED))
        }
        Some(path) => {
            let file = read_csv(path)?;
            (query_of(&file, arguments)?, file)
        }
    };
    let bytes = file.len();
    Ok(Work {
        name: "data",
        module: table::MODULE,
        input: query.encode(&file),
        summary: Box::new(move |output| {
            let summary = table::Summary::decode(&query, output)?;
            Ok(format!(
                "{} rows of CSV, {:.1} MB, in {} groups by {:?}; {} damaged rows, counted",
                summary.rows,
                bytes as f64 / 1e6,
                summary.groups.len(),
                query.group,
                summary.bad()
            ))
        }),
    })
}

fn read_csv(path: &Path) -> Result<Vec<u8>> {
    let shown = path.display();
    let length = std::fs::metadata(path).with_context(|| format!("cannot read {shown}"))?.len();
    ensure!(
        length <= CSV_BYTES_MAX,
        "{shown} has {length} bytes, at most {CSV_BYTES_MAX} are taken"
    );
    std::fs::read(path).with_context(|| format!("cannot read {shown}"))
}

/// Which columns to aggregate: those named, or every column whose first value is a number.
fn query_of(file: &[u8], arguments: &DemoArgs) -> Result<table::Query> {
    let mut reader = csv::Reader::from_reader(file);
    let header = reader.headers().context("the CSV file has no header line")?.clone();
    let group = match &arguments.group_by {
        Some(name) => name.clone(),
        None => header.get(0).context("the CSV file has no column")?.to_owned(),
    };
    let first = reader.records().next().context("the CSV file has no row")??;
    let numeric = |name: &&str| {
        let value = header.iter().position(|column| column == *name).and_then(|at| first.get(at));
        **name != group && value.is_some_and(|value| value.trim().parse::<f64>().is_ok())
    };
    let values: Vec<&str> = match arguments.values.as_slice() {
        [] => header.iter().filter(numeric).take(VALUES_MAX).collect(),
        named => named.iter().map(String::as_str).collect(),
    };
    for name in values.iter().copied().chain([group.as_str()]) {
        ensure!(header.iter().any(|column| column == name), "the CSV file has no column {name:?}");
    }
    ensure!(!values.is_empty(), "no column of the CSV file holds numbers: name some with --values");
    Ok(table::Query::new(&group, &values))
}

/// Most columns that the program aggregates at once.
const VALUES_MAX: usize = 8;
