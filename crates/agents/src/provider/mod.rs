//! The provider: keeps offers standing, runs what it is assigned, and stands by what it found.
//!
//! ```text
//!   ledger ----View----+
//!                      +--> plan (pure) --> conduct --> deeds --> perform --> ledger, blobs, machine
//!   own disk --Memory--+                                             |
//!        ^                                                           v
//!        +------------------ answers, kept output and trace ---------+
//! ```
//!
//! The order in which things reach the disk is what makes it safe to kill at any moment:
//!
//! 1. output and trace, in its own store;
//! 2. the answer: claim and salt;
//! 3. only then the commitment goes out;
//! 4. output and trace are published when the claim is about to be opened, not before, so that nobody
//!    audits by copying.

mod conduct;
mod perform;
pub mod plan;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use api::{ClientError, Cursor};
use machine::execution::Execution;
use protocol::{Content, DataKind, Job, JobSpec};
use tokio::task::JoinSet;
use wallet::answers::Duty;

use crate::attempt::Attempt;
use crate::content::{claim_from_machine, is_possible};
use crate::notice::{News, Role, causes};
use crate::runner::RunFailure;
use crate::station::{Desk, OpenError, Station, next_of, paused};
use crate::stop::Stop;
use crate::view::{Scope, View};

pub use conduct::{Conduct, WrongStep};
pub use plan::{Deed, Memory, Policy, Standing};

/// Tries of one run before it is given up.
const TRIES_MAX: u32 = 3;

/// A provider at work.
pub struct Provider {
    desk: Desk,
    policy: Policy,
    conduct: Conduct,
    memory: Memory,
    runs: JoinSet<Ran>,
    tries: BTreeMap<Attempt, u32>,
    /// Faults the ledger had counted when it started.
    faults_before: Option<u64>,
    has_given_up: bool,
    /// Inputs of the attempts in sight.
    inputs: BTreeMap<Attempt, Content>,
}

/// A run that is over.
struct Ran {
    attempt: Attempt,
    spec: JobSpec,
    outcome: Result<Execution, RunFailure>,
    took: Duration,
}

impl Provider {
    /// Opens a provider; it works once it is run.
    ///
    /// # Errors
    /// The node does not answer, or its folder cannot be used.
    pub async fn open(
        station: &Station,
        policy: Policy,
        conduct: Conduct,
    ) -> Result<Self, OpenError> {
        Ok(Self {
            desk: Desk::open(station, Role::Provider).await?,
            policy,
            conduct,
            memory: Memory::default(),
            runs: JoinSet::new(),
            tries: BTreeMap::new(),
            faults_before: None,
            has_given_up: false,
            inputs: BTreeMap::new(),
        })
    }

    /// Works until told to stop. What is being run then is thrown away, never half committed.
    pub async fn run(mut self, stop: Stop) {
        self.desk.voice.say(News::Started);
        while !stop.is_stopped() {
            let seen = self.round(&stop).await;
            tokio::select! {
                ran = next_of(&mut self.runs) => self.finish(ran).await,
                () = self.desk.wait(seen, &stop) => {}
            }
        }
        // Runs hear of the stop themselves, and their children end with them.
        while self.runs.join_next().await.is_some() {}
        self.desk.voice.say(News::Stopped);
    }

    /// Looks, plans, acts. Gives the place in the event stream up to which it looked.
    async fn round(&mut self, stop: &Stop) -> Option<Cursor> {
        let view = match self.look().await {
            Ok(view) => view,
            Err(error) => {
                self.desk.voice.trouble("reading the ledger", &error);
                return None;
            }
        };
        self.recall(&view).await;
        self.desk.discard_inputs(&mut self.inputs, &view).await;
        self.desk.collect(&mut self.memory.collected, &view).await;
        let deeds = plan::plan(&view, &self.memory, &self.policy, &self.desk.rules);
        for deed in self.conduct.amend(deeds) {
            if stop.is_stopped() {
                break;
            }
            self.perform(&view, deed, stop).await;
        }
        Some(view.cursor)
    }

    async fn look(&self) -> Result<View, ClientError> {
        View::read(self.desk.account.client(), self.desk.account.id(), Scope::Own).await
    }

    /// Brings to mind what is on disk about the jobs in sight, and forgets the others.
    async fn recall(&mut self, view: &View) {
        let attempts: Vec<Attempt> =
            view.jobs.iter().filter_map(|found| Some(Attempt::of(&found.job)?.0)).collect();
        self.discard_all_but(&attempts).await;
        self.memory.forget_all_but(&attempts);
        self.tries.retain(|attempt, _| attempts.contains(attempt));
        for attempt in attempts {
            if let Some(answer) = self.desk.answers.get(Duty::Result, attempt) {
                self.memory.answered.insert(attempt, answer.claim);
            }
        }
        self.count_failures(view);
    }

