//! What the rules cost with many positions: transactions a second, blocks, memory; signatures aside, on one core.
//! `cargo run --release -p protocol --example scale -- --sizes 1000,10000,100000,1000000 --count 50000 --blocks 150`

mod baseline;
mod counting;
mod jobs;
mod operations;
mod positions;
mod stopwatch;

use jobs::Pace;
use operations::Rate;
use positions::{Footprint, Positions};
use stopwatch::timed;

/// Value of a flag, or its default.
fn flag(name: &str, default: &str) -> String {
    let mut arguments = std::env::args().skip_while(|argument| argument != name).skip(1);
    arguments.next().unwrap_or_else(|| default.into())
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_else(|_| panic!("{text} is not a number"))
}

fn main() {
    let count = number(&flag("--count", "20000"));
    let blocks = u32::try_from(number(&flag("--blocks", "150"))).expect("so many blocks take days");
    let only = flag("--only", "");
    let only = (!only.is_empty()).then_some(only.as_str());
    for size in flag("--sizes", "1000,10000").split(',').map(number) {
        let (mut built, span) = timed(|| Positions::build(size));
        println!("\n{size} accounts, delegations and open jobs, {} operators", built.operators());
        println!("  built in {:.1} s", span.as_secs_f64());
        // An operator takes out its bond in 256 parts at most.
        let count = count.min(200 * built.operators());
        let baseline = baseline::per_second(size, count);
        print_rates(&operations::measure(&mut built, count, only), baseline);
        if only.is_none() {
            built.open_market();
            print_pace(&jobs::run(&mut built, blocks));
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
    for (what, spans) in [
        ("begin_block", &pace.begin),
        ("end_block", &pace.end),
        ("begin_block, epoch's first", &pace.turn),
    ] {
        let (median, worst, total) = (spans.median(), spans.worst(), spans.total());
        println!("  {what:<28} median {median:.2} ms, worst {worst:.2} ms, together {total:.1} ms");
    }
}

fn print_footprints(footprints: &[Footprint]) {
    for Footprint { position, count, bytes } in footprints {
        println!("  {position:<28} {bytes:>8.0} bytes each of {count}");
    }
}
