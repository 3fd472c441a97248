//! A network in a folder of its own, and people who sign.

use std::time::{Duration, Instant};

use api::wire::{Outcome, Receipt, SupplyView};
use api::{Client, ClientError};
use ed25519_consensus::SigningKey;
use ledger::Pacing;
use node::presets::{self, Funding};
use node::{Node, NodeConfig};
use protocol::{
    AccountId, Action, Amount, AssetId, ChainId, Genesis, Height, Job, JobId, JobStatus,
    Parameters, SignedTransaction, Transaction,
};
use tempfile::TempDir;

/// How long anything in these tests may take before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody with a key.
pub(crate) struct Person {
    key: SigningKey,
}

impl Person {
    pub(crate) fn new(seed: u8) -> Self {
        Self { key: SigningKey::from([seed; 32]) }
    }

    pub(crate) fn account(&self) -> AccountId {
        AccountId(self.key.verification_key().to_bytes())
    }

    pub(crate) fn funded(&self) -> Funding {
        Funding::whole(self.account(), 10_000, 1_000)
    }

    pub(crate) fn sign(&self, transaction: Transaction) -> SignedTransaction {
        let signature = self.key.sign(&transaction.id().0).to_bytes();
        transaction.with_signature(signature)
    }
}

/// A running network of one node.
pub(crate) struct Network {
    pub(crate) folder: TempDir,
    genesis: Genesis,
    node: Option<Node>,
    pub(crate) client: Client,
    pub(crate) chain: ChainId,
}

/// Blocks follow each other fast, so that tests do not wait.
pub(crate) fn config(folder: &TempDir, genesis: Genesis) -> NodeConfig {
    let pacing = Pacing { idle: Duration::from_millis(50), busy: Duration::from_millis(5) };
    NodeConfig { pacing, ..NodeConfig::new(folder.path(), genesis) }
}

/// A network on which an undisturbed job takes a second.
pub(crate) fn genesis(people: &[&Person]) -> Genesis {
    let funded: Vec<_> = people.iter().map(|person| person.funded()).collect();
    let genesis = presets::demo(&funded);
    let parameters = Parameters { challenge_ms: 700, ..genesis.parameters };
    Genesis { parameters, ..genesis }
}

impl Network {
    pub(crate) async fn start(people: &[&Person]) -> Self {
        Self::of(genesis(people)).await
    }

    /// One that starts from something else.
    pub(crate) async fn of(genesis: Genesis) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let node = Node::start(config(&folder, genesis.clone())).await.expect("a new network");
        let (client, chain) = (node.client(), node.chain());
        Self { folder, genesis, node: Some(node), client, chain }
    }

    /// Stops the node and starts it again on the same folder.
    pub(crate) async fn restart(&mut self) {
        self.node.take().expect("it runs").shutdown().await;
        let node = Node::start(config(&self.folder, self.genesis.clone())).await;
        let node = node.expect("its own folder");
        self.client = node.client();
        self.node = Some(node);
    }

    pub(crate) async fn stop(mut self) -> TempDir {
        self.node.take().expect("it runs").shutdown().await;
        self.folder
    }

    /// A signed transaction with the next nonce.
    pub(crate) async fn signed(&self, person: &Person, action: Action) -> SignedTransaction {
        let sender = person.account();
        let nonce = self.client.account(sender).await.expect("answers").nonce;
        let expiry = Height(self.client.status().await.expect("answers").height.0 + 1_000);
        person.sign(Transaction { chain: self.chain, sender, nonce, expiry, action })
    }

    /// Signs and submits; the receipt, whatever it says.
    pub(crate) async fn send(
        &self,
        person: &Person,
        action: Action,
    ) -> Result<Receipt, ClientError> {
        self.client.submit(&self.signed(person, action).await).await
    }

    /// Signs and submits what must be accepted.
    pub(crate) async fn must(&self, person: &Person, action: Action) {
        let name = format!("{action:?}");
        let receipt = self.send(person, action).await.expect("taken");
        assert_eq!(receipt.outcome, Outcome::Accepted, "{}", name.get(..200).unwrap_or(&name));
    }

    pub(crate) async fn balance(&self, person: &Person, asset: AssetId) -> Amount {
        self.client.account(person.account()).await.expect("answers").balances.of(asset)
    }

    pub(crate) async fn job(&self, job: JobId) -> Job {
        self.client.job(job).await.expect("answers").expect("submitted").job
    }

    /// Waits until a job is where it should be.
    pub(crate) async fn until(&self, job: JobId, status: JobStatus) -> Job {
        self.until_job(job, |job| job.status == status).await
    }

    /// Waits until something holds of a job.
    pub(crate) async fn until_job(&self, id: JobId, holds: impl Fn(&Job) -> bool) -> Job {
        let until = Instant::now() + PATIENCE;
        loop {
            let job = self.job(id).await;
            if holds(&job) {
                return job;
            }
            let explained = || self.client.explain(id);
            if Instant::now() > until {
                panic!("stuck at {:?}: {:?}", job.status, explained().await);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The supply of every asset, which must be exact.
    pub(crate) async fn exact_supply(&self) -> Vec<SupplyView> {
        let supply = self.client.supply().await.expect("answers");
        assert!(!supply.is_empty() && supply.iter().all(|asset| asset.exact), "{supply:?}");
        supply
    }
}
