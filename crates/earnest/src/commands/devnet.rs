//! `earnest devnet`: a network of your own on this machine, kept on disk.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use ::node::presets::{self, Funding};
use ::node::{GENESIS_FILE, Node, NodeConfig};
use agents::account::Account;
use agents::notice::Notices;
use agents::stop::StopSwitch;
use anyhow::{Context, Result, anyhow, bail};
use api::ServerConfig;
use protocol::{Action, Amount, Holdings, Parameters};
use serde_json::json;
use tokio::task::JoinHandle;
use wallet::{FileError, LocalSigner, Passphrase, Seed, keyfile};

use super::{Session, afford, assignments};
use crate::cast::{Member, Part, Stake, Troupe, enrol};
use crate::cli::{Asset, Common, Devnet, Output};
use crate::follow::{self, Teller};
use crate::home::{DEVNET_PASSPHRASE, Home, KEYS_FOLDER, address};
use crate::narrate::Names;
use crate::output::{self, say};
use crate::quantity;

/// What everybody but the faucet starts with: whole tokens and whole dollars.
const MEMBER_FUNDS: (u64, u64) = (100_000, 100_000);

/// What the faucet gives from: whole tokens and whole dollars.
const FAUCET_FUNDS: (u64, u64) = (100_000_000, 100_000_000);

/// Name of the key that gives out the first tokens.
const FAUCET: &str = "faucet";

/// Names made at the first start, so that later starts may run more of them.
const MEMBERS_MADE: u8 = 8;

/// Runs a devnet command.
pub(crate) async fn run(command: Devnet, common: &Common, home: &Home) -> Result<()> {
    match command {
        Devnet::Up { port, providers, validators, set } => {
            up(port, (providers, validators), &set, home).await
        }
        Devnet::Fund { to, native, stable } => {
            fund(&to, [(Asset::Native, native), (Asset::Stable, stable)], common, home).await
        }
    }
}

async fn up(
    port: u16,
    (providers, validators): (u8, u8),
    set: &[String],
    home: &Home,
) -> Result<()> {
    // Listening from the first moment on: whoever interrupts a start is not ignored and breaks nothing.
    let interrupted = tokio::spawn(follow::interrupted());
    let folder = home.network();
    let members = members(folder)?;
    let mut config = config(folder, &members, set)?;
    config.api = ServerConfig { address: SocketAddr::from(([127, 0, 0, 1], port)), ..config.api };
    let node = Node::start(config).await?;
    say(format_args!("network  {} in {}", node.network().name, folder.display()));
    say(format_args!("api      {}", node.network().api));
    say("faucet   earnest devnet fund WALLET");
    let worked = work(&node, choose(members, providers, validators), home, interrupted).await;
    node.shutdown().await;
    worked?;
    say("stopped");
    Ok(())
}

/// Has the members work until somebody interrupts or the ledger stops.
async fn work(
    node: &Node,
    members: Vec<Member>,
    home: &Home,
    interrupted: JoinHandle<()>,
) -> Result<()> {
    let (client, blobs) = (node.client(), node.network().blobs.clone());
    for member in &members {
        let account = member.account(&client).await?;
        enrol(&account, member.part, STAKE).await?;
    }
    let count = |part| members.iter().filter(|member| member.part == part).count();
    say(format_args!(
        "members  {} provider(s) and {} validator(s) work in this process; Ctrl-C stops",
        count(Part::Provider),
        count(Part::Validator)
    ));
    let (switch, stop) = StopSwitch::new();
    let since = client.status().await?.cursor;
    let (teller, notices) = (Teller::new(Names::default()).at(home), Notices::default());
    let telling = teller.events(client.clone(), since, None, stop.clone());
    let showing = teller.runs(&notices, stop.clone());
    let folders = home.network().join("agents");
    let troupe = Troupe::start(&client, &blobs, &folders, &notices, &stop, members).await?;
    let stopped = tokio::select! {
        _ = interrupted => None,
        stopped = node.stopped() => Some(stopped),
    };
    say("stopping: finishing what is open");
    switch.stop();
    troupe.ended().await?;
    showing.await?;
    telling.await?;
    stopped.map_or(Ok(()), |stopped| bail!("the ledger stopped by itself: {stopped}"))
}

/// What each member puts up: enough for a dozen ordinary jobs at once.
const STAKE: Stake =
    Stake { native: Amount::new(50_000_000_000_000), stable: Amount::new(50_000_000_000) };

