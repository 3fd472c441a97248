//! Signing two things where one is allowed: a validator's gravest fault, and one that comes in crowds.
//!
//! The first of a crowd is punished before anybody can know how large it is. So its bond stays frozen for the window in
//! which offenders are counted, what others delegated and what began to leave since the fault with it, and at the end it pays what the whole crowd's rate is above what it has paid. The crowd of
//! one are all who were proven within a window before it or after it, so for a window more it is remembered for the others.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::books::{Place, Why};
use crate::event::{Fault, PenaltyEvent};
use crate::operators::OperatorStatus;
use crate::penalties::{Cut, Terms, correlated_rate};
use crate::primitives::{AccountId, Amount, Bytes, Height, NATIVE, PPM, Ppm, Time, mul_div_floor};
use crate::referee::SigningCase;
use crate::rejection::Rejection;
use crate::state::{State, Task};
use crate::step::Step;

/// Where a double signer is in its penalty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum SignerStage {
    /// Its bond is frozen until this time, by the timer of this number.
    Frozen(Time, u64),
    /// It has paid, and counts for others until this time.
    Remembered(Time, u64),
    /// It is over.
    Past,
}

/// A proven double signer. Kept for ever: nobody is punished for it twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DoubleSigner {
    /// Where it signed twice.
    pub height: Height,
    /// When its epoch began: what began to leave earlier does not answer for it.
    pub since: Time,
    /// Who proved it.
    pub accuser: AccountId,
    /// What answered for it then, its bond and its delegators', in micro-dollars.
    pub stake: Amount,
    /// Everybody's stake then, in micro-dollars.
    pub total: Amount,
    /// The part of all of it that was owed then, and that its delegators paid.
    pub rate: Ppm,
    /// The part of its own bond that was free and paid, rounded down.
    pub paid: Ppm,
    /// Where it is in its penalty.
    pub stage: SignerStage,
}

/// Punishes an operator that signed two conflicting statements at one height.
pub(crate) fn prove(
    step: &mut Step<'_>,
    sender: AccountId,
    operator: AccountId,
    height: Height,
    evidence: &Bytes,
) -> Result<(), Rejection> {
    step.operator(operator)?;
    if step.state.double_signer(operator).is_some() {
        return Err(Rejection::AlreadyProven { operator });
    }
    let (bytes, limit) = (evidence.len(), step.state.parameters.signing_evidence_bytes_max);
    if bytes > limit {
        return Err(Rejection::EvidenceTooLarge { bytes, limit });
    }
    let since = admissible(step, height)?;
    let (chain, evidence) = (step.state.chain.id, evidence.as_slice());
    let case = SigningCase { chain, operator, height, evidence };
    if !step.context.referee.check_double_signing(&case) {
        return Err(Rejection::NotProven { operator, height });
    }
    punish(step, sender, operator, height, since);
    Ok(())
}

/// When the epoch of a height began: exits that began earlier do not answer for it.
fn admissible(step: &Step<'_>, height: Height) -> Result<Time, Rejection> {
    let now = step.context.height;
    if height > now {
        return Err(Rejection::HeightToCome { height, now });
    }
    let oldest = step.state.oldest_admissible();
    if height < oldest {
        return Err(Rejection::EvidenceTooOld { height, oldest });
    }
    let began = step.state.epoch_starts.range(..=height).next_back();
    let (_, began) = began.expect("a height that is not too old lies in a known epoch");
    Ok(*began)
}

fn punish(
    step: &mut Step<'_>,
    accuser: AccountId,
    operator: AccountId,
    height: Height,
    since: Time,
) {
    // What is earned and closed is its own and its delegators', and at stake with the rest.
    step.collect(operator);
    put_back(step, operator, since);
    let parameters = step.parameters();
    let total = step.bonded_total();
    let (now, own) = (step.now(), step.state.bonded_value(operator));
    let delegated = step.state.answerable_delegated(operator, since, now);
    let stake = own.plus(step.state.bond_value(&[(NATIVE, delegated)].into_iter().collect()));
    let offending = step.state.clock.double_signing.plus(stake);
    step.state.clock.double_signing = offending;
    let rate = correlated_rate(parameters.double_signing_rate, offending, total);
    let until = now.plus_ms(parameters.correlation_ms);
    step.emit(PenaltyEvent::DoubleSigned {
        operator,
        height,
        accuser,
        offending,
        total,
        rate,
        until,
    });
    let (charge, part) = ((operator, Fault::DoubleSigning, None), u128::from(rate.0));
    let terms = Terms { accuser: Some(accuser), ..Terms::default() };
    step.slash(charge, Place::Bond(operator), Cut::OfBond(part, PPM.into()), terms);
    let paid = part_floor(own.saturating_sub(step.state.bonded_value(operator)), own);
    step.slash_delegated(charge, (since, now), Cut::Part(part, PPM.into()));
    // Timers of one instant go off in the order they were set: what left must be there when its part is reckoned.
    step.hold_buckets(operator, since, until.plus_ms(1));
    let timer = step.set_timer(until, Task::Reckoning(operator));
    let stage = SignerStage::Frozen(until, timer);
    let record = DoubleSigner { height, since, accuser, stake, total, rate, paid, stage };
    step.state.double_signers.insert(operator, record);
    step.count_failed(operator);
    step.soil(operator);
    if step.operator_mut(operator).status != OperatorStatus::Tombstoned {
        step.tombstone(operator);
    }
}

