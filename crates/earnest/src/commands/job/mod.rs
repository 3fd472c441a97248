//! `earnest job`: have a program run, and hold its provider to account.

mod files;
mod result;
mod show;
mod submit;

use anyhow::Result;

use crate::check;
use crate::cli::{Common, Job};
use crate::home::Home;

pub(crate) use files::{allowed_bytes, declared_bytes, input, module};

/// Runs a job command.
pub(crate) async fn run(command: Job, common: &Common, home: &Home) -> Result<()> {
    match command {
        Job::Submit(arguments) => submit::submit(&arguments, common, home).await,
        Job::Run { job, into } => submit::run_to_end(&job, into, common, home).await,
        Job::Status { job, account } => show::status(job, account, common, home).await,
        Job::Explain { job } => show::explain(job.as_deref(), common, home).await,
        Job::Fetch { job, into } => result::fetch(job.as_deref(), into, common, home).await,
        Job::Verify { receipt, result, program, input, trust } => {
            let evidence = result::Evidence { receipt, result, program, input, trust };
            result::verify(&evidence, common, home)
        }
        Job::Check { file } => check::run(&file, common).await,
    }
}
