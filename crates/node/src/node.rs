//! A running node.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::{BindError, Client, Server, ServerConfig};
use ledger::{Config, Ledger, LedgerHandle, Limits, Pacing, Stopped};
use machine::limits as machine_limits;
use protocol::{ChainId, Genesis, GenesisFault, Hash, Parameters};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::backend::NodeBackend;
use crate::files::{self, BLOBS_FOLDER, FileError, GENESIS_FILE, LEDGER_FOLDER, NetworkFile};
use crate::referee::bounds;
use crate::rules::Rules;

/// How a node runs.
#[derive(Clone, Debug)]
pub struct NodeConfig {
    /// The folder that holds everything. Created if missing; used by one node at a time.
    pub directory: PathBuf,
    /// What the chain started from, or starts from if the folder is new.
    pub genesis: Genesis,
    /// Where the API listens.
    pub api: ServerConfig,
    /// How fast blocks follow each other.
    pub pacing: Pacing,
}

impl NodeConfig {
    /// A node of this network, with its API on a free port of this machine.
    pub fn new(directory: impl Into<PathBuf>, genesis: Genesis) -> Self {
        let (directory, api) = (directory.into(), ServerConfig::loopback(0));
        Self { directory, genesis, api, pacing: Pacing::default() }
    }

    /// A node of the network that the folder belongs to.
    ///
    /// # Errors
    ///
    /// No node was ever started there, or its genesis file is damaged.
    pub fn open(directory: impl Into<PathBuf>) -> Result<Self, FileError> {
        let directory = directory.into();
        let genesis = files::read_genesis(&directory.join(GENESIS_FILE))?;
        Ok(Self::new(directory, genesis))
    }
}

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder cannot be made.
    #[error("the folder {} cannot be created", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file of the folder.
    #[error(transparent)]
    File(#[from] FileError),
    /// The folder belongs to another network.
    #[error(
        "the folder {} belongs to network {found}, not to {expected}: choose another folder", .folder.display()
    )]
    OtherNetwork {
        /// The folder.
        folder: PathBuf,
        /// Its network.
        found: ChainId,
        /// The one to be started.
        expected: ChainId,
    },
    /// The genesis contradicts itself.
    #[error("the genesis is invalid")]
    Genesis(#[from] GenesisFault),
    /// The parameters promise what this node's parts do not do.
    #[error("the parameters set {parameter} to {value}, this node takes at most {limit}")]
    Beyond {
        /// Name of the parameter.
        parameter: &'static str,
        /// Its value.
        value: u64,
        /// The most that works.
        limit: u64,
    },
    /// Less judging is allowed than one step may take.
    #[error("the parameters set judge_units_max to {value}; judging one step may take {needed}")]
    CannotJudge {
        /// Its value.
        value: u64,
        /// The least that works.
        needed: u64,
    },
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] ledger::StartError),
    /// The API.
    #[error(transparent)]
    Api(#[from] BindError),
}

/// A running node: the ledger with the rules, and the API in front of it.
pub struct Node {
    rules: Rules,
    ledger: LedgerHandle<Rules>,
    server: Server,
    heads: Heads,
    network: NetworkFile,
}

impl Node {
    /// Starts a network of one validator, or goes on with the one in the folder.
    ///
    /// # Errors
    ///
    /// See [`StartError`]; nothing runs then.
    pub async fn start(config: NodeConfig) -> Result<Self, StartError> {
        check_limits(&config.genesis.parameters)?;
        let rules = Rules::new(config.genesis)?;
        let directory = prepare_folder(&config.directory, rules.chain())?;
        let ledger = start_ledger(&directory, rules.clone(), config.pacing).await?;
        let heads = Heads::follow(ledger.clone());
        let backend = NodeBackend::new(rules.clone(), ledger.clone(), heads.receiver.clone());
        let started = open(&directory, &rules, &ledger, config.api, backend).await;
        let (server, network) = match started {
            Ok(started) => started,
            Err(error) => {
                drop(heads);
                stop_ledger(ledger).await;
                return Err(error);
            }
        };
        tracing::info!(api = network.api, chain = %network.chain, "the node runs");
        Ok(Self { rules, ledger, server, heads, network })
    }

    /// How to reach it; also in the folder's `network.toml`.
    pub fn network(&self) -> &NetworkFile {
        &self.network
    }

    /// A client of its API.
    pub fn client(&self) -> Client {
        Client::new(&self.network.api).expect("the server gave out its own address")
    }

    /// The identity of its chain.
    pub fn chain(&self) -> ChainId {
        self.rules.chain()
    }

    /// Its ledger.
    pub fn ledger(&self) -> &LedgerHandle<Rules> {
        &self.ledger
    }

    /// Returns when the ledger has stopped, with the reason. A node whose ledger stopped answers
    /// what it knows and takes nothing new: shut it down.
    pub async fn stopped(&self) -> Stopped {
        self.ledger.stopped().await
    }

    /// Stops: no more requests, then the ledger. The folder is free when this returns.
    pub async fn shutdown(self) {
        self.server.stop().await;
        drop(self.heads);
        stop_ledger(self.ledger).await;
    }
}

