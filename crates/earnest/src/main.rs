//! The command line: parses, wires the rooms, prints. It holds no rule and no plan of its own.

mod books;
mod cast;
mod check;
mod cli;
mod commands;
mod demo;
mod exit;
mod follow;
mod home;
mod jobfile;
mod money;
mod narrate;
mod output;
mod quantity;
mod refusal;

use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser};

use cli::{Cli, Noun};
use home::Home;

fn main() -> ExitCode {
    // The machine runs programs of strangers in children that are this very executable.
    machine::worker::serve_if_requested();
    let cli = Cli::parse();
    log_to_stderr();
    std::panic::set_hook(Box::new(|panic| output::say(broken(panic))));
    match start(cli) {
        Ok(code) => code,
        Err(error) => {
            output::say(format_args!("error: {}", explained(&error)));
            ExitCode::from(exit::code(&error))
        }
    }
}

fn start(cli: Cli) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let code = runtime.block_on(run(cli));
    // A run in a child that was asked to stop is not waited for.
    runtime.shutdown_background();
    code
}

async fn run(cli: Cli) -> Result<ExitCode> {
    let common = cli.common;
    let home = Home::resolve(&common)?;
    match cli.noun {
        Noun::Demo(arguments) => return demo::run(&arguments, &common).await,
        Noun::Devnet(command) => commands::devnet::run(command, &common, &home).await?,
        Noun::Wallet(command) => commands::wallet::run(command, &common, &home).await?,
        Noun::Stake(command) => commands::stake::run(command, &common, &home).await?,
        Noun::Access(command) => commands::access::run(command, &common, &home).await?,
        Noun::Provider(command) => commands::provider::run(command, &common, &home).await?,
        Noun::Validator(command) => commands::validator::run(command, &home).await?,
        Noun::Job(command) => commands::job::run(command, &common, &home).await?,
        Noun::Proposal(command) => commands::proposal::run(command, &common, &home).await?,
        Noun::Price(command) => commands::price::run(command, &common, &home).await?,
        Noun::Node(command) => commands::node::run(command, &common, &home).await?,
        Noun::Completion { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "earnest", &mut std::io::stdout());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Logs go to standard error, and only if somebody asks with `RUST_LOG`.
fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

/// What is said when a thread ends where it must not: storage that fails ends the ledger, because going on
/// could lose what was acknowledged.
fn broken(panic: &std::panic::PanicHookInfo<'_>) -> String {
    let what = panic.payload_as_str().unwrap_or("no reason given");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    format!(
        "error: stopped short: {what} ({place})\n\
         A disk that is full or fails is the likely reason; otherwise this is a defect: please report it. What \
         was acknowledged is on disk: make room and start again."
    )
}

/// The error with every cause that adds something.
fn explained(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        let cause = cause.trim_end();
        if text.contains(cause) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(cause);
    }
    text
}
