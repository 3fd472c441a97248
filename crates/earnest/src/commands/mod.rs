//! One file per noun. Commands wire the rooms and print; they hold no logic of their own.

pub(crate) mod access;
pub(crate) mod devnet;
pub(crate) mod job;
pub(crate) mod node;
pub(crate) mod price;
pub(crate) mod proposal;
pub(crate) mod provider;
pub(crate) mod stake;
pub(crate) mod validator;
pub(crate) mod wallet;

use std::future::Future;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;

use ::node::{FileError, NetworkFile};
use agents::Station;
use agents::account::{Account, EXPIRY_BLOCKS, Sent};
use agents::blobs::Blobs;
use agents::notice::Notices;
use anyhow::{Context, Result, anyhow, bail};
use api::wire::{JobView, Page, ParameterView};
use api::{Client, ClientError, JobFilter};
use machine::worker::WorkerConfig;
use protocol::{
    AccountId, Action, Amount, Class, Duties, Genesis, Nonce, ParameterChange, Parameters, Time,
    Transaction,
};

use crate::cli::{Asset, Common};
use crate::home::Home;
use crate::narrate::Names;
use crate::refusal;

/// A connection to the network that the arguments name.
pub(crate) struct Session {
    /// The node's API.
    pub(crate) client: Client,
    /// What the network started from.
    pub(crate) genesis: Genesis,
    /// Folder of the network's blobs.
    pub(crate) blobs: PathBuf,
}

impl Session {
    /// Connects, and makes sure that the node is of the network the folder is of.
    pub(crate) async fn connect(home: &Home) -> Result<Self> {
        let folder = home.network();
        let file = match NetworkFile::read(folder) {
            Err(FileError::Missing(_)) => {
                bail!("no network in {}: start one with `earnest devnet up`", folder.display())
            }
            read => read?,
        };
        let client = Client::new(&file.api)?;
        let view = match client.genesis().await {
            Err(ClientError::Unreachable { .. }) => bail!(
                "nobody answers at {}, where the network of {} was last: start it with `earnest devnet up`",
                file.api,
                folder.display()
            ),
            answered => answered?,
        };
        if view.chain != file.chain || view.genesis.chain_id() != file.chain {
            bail!("the node at {} is of another network than {}", file.api, folder.display());
        }
        Ok(Self { client, genesis: view.genesis, blobs: file.blobs })
    }

    /// Unlocks a wallet and uses its account on this network.
    pub(crate) async fn account(&self, home: &Home, wallet: &str) -> Result<Arc<Account>> {
        let signer = Arc::new(home.unlock(wallet)?);
        Ok(Arc::new(Account::connect(self.client.clone(), signer).await?))
    }

    /// The network's blob store.
    pub(crate) fn blobs(&self) -> Result<Blobs> {
        Ok(Blobs::folder(&self.blobs)?)
    }

    /// Everything an agent of a wallet's account needs here.
    pub(crate) async fn station(
        &self,
        home: &Home,
        wallet: &str,
        notices: &Notices,
    ) -> Result<(Station, Account)> {
        let signer = Arc::new(home.unlock(wallet)?);
        let account = Account::connect(self.client.clone(), signer.clone()).await?;
        let station = Station {
            client: self.client.clone(),
            folder: home.agent(account.id()),
            signer,
            blobs: self.blobs()?,
            worker: WorkerConfig::of_this_executable()?,
            notices: notices.clone(),
        };
        Ok((station, account))
    }

    /// The one job whose id begins like this.
    pub(crate) async fn job(&self, prefix: &str) -> Result<JobView> {
        if let Ok(id) = prefix.parse() {
            let found = self.client.job(id).await?;
            return found.with_context(|| format!("the ledger has no job {prefix}, or no longer"));
        }
        let mut found = self.client.all_jobs(&JobFilter::default()).await?;
        found.retain(|view| view.job.id.to_string().starts_with(prefix));
        match found.len() {
            0 => bail!("the ledger has no job whose id begins with {prefix:?}, or no longer"),
            1 => Ok(found.remove(0)),
            many => bail!("{many} jobs have an id that begins with {prefix:?}: write more of it"),
        }
    }

    /// The one job whose id begins so; without a name the latest of those submitted with keys that are
    /// here, or of all if there are none.
    pub(crate) async fn job_or_latest(&self, home: &Home, name: Option<&str>) -> Result<JobView> {
        if let Some(prefix) = name {
            return self.job(prefix).await;
        }
        let mine: Vec<AccountId> =
            home.wallets()?.iter().filter_map(|name| home.account(name).ok()).collect();
        let jobs = self.client.all_jobs(&JobFilter::default()).await?;
        let latest = jobs
            .into_iter()
            .max_by_key(|view| (mine.contains(&view.job.requester), view.job.submitted));
        latest.context("there is no job yet: submit one with `earnest job submit`")
    }

    /// Network time of the last block.
    pub(crate) async fn now(&self) -> Result<Time> {
        Ok(self.client.status().await?.time)
    }

    /// Every parameter in force, described.
    pub(crate) async fn parameter_table(&self) -> Result<Vec<ParameterView>> {
        let client = &self.client;
        Ok(every(|after| async move { client.parameters(after.as_deref(), PAGE).await }).await?)
    }

