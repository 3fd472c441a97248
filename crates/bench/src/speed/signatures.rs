//! What signatures cost, one by one and as a batch.

use anyhow::{Context, Result};
use ed25519_consensus::{Signature, batch};
use protocol::{
    AccountId, Action, Amount, ChainId, Height, NATIVE, Nonce, SignedTransaction, Transaction,
};
use rand_core::OsRng;
use wallet::{LocalSigner, Signer};

use crate::clock::Samples;

/// Signatures in one measurement.
const COUNT: u64 = 2_000;

/// Milliseconds for [`Signatures::count`] signatures.
pub(super) struct Signatures {
    pub(super) count: u64,
    /// Each by itself.
    pub(super) single: Samples,
    /// All together: right exactly if each is.
    pub(super) batch: Samples,
}

impl Signatures {
    /// Milliseconds of one signature, the fastest way.
    pub(super) fn each_ms(&self) -> f64 {
        self.batch.min().min(self.single.min()) / self.count as f64
    }
}

/// Signs transfers of different accounts and verifies them.
pub(super) fn measure(repetitions: usize) -> Result<Signatures> {
    let signed = (0..COUNT).map(transfer).collect::<Result<Vec<_>>>()?;
    let (single, batch) = (Samples::default(), Samples::default());
    let mut signatures = Signatures { count: COUNT, single, batch };
    for _ in 0..repetitions {
        let copies = signed.clone();
        let verified = signatures.single.measure(|| {
            copies.into_iter().map(SignedTransaction::verify).collect::<Result<Vec<_>, _>>()
        });
        verified.context("a signature that was just made")?;
        signatures.batch.measure(|| verify_batch(&signed)).context("a batch that was just made")?;
    }
    Ok(signatures)
}

fn verify_batch(signed: &[SignedTransaction]) -> Result<(), ed25519_consensus::Error> {
    let mut batch = batch::Verifier::new();
    for one in signed {
        let signature = Signature::from(one.signature);
        let message = one.transaction.id().0;
        batch.queue((one.transaction.sender.0.into(), signature, &message));
    }
    batch.verify(OsRng)
}

fn transfer(number: u64) -> Result<SignedTransaction> {
    let signer = LocalSigner::random();
    let to = AccountId([7; 32]);
    let action = Action::Transfer { to, asset: NATIVE, amount: Amount::new(1) };
    let transaction = Transaction {
        chain: ChainId([1; 32]),
        sender: signer.account(),
        nonce: Nonce(number),
        expiry: Height(100),
        action,
    };
    signer.sign(transaction).context("the signer is of the sender")
}
