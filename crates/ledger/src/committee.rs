//! Who orders: the validators and their keys.

use std::net::SocketAddr;

use commonware_codec::{Copying, DecodeExt as _, Encode as _};
use commonware_cryptography::Signer as _;
use commonware_utils::{TryCollect as _, ordered::Set};

use crate::{
    ChainId,
    beacon::BeaconSecret,
    engine_types::{BeaconKey, PrivateKey, PublicKey, Scheme},
    hash::{self, Hash},
};

/// A validator's secrets, both derived from one seed.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) vote: PrivateKey,
    pub(crate) beacon: BeaconSecret,
}

impl Identity {
    /// Derives both keys from a seed.
    pub(crate) fn derive(seed: &Hash) -> Self {
        let vote = hash::tagged("earnest ledger 1 vote key", &[seed]);
        Self {
            vote: PrivateKey::decode(Copying(&vote)).expect("any 32 bytes are an ed25519 key"),
            beacon: BeaconSecret::derive(seed),
        }
    }

    /// What the others know of it.
    pub(crate) fn member(&self, address: SocketAddr) -> Member {
        Member { vote: self.vote.public_key(), beacon: self.beacon.public(), address }
    }
}

/// A validator as the others know it.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) vote: PublicKey,
    pub(crate) beacon: BeaconKey,
    pub(crate) address: SocketAddr,
}

/// The validators of one network, one vote each. Static in this version.
#[derive(Clone)]
pub(crate) struct Committee {
    chain: ChainId,
    members: Vec<Member>,
}

impl Committee {
    /// A committee in the order of its keys.
    pub(crate) fn new(chain: ChainId, mut members: Vec<Member>) -> Self {
        members.sort_by(|one, other| one.vote.cmp(&other.vote));
        members.dedup_by(|one, other| one.vote == other.vote);
        Self { chain, members }
    }

    /// The members, ordered by key.
    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }

    /// The keys that vote.
    pub(crate) fn participants(&self) -> Set<PublicKey> {
        let keys = self.members.iter().map(|member| member.vote.clone());
        keys.try_collect().expect("members are distinct")
    }

    /// The beacon key of the validator with this voting key.
    pub(crate) fn beacon_key(&self, vote: &PublicKey) -> Option<&BeaconKey> {
        self.members.iter().find(|member| member.vote == *vote).map(|member| &member.beacon)
    }

    /// All keys, as genesis commits to them. Addresses may change.
    pub(crate) fn key_bytes(&self) -> Vec<u8> {
        let keys = |member: &Member| [&member.vote.encode()[..], &member.beacon.encode()].concat();
        self.members.iter().flat_map(keys).collect()
    }

    /// Keeps messages of one network meaningless in every other.
    pub(crate) fn namespace(&self) -> Vec<u8> {
        namespace(&self.chain)
    }

    /// Signs votes as `identity`; `None` if it is not a member.
    pub(crate) fn signer(&self, identity: &Identity) -> Option<Scheme> {
        Scheme::signer(&self.namespace(), self.participants(), identity.vote.clone())
    }
}

/// The namespace of a network's votes.
pub(crate) fn namespace(chain: &ChainId) -> Vec<u8> {
    hash::tagged("earnest ledger 1 namespace", &[chain]).to_vec()
}
