//! What the events add up to: per account, per job, per conviction. Nothing here is asked of anybody
//! but the event stream.

use std::collections::BTreeMap;

use protocol::{
    AccountId, Accused, Amount, AssetId, BooksEvent, Claim, DisputeEvent, EndReason, Event, Fault,
    Holdings, JobEvent, JobId, PenaltyEvent, Place, Ruling, Why,
};

/// One account's statement.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statement {
    /// Put into its bond.
    pub(crate) staked: Holdings,
    /// Paid for work, audits and proofs, or as compensation.
    pub(crate) earned: Holdings,
    /// Taken from it for a fault.
    pub(crate) lost: Holdings,
    /// Paid in for jobs, less what came back.
    pub(crate) spent: Holdings,
    /// Transaction fees.
    pub(crate) fees: Holdings,
    /// Its faults, in order.
    pub(crate) faults: Vec<Fault>,
    /// Whether it is in jail or worse.
    pub(crate) jailed: bool,
}

/// One job's course.
#[derive(Clone, Debug, Default)]
pub(crate) struct Course {
    /// Attempts begun.
    pub(crate) attempts: u32,
    /// Everybody it was assigned to, in order.
    pub(crate) providers: Vec<AccountId>,
    /// Steps of the last revealed result.
    pub(crate) steps: u64,
    /// Metered units of the last revealed result.
    pub(crate) meter: u64,
    /// What was revealed, by whom.
    pub(crate) revealed: BTreeMap<AccountId, Claim>,
    /// How it ended.
    pub(crate) end: Option<EndReason>,
    /// Who was paid how much for it.
    pub(crate) paid: Option<(AccountId, Amount)>,
}

/// One judged challenge.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    /// In which job.
    pub(crate) job: JobId,
    /// Who accused.
    pub(crate) challenger: AccountId,
    /// Who was accused.
    pub(crate) accused: AccountId,
    /// Of what.
    pub(crate) claim: Accused,
    /// Size of the evidence in bytes.
    pub(crate) proof_bytes: u64,
    /// The verdict.
    pub(crate) ruling: Ruling,
}

/// Everything added up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// By account.
    pub(crate) statements: BTreeMap<AccountId, Statement>,
    /// By job.
    pub(crate) jobs: BTreeMap<JobId, Course>,
    /// In order.
    pub(crate) judged: Vec<Judged>,
    /// Who was at fault in which job for what, in order.
    pub(crate) faults: Vec<(JobId, AccountId, Fault)>,
}

impl Tally {
    /// Adds one event.
    pub(crate) fn add(&mut self, event: &Event) {
        match event {
            Event::Books(BooksEvent::Moved { from, to, asset, amount, why, .. }) => {
                self.money(from, to, *asset, *amount, *why);
            }
            Event::Penalty(PenaltyEvent::Faulted { account, fault, job, .. }) => {
                self.faults.push((*job, *account, *fault));
                self.of(*account).faults.push(*fault);
            }
            Event::Penalty(PenaltyEvent::Jailed { operator, .. })
            | Event::Penalty(PenaltyEvent::Tombstoned { operator, .. }) => {
                self.of(*operator).jailed = true;
            }
            Event::Dispute(DisputeEvent::Challenged {
                job,
                challenger,
                accused,
                operator,
                evidence_bytes,
                verdict,
                ..
            }) => {
                self.judged.push(Judged {
                    job: *job,
                    challenger: *challenger,
                    accused: *operator,
                    claim: *accused,
                    proof_bytes: *evidence_bytes,
                    ruling: verdict.clone(),
                });
            }
            other => self.course(other),
        }
    }

    fn of(&mut self, account: AccountId) -> &mut Statement {
        self.statements.entry(account).or_default()
    }

    fn course(&mut self, event: &Event) {
        match event {
            Event::Job(JobEvent::JobAssigned { job, attempt, provider, .. }) => {
                let course = self.jobs.entry(*job).or_default();
                course.attempts = *attempt;
                course.providers.push(*provider);
            }
            Event::Job(JobEvent::ResultRevealed { job, provider, claim, .. }) => {
                let course = self.jobs.entry(*job).or_default();
                course.revealed.insert(*provider, *claim);
                course.steps = claim.steps().unwrap_or_default();
                course.meter = claim.meter;
            }
            Event::Job(JobEvent::Settled { job, provider, settlement, .. }) => {
                let course = self.jobs.entry(*job).or_default();
                course.paid = Some((*provider, settlement.provider));
            }
            Event::Job(JobEvent::JobEnded { job, reason, .. }) => {
                self.jobs.entry(*job).or_default().end = Some(*reason);
            }
            _ => {}
        }
    }

