//! Nothing the rules can say or do is left without a test.

use std::collections::BTreeSet;

use protocol::*;

use crate::{delegation, flows, governance, prices, rejections, seats, villains};

#[test]
fn every_rejection_code_has_a_case() {
    let cases: BTreeSet<&str> = rejections::all().into_iter().map(|(name, _)| name).collect();
    let codes: BTreeSet<&str> = Rejection::CODES.iter().map(|(_, name)| *name).collect();
    assert_eq!(cases, codes);
}

/// The events of every scenario of this suite.
fn scenarios() -> Vec<Event> {
    let worlds = [
        villains::honest(),
        villains::wrong_step().0,
        villains::silent().0,
        villains::withheld_data().0,
        villains::lazy_auditor().0,
        villains::false_challenger().0,
        villains::unrevealed().0,
        villains::repeat_offender(),
        villains::conspiracy(),
        villains::refuted_auditor(),
        villains::silent_auditors().0,
        flows::cancelled(),
        flows::nobody_came(),
        flows::attempts_exhausted(),
        flows::author_fault(),
        flows::input_withheld(),
        flows::answered_demand(),
        flows::minted_and_burned(),
        flows::bond_comes_and_goes(),
        flows::new_owner(),
        flows::retired(),
        flows::no_auditor(),
        prices::reported(),
        prices::fined(),
        prices::crash(),
        governance::enacted(),
        governance::spam(),
        governance::void(),
        delegation::life(),
        delegation::slashed(),
        delegation::collapsed(),
        seats::paid(),
    ];
    worlds.into_iter().flat_map(|world| world.events).collect()
}

/// The name of a variant, from its debug form.
fn variant(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.split([' ', '(', '{']).next().unwrap_or_default().to_string()
}

#[test]
fn every_fault_movement_ending_and_event_occurs() {
    let events = scenarios();
    let seen: BTreeSet<String> = events
        .iter()
        .flat_map(|event| match event {
            Event::Faulted { fault, .. } | Event::Slashed { fault, .. } => {
                vec![variant(event), variant(fault)]
            }
            Event::Moved { why, .. } => vec![variant(event), variant(why)],
            Event::JobEnded { reason, .. } => vec![variant(event), variant(reason)],
            Event::Challenged { verdict, .. } => vec![variant(event), variant(verdict)],
            _ => vec![variant(event)],
        })
        .collect();
    let all = "AuditCommitted AuditDecided AuditFee AuditFeeReserved AuditFeeReturned AuditRevealed AuditShare AuditorDrawn \
        AuditorMissing AttemptsExhausted AuthorFault Bond Burn CancelExit CancelUnbonding Cancelled Challenged \
        CommissionSet CommitmentEnded Committed Completed Correlated Delegate Delegated DelegatorFees DelegatorReward \
        DataAnswered DataDemanded DataWithheld DemandBond DemandEarned DemandExpired DemandReturned Dismissed DutiesSet \
        EpochBegan Escrow ExitBegan FalseAudit FalseChallenge Faulted Fee Genesis Guilty HopEnded HopsCharged \
        IncomeClaimed IncomeShared InputWithheld InsuranceShare \
        Jailed JobAssigned JobEnded JobReopened JobRetired JobSubmitted Lock Mint MissedDeadline Moved NoProvider \
        NotRevealed OfferSet OperatorRegistered OperatorReward OwnerAccepted OwnerNominated PoolCollapsed ProgramRegistered \
        ProviderShare Redelegate Redelegated Refund Release Repeated ResultCommitted ResultRevealed RevealDue SeatsChanged \
        Settled SilentAudit SlashBounty SlashBurn SlashInsurance SlashVictim Slashed Take Tombstoned Transfer Unbond \
        Undelegate Undelegated UndelegationBegan Unjailed Unlock Unspent WindowOpened WrongResult \
        AmendmentAccepted AmendmentEnacted AmendmentVoid AuditRaised BallotCast BandChanged IntakeHalted PriceAgreed \
        PriceCommitted PriceNotAgreed PriceRevealed PriceSlotBegan PriceSourceSet ProposalBurned ProposalDeposit \
        ProposalReturned ProposalSubmitted ProposalTallied ReportFined ReportMissed";
    let all: BTreeSet<String> = all.split_whitespace().map(str::to_string).collect();
    let missing: Vec<_> = all.difference(&seen).collect();
    let unlisted: Vec<_> = seen.difference(&all).collect();
    assert!(
        missing.is_empty() && unlisted.is_empty(),
        "missing {missing:?}, unlisted {unlisted:?}"
    );
}
