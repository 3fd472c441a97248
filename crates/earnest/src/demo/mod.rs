//! `earnest demo`: a whole network in this process, four real jobs, one villain, and the books.

mod report;
mod scene;
mod tally;
mod verdict;
mod work;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use agents::auditor::{self, Watch};
use agents::notice::{News, Notice, Notices};
use agents::provider::{self, WrongStep};
use agents::requester::Requester;
use agents::stop::{Stop, StopSwitch};
use anyhow::{Context, Result};
use api::{Client, Cursor};
use bytes::Bytes;
use ledger::Pacing;
use machine::prepare::prepare;
use machine::tamper::Place;
use node::presets::{self, Funding};
use node::{Node, NodeConfig};
use protocol::{AccountId, Amount, ClassId, EndReason, JobId, JobKind, JobSpec, ProgramId};
use tokio::task::JoinHandle;

use self::report::{AccountReport, Conviction, JobReport, Report, SupplyReport};
use self::tally::Tally;
use self::verdict::Facts;
use self::work::Work;
use crate::cast::{Manner, Member, Part, Stake, Troupe, enrol};
use crate::cli::{Common, DemoArgs, Output, Villain};
use crate::follow::Teller;
use crate::narrate::{Names, end_words, fault_words};
use crate::output;

/// What everybody starts with: whole tokens and whole dollars.
const FUNDS: (u64, u64) = (100_000, 100_000);

/// What an honest operator puts up.
const STAKE: Stake =
    Stake { native: Amount::new(20_000_000_000_000), stable: Amount::new(2_000_000_000) };

/// What a villain among the auditors puts up: by far the most, so that it is drawn.
const VILLAIN_STAKE: Stake =
    Stake { native: Amount::new(90_000_000_000_000), stable: Amount::new(90_000_000_000) };

/// The villain's ask as a provider: the lowest, so that it gets the first job.
const VILLAIN_ASK: Amount = Amount::new(40_000);

/// The step of the training that is corrupted.
const WRONG_STEP: u64 = 137;

/// Which of the words that the step changed has its sign flipped.
const WRONG_WORD: u32 = 20_000;

/// Milliseconds a provider has for a job.
const RUN_MS: u64 = 20_000;

/// Milliseconds a job waits for a provider.
const WAIT_MS: u64 = 120_000;

/// Most that a job may cost: six dollars.
const PRICE_MAX: Amount = Amount::new(6_000_000);

/// Most steps of a job.
const STEPS_MAX: u64 = 100_000;

/// Most metered units of a job.
const METER_MAX: u64 = 100_000_000_000;

/// How fast blocks follow each other: fast enough to watch.
const PACING: Pacing = Pacing { idle: Duration::from_millis(250), busy: Duration::from_millis(20) };

/// Events read at once.
const PAGE: usize = 1_000;

