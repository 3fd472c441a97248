//! Proofs that need no node: what an entry of the state was at a height.
//!
//! ```text
//! entry --database proof--> state root --header--> block digest --certificate--> validators' keys
//! ```
//!
//! An entry larger than one record comes with one database proof for each record.

use bytes::{BufMut, Bytes};
use commonware_codec::{
    Buf, Copying, DecodeExt as _, Encode as _, EncodeSize, Error as CodecError, RangeCfg, Read,
    ReadExt as _, Write,
};
use commonware_runtime::Spawner;
use commonware_storage::{
    Context as Storage, mmr,
    qmdb::{
        any::value::FixedEncoding,
        current::ordered::proof::constant::{ExclusionProof, KeyValueProof},
    },
};

use crate::{
    ChainId,
    block::Header,
    chunks::{self, head_place, tail_place},
    committee,
    engine_types::{
        BITMAP_BYTES, Blake3, Chunk, Database, Digest, Finalization, PublicKey, Scheme, Sequential,
    },
    view::BlockHeader,
};

type Inclusion = KeyValueProof<mmr::Family, Digest, Digest, BITMAP_BYTES>;
type Exclusion = ExclusionProof<mmr::Family, Digest, FixedEncoding<Chunk>, Digest, BITMAP_BYTES>;

/// What a verifier must know beforehand: the network and its validators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// The network.
    pub chain: ChainId,
    /// The voting keys of all validators, in any order.
    pub vote_keys: Vec<[u8; 32]>,
}

/// A proof of one entry, or of its absence, as bytes to store or send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryProof(pub Vec<u8>);

/// What a proof proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenEntry {
    /// The final block after which it was so.
    pub header: BlockHeader,
    /// The value of the entry; `None` if there was no such entry.
    pub value: Option<Vec<u8>>,
}

/// Why a proof proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not the bytes of a proof.
    #[error("the proof is malformed: {0}")]
    Malformed(String),
    /// A key in [`Trust`] is not an ed25519 key.
    #[error("a validator's key is not a key")]
    Key,
    /// The certificate is for another block.
    #[error("the certificate is not the header's")]
    Header,
    /// The certificate is not signed by enough of these validators, for this network.
    #[error("the certificate is not these validators'")]
    Certificate,
    /// The entry is not what the state's root says.
    #[error("the entry is not in the state")]
    Entry,
}

enum Body {
    Present(Vec<(Chunk, Inclusion)>),
    Absent(Box<Exclusion>),
}

struct Parts {
    header: Header,
    finalization: Finalization,
    body: Body,
}

/// Digests in one database proof: two for each level of a tree no machine can hold.
const DIGESTS_MAX: usize = 256;
/// Records of the longest entry.
const RECORDS_MAX: usize = (crate::MAX_VALUE_BYTES + crate::MAX_KEY_BYTES) / 128;
/// Validators in one certificate.
const VALIDATORS_MAX: usize = 1 << 10;

impl Write for Body {
    fn write(&self, buf: &mut impl BufMut) {
        match self {
            Self::Present(records) => {
                0u8.write(buf);
                records.write(buf);
            }
            Self::Absent(proof) => {
                1u8.write(buf);
                proof.write(buf);
            }
        }
    }
}

impl EncodeSize for Body {
    fn encode_size(&self) -> usize {
        1 + match self {
            Self::Present(records) => records.encode_size(),
            Self::Absent(proof) => proof.encode_size(),
        }
    }
}

impl Read for Body {
    type Cfg = ();

    fn read_cfg(buf: &mut impl Buf, (): &()) -> Result<Self, CodecError> {
        match u8::read(buf)? {
            0 => {
                let each = ((), (DIGESTS_MAX, ()));
                let records = Vec::read_cfg(buf, &(RangeCfg::new(1..=RECORDS_MAX), each))?;
                Ok(Self::Present(records))
            }
            1 => Ok(Self::Absent(Box::new(Exclusion::read_cfg(buf, &(DIGESTS_MAX, (), ()))?))),
            other => Err(CodecError::InvalidEnum(other)),
        }
    }
}

