//! `earnest job`: have a program run, and hold its provider to account.

use std::path::{Path, PathBuf};

use agents::Attempt;
use agents::notice::Notices;
use agents::requester::{Fetched, JobReceipt, Requester};
use agents::stop::StopSwitch;
use anyhow::{Context, Result, bail};
use api::JobFilter;
use api::wire::{JobExplanation, JobView};
use protocol::{ClassId, Job as JobRecord, JobId, JobSpec, JobStatus, STABLE};
use serde_json::json;

use super::Session;
use crate::cli::{Asset, Common, Job, JobArgs, Output};
use crate::home::Home;
use crate::jobfile::{JobFile, ProgramRef};
use crate::narrate::{self, Names, end_words};
use crate::{check, follow, output};

/// Largest module that is read, in bytes: the ledger takes none larger.
const MODULE_BYTES_MAX: u64 = 4 << 20;

/// Largest receipt that is read, in bytes.
const RECEIPT_BYTES_MAX: u64 = 1 << 20;

/// Jobs shown in a list.
const JOBS_SHOWN: usize = 50;

/// Runs a job command.
pub(crate) async fn run(command: Job, common: &Common, home: &Home) -> Result<()> {
    match command {
        Job::Submit(arguments) => submit(&arguments, common, home).await,
        Job::Run { job, into } => run_to_end(&job, into, common, home).await,
        Job::Status { job, account } => status(job, account, common, home).await,
        Job::Explain { job } => explain(&job, common, home).await,
        Job::Fetch { job, into } => fetch(&job, into, common, home).await,
        Job::Verify { receipt, result, program, input } => {
            verify(&Evidence { receipt, result, program, input }, common)
        }
        Job::Check { file } => check::run(&file, common).await,
    }
}

/// A job ready to be submitted.
struct Order {
    requester: Requester,
    spec: JobSpec,
}

async fn submit(arguments: &JobArgs, common: &Common, home: &Home) -> Result<()> {
    let session = Session::connect(home).await?;
    if arguments.dry_run {
        return dry_run(&session, arguments, common).await;
    }
    let order = prepare(&session, arguments, home).await?;
    let job = order.requester.submit(order.spec).await?;
    match common.output {
        Output::Json => output::json(&json!({"job": job})),
        Output::Table => output::line(format!("job {job}")),
    }
}

async fn run_to_end(
    arguments: &JobArgs,
    into: Option<PathBuf>,
    common: &Common,
    home: &Home,
) -> Result<()> {
    let session = Session::connect(home).await?;
    if arguments.dry_run {
        return dry_run(&session, arguments, common).await;
    }
    let order = prepare(&session, arguments, home).await?;
    let since = session.client.status().await?.cursor;
    let job = order.requester.submit(order.spec).await?;
    eprintln!("job {job}");
    let mut names = session.names(home)?;
    names.job(job, "job");
    let (switch, stop) = StopSwitch::new();
    let telling = follow::tell(session.client.clone(), since, names, Some(job), stop.clone());
    let reason = tokio::select! {
        ended = order.requester.follow(job, &stop, |_| {}) => ended?,
        () = follow::interrupted() => {
            bail!("interrupted; the job goes on: `earnest job status {job}` shows it");
        }
    };
    switch.stop();
    telling.await?;
    if reason != protocol::EndReason::Completed {
        bail!("job {job}: {}", end_words(reason));
    }
    let folder = match into {
        Some(folder) => folder,
        None => arguments.file.parent().unwrap_or_else(|| Path::new(".")).to_owned(),
    };
    deliver(&order.requester, job, &folder, common).await
}

/// Everything up to the submission itself: wallet, program, input.
async fn prepare(session: &Session, arguments: &JobArgs, home: &Home) -> Result<Order> {
    let file = JobFile::read(&arguments.file)?;
    let module = module(&file)?;
    let input = input(&file)?;
    let (station, _) = session.station(home, &arguments.wallet, &Notices::default()).await?;
    let requester = Requester::open(&station).await?;
    let program = match (&file.program, module) {
        (ProgramRef::Registered(id), _) => *id,
        (ProgramRef::File(_), module) => requester.program(&module).await?,
    };
    let input = requester.input(input.into()).await?;
    let class = class(session, &file.class)?;
    Ok(Order { requester, spec: spec(&file, program, input, class) })
}

