//! What can be typed: nouns, verbs and their arguments.

mod network;
mod staking;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use network::{Node, Price, Proposal, Vote};
pub(crate) use staking::{Access, Device, Provider, Stake};

/// Compute you can hold to account: stake, run, prove, slash, pay.
#[derive(Debug, Parser)]
#[command(name = "earnest", version, about, disable_help_subcommand = true, after_help = AFTER)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) noun: Noun,
}

/// What `--help` ends with.
const AFTER: &str = "\
Begin with:
  earnest demo                     a whole network, four jobs, one cheat, in a minute
  earnest devnet up                a network of your own that stays
  earnest wallet new me            a key; then `earnest devnet fund me`
  earnest job run                  runs the job of ./job.toml and fetches its result

Environment:
  EARNEST_PASSPHRASE  passphrase of key files, instead of asking for it
  NO_COLOR            no colours
  RUST_LOG            a log on standard error, for example RUST_LOG=info

Exit codes:
  0    done
  1    failed or refused; standard error says what, why and what to do
  2    the command line is wrong
  3    the job ended without a result
  130  interrupted while waiting; what was waited for goes on";

/// Arguments that every command takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Common options")]
pub(crate) struct Common {
    /// Folder with wallets and networks [default: ~/.earnest].
    #[arg(long, global = true, env = "EARNEST_HOME", value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// Folder of the network to talk to [default: HOME/devnet].
    #[arg(long, global = true, env = "EARNEST_NETWORK", value_name = "DIR")]
    pub(crate) network: Option<PathBuf>,
    /// How results are printed on standard output; everything else goes to standard error.
    #[arg(long, global = true, value_enum, default_value_t = Output::Table)]
    pub(crate) output: Output,
    /// Answer yes to every question.
    #[arg(short, long, global = true)]
    pub(crate) yes: bool,
}

/// Form of the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Table,
    /// For programs: one JSON document.
    Json,
}

/// What a command is about.
#[derive(Debug, Subcommand)]
pub(crate) enum Noun {
    /// Start a whole network in this process, run four real jobs through it and show every step.
    Demo(DemoArgs),
    /// Keep a network of your own on this machine.
    #[command(subcommand)]
    Devnet(Devnet),
    /// Keys: create, restore, show, pay.
    #[command(subcommand)]
    Wallet(Wallet),
    /// Collateral: bond it or delegate it, earn with it, let it leave, see it.
    #[command(subcommand)]
    Stake(Stake),
    /// Access stake: turns for your jobs, and credit against the protocol's take.
    #[command(subcommand)]
    Access(Access),
    /// Offer compute and run jobs.
    #[command(subcommand)]
    Provider(Provider),
    /// Audit results and challenge wrong ones.
    #[command(subcommand)]
    Validator(Validator),
    /// Have a program run, and hold its provider to account.
    #[command(subcommand)]
    Job(Job),
    /// Change the rules' own numbers: propose, vote, see how it stands.
    #[command(subcommand)]
    Proposal(Proposal),
    /// What a token counts for as collateral.
    #[command(subcommand)]
    Price(Price),
    /// Look at the node of a network and at the rules in force.
    #[command(subcommand)]
    Node(Node),
    /// Print the completion script of a shell.
    Completion {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// Arguments of the demo.
#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// Who breaks the rules, and how.
    #[arg(long, value_enum, default_value_t = Villain::WrongStep)]
    pub(crate) dishonest: Villain,
    /// A CSV file to aggregate instead of the generated one.
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    /// Column to group the CSV file by [default: its first].
    #[arg(long, value_name = "COLUMN", requires = "csv")]
    pub(crate) group_by: Option<String>,
    /// Columns to aggregate [default: every column whose first value is a number].
    #[arg(long, value_name = "COLUMN", requires = "csv", value_delimiter = ',')]
    pub(crate) values: Vec<String>,
}

/// The demo's villain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Villain {
    /// Everybody is honest.
    None,
    /// A provider flips the sign of one number in one step of one job.
    WrongStep,
    /// A provider takes a job and is never heard of again.
    Silent,
    /// A provider reveals a result and withholds the data behind it.
    WithholdData,
    /// An auditor answers without having worked.
    LazyAuditor,
    /// A challenger accuses an honest provider with made-up evidence.
    FalseChallenger,
}

