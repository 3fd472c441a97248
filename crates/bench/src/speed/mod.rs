//! Speed, as ratios that are measured in one run, each against a named baseline.

mod engines;
mod judging;
mod report;
mod rules;
mod running;
mod signatures;

use std::process::ExitCode;

use anyhow::Result;

use crate::Format;
use crate::programs::{self, Name, Size};
use crate::stage::Stage;

/// What `bench bench` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Smaller inputs and fewer repetitions: shows that everything works, and orders of magnitude.
    #[arg(long)]
    quick: bool,
    /// Repetitions of every measurement; none: 5, or 2 if quick.
    #[arg(long)]
    repetitions: Option<usize>,
    /// Only these programs.
    #[arg(long = "program", value_enum)]
    programs: Vec<Name>,
    /// Leaves the rules out.
    #[arg(long)]
    without_rules: bool,
    /// Leaves the machine out.
    #[arg(long)]
    without_machine: bool,
    /// How the result is printed.
    #[arg(long, value_enum, default_value = "text")]
    output: Format,
}

/// Seed of all inputs.
const SEED: u64 = 1;

/// Everything that was measured.
#[derive(Default)]
struct Measured {
    running: Vec<running::Running>,
    judging: Vec<judging::Judging>,
    engines: Vec<engines::Agreement>,
    rules: Vec<rules::Rules>,
    signatures: Option<signatures::Signatures>,
}

/// Measures, prints, and fails only if engines disagree: a figure is never a failure.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let names = programs::chosen(&arguments.programs);
    let repetitions = arguments.repetitions.unwrap_or(if arguments.quick { 2 } else { 5 }).max(1);
    let machine = !arguments.without_machine;
    let rules = !arguments.without_rules;
    let stages = if machine { 3 * names.len() } else { 0 } + if rules { rules::CASES } else { 0 };
    let mut stage = Stage::new(stages as u64);
    let size = if arguments.quick { Size::Small } else { Size::Full };
    let mut measured = Measured::default();
    for name in names.iter().filter(|_| machine) {
        stage.say(format!("{}: running", name.text()));
        let input = name.input(size, SEED)?;
        measured.running.push(running::measure(*name, &input, repetitions)?);
        stage.advance();
        stage.say(format!("{}: judging", name.text()));
        measured.judging.push(judging::measure(*name, &input, repetitions)?);
        stage.advance();
        stage.say(format!("{}: comparing engines", name.text()));
        measured.engines.push(engines::compare(*name)?);
        stage.advance();
    }
    if rules {
        stage.say("rules");
        measured.rules = rules::measure_all(repetitions, || stage.advance())?;
        measured.signatures = Some(signatures::measure(repetitions)?);
    }
    stage.finish();
    report::print(&measured, arguments.output);
    let agree = measured.engines.iter().all(|agreement| agreement.agree());
    Ok(ExitCode::from(u8::from(!agree)))
}
