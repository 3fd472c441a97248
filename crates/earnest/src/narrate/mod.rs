//! Events in words. Every line on the screen is an event of the ledger: there is no other history.

mod network;
mod staking;

use std::collections::BTreeMap;

use protocol::{
    AccessEvent, AccountId, Accused, Amount, Answer, AssetId, BooksEvent, CollateralEvent,
    DataKind, DelegationEvent, DisputeEvent, EndReason, Event, Fault, Finding, Holdings, JobEvent,
    JobId, NATIVE, PenaltyEvent, PriceEvent, Pricing, ProgramId, ReplicatedEvent, Ruling, Split,
};

use crate::cli::Asset;
use crate::output::Tone;

pub(crate) use network::amendment;

/// What to call accounts and jobs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    accounts: BTreeMap<AccountId, String>,
    jobs: BTreeMap<JobId, String>,
    programs: BTreeMap<ProgramId, String>,
}

impl Names {
    /// Calls an account by a name.
    pub(crate) fn account(&mut self, account: AccountId, name: impl Into<String>) {
        self.accounts.insert(account, name.into());
    }

    /// Calls a job by a name.
    pub(crate) fn job(&mut self, job: JobId, name: impl Into<String>) {
        self.jobs.insert(job, name.into());
    }

    /// Calls every job of a program by a name, from its submission on.
    pub(crate) fn program(&mut self, program: ProgramId, name: impl Into<String>) {
        self.programs.insert(program, name.into());
    }

    /// Takes note of names that follow from an event.
    pub(crate) fn learn(&mut self, event: &Event) {
        if let Event::Job(JobEvent::JobSubmitted { job, spec, .. }) = event
            && let Some(name) = self.programs.get(&spec.program)
        {
            self.jobs.insert(*job, name.clone());
        }
    }

    /// The name of an account, or the beginning of its key.
    pub(crate) fn of(&self, account: AccountId) -> String {
        self.accounts.get(&account).cloned().unwrap_or_else(|| short(&account.to_string()))
    }

    /// The name of a job, or the beginning of its id.
    pub(crate) fn of_job(&self, job: JobId) -> String {
        self.jobs.get(&job).cloned().unwrap_or_else(|| short(&job.to_string()))
    }

    /// What happened, as a sentence; `None` for what only bookkeepers care about.
    pub(crate) fn tell(&self, event: &Event) -> Option<String> {
        self.stakes(event)
            .or_else(|| self.network(event))
            .or_else(|| self.work(event))
            .or_else(|| self.dispute(event))
            .or_else(|| self.penalty(event))
            .or_else(|| self.replication(event))
    }

