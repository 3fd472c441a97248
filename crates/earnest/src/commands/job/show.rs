//! Looking at jobs.

use agents::Attempt;
use anyhow::{Context, Result};
use api::JobFilter;
use api::wire::{JobExplanation, JobView};
use protocol::{Job as JobRecord, JobStatus, STABLE};

use crate::cli::{Asset, Common, Output};
use crate::commands::Session;
use crate::home::Home;
use crate::narrate::{self, Names, end_words};
use crate::output;

/// Jobs shown in a list.
const JOBS_SHOWN: usize = 50;

/// Shows a job, or the latest ones.
pub(super) async fn status(
    job: Option<String>,
    account: Option<String>,
    common: &Common,
    home: &Home,
) -> Result<()> {
    let session = Session::connect(home).await?;
    if let Some(prefix) = job {
        let view = session.job(&prefix).await?;
        return if common.output == Output::Json {
            output::json(&view)
        } else {
            one(&view, &session.names(home)?)
        };
    }
    let account = account.map(|name| home.account(&name)).transpose()?;
    let filter = JobFilter { account, open: None };
    let mut jobs = session.client.all_jobs(&filter).await?;
    jobs.sort_by_key(|view| std::cmp::Reverse(view.job.submitted));
    if common.output == Output::Json {
        return output::json(&jobs);
    }
    if jobs.is_empty() {
        return output::line("no jobs: submit one with `earnest job submit`");
    }
    let names = session.names(home)?;
    let shown = jobs.iter().take(JOBS_SHOWN).map(|view| row(&view.job, &names));
    output::line(output::table(
        &["job", "requester", "status", "provider", "attempts>", "price>"],
        shown,
    ))?;
    if jobs.len() > JOBS_SHOWN {
        let older = jobs.len() - JOBS_SHOWN;
        output::say(format_args!("and {older} older ones: --output json lists all"));
    }
    Ok(())
}

fn row(job: &JobRecord, names: &Names) -> Vec<String> {
    let assignment = job.assignment.as_ref();
    vec![
        narrate::short(&job.id.to_string()),
        names.of(job.requester),
        status_words(job.status),
        assignment.map_or_else(String::new, |assignment| names.of(assignment.provider)),
        job.attempts.to_string(),
        assignment.map_or_else(String::new, |assignment| {
            narrate::asset(STABLE).show(assignment.quote.price)
        }),
    ]
}

fn one(view: &JobView, names: &Names) -> Result<()> {
    let job = &view.job;
    output::line(format!("job        {}", job.id))?;
    output::line(format!("status     {}", status_words(job.status)))?;
    output::line(format!("requester  {}", names.of(job.requester)))?;
    output::line(format!("program    {}", job.spec.program))?;
    output::line(format!("at most    {}", Asset::Stable.show(job.spec.price_max)))?;
    output::line(format!("attempts   {}", job.attempts))?;
    let Some((_, assignment)) = Attempt::of(job) else { return Ok(()) };
    output::line(format!("provider   {}", names.of(assignment.provider)))?;
    output::line(format!("price      {}", Asset::Stable.show(assignment.quote.price)))?;
    output::line(format!("locked     {}", narrate::holdings(&assignment.locked)))?;
    if let Some(audit) = &assignment.audit {
        output::line(format!("auditor    {}", names.of(audit.auditor)))?;
    }
    if let Some(claim) = &assignment.claim {
        output::line(format!("steps      {}", claim.steps().unwrap_or_default()))?;
        output::line(format!("metered    {} units", claim.meter))?;
        output::line(format!(
            "output     {} bytes, root {}",
            claim.output.size, claim.output.root
        ))?;
    }
    Ok(())
}

/// Where a job is, in words.
pub(super) fn status_words(status: JobStatus) -> String {
    match status {
        JobStatus::Open => "waits for a provider",
        JobStatus::Assigned => "its provider runs it",
        JobStatus::Committed => "committed, waits for the draw",
        JobStatus::Auditing => "its auditor re-executes it",
        JobStatus::Revealing => "its provider must reveal",
        JobStatus::AuditRevealing => "its auditor must reveal",
        JobStatus::Window => "revealed, open to challenge",
        JobStatus::Ended(reason) => end_words(reason),
        JobStatus::Replicating => "its replicas run it",
        JobStatus::ReplicasRevealing => "its replicas must reveal",
        JobStatus::Escalating => "no quorum, waits for more replicas",
        JobStatus::Appealable => "a quorum agreed, open to appeal",
        JobStatus::Voting => "appealed, the validators vote",
    }
    .to_owned()
}

/// Says what a job is waiting for and why.
pub(super) async fn explain(job: Option<&str>, common: &Common, home: &Home) -> Result<()> {
    let session = Session::connect(home).await?;
    let view = session.job_or_latest(home, job).await?;
    let explanation = session.client.explain(view.job.id).await?;
    let explanation = explanation.context("the job has just left the state")?;
    if common.output == Output::Json {
        return output::json(&explanation);
    }
    told(&explanation, &session.names(home)?)
}

fn told(explanation: &JobExplanation, names: &Names) -> Result<()> {
    output::line(format!("status     {}", status_words(explanation.status)))?;
    output::line(format!("awaited    {}", explanation.awaited))?;
    if let Some(who) = explanation.who {
        output::line(format!("from       {}", names.of(who)))?;
    }
    if let Some(deadline) = explanation.deadline {
        let left = narrate::duration(deadline.since_ms(explanation.now));
        output::line(format!("until      {left} from now, in network time"))?;
    }
    output::line(format!("otherwise  {}", explanation.otherwise))?;
    if let Some(unassigned) = &explanation.unassigned {
        output::line(format!(
            "\n{} offers of its class, {} would take it",
            unassigned.offers, unassigned.willing
        ))?;
        for obstacle in &unassigned.obstacles {
            output::line(format!("  {} of them: {}", obstacle.offers, obstacle.reason))?;
        }
        output::line(&unassigned.advice)?;
    }
    for line in &explanation.lock {
        output::line(format!("terms      {line}"))?;
    }
    Ok(())
}
