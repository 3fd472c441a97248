//! Blocks as they travel and are stored: a header that commits to everything, and transactions.
//!
//! A block's digest is the hash of its header alone. The header holds the root of the transactions,
//! so a proof about a block needs no transactions; a decoded block whose transactions do not have
//! that root is not a block.

use bytes::{BufMut, Bytes};
use commonware_codec::{
    Buf, Encode as _, EncodeSize, Error as CodecError, FixedSize as _, MaxEncodeSize, RangeCfg,
    Read, ReadExt as _, Write,
};
use commonware_consensus::{
    Block as EngineBlock, BoundedBlock, CertifiableBlock, Heightable,
    types::{Epoch, Height, Round, View},
};
use commonware_cryptography::{Digest as _, Digestible};
use commonware_storage::{bmt, mmr, qmdb::sync::Target};
use commonware_utils::range::NonEmptyRange;

use crate::{
    BlockOutcome, ChainId, Limits, TransactionId, TransactionResult,
    beacon::{self, BeaconSecret},
    engine_types::{BeaconSignature, Blake3, Context, Digest, Location, PublicKey},
    hash::{self, Hash},
};

/// Everything a block says, save the transactions themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Round, proposer, and the parent's digest.
    pub(crate) context: Context,
    /// Number of the block; 0 is genesis.
    pub(crate) height: u64,
    /// Wall clock of the proposer, milliseconds since 1970.
    pub(crate) timestamp: u64,
    /// Network time, milliseconds.
    pub(crate) time: u64,
    /// Root of the database after this block: what proofs of entries start from.
    pub(crate) state_root: Digest,
    /// Root of the database's log: what a joining validator downloads against.
    pub(crate) operations_root: Digest,
    /// The part of that log which a joining validator needs.
    pub(crate) operations: NonEmptyRange<Location>,
    /// Root of the results and events.
    pub(crate) outcome_root: Digest,
    /// Root of the transactions.
    pub(crate) transactions_root: Digest,
    /// The proposer's unique signature.
    pub(crate) beacon: BeaconSignature,
}

impl Header {
    /// The block's name.
    pub(crate) fn digest(&self) -> Digest {
        hash::digest("earnest ledger 1 header", &[&self.encode()])
    }

    /// Digest of the parent.
    pub(crate) fn parent(&self) -> Digest {
        self.context.parent.1
    }

    /// The randomness this block brought.
    pub(crate) fn beacon_value(&self) -> Hash {
        beacon::value(&self.beacon)
    }
}

impl Write for Header {
    fn write(&self, buf: &mut impl BufMut) {
        self.context.write(buf);
        self.height.write(buf);
        self.timestamp.write(buf);
        self.time.write(buf);
        self.state_root.write(buf);
        self.operations_root.write(buf);
        self.operations.write(buf);
        self.outcome_root.write(buf);
        self.transactions_root.write(buf);
        self.beacon.write(buf);
    }
}

impl EncodeSize for Header {
    fn encode_size(&self) -> usize {
        self.context.encode_size()
            + 3 * u64::SIZE
            + 4 * Digest::SIZE
            + self.operations.encode_size()
            + BeaconSignature::SIZE
    }
}

impl MaxEncodeSize for Header {
    const MAX_ENCODE_SIZE: usize = Context::MAX_ENCODE_SIZE
        + 3 * u64::SIZE
        + 4 * Digest::SIZE
        + NonEmptyRange::<Location>::MAX_ENCODE_SIZE
        + BeaconSignature::SIZE;
}

impl Read for Header {
    type Cfg = ();

    fn read_cfg(buf: &mut impl Buf, (): &()) -> Result<Self, CodecError> {
        Ok(Self {
            context: Context::read(buf)?,
            height: u64::read(buf)?,
            timestamp: u64::read(buf)?,
            time: u64::read(buf)?,
            state_root: Digest::read(buf)?,
            operations_root: Digest::read(buf)?,
            operations: NonEmptyRange::read(buf)?,
            outcome_root: Digest::read(buf)?,
            transactions_root: Digest::read(buf)?,
            beacon: BeaconSignature::read(buf)?,
        })
    }
}

/// A header and its transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The header.
    pub(crate) header: Header,
    /// The transactions, in the order of execution.
    pub(crate) transactions: Vec<Bytes>,
}

/// Bounds under which a block is decoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockCfg(pub(crate) Limits);

impl Write for Block {
    fn write(&self, buf: &mut impl BufMut) {
        self.header.write(buf);
        self.transactions.write(buf);
    }
}

impl EncodeSize for Block {
    fn encode_size(&self) -> usize {
        self.header.encode_size() + self.transactions.encode_size()
    }
}

