//! Disputes: challenges, demands for data and their answers.

use std::collections::BTreeSet;

use protocol::{
    AccountId, Accused, Amount, Bound, Case, Claim, Content, DataKind, DisputeEvent, EndReason,
    Event, Fault, Finding, JobId, JobStatus, PageProof, Place, Referee, Rejection, Ruling, STABLE,
    Time, Verdict, Why,
};

use super::jobs::AuditorFate;
use super::operators::{Deed, between};
use super::{Model, Outcome};

/// A demand for data: open, or answered and still in sight.
#[derive(Clone)]
pub(crate) struct Demand {
    pub(crate) data: DataKind,
    pub(crate) content: Content,
    pub(crate) attempt: u32,
    pub(crate) first: u64,
    pub(crate) pages: u32,
    /// When it was made.
    pub(crate) made: u64,
    /// Pages answered so far.
    pub(crate) answered: Vec<Answer>,
    /// Its account's demands before it in the attempt.
    pub(crate) earlier: Vec<Self>,
    pub(crate) deadline: u64,
    pub(crate) number: u64,
}

/// A page that was answered: its index in the content, and where and when.
#[derive(Clone, Copy)]
pub(crate) struct Answer {
    page: u64,
    height: u64,
    now: u64,
}

impl Demand {
    /// Whether a page is demanded and was not answered yet.
    pub(crate) fn owes(&self, page: u64) -> bool {
        let last = self.first + u64::from(self.pages);
        (self.first..last).contains(&page) && !self.answered.iter().any(|one| one.page == page)
    }

    fn left(&self) -> u32 {
        self.pages - u32::try_from(self.answered.len()).expect("pages are limited")
    }

    /// When the last of its pages was answered.
    pub(crate) fn answered_at(&self) -> Option<u64> {
        self.answered.last().filter(|_| self.left() == 0).map(|one| one.now)
    }

    /// Heights of the answers to it and to those before it.
    pub(crate) fn answers(&self) -> BTreeSet<u64> {
        let all = self.earlier.iter().chain([self]).flat_map(|one| &one.answered);
        all.map(|one| one.height).collect()
    }

    /// How many of it and those before it were made after a result's window proper.
    pub(crate) fn late(&self, window_end: Option<u64>) -> u32 {
        let late = |one: &&Self| {
            one.data != DataKind::Input && window_end.is_some_and(|end| one.made > end)
        };
        let late = self.earlier.iter().chain([self]).filter(late).count();
        u32::try_from(late).expect("histories are short")
    }
}

impl Model {
    pub(super) fn challenge(
        &mut self,
        referee: &dyn Referee,
        me: AccountId,
        id: JobId,
        accused: Accused,
        evidence: &[u8],
    ) -> Outcome {
        let (operator, claim) = self.accusable(id, accused)?;
        let (bytes, limit) = (evidence.len() as u64, self.parameters.evidence_bytes_max);
        if bytes > limit {
            return Err(Rejection::EvidenceTooLarge { bytes, limit });
        }
        let (used, limit) = (self.judgements.iter().sum(), self.parameters.judge_units_per_block);
        if used + self.parameters.judge_units_max > limit {
            return Err(Rejection::JudgeBusy { used, limit });
        }
        let bond = self.parameters.challenge_bond.units();
        self.can_pay(me, STABLE, bond)?;
        let (verdict, units) = self.judge(referee, id, &claim, evidence);
        let ruling = match verdict {
            Verdict::Guilty => Ruling::Guilty,
            Verdict::AuthorFault => Ruling::AuthorFault,
            Verdict::Dismissed(why) => Ruling::Dismissed(why),
        };
        self.say(Event::Dispute(DisputeEvent::Challenged {
            job: id,
            challenger: me,
            accused,
            operator,
            evidence_bytes: bytes,
            verdict: ruling.clone(),
            units,
        }));
        match ruling {
            Ruling::Guilty => self.guilty(id, me, accused),
            Ruling::AuthorFault => {
                self.slash_spam(id);
                self.void(id, AuditorFate::Paid, EndReason::AuthorFault);
            }
            Ruling::Dismissed(_) => self.dismissed(id, me, operator, bond),
        }
        Ok(())
    }

    /// Whose claim is accused: the provider's, or that of an auditor that differs.
    fn accusable(&self, id: JobId, accused: Accused) -> Result<(AccountId, Claim), Rejection> {
        self.at_stage(id, JobStatus::Window)?;
        let attempt = self.attempt(id);
        let (account, claim) = match accused {
            Accused::Provider => (attempt.provider, attempt.revealed.map(|(claim, _)| claim)),
            Accused::Auditor => {
                let audit = attempt.audit().filter(|audit| audit.finding == Finding::Mismatch);
                let audit = audit.ok_or(Rejection::NothingToAccuse)?;
                (audit.auditor, audit.claim)
            }
        };
        Ok((account, claim.expect("a claim in its window was revealed")))
    }