/// The genesis of the folder, or a new one that funds the members and has some parameters set.
fn config(folder: &Path, members: &[Member], set: &[String]) -> Result<NodeConfig> {
    if folder.join(GENESIS_FILE).exists() {
        if !set.is_empty() {
            bail!(
                "the network in {} exists, and its parameters change by proposal only: leave out --set, or name another folder with --network",
                folder.display()
            );
        }
        return Ok(NodeConfig::open(folder)?);
    }
    let funding = |member: &Member| {
        let (tokens, dollars) =
            if member.part == Part::Faucet { FAUCET_FUNDS } else { MEMBER_FUNDS };
        Funding::whole(member.id(), tokens, dollars)
    };
    let funded: Vec<Funding> = members.iter().map(funding).collect();
    let mut genesis = presets::devnet(None, &funded);
    genesis.parameters = with(genesis.parameters, set)?;
    Ok(NodeConfig::new(folder, genesis))
}

/// The parameters with these set, as at genesis: also those that nothing changes later.
fn with(parameters: Parameters, set: &[String]) -> Result<Parameters> {
    let mut json = serde_json::to_value(&parameters)?;
    for (name, value) in assignments(set)? {
        let table = parameters.table();
        let Some(info) = table.into_iter().find(|info| info.name == name) else {
            bail!("there is no parameter {name:?}: `earnest node parameters` lists all");
        };
        let value = quantity::parse(value, info.unit)?;
        json[name] = match &json[name] {
            serde_json::Value::String(_) => json!(value),
            _ => {
                json!(u64::try_from(value.units()).with_context(|| format!("{name} is too large"))?)
            }
        };
    }
    let parameters: Parameters = serde_json::from_value(json)?;
    parameters.validate().map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow!("the parameters are refused: {}", faults.join("; "))
    })?;
    Ok(parameters)
}

/// The devnet's own keys, made at the first start.
fn members(folder: &Path) -> Result<Vec<Member>> {
    let mut members = vec![member(folder, FAUCET, Part::Faucet)?];
    for number in 1..=MEMBERS_MADE {
        members.push(member(folder, &format!("provider-{number}"), Part::Provider)?);
        members.push(member(folder, &format!("validator-{number}"), Part::Validator)?);
    }
    Ok(members)
}

fn member(folder: &Path, name: &str, part: Part) -> Result<Member> {
    let keys = folder.join(KEYS_FOLDER);
    std::fs::create_dir_all(&keys)
        .with_context(|| format!("cannot create the folder {}", keys.display()))?;
    let path = keys.join(format!("{name}.key"));
    let passphrase = Passphrase::new(DEVNET_PASSPHRASE.to_owned())?;
    // Looking first: a disk that is full must not keep anybody from using a key that is there.
    if !path.exists() {
        match keyfile::create(&path, &Seed::random(), &passphrase, keyfile::WorkFactor::INSTANT) {
            Ok(_) | Err(keyfile::KeyFileError::File(FileError::Exists { .. })) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let signer: Arc<LocalSigner> = Arc::new(keyfile::open(&path, &passphrase)?);
    Ok(Member { name: name.to_owned(), part, signer })
}

/// The first so many of each.
fn choose(members: Vec<Member>, providers: u8, validators: u8) -> Vec<Member> {
    let first = |part, count: u8| {
        members.iter().filter(move |member| member.part == part).take(usize::from(count)).cloned()
    };
    first(Part::Provider, providers).chain(first(Part::Validator, validators)).collect()
}

async fn fund(to: &str, amounts: [(Asset, String); 2], common: &Common, home: &Home) -> Result<()> {
    let receiver = home.account(to)?;
    let mut given = Vec::new();
    for (asset, amount) in amounts {
        given.push((asset, asset.parse(&amount)?));
    }
    given.retain(|(_, amount)| !amount.is_zero());
    let session = Session::connect(home).await?;
    let faucet = member(home.network(), FAUCET, Part::Faucet)?;
    let account = Account::connect(session.client.clone(), faucet.signer).await?;
    for (asset, amount) in &given {
        afford(&account, FAUCET, *asset, *amount).await?;
    }
    for (asset, amount) in &given {
        let action = Action::Transfer { to: receiver, asset: asset.id(), amount: *amount };
        account.send(action).await?;
    }
    if common.output == Output::Json {
        let given: Holdings =
            given.into_iter().map(|(asset, amount)| (asset.id(), amount)).collect();
        return output::json(&json!({"to": address(receiver).to_string(), "given": given}));
    }
    let words: Vec<String> = given.iter().map(|(asset, amount)| asset.show(*amount)).collect();
    output::line(format!("{} given to {to}", words.join(" and ")))
}