    fn work(&self, event: &Event) -> Option<String> {
        Some(match event {
            Event::Job(JobEvent::JobSubmitted { requester, spec, .. }) => {
                format!(
                    "{} pays {} into escrow",
                    self.of(*requester),
                    Asset::Stable.show(spec.price_max)
                )
            }
            Event::Job(JobEvent::JobOffered { price, price_max, .. }) => format!(
                "no standing ask takes it; offered at {}, rising to {}",
                Asset::Stable.show(*price),
                Asset::Stable.show(*price_max)
            ),
            Event::Job(JobEvent::JobAssigned { provider, pricing, quote, locked, .. }) => format!(
                "{} to {} for {}; it locks {}",
                if matches!(pricing, Pricing::Fallback { .. }) {
                    "passed on at once"
                } else {
                    "assigned"
                },
                self.of(*provider),
                Asset::Stable.show(quote.price),
                holdings(locked)
            ),
            Event::Job(JobEvent::ResultCommitted { provider, .. }) => {
                format!("{} has run it and commits, sealed", self.of(*provider))
            }
            Event::Job(JobEvent::AuditDecided { rate, drawn, .. }) => {
                format!(
                    "the beacon decides, at {rate}: {}",
                    if *drawn { "audit" } else { "no audit" }
                )
            }
            Event::Job(JobEvent::AuditorDrawn { auditor, fee, locked, .. }) => format!(
                "{} is drawn by stake to audit for {}; it locks {}",
                self.of(*auditor),
                Asset::Stable.show(*fee),
                holdings(locked)
            ),
            Event::Job(JobEvent::AuditCommitted { auditor, .. }) => {
                format!("{} has re-executed it and commits, blind", self.of(*auditor))
            }
            Event::Job(JobEvent::ResultRevealed { provider, claim, .. }) => format!(
                "{} reveals {} steps, {} metered units, trace root {}",
                self.of(*provider),
                claim.steps().unwrap_or_default(),
                claim.meter,
                short(&claim.trace.root.to_string())
            ),
            Event::Job(JobEvent::AuditRevealed { auditor, finding, .. }) => {
                format!("{} reveals: {}", self.of(*auditor), finding_words(*finding))
            }
            Event::Job(JobEvent::Settled { provider, settlement, .. }) => format!(
                "{} is paid {} of {} (audits {}, insurance {}, protocol {})",
                self.of(*provider),
                Asset::Stable.number(settlement.provider),
                Asset::Stable.show(settlement.price),
                Asset::Stable.number(settlement.audit),
                Asset::Stable.number(settlement.insurance),
                Asset::Stable.number(settlement.take)
            ),
            Event::Job(JobEvent::JobEnded { reason, .. }) => end_words(*reason).to_owned(),
            _ => return None,
        })
    }

    fn replication(&self, event: &Event) -> Option<String> {
        Some(match event {
            Event::Replicated(ReplicatedEvent::ReplicaAssigned {
                provider, quote, locked, ..
            }) => format!(
                "{} is drawn by stake to run it for {}; it locks {}",
                self.of(*provider),
                Asset::Stable.show(quote.price),
                holdings(locked)
            ),
            Event::Replicated(ReplicatedEvent::ReplicaCommitted { provider, .. }) => {
                format!("{} has run it and commits, sealed", self.of(*provider))
            }
            Event::Replicated(ReplicatedEvent::ReplicaRevealed { provider, output, .. }) => {
                format!(
                    "{} reveals {} bytes, root {}",
                    self.of(*provider),
                    output.size,
                    short(&output.root.to_string())
                )
            }
            Event::Replicated(ReplicatedEvent::ReplicasEscalated { more, total, .. }) => {
                format!("no quorum: {more} more are drawn, {total} in all")
            }
            Event::Replicated(ReplicatedEvent::ReplicasAgreed {
                agreeing,
                replicas,
                appeal_by,
                ..
            }) => format!(
                "{agreeing} of {replicas} agree; open to appeal until {} s",
                appeal_by.0 / 1_000
            ),
            Event::Replicated(ReplicatedEvent::JobAppealed {
                appellant, bond, vote_by, ..
            }) => format!(
                "{} appeals with {}; validators vote until {} s",
                self.of(*appellant),
                Asset::Stable.show(*bond),
                vote_by.0 / 1_000
            ),
            Event::Replicated(ReplicatedEvent::AppealVoted { validator, answer, .. }) => format!(
                "{} votes: {}",
                self.of(*validator),
                match answer {
                    Answer::Output(output) => format!("root {}", short(&output.root.to_string())),
                    Answer::Withheld => "not to be had".into(),
                    Answer::Undecidable => "nobody can say".into(),
                }
            ),
            Event::Replicated(ReplicatedEvent::ReplicasShort { more, until, .. }) => {
                format!("too few offers for {more} replicas; it waits until {} s", until.0 / 1_000)
            }
            Event::Replicated(ReplicatedEvent::AppealDecided { upheld, .. }) => {
                if *upheld { "what was agreed on stands" } else { "the result is set aside" }.into()
            }
            _ => return None,
        })
    }

