//! Doing what was planned: each deed once more is harmless.

use api::wire::SessionView;
use protocol::{Accused, Action, DataKind};
use wallet::answers::{Answer, Duty};

use super::{Auditor, Deed};
use crate::account::SendError;
use crate::attempt::Attempt;
use crate::demand::Pages;
use crate::notice::News;
use crate::stop::Stop;
use crate::view::View;

/// The rules' code for "this block has judged enough": the same challenge is good in the next one.
const JUDGE_BUSY: u16 = 601;

impl Auditor {
    pub(super) async fn perform(&mut self, view: &View, deed: Deed, stop: &Stop) {
        let done = match deed {
            Deed::Unjail => self.unjail().await,
            Deed::Attend(session) => self.attend(session).await,
            Deed::Run(attempt) => {
                if let Some(found) = view.job(attempt.job) {
                    self.start(&found.job, attempt, stop);
                }
                Ok(())
            }
            Deed::Demand(attempt, data, pages) => self.demand(attempt, data, pages).await,
            Deed::Answer(attempt) => {
                let result = self.memory.results.get(&attempt).copied();
                if let (Some(found), Some(claim)) = (view.job(attempt.job), result) {
                    self.answer(&found.job, attempt, claim);
                }
                Ok(())
            }
            Deed::Commit(attempt) => self.commit(attempt).await,
            Deed::Reveal(attempt) => self.reveal(attempt).await,
            Deed::Challenge(attempt) => self.challenge(view, attempt, stop).await,
        };
        if let Err(error) = done {
            self.desk.voice.trouble(format!("{deed:?}"), &error);
        }
    }

    async fn unjail(&self) -> Result<(), SendError> {
        self.desk.account.send(Action::Unjail).await?;
        self.desk.voice.say(News::Unjailed);
        Ok(())
    }

    async fn attend(&self, SessionView { epoch, session }: SessionView) -> Result<(), SendError> {
        self.desk.account.send(Action::Attend { epoch, session }).await?;
        self.desk.voice.say(News::Attended { epoch, session });
        Ok(())
    }

    async fn demand(
        &mut self,
        attempt: Attempt,
        data: DataKind,
        pages: Pages,
    ) -> Result<(), SendError> {
        let (job, first_page, count) = (attempt.job, pages.first, pages.count);
        let action = Action::DemandData { job, data, first_page, pages: count };
        if let Err(error) = self.desk.account.send(action).await {
            self.memory.look_again(attempt);
            return Err(error);
        }
        self.desk.voice.say(News::Demanded { attempt, data, first_page, pages: count });
        Ok(())
    }

    async fn commit(&self, attempt: Attempt) -> Result<(), SendError> {
        let Some(Answer { commitment, .. }) = self.given(attempt) else { return Ok(()) };
        self.desk.account.send(Action::CommitAudit { job: attempt.job, commitment }).await?;
        self.desk.voice.say(News::Committed { attempt, commitment });
        Ok(())
    }

    async fn reveal(&self, attempt: Attempt) -> Result<(), SendError> {
        let Some(Answer { claim, salt, .. }) = self.given(attempt) else { return Ok(()) };
        self.desk.account.send(Action::RevealAudit { job: attempt.job, claim, salt }).await?;
        self.desk.voice.say(News::Revealed { attempt, claim });
        Ok(())
    }

    /// Sends the proof if there is one, else goes looking for it.
    async fn challenge(
        &mut self,
        view: &View,
        attempt: Attempt,
        stop: &Stop,
    ) -> Result<(), SendError> {
        let Some(evidence) = self.evidence.get(&attempt).cloned() else {
            if let Some(found) = view.job(attempt.job) {
                self.prosecute(&found.job, attempt, stop);
            }
            return Ok(());
        };
        let (job, accused) = (attempt.job, Accused::Provider);
        let action = Action::Challenge { job, accused, evidence: evidence.into() };
        let sent = self.desk.account.send(action).await;
        let is_over = match &sent {
            Ok(_) => true,
            Err(error) => error.rejection().is_some_and(|code| code != JUDGE_BUSY),
        };
        if is_over {
            self.memory.challenged.insert(attempt);
            self.evidence.remove(&attempt);
        }
        sent?;
        self.desk.voice.say(News::Challenged { attempt, accused });
        Ok(())
    }

    fn given(&self, attempt: Attempt) -> Option<Answer> {
        self.desk.answers.get(Duty::Audit, attempt)
    }
}