fn spec(
    file: &JobFile,
    program: protocol::ProgramId,
    input: protocol::Content,
    class: ClassId,
) -> JobSpec {
    JobSpec {
        program,
        input,
        class,
        steps_max: file.steps_max,
        meter_max: file.meter_max,
        memory_max: file.memory_max,
        run_ms: file.run_ms,
        wait_ms: file.wait_ms,
        price_max: file.price_max,
        harm: file.harm,
        insured: file.insured,
    }
}

/// The module of a job file; empty if the program is named by its id.
pub(crate) fn module(file: &JobFile) -> Result<Vec<u8>> {
    match &file.program {
        ProgramRef::Registered(_) => Ok(Vec::new()),
        ProgramRef::File(path) => read(path, MODULE_BYTES_MAX).context("the program of the job"),
    }
}

/// The input of a job file; empty if it names none.
pub(crate) fn input(file: &JobFile) -> Result<Vec<u8>> {
    match &file.input {
        None => Ok(Vec::new()),
        Some(path) => read(path, agents::blobs::BLOB_BYTES_MAX).context("the input of the job"),
    }
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let shown = path.display();
    let length = std::fs::metadata(path).with_context(|| format!("cannot read {shown}"))?.len();
    if length > limit {
        bail!("{shown} has {length} bytes, at most {limit} are taken");
    }
    std::fs::read(path).with_context(|| format!("cannot read {shown}"))
}

fn class(session: &Session, name: &str) -> Result<ClassId> {
    let classes = &session.genesis.classes;
    let found = classes.iter().find(|class| class.name == name);
    found.map(|class| class.id).with_context(|| {
        let names: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
        format!("there is no resource class {name:?} on this network, but {}", names.join(", "))
    })
}

/// Says what a job would cost with the offers that stand.
async fn dry_run(session: &Session, arguments: &JobArgs, common: &Common) -> Result<()> {
    let file = JobFile::read(&arguments.file)?;
    let class = class(session, &file.class)?;
    let program = match &file.program {
        ProgramRef::Registered(id) => *id,
        ProgramRef::File(_) => {
            protocol::ProgramId(machine::prepare::prepare(&module(&file)?)?.id().0)
        }
    };
    let content = machine::content::Content::of(&input(&file)?);
    let content = protocol::Content { root: protocol::Hash(content.root.0), size: content.size };
    let spec = spec(&file, program, content, class);
    let offers = session.client.operators(None, JOBS_SHOWN).await?.items;
    let mut asks: Vec<_> = offers
        .iter()
        .flat_map(|view| &view.offers)
        .filter(|offer| offer.class == class && offer.offer.units > 0)
        .map(|offer| offer.offer.ask)
        .collect();
    asks.sort_unstable();
    // The winner is paid what the next one asks, if there is a next one.
    let priced_at = asks.get(1).or(asks.first()).copied();
    let price = priced_at.map(|ask| protocol::price_ceil(&session.genesis.parameters, &spec, ask));
    let price = price.map(|price| price.min(spec.price_max));
    if common.output == Output::Json {
        return output::json(&json!({"spec": spec, "priced_at": priced_at, "price": price}));
    }
    output::line(format!("program    {program}"))?;
    output::line(format!("input      {} bytes, root {}", spec.input.size, spec.input.root))?;
    output::line(format!("at most    {}", Asset::Stable.show(spec.price_max)))?;
    match (priced_at, price) {
        (Some(ask), Some(price)) => output::line(format!(
            "now        {} = {} metered units x {} per 10^9, rounded up, at most what is offered",
            Asset::Stable.show(price),
            spec.meter_max,
            Asset::Stable.show(ask)
        )),
        _ => output::line("now        nobody offers this class"),
    }
}