    /// The referee's verdict, and what it says it cost; what is above its limit is not counted.
    fn judge(
        &mut self,
        referee: &dyn Referee,
        id: JobId,
        claim: &Claim,
        evidence: &[u8],
    ) -> (Verdict, u64) {
        let spec = &self.jobs[&id].spec;
        let units_max = self.parameters.judge_units_max;
        let judgement = referee.judge(&Case {
            program: spec.program,
            prepared: &self.programs[&spec.program].prepared,
            input: spec.input,
            steps_max: spec.steps_max,
            meter_max: spec.meter_max,
            claim,
            evidence,
            units_max,
        });
        self.judgements.push(judgement.units.min(units_max));
        (judgement.verdict, judgement.units)
    }

    fn guilty(&mut self, id: JobId, me: AccountId, accused: Accused) {
        match accused {
            Accused::Provider => {
                // An auditor that agreed with what was wrong vouched for it.
                let agreed = self.finding(id) == Some(Finding::Match);
                let fate = if agreed { AuditorFate::False(None) } else { AuditorFate::Paid };
                self.convict_provider(id, Fault::WrongResult, Some(me), fate);
            }
            Accused::Auditor => {
                self.close_audit(id, AuditorFate::False(Some(me)));
                self.audit_mut(id).finding = Finding::Refuted;
            }
        }
    }

    /// The bond goes to whoever was accused falsely; an operator that did this goes to jail.
    fn dismissed(&mut self, id: JobId, me: AccountId, accused: AccountId, bond: u128) {
        let (from, to) = (Place::Account(me), Place::Account(accused));
        self.shift_stable(id, from, to, bond, Why::FalseChallenge);
        self.fault(me, Fault::FalseChallenge, id, None);
        self.slash_access(me, Fault::FalseChallenge, id, self.now);
        if self.operators.contains_key(&me) {
            self.note(me, Deed::FalseChallenge);
            self.jail(me, Fault::FalseChallenge);
        }
    }

    pub(super) fn demand(
        &mut self,
        me: AccountId,
        id: JobId,
        data: DataKind,
        first: u64,
        pages: u32,
    ) -> Outcome {
        let former = self.demands.get(&(id, me)).cloned();
        let open = former.as_ref().filter(|former| former.answered_at().is_none());
        if open.is_some_and(|former| self.is_needed(me, id, former)) {
            return Err(Rejection::DemandOpen);
        }
        let content = self.demandable(me, id, data)?;
        between(Bound::Pages, pages.into(), 1, self.parameters.demand_pages_max.into())?;
        let available = content.size.div_ceil(4_096);
        if u128::from(first) + u128::from(pages) > available.into() {
            let pages = pages.into();
            return Err(Rejection::NoSuchPages { first, pages, available });
        }
        let of_input = data == DataKind::Input;
        let of_page = if of_input { 0 } else { self.parameters.demand_bond_per_page.units() };
        let bond = of_page * u128::from(pages);
        let returned = self.books.held(Place::DemandBond(id, me), STABLE);
        self.can_pay_with(me, STABLE, bond, returned)?;
        if let Some(Demand { data, .. }) = open {
            let (data, counted) = (*data, false);
            self.release_bond(id, me, me, Why::DemandReturned);
            self.say(Event::Dispute(DisputeEvent::DemandExpired {
                job: id,
                demander: me,
                data,
                counted,
            }));
        }
        self.shift_stable(id, Place::Account(me), Place::DemandBond(id, me), bond, Why::DemandBond);
        let deadline = self.now + self.parameters.answer_ms;
        self.stop_the_clock(me, id, data, deadline);
        let (number, attempt) = (self.number(), self.jobs[&id].begun());
        let demand = Demand {
            data,
            content,
            attempt,
            first,
            pages,
            made: self.now,
            answered: Vec::new(),
            earlier: former.map_or_else(Vec::new, |former| chain(former, attempt)),
            deadline,
            number,
        };
        self.demands.insert((id, me), demand);
        let (bond, answer_by) = (Amount::new(bond), Time(deadline));
        let (job, first_page) = (id, first);
        self.say(Event::Dispute(DisputeEvent::DataDemanded {
            job,
            demander: me,
            data,
            first_page,
            pages,
            bond,
            answer_by,
        }));
        Ok(())
    }

    /// The input while one is to run the job; trace and output for anybody in the window proper, and for a while and so
    /// many times after it for whoever was answered last.
    fn demandable(&self, me: AccountId, id: JobId, data: DataKind) -> Result<Content, Rejection> {
        if data == DataKind::Input {
            let status = self.job(id)?.status;
            if ![JobStatus::Assigned, JobStatus::Auditing].contains(&status) {
                return Err(Rejection::WrongStage { status });
            }
            let job = self.at_stage(id, status)?;
            if job.runner() != Some(me) {
                return Err(Rejection::NotEntitled);
            }
            let limit = self.parameters.input_demands_max;
            if self.attempt(id).demands_by(me) >= limit {
                return Err(Rejection::TooManyDemands { limit });
            }
            return Ok(job.spec.input);
        }
        let window_end = self.at_stage(id, JobStatus::Window)?.window_end;
        let former = self.demands.get(&(id, me)).filter(|former| {
            former.data != DataKind::Input && former.attempt == self.jobs[&id].begun()
        });
        let answered = former.and_then(Demand::answered_at);
        let goes_on = answered.map(|at| at + self.parameters.after_answer_ms);
        self.in_time(window_end.max(goes_on))?;
        let limit = self.parameters.late_demands_max;
        let made = former.map_or(0, |former| former.late(window_end));
        if self.in_time(window_end).is_err() && made >= limit {
            return Err(Rejection::TooManyDemands { limit });
        }
        let (claim, _) = self.attempt(id).revealed.expect("a claim in its window was revealed");
        Ok(if data == DataKind::Trace { claim.trace } else { claim.output })
    }

