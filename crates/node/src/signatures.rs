//! Decoding and verifying transactions, many at once.

use blake3::{Hasher, OutputReader};
use borsh::BorshDeserialize;
use ed25519_consensus::{Signature, batch};
use protocol::{ChainId, Rejection, SignedTransaction};
use rand_core::{CryptoRng, RngCore, impls};

/// Decodes each transaction in its one form, checks that it is for this chain and signed by its
/// sender. Answers in order.
pub(crate) fn verify(
    chain: ChainId,
    transactions: &[&[u8]],
) -> Vec<Result<SignedTransaction, Malformed>> {
    let decoded: Vec<_> = transactions.iter().map(|bytes| decode(chain, bytes)).collect();
    if all_signed(transactions, &decoded) {
        return decoded;
    }
    decoded.into_iter().map(|transaction| signed(transaction?)).collect()
}

/// Why bytes are not a transaction of this chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    /// Not the canonical encoding of any.
    #[error(
        "the bytes are not a signed transaction: {0}; encode it as borsh, without anything behind it"
    )]
    Undecodable(String),
    /// For another chain, or not signed by its sender.
    #[error("{0}; {advice}", advice = .0.advice())]
    Rejected(Rejection),
}

/// The code of bytes that do not even decode. The rules' own codes begin at 100.
const UNDECODABLE: u32 = 1;

impl Malformed {
    /// A stable number.
    pub(crate) fn code(&self) -> u32 {
        match self {
            Self::Undecodable(_) => UNDECODABLE,
            Self::Rejected(rejection) => rejection.code().into(),
        }
    }
}

fn decode(chain: ChainId, bytes: &[u8]) -> Result<SignedTransaction, Malformed> {
    let decoded = SignedTransaction::try_from_slice(bytes);
    let signed = decoded.map_err(|error| Malformed::Undecodable(error.to_string()))?;
    let found = signed.transaction.chain;
    if found != chain {
        return Err(Malformed::Rejected(Rejection::WrongChain { expected: chain, found }));
    }
    Ok(signed)
}

fn signed(transaction: SignedTransaction) -> Result<SignedTransaction, Malformed> {
    transaction.clone().verify().map_err(Malformed::Rejected)?;
    Ok(transaction)
}

/// Whether every signature is right. Under ZIP 215 a batch is right exactly if each of it is.
fn all_signed(bytes: &[&[u8]], decoded: &[Result<SignedTransaction, Malformed>]) -> bool {
    let mut batch = batch::Verifier::new();
    for signed in decoded.iter().flatten() {
        let sender = signed.transaction.sender.0.into();
        let message = signed.transaction.id().0;
        batch.queue((sender, Signature::from(signed.signature), &message[..]));
    }
    batch.verify(Coefficients::of(bytes)).is_ok()
}

/// The numbers that weigh the signatures of a batch: whoever signs must not know them before. They
/// are a hash of everything in the batch, so that verifying is a function of its arguments.
struct Coefficients(OutputReader);

impl Coefficients {
    fn of(transactions: &[&[u8]]) -> Self {
        let mut hasher = Hasher::new_derive_key("earnest batch verification v1");
        for bytes in transactions {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        }
        Self(hasher.finalize_xof())
    }
}

impl CryptoRng for Coefficients {}

impl RngCore for Coefficients {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, target: &mut [u8]) {
        self.0.fill(target);
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(target);
        Ok(())
    }
}
