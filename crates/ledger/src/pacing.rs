//! When the next block starts: at once when something waits, seldom when nothing does.
//!
//! Blocks would otherwise follow each other as fast as the disk allows, empty ones too. The pause
//! is made here, in front of the part of the engine that holds the database, so that nothing else
//! waits for it.

use std::{sync::Arc, time::Duration};

use commonware_consensus::{Application, Handoff, marshal::ancestry::Ancestry};
use commonware_cryptography::{Digested, Digestible as _};
use commonware_runtime::Clock;
use futures::future::{self, Either};

use crate::{
    Pacing,
    block::Block,
    engine_types::{Context, Scheme},
    executor::{Shared, now_ms},
};

/// Delays proposals of the application inside.
#[derive(Clone)]
pub(crate) struct Paced<A> {
    inner: A,
    shared: Arc<Shared>,
    pacing: Pacing,
}

impl<A> Paced<A> {
    /// Paces `inner`.
    pub(crate) fn new(inner: A, shared: Arc<Shared>, pacing: Pacing) -> Self {
        Self { inner, shared, pacing }
    }

    async fn pause(&self, clock: &impl Clock, parent: &Digested<Block>) {
        let timestamp = parent.inner().header.timestamp;
        let left = |interval: Duration| {
            let since = Duration::from_millis(now_ms(clock).saturating_sub(timestamp));
            interval.saturating_sub(since)
        };
        clock.sleep(left(self.pacing.busy)).await;
        let Some(parent) = self.shared.chain.get(&parent.digest()).await else { return };
        let height = parent.header.height + 1;
        let nonce = |sender: &_| self.shared.rules.nonce(&parent.state, sender);
        while !self.shared.waiting.any_executable(height, nonce) {
            let pause = left(self.pacing.idle);
            if pause.is_zero() {
                return;
            }
            let timeout = Box::pin(clock.sleep(pause));
            let arrival = Box::pin(self.shared.waiting.arrival());
            if let Either::Left(_) = future::select(timeout, arrival).await {
                return;
            }
        }
    }
}

impl<E, A> Application<E> for Paced<A>
where
    E: Clock,
    A: Application<E, SigningScheme = Scheme, Context = Context, Block = Block, Input = ()> + Sync,
{
    type SigningScheme = Scheme;
    type Context = Context;
    type Block = Block;
    type Input = ();

    async fn prepare(
        &mut self,
        context: (E, Context),
        ancestry: impl Ancestry<Block>,
        (): (),
    ) -> Handoff<Digested<Block>> {
        self.inner.prepare(context, ancestry, ()).await
    }

    async fn propose(
        &mut self,
        context: (E, Context),
        ancestry: impl Ancestry<Block>,
        (): (),
    ) -> Option<Digested<Block>> {
        if let Some(parent) = ancestry.peek().cloned() {
            self.pause(&context.0, &parent).await;
        }
        self.inner.propose(context, ancestry, ()).await
    }

    async fn verify(&mut self, context: (E, Context), ancestry: impl Ancestry<Block>) -> bool {
        self.inner.verify(context, ancestry).await
    }
}