    fn dispute(&self, event: &Event) -> Option<String> {
        Some(match event {
            Event::Dispute(DisputeEvent::Challenged {
                challenger,
                accused,
                operator,
                evidence_bytes,
                verdict,
                ..
            }) => format!(
                "{} accuses {}{} with {evidence_bytes} bytes; {}",
                self.of(*challenger),
                self.of(*operator),
                match accused {
                    Accused::Provider => "",
                    Accused::Auditor => "'s audit",
                },
                ruling_words(verdict)
            ),
            Event::Dispute(DisputeEvent::DataDemanded {
                demander, data, pages, answer_by, ..
            }) => format!(
                "{} demands {pages} page(s) of {}, due at {} s",
                self.of(*demander),
                data_words(*data),
                answer_by.0 / 1_000
            ),
            Event::Dispute(DisputeEvent::DataAnswered { answerer, pages, owed, .. }) => {
                format!("{} answers {pages} page(s), {owed} owed", self.of(*answerer))
            }
            Event::Dispute(DisputeEvent::DemandExpired { demander, data, .. }) => {
                format!(
                    "the demand of {} for {} was not answered",
                    self.of(*demander),
                    data_words(*data)
                )
            }
            Event::Job(JobEvent::Excused { account, .. }) => {
                format!(
                    "{} is late without fault: the input is larger than it may demand",
                    self.of(*account)
                )
            }
            Event::Job(JobEvent::JobReopened { provider, escrow, .. }) => format!(
                "taken from {}; its escrow of {} is whole; it waits for another",
                self.of(*provider),
                Asset::Stable.show(*escrow)
            ),
            _ => return None,
        })
    }

    fn penalty(&self, event: &Event) -> Option<String> {
        Some(match event {
            Event::Penalty(PenaltyEvent::Faulted { account, fault, .. }) => {
                format!("{} is at fault: {}", self.of(*account), fault_words(*fault))
            }
            Event::Penalty(PenaltyEvent::Slashed { operator, split, .. })
            | Event::Penalty(PenaltyEvent::BondSlashed { operator, split, .. }) => {
                format!(
                    "{} loses {}: {}",
                    self.of(*operator),
                    show(split.asset, split.taken),
                    shares(split)
                )
            }
            Event::Access(AccessEvent::AccessSlashed { account, fault, burned, .. }) => format!(
                "{} loses {} of its access stake: {}",
                self.of(*account),
                Asset::Native.show(*burned),
                fault_words(*fault)
            ),
            Event::Penalty(PenaltyEvent::Unjailed { operator }) => {
                format!("{} leaves jail", self.of(*operator))
            }
            Event::Penalty(PenaltyEvent::Jailed { operator, .. }) => {
                format!("{} is jailed", self.of(*operator))
            }
            Event::Penalty(PenaltyEvent::Tombstoned { operator, .. }) => {
                format!("{} may never work again", self.of(*operator))
            }
            _ => return None,
        })
    }
}

/// How an event is meant.
pub(crate) const fn tone(event: &Event) -> Tone {
    match event {
        Event::Penalty(PenaltyEvent::Faulted { .. })
        | Event::Penalty(PenaltyEvent::Slashed { .. })
        | Event::Penalty(PenaltyEvent::BondSlashed { .. })
        | Event::Penalty(PenaltyEvent::Jailed { .. })
        | Event::Penalty(PenaltyEvent::Tombstoned { .. })
        | Event::Dispute(DisputeEvent::Challenged { verdict: Ruling::Guilty, .. })
        | Event::Access(AccessEvent::AccessSlashed { .. })
        | Event::Price(PriceEvent::ReportFined { .. })
        | Event::Delegation(
            DelegationEvent::HopsCharged { .. } | DelegationEvent::PoolCollapsed { .. },
        )
        | Event::Collateral(CollateralEvent::IntakeHalted { .. }) => Tone::Bad,
        Event::Job(JobEvent::Settled { .. })
        | Event::Job(JobEvent::JobEnded { reason: EndReason::Completed, .. })
        | Event::Delegation(DelegationEvent::IncomeShared { .. }) => Tone::Good,
        _ => Tone::Plain,
    }
}

