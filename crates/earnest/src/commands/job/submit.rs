//! Submitting a job, and following it to its end.

use std::path::{Path, PathBuf};

use agents::notice::Notices;
use agents::requester::Requester;
use agents::stop::StopSwitch;
use anyhow::{Context, Result};
use api::Cursor;
use protocol::{Amount, ClassId, EndReason, Job as JobRecord, JobId, JobKind, JobSpec, ProgramId};
use serde_json::json;

use super::files::{allowed_bytes, declared_bytes, input, module};
use super::result;
use super::show::status_words;
use crate::cli::{Asset, Common, JobArgs, Output};
use crate::commands::{Session, afford};
use crate::exit::{self, Failure};
use crate::follow::{self, Teller};
use crate::home::Home;
use crate::jobfile::{JobFile, ProgramRef};
use crate::narrate::end_words;
use crate::{narrate, output};

/// Operators whose offers a dry run compares.
const OFFERS_READ: usize = 100;

/// A job ready to be submitted.
struct Order {
    requester: Requester,
    spec: JobSpec,
    /// What the requester says.
    notices: Notices,
}

/// Submits a job and returns at once.
pub(super) async fn submit(arguments: &JobArgs, common: &Common, home: &Home) -> Result<()> {
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

/// Submits a job, follows it to its end and fetches what came out.
pub(super) async fn run_to_end(
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
    let job = order.requester.submit(order.spec.clone()).await?;
    output::say(format_args!("job {job}"));
    match follow_to_end(&session, &order, since, job, home).await? {
        EndReason::Completed => {}
        reason => {
            let message = format!("job {job}: {}", end_words(reason));
            return Err(Failure::error(exit::NO_RESULT, message));
        }
    }
    let beside = || arguments.file.parent().unwrap_or_else(|| Path::new("")).to_owned();
    let folder = into.unwrap_or_else(beside);
    result::write(&folder, &order.requester.fetch(job).await?, common)
}

/// Tells what happens to a job until it is over or somebody interrupts.
async fn follow_to_end(
    session: &Session,
    order: &Order,
    since: Cursor,
    job: JobId,
    home: &Home,
) -> Result<EndReason> {
    let mut names = session.names(home)?;
    names.job(job, "job");
    let teller = Teller::new(names);
    let (switch, stop) = StopSwitch::new();
    let telling = teller.events(session.client.clone(), since, Some(job), stop.clone());
    let troubles = teller.notices(&order.notices, stop.clone());
    let changed = |now: &JobRecord| teller.screen().status(status_words(now.status));
    let ended = tokio::select! {
        ended = order.requester.follow(job, &stop, changed) => Some(ended),
        () = follow::interrupted() => None,
    };
    switch.stop();
    telling.await?;
    troubles.await?;
    ended.map_or_else(
        || {
            let short = narrate::short(&job.to_string());
            let message = format!(
                "no longer waiting; the job goes on: `earnest job status {short}` shows it, \
                 `earnest job fetch {short}` gets its result"
            );
            Err(Failure::error(exit::INTERRUPTED, message))
        },
        |ended| Ok(ended?),
    )
}

/// Everything up to the submission itself: wallet, program, input.
async fn prepare(session: &Session, arguments: &JobArgs, home: &Home) -> Result<Order> {
    let file = JobFile::read(&arguments.file)?;
    file.check(&session.parameters().await?)
        .with_context(|| format!("in the job file {}", arguments.file.display()))?;
    let wanted = Wanted::find(session, &file).await?;
    let input = input(&file)?;
    let notices = Notices::default();
    let wallet = home.wallet_or_only(arguments.wallet.as_deref())?;
    let (station, account) = session.station(home, &wallet, &notices).await?;
    afford(&account, &wallet, Asset::Stable, file.price_max).await?;
    let requester = Requester::open(&station).await?;
    if let Some(source) = &wanted.source {
        requester.program(source).await?;
    }
    let input = requester.input(input.into()).await?;
    Ok(Order { requester, spec: spec(&file, &wanted, input), notices })
}

/// What a job file names, found on this network or on disk.
struct Wanted {
    program: ProgramId,
    /// The module, unless the program is named by its id.
    source: Option<Vec<u8>>,
    /// Memory that the job allows: what the program declares, unless the job file says more.
    memory: u64,
    class: ClassId,
}

impl Wanted {
    async fn find(session: &Session, file: &JobFile) -> Result<Self> {
        let class = session.class(&file.class).await?.id;
        let (program, source, declared) = match &file.program {
            ProgramRef::Registered(id) => {
                let view = session.client.program(*id).await?;
                let view = view.with_context(|| {
                    format!("program {id} is not registered here: name the file of its module")
                })?;
                (*id, None, view.memory_max)
            }
            ProgramRef::File(_) => {
                let source = module(file)?;
                let prepared = machine::prepare::prepare(&source)
                    .context("the program of the job is refused")?;
                (ProgramId(prepared.id().0), Some(source), declared_bytes(&prepared))
            }
        };
        Ok(Self { program, source, memory: allowed_bytes(file, declared)?, class })
    }
}

fn spec(file: &JobFile, wanted: &Wanted, input: protocol::Content) -> JobSpec {
    JobSpec {
        program: wanted.program,
        input,
        class: wanted.class,
        steps_max: file.steps_max,
        meter_max: file.meter_max,
        memory_max: wanted.memory,
        run_ms: file.run_ms,
        wait_ms: file.wait_ms,
        price_max: file.price_max,
        harm: file.harm,
        insured: file.insured,
        kind: JobKind::Proven,
    }
}

/// The ask that sets the price of a job, and the price, from the asks in order. Whoever runs it is
/// paid what the next one asks, if there is a next one, and never more than the maximum. Where even
/// the lowest ask is above that, it is the lowest and what it would cost.
fn quote(
    asks: &[Amount],
    price_max: Amount,
    priced: impl Fn(Amount) -> Amount,
) -> Option<(Amount, Amount)> {
    let lowest = *asks.first()?;
    if priced(lowest) > price_max {
        return Some((lowest, priced(lowest)));
    }
    let next = asks.get(1).copied().unwrap_or(lowest);
    Some((next, priced(next).min(price_max)))
}

/// Says what a job would cost with the offers that stand.
async fn dry_run(session: &Session, arguments: &JobArgs, common: &Common) -> Result<()> {
    let file = JobFile::read(&arguments.file)?;
    let parameters = session.parameters().await?;
    file.check(&parameters)
        .with_context(|| format!("in the job file {}", arguments.file.display()))?;
    let wanted = Wanted::find(session, &file).await?;
    let content = machine::content::Content::of(&input(&file)?);
    let content = protocol::Content { root: protocol::Hash(content.root.0), size: content.size };
    let spec = spec(&file, &wanted, content);
    let offers = session.client.operators(None, OFFERS_READ).await?.items;
    let mut asks: Vec<_> = offers
        .iter()
        .flat_map(|view| &view.offers)
        .filter(|offer| offer.class == wanted.class && offer.offer.units > 0)
        .map(|offer| offer.offer.ask)
        .collect();
    asks.sort_unstable();
    let priced = |ask| protocol::price_ceil(&parameters, &spec, ask);
    let quote = quote(&asks, spec.price_max, priced);
    if common.output == Output::Json {
        let (lowest, price) = (asks.first(), quote.map(|(_, price)| price));
        return output::json(&json!({"spec": spec, "lowest_ask": lowest, "price": price}));
    }
    output::line(format!("program    {}", wanted.program))?;
    output::line(format!("input      {} bytes, root {}", spec.input.size, spec.input.root))?;
    output::line(format!("at most    {}", Asset::Stable.show(spec.price_max)))?;
    let Some((ask, price)) = quote else {
        return output::line("now        nobody offers this class");
    };
    output::line(format!(
        "now        {} = at most {} metered units x {} per 10^9, rounded up{}",
        Asset::Stable.show(price),
        spec.meter_max,
        Asset::Stable.show(ask),
        if price < priced(ask) { ", no more than the maximum" } else { "" }
    ))?;
    if price > spec.price_max {
        let price = Asset::Stable.number(price);
        output::line(format!(
            "           no standing ask takes it: raise price_max to \"{price}\", or lower meter_max"
        ))?;
    }
    Ok(())
}
