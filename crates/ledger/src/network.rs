//! Encrypted, authenticated links to the other validators, whose addresses are known.

use std::{num::NonZeroUsize, time::Duration};

use commonware_cryptography::ChaCha20Poly1305;
use commonware_p2p::{
    Address, AddressableManager as _,
    authenticated::lookup::{self, Network, Oracle, Receiver, Sender},
};
use commonware_runtime::Handle;
use commonware_stream::{
    cups::{self, Cups},
    sake::{self, Sake},
};
use commonware_utils::{NZUsize, TryCollect as _, ordered::Map};

use crate::{
    engine_types::{PrivateKey, PublicKey},
    node::{Params, Runtime},
    settings::{MAILBOX, QUOTA, largest_message},
};

/// Both ends of one conversation with all peers.
pub(crate) type Channel<E> = (Sender<PublicKey, E>, Receiver<PublicKey>);

/// The conversations of a node.
pub(crate) struct Channels<E: Runtime> {
    pub(crate) order: Order<E>,
    pub(crate) execution: Execution<E>,
    pub(crate) task: Handle<()>,
}

/// What consensus talks about.
pub(crate) struct Order<E: Runtime> {
    pub(crate) votes: Channel<E>,
    pub(crate) certificates: Channel<E>,
    pub(crate) resolver: Channel<E>,
}

/// What everybody else talks about.
pub(crate) struct Execution<E: Runtime> {
    pub(crate) backfill: Channel<E>,
    pub(crate) broadcast: Channel<E>,
    pub(crate) operations: Channel<E>,
    pub(crate) probe: Channel<E>,
}

type Handshake = Cups<Sake<PrivateKey>, ChaCha20Poly1305>;

fn handshake(params: &Params) -> Handshake {
    let sake = Sake {
        signer: params.identity.vote.clone(),
        synchrony_bound: Duration::from_secs(5),
        max_handshake_age: Duration::from_secs(10),
        version: sake::Version::V1,
    };
    Cups::new(sake, cups::Version::V1)
}

fn config(params: &Params) -> lookup::Config<Handshake> {
    let members = params.committee.members().len();
    lookup::Config {
        tracked_peer_sets: NZUsize!(1),
        ..lookup::Config::local(
            handshake(params),
            &params.committee.namespace(),
            params.listen,
            NonZeroUsize::new(members).expect("a committee has members"),
            largest_message(&params.committee, params.limits),
            MAILBOX,
        )
    }
}

/// Starts the network of one node.
pub(crate) fn connect<E: Runtime>(
    context: &E,
    params: &Params,
) -> (Channels<E>, Oracle<PublicKey>) {
    let (mut network, mut oracle) = Network::new(context.child("network"), config(params));
    let members = params.committee.members().iter();
    let addresses = members.map(|member| (member.vote.clone(), member.address.into()));
    let addresses: Map<PublicKey, Address> = addresses.try_collect().expect("distinct members");
    oracle.track(0, addresses);
    let mut channel = |id| network.register(id, QUOTA);
    let order = Order { votes: channel(0), certificates: channel(1), resolver: channel(2) };
    let execution = Execution {
        backfill: channel(3),
        broadcast: channel(4),
        operations: channel(5),
        probe: channel(6),
    };
    (Channels { order, execution, task: network.start() }, oracle)
}