    /// Input: the demander has so much longer. A result: the stage outlasts the answer and the time after it, and the time
    /// to take evidence if that may be due.
    fn stop_the_clock(&mut self, me: AccountId, id: JobId, data: DataKind, answer_by: u64) {
        let job = &self.jobs[&id];
        let (until, _) = job.deadline.expect("a stage with demands has a deadline");
        let (status, until) = if data == DataKind::Input {
            (job.status, until + self.parameters.answer_ms)
        } else {
            let evidence = self.evidence_ms(id);
            (job.status, until.max(answer_by + self.parameters.after_answer_ms + evidence))
        };
        if data == DataKind::Input {
            self.attempt_mut(id).input_demands.push(me);
        }
        self.stage(id, status, until);
    }

    pub(super) fn answer(
        &mut self,
        referee: &dyn Referee,
        me: AccountId,
        id: JobId,
        demander: AccountId,
        pages: &[PageProof],
    ) -> Outcome {
        let demand = self.demands.get(&(id, demander));
        let demand = demand.filter(|demand| demand.answered_at().is_none());
        let demand = demand.ok_or(Rejection::UnknownDemand)?;
        self.in_time(Some(demand.deadline))?;
        if pages.is_empty() {
            return Err(Rejection::EmptyAnswer);
        }
        let mut demand = demand.clone();
        for PageProof { index, bytes, path } in pages {
            let index = *index;
            if !demand.owes(index) {
                return Err(Rejection::PageNotDemanded { index });
            }
            if !referee.check_page(&demand.content, index, bytes.as_slice(), path) {
                return Err(Rejection::BadPage { index });
            }
            demand.answered.push(Answer { page: index, height: self.height, now: self.now });
        }
        let (owed, given) = (demand.left(), u32::try_from(pages.len()).expect("pages are limited"));
        let (job, answerer) = (id, me);
        self.say(Event::Dispute(DisputeEvent::DataAnswered {
            job,
            demander,
            answerer,
            pages: given,
            owed,
        }));
        if owed == 0 {
            self.release_bond(id, demander, me, Why::DemandEarned);
            if !self.is_needed(demander, id, &demand) {
                self.demands.remove(&(id, demander));
                return Ok(());
            }
            // In sight until the stage may end.
            let (until, _) = self.jobs[&id].deadline.expect("a stage with demands has a deadline");
            (demand.deadline, demand.number) = (until, self.number());
        }
        self.demands.insert((id, demander), demand);
        Ok(())
    }

    fn release_bond(&mut self, id: JobId, demander: AccountId, receiver: AccountId, why: Why) {
        let (from, to) = (Place::DemandBond(id, demander), Place::Account(receiver));
        self.empty_stable(id, from, to, why);
    }

    /// Whether somebody still needs the data: the same attempt, and the demander runs the job or the result is in its window.
    fn is_needed(&self, demander: AccountId, id: JobId, demand: &Demand) -> bool {
        self.jobs.get(&id).is_some_and(|job| {
            let needed = match demand.data {
                DataKind::Input => job.runner() == Some(demander),
                DataKind::Output | DataKind::Trace => job.status == JobStatus::Window,
            };
            needed && job.begun() == demand.attempt
        })
    }

    /// Nobody answered: the bond returns, and if the data still matters, whoever owed it answers for it. What
    /// was answered is forgotten.
    pub(super) fn demand_is_late(&mut self, id: JobId, demander: AccountId) {
        let demand = self.demands.remove(&(id, demander)).expect("what is late is there");
        if demand.answered_at().is_some() {
            return;
        }
        self.release_bond(id, demander, demander, Why::DemandReturned);
        let counted = self.is_needed(demander, id, &demand);
        self.say(Event::Dispute(DisputeEvent::DemandExpired {
            job: id,
            demander,
            data: demand.data,
            counted,
        }));
        if counted && demand.data == DataKind::Input {
            self.slash_spam(id);
            self.void(id, AuditorFate::Released, EndReason::InputWithheld);
        } else if counted {
            let fault = Fault::DataWithheld;
            self.convict_provider(id, fault, Some(demander), AuditorFate::Paid);
        }
    }
}

/// A demand and those before it, if they belong to an attempt.
fn chain(mut last: Demand, attempt: u32) -> Vec<Demand> {
    if last.attempt != attempt {
        return Vec::new();
    }
    let mut all = std::mem::take(&mut last.earlier);
    all.push(last);
    all
}
