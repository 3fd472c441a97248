//! `earnest job check`: a run on this machine only, and how its steps measure up to what a judge takes.

use agents::bounds;
use anyhow::{Context, Result, bail};
use machine::Machine;
use machine::computation::End;
use machine::prepare::prepare;
use machine::worker::WorkerConfig;
use serde_json::json;

use crate::cli::{Common, Output};
use crate::commands::job::{allowed_bytes, declared_bytes, input, module};
use crate::jobfile::{JobFile, ProgramRef};
use crate::output;

/// Runs the job of a file and prints what it did.
pub(crate) async fn run(path: &std::path::Path, common: &Common) -> Result<()> {
    let file = JobFile::read(path)?;
    if let ProgramRef::Registered(id) = file.program {
        bail!("program {id} is named by its id: a check needs the module's file");
    }
    let program = prepare(&module(&file)?).context("the program of the job is refused")?;
    let input = input(&file)?;
    allowed_bytes(&file, declared_bytes(&program))?;
    let machine = Machine::new(WorkerConfig::of_this_executable()?);
    let bounds = bounds(file.steps_max, file.meter_max);
    let started = std::time::Instant::now();
    let execution = tokio::task::spawn_blocking({
        let program = program.clone();
        move || machine.run(&program, &input, &bounds, &mut machine::no_progress)
    })
    .await??;
    let took = started.elapsed();
    let steps = execution.steps().max(1);
    let done = matches!(execution.end, End::Done);
    let ended = match execution.end {
        End::Done => "done".to_owned(),
        End::Trapped { reason, .. } => format!("trapped: {reason}"),
    };
    if common.output == Output::Json {
        return output::json(&json!({
            "program": program.id().to_string(),
            "end": ended,
            "steps": execution.steps(),
            "meter": execution.claim.meter,
            "output_bytes": execution.output.len(),
            "seconds": took.as_secs_f64(),
        }));
    }
    output::line(format!("program  {}", program.id()))?;
    output::line(format!("end      {ended}"))?;
    output::line(format!("steps    {}", execution.steps()))?;
    output::line(format!(
        "metered  {} units, {} a step on average; a judge takes at most {}",
        execution.claim.meter,
        execution.claim.meter / steps,
        bounds.meter_per_step
    ))?;
    output::line(format!("output   {} bytes", execution.output.len()))?;
    output::line(format!("time     {:.2} s with commitments", took.as_secs_f64()))?;
    let enough = enough_units(execution.claim.meter);
    if done && enough < file.meter_max / 2 {
        output::line(format!(
            "advice   a job is paid by its bound: with `meter_max = {enough}` it costs {} times less",
            file.meter_max / enough
        ))?;
    }
    Ok(())
}

/// The least bound that is advised: below it every job costs next to nothing.
const UNITS_MIN: u64 = 1_000_000;

/// A bound with half as much to spare, in round numbers: two digits and zeros.
fn enough_units(meter: u64) -> u64 {
    let wanted = meter.saturating_add(meter / 2).max(UNITS_MIN);
    let round = 10u64.pow(wanted.ilog10().saturating_sub(1));
    wanted.div_ceil(round).saturating_mul(round)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_round_and_have_room() {
        for (meter, enough) in [
            (0, UNITS_MIN),
            (800_000, 1_200_000),
            (255_770_902, 390_000_000),
            (1_000_000_000, 1_500_000_000),
        ] {
            assert_eq!(enough_units(meter), enough);
        }
        assert!(enough_units(u64::MAX) >= u64::MAX / 10 * 9);
    }
}
