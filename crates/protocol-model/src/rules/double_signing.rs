//! Double signing: who did, when it was proven, and what the crowd around it owes.

use protocol::{
    AccountId, Amount, Event, Fault, Height, NATIVE, OperatorStatus, Place, Ppm, Referee,
    Rejection, STABLE, SigningCase, Time, Why,
};

use super::operators::Deed;
use super::penalties::{Slash, correlated};
use super::{Model, Outcome};
use crate::exact::{Ratio, whole};

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
    pub(crate) stake: u128,
    pub(crate) total: u128,
    pub(crate) rate: Ppm,
    pub(crate) paid: Ppm,
    pub(crate) phase: Phase,
    /// When the phase ends, and the number of that deadline.
    pub(crate) until: (u64, u64),
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
        for (number, _) in self.answering(operator, since) {
            let exit = self.exits[&number];
            self.close_exit(number, exit, Place::Bond(operator), Why::CancelExit);
        }
        let (stake, total) = (self.bond_value(operator), self.all_bonds());
        let offending = self.double_signing(Phase::Frozen) + stake;
        let rate = correlated(self.parameters.double_signing_rate, offending, total);
        let until = self.now + self.parameters.correlation_ms;
        self.say(Event::DoubleSigned {
            operator,
            height,
            accuser,
            offending: Amount::new(offending),
            total: Amount::new(total),
            rate,
            until: Time(until),
        });
        let part = whole(rate.0.into()) / whole(1_000_000);
        self.slash_signer(operator, Some(accuser), part);
        let lost = stake.saturating_sub(self.bond_value(operator));
        let paid = whole(lost * 1_000_000) / whole(stake.max(1));
        let paid = if stake == 0 { 1_000_000 } else { paid.floor() };
        let paid = Ppm(u32::try_from(paid).expect("a part of the whole"));
        let (phase, until) = (Phase::Frozen, (until, self.number()));
        let height = height.0;
        let signer = Signer { height, accuser, stake, total, rate, paid, phase, until };
        self.signers.insert(operator, signer);
        self.note(operator, Deed::SignedTwice);
        self.note(operator, Deed::Fault);
        if at_work {
            self.forfeit(operator);
            self.reconsider(operator);
            let convictions = self.operators[&operator].reliability().convictions;
            self.say(Event::Tombstoned { operator, convictions });
        }
    }

    /// Takes a part of all that is bonded, locked or not, out of what is free.
    fn slash_signer(&mut self, operator: AccountId, accuser: Option<AccountId>, part: Ratio) {
        let fault = Fault::DoubleSigning;
        let slash = Slash { operator, fault, job: None, accuser, victim: None };
        let (native, stable) = (self.bonded(operator, NATIVE), self.bonded(operator, STABLE));
        let owed = |asset, _| {
            let bonded = if asset == NATIVE { native } else { stable };
            (whole(bonded) * part).ceil()
        };
        self.take_owed(slash, Place::Bond(operator), owed);
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
        let paid = signer.paid;
        signer.phase = Phase::Remembered;
        signer.until = (self.now + self.parameters.correlation_ms, self.number());
        self.signers.insert(operator, signer);
        let (offending, total) = (Amount::new(offending), Amount::new(total));
        self.say(Event::DoubleSigningReckoned { operator, offending, total, rate, paid });
        let left = 1_000_000 - u128::from(paid.0);
        let due = u128::from(rate.0.saturating_sub(paid.0));
        self.slash_signer(operator, None, whole(due) / whole(left.max(1)));
    }
}
