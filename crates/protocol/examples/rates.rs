//! How many transactions per second the rules apply on one core, without signatures.
//! `cargo run --release -p protocol --example rates`

use std::time::{Duration, Instant};

use protocol::load::Load;

/// Processor time of this thread where the system tells it (so that a busy machine does not spoil the figures), else the
/// time that passed.
struct Stopwatch(Instant, Option<u64>);

impl Stopwatch {
    fn start() -> Self {
        Self(Instant::now(), Self::processor_ns())
    }

    fn processor_ns() -> Option<u64> {
        let figures = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        figures.split(' ').next()?.parse().ok()
    }

    fn elapsed(&self) -> Duration {
        match (self.1, Self::processor_ns()) {
            (Some(before), Some(after)) => Duration::from_nanos(after - before),
            _ => self.0.elapsed(),
        }
    }
}

const COUNT: u64 = 200_000;

fn measure(name: &str, accounts: u64, make: impl Fn(&mut Load, u64) -> Vec<protocol::Verified>) {
    let mut load = Load::new(accounts);
    let transactions = make(&mut load, COUNT);
    let start = Stopwatch::start();
    let accepted: usize = transactions.chunks(10_000).map(|block| load.apply(block)).sum();
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{name:>16} {accounts:>9} accounts  {accepted:>7} accepted  {:>9.0} /s",
        COUNT as f64 / seconds
    );
}

fn main() {
    for accounts in [1_000, 100_000, 1_000_000] {
        measure("transfers", accounts, Load::transfers);
        measure("stake operations", accounts, Load::stake_operations);
    }
    let mut load = Load::new(100_000);
    let transactions = load.transfers(COUNT);
    let start = Stopwatch::start();
    let clones =
        (0..COUNT).map(|_| load.state().clone()).filter(|state| state.clock().height.0 > 0).count();
    println!(
        "clone of a state: {:.0} ns ({clones})",
        start.elapsed().as_nanos() as f64 / COUNT as f64
    );
    let start = Stopwatch::start();
    let before = load.state().clone();
    load.apply(&transactions[..10_000]);
    let applied = start.elapsed();
    let changes = before.changes(load.state()).len();
    println!(
        "a block of 10,000: {applied:?} to apply, {:?} more for {changes} changed entries",
        start.elapsed() - applied
    );
}
