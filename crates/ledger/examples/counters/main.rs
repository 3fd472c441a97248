//! Runs the counters on a ledger and keeps adding to them, printing what is acknowledged.
//!
//! ```text
//! counters <directory> <senders> [large]
//! ```
//!
//! Every line `ack <sender> <nonce>` means: this transaction is final and durable. Kill the process
//! whenever you like; started again, nothing that was printed is missing. Each sender continues
//! where the ledger says it is.

#[allow(dead_code, reason = "the tests use more of it")]
mod application;

use std::{
    env,
    error::Error,
    io::{Write as _, stdout},
    path::Path,
};

use application::{Counters, Transaction};
use ledger::{Application as _, Config, Ledger, LedgerHandle};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().collect();
    let [_, directory, senders, rest @ ..] = arguments.as_slice() else {
        return Err("usage: counters <directory> <senders> [large]".into());
    };
    let senders: u8 = senders.parse()?;
    let blob = if rest.is_empty() { 0 } else { 5_000 };
    let ledger = Ledger::start(Config::embedded(Path::new(directory)), Counters::default())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        let adders = (1..=senders).map(|sender| add_forever(&ledger, [sender; 32], blob));
        futures::future::try_join_all(adders).await.map(drop)
    })
}

async fn add_forever(
    ledger: &LedgerHandle<Counters>,
    sender: [u8; 32],
    blob: usize,
) -> Result<(), Box<dyn Error>> {
    let mut nonce = Counters::default().nonce(&ledger.tip().state, &sender);
    loop {
        // Every blob differs in size, so records come and go.
        let size = if blob == 0 { 0 } else { 2 + usize::try_from(nonce * 997)? % blob };
        let transaction = Transaction { blob: vec![7; size], ..Transaction::one(sender, nonce) };
        let id = ledger.submit(transaction.encode()).await?;
        ledger.wait(&id).await?;
        writeln!(stdout().lock(), "ack {} {nonce}", sender[0])?;
        nonce += 1;
    }
}
