//! The auditor: runs what others ran, commits blind, and proves what is wrong.
//!
//! ```text
//!   drawn:     run -> answer on disk -> commit -> (provider reveals) -> reveal -+
//!   watching:  run as soon as there is a commitment ----------------------------+-> compare
//!                                                                                    | differs
//!              demand what is withheld <--- fetch the claimed trace and output <-----+
//!                                                |
//!                                                +--> find the first fault, re-check it in the
//!                                                     interpreter, publish the proof: one transaction
//! ```
//!
//! A drawn auditor's salt and claim are on disk before its commitment leaves, as a provider's are. So is the
//! input, because proving anything takes another run, and whoever would be proven wrong may have the store
//! forget it. Its own output and trace are not kept over a restart: they are computed again when they are needed.
//!
//! What is withheld is demanded page by page: see [`crate::demand`]. The pages answered are read from the
//! ledger, so a provider that answers there and publishes nothing is prosecuted like any other.

mod conduct;
mod perform;
pub mod plan;
mod prosecute;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use api::Cursor;
use machine::execution::Execution;
use protocol::{Claim, Content, DataKind, Job};
use tokio::task::JoinSet;
use wallet::answers::Duty;

use crate::attempt::Attempt;
use crate::content::{claim_from_machine, is_possible};
use crate::notice::{News, Role, causes};
use crate::runner::RunFailure;
use crate::station::{Desk, OpenError, Station, next_of, paused};
use crate::stop::Stop;
use crate::view::View;

pub use conduct::Conduct;
pub use plan::{Deed, Memory, Policy, Watch};

use prosecute::Prosecution;

/// Tries of one run before it is given up.
const TRIES_MAX: u32 = 3;

/// An auditor at work.
pub struct Auditor {
    desk: Desk,
    policy: Policy,
    conduct: Conduct,
    memory: Memory,
    works: JoinSet<Work>,
    tries: BTreeMap<Attempt, u32>,
    /// Its own runs, as evidence is taken against them.
    executions: BTreeMap<Attempt, Arc<Execution>>,
    /// Proofs found, until the ledger took them.
    evidence: BTreeMap<Attempt, Vec<u8>>,
    /// Attempts whose agreement was told.
    confirmed: BTreeSet<Attempt>,
    /// Inputs of the attempts in sight.
    inputs: BTreeMap<Attempt, Content>,
}

/// Something that took its time and is over.
enum Work {
    Ran { attempt: Attempt, outcome: Result<Execution, RunFailure>, took: Duration },
    Prosecuted { attempt: Attempt, outcome: Prosecution },
}

impl Auditor {
    /// Opens an auditor; it works once it is run.
    ///
    /// # Errors
    /// The node does not answer, or its folder cannot be used.
    pub async fn open(
        station: &Station,
        policy: Policy,
        conduct: Conduct,
    ) -> Result<Self, OpenError> {
        Ok(Self {
            desk: Desk::open(station, Role::Auditor).await?,
            policy,
            conduct,
            memory: Memory::default(),
            works: JoinSet::new(),
            tries: BTreeMap::new(),
            executions: BTreeMap::new(),
            evidence: BTreeMap::new(),
            confirmed: BTreeSet::new(),
            inputs: BTreeMap::new(),
        })
    }

    /// Works until told to stop.
    pub async fn run(mut self, stop: Stop) {
        self.desk.voice.say(News::Started);
        while !stop.is_stopped() {
            let seen = self.round(&stop).await;
            tokio::select! {
                work = next_of(&mut self.works) => self.finish(work),
                () = self.desk.wait(seen, &stop) => {}
            }
        }
        while self.works.join_next().await.is_some() {}
        self.desk.voice.say(News::Stopped);
    }

    /// Looks, plans, acts. Gives the place in the event stream up to which it looked.
    async fn round(&mut self, stop: &Stop) -> Option<Cursor> {
        let (client, account) = (self.desk.account.client(), self.desk.account.id());
        let view = match View::read(client, account, self.policy.watch.scope()).await {
            Ok(view) => view,
            Err(error) => {
                self.desk.voice.trouble("reading the ledger", &error);
                return None;
            }
        };
        self.recall(&view);
        self.desk.discard_inputs(&mut self.inputs, &view).await;
        for attempt in self.desk.collect(&mut self.memory.collected, &view).await {
            self.memory.look_again(attempt);
        }
        let deeds = plan::plan(&view, &self.memory, &self.policy, &self.desk.rules);
        for deed in self.conduct.amend(&view, &self.memory, deeds) {
            if stop.is_stopped() {
                break;
            }
            self.perform(&view, deed, stop).await;
        }
        Some(view.cursor)
    }

