//! Tables and JSON of what was measured, with what was aimed at beside it.

use comfy_table::Table;
use serde_json::{Value, json};

use super::Measured;
use super::engines::Agreement;
use super::judging::Judging;
use super::rules::Rules;
use super::running::Running;
use super::signatures::Signatures;
use crate::Format;
use crate::clock::Samples;
use crate::programs::Name;

/// Committed execution in relation to native, at most.
const NATIVE_RATIO_MAX: f64 = 2.2;
/// Commitments in relation to execution without, at most, where steps take [`STEP_MS`] or more.
const COMMITMENT_SHARE_MAX: f64 = 0.06;
const STEP_MS: f64 = 10.0;
/// A proof in relation to memory, at most, for data and simulation.
const WITNESS_SHARE_MAX: f64 = 1.0 / 50.0;
/// Judging one step, at most, in milliseconds.
const JUDGE_MS_MAX: f64 = 500.0;
/// Transactions per second without signatures, at least.
const APPLY_MIN: f64 = 100_000.0;

/// A figure with what was aimed at.
struct Aim {
    what: String,
    aim: String,
    found: String,
    /// `None` if what was measured shows nothing about it.
    reached: Option<bool>,
}

pub(super) fn print(measured: &Measured, format: Format) {
    match format {
        Format::Json => println!("{:#}", json(measured)),
        Format::Text => tables(measured),
    }
}

fn tables(measured: &Measured) {
    show(
        "Running all steps: ms of processor time, least of all repetitions (median ratio in brackets)",
        running(&measured.running),
    );
    show(
        "What a job pays once, and the whole job with commitments: ms",
        starting(&measured.running),
    );
    show(
        "Judging one step: least of all repetitions, over the sampled steps",
        judging(&measured.judging),
    );
    show("The same roots from every engine", engines(&measured.engines));
    show("Rules: transactions per second on one core, without signatures", rules(&measured.rules));
    if let Some(signatures) = &measured.signatures {
        show("Signatures per second on one core", signature_table(signatures, &measured.rules));
    }
    show("Aims", aim_table(&aims(measured)));
}

fn show(title: &str, table: Table) {
    if table.row_count() > 0 {
        println!("{title}\n{table}\n");
    }
}

fn running(all: &[Running]) -> Table {
    let mut table = Table::new();
    table.set_header([
        "program",
        "steps",
        "M units a step",
        "native",
        "metered",
        "committed",
        "by comparison",
        "metered : native",
        "committed : native",
        "committed : metered",
        "ms a step",
        "commitment ms a step",
        "first commitment",
    ]);
    for one in all {
        let against = |samples: &Samples, baseline: &Samples| {
            let median = samples.over(baseline).median();
            format!("{:.2} ({median:.2})", samples.min() / baseline.min())
        };
        let [metered, committed] = [&one.metered.steps, &one.committed.steps];
        table.add_row([
            one.name.text().to_owned(),
            one.steps.to_string(),
            format!("{:.0}", one.meter as f64 / one.steps.max(1) as f64 / 1e6),
            format!("{:.0}", one.native.min()),
            format!("{:.0}", metered.min()),
            format!("{:.0}", committed.min()),
            format!("{:.0}", one.shadow.steps.min()),
            against(metered, &one.native),
            against(committed, &one.native),
            against(committed, metered),
            format!("{:.1}", one.step_ms()),
            format!("{:.3}", one.commitment_ms()),
            format!("{:.1}", one.first_commitment_ms()),
        ]);
    }
    table
}

fn starting(all: &[Running]) -> Table {
    let mut table = Table::new();
    table.set_header(["program", "prepare", "compile and place", "whole job", "whole : native"]);
    for one in all {
        let whole = one.committed.whole();
        table.add_row([
            one.name.text().to_owned(),
            format!("{:.1}", one.prepare.min()),
            format!("{:.0}", one.metered.start.min()),
            format!("{:.0}", whole.min()),
            format!("{:.2}", whole.min() / one.native.min()),
        ]);
    }
    table
}