/// The job an event belongs to, if any.
pub(crate) fn job_of(event: &Event) -> Option<JobId> {
    match event {
        Event::Books(BooksEvent::Moved { job, .. }) => *job,
        Event::Delegation(DelegationEvent::HopsCharged { job, .. }) => *job,
        Event::Job(JobEvent::JobSubmitted { job, .. })
        | Event::Job(JobEvent::JobAssigned { job, .. })
        | Event::Job(JobEvent::ResultCommitted { job, .. })
        | Event::Job(JobEvent::AuditDecided { job, .. })
        | Event::Job(JobEvent::AuditorDrawn { job, .. })
        | Event::Job(JobEvent::AuditorMissing { job, .. })
        | Event::Job(JobEvent::AuditCommitted { job, .. })
        | Event::Job(JobEvent::RevealDue { job, .. })
        | Event::Job(JobEvent::ResultRevealed { job, .. })
        | Event::Job(JobEvent::AuditRevealed { job, .. })
        | Event::Job(JobEvent::WindowOpened { job, .. })
        | Event::Dispute(DisputeEvent::Challenged { job, .. })
        | Event::Dispute(DisputeEvent::DataDemanded { job, .. })
        | Event::Dispute(DisputeEvent::DataAnswered { job, .. })
        | Event::Dispute(DisputeEvent::DemandExpired { job, .. })
        | Event::Job(JobEvent::Excused { job, .. })
        | Event::Penalty(PenaltyEvent::Faulted { job, .. })
        | Event::Penalty(PenaltyEvent::Slashed { job, .. })
        | Event::Job(JobEvent::JobReopened { job, .. })
        | Event::Job(JobEvent::JobOffered { job, .. })
        | Event::Access(AccessEvent::AccessSlashed { job, .. })
        | Event::Collateral(CollateralEvent::AuditRaised { job, .. })
        | Event::Job(JobEvent::Settled { job, .. })
        | Event::Job(JobEvent::JobEnded { job, .. })
        | Event::Job(JobEvent::JobRetired { job })
        | Event::Replicated(ReplicatedEvent::ReplicaAssigned { job, .. })
        | Event::Replicated(ReplicatedEvent::ReplicaCommitted { job, .. })
        | Event::Replicated(ReplicatedEvent::ReplicaRevealed { job, .. })
        | Event::Replicated(ReplicatedEvent::ReplicasShort { job, .. })
        | Event::Replicated(ReplicatedEvent::ReplicasEscalated { job, .. })
        | Event::Replicated(ReplicatedEvent::ReplicasAgreed { job, .. })
        | Event::Replicated(ReplicatedEvent::JobAppealed { job, .. })
        | Event::Replicated(ReplicatedEvent::AppealVoted { job, .. })
        | Event::Replicated(ReplicatedEvent::AppealDecided { job, .. }) => Some(*job),
        _ => None,
    }
}

/// How a job ended, in words: the same everywhere.
pub(crate) const fn end_words(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Completed => "completed: final and correct",
        EndReason::Cancelled => "cancelled by its requester, refunded in full",
        EndReason::NoProvider => "no provider took it in time, refunded in full",
        EndReason::AttemptsExhausted => "too many providers failed, refunded in full",
        EndReason::AuthorFault => "the program breaks the limits, refunded in full",
        EndReason::InputWithheld => "its input was not to be had, refunded in full",
        EndReason::NoQuorum => "its replicas did not come to a quorum, refunded in full",
        EndReason::Overturned => "the validators set its result aside, refunded in full",
    }
}

