//! The engine's types, each named once. One signature scheme, one hash, one database.

use commonware_consensus::{
    marshal::{
        core::Mailbox as MarshalMailbox,
        standard::{Deferred as Deferral, Standard},
    },
    simplex::{scheme::ed25519, types as simplex},
    types::FixedEpocher,
};
use commonware_cryptography::bls12381::primitives::variant::{MinSig, Variant};
pub(crate) use commonware_cryptography::{
    blake3::{Blake3, Digest},
    ed25519::{PrivateKey, PublicKey},
};
use commonware_glue::stateful::{self, db::Shared};
pub(crate) use commonware_parallel::Sequential;
use commonware_storage::{mmr, qmdb::current::ordered, translator::EightCap};
use commonware_utils::sequence::FixedBytes;

use crate::{block::Block, chunks::CHUNK_BYTES, executor::Executor, pacing::Paced};

/// Votes are attributable: two signatures of one key for one view are evidence for anybody.
pub(crate) type Scheme = ed25519::Scheme;
/// What the engine tells a proposer: round, leader, parent.
pub(crate) type Context = simplex::Context<Digest, PublicKey>;
/// A block's certificate of finality.
pub(crate) type Finalization = simplex::Finalization<Scheme, Digest>;
/// How blocks travel: whole.
pub(crate) type Blocks = Standard<Block>;
/// Asks the part of the engine that stores and orders finalised blocks.
pub(crate) type Marshal = MarshalMailbox<Scheme, Blocks>;

/// Position in the database's log of operations.
pub(crate) type Location = mmr::Location;
/// A fixed-size piece of an entry: see [`crate::chunks`].
pub(crate) type Chunk = FixedBytes<CHUNK_BYTES>;
/// Bytes of the bitmap covered by one node of the database's tree.
pub(crate) const BITMAP_BYTES: usize = 32;
/// The authenticated database: ordered, so that absence has a proof; current, so that the proof
/// says what is, not what was.
pub(crate) type Database<E> =
    ordered::fixed::Db<mmr::Family, E, Digest, Chunk, Blake3, EightCap, BITMAP_BYTES, Sequential>;
/// The database as the engine shares it.
pub(crate) type SharedDatabase<E> = Shared<Database<E>>;

/// Asks the part of the engine that executes.
pub(crate) type Mailbox<E> = stateful::Mailbox<E, Executor>;
/// What consensus talks to: votes first, verifies while others vote, certifies after.
pub(crate) type Deferred<E> = Deferral<E, Scheme, Paced<Mailbox<E>>, Block, FixedEpocher>;

/// The beacon's group: short signatures, long keys.
pub(crate) type BeaconVariant = MinSig;
/// A beacon signature.
pub(crate) type BeaconSignature = <MinSig as Variant>::Signature;
/// A beacon key.
pub(crate) type BeaconKey = <MinSig as Variant>::Public;