impl Parts {
    fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut bytes = Bytes::copy_from_slice(bytes);
        let header = Header::read(&mut bytes)?;
        let finalization = Finalization::read_cfg(&mut bytes, &VALIDATORS_MAX)?;
        let body = Body::read(&mut bytes)?;
        match bytes.len() {
            0 => Ok(Self { header, finalization, body }),
            extra => Err(CodecError::ExtraData(extra)),
        }
    }
}

impl EntryProof {
    /// Verifies that this proof is about `key` in the network of `trust`.
    ///
    /// # Errors
    ///
    /// The first thing that does not hold.
    pub fn verify(&self, trust: &Trust, key: &[u8]) -> Result<ProvenEntry, ProofError> {
        let parts = Parts::decode(&self.0);
        let parts = parts.map_err(|error| ProofError::Malformed(error.to_string()))?;
        if parts.finalization.proposal.payload != parts.header.digest() {
            return Err(ProofError::Header);
        }
        let scheme = verifier(trust)?;
        if !parts.finalization.verify(&mut rand::rng(), &scheme, &Sequential) {
            return Err(ProofError::Certificate);
        }
        let value = parts.body.value(key, &parts.header.state_root).ok_or(ProofError::Entry)?;
        Ok(ProvenEntry { header: BlockHeader::of(&parts.header), value })
    }
}

fn verifier(trust: &Trust) -> Result<Scheme, ProofError> {
    let keys = trust.vote_keys.iter().map(|key| PublicKey::decode(Copying(key)));
    let keys = keys.collect::<Result<Vec<_>, _>>().map_err(|_| ProofError::Key)?;
    let keys = commonware_utils::ordered::Set::from_iter_dedup(keys);
    Ok(Scheme::verifier(&committee::namespace(&trust.chain), keys))
}

impl Body {
    /// The proven value of `key`, itself `None` if absent; `None` if nothing is proven.
    fn value(&self, key: &[u8], root: &Digest) -> Option<Option<Vec<u8>>> {
        let head = head_place(key);
        match self {
            Self::Absent(proof) => proof.verify::<Blake3>(&head, root).then_some(None),
            Self::Present(records) => {
                for (index, (chunk, proof)) in (0..).zip(records) {
                    let place = if index == 0 { head } else { tail_place(&head, index) };
                    let holds =
                        proof.verify::<Blake3, FixedEncoding<Chunk>>(place, chunk.clone(), root);
                    holds.then_some(())?;
                }
                let (head, tails) = records.split_first()?;
                let tails = tails.iter().map(|(chunk, _)| &chunk[..]);
                let (found, value) = chunks::join(&head.0, tails).ok()?;
                (found == key).then_some(Some(value))
            }
        }
    }
}

/// Proves the entry of `key` in the database as it is now, for the block whose root that is.
pub(crate) async fn prove<E: Storage + Spawner>(
    database: &Database<E>,
    header: &Header,
    finalization: &Finalization,
    key: &[u8],
) -> EntryProof {
    let body = body(database, key).await;
    let body = body.expect("a database that is read while locked is consistent");
    EntryProof([&header.encode()[..], &finalization.encode(), &body.encode()].concat())
}

async fn body<E: Storage + Spawner>(
    database: &Database<E>,
    key: &[u8],
) -> Result<Body, commonware_storage::qmdb::Error<mmr::Family>> {
    let place = head_place(key);
    let Some(head) = database.get(&place).await? else {
        return Ok(Body::Absent(Box::new(database.exclusion_proof(&place).await?)));
    };
    let bytes = chunks::record_bytes(&head).expect("only this crate writes records");
    let mut records = vec![(head, database.key_value_proof(place).await?)];
    for index in 1..=chunks::tails(bytes) {
        let place = tail_place(&place, index);
        let chunk = database.get(&place).await?.expect("a head has its tails");
        records.push((chunk, database.key_value_proof(place).await?));
    }
    Ok(Body::Present(records))
}