/// A fault in words.
pub(crate) const fn fault_words(fault: Fault) -> &'static str {
    match fault {
        Fault::WrongResult => "a wrong result, proven",
        Fault::NotRevealed => "a committed result that was not revealed",
        Fault::DataWithheld => "the data behind its result was withheld",
        Fault::MissedDeadline => "it missed its deadline",
        Fault::FalseAudit => "a false audit",
        Fault::SilentAudit => "a silent audit",
        Fault::FalseChallenge => "a challenge that the judge dismissed",
        Fault::Repeated => "a repeated conviction",
        Fault::Spam => "a job that made others work for nothing",
        Fault::Downtime => "it was away more than it promised",
        Fault::MisrepresentedHardware => "it has not got the hardware it claims",
        Fault::Outvoted => "another output than the one that stood",
        Fault::Unserved => "it did not serve an epoch of a lease",
        Fault::DoubleSigning => "it signed two things where one is allowed",
    }
}

const fn finding_words(finding: Finding) -> &'static str {
    match finding {
        Finding::Pending => "not yet",
        Finding::Match => "the same result",
        Finding::Mismatch => "another result; whoever is right can prove it",
        Finding::Refuted => "proven wrong",
        Finding::Silent => "nothing",
    }
}

fn ruling_words(ruling: &Ruling) -> String {
    match ruling {
        Ruling::Guilty => "the ledger runs that step: guilty".into(),
        Ruling::AuthorFault => "the program itself breaks the limits".into(),
        Ruling::Dismissed(why) => format!("the ledger dismisses it ({why})"),
    }
}

/// Where a slashed amount goes, without the places that get nothing.
fn shares(split: &Split) -> String {
    let shares = [
        (split.bounty, "bounty"),
        (split.victim, "to the requester"),
        (split.premium, "kept for a fallback"),
        (split.insurance, "insurance"),
        (split.burned, "burned"),
    ];
    let parts: Vec<String> = shares
        .into_iter()
        .filter(|(amount, _)| !amount.is_zero())
        .map(|(amount, whither)| format!("{} {whither}", number(split.asset, amount)))
        .collect();
    parts.join(", ")
}

const fn data_words(data: DataKind) -> &'static str {
    match data {
        DataKind::Input => "the input",
        DataKind::Output => "the output",
        DataKind::Trace => "the trace",
    }
}

/// The asset as the command line knows it.
pub(crate) fn asset(id: AssetId) -> Asset {
    if id == NATIVE { Asset::Native } else { Asset::Stable }
}

fn show(id: AssetId, amount: Amount) -> String {
    asset(id).show(amount)
}

fn number(id: AssetId, amount: Amount) -> String {
    asset(id).number(amount)
}

/// Amounts of several assets in words.
pub(crate) fn holdings(holdings: &Holdings) -> String {
    let parts: Vec<String> = holdings.iter().map(|(id, amount)| show(id, amount)).collect();
    if parts.is_empty() { "nothing".into() } else { parts.join(" + ") }
}

/// The beginning of an id: enough to tell few apart and to be found again.
pub(crate) fn short(id: &str) -> String {
    id.chars().take(8).collect()
}

/// A duration in its largest whole unit and the next one: `2 h`, `9 m 30 s`.
pub(crate) fn duration(milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000;
    let units = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
    let first = units.iter().position(|(_, size)| seconds >= *size).unwrap_or(units.len() - 1);
    let mut left = seconds;
    let mut parts = Vec::new();
    for (unit, size) in units.iter().skip(first).take(2) {
        if left >= *size || parts.is_empty() {
            parts.push(format!("{} {unit}", left / size));
        }
        left %= size;
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        for (milliseconds, text) in [
            (0, "0 s"),
            (999, "0 s"),
            (9_000, "9 s"),
            (7_200_000, "2 h"),
            (570_000, "9 m 30 s"),
            (90_061_000, "1 d 1 h"),
        ] {
            assert_eq!(duration(milliseconds), text);
        }
    }
}
