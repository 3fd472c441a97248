//! The job file: what a requester wants, in its own words.
//!
//! ```toml
//! program = "sum.wasm"     # a module, relative to this file; or the id of a registered program
//! input = "numbers.bin"    # a file, relative to this file; none if absent
//! class = "cpu"            # what it runs on
//! steps_max = 10_000       # most steps
//! meter_max = 20_000_000_000  # most metered units; the price is the ask times this bound
//! memory_max = "64MiB"     # most memory; what the program declares if absent
//! run = "2m"               # time a provider gets
//! wait = "10m"             # time to wait for a provider
//! price_max = "5"          # most dollars it may cost; the rest comes back
//! harm = "0"               # dollars a wrong result could earn somebody else
//! insured = "0"            # dollars a wrong result costs you, paid from the provider's lock
//! ```

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use protocol::{Amount, Parameters};
use serde::Deserialize;

use crate::cli::Asset;
use crate::narrate::duration;

/// Largest job file that is read, in bytes.
const JOB_FILE_BYTES_MAX: u64 = 64 * 1024;

/// A job file, read and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JobFile {
    /// What to run.
    pub(crate) program: ProgramRef,
    /// File with the input.
    pub(crate) input: Option<PathBuf>,
    /// Name of the resource class.
    pub(crate) class: String,
    /// Most steps.
    pub(crate) steps_max: u64,
    /// Most metered units.
    pub(crate) meter_max: u64,
    /// Most memory in bytes; what the program declares if absent.
    pub(crate) memory_max: Option<u64>,
    /// Milliseconds a provider gets.
    pub(crate) run_ms: u64,
    /// Milliseconds to wait for a provider.
    pub(crate) wait_ms: u64,
    /// Most it may cost, in micro-dollars.
    pub(crate) price_max: Amount,
    /// Declared harm, in micro-dollars.
    pub(crate) harm: Amount,
    /// Insured value, in micro-dollars.
    pub(crate) insured: Amount,
}

/// How a job file names its program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ProgramRef {
    /// A module in a file.
    File(PathBuf),
    /// A program that is registered already.
    Registered(protocol::ProgramId),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    program: String,
    input: Option<String>,
    #[serde(default = "default_class")]
    class: String,
    #[serde(default = "default_steps")]
    steps_max: u64,
    #[serde(default = "default_meter")]
    meter_max: u64,
    memory_max: Option<String>,
    run: Option<String>,
    wait: Option<String>,
    price_max: toml::Value,
    harm: Option<toml::Value>,
    insured: Option<toml::Value>,
}

fn default_class() -> String {
    "cpu".into()
}

const fn default_steps() -> u64 {
    10_000
}

const fn default_meter() -> u64 {
    100_000_000_000
}

impl JobFile {
    /// Reads a job file. Paths in it are relative to its folder.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let length = std::fs::metadata(path)
            .with_context(|| format!("cannot read the job file {shown}"))?
            .len();
        if length > JOB_FILE_BYTES_MAX {
            bail!("{shown} has {length} bytes; a job file has at most {JOB_FILE_BYTES_MAX}");
        }
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the job file {shown}"))?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        Self::parse(&text, folder).with_context(|| format!("in the job file {shown}"))
    }

    fn parse(text: &str, folder: &Path) -> Result<Self> {
        let raw: Raw = toml::from_str(text)?;
        let dollars = |field: &str, value: Option<toml::Value>| {
            value
                .map_or(Ok(Amount::ZERO), |value| parse_dollars(&value))
                .with_context(|| format!("field `{field}`"))
        };
        let span = |field: &str, text: Option<String>, default_ms| match text {
            Some(text) => parse_duration_ms(&text).with_context(|| format!("field `{field}`")),
            None => Ok(default_ms),
        };
        Ok(Self {
            program: match raw.program.parse() {
                Ok(id) => ProgramRef::Registered(id),
                Err(_) => ProgramRef::File(folder.join(raw.program)),
            },
            input: raw.input.map(|input| folder.join(input)),
            class: raw.class,
            steps_max: raw.steps_max,
            meter_max: raw.meter_max,
            memory_max: raw
                .memory_max
                .map(|text| parse_bytes(&text).context("field `memory_max`"))
                .transpose()?,
            run_ms: span("run", raw.run, 120_000)?,
            wait_ms: span("wait", raw.wait, 600_000)?,
            price_max: dollars("price_max", Some(raw.price_max))?,
            harm: dollars("harm", raw.harm)?,
            insured: dollars("insured", raw.insured)?,
        })
    }
}

