//! Exit codes, the same for every command. `earnest --help` lists them.

use std::fmt;

/// Something failed or was refused.
pub(crate) const FAILED: u8 = 1;

/// The job ended without a result.
pub(crate) const NO_RESULT: u8 = 3;

/// Somebody stopped waiting; what was waited for goes on. As shells have it for an interrupt.
pub(crate) const INTERRUPTED: u8 = 130;

/// A failure with an exit code of its own.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// An error that ends the command with this code.
    pub(crate) fn error(code: u8, message: impl Into<String>) -> anyhow::Error {
        anyhow::Error::new(Self { code, message: message.into() })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// The exit code that goes with an error.
pub(crate) fn code(error: &anyhow::Error) -> u8 {
    error.downcast_ref::<Failure>().map_or(FAILED, |failure| failure.code)
}