fn judging(all: &[Judging]) -> Table {
    let mut table = Table::new();
    table.set_header([
        "program",
        "memory KiB",
        "proof KiB median",
        "largest",
        "memory : proof",
        "pages",
        "judge ms median",
        "slowest (step)",
        "a second",
        "job : judge",
        "prove ms",
    ]);
    for one in all {
        let (bytes, judge) = (one.proof_bytes(), one.judge_ms());
        let pages = one.proofs.iter().map(|proof| proof.pages).max().unwrap_or(0);
        let slowest = one.proofs.iter().max_by(|a, b| a.judge.min().total_cmp(&b.judge.min()));
        table.add_row([
            one.name.text().to_owned(),
            (one.memory_bytes >> 10).to_string(),
            format!("{:.0}", bytes.median() / 1024.0),
            format!("{:.0}", bytes.max() / 1024.0),
            format!(
                "{:.0} (least {:.0})",
                one.memory_bytes as f64 / bytes.median(),
                one.memory_bytes as f64 / bytes.max()
            ),
            format!("at most {pages}"),
            format!("{:.0}", judge.median()),
            format!("{:.0} ({})", judge.max(), slowest.map_or(0, |proof| proof.step)),
            format!("{:.1}", 1e3 / judge.median()),
            format!("{:.1}", one.job_ms / judge.median()),
            format!("{:.0}", one.prove_ms),
        ]);
    }
    table
}

fn engines(all: &[Agreement]) -> Table {
    let mut table = Table::new();
    table.set_header(["program", "steps", "engine", "trace", "ms"]);
    for one in all {
        for (engine, root, taken) in &one.traces {
            let root: String = root.to_string().chars().take(16).collect();
            let steps = one.steps.to_string();
            table.add_row([
                one.name.text().to_owned(),
                steps,
                (*engine).to_owned(),
                root,
                format!("{taken:.0}"),
            ]);
        }
    }
    table
}

fn rules(all: &[Rules]) -> Table {
    let mut table = Table::new();
    table.set_header([
        "transactions",
        "accounts",
        "apply",
        "decode",
        "hash",
        "changes",
        "entries a block",
        "all four",
        "apply, us each (median)",
    ]);
    for one in all {
        let rate = |ms: f64| format!("{:.0}", one.per_second(ms));
        let each = |ms: f64| ms * 1e3 / one.block as f64;
        table.add_row([
            one.operation.to_owned(),
            one.accounts.to_string(),
            rate(one.apply.min()),
            rate(one.decode.min()),
            rate(one.hash.min()),
            rate(one.changes.min()),
            one.changed.to_string(),
            rate(one.whole()),
            format!("{:.2} ({:.2})", each(one.apply.min()), each(one.apply.median())),
        ]);
    }
    table
}

fn signature_table(signatures: &Signatures, rules: &[Rules]) -> Table {
    let mut table = Table::new();
    table.set_header(["what", "a second"]);
    let rate = |ms: f64| format!("{:.0}", signatures.count as f64 / ms * 1e3);
    table.add_row(["verified one by one".to_owned(), rate(signatures.single.min())]);
    let batch = format!("verified in a batch of {}", signatures.count);
    table.add_row([batch, rate(signatures.batch.min())]);
    for one in rules {
        let each = one.whole() / one.block as f64 + signatures.each_ms();
        let what = format!("{} with signatures, {} accounts", one.operation, one.accounts);
        table.add_row([what, format!("{:.0}", 1e3 / each)]);
    }
    table
}

fn aim_table(aims: &[Aim]) -> Table {
    let mut table = Table::new();
    table.set_header(["what", "aim", "found", ""]);
    for aim in aims {
        let reached = match aim.reached {
            Some(true) => "reached",
            Some(false) => "NOT reached",
            None => "not shown",
        };
        table.add_row([aim.what.as_str(), aim.aim.as_str(), aim.found.as_str(), reached]);
    }
    table
}

fn aims(measured: &Measured) -> Vec<Aim> {
    let mut aims = Vec::new();
    for one in &measured.running {
        let ratio = one.committed_ms() / one.native.min();
        let what = format!("{}: committed, the first state too : native", one.name.text());
        aims.push(at_most(what, NATIVE_RATIO_MAX, ratio, |value| format!("{value:.2}")));
        aims.push(commitment_aim(one.name, one.step_ms(), one.commitment_ms()));
    }
    for one in &measured.judging {
        if matches!(one.name, Name::Data | Name::Simulation) {
            let share = one.proof_bytes().max() / one.memory_bytes as f64;
            let what = format!("{}: largest proof : memory", one.name.text());
            aims.push(at_most(what, WITNESS_SHARE_MAX, share, |value| {
                format!("1/{:.0}", 1.0 / value)
            }));
        }
        let what = format!("{}: judging the slowest step", one.name.text());
        aims.push(at_most(what, JUDGE_MS_MAX, one.judge_ms().max(), |value| {
            format!("{value:.0} ms")
        }));
    }
    for one in &measured.rules {
        let rate = one.per_second(one.apply.min());
        let what = format!("{}, {} accounts", one.operation, one.accounts);
        let (aim, found) = (format!(">= {APPLY_MIN:.0} a second"), format!("{rate:.0}"));
        aims.push(Aim { what, aim, found, reached: Some(rate >= APPLY_MIN) });
    }
    aims
}

