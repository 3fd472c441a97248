//! `earnest job check`: a run on this machine only, and how its steps measure up to what a judge takes.

use agents::bounds;
use anyhow::{Context, Result, bail};
use machine::Machine;
use machine::computation::End;
use machine::prepare::prepare;
use machine::worker::WorkerConfig;
use serde_json::json;

use crate::cli::{Common, Output};
use crate::commands::job::{input, module};
use crate::jobfile::{JobFile, ProgramRef};
use crate::output;

/// Runs the job of a file and prints what it did.
pub(crate) async fn run(path: &std::path::Path, common: &Common) -> Result<()> {
    let file = JobFile::read(path)?;
    if let ProgramRef::Registered(id) = file.program {
        bail!("program {id} is named by its id: a check needs the module's file");
    }
    let program = prepare(&module(&file)?).context("the module cannot be run")?;
    let input = input(&file)?;
    let memory = u64::from(program.manifest().maximum_memory_pages) << 16;
    if memory > file.memory_max {
        bail!(
            "the program may use {memory} bytes of memory, the job file allows {}: raise memory_max",
            file.memory_max
        );
    }
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
    output::line(format!("time     {:.2} s with commitments", took.as_secs_f64()))
}