/// A network on this machine.
#[derive(Debug, Subcommand)]
pub(crate) enum Devnet {
    /// Start it, or start it again, and keep it running until interrupted.
    Up {
        /// Port of the HTTP API on 127.0.0.1.
        #[arg(long, default_value_t = 7878)]
        port: u16,
        /// Providers that run in this process.
        #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(0..=8))]
        providers: u8,
        /// Validators that run in this process.
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=8))]
        validators: u8,
        /// Start a new network with another value of a parameter, in its unit; see `earnest node parameters`.
        #[arg(long, value_name = "PARAMETER=VALUE")]
        set: Vec<String>,
    },
    /// Send an account of yours something to start with, from the network's faucet.
    Fund {
        /// Wallet name or address.
        to: String,
        /// Native tokens.
        #[arg(long, default_value = "10000")]
        native: String,
        /// Stable dollars.
        #[arg(long, default_value = "10000")]
        stable: String,
    },
}

/// Keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Wallet {
    /// Create a key, or restore one from its 24 words.
    New {
        /// Name of the key file.
        name: String,
        /// Ask for 24 words instead of making new ones.
        #[arg(long)]
        restore: bool,
    },
    /// Show an account: address, balances, bond.
    Show {
        /// Wallet name or address; all wallets if absent.
        name: Option<String>,
    },
    /// Pay somebody; asks before it does.
    Send {
        /// Wallet to pay from.
        from: String,
        /// Wallet name or address to pay to.
        to: String,
        /// How much, for example 12.5.
        #[arg(allow_negative_numbers = true)]
        amount: String,
        /// Which asset.
        #[arg(long, value_enum, default_value_t = Asset::Stable)]
        asset: Asset,
    },
}

/// An asset of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Asset {
    /// The staking token.
    Native,
    /// The dollar-pegged unit jobs are paid in.
    Stable,
}

/// Auditing.
#[derive(Debug, Subcommand)]
pub(crate) enum Validator {
    /// Register if needed, audit when drawn and challenge what is wrong, until interrupted.
    Run {
        /// Wallet name; its account must have a bond.
        wallet: String,
        /// Which results to re-execute.
        #[arg(long, value_enum, default_value_t = Watch::Drawn)]
        watch: Watch,
    },
}

/// Which results an auditor re-executes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Watch {
    /// Those it was drawn for.
    Drawn,
    /// Every revealed result: one honest party is enough.
    All,
}

/// Jobs.
#[derive(Debug, Subcommand)]
pub(crate) enum Job {
    /// Submit a job and return at once.
    Submit(JobArgs),
    /// Submit a job, follow it to its end and fetch its output.
    Run {
        #[command(flatten)]
        job: JobArgs,
        /// Where to write the output and the receipt [default: beside the job file].
        #[arg(long, value_name = "DIR")]
        into: Option<PathBuf>,
    },
    /// Show a job, or the latest ones.
    Status {
        /// Job id or the beginning of one; a list of jobs if absent.
        job: Option<String>,
        /// Only jobs of this wallet or address.
        #[arg(long)]
        account: Option<String>,
    },
    /// Say what a job is waiting for, until when, and what happens otherwise.
    Explain {
        /// Job id or the beginning of one [default: the latest job of your wallets].
        job: Option<String>,
    },
    /// Fetch the output of a finished job, check it and write its receipt.
    Fetch {
        /// Job id or the beginning of one [default: the latest job of your wallets].
        job: Option<String>,
        /// Where to write [default: the current folder].
        #[arg(long, value_name = "DIR")]
        into: Option<PathBuf>,
    },
    /// Check a receipt and its output without any network.
    Verify {
        /// The receipt file.
        receipt: PathBuf,
        /// The output file [default: the one beside the receipt].
        #[arg(long, value_name = "FILE")]
        result: Option<PathBuf>,
        /// Also run the job again, with this module, and compare every step.
        #[arg(long, value_name = "FILE")]
        program: Option<PathBuf>,
        /// The job's input, for running it again.
        #[arg(long, value_name = "FILE", requires = "program")]
        input: Option<PathBuf>,
        /// The `network.toml` of the network whose validators are believed [default: that of the network's folder].
        #[arg(long, value_name = "FILE")]
        trust: Option<PathBuf>,
    },
    /// Run a job on this machine only and say how its steps measure up; nothing is sent anywhere.
    Check {
        /// The job file.
        #[arg(short, long, value_name = "FILE", default_value = "job.toml")]
        file: PathBuf,
    },
}

/// Which job to submit.
#[derive(Args, Debug)]
pub(crate) struct JobArgs {
    /// The job file.
    #[arg(short, long, value_name = "FILE", default_value = "job.toml")]
    pub(crate) file: PathBuf,
    /// Wallet that pays [default: the only one there is].
    #[arg(long, value_name = "NAME")]
    pub(crate) wallet: Option<String>,
    /// Say what would be submitted and what it would cost, and stop.
    #[arg(long)]
    pub(crate) dry_run: bool,
}