/// The aim is about steps of some length: shorter ones show nothing about it, whatever their share.
fn commitment_aim(name: Name, step_ms: f64, cost_ms: f64) -> Aim {
    let what = format!("{}: commitments, where steps take {STEP_MS:.0} ms", name.text());
    let aim = at_most(what, COMMITMENT_SHARE_MAX, cost_ms / step_ms, |value| {
        format!("{:.1} %", value * 100.0)
    });
    let found = format!("{} of steps of {step_ms:.1} ms", aim.found);
    Aim { found, reached: aim.reached.filter(|_| step_ms >= STEP_MS), ..aim }
}

fn at_most(what: String, aim: f64, found: f64, text: impl Fn(f64) -> String) -> Aim {
    Aim { what, aim: format!("<= {}", text(aim)), found: text(found), reached: Some(found <= aim) }
}

fn json(measured: &Measured) -> Value {
    let aims = aims(measured).into_iter().map(
        |aim| json!({"what": aim.what, "aim": aim.aim, "found": aim.found, "reached": aim.reached}),
    );
    json!({
        "running": measured.running.iter().map(running_json).collect::<Vec<_>>(),
        "judging": measured.judging.iter().map(judging_json).collect::<Vec<_>>(),
        "engines": measured.engines.iter().map(|one| json!({
            "program": one.name.text(),
            "steps": one.steps,
            "agree": one.agree(),
            "traces": one.traces.iter().map(|(engine, root, ms)| json!({
                "engine": engine, "trace": root.to_string(), "ms": ms,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "rules": measured.rules.iter().map(rules_json).collect::<Vec<_>>(),
        "signatures_per_second": measured.signatures.as_ref().map(|one| json!({
            "single": one.count as f64 / one.single.min() * 1e3,
            "batch": one.count as f64 / one.batch.min() * 1e3,
        })),
        "aims": aims.collect::<Vec<_>>(),
    })
}

fn running_json(one: &Running) -> Value {
    let pair = |samples: &Samples| json!([samples.min(), samples.median()]);
    json!({
        "program": one.name.text(),
        "steps": one.steps,
        "meter": one.meter,
        "input_bytes": one.input_bytes,
        "ms_min_median": {
            "native": pair(&one.native),
            "metered": pair(&one.metered.steps),
            "committed": pair(&one.committed.steps),
            "committed_by_comparison": pair(&one.shadow.steps),
            "compile_and_place": pair(&one.metered.start),
            "compile_place_and_commit": pair(&one.committed.start),
            "prepare": pair(&one.prepare),
        },
        "ratios": {
            "metered_to_native": one.metered.steps.min() / one.native.min(),
            "committed_to_native": one.committed.steps.min() / one.native.min(),
            "committed_with_first_state_to_native": one.committed_ms() / one.native.min(),
            "committed_to_metered": one.committed.steps.min() / one.metered.steps.min(),
            "committed_to_metered_median":
                one.committed.steps.over(&one.metered.steps).median(),
            "whole_job_to_native": one.committed.whole().min() / one.native.min(),
        },
        "step_ms": one.step_ms(),
        "commitment_ms_per_step": one.commitment_ms(),
    })
}

fn judging_json(one: &Judging) -> Value {
    let proofs = one.proofs.iter().map(|proof| {
        json!({
            "step": proof.step,
            "bytes": proof.bytes,
            "pages": proof.pages,
            "judge_ms": proof.judge.min(),
        })
    });
    json!({
        "program": one.name.text(),
        "memory_bytes": one.memory_bytes,
        "job_ms": one.job_ms,
        "prove_ms": one.prove_ms,
        "job_to_judge": one.job_ms / one.judge_ms().median(),
        "judged_per_second": 1e3 / one.judge_ms().median(),
        "proofs": proofs.collect::<Vec<_>>(),
    })
}

fn rules_json(one: &Rules) -> Value {
    json!({
        "transactions": one.operation,
        "accounts": one.accounts,
        "per_second": {
            "apply": one.per_second(one.apply.min()),
            "apply_median": one.per_second(one.apply.median()),
            "decode": one.per_second(one.decode.min()),
            "hash": one.per_second(one.hash.min()),
            "changes": one.per_second(one.changes.min()),
            "all": one.per_second(one.whole()),
        },
        "entries_changed_by_a_block": one.changed,
    })
}
