//! The end of the demo: tables for people, one document for programs.

use std::collections::BTreeMap;

use anyhow::Result;
use api::wire::SupplyView;
use protocol::{Amount, AssetId, Holdings, NATIVE, STABLE};
use serde::Serialize;

use super::verdict::Expectation;
use crate::narrate::{asset, holdings};
use crate::{books, output};

/// Everything the demo found out. Documented in `docs/demo.md`.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Whether every expectation held; the exit code says the same.
    pub(crate) expectations_met: bool,
    /// The villain, as on the command line.
    pub(crate) dishonest: String,
    /// Wall time of the whole demo in seconds.
    pub(crate) seconds: f64,
    /// What was expected.
    pub(crate) expectations: Vec<Expectation>,
    /// The jobs, in order of submission.
    pub(crate) jobs: Vec<JobReport>,
    /// Claims that the ledger's judge proved wrong.
    pub(crate) convictions: Vec<Conviction>,
    /// Everybody with a part in it.
    pub(crate) accounts: Vec<AccountReport>,
    /// The supply equation by asset symbol.
    pub(crate) supply: BTreeMap<String, SupplyReport>,
    /// For the tables: the same with places.
    #[serde(skip)]
    pub(crate) books: Vec<SupplyView>,
}

/// One job.
#[derive(Debug, Serialize)]
pub(crate) struct JobReport {
    /// Its name in the demo.
    pub(crate) name: String,
    /// Its id.
    pub(crate) job: String,
    /// Id of its program.
    pub(crate) program: String,
    /// How it ended: `completed` or another end reason; `open` if it has not.
    pub(crate) outcome: String,
    /// Providers it was assigned to, one after the other.
    pub(crate) attempts: u32,
    /// Steps of the final result.
    pub(crate) steps: u64,
    /// Metered units of the final result.
    pub(crate) meter: u64,
    /// Who was paid for it.
    pub(crate) provider: Option<String>,
    /// How much the provider was paid, in stable base units.
    pub(crate) paid: Amount,
    /// What the output says.
    pub(crate) summary: String,
}

/// One claim proven wrong.
#[derive(Debug, Serialize)]
pub(crate) struct Conviction {
    /// In which job.
    pub(crate) job: String,
    /// Which step, if the proof is of a step.
    pub(crate) step: Option<u64>,
    /// Size of the evidence in bytes.
    pub(crate) proof_bytes: u64,
    /// How long the ledger's judge takes to reach the verdict again on this machine, in milliseconds.
    pub(crate) judge_ms: f64,
    /// Who was convicted.
    pub(crate) convicted: String,
    /// Who proved it.
    pub(crate) accuser: String,
}

/// One account.
#[derive(Debug, Serialize)]
pub(crate) struct AccountReport {
    /// Its name in the demo.
    pub(crate) name: String,
    /// What it is.
    pub(crate) role: String,
    /// Put into its bond.
    pub(crate) staked: Holdings,
    /// Paid for work, audits and proofs.
    pub(crate) earned: Holdings,
    /// Taken from it for faults.
    pub(crate) lost: Holdings,
    /// Paid for jobs.
    pub(crate) spent: Holdings,
    /// Transaction fees.
    pub(crate) fees: Holdings,
    /// Its faults in words, or `active`.
    pub(crate) standing: String,
}

/// The supply equation of one asset, in base units.
#[derive(Debug, Serialize)]
pub(crate) struct SupplyReport {
    /// Ever minted.
    pub(crate) minted: Amount,
    /// Ever burned.
    pub(crate) burned: Amount,
    /// The sum over all places.
    pub(crate) accounted: Amount,
    /// Whether `minted - burned == accounted`.
    pub(crate) exact: bool,
}

impl Report {
    /// Prints the tables.
    pub(crate) fn print(&self) -> Result<()> {
        output::line(output::table(
            &["job", "outcome", "attempts>", "steps>", "metered units>", "paid to", "paid>"],
            self.jobs.iter().map(JobReport::row),
        ))?;
        for job in &self.jobs {
            output::line(format!("  {}: {}", job.name, job.summary))?;
        }
        self.print_convictions()?;
        output::line("")?;
        output::line(output::table(
            &[
                "who",
                "role",
                "staked EARN>",
                "staked USD>",
                "earned USD>",
                "lost USD>",
                "paid USD>",
                "standing",
            ],
            self.accounts.iter().map(AccountReport::row),
        ))?;
        output::line("")?;
        output::line(books::table(&self.books))?;
        output::line("")?;
        for expectation in &self.expectations {
            let mark = if expectation.met { "ok    " } else { "FAILED" };
            output::line(format!("{mark}  {}", expectation.text))?;
        }
        output::line(format!("\n{:.1} s", self.seconds))
    }

    fn print_convictions(&self) -> Result<()> {
        for conviction in &self.convictions {
            let step = conviction.step.map_or_else(String::new, |step| format!(" of step {step}"));
            output::line(format!(
                "\n{} convicted by {} in {}: a proof{step}, {} bytes, judged in {:.0} ms",
                conviction.convicted,
                conviction.accuser,
                conviction.job,
                conviction.proof_bytes,
                conviction.judge_ms
            ))?;
        }
        Ok(())
    }
}

impl JobReport {
    fn row(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.outcome.clone(),
            self.attempts.to_string(),
            self.steps.to_string(),
            self.meter.to_string(),
            self.provider.clone().unwrap_or_else(|| "nobody".into()),
            asset(STABLE).show(self.paid),
        ]
    }
}

impl AccountReport {
    fn row(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.role.clone(),
            cell(&of(&self.staked, NATIVE), NATIVE),
            cell(&of(&self.staked, STABLE), STABLE),
            cell(&self.earned, STABLE),
            cell(&self.lost, STABLE),
            cell(&self.spent, STABLE),
            self.standing.clone(),
        ]
    }
}

/// What is held of one asset alone.
fn of(amounts: &Holdings, id: AssetId) -> Holdings {
    [(id, amounts.of(id))].into_iter().collect()
}

/// Amounts for a column in one asset: its number, or everything with units if there is more.
fn cell(amounts: &Holdings, column: AssetId) -> String {
    match amounts.iter().collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [(id, amount)] if *id == column => asset(column).number(*amount),
        _ => holdings(amounts),
    }
}