    /// Removes its own copies of what nobody can demand any more.
    async fn discard_all_but(&self, attempts: &[Attempt]) {
        let over = self.memory.answered.iter().filter(|(attempt, _)| !attempts.contains(attempt));
        for content in over.flat_map(|(_, claim)| [claim.trace, claim.output]) {
            if let Err(error) = self.desk.kept.remove(content).await {
                self.desk.voice.trouble("removing kept data", &error);
            }
        }
    }

    fn count_failures(&mut self, view: &View) {
        let Some(operator) = &view.operator else { return };
        let record = operator.operator.reliability;
        let faults = u64::from(record.convictions).saturating_add(record.deadlines_missed);
        let before = *self.faults_before.get_or_insert(faults);
        self.memory.faults = faults.saturating_sub(before);
        let gave_up = plan::gave_up(&self.memory, &self.policy);
        if gave_up && !self.has_given_up {
            let failures = self.memory.failures();
            self.desk.voice.say(News::GaveUp { failures });
        }
        self.has_given_up = gave_up;
    }

    /// Starts a run beside everything else.
    fn start(&mut self, job: &Job, attempt: Attempt, stop: &Stop) {
        self.memory.running.insert(attempt);
        self.desk.voice.say(News::Running { attempt });
        let (runner, voice) = (Arc::clone(&self.desk.runner), self.desk.voice.clone());
        let (job, stop, tampers) = (job.clone(), stop.clone(), self.conduct.tampers(job));
        let steps_max = job.spec.steps_max;
        let on_steps = move |steps| voice.say(News::Progress { attempt, steps, steps_max });
        self.runs.spawn(async move {
            let started = Instant::now();
            let outcome = match runner.fetch(&job).await {
                Ok(case) => runner.run(case, tampers, stop, on_steps).await,
                Err(failure) => Err(paused(failure, &stop).await),
            };
            Ran { attempt, spec: job.spec, outcome, took: started.elapsed() }
        });
    }

    async fn finish(&mut self, ran: Ran) {
        let Ran { attempt, spec, outcome, took } = ran;
        self.memory.running.remove(&attempt);
        match outcome {
            Ok(execution) => self.ran(attempt, &spec, execution, took).await,
            Err(failure) if failure.is_starved() => {
                if self.memory.starved.insert(attempt) {
                    let data = DataKind::Input;
                    self.desk.voice.say(News::Unavailable { attempt, data });
                }
            }
            Err(failure) if failure.is_temporary() => {
                if !failure.is_stopped() {
                    self.desk.voice.trouble(format!("fetching for {attempt}"), &failure);
                }
            }
            Err(failure) => self.failed(attempt, causes(&failure)),
        }
    }

    async fn ran(
        &mut self,
        attempt: Attempt,
        spec: &JobSpec,
        execution: Execution,
        took: Duration,
    ) {
        self.memory.starved.remove(&attempt);
        let claim = claim_from_machine(&execution.claim);
        self.desk.voice.say(News::Ran { attempt, claim, took });
        if execution.corrupted {
            let how = self.conduct.describe();
            self.desk.voice.say(News::Corrupted { attempt, how });
        }
        if !is_possible(spec, &claim) {
            // Whoever commits to what can never be opened loses the whole lock, not a part of it.
            self.memory.hopeless.insert(attempt);
            self.memory.runs_failed += 1;
            let reason = "the run exceeds what the job allows, so it has no answer".to_owned();
            self.desk.voice.say(News::RunFailed { attempt, reason });
        } else if let Err(error) = self.keep(attempt, execution).await {
            self.failed(attempt, causes(error.as_ref()));
        }
    }

    /// Output and trace first, then the answer: whoever finds the answer finds them too.
    async fn keep(
        &mut self,
        attempt: Attempt,
        execution: Execution,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let claim = claim_from_machine(&execution.claim);
        self.desk.kept.put(execution.trace_bytes().into()).await?;
        self.desk.kept.put(execution.output.into()).await?;
        let answer = self.desk.answers.give(Duty::Result, attempt, claim)?;
        self.memory.answered.insert(attempt, answer.claim);
        self.memory.lost.remove(&attempt);
        self.memory.runs_failed = 0;
        Ok(())
    }

    fn failed(&mut self, attempt: Attempt, reason: String) {
        let tries = self.tries.entry(attempt).or_default();
        *tries += 1;
        if *tries >= TRIES_MAX {
            self.memory.hopeless.insert(attempt);
            self.memory.runs_failed += 1;
        }
        self.desk.voice.say(News::RunFailed { attempt, reason });
    }
}
