//! What a requester keeps to show later, without any node, what its job gave.
//!
//! # What it shows
//!
//! - That this output is the one the record names, byte for byte: [`JobReceipt::verify`].
//! - That the record is the honest result, by running the job again on any machine: whoever has the
//!   program's module and the input compares the whole claim, every step included:
//!   [`JobReceipt::reproduce`]. For this nobody has to be trusted.
//!
//! - That the ledger has this record, to whoever knows the network's validators: [`JobReceipt::proof`]. This crate only
//!   carries the proof; checking it takes the ledger's code.

use borsh::{BorshDeserialize, BorshSerialize};
use machine::Machine;
use machine::prepare::{PrepareError, Program};
use machine::worker::RunError;
use protocol::{Bytes, ChainId, Claim, Content, EndReason, Job, JobStatus, ProgramId};

use crate::content::{address, bounds, claim_from_machine};

/// A job's record at its end.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    BorshSerialize,
    BorshDeserialize,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct JobReceipt {
    /// The chain that carried the job.
    pub chain: ChainId,
    /// The job as the ledger records it, with the claim that stood.
    pub job: Job,
    /// The ledger's proof of the record.
    pub proof: Bytes,
}

/// Why a receipt does not show what it should.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// The job did not end with a result that stood.
    #[error("the job ended without a result: {0:?}")]
    NoResult(JobStatus),
    /// The output is another one.
    #[error("this output has the address {} ({} bytes), the receipt names {} ({} bytes)", .found.root, .found.size, .named.root, .named.size)]
    OtherOutput {
        /// Address of the output at hand.
        found: Content,
        /// Address in the record.
        named: Content,
    },
    /// The input is another one.
    #[error("this is not the input that the receipt names")]
    OtherInput,
    /// The module is another program.
    #[error("this module is program {found}, the receipt names {named}")]
    OtherProgram {
        /// Name of the module at hand.
        found: ProgramId,
        /// Name in the record.
        named: ProgramId,
    },
    /// The module is not one the machine prepared.
    #[error("the module is not a prepared program")]
    Module(#[from] PrepareError),
    /// The machine failed.
    #[error("the machine failed")]
    Machine(#[from] RunError),
    /// The job was run again and gave something else.
    #[error("running the job again gives another result: the record is wrong")]
    OtherResult {
        /// What it gave.
        found: Box<Claim>,
    },
}

impl JobReceipt {
    /// The claim that stood, if the job ended with one.
    #[must_use]
    pub fn claim(&self) -> Option<Claim> {
        let is_completed = self.job.status == JobStatus::Ended(EndReason::Completed);
        self.job.assignment.as_ref()?.claim.filter(|_| is_completed)
    }

    /// Checks that `output` is the job's output.
    ///
    /// # Errors
    /// It is not, or there is none.
    pub fn verify(&self, output: &[u8]) -> Result<Claim, ReceiptError> {
        let claim = self.claim().ok_or(ReceiptError::NoResult(self.job.status))?;
        let found = address(output);
        if found != claim.output {
            return Err(ReceiptError::OtherOutput { found, named: claim.output });
        }
        Ok(claim)
    }

    /// Runs the job again from the prepared module and the input, and checks that it gives the claim that
    /// stood: output, every step, meter. Blocks until the run is over.
    ///
    /// # Errors
    /// Module or input are others, the machine fails, or the result is another one.
    pub fn reproduce(
        &self,
        machine: &Machine,
        module: Vec<u8>,
        input: &[u8],
    ) -> Result<Claim, ReceiptError> {
        let claim = self.claim().ok_or(ReceiptError::NoResult(self.job.status))?;
        let program = Program::from_prepared(module)?;
        let (found, named) = (ProgramId(program.id().0), self.job.spec.program);
        if found != named {
            return Err(ReceiptError::OtherProgram { found, named });
        }
        if address(input) != self.job.spec.input {
            return Err(ReceiptError::OtherInput);
        }
        let bounds = bounds(self.job.spec.steps_max, self.job.spec.meter_max);
        let run = machine.run(&program, input, &bounds, &mut machine::no_progress)?;
        let found = claim_from_machine(&run.claim);
        if found == claim {
            Ok(claim)
        } else {
            Err(ReceiptError::OtherResult { found: found.into() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{claim, job_at, other};

    fn receipt(output: &[u8], status: JobStatus) -> JobReceipt {
        let mut job = job_at(status, other()).job;
        if let Some(assignment) = &mut job.assignment {
            assignment.claim = Some(Claim { output: address(output), ..claim(1) });
        }
        JobReceipt { chain: ChainId([8; 32]), job, proof: vec![1, 2, 3].into() }
    }

    #[test]
    fn only_the_very_output_verifies() {
        let receipt = receipt(b"result", JobStatus::Ended(EndReason::Completed));
        assert_eq!(receipt.verify(b"result").unwrap(), receipt.claim().unwrap());
        for other in [&b""[..], b"resul", b"result\0", b"resulT"] {
            let refused = receipt.verify(other);
            assert!(matches!(refused, Err(ReceiptError::OtherOutput { .. })), "{refused:?}");
        }
    }

    #[test]
    fn a_job_that_did_not_end_well_has_no_result() {
        for status in [JobStatus::Window, JobStatus::Ended(EndReason::NoProvider)] {
            let refused = receipt(b"result", status).verify(b"result");
            assert!(matches!(refused, Err(ReceiptError::NoResult(_))), "{refused:?}");
        }
    }

    #[test]
    fn a_receipt_survives_its_encoding() {
        let receipt = receipt(b"result", JobStatus::Ended(EndReason::Completed));
        let bytes = borsh::to_vec(&receipt).unwrap();
        assert_eq!(borsh::from_slice::<JobReceipt>(&bytes).unwrap(), receipt);
    }
}
