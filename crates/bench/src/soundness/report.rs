//! What came of all cases.

use std::collections::BTreeMap;
use std::time::Instant;

use comfy_table::Table;
use serde_json::{Value, json};

use super::Side;
use super::subject::Kind;
use crate::Format;
use crate::programs::Name;

/// What came of one case.
pub(super) struct Outcome {
    pub(super) name: Name,
    pub(super) kind: Kind,
    /// The corruption or the mangling.
    pub(super) what: String,
    /// What is wrong, if the case did not end as it must.
    pub(super) miss: Option<String>,
}

/// A case that did not end as it must.
struct Miss {
    side: Side,
    number: u64,
    text: String,
}

/// Counts and misses.
pub(super) struct Report {
    seed: u64,
    programs: Vec<Name>,
    begun: Instant,
    by_program: BTreeMap<(&'static str, Side), u64>,
    by_what: BTreeMap<(Side, String), u64>,
    misses: Vec<Miss>,
}

impl Report {
    pub(super) fn new(seed: u64, programs: &[Name]) -> Self {
        Self {
            seed,
            programs: programs.to_vec(),
            begun: Instant::now(),
            by_program: BTreeMap::new(),
            by_what: BTreeMap::new(),
            misses: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, side: Side, number: u64, outcome: Outcome) {
        *self.by_program.entry((outcome.name.text(), side)).or_default() += 1;
        let text =
            |miss| format!("{}, {:?}, {}: {miss}", outcome.name.text(), outcome.kind, outcome.what);
        self.misses.extend(outcome.miss.map(|miss| Miss { side, number, text: text(miss) }));
        *self.by_what.entry((side, outcome.what)).or_default() += 1;
    }

    pub(super) const fn misses(&self) -> usize {
        self.misses.len()
    }

    /// Cases by side and by what was done.
    pub(super) const fn cases(&self) -> &BTreeMap<(Side, String), u64> {
        &self.by_what
    }

    pub(super) fn headline(&self) -> String {
        format!("{} misses", self.misses())
    }

    fn count(&self, side: Side) -> u64 {
        self.cases().iter().filter(|((of, _), _)| *of == side).map(|(_, count)| count).sum()
    }

    fn missed(&self, side: Side) -> usize {
        self.misses.iter().filter(|miss| miss.side == side).count()
    }

    /// How to repeat a case.
    fn command(&self, miss: &Miss) -> String {
        let named = |name: &Name| format!(" --program {}", name.text());
        let programs: String = self.programs.iter().map(named).collect();
        format!(
            "cargo xtask soundness --seed {} --first {} --count 1{programs}",
            self.seed, miss.number
        )
    }

    pub(super) fn print(&self, format: Format) {
        match format {
            Format::Json => println!("{:#}", self.json()),
            Format::Text => self.print_tables(),
        }
    }

    fn print_tables(&self) {
        let mut table = Table::new();
        table.set_header(["program", "corruptions", "accusations of the honest"]);
        let mut names: Vec<_> = self.by_program.keys().map(|(name, _)| *name).collect();
        names.dedup();
        for name in names {
            let count = |side| self.by_program.get(&(name, side)).copied().unwrap_or(0).to_string();
            table.add_row([name.to_owned(), count(Side::Liar), count(Side::Honest)]);
        }
        println!("{table}");
        let mut table = Table::new();
        table.set_header(["side", "case", "count"]);
        for ((side, what), count) in &self.by_what {
            table.add_row([format!("{side:?}"), what.clone(), count.to_string()]);
        }
        println!("{table}");
        for miss in &self.misses {
            println!(
                "MISS {:?} {}: {}\n     {}",
                miss.side,
                miss.number,
                miss.text,
                self.command(miss)
            );
        }
        println!(
            "seed {}: {} of {} corruptions convicted, {} of {} honest claims convicted, {:.0} s",
            self.seed,
            self.count(Side::Liar) - self.missed(Side::Liar) as u64,
            self.count(Side::Liar),
            self.missed(Side::Honest),
            self.count(Side::Honest),
            self.begun.elapsed().as_secs_f64(),
        );
    }

    fn json(&self) -> Value {
        let cases = |side| -> BTreeMap<&str, u64> {
            let of_side = self.by_what.iter().filter(|((of, _), _)| *of == side);
            of_side.map(|((_, what), count)| (what.as_str(), *count)).collect()
        };
        let misses = self.misses.iter().map(|miss| {
            json!({
                "side": format!("{:?}", miss.side).to_lowercase(),
                "case": miss.number,
                "what": miss.text,
                "repeat": self.command(miss),
            })
        });
        let programs = self.by_program.iter().map(|((name, side), count)| {
            json!({"program": name, "side": format!("{side:?}").to_lowercase(), "cases": count})
        });
        json!({
            "seed": self.seed,
            "corruptions": self.count(Side::Liar),
            "convicted": self.count(Side::Liar) - self.missed(Side::Liar) as u64,
            "honest": self.count(Side::Honest),
            "honest_convicted": self.missed(Side::Honest),
            "seconds": self.begun.elapsed().as_secs_f64(),
            "programs": programs.collect::<Vec<_>>(),
            "corruptions_by_kind": cases(Side::Liar),
            "accusations_by_kind": cases(Side::Honest),
            "misses": misses.collect::<Vec<_>>(),
            "sound": self.misses.is_empty(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_miss_is_counted_and_says_how_to_repeat_it() {
        let mut report = Report::new(9, &[Name::Data]);
        let outcome =
            |miss| Outcome { name: Name::Data, kind: Kind::Tiny, what: "Skip".into(), miss };
        report.add(Side::Liar, 3, outcome(None));
        assert_eq!(report.misses(), 0);
        report.add(Side::Honest, 4, outcome(Some("convicted".into())));
        let json = report.json();
        assert_eq!((report.misses(), &json["sound"]), (1, &Value::Bool(false)));
        assert_eq!((&json["convicted"], &json["honest_convicted"]), (&json!(1), &json!(1)));
        let command = "cargo xtask soundness --seed 9 --first 4 --count 1 --program data";
        assert_eq!(json["misses"][0]["repeat"], command);
    }
}