    /// Brings to mind what is on disk about the jobs in sight, and forgets the others.
    fn recall(&mut self, view: &View) {
        let attempts: Vec<Attempt> =
            view.jobs.iter().filter_map(|found| Some(Attempt::of(&found.job)?.0)).collect();
        self.memory.forget_all_but(&attempts);
        self.tries.retain(|attempt, _| attempts.contains(attempt));
        self.executions.retain(|attempt, _| attempts.contains(attempt));
        self.evidence.retain(|attempt, _| attempts.contains(attempt));
        self.confirmed.retain(|attempt| attempts.contains(attempt));
        for attempt in attempts {
            if let Some(answer) = self.desk.answers.get(Duty::Audit, attempt) {
                self.memory.answered.insert(attempt, answer.claim);
            }
        }
        view.jobs.iter().for_each(|found| self.compare(&found.job));
    }

    /// Says once whether its own run agrees with what was revealed.
    fn compare(&mut self, job: &Job) {
        let Some((attempt, assignment)) = Attempt::of(job) else { return };
        let Some(claim) = assignment.claim else { return };
        let Some(result) = self.memory.results.get(&attempt) else { return };
        if self.confirmed.insert(attempt) {
            let agrees = *result == claim;
            let accused = protocol::Accused::Provider;
            let disagreed = News::Disagreed { attempt, accused };
            self.desk.voice.say(if agrees { News::Confirmed { attempt } } else { disagreed });
        }
    }

    /// Starts a run beside everything else.
    fn start(&mut self, job: &Job, attempt: Attempt, stop: &Stop) {
        if let Some(claim) = self.conduct.invent(job) {
            self.answer(job, attempt, claim);
            return;
        }
        self.memory.running.insert(attempt);
        self.desk.voice.say(News::Running { attempt });
        let (runner, voice) = (Arc::clone(&self.desk.runner), self.desk.voice.clone());
        let (job, stop) = (job.clone(), stop.clone());
        let steps_max = job.spec.steps_max;
        let on_steps = move |steps| voice.say(News::Progress { attempt, steps, steps_max });
        self.works.spawn(async move {
            let started = Instant::now();
            let outcome = match runner.fetch_to_keep(&job).await {
                Ok(case) => runner.run(case, Vec::new(), stop, on_steps).await,
                Err(failure) => Err(paused(failure, &stop).await),
            };
            Work::Ran { attempt, outcome, took: started.elapsed() }
        });
    }

    fn finish(&mut self, work: Work) {
        match work {
            Work::Ran { attempt, outcome, took } => {
                self.memory.running.remove(&attempt);
                match outcome {
                    Ok(execution) => self.ran(attempt, execution, took),
                    Err(failure) => self.did_not_run(attempt, &failure),
                }
            }
            Work::Prosecuted { attempt, outcome } => {
                self.memory.running.remove(&attempt);
                self.prosecuted(attempt, outcome);
            }
        }
    }

    fn ran(&mut self, attempt: Attempt, execution: Execution, took: Duration) {
        let claim = claim_from_machine(&execution.claim);
        self.desk.voice.say(News::Ran { attempt, claim, took });
        self.memory.starved.remove(&attempt);
        self.memory.results.insert(attempt, claim);
        self.executions.insert(attempt, Arc::new(execution));
    }

    fn did_not_run(&mut self, attempt: Attempt, failure: &RunFailure) {
        if failure.is_starved() {
            if self.memory.starved.insert(attempt) {
                let data = DataKind::Input;
                self.desk.voice.say(News::Unavailable { attempt, data });
            }
        } else if failure.is_temporary() {
            if !failure.is_stopped() {
                self.desk.voice.trouble(format!("fetching for {attempt}"), failure);
            }
        } else {
            self.failed(attempt, causes(failure));
        }
    }

    fn failed(&mut self, attempt: Attempt, reason: String) {
        let tries = self.tries.entry(attempt).or_default();
        *tries += 1;
        if *tries >= TRIES_MAX {
            self.memory.hopeless.insert(attempt);
        }
        self.desk.voice.say(News::RunFailed { attempt, reason });
    }

    /// Answers a drawn audit with a claim: on disk first. Without the disk nothing is committed to.
    fn answer(&mut self, job: &Job, attempt: Attempt, claim: Claim) {
        if !is_possible(&job.spec, &claim) {
            let reason = "the run exceeds what the job allows, so it has no answer".to_owned();
            if self.memory.hopeless.insert(attempt) {
                self.desk.voice.say(News::RunFailed { attempt, reason });
            }
            return;
        }
        match self.desk.answers.give(Duty::Audit, attempt, claim) {
            Ok(answer) => {
                self.memory.answered.insert(attempt, answer.claim);
            }
            Err(error) => {
                self.desk.voice.trouble(format!("answering for job {}", job.id), &error);
            }
        }
    }
}