    fn money(&mut self, from: &Place, to: &Place, asset: AssetId, amount: Amount, why: Why) {
        if let Some(payer) = holder(from) {
            let payer = self.of(payer);
            match why {
                Why::Bond => payer.staked.put(asset, amount),
                Why::Fee => payer.fees.put(asset, amount),
                Why::Escrow => payer.spent.put(asset, amount),
                Why::AppealBond => payer.lost.put(asset, amount),
                why if is_penalty(why) => payer.lost.put(asset, amount),
                _ => {}
            }
        }
        if let Place::Account(receiver) = to {
            let receiver = self.of(*receiver);
            match why {
                Why::Unspent | Why::Refund | Why::AccessCredit => {
                    receiver.spent.take(asset, amount)
                }
                Why::AppealReturned => receiver.lost.take(asset, amount),
                why if is_income(why) => receiver.earned.put(asset, amount),
                _ => {}
            }
        }
    }
}

/// Whose money a place holds.
const fn holder(place: &Place) -> Option<AccountId> {
    match place {
        Place::Account(account)
        | Place::Bond(account)
        | Place::Lock(account, _)
        | Place::Exit(account, _)
        | Place::Access(account)
        | Place::AccessExit(account, _) => Some(*account),
        _ => None,
    }
}

const fn is_penalty(why: Why) -> bool {
    matches!(
        why,
        Why::SlashBounty
            | Why::SlashVictim
            | Why::SlashPremium
            | Why::SlashInsurance
            | Why::SlashBurn
            | Why::FalseChallenge
    )
}

const fn is_income(why: Why) -> bool {
    matches!(
        why,
        Why::ProviderShare
            | Why::AuditFee
            | Why::SlashBounty
            | Why::SlashVictim
            | Why::FalseChallenge
            | Why::DemandEarned
            | Why::AppealForfeited
            | Why::FallbackPremium
            | Why::CapacityReward
            | Why::ValidationReward
            | Why::WorkReward
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{NATIVE, STABLE};

    const ALICE: AccountId = AccountId([1; 32]);
    const BOB: AccountId = AccountId([2; 32]);
    const JOB: JobId = JobId([3; 32]);

    fn moved(from: Place, to: Place, asset: AssetId, units: u128, why: Why) -> Event {
        Event::Books(BooksEvent::Moved {
            from,
            to,
            asset,
            amount: Amount::new(units),
            why,
            job: Some(JOB),
        })
    }

    #[test]
    fn a_slash_is_a_loss_of_one_and_a_bounty_of_another() {
        let mut tally = Tally::default();
        for event in [
            moved(Place::Account(ALICE), Place::Bond(ALICE), NATIVE, 100, Why::Bond),
            moved(Place::Lock(ALICE, JOB), Place::Account(BOB), NATIVE, 25, Why::SlashBounty),
            moved(Place::Lock(ALICE, JOB), Place::Burned, NATIVE, 75, Why::SlashBurn),
        ] {
            tally.add(&event);
        }
        assert_eq!(tally.statements[&ALICE].staked.of(NATIVE), Amount::new(100));
        assert_eq!(tally.statements[&ALICE].lost.of(NATIVE), Amount::new(100));
        assert_eq!(tally.statements[&BOB].earned.of(NATIVE), Amount::new(25));
    }

    #[test]
    fn what_comes_back_from_escrow_was_not_spent() {
        let mut tally = Tally::default();
        for event in [
            moved(Place::Account(BOB), Place::Escrow(JOB), STABLE, 50, Why::Escrow),
            moved(Place::Escrow(JOB), Place::Account(ALICE), STABLE, 36, Why::ProviderShare),
            moved(Place::Escrow(JOB), Place::Account(BOB), STABLE, 10, Why::Unspent),
        ] {
            tally.add(&event);
        }
        assert_eq!(tally.statements[&BOB].spent.of(STABLE), Amount::new(40));
        assert_eq!(tally.statements[&ALICE].earned.of(STABLE), Amount::new(36));
    }
}
