//! Telling people what happens while it happens: events of the ledger and notices of agents.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::future::Future;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use agents::notice::{News, Notice, Notices, Role};
use agents::stop::{Stop, StopSwitch};
use anyhow::Result;
use api::wire::EventRecord;
use api::{Client, Cursor};
use indicatif::{ProgressBar, ProgressStyle};
use protocol::{AccountId, JobId};
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;

use crate::home::Home;
use crate::narrate::{Names, job_of, tone};
use crate::output;

/// Events asked for at once.
const PAGE: usize = 200;

/// How long to wait for the next event.
const WAIT: Duration = Duration::from_secs(2);

/// What ends the part of a reason that people can use; what follows is the transport's.
const SILENCE: &str = "does not answer";

/// How often the last line of a terminal moves.
const TICK: Duration = Duration::from_millis(120);

/// Returns when somebody presses Ctrl-C or the process is asked to end.
pub(crate) async fn interrupted() {
    let mut terminate =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).ok();
    let terminated = async {
        match terminate.as_mut() {
            Some(signal) => signal.recv().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
    }
}

/// Runs an agent until it ends by itself or somebody interrupts, and tells what it says to its last word.
pub(crate) async fn until_interrupted<T>(
    agent: impl Future<Output = T>,
    switch: StopSwitch,
    teller: &Teller,
    notices: &Notices,
) -> Result<T> {
    let (silence, silenced) = StopSwitch::new();
    let telling = teller.notices(notices, silenced);
    tokio::pin!(agent);
    let ended = tokio::select! {
        ended = &mut agent => Some(ended),
        () = interrupted() => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            output::say("stopping: finishing what is open");
            switch.stop();
            agent.await
        }
    };
    silence.stop();
    telling.await?;
    Ok(ended)
}

/// The last line of a terminal, about what is going on. Where standard error is no terminal there is none,
/// and lines are printed all the same.
#[derive(Clone)]
pub(crate) struct Screen(ProgressBar);

impl Screen {
    /// With nothing on its last line yet.
    pub(crate) fn new() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template("{spinner} {wide_msg}");
        let bar = ProgressBar::no_length();
        bar.set_style(style.expect("the template is well-formed"));
        Self(bar)
    }

    /// Prints a line for good.
    pub(crate) fn line(&self, text: impl Display) {
        self.0.suspend(|| output::say(text));
    }

    /// Says what is going on.
    pub(crate) fn status(&self, text: impl Into<String>) {
        if self.0.is_finished() {
            self.0.reset();
        }
        self.0.enable_steady_tick(TICK);
        self.0.set_message(text.into());
    }

    /// Leaves the terminal as it was.
    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

/// Tells people what happens on a network.
#[derive(Clone)]
pub(crate) struct Teller {
    names: Arc<Mutex<Names>>,
    screen: Screen,
    home: Option<Home>,
}

impl Teller {
    /// One that calls things by these names.
    pub(crate) fn new(names: Names) -> Self {
        Self { names: Arc::new(Mutex::new(names)), screen: Screen::new(), home: None }
    }

    /// The same, which also calls accounts by the names of their keys here, those made later included.
    pub(crate) fn at(self, home: &Home) -> Self {
        Self { home: Some(home.clone()), ..self }
    }

    /// Where it tells.
    pub(crate) const fn screen(&self) -> &Screen {
        &self.screen
    }

    /// Tells every event from a place on, or those of one job, until stopped.
    pub(crate) fn events(
        &self,
        client: Client,
        since: Cursor,
        only: Option<JobId>,
        stop: Stop,
    ) -> JoinHandle<()> {
        let teller = self.clone();
        tokio::spawn(async move {
            let mut after = since;
            while let Some(page) = next(&client, after, &stop).await {
                after = page.next;
                teller.learn();
                for record in &page.events {
                    teller.event(record, only);
                }
            }
            teller.screen.clear();
        })
    }

    /// Looks up the keys that are here now. Names only please people: without them there are ids.
    fn learn(&self) {
        let known = self.home.as_ref().and_then(|home| home.known().ok()).unwrap_or_default();
        let mut names = self.names();
        for (account, name) in known {
            names.account(account, name);
        }
    }

    fn event(&self, record: &EventRecord, only: Option<JobId>) {
        let mut names = self.names();
        names.learn(&record.event);
        let job = job_of(&record.event);
        if only.is_some() && job != only {
            return;
        }
        let Some(text) = names.tell(&record.event) else { return };
        let about = job.map(|job| names.of_job(job)).unwrap_or_default();
        let text = tone(&record.event).paint(&text);
        self.screen.line(format!("{:>5.1} s  {about:<10} {text}", seconds(record.time.0)));
    }

