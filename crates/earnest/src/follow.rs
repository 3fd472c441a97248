//! Telling people what happens while it happens: events of the ledger and notices of agents.

use std::future::Future;
use std::io::IsTerminal;
use std::time::Duration;

use agents::notice::{News, Notices};
use agents::stop::{Stop, StopSwitch};
use api::{Client, Cursor};
use indicatif::{ProgressBar, ProgressStyle};
use protocol::JobId;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;

use crate::narrate::{Names, job_of};

/// Events asked for at once.
const PAGE: usize = 200;

/// How long to wait for the next event.
const WAIT: Duration = Duration::from_secs(2);

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

/// Runs an agent until it ends by itself or somebody interrupts; then lets it finish what it must.
pub(crate) async fn until_interrupted<T>(agent: impl Future<Output = T>, switch: StopSwitch) -> T {
    tokio::pin!(agent);
    tokio::select! {
        ended = &mut agent => return ended,
        () = interrupted() => eprintln!("stopping: finishing what is open"),
    }
    switch.stop();
    agent.await
}

/// Prints every event from a place on, or those of one job, to standard error until stopped.
pub(crate) fn tell(
    client: Client,
    since: Cursor,
    mut names: Names,
    only: Option<JobId>,
    stop: Stop,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut after = since;
        while let Some(page) = next(&client, after, &stop).await {
            after = page.next;
            for record in page.events {
                names.learn(&record.event);
                let job = job_of(&record.event);
                if only.is_some() && job != only {
                    continue;
                }
                if let Some(text) = names.tell(&record.event) {
                    let about = job.map(|job| names.of_job(job)).unwrap_or_default();
                    eprintln!("{:>7.1} s  {about:<10}  {text}", seconds(record.time.0));
                }
            }
        }
    })
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
pub(crate) fn seconds(milliseconds: u64) -> f64 {
    milliseconds as f64 / 1_000.0
}

/// Prints what agents say to standard error until stopped, with a bar for the run in progress.
pub(crate) fn notices(notices: &Notices, names: Names, stop: Stop) -> JoinHandle<()> {
    let mut heard = notices.listen();
    tokio::spawn(async move {
        let bar = progress_bar();
        loop {
            let notice = tokio::select! {
                notice = heard.recv() => notice,
                () = stop.stopped() => break,
            };
            match notice {
                Ok(notice) => show(&bar, &notice.news, &names),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => break,
            }
        }
        bar.finish_and_clear();
    })
}

fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg} [{bar:30}] {pos} steps, {elapsed}");
    ProgressBar::no_length().with_style(style.expect("the template is well-formed"))
}

fn show(bar: &ProgressBar, news: &News, names: &Names) {
    match news {
        News::Progress { attempt, steps, .. } => {
            bar.set_message(format!("running {}", names.of_job(attempt.job)));
            bar.set_position(*steps);
        }
        news => {
            if let Some(text) = words(news, names) {
                bar.suspend(|| eprintln!("{text}"));
            }
        }
    }
}

/// What an agent says, in words; `None` for what is not worth a line.
pub(crate) fn words(news: &News, names: &Names) -> Option<String> {
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
        News::Trouble { doing, reason } => format!("{doing}: {reason}; trying again"),
        _ => return None,
    })
}