/// Runs the demo. The exit code says whether every expectation held.
pub(crate) async fn run(arguments: &DemoArgs, common: &Common) -> Result<ExitCode> {
    let started = Instant::now();
    let works = work::all(arguments)?;
    output::say(scene::introduction(arguments.dishonest));
    let folder = tempfile::tempdir().context("cannot create a temporary folder")?;
    let stage = Stage::raise(folder.path(), arguments.dishonest).await?;
    let outcomes = stage.play(&works).await;
    let (outcomes, books) = match outcomes {
        Ok(outcomes) => (outcomes, stage.books().await),
        Err(error) => {
            stage.strike().await?;
            return Err(error);
        }
    };
    let cast = stage.cast.clone();
    let found = stage.strike().await?;
    let mut report = compose(arguments.dishonest, &cast, outcomes, books?, &found, &works);
    report.seconds = started.elapsed().as_secs_f64();
    match common.output {
        Output::Json => output::json(&report)?,
        Output::Table => {
            output::say("");
            report.print()?;
        }
    }
    Ok(if report.expectations_met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Who plays.
#[derive(Clone)]
struct Cast {
    members: Vec<Member>,
    villain: Option<AccountId>,
}

impl Cast {
    fn choose(kind: Villain) -> Self {
        let [third_provider, third_validator] = scene::thirds(kind);
        let members = vec![
            Member::new("rosa", Part::Requester),
            Member::new("alice", Part::Provider),
            Member::new("bob", Part::Provider),
            Member::new(third_provider, Part::Provider),
            Member::new("vera", Part::Validator),
            Member::new("victor", Part::Validator),
            Member::new(third_validator, Part::Validator),
        ];
        let villain = members.iter().find(|member| member.name == "mallory").map(Member::id);
        Self { members, villain }
    }

    fn names(&self) -> Names {
        let mut names = Names::default();
        for member in &self.members {
            names.account(member.id(), member.name.clone());
        }
        names
    }

    fn stake(&self, member: &Member) -> Stake {
        let leads = self.villain == Some(member.id()) && member.part == Part::Validator;
        if leads { VILLAIN_STAKE } else { STAKE }
    }

    fn manner(&self, member: &Member, kind: Villain) -> Result<Manner> {
        if self.villain != Some(member.id()) {
            return Ok(Manner::default());
        }
        let honest = Manner::default();
        let as_provider = |provider| Manner { provider, ask: VILLAIN_ASK, ..Manner::default() };
        Ok(match kind {
            Villain::None => honest,
            Villain::WrongStep => {
                let training = ProgramId(prepare(train::MODULE)?.id().0);
                let place = Place::ChangedWord { index: WRONG_WORD };
                let wrong = WrongStep::new(WRONG_STEP, place).only(training);
                as_provider(provider::Conduct::WrongStep(wrong))
            }
            Villain::Silent => as_provider(provider::Conduct::Silent),
            Villain::WithholdData => as_provider(provider::Conduct::WithholdData),
            Villain::LazyAuditor => Manner { auditor: auditor::Conduct::Lazy, ..honest },
            Villain::FalseChallenger => {
                Manner { auditor: auditor::Conduct::FalseChallenger, watch: Watch::All, ..honest }
            }
        })
    }
}

/// The running network with everybody at work.
struct Stage {
    node: Node,
    cast: Cast,
    notices: Notices,
    troupe: Troupe,
    switch: StopSwitch,
    stop: Stop,
    showing: JoinHandle<()>,
    telling: JoinHandle<()>,
    faults: JoinHandle<Vec<Found>>,
}

/// A fault that an auditor found and proved.
struct Found {
    job: JobId,
    accuser: AccountId,
    step: Option<u64>,
    evidence: Bytes,
}

/// One job's end.
struct Outcome {
    name: &'static str,
    job: JobId,
    program: ProgramId,
    summary: Result<String>,
}

/// What the ledger says at the end.
struct Books {
    tally: Tally,
    supply: Vec<api::wire::SupplyView>,
}

impl Stage {
    async fn raise(folder: &Path, kind: Villain) -> Result<Self> {
        let cast = Cast::choose(kind);
        let funded: Vec<Funding> = cast
            .members
            .iter()
            .map(|member| Funding::whole(member.id(), FUNDS.0, FUNDS.1))
            .collect();
        let mut config = NodeConfig::new(folder, presets::demo(&funded));
        config.pacing = PACING;
        let node = Node::start(config).await?;
        let client = node.client();
        let notices = Notices::default();
        let (switch, stop) = StopSwitch::new();
        let mut names = cast.names();
        for (program, name) in programs()? {
            names.program(program, name);
        }
        let teller = Teller::new(names);
        let telling = teller.events(client.clone(), Cursor::default(), None, stop.clone());
        let showing = teller.runs(&notices, stop.clone());
        let faults = gather(&notices, stop.clone());
        let mut stage = Self {
            node,
            cast,
            notices,
            troupe: Troupe::default(),
            switch,
            stop,
            showing,
            telling,
            faults,
        };
        stage.enrol(&client, folder, kind).await?;
        Ok(stage)
    }

    async fn enrol(&mut self, client: &Client, folder: &Path, kind: Villain) -> Result<()> {
        let blobs = self.node.network().blobs.clone();
        for member in self.cast.members.clone() {
            if member.part == Part::Requester {
                continue;
            }
            let account = member.account(client).await?;
            enrol(&account, member.part, self.cast.stake(&member)).await?;
            let station = member.station(client, &blobs, &folder.join("agents"), &self.notices)?;
            let manner = self.cast.manner(&member, kind)?;
            self.troupe.add(&station, member.part, manner, &self.stop).await?;
        }
        Ok(())
    }

    /// Submits every job, follows all to their end, fetches and checks what came out.
    async fn play(&self, works: &[Work]) -> Result<Vec<Outcome>> {
        let member = self.cast.members.first().context("the requester is the first of the cast")?;
        let network = self.node.network();
        let folders = network.blobs.with_file_name("agents");
        let station =
            member.station(&self.node.client(), &network.blobs, &folders, &self.notices)?;
        let requester = Requester::open(&station).await?;
        let mut submitted = Vec::new();
        for work in works {
            submitted.push((work, submit(&requester, work).await?));
        }
        let mut outcomes = Vec::new();
        for (work, (program, job)) in submitted {
            let summary = match requester.follow(job, &self.stop, |_| {}).await? {
                EndReason::Completed => (work.summary)(&requester.fetch(job).await?.output),
                reason => Err(anyhow::anyhow!(end_words(reason))),
            };
            outcomes.push(Outcome { name: work.name, job, program, summary });
        }
        Ok(outcomes)
    }

    /// Everything that ever happened, added up, and the supply equation.
    async fn books(&self) -> Result<Books> {
        let client = self.node.client();
        let supply = client.supply().await?;
        let mut tally = Tally::default();
        let mut after = Cursor::default();
        loop {
            let page = client.events(after, PAGE, Duration::ZERO).await?;
            if page.events.is_empty() {
                return Ok(Books { tally, supply });
            }
            page.events.iter().for_each(|record| tally.add(&record.event));
            after = page.next;
        }
    }

    /// Sends everybody home.
    async fn strike(self) -> Result<Vec<Found>> {
        self.switch.stop();
        self.troupe.ended().await?;
        self.showing.await?;
        self.telling.await?;
        let faults = self.faults.await?;
        self.node.shutdown().await;
        Ok(faults)
    }
}

fn programs() -> Result<Vec<(ProgramId, &'static str)>> {
    let modules = [
        (train::MODULE, "training"),
        (nbody::MODULE, "simulation"),
        (table::MODULE, "data"),
        (infer::MODULE, "inference"),
    ];
    modules
        .into_iter()
        .map(|(module, name)| Ok((ProgramId(prepare(module)?.id().0), name)))
        .collect()
}

async fn submit(requester: &Requester, work: &Work) -> Result<(ProgramId, JobId)> {
    let program = requester.program(work.module).await?;
    let input = requester.input(work.input.clone().into()).await?;
    let memory_max = u64::from(prepare(work.module)?.manifest().maximum_memory_pages) << 16;
    let spec = JobSpec {
        program,
        input,
        class: ClassId::CPU,
        steps_max: STEPS_MAX,
        meter_max: METER_MAX,
        memory_max,
        run_ms: RUN_MS,
        wait_ms: WAIT_MS,
        price_max: PRICE_MAX,
        harm: Amount::ZERO,
        insured: Amount::ZERO,
        kind: JobKind::Proven,
    };
    Ok((program, requester.submit(spec).await?))
}

/// Collects the faults that auditors prove.
fn gather(notices: &Notices, stop: Stop) -> JoinHandle<Vec<Found>> {
    let mut heard = notices.listen();
    tokio::spawn(async move {
        let mut found = Vec::new();
        loop {
            let notice = tokio::select! {
                notice = heard.recv() => notice,
                () = stop.stopped() => return found,
            };
            if let Ok(Notice {
                account,
                news: News::FaultFound { attempt, step, evidence, .. },
                ..
            }) = notice
            {
                found.push(Found { job: attempt.job, accuser: account, step, evidence });
            }
        }
    })
}

fn compose(
    kind: Villain,
    cast: &Cast,
    outcomes: Vec<Outcome>,
    books: Books,
    found: &[Found],
    works: &[Work],
) -> Report {
    let facts = Facts {
        jobs: outcomes.len(),
        outputs_sound: outcomes.iter().all(|outcome| outcome.summary.is_ok()),
        supply_exact: books.supply.iter().all(|view| view.exact),
        villain: cast.villain,
    };
    let expectations = verdict::check(kind, &books.tally, &facts);
    let mut names = cast.names();
    for outcome in &outcomes {
        names.job(outcome.job, outcome.name);
    }
    let supply = books.supply.iter().map(|view| {
        let report = SupplyReport {
            minted: view.minted,
            burned: view.burned,
            accounted: view.accounted,
            exact: view.exact,
        };
        (view.symbol.clone(), report)
    });
    Report {
        expectations_met: expectations.iter().all(|expectation| expectation.met),
        dishonest: clap::ValueEnum::to_possible_value(&kind)
            .map_or_else(String::new, |value| value.get_name().to_owned()),
        seconds: 0.0,
        expectations,
        jobs: outcomes.iter().map(|outcome| job_report(outcome, &books.tally, &names)).collect(),
        convictions: convictions(&books.tally, found, works, &names),
        accounts: cast.members.iter().map(|member| account_report(member, &books.tally)).collect(),
        supply: supply.collect::<BTreeMap<_, _>>(),
        books: books.supply,
    }
}

fn job_report(outcome: &Outcome, tally: &Tally, names: &Names) -> JobReport {
    let course = tally.jobs.get(&outcome.job).cloned().unwrap_or_default();
    JobReport {
        name: outcome.name.to_owned(),
        job: outcome.job.to_string(),
        program: outcome.program.to_string(),
        outcome: outcome_word(course.end),
        attempts: course.attempts,
        steps: course.steps,
        meter: course.meter,
        provider: course.paid.map(|(provider, _)| names.of(provider)),
        paid: course.paid.map_or(Amount::ZERO, |(_, amount)| amount),
        summary: match &outcome.summary {
            Ok(summary) => summary.clone(),
            Err(error) => format!("{error:#}"),
        },
    }
}

/// The end of a job in the word that the API uses.
fn outcome_word(end: Option<EndReason>) -> String {
    let word = end.map(serde_json::to_value).and_then(Result::ok);
    word.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_else(|| "open".to_owned())
}

fn convictions(tally: &Tally, found: &[Found], works: &[Work], names: &Names) -> Vec<Conviction> {
    let guilty = tally.judged.iter().filter(|judged| judged.ruling == protocol::Ruling::Guilty);
    let report = |judged: &tally::Judged| {
        let of_job = |fault: &&Found| fault.job == judged.job && fault.accuser == judged.challenger;
        let proof = found.iter().find(of_job);
        let job = names.of_job(judged.job);
        let work = works.iter().find(|work| work.name == job);
        let claim =
            tally.jobs.get(&judged.job).and_then(|course| course.revealed.get(&judged.accused));
        let took = match (proof, work, claim) {
            (Some(proof), Some(work), Some(claim)) => rejudge(work, claim, &proof.evidence),
            _ => None,
        };
        Conviction {
            job,
            step: proof.and_then(|proof| proof.step),
            proof_bytes: judged.proof_bytes,
            judge_ms: took.map_or(0.0, |took| took.as_secs_f64() * 1_000.0),
            convicted: names.of(judged.accused),
            accuser: names.of(judged.challenger),
        }
    };
    guilty.map(report).collect()
}

/// Judges the evidence again, with the ledger's own judge, and says how long that takes; nothing if it does
/// not convict here.
fn rejudge(work: &Work, claim: &protocol::Claim, evidence: &[u8]) -> Option<Duration> {
    let program = prepare(work.module).ok()?;
    let input = machine::content::Content::of(&work.input);
    let content = |content: protocol::Content| machine::content::Content {
        root: machine::hash::Hash(content.root.0),
        size: content.size,
    };
    let claim = machine::claim::Claim {
        output: content(claim.output),
        trace: content(claim.trace),
        meter: claim.meter,
    };
    let bounds = agents::bounds(STEPS_MAX, METER_MAX);
    let started = Instant::now();
    let verdict = machine::fraud::judge_bytes(&program, &input, &bounds, &claim, evidence);
    let took = started.elapsed();
    matches!(verdict, machine::fraud::Verdict::Guilty(_)).then_some(took)
}

fn account_report(member: &Member, tally: &Tally) -> AccountReport {
    let statement = tally.statements.get(&member.id()).cloned().unwrap_or_default();
    let faults: Vec<&str> = statement.faults.iter().map(|fault| fault_words(*fault)).collect();
    AccountReport {
        name: member.name.clone(),
        role: member.part.word().to_owned(),
        staked: statement.staked,
        earned: statement.earned,
        lost: statement.lost,
        spent: statement.spent,
        fees: statement.fees,
        standing: match (faults.is_empty(), statement.jailed) {
            (true, _) => "active".to_owned(),
            (false, true) => format!("jailed: {}", faults.join(", ")),
            (false, false) => faults.join(", "),
        },
    }
}