    /// The parameters in force: those the network started with, and what votes have changed since.
    pub(crate) async fn parameters(&self) -> Result<Parameters> {
        let start = self.genesis.parameters.table();
        let differs = |view: &ParameterView| {
            start.iter().any(|info| info.name == view.name && info.value != view.value)
        };
        let changes: Vec<ParameterChange> = self
            .parameter_table()
            .await?
            .into_iter()
            .filter(differs)
            .map(|view| ParameterChange { name: view.name, value: view.value })
            .collect();
        self.genesis.parameters.with(&changes).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            anyhow!("the parameters of the node are none: {}", faults.join("; "))
        })
    }

    /// The resource classes in force.
    pub(crate) async fn classes(&self) -> Result<Vec<Class>> {
        let client = &self.client;
        Ok(every(|after| async move { client.classes(after.as_deref(), PAGE).await }).await?)
    }

    /// The resource class of a name or number.
    pub(crate) async fn class(&self, name: &str) -> Result<Class> {
        let classes = self.classes().await?;
        let named = |class: &&Class| class.name == name || class.id.to_string() == name;
        match classes.iter().find(named) {
            Some(class) => Ok(class.clone()),
            None => {
                let names: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
                bail!(
                    "there is no resource class {name:?} on this network, but {}",
                    names.join(", ")
                )
            }
        }
    }

    /// Does what an account wants, unless the rules would refuse it: then it is told why before a fee is paid.
    pub(crate) async fn act(&self, home: &Home, account: &Account, action: Action) -> Result<Sent> {
        let status = self.client.status().await?;
        let foreseen = Transaction {
            chain: account.chain(),
            sender: account.id(),
            nonce: Nonce(0),
            expiry: status.height.plus(EXPIRY_BLOCKS),
            action: action.clone(),
        };
        if let Some(rejection) = self.client.foresee(&foreseen).await?.rejection {
            bail!(refusal::words(&rejection, &self.names(home)?, status.time));
        }
        Ok(account.send(action).await?)
    }

    /// What to call the accounts whose names are known here.
    pub(crate) fn names(&self, home: &Home) -> Result<Names> {
        let mut names = Names::default();
        for (account, name) in home.known()? {
            names.account(account, name);
        }
        Ok(names)
    }
}

/// Kept back when native tokens are bonded or sent, so that there is always a fee to get them back with: a
/// hundredth of a token pays for about a thousand transactions.
const FEE_RESERVE: Amount = Amount::new(10_000_000);

/// Makes sure that an account has what something costs, before a fee is paid for being told so.
pub(crate) async fn afford(
    account: &Account,
    wallet: &str,
    asset: Asset,
    amount: Amount,
) -> Result<()> {
    let balances = account.client().account(account.id()).await?.balances;
    if amount.is_zero() {
        bail!("the amount is zero: name one above zero");
    }
    let (native, has) = (balances.of(protocol::NATIVE), balances.of(asset.id()));
    if native.is_zero() {
        bail!(
            "{wallet} has no {}, and every transaction costs a fee in it: on a devnet, \
             `earnest devnet fund {wallet}`",
            Asset::Native.symbol()
        );
    }
    let reserve = if asset == Asset::Native { FEE_RESERVE } else { Amount::ZERO };
    let missing = amount.saturating_sub(has.saturating_sub(reserve));
    if !missing.is_zero() {
        let kept = if reserve.is_zero() {
            String::new()
        } else {
            format!(", {} are kept for fees", asset.show(reserve))
        };
        bail!(
            "{wallet} has {}{kept}, this needs {}: {} more",
            asset.show(has),
            asset.show(amount),
            asset.show(missing)
        );
    }
    Ok(())
}

/// Makes sure that the account of a wallet is an operator with these duties among its own.
pub(crate) async fn ensure_duties(account: &Account, wallet: &str, wanted: Duties) -> Result<()> {
    let Some(view) = account.client().operator(account.id()).await? else {
        bail!("{wallet} has no bond yet: put one up with `earnest stake bond {wallet} AMOUNT`");
    };
    let have = view.operator.duties;
    let duties = Duties {
        provider: have.provider || wanted.provider,
        validator: have.validator || wanted.validator,
    };
    if duties != have {
        account.send(Action::SetDuties { duties }).await?;
    }
    Ok(())
}

/// Items asked for in one page.
pub(crate) const PAGE: usize = 200;

/// Every item of a list, page by page.
pub(crate) async fn every<T, F>(page: impl Fn(Option<String>) -> F) -> Result<Vec<T>, ClientError>
where
    F: Future<Output = Result<Page<T>, ClientError>>,
{
    let mut items = Vec::new();
    let mut after = None;
    loop {
        let read = page(after).await?;
        items.extend(read.items);
        after = read.next;
        if after.is_none() {
            return Ok(items);
        }
    }
}

/// Asks on the terminal whether to go on.
pub(crate) fn confirm(common: &Common, question: &str) -> Result<()> {
    if common.yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        bail!("{question} There is no terminal to ask: say yes with -y");
    }
    let mut stderr = std::io::stderr();
    write!(stderr, "{question} [y/N] ")?;
    stderr.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if !matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        bail!("nothing was sent");
    }
    Ok(())
}

/// Reads `PARAMETER=VALUE` of each.
pub(crate) fn assignments(set: &[String]) -> Result<Vec<(&str, &str)>> {
    let refused =
        |text: &str| anyhow!("{text:?} sets nothing: write PARAMETER=VALUE, as in margin=150%");
    set.iter()
        .map(|text| text.split_once('=').ok_or_else(|| refused(text)))
        .map(|halves| halves.map(|(name, value)| (name.trim(), value.trim())))
        .collect()
}