async fn status(
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
        return output::line("no jobs: submit one with `earnest job submit --wallet NAME`");
    }
    let names = session.names(home)?;
    let shown = jobs.iter().take(JOBS_SHOWN).map(|view| row(&view.job, &names));
    output::line(output::table(
        &["job", "requester", "status", "provider", "attempts>", "price>"],
        shown,
    ))?;
    if jobs.len() > JOBS_SHOWN {
        eprintln!("and {} older ones: --output json lists all", jobs.len() - JOBS_SHOWN);
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

fn status_words(status: JobStatus) -> String {
    match status {
        JobStatus::Open => "waits for a provider",
        JobStatus::Assigned => "its provider runs it",
        JobStatus::Committed => "committed, waits for the draw",
        JobStatus::Auditing => "its auditor re-executes it",
        JobStatus::Revealing => "its provider must reveal",
        JobStatus::AuditRevealing => "its auditor must reveal",
        JobStatus::Window => "revealed, open to challenge",
        JobStatus::Ended(reason) => end_words(reason),
    }
    .to_owned()
}

async fn explain(job: &str, common: &Common, home: &Home) -> Result<()> {
    let session = Session::connect(home).await?;
    let view = session.job(job).await?;
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
        let left = deadline.since_ms(explanation.now) / 1_000;
        output::line(format!("until      {left} s from now, in network time"))?;
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

async fn fetch(job: &str, into: Option<PathBuf>, common: &Common, home: &Home) -> Result<()> {
    let session = Session::connect(home).await?;
    let view = session.job(job).await?;
    let folder = into.unwrap_or_else(|| PathBuf::from("."));
    let fetched = agents::requester::fetch(&session.client, &session.blobs()?, view.job.id).await?;
    write(&folder, &fetched, common)
}

async fn deliver(requester: &Requester, job: JobId, folder: &Path, common: &Common) -> Result<()> {
    write(folder, &requester.fetch(job).await?, common)
}

fn write(folder: &Path, fetched: &Fetched, common: &Common) -> Result<()> {
    let Fetched { output: result, receipt } = fetched;
    let claim = receipt.verify(result)?;
    let name = narrate::short(&receipt.job.id.to_string());
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let (output_path, receipt_path) =
        (folder.join(format!("{name}.output")), folder.join(format!("{name}.receipt.json")));
    std::fs::write(&output_path, result).with_context(|| output_path.display().to_string())?;
    std::fs::write(&receipt_path, serde_json::to_vec_pretty(receipt)?)
        .with_context(|| receipt_path.display().to_string())?;
    if common.output == Output::Json {
        return output::json(&json!({
            "job": receipt.job.id,
            "output": output_path,
            "receipt": receipt_path,
            "claim": claim,
        }));
    }
    output::line(format!("output   {} ({} bytes, checked)", output_path.display(), result.len()))?;
    output::line(format!("receipt  {}", receipt_path.display()))
}

/// What `job verify` was given.
struct Evidence {
    receipt: PathBuf,
    result: Option<PathBuf>,
    program: Option<PathBuf>,
    input: Option<PathBuf>,
}

fn verify(evidence: &Evidence, common: &Common) -> Result<()> {
    let bytes = read(&evidence.receipt, RECEIPT_BYTES_MAX)?;
    let receipt: JobReceipt = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is not a receipt", evidence.receipt.display()))?;
    let name = format!("{}.output", narrate::short(&receipt.job.id.to_string()));
    let beside = || evidence.receipt.with_file_name(name);
    let result_path = evidence.result.clone().unwrap_or_else(beside);
    let claim = receipt.verify(&read(&result_path, agents::blobs::BLOB_BYTES_MAX)?)?;
    let reproduced = match &evidence.program {
        None => false,
        Some(program) => reproduce(&receipt, program, evidence.input.as_deref())?,
    };
    if common.output == Output::Json {
        let job = receipt.job.id;
        return output::json(&json!({
            "valid": true, "reproduced": reproduced, "job": job, "claim": claim,
        }));
    }
    output::line(format!(
        "valid: {} is the output of job {} of program {}",
        result_path.display(),
        receipt.job.id,
        receipt.job.spec.program
    ))?;
    if reproduced {
        let steps = claim.steps().unwrap_or_default();
        output::line(format!("reproduced here: every one of its {steps} steps, output and meter"))?;
    }
    Ok(())
}

/// Runs the job of a receipt again on this machine.
fn reproduce(receipt: &JobReceipt, program: &Path, input: Option<&Path>) -> Result<bool> {
    let module = machine::prepare::prepare(&read(program, MODULE_BYTES_MAX)?)
        .with_context(|| format!("{} cannot be run", program.display()))?;
    let input = match input {
        None => Vec::new(),
        Some(path) => read(path, agents::blobs::BLOB_BYTES_MAX)?,
    };
    let machine = machine::Machine::new(machine::worker::WorkerConfig::of_this_executable()?);
    receipt.reproduce(&machine, module.bytes().to_vec(), &input)?;
    Ok(true)
}
