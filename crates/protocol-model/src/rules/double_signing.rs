//! Double signing: who did, when it was proven, and what the crowd around it owes.

use protocol::{
    AccountId, Amount, Event, Fault, Height, NATIVE, OperatorStatus, PenaltyEvent, Place, Ppm,
    Referee, Rejection, SigningCase, Time, Why,
};

use super::operators::Deed;
use super::penalties::{Slash, correlated};
use super::{Model, Outcome};
use crate::exact::whole;

/// How far the penalty of a double signer has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Its bond cannot leave.
    Frozen,
    /// It paid, and counts for others.
    Remembered,
    Over,
}

/// A proven double signer.
#[derive(Clone, Copy)]
pub(crate) struct Signer {
    pub(crate) height: u64,
    pub(crate) accuser: AccountId,
    pub(crate) since: u64,
    pub(crate) stake: u128,
    pub(crate) total: u128,
    pub(crate) rate: Ppm,
    pub(crate) paid: Ppm,
    pub(crate) phase: Phase,
    /// When the phase ends, and the number of that deadline.
    pub(crate) until: (u64, u64),
}

fn signers(operator: AccountId, accuser: Option<AccountId>) -> Slash {
    let fault = Fault::DoubleSigning;
    Slash { operator, fault, job: None, accuser, victim: None, shares: None, premium: 0 }
}

impl Model {
    /// Stake of the double signers in a phase.
    pub(crate) fn double_signing(&self, phase: Phase) -> u128 {
        let all = self.signers.values().filter(|signer| signer.phase == phase);
        all.map(|signer| signer.stake).sum()
    }

    /// The lowest height that evidence may be about.
    pub(crate) fn oldest_admissible(&self) -> u64 {
        let lasts = |began: u64| began + self.parameters.unbonding_ms >= self.now;
        let starts = self.rewards.starts.iter();
        starts.copied().find(|(_, began)| lasts(*began)).map_or(self.height, |(height, _)| height)
    }

    pub(super) fn prove_double_signing(
        &mut self,
        referee: &dyn Referee,
        me: AccountId,
        operator: AccountId,
        height: Height,
        evidence: &[u8],
    ) -> Outcome {
        self.known(operator)?;
        if self.signers.contains_key(&operator) {
            return Err(Rejection::AlreadyProven { operator });
        }
        let (bytes, limit) = (evidence.len() as u64, self.parameters.signing_evidence_bytes_max);
        if bytes > limit {
            return Err(Rejection::EvidenceTooLarge { bytes, limit });
        }
        let (now, oldest) = (Height(self.height), Height(self.oldest_admissible()));
        if height > now {
            return Err(Rejection::HeightToCome { height, now });
        }
        if height < oldest {
            return Err(Rejection::EvidenceTooOld { height, oldest });
        }
        let case = SigningCase { chain: self.chain, operator, height, evidence };
        if !referee.check_double_signing(&case) {
            return Err(Rejection::NotProven { operator, height });
        }
        let began = self.rewards.starts.iter().rev().find(|(first, _)| *first <= height.0);
        let (_, since) = *began.expect("every height lies in an epoch");
        self.punish_double_signer(me, operator, height, since);
        Ok(())
    }

    fn punish_double_signer(
        &mut self,
        accuser: AccountId,
        operator: AccountId,
        height: Height,
        since: u64,
    ) {
        let at_work = self.status(&self.operators[&operator]) != OperatorStatus::Tombstoned;
        self.pay_rewards(operator);
        for (number, _) in self.answering(operator, since) {
            let exit = self.exits[&number];
            self.close_exit(number, exit, Place::Bond(operator), Why::CancelExit);
        }
        self.reconsider(operator);
        self.look_at(operator);
        let (own, total) = (self.bond_value(operator), self.all_bonds());
        let others = self.delegated_answering(operator, (since, self.now));
        let stake = own + self.value(|asset| if asset == NATIVE { others } else { 0 });
        let offending = self.double_signing(Phase::Frozen) + stake;
        let rate = correlated(self.parameters.double_signing_rate, offending, total);
        let until = self.now + self.parameters.correlation_ms;
        self.say(Event::Penalty(PenaltyEvent::DoubleSigned {
            operator,
            height,
            accuser,
            offending: Amount::new(offending),
            total: Amount::new(total),
            rate,
            until: Time(until),
        }));
        let part = whole(rate.0.into()) / whole(1_000_000);
        let slash = signers(operator, Some(accuser));
        self.slash_of_bond(slash, part);
        let lost = own.saturating_sub(self.bond_value(operator));
        let paid = whole(lost * 1_000_000) / whole(own.max(1));
        let paid = if own == 0 { 1_000_000 } else { paid.floor() };
        let paid = Ppm(u32::try_from(paid).expect("a part of the whole"));
        self.slash_delegated(slash, (since, self.now), part);
        self.hold_buckets(operator, since, until + 1);
        let (phase, until) = (Phase::Frozen, (until, self.number()));
        let height = height.0;
        let signer = Signer { height, accuser, since, stake, total, rate, paid, phase, until };
        self.signers.insert(operator, signer);
        self.note(operator, Deed::SignedTwice);
        self.note(operator, Deed::Fault);
        if at_work {
            self.forfeit(operator);
            self.reconsider(operator);
            let convictions = self.operators[&operator].reliability().convictions;
            self.say(Event::Penalty(PenaltyEvent::Tombstoned { operator, convictions }));
        }
    }

    /// Whether a bond, and what is delegated to it, is not frozen.
    pub(super) fn is_free_to_leave(&self, operator: AccountId) -> Outcome {
        match self.signers.get(&operator).filter(|one| one.phase == Phase::Frozen) {
            Some(signer) => Err(Rejection::BondFrozen { until: Time(signer.until.0) }),
            None => Ok(()),
        }
    }

    /// A phase of a penalty is over.
    pub(super) fn signer_phase_over(&mut self, operator: AccountId) {
        let mut signer = self.signers[&operator];
        if signer.phase == Phase::Remembered {
            signer.phase = Phase::Over;
            self.signers.insert(operator, signer);
            return;
        }
        let total = self.all_bonds().max(signer.total);
        let crowd = [Phase::Frozen, Phase::Remembered].map(|phase| self.double_signing(phase));
        let offending: u128 = crowd.into_iter().sum();
        let base = self.parameters.double_signing_rate;
        let rate = correlated(base, offending, total).max(signer.rate);
        let (paid, first) = (signer.paid, signer.rate);
        let (offending, total) = (Amount::new(offending), Amount::new(total));
        self.say(Event::Penalty(PenaltyEvent::DoubleSigningReckoned {
            operator,
            offending,
            total,
            rate,
            paid,
        }));
        let due = |paid: Ppm| {
            let left = 1_000_000 - u128::from(paid.0);
            whole(rate.0.saturating_sub(paid.0).into()) / whole(left.max(1))
        };
        let slash = signers(operator, None);
        self.slash_of_bond(slash, due(paid));
        self.slash_delegated(slash, (signer.since, signer.until.0), due(first));
        signer.phase = Phase::Remembered;
        signer.until = (self.now + self.parameters.correlation_ms, self.number());
        self.signers.insert(operator, signer);
    }
}