impl Read for Block {
    type Cfg = BlockCfg;

    fn read_cfg(buf: &mut impl Buf, BlockCfg(limits): &BlockCfg) -> Result<Self, CodecError> {
        let header = Header::read(buf)?;
        let count = RangeCfg::new(0..=size(limits.block_transactions));
        let each = RangeCfg::new(1..=size(limits.transaction_bytes));
        let transactions = Vec::<Bytes>::read_cfg(buf, &(count, each))?;
        if transactions.iter().map(Bytes::len).sum::<usize>() > size(limits.block_bytes) {
            return Err(CodecError::Invalid("block", "more bytes of transactions than allowed"));
        }
        if transactions_root(&transactions) != header.transactions_root {
            return Err(CodecError::Invalid("block", "transactions are not the header's"));
        }
        Ok(Self { header, transactions })
    }
}

impl Digestible for Block {
    type Digest = Digest;

    fn digest(&self) -> Digest {
        self.header.digest()
    }
}

impl Heightable for Block {
    fn height(&self) -> Height {
        Height::new(self.header.height)
    }
}

impl EngineBlock for Block {
    fn parent(&self) -> Digest {
        self.header.parent()
    }
}

impl CertifiableBlock for Block {
    type Context = Context;

    fn context(&self) -> Context {
        self.header.context.clone()
    }
}

impl BoundedBlock for Block {
    fn max_encode_size(BlockCfg(limits): &BlockCfg) -> usize {
        const LENGTH_BYTES_MAX: usize = 5;
        Header::MAX_ENCODE_SIZE
            + size(limits.block_bytes)
            + (1 + size(limits.block_transactions)) * LENGTH_BYTES_MAX
    }
}

/// A limit as a size in memory: no machine we run on has fewer than 32 bits.
pub(crate) fn size(limit: u32) -> usize {
    usize::try_from(limit).expect("32 bits fit")
}

/// What makes a network this network and no other: block 0.
pub(crate) fn genesis(
    chain: &ChainId,
    limits: &Limits,
    members: &[u8],
    first: PublicKey,
    empty: &Target<mmr::Family, Digest>,
) -> Block {
    let identity =
        hash::digest("earnest ledger 1 genesis", &[chain, &limits_bytes(limits), members]);
    let header = Header {
        context: Context {
            round: Round::new(Epoch::zero(), View::zero()),
            leader: first,
            parent: (View::zero(), Digest::EMPTY),
        },
        height: 0,
        timestamp: 0,
        time: 0,
        state_root: empty.root,
        operations_root: empty.root,
        operations: empty.range.clone(),
        // Genesis has no outcome; the field names the network instead.
        outcome_root: identity,
        transactions_root: transactions_root(&[]),
        beacon: BeaconSecret::derive(&hash::raw(&identity)).sign(&[0; 32], 0),
    };
    Block { header, transactions: Vec::new() }
}

/// The limits as genesis and the data directory commit to them.
pub(crate) fn limits_bytes(limits: &Limits) -> Vec<u8> {
    let Limits {
        transaction_bytes,
        block_bytes,
        block_transactions,
        block_work,
        clock_step_ms_max,
    } = limits;
    [
        u64::from(*transaction_bytes),
        u64::from(*block_bytes),
        u64::from(*block_transactions),
        *block_work,
        *clock_step_ms_max,
    ]
    .iter()
    .flat_map(|number| number.to_le_bytes())
    .collect()
}

/// Root of the names of the transactions.
pub(crate) fn transactions_root(transactions: &[Bytes]) -> Digest {
    merkle_root(transactions.iter().map(|bytes| TransactionId::of(bytes).0))
}

/// Root of the results and the events: two trees under one hash. Of a rejection only the code is
/// covered, never the text.
pub(crate) fn outcome_root(outcome: &BlockOutcome) -> Digest {
    let results = merkle_root(outcome.results.iter().map(|result| {
        let code = match result {
            TransactionResult::Accepted => None,
            TransactionResult::Rejected { code, .. } => Some(code.to_le_bytes()),
        };
        hash::tagged("earnest ledger 1 result", &[code.as_ref().map_or(&[], |code| &code[..])])
    }));
    let events =
        outcome.events.iter().map(|event| hash::tagged("earnest ledger 1 event", &[event]));
    let events = merkle_root(events);
    hash::digest("earnest ledger 1 outcome", &[results.as_ref(), events.as_ref()])
}

fn merkle_root(leaves: impl ExactSizeIterator<Item = Hash>) -> Digest {
    let mut tree = bmt::Builder::<Blake3>::new(leaves.len());
    for leaf in leaves {
        tree.add(&hash::as_digest(leaf));
    }
    tree.build().root()
}
