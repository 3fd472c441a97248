//! The people of a network on one machine: who they are and what they put up before they work.

use std::path::Path;
use std::sync::Arc;

use agents::Station;
use agents::account::Account;
use agents::auditor::{self, Auditor, Watch};
use agents::blobs::Blobs;
use agents::notice::Notices;
use agents::provider::{self, Provider, Standing};
use agents::stop::Stop;
use anyhow::{Context, Result};
use api::Client;
use machine::worker::WorkerConfig;
use protocol::{AccountId, Action, Amount, ClassId, Duties, NATIVE, STABLE};
use tokio::task::JoinSet;
use wallet::{LocalSigner, Signer};

/// What somebody does on the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Pays for jobs.
    Requester,
    /// Runs jobs.
    Provider,
    /// Audits them.
    Validator,
    /// Gives out the first tokens.
    Faucet,
}

impl Part {
    /// In a word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Requester => "requester",
            Self::Provider => "provider",
            Self::Validator => "validator",
            Self::Faucet => "faucet",
        }
    }

    const fn duties(self) -> Duties {
        Duties {
            provider: matches!(self, Self::Provider),
            validator: matches!(self, Self::Validator),
        }
    }
}

/// Somebody.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// What we call it.
    pub(crate) name: String,
    /// What it does.
    pub(crate) part: Part,
    /// Its key.
    pub(crate) signer: Arc<LocalSigner>,
}

impl Member {
    /// Somebody with a key that is kept nowhere.
    pub(crate) fn new(name: impl Into<String>, part: Part) -> Self {
        Self { name: name.into(), part, signer: Arc::new(LocalSigner::random()) }
    }

    /// Its account.
    pub(crate) fn id(&self) -> AccountId {
        self.signer.account()
    }

    /// What its agent needs; it keeps what it must remember in a folder of its own.
    pub(crate) fn station(
        &self,
        client: &Client,
        blobs: &Path,
        folders: &Path,
        notices: &Notices,
    ) -> Result<Station> {
        Ok(Station {
            client: client.clone(),
            signer: self.signer.clone(),
            blobs: Blobs::folder(blobs)?,
            worker: WorkerConfig::of_this_executable()?,
            folder: folders.join(self.id().to_string()),
            notices: notices.clone(),
        })
    }

    /// Its account on a network.
    pub(crate) async fn account(&self, client: &Client) -> Result<Arc<Account>> {
        let account = Account::connect(client.clone(), self.signer.clone()).await;
        Ok(Arc::new(account.with_context(|| format!("{} cannot reach the node", self.name))?))
    }
}

/// What an operator puts up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stake {
    /// Native base units.
    pub(crate) native: Amount,
    /// Stable base units.
    pub(crate) stable: Amount,
}

/// Bonds what is missing of a stake and registers for the duties of the part. Safe to repeat.
pub(crate) async fn enrol(account: &Account, part: Part, stake: Stake) -> Result<()> {
    let operator = account.id();
    let view = account.client().operator(operator).await?;
    if view.is_none() {
        account.send(Action::RegisterOperator { duties: Duties::default() }).await?;
        for (asset, amount) in [(NATIVE, stake.native), (STABLE, stake.stable)] {
            if !amount.is_zero() {
                account.send(Action::Bond { operator, asset, amount }).await?;
            }
        }
    }
    let registered = view.is_some_and(|view| view.operator.duties == part.duties());
    if !registered {
        account.send(Action::SetDuties { duties: part.duties() }).await?;
    }
    Ok(())
}

/// Agents that work in this process.
#[derive(Default)]
pub(crate) struct Troupe {
    tasks: JoinSet<()>,
}

/// How a member works.
#[derive(Clone, Debug)]
pub(crate) struct Manner {
    /// As a provider.
    pub(crate) provider: provider::Conduct,
    /// Ask of a provider, in micro-dollars per 10^9 metered units.
    pub(crate) ask: Amount,
    /// As an auditor.
    pub(crate) auditor: auditor::Conduct,
    /// Which results an auditor looks at.
    pub(crate) watch: Watch,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            provider: provider::Conduct::Honest,
            ask: Amount::new(50_000),
            auditor: auditor::Conduct::Honest,
            watch: Watch::Drawn,
        }
    }
}

impl Troupe {
    /// Starts honest members.
    pub(crate) async fn start(
        client: &Client,
        blobs: &Path,
        folders: &Path,
        notices: &Notices,
        stop: &Stop,
        members: Vec<Member>,
    ) -> Result<Self> {
        let mut troupe = Self::default();
        for member in members {
            let station = member.station(client, blobs, folders, notices)?;
            troupe.add(&station, member.part, Manner::default(), stop).await?;
        }
        Ok(troupe)
    }

    /// Starts one member.
    pub(crate) async fn add(
        &mut self,
        station: &Station,
        part: Part,
        manner: Manner,
        stop: &Stop,
    ) -> Result<()> {
        let stop = stop.clone();
        match part {
            Part::Provider => {
                let offer = Standing { class: ClassId::CPU, units: 1, ask: manner.ask };
                let policy = provider::Policy { offers: vec![offer], ..Default::default() };
                let agent = Provider::open(station, policy, manner.provider).await?;
                self.tasks.spawn(agent.run(stop));
            }
            Part::Validator => {
                // A share of the fees would be tokens by the minute, between the movements that are to be seen.
                let (watch, attend) = (manner.watch, false);
                let policy = auditor::Policy { watch, attend, ..Default::default() };
                let agent = Auditor::open(station, policy, manner.auditor).await?;
                self.tasks.spawn(agent.run(stop));
            }
            Part::Requester | Part::Faucet => {}
        }
        Ok(())
    }

    /// Waits until all have finished what they must; they were told to stop.
    pub(crate) async fn ended(mut self) -> Result<()> {
        while let Some(ended) = self.tasks.join_next().await {
            ended?;
        }
        Ok(())
    }
}