/// Tells everybody who waits that a block is final. Dropping it ends that.
struct Heads {
    receiver: watch::Receiver<u64>,
    task: JoinHandle<()>,
}

impl Heads {
    fn follow(ledger: LedgerHandle<Rules>) -> Self {
        let (sender, receiver) = watch::channel(ledger.tip().header.height);
        let task = tokio::spawn(async move {
            let mut height = *sender.borrow();
            while let Ok(tip) = ledger.reach(height + 1).await {
                height = tip.header.height;
                sender.send_replace(height);
            }
        });
        Self { receiver, task }
    }
}

impl Drop for Heads {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Refuses parameters that the machine, the ledger or the API would not carry out.
pub(crate) fn check_limits(parameters: &Parameters) -> Result<(), StartError> {
    let within = |parameter, value: u64, limit: u64| {
        if value > limit { Err(StartError::Beyond { parameter, value, limit }) } else { Ok(()) }
    };
    let body = api::limits::BODY_BYTES_MAX as u64;
    within("transaction_bytes_max", parameters.transaction_bytes_max, body)?;
    let source = machine_limits::SOURCE_BYTES_MAX as u64;
    within("program_bytes_max", parameters.program_bytes_max, source)?;
    let proof = machine_limits::PROOF_BYTES_MAX as u64;
    within("evidence_bytes_max", parameters.evidence_bytes_max, proof)?;
    within("steps_max", parameters.steps_max, machine_limits::STEPS_MAX)?;
    within("meter_max", parameters.meter_max, machine_limits::METER_MAX)?;
    within("memory_max", parameters.memory_max, machine_limits::MEMORY_BYTES_MAX)?;
    within("input_bytes_max", parameters.input_bytes_max, machine_limits::CONTENT_BYTES_MAX)?;
    let (value, needed) = (parameters.judge_units_max, bounds(1, 1).meter_per_step);
    if value < needed { Err(StartError::CannotJudge { value, needed }) } else { Ok(()) }
}

/// Creates the folder and the blobs' in it, and refuses the one of another network.
fn prepare_folder(directory: &Path, expected: ChainId) -> Result<PathBuf, StartError> {
    let folder = directory.to_owned();
    let failed = |source| StartError::Folder { folder: directory.to_owned(), source };
    fs::create_dir_all(folder.join(BLOBS_FOLDER)).map_err(failed)?;
    let folder = folder.canonicalize().map_err(failed)?;
    match files::read_genesis(&folder.join(GENESIS_FILE)) {
        Ok(genesis) if genesis.chain_id() != expected => {
            Err(StartError::OtherNetwork { folder, found: genesis.chain_id(), expected })
        }
        Ok(_) | Err(FileError::Missing(_)) => Ok(folder),
        Err(error) => Err(error.into()),
    }
}

fn ledger_limits(parameters: &Parameters) -> Limits {
    let limits = Limits::default();
    let transaction_bytes =
        u32::try_from(parameters.transaction_bytes_max).expect("checked against the API's limit");
    Limits {
        transaction_bytes,
        block_bytes: limits.block_bytes.max(transaction_bytes),
        block_work: parameters.judge_units_per_block,
        ..limits
    }
}

async fn start_ledger(
    directory: &Path,
    rules: Rules,
    pacing: Pacing,
) -> Result<LedgerHandle<Rules>, StartError> {
    let limits = ledger_limits(&rules.genesis().parameters);
    let config = Config { limits, pacing, ..Config::embedded(directory.join(LEDGER_FOLDER)) };
    // Loading the state blocks the thread.
    let started = tokio::task::spawn_blocking(move || Ledger::start(config, rules)).await;
    Ok(started.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?)
}

async fn stop_ledger(ledger: LedgerHandle<Rules>) {
    let stopped = tokio::task::spawn_blocking(move || ledger.shutdown()).await;
    if let Err(error) = stopped {
        tracing::error!(%error, "the ledger did not stop well");
    }
}

async fn open(
    directory: &Path,
    rules: &Rules,
    ledger: &LedgerHandle<Rules>,
    api: ServerConfig,
    backend: NodeBackend,
) -> Result<(Server, NetworkFile), StartError> {
    let server = Server::start(api, Arc::new(backend)).await?;
    match write_files(directory, rules, ledger, &server) {
        Ok(network) => Ok((server, network)),
        Err(error) => {
            server.stop().await;
            Err(error.into())
        }
    }
}

fn write_files(
    directory: &Path,
    rules: &Rules,
    ledger: &LedgerHandle<Rules>,
    server: &Server,
) -> Result<NetworkFile, FileError> {
    let genesis_path = directory.join(GENESIS_FILE);
    if !genesis_path.exists() {
        files::write_genesis(&genesis_path, rules.genesis())?;
    }
    let network = NetworkFile {
        name: rules.genesis().chain_name.clone(),
        chain: rules.chain(),
        api: server.url(),
        blobs: directory.join(BLOBS_FOLDER),
        validators: ledger.trust().vote_keys.into_iter().map(Hash).collect(),
    };
    network.write(directory)?;
    Ok(network)
}