    /// Shows on the last line what the agents of this process are running, until stopped.
    pub(crate) fn runs(&self, notices: &Notices, stop: Stop) -> JoinHandle<()> {
        let (teller, mut heard) = (self.clone(), notices.listen());
        tokio::spawn(async move {
            let mut runs = BTreeMap::new();
            loop {
                let notice = tokio::select! {
                    notice = heard.recv() => notice,
                    () = stop.stopped() => return,
                };
                match notice {
                    Ok(notice) => teller.run(&notice, &mut runs),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        })
    }

    fn run(&self, notice: &Notice, runs: &mut BTreeMap<(AccountId, JobId), String>) {
        match &notice.news {
            News::Running { attempt } | News::Progress { attempt, .. } => {
                let names = self.names();
                let verb = if notice.role == Role::Auditor { "re-executes" } else { "runs" };
                let (who, job) = (names.of(notice.account), names.of_job(attempt.job));
                let step = match notice.news {
                    News::Progress { steps, .. } => format!(", step {steps}"),
                    _ => String::new(),
                };
                runs.insert((notice.account, attempt.job), format!("{who} {verb} {job}{step}"));
            }
            News::Ran { attempt, .. } | News::RunFailed { attempt, .. } => {
                runs.remove(&(notice.account, attempt.job));
            }
            _ => return,
        }
        if runs.is_empty() {
            return self.screen.clear();
        }
        let text: Vec<&str> = runs.values().map(String::as_str).collect();
        self.screen.status(text.join(" | "));
    }

    /// Tells what the agents of this process say, until stopped.
    pub(crate) fn notices(&self, notices: &Notices, stop: Stop) -> JoinHandle<()> {
        let (teller, mut heard) = (self.clone(), notices.listen());
        tokio::spawn(async move {
            let mut trouble = None;
            loop {
                let notice = tokio::select! {
                    notice = heard.recv() => notice,
                    () = stop.stopped() => break,
                };
                match notice {
                    Ok(notice) => teller.notice(&notice.news, &mut trouble),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => break,
                }
            }
            // The last words are said while the agent ends.
            while let Ok(notice) = heard.try_recv() {
                teller.notice(&notice.news, &mut trouble);
            }
            teller.screen.clear();
        })
    }

    /// Tells one notice; trouble that lasts is told once.
    fn notice(&self, news: &News, trouble: &mut Option<String>) {
        if let News::Progress { attempt, steps, .. } = news {
            let job = self.names().of_job(attempt.job);
            return self.screen.status(format!("running {job}, step {steps}"));
        }
        let text = words(news, &self.names());
        match news {
            News::Trouble { .. } if *trouble == text => return,
            News::Trouble { .. } => trouble.clone_from(&text),
            // These happen on this machine and do not show that the trouble is over.
            News::Running { .. } => {}
            News::Ran { .. } | News::RunFailed { .. } => self.screen.clear(),
            _ => *trouble = None,
        }
        if let Some(text) = text {
            self.screen.line(text);
        }
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The next page of events; `None` when stopped and nothing is left to tell.
async fn next(client: &Client, after: Cursor, stop: &Stop) -> Option<api::wire::EventPage> {
    loop {
        let stopping = stop.is_stopped();
        let wait = if stopping { Duration::ZERO } else { WAIT };
        let asked = client.events(after, PAGE, wait);
        let page = tokio::select! {
            page = asked => page.ok(),
            () = stop.stopped(), if !stopping => continue,
        };
        match page {
            Some(page) if !page.events.is_empty() => return Some(page),
            _ if stopping => return None,
            Some(_) => {}
            None => tokio::time::sleep(WAIT).await,
        }
    }
}

/// Network time in seconds.
#[allow(clippy::cast_precision_loss, reason = "for people, with one decimal")]
fn seconds(milliseconds: u64) -> f64 {
    milliseconds as f64 / 1_000.0
}

/// What an agent says, in words; `None` for what is not worth a line.
fn words(news: &News, names: &Names) -> Option<String> {
    let job = |attempt: &agents::Attempt| names.of_job(attempt.job);
    Some(match news {
        News::Started => "working; Ctrl-C stops".into(),
        News::Stopped => "stopped".into(),
        News::Running { attempt } => format!("{}: running", job(attempt)),
        News::Ran { attempt, claim, took } => format!(
            "{}: {} steps, {} metered units in {:.1} s",
            job(attempt),
            claim.steps().unwrap_or_default(),
            claim.meter,
            took.as_secs_f64()
        ),
        News::Committed { attempt, .. } => format!("{}: committed", job(attempt)),
        News::Revealed { attempt, .. } => format!("{}: revealed", job(attempt)),
        News::Confirmed { attempt } => format!("{}: the revealed result is right", job(attempt)),
        News::Disagreed { attempt, .. } => {
            format!("{}: the revealed result is wrong", job(attempt))
        }
        News::FaultFound { attempt, fault, evidence, .. } => {
            format!("{}: {fault}; the proof has {} bytes", job(attempt), evidence.len())
        }
        News::RunFailed { attempt, reason } => {
            format!("{}: could not be run: {reason}", job(attempt))
        }
        News::Unavailable { attempt, data } => {
            format!("{}: {data:?} is not to be had", job(attempt))
        }
        News::GaveUp { failures } => format!("no more jobs are taken after {failures} failures"),
        News::Unjailed => "left jail".into(),
        News::Attended { epoch, session } => format!("attends session {session} of epoch {epoch}"),
        News::Trouble { doing, reason } => {
            let useful = reason.find(SILENCE).map_or(reason.len(), |at| at + SILENCE.len());
            format!("{doing}: {}; trying again", &reason[..useful])
        }
        _ => return None,
    })
}
