//! What the ledger and the rules refuse, in the words of the API.

use api::{Code, Problem};
use ledger::{ReadError, Stopped, SubmitError, WaitError};
use protocol::Rejection;

/// A transaction that the ledger did not take.
pub(crate) fn not_taken(error: &SubmitError) -> Problem {
    let code = match error {
        SubmitError::TooLong { .. } => Code::TransactionTooLong,
        SubmitError::Refused(_) => Code::TransactionRefused,
        SubmitError::TooMuchWork { .. } => Code::TooMuchWork,
        SubmitError::Expired { .. } => Code::TransactionExpired,
        SubmitError::NonceUsed { .. } => Code::NonceUsed,
        SubmitError::NonceTooHigh { .. } => Code::NonceTooHigh,
        SubmitError::NonceTaken { .. } => Code::NonceTaken,
        SubmitError::SenderFull { .. } => Code::SenderFull,
        SubmitError::Full { .. } => Code::LedgerFull,
        SubmitError::Stopped(_) => Code::Stopped,
        // Waiting already is not a refusal: whoever submits waits for it like the first.
        SubmitError::Known => Code::Internal,
    };
    Problem::new(code, error.to_string())
}

/// A transaction that the rules would not let into a block.
pub(crate) fn not_admitted(rejection: &Rejection) -> Problem {
    let code = match rejection {
        Rejection::CannotPayFee { .. } => Code::CannotPayFee,
        Rejection::TransactionTooLarge { .. } => Code::TransactionTooLong,
        Rejection::Expired { .. } => Code::TransactionExpired,
        _ => Code::TransactionRefused,
    };
    Problem::new(code, rejection.to_string()).with_remedy(rejection.advice())
}

/// A transaction that has no receipt.
pub(crate) fn no_receipt(error: &WaitError) -> Problem {
    let code = match error {
        WaitError::Unknown => Code::NotFound,
        WaitError::Dropped(_) => Code::TransactionDropped,
        WaitError::Stopped(_) => Code::Stopped,
    };
    Problem::new(code, error.to_string())
}

/// A proof that could not be made.
pub(crate) fn not_proven(error: &Stopped) -> Problem {
    Problem::new(Code::Stopped, error.to_string())
}

/// Events or a block that could not be read.
pub(crate) fn not_read(error: &ReadError) -> Problem {
    let code = match error {
        ReadError::Pruned { .. } => Code::Pruned,
        ReadError::Stopped(Stopped(_)) => Code::Stopped,
    };
    Problem::new(code, error.to_string())
}
