//! What a ledger's proof says about a job, checked with nothing but the network's file.

use ledger::{EntryProof, ProofError, Trust};
use protocol::{ChainId, Hash, Height, Job, job_entry};

use crate::files::NetworkFile;

/// Why a proof does not show that a job is on the ledger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JobProofError {
    /// The job ran on another network.
    #[error("the job belongs to network {found}, the validators are those of {expected}")]
    OtherNetwork {
        /// The job's.
        found: ChainId,
        /// The file's.
        expected: ChainId,
    },
    /// The proof proves nothing.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The proof proves another record.
    #[error("the ledger's record of the job in block {height} is another one")]
    OtherRecord {
        /// Height that the proof is about.
        height: Height,
    },
}

/// Checks that the validators of a network signed a state that has exactly this record of a job. Gives the height of its
/// block.
///
/// # Errors
///
/// The first thing that does not hold.
pub fn job_is_recorded(
    network: &NetworkFile,
    chain: ChainId,
    job: &Job,
    proof: &[u8],
) -> Result<Height, JobProofError> {
    if chain != network.chain {
        return Err(JobProofError::OtherNetwork { found: chain, expected: network.chain });
    }
    let vote_keys = network.validators.iter().map(|Hash(key)| *key).collect();
    let trust = Trust { chain: chain.0, vote_keys };
    let (key, record) = job_entry(job);
    let proven = EntryProof(proof.to_vec()).verify(&trust, &key)?;
    let height = Height(proven.header.height);
    match proven.value {
        Some(value) if value == record => Ok(height),
        _ => Err(JobProofError::OtherRecord { height }),
    }
}
