//! Doing what was planned: each deed once more is harmless.

use api::wire::{DemandView, JobView};
use bytes::Bytes;
use protocol::{AccountId, Action, Claim, DataKind};
use wallet::answers::{Answer, Duty};

use super::{Deed, Provider, Standing};
use crate::account::SendError;
use crate::attempt::Attempt;
use crate::blobs::BlobError;
use crate::demand::{self, Pages};
use crate::notice::News;
use crate::stop::Stop;
use crate::view::View;

/// Why a deed was not done. It is planned again as long as it is due.
#[derive(Debug, thiserror::Error)]
enum DeedError {
    #[error(transparent)]
    Send(#[from] SendError),
    #[error(transparent)]
    Blob(#[from] BlobError),
}

impl Provider {
    pub(super) async fn perform(&mut self, view: &View, deed: Deed, stop: &Stop) {
        let done = match deed {
            Deed::Offer(offer) => self.offer(offer).await,
            Deed::Unjail => self.unjail().await,
            Deed::Run(attempt) => {
                if let Some(found) = view.job(attempt.job) {
                    self.start(&found.job, attempt, stop);
                }
                Ok(())
            }
            Deed::DemandInput(attempt, pages) => self.demand_input(attempt, pages).await,
            Deed::Commit(attempt) => self.commit(attempt).await,
            Deed::Publish(attempt) => self.publish(attempt).await,
            Deed::Reveal(attempt) => self.reveal(attempt).await,
            Deed::Answer(attempt, demander) => match demand_of(view.job(attempt.job), demander) {
                Some(open) => self.answer(attempt, open).await,
                None => Ok(()),
            },
        };
        if let Err(error) = done {
            self.desk.voice.trouble(format!("{deed:?}"), &error);
        }
    }

    async fn offer(&self, offer: Standing) -> Result<(), DeedError> {
        let Standing { class, units, ask } = offer;
        self.desk.account.send(Action::SetOffer { class, units, ask }).await?;
        self.desk.voice.say(News::Offered { class, units, ask });
        Ok(())
    }

    async fn unjail(&self) -> Result<(), DeedError> {
        self.desk.account.send(Action::Unjail).await?;
        self.desk.voice.say(News::Unjailed);
        Ok(())
    }

    async fn demand_input(&self, attempt: Attempt, pages: Pages) -> Result<(), DeedError> {
        let (job, data) = (attempt.job, DataKind::Input);
        let Pages { first: first_page, count } = pages;
        let action = Action::DemandData { job, data, first_page, pages: count };
        self.desk.account.send(action).await?;
        self.desk.voice.say(News::Demanded { attempt, data, first_page, pages: count });
        Ok(())
    }

    async fn commit(&self, attempt: Attempt) -> Result<(), DeedError> {
        let Some(Answer { commitment, .. }) = self.given(attempt) else { return Ok(()) };
        self.desk.account.send(Action::CommitResult { job: attempt.job, commitment }).await?;
        self.desk.voice.say(News::Committed { attempt, commitment });
        Ok(())
    }

    async fn reveal(&self, attempt: Attempt) -> Result<(), DeedError> {
        let Some(Answer { claim, salt, .. }) = self.given(attempt) else { return Ok(()) };
        self.desk.account.send(Action::RevealResult { job: attempt.job, claim, salt }).await?;
        self.desk.voice.say(News::Revealed { attempt, claim });
        Ok(())
    }

    async fn publish(&mut self, attempt: Attempt) -> Result<(), DeedError> {
        let Some(Answer { claim, .. }) = self.given(attempt) else { return Ok(()) };
        if let Some((trace, output)) = self.kept(attempt, &claim).await? {
            self.desk.shared.put(trace).await?;
            self.desk.shared.put(output).await?;
            self.memory.published.insert(attempt);
            self.desk.voice.say(News::Published { attempt });
        }
        Ok(())
    }

    /// Answers on the ledger, and, if that is its conduct, hands the data out once more: whoever demands them could not
    /// get them.
    async fn answer(&mut self, attempt: Attempt, open: &DemandView) -> Result<(), DeedError> {
        let Some(Answer { claim, .. }) = self.given(attempt) else { return Ok(()) };
        let Some((trace, output)) = self.kept(attempt, &claim).await? else { return Ok(()) };
        let bytes = if open.demand.data == DataKind::Trace { &trace } else { &output };
        let pages = demand::answer(bytes, &open.demand);
        let (job, demander) = (attempt.job, open.demander);
        let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
        self.desk.account.send(Action::AnswerDemand { job, demander, pages }).await?;
        self.desk.voice.say(News::Answered { attempt, pages: count });
        if self.conduct.hands_out() {
            self.desk.shared.put(trace).await?;
            self.desk.shared.put(output).await?;
        }
        Ok(())
    }

    fn given(&self, attempt: Attempt) -> Option<Answer> {
        self.desk.answers.get(Duty::Result, attempt)
    }

    /// Trace and output from its own store; nothing, and a note to compute them again, if they are gone.
    async fn kept(
        &mut self,
        attempt: Attempt,
        claim: &Claim,
    ) -> Result<Option<(Bytes, Bytes)>, BlobError> {
        let both = async {
            let trace = self.desk.kept.get(claim.trace).await?;
            Ok((trace, self.desk.kept.get(claim.output).await?))
        };
        match both.await {
            Ok(both) => Ok(Some(both)),
            Err(BlobError::Missing { .. } | BlobError::Corrupt { .. }) => {
                self.memory.published.remove(&attempt);
                self.memory.lost.insert(attempt);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

fn demand_of(found: Option<&JobView>, demander: AccountId) -> Option<&DemandView> {
    found?.demands.iter().find(|open| open.demander == demander)
}
