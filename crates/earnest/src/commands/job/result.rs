//! Results: fetched, written, and checked without any network.

use std::path::{Path, PathBuf};

use ::node::{FileError, NetworkFile, job_is_recorded};
use agents::requester::{Fetched, JobReceipt};
use anyhow::{Context, Result};
use protocol::Height;
use serde_json::json;

use super::files::{MODULE_BYTES_MAX, read};
use crate::cli::{Common, Output};
use crate::commands::Session;
use crate::home::Home;
use crate::{narrate, output};

/// Largest receipt that is read, in bytes.
const RECEIPT_BYTES_MAX: u64 = 1 << 20;

/// Fetches what came out of a job.
pub(super) async fn fetch(
    job: Option<&str>,
    into: Option<PathBuf>,
    common: &Common,
    home: &Home,
) -> Result<()> {
    let session = Session::connect(home).await?;
    let view = session.job_or_latest(home, job).await?;
    let folder = into.unwrap_or_else(|| PathBuf::from("."));
    let fetched = agents::requester::fetch(&session.client, &session.blobs()?, view.job.id).await?;
    write(&folder, &fetched, common)
}

/// Writes a result and its receipt, checked.
pub(super) fn write(folder: &Path, fetched: &Fetched, common: &Common) -> Result<()> {
    let Fetched { output: result, receipt } = fetched;
    let claim = receipt.verify(result)?;
    let name = narrate::short(&receipt.job.id.to_string());
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let (output_path, receipt_path) =
        (folder.join(format!("{name}.output")), folder.join(format!("{name}.receipt.json")));
    std::fs::write(&output_path, result).with_context(|| output_path.display().to_string())?;
    std::fs::write(&receipt_path, serde_json::to_vec_pretty(receipt)?)
        .with_context(|| receipt_path.display().to_string())?;
    if common.output == Output::Json {
        return output::json(&json!({
            "job": receipt.job.id,
            "output": output_path,
            "receipt": receipt_path,
            "claim": claim,
        }));
    }
    if result.is_empty() {
        output::say(
            "the output is empty: if that is a surprise, `earnest job check` says where the program stopped",
        );
    }
    output::line(format!("output   {} ({} bytes, checked)", output_path.display(), result.len()))?;
    output::line(format!("receipt  {}", receipt_path.display()))
}

/// What `job verify` was given.
pub(super) struct Evidence {
    pub(super) receipt: PathBuf,
    pub(super) result: Option<PathBuf>,
    pub(super) program: Option<PathBuf>,
    pub(super) input: Option<PathBuf>,
    pub(super) trust: Option<PathBuf>,
}

/// Checks a receipt and its output, that the ledger has the record if its validators are known, and runs the job again if
/// the program is given.
pub(super) fn verify(evidence: &Evidence, common: &Common, home: &Home) -> Result<()> {
    let bytes = read(&evidence.receipt, RECEIPT_BYTES_MAX)?;
    let receipt: JobReceipt = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is not a receipt", evidence.receipt.display()))?;
    let name = format!("{}.output", narrate::short(&receipt.job.id.to_string()));
    let beside = || evidence.receipt.with_file_name(name);
    let result_path = evidence.result.clone().unwrap_or_else(beside);
    let claim = receipt.verify(&read(&result_path, agents::blobs::BLOB_BYTES_MAX)?)?;
    let trusted = trusted(evidence.trust.as_deref(), home)?;
    let recorded = trusted.as_ref().map(|network| recorded(&receipt, network)).transpose()?;
    let reproduced = match &evidence.program {
        None => false,
        Some(program) => reproduce(&receipt, program, evidence.input.as_deref())?,
    };
    if common.output == Output::Json {
        let job = receipt.job.id;
        return output::json(&json!({
            "valid": true, "recorded": recorded, "reproduced": reproduced, "job": job, "claim": claim,
        }));
    }
    output::line(format!(
        "valid: {} is the output of job {} of program {}",
        result_path.display(),
        receipt.job.id,
        receipt.job.spec.program
    ))?;
    match trusted.zip(recorded) {
        Some((network, height)) => output::line(format!(
            "recorded: the validators of {} signed this record in block {height}",
            network.name
        ))?,
        None => output::say(
            "whether the ledger has this record was not checked: name the network's network.toml with --trust",
        ),
    }
    if reproduced {
        let steps = claim.steps().unwrap_or_default();
        output::line(format!("reproduced here: every one of its {steps} steps, output and meter"))?;
    }
    Ok(())
}

/// The network whose validators are believed: the one that is named, or else the one whose folder is here, if any is.
fn trusted(named: Option<&Path>, home: &Home) -> Result<Option<NetworkFile>> {
    match named {
        Some(path) => Ok(Some(NetworkFile::read_file(path)?)),
        None => match NetworkFile::read(home.network()) {
            Err(FileError::Missing(_)) => Ok(None),
            read => Ok(Some(read?)),
        },
    }
}

/// Height of the block in which the validators signed the record of a receipt.
fn recorded(receipt: &JobReceipt, network: &NetworkFile) -> Result<Height> {
    let height = job_is_recorded(network, receipt.chain, &receipt.job, receipt.proof.as_slice());
    height.context("that the ledger has this record is not shown")
}

/// Runs the job of a receipt again on this machine.
fn reproduce(receipt: &JobReceipt, program: &Path, input: Option<&Path>) -> Result<bool> {
    let module = machine::prepare::prepare(&read(program, MODULE_BYTES_MAX)?)
        .with_context(|| format!("{} cannot be run", program.display()))?;
    let input = match input {
        None => Vec::new(),
        Some(path) => read(path, agents::blobs::BLOB_BYTES_MAX)?,
    };
    let machine = machine::Machine::new(machine::worker::WorkerConfig::of_this_executable()?);
    receipt.reproduce(&machine, module.bytes().to_vec(), &input)?;
    Ok(true)
}