/// Puts back what was leaving and answers for the fault: it is frozen with the rest.
fn put_back(step: &mut Step<'_>, operator: AccountId, since: Time) {
    for (exit, record) in step.answerable_exits(operator, since) {
        step.clear_timer(record.release, exit);
        let to = Place::Bond(operator);
        let amount = crate::bonds::close_exit(step, operator, exit, to, Why::CancelExit);
        step.operator_mut(operator).bonded.put(record.asset, amount);
    }
    step.state.reweigh(operator);
    step.review(operator);
}

/// The part that `some` is of `all`, rounded down. All of nothing is the whole.
fn part_floor(some: Amount, all: Amount) -> Ppm {
    if all.is_zero() {
        return Ppm::WHOLE;
    }
    let part = mul_div_floor(some.min(all).units(), PPM.into(), all.units());
    Ppm(u32::try_from(part).expect("a part of the whole"))
}

/// A window is over: the first thaws the bond, the second forgets the offence.
pub(crate) fn window_over(step: &mut Step<'_>, operator: AccountId) {
    let signer = *step.state.double_signer(operator).expect("a double signer is never forgotten");
    let stage = match signer.stage {
        SignerStage::Frozen(frozen, _) => {
            reckon(step, operator, &signer, frozen);
            let until = step.now().plus_ms(step.state.parameters.correlation_ms);
            SignerStage::Remembered(until, step.set_timer(until, Task::Reckoning(operator)))
        }
        SignerStage::Remembered(..) | SignerStage::Past => SignerStage::Past,
    };
    if stage == SignerStage::Past {
        let past = &mut step.state.clock.double_signing_past;
        *past = past.minus(signer.stake);
    }
    step.state.double_signers.insert(operator, DoubleSigner { stage, ..signer });
}

/// Everybody who belongs to the crowd is known. The rate never falls, nor does it rise because stake that was slashed or
/// left meanwhile is missing from the total; whatever was locked when the fault was proven is owed now.
fn reckon(step: &mut Step<'_>, operator: AccountId, signer: &DoubleSigner, frozen: Time) {
    let DoubleSigner { stake, paid, since, .. } = *signer;
    let base = step.state.parameters.double_signing_rate;
    let total = step.bonded_total().max(signer.total);
    let clock = &mut step.state.clock;
    let offending = clock.double_signing.plus(clock.double_signing_past);
    clock.double_signing = clock.double_signing.minus(stake);
    clock.double_signing_past = clock.double_signing_past.plus(stake);
    let rate = correlated_rate(base, offending, total).max(signer.rate);
    step.emit(PenaltyEvent::DoubleSigningReckoned { operator, offending, total, rate, paid });
    // What is left is `1 - paid` of what was there, so this part of it makes up the rate.
    let due = |paid: Ppm| -> (u128, u128) {
        (rate.0.saturating_sub(paid.0).into(), paid.complement().0.max(1).into())
    };
    let charge = (operator, Fault::DoubleSigning, None);
    let (owed, of) = due(paid);
    step.slash(charge, Place::Bond(operator), Cut::OfBond(owed, of), Terms::default());
    let (owed, of) = due(signer.rate);
    step.slash_delegated(charge, (since, frozen), Cut::Part(owed, of));
}

impl State {
    /// What is known about an operator that signed twice.
    pub fn double_signer(&self, operator: AccountId) -> Option<&DoubleSigner> {
        self.double_signers.get(&operator)
    }

    /// Until when neither an operator's bond nor what is delegated to it can leave, if they are frozen.
    pub fn frozen_until(&self, operator: AccountId) -> Option<Time> {
        match self.double_signer(operator)?.stage {
            SignerStage::Frozen(until, _) => Some(until),
            SignerStage::Remembered(..) | SignerStage::Past => None,
        }
    }

    /// The lowest height that evidence may be about: the first of the oldest epoch that began within the unbonding time.
    pub fn oldest_admissible(&self) -> Height {
        let unbonding_ms = self.parameters.unbonding_ms;
        let recent = |time: Time| time.plus_ms(unbonding_ms) >= self.clock.now;
        let oldest = self.epoch_starts.iter().find(|(_, began)| recent(**began));
        oldest.map_or(self.clock.height, |(height, _)| *height)
    }

    /// What an operator's whole bond counts for, in micro-dollars, locked slices included.
    pub(crate) fn bonded_value(&self, operator: AccountId) -> Amount {
        self.operator(operator).map_or(Amount::ZERO, |record| self.bond_value(&record.bonded))
    }
}
