//! Measures an embedded ledger on this machine: latency, throughput, and what it costs idle.
//!
//! ```text
//! measure [seconds idle] [transactions]
//! ```

#[allow(dead_code, reason = "others use more of it")]
#[path = "counters/application.rs"]
mod application;

use std::{
    env,
    error::Error,
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use application::{Counters, Transaction};
use futures::{executor::block_on, future::try_join_all};
use ledger::{Config, Ledger, LedgerHandle};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1).map(|text| text.parse::<u64>());
    let idle = arguments.next().transpose()?.unwrap_or(20);
    let transactions = arguments.next().transpose()?.unwrap_or(50_000);
    let directory = tempfile::tempdir()?;
    let ledger = Ledger::start(Config::embedded(directory.path()), Counters::default())?;
    measure_idle(&ledger, directory.path(), idle)?;
    measure_latency(&ledger)?;
    measure_throughput(&ledger, transactions)?;
    println!("resident after load: {} MB", resident_mb()?);
    println!("disk after load: {} kB", disk_bytes(directory.path())? / 1_000);
    let start = Instant::now();
    ledger.shutdown();
    println!("shutdown: {:?}", start.elapsed());
    let start = Instant::now();
    let ledger = Ledger::start(Config::embedded(directory.path()), Counters::default())?;
    println!("restart: {:?} to height {}", start.elapsed(), ledger.tip().header.height);
    Ok(())
}

fn measure_idle(
    ledger: &LedgerHandle<Counters>,
    directory: &Path,
    seconds: u64,
) -> Result<(), Box<dyn Error>> {
    thread::sleep(Duration::from_secs(3));
    let before = (processor_seconds()?, disk_bytes(directory)?, ledger.tip().header.height);
    thread::sleep(Duration::from_secs(seconds));
    let after = (processor_seconds()?, disk_bytes(directory)?, ledger.tip().header.height);
    let blocks = after.2 - before.2;
    println!("idle: {:.2} % of one core", 100.0 * (after.0 - before.0) / seconds as f64);
    println!("idle: {blocks} blocks, resident {} MB", resident_mb()?);
    let growth = after.1.saturating_sub(before.1);
    println!("idle: disk grows {} kB per hour", growth * 3_600 / seconds / 1_000);
    Ok(())
}

fn measure_latency(ledger: &LedgerHandle<Counters>) -> Result<(), Box<dyn Error>> {
    let mut latencies = Vec::new();
    for nonce in 0..100 {
        thread::sleep(Duration::from_millis(50));
        let start = Instant::now();
        block_on(async {
            let id = ledger.submit(Transaction::one([200; 32], nonce).encode()).await?;
            ledger.wait(&id).await?;
            Ok::<_, Box<dyn Error>>(())
        })?;
        latencies.push(start.elapsed());
    }
    latencies.sort();
    println!("submit to final: p50 {:?}, p99 {:?}", latencies[50], latencies[98]);
    Ok(())
}

/// Senders keep a window of transactions in flight each.
fn measure_throughput(
    ledger: &LedgerHandle<Counters>,
    transactions: u64,
) -> Result<(), Box<dyn Error>> {
    const SENDERS: u64 = 100;
    let each = transactions / SENDERS;
    let start = Instant::now();
    let height = ledger.tip().header.height;
    block_on(try_join_all((0..SENDERS).map(|sender| send(ledger, sender, each))))?;
    let seconds = start.elapsed().as_secs_f64();
    let blocks = ledger.tip().header.height - height;
    let rate = (SENDERS * each) as f64 / seconds;
    println!("throughput: {rate:.0} transactions/s in {blocks} blocks, {seconds:.1} s");
    Ok(())
}

async fn send(
    ledger: &LedgerHandle<Counters>,
    sender: u64,
    count: u64,
) -> Result<(), Box<dyn Error>> {
    const WINDOW: u16 = 200;
    let mut name = [100; 32];
    name[..8].copy_from_slice(&sender.to_le_bytes());
    for start in (0..count).step_by(WINDOW.into()) {
        let mut last = None;
        for nonce in start..(start + u64::from(WINDOW)).min(count) {
            last = Some(ledger.submit(Transaction::one(name, nonce).encode()).await?);
        }
        if let Some(last) = last {
            ledger.wait(&last).await?;
        }
    }
    Ok(())
}

fn processor_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split(' ').collect();
    let ticks: u64 = fields[12].parse::<u64>()? + fields[13].parse::<u64>()?;
    Ok(ticks as f64 / 100.0)
}

fn resident_mb() -> Result<u64, Box<dyn Error>> {
    let statm = fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = statm.split(' ').nth(1).unwrap_or("0").parse()?;
    Ok(pages * 4096 / 1_000_000)
}

fn disk_bytes(path: &Path) -> Result<u64, Box<dyn Error>> {
    let mut bytes = 0;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { disk_bytes(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}
