//! What the rules cost with many positions: transactions a second, blocks, memory; signatures aside, on one core.
//! `cargo xtask scale -- --sizes 1000,10000,100000,1000000 --count 50000 --blocks 150`

mod baseline;
mod counting;
mod jobs;
mod operations;
mod positions;
mod prices;
mod stopwatch;

use clap::Parser;
use clap::builder::PossibleValuesParser;
use clap::value_parser;

use jobs::Pace;
use operations::Rate;
use positions::{Footprint, Positions};
use stopwatch::{Spans, timed};

/// Measures what the rules cost with many positions.
#[derive(Parser)]
struct Arguments {
    /// Accounts, each with a delegation and an open job; several sizes with commas between.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 10_000], value_parser = value_parser!(u64).range(100..))]
    sizes: Vec<u64>,
    /// Transactions of each kind, fewer where there are too few operators for so many.
    #[arg(long, default_value_t = 20_000, value_parser = value_parser!(u64).range(2..))]
    count: u64,
    /// Blocks with the job market at work.
    #[arg(long, default_value_t = 150)]
    blocks: u32,
    /// One kind of transaction alone.
    #[arg(long, value_parser = PossibleValuesParser::new(operations::NAMES))]
    only: Option<String>,
}

fn main() {
    let Arguments { sizes, count, blocks, only } = Arguments::parse();
    for size in sizes {
        let (mut built, span) = timed(|| Positions::build(size));
        println!("\n{size} accounts, delegations and open jobs, {} operators", built.operators());
        println!("  built in {:.1} s", span.as_secs_f64());
        // An operator takes out its bond in 256 parts at most.
        let count = count.min(200 * built.operators());
        let baseline = baseline::per_second(size, count);
        print_rates(&operations::measure(&mut built, count, only.as_deref()), baseline);
        if only.is_none() {
            built.open_market();
            print_pace(&jobs::run(&mut built, blocks));
            print_spans("begin_block, after a price", &prices::reviews(built.operators()));
        }
        print_footprints(&built.footprints);
        if let Some(percent) = counting::percent_in_large_pages() {
            println!("  {:<28} {percent:>12} %", "memory in large pages");
        }
    }
}

fn print_rates(rates: &[Rate], baseline: f64) {
    println!("  {:<28} {baseline:>12.0} /s", "baseline: BTreeMap");
    for Rate { operation, alone, kept } in rates {
        let (alone_to, kept_to) = (alone / baseline, kept / baseline);
        println!(
            "  {operation:<28} {alone:>12.0} /s  {alone_to:.3}   parent kept {kept:>10.0} /s  {kept_to:.3}"
        );
    }
}

fn print_pace(pace: &Pace) {
    let per_second = pace.transactions as f64 / pace.applying.as_secs_f64();
    println!("  {:<28} {per_second:>12.0} /s", "commit and reveal");
    let Pace { assigned, settled, .. } = pace;
    let per_second = pace.settled_per_second();
    println!(
        "  {:<28} {per_second:>12.0} /s  ({assigned} assigned, {settled} settled)",
        "job, assigned to settled"
    );
    print_spans("begin_block", &pace.begin);
    print_spans("end_block", &pace.end);
    print_spans("begin_block, epoch's first", &pace.turn);
}

fn print_spans(what: &str, spans: &Spans) {
    let (median, worst, total) = (spans.median(), spans.worst(), spans.total());
    println!("  {what:<28} median {median:.2} ms, worst {worst:.2} ms, together {total:.1} ms");
}

fn print_footprints(footprints: &[Footprint]) {
    for Footprint { position, count, bytes } in footprints {
        println!("  {position:<28} {bytes:>8.0} bytes each of {count}");
    }
}
