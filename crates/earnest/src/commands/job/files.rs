//! The files that a job is made of, read within limits.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::jobfile::{JobFile, ProgramRef};

/// Largest module that is read, in bytes: the ledger takes none larger.
pub(super) const MODULE_BYTES_MAX: u64 = 4 << 20;

/// The module of a job file; empty if the program is named by its id.
pub(crate) fn module(file: &JobFile) -> Result<Vec<u8>> {
    match &file.program {
        ProgramRef::Registered(_) => Ok(Vec::new()),
        ProgramRef::File(path) => read(path, MODULE_BYTES_MAX).context("the program of the job"),
    }
}

/// The input of a job file; empty if it names none.
pub(crate) fn input(file: &JobFile) -> Result<Vec<u8>> {
    match &file.input {
        None => Ok(Vec::new()),
        Some(path) => read(path, agents::blobs::BLOB_BYTES_MAX).context("the input of the job"),
    }
}

/// Most memory that a program may use, in bytes, as its module declares it.
pub(crate) fn declared_bytes(program: &machine::prepare::Program) -> u64 {
    u64::from(program.manifest().maximum_memory_pages) * machine::limits::WASM_PAGE_BYTES
}

/// Memory that a job allows its program, in bytes: what it declares, unless the job file says more.
pub(crate) fn allowed_bytes(file: &JobFile, declared: u64) -> Result<u64> {
    let allowed = file.memory_max.unwrap_or(declared);
    if allowed < declared {
        bail!(
            "the program may use {declared} bytes of memory, the job file allows {allowed}: raise \
             memory_max, or leave it out"
        );
    }
    Ok(allowed)
}

/// A file of at most so many bytes.
pub(super) fn read(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let shown = path.display();
    let length = std::fs::metadata(path).with_context(|| format!("cannot read {shown}"))?.len();
    if length > limit {
        bail!("{shown} has {length} bytes, at most {limit} are taken");
    }
    std::fs::read(path).with_context(|| format!("cannot read {shown}"))
}