impl JobFile {
    /// Refuses what the rules of a network would, in the words of the job file and before any fee is paid.
    pub(crate) fn check(&self, rules: &Parameters) -> Result<()> {
        let count = |number: u64| number.to_string();
        within("steps_max", self.steps_max, (1, rules.steps_max), count)?;
        within("meter_max", self.meter_max, (1, rules.meter_max), count)?;
        let least = rules.run_ms_least(self.meter_max);
        within("run", self.run_ms, (least, rules.run_ms_max), duration)?;
        within("wait", self.wait_ms, (1, rules.wait_ms_max), duration)?;
        if self.price_max < rules.price_min {
            let [least, found] =
                [rules.price_min, self.price_max].map(|amount| Asset::Stable.show(amount));
            bail!("field `price_max` is {found}, on this network it is at least {least}");
        }
        Ok(())
    }
}

fn within(
    field: &str,
    value: u64,
    (least, most): (u64, u64),
    show: impl Fn(u64) -> String,
) -> Result<()> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    bail!(
        "field `{field}` is {}, on this network it is between {} and {}",
        show(value),
        show(least),
        show(most)
    )
}

/// Reads `5`, `"5"` or `"0.05"` as dollars. A number with a point has no exact value outside of quotes.
fn parse_dollars(value: &toml::Value) -> Result<Amount> {
    match value {
        toml::Value::String(text) => Asset::Stable.parse(text),
        toml::Value::Integer(whole) => Asset::Stable.parse(&whole.to_string()),
        other => bail!("{other} is not an amount: write dollars in quotes, as in \"0.05\""),
    }
}

/// Reads `250ms`, `90s`, `2m`, `6h` or `1d` as milliseconds.
pub(crate) fn parse_duration_ms(text: &str) -> Result<u64> {
    let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
    parse_with_unit(text, &units).ok_or_else(|| {
        anyhow!("{text:?} is not a duration: write a whole number and ms, s, m, h or d, as in 90s")
    })
}

/// Reads `65536`, `64KiB`, `128MiB` or `1GiB` as bytes.
fn parse_bytes(text: &str) -> Result<u64> {
    let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("", 1)];
    parse_with_unit(text, &units).ok_or_else(|| {
        anyhow!("{text:?} is not a size: write a whole number and KiB, MiB or GiB, as in 64MiB")
    })
}

fn parse_with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_job_file_has_sensible_defaults() {
        let job = JobFile::parse("program = 'sum.wasm'\nprice_max = '5'", Path::new("/jobs"))
            .expect("valid");
        assert_eq!(job.program, ProgramRef::File("/jobs/sum.wasm".into()));
        assert_eq!((job.class.as_str(), job.run_ms, job.input), ("cpu", 120_000, None));
        assert_eq!((job.price_max, job.harm), (Amount::new(5_000_000), Amount::ZERO));
    }

    #[test]
    fn whole_dollars_need_no_quotes() {
        let job = JobFile::parse("program = 'sum.wasm'\nprice_max = 5", Path::new("."));
        assert_eq!(job.expect("valid").price_max, Amount::new(5_000_000));
    }

    #[test]
    fn a_registered_program_is_named_by_its_id() {
        let id = "ab".repeat(32);
        let text = format!("program = '{id}'\nprice_max = '5'");
        let job = JobFile::parse(&text, Path::new(".")).expect("valid");
        assert_eq!(job.program, ProgramRef::Registered(id.parse().expect("an id")));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, word) in [
            ("price_max = '5'", "program"),
            ("program = 'x.wasm'\nprice_max = 0.05", "in quotes"),
            ("program = 'x.wasm'\nprice_max = -5", "price_max"),
            ("program = 'x.wasm'", "price_max"),
            ("program = 'x.wasm'\nprice_max = '-5'", "price_max"),
            ("program = 'x.wasm'\nprice_max = '5'\nrun = '5 parsecs'", "run"),
            ("program = 'x.wasm'\nprice_max = '5'\nmemory_max = '99999999999GiB'", "memory_max"),
            ("program = 'x.wasm'\nprice_max = '5'\nprise = 1", "prise"),
        ] {
            let error = JobFile::parse(text, Path::new(".")).expect_err(text);
            assert!(format!("{error:#}").contains(word), "{text}: {error:#}");
        }
    }

    #[test]
    fn durations_and_sizes_read_with_their_units() {
        let duration = |text| parse_duration_ms(text).ok();
        assert_eq!(duration("90s"), Some(90_000));
        assert_eq!(duration("2 m"), Some(120_000));
        assert_eq!(duration("90"), None);
        let bytes = |text| parse_bytes(text).ok();
        assert_eq!(bytes("64MiB"), Some(64 << 20));
        assert_eq!(bytes("65536"), Some(65_536));
        assert_eq!(bytes("1.5GiB"), None);
    }
}
