//! Nothing the rules can say or do is left without a test.

use std::collections::BTreeSet;

use protocol::*;

use crate::devices::*;
use crate::world::*;
use crate::{
    access, appeals, capacity, delegation, demands, double_signing, fallback, flows, governance,
    leases, market, prices, rejections, replica_joints, replicated, rewards, seats, transfers,
    uptime, villains,
};

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
        demands::excused(),
        access::comes_and_goes(),
        access::spam().0,
        access::credited().0,
        market::taken_by_hand().0,
        fallback::paid(),
        fallback::forfeited(),
        uptime::downtime(),
        uptime::maintained(),
        capacity::misrepresented(),
        transfers::rebutted(),
        retired_device(),
        prices::reported(),
        prices::fined(),
        prices::crash(),
        governance::enacted(),
        governance::spam(),
        governance::void(),
        delegation::life(),
        delegation::slashed(),
        delegation::collapsed(),
        replicated::agreed().0,
        replicated::outvoted().0,
        replicated::undecided().0,
        replicated::missed().0,
        replicated::unrevealed().0,
        appeals::upheld().0,
        appeals::overturned().0,
        appeals::withheld().0,
        replica_joints::undecidable().0,
        replicated::undrawn().0,
        leases::example().0,
        leases::belied().0,
        leases::unserved().0,
        leases::noticed().0,
        leases::nobody_came().0,
        leases::cancelled().0,
        leases::accepted().0,
        seats::seated(),
        rewards::attended(),
        rewards::shared(),
        rewards::paid_capacity(),
        rewards::worked(),
        rewards::forfeited(),
        double_signing::reckoned(),
        double_signing::delegated(),
    ];
    worlds.into_iter().flat_map(|world| world.events).collect()
}

fn retired_device() -> World {
    let mut world = World::with_device(unwatched());
    world.ok(WORKER, Action::RetireDevice { device: device(1) });
    world
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
            Event::Penalty(PenaltyEvent::Faulted { fault, .. })
            | Event::Penalty(PenaltyEvent::Slashed { fault, .. })
            | Event::Access(AccessEvent::AccessSlashed { fault, .. })
            | Event::Penalty(PenaltyEvent::BondSlashed { fault, .. }) => {
                vec![variant(event), variant(fault)]
            }
            Event::Books(BooksEvent::Moved { why, .. }) => vec![variant(event), variant(why)],
            Event::Job(JobEvent::JobEnded { reason, .. }) => vec![variant(event), variant(reason)],
            Event::Dispute(DisputeEvent::Challenged { verdict, .. }) => {
                vec![variant(event), variant(verdict)]
            }
            _ => vec![variant(event)],
        })
        .collect();
    let all = "AccessCredit AccessExitBegan AccessSlashed AmendmentAccepted AmendmentEnacted AmendmentVoid AppealBond \
        AppealDecided AppealForfeited AppealReturned AppealVoted AttemptsExhausted Attended AuditCommitted \
        AuditDecided AuditFee AuditFeeReserved AuditFeeReturned AuditRaised AuditRevealed AuditShare AuditorDrawn \
        AuditorMissing AuthorFault BallotCast BandChanged Bond BondSlashed Burn CancelExit CancelUnbonding Cancelled \
        CapacityAnswered CapacityCounted CapacityReward CapacitySettled Challenged ClassCleared CommissionSet \
        CommitmentEnded Committed Completed Correlated DataAnswered DataDemanded DataWithheld Delegate Delegated \
        DelegatorFees DelegatorReward DemandBond DemandEarned DemandExpired DemandReturned DeviceRegistered \
        DeviceRetired Dismissed DoubleSigned DoubleSigning DoubleSigningReckoned Downtime DutiesSet Emission \
        EmissionBegan EpochAccepted EpochBegan EpochJudged Escrow Excused ExitBegan FallbackPremium FalseAudit \
        FalseChallenge Faulted Fee FeesSetAside Genesis Guilty HopEnded HopsCharged IncomeClaimed IncomeShared \
        InputWithheld InsuranceShare IntakeHalted Jailed JobAppealed JobAssigned JobEnded JobOffered JobReopened \
        JobRetired JobSubmitted LeaseAskSet LeaseBegan LeaseEnded LeaseRequested LeaseRetired Lock LockAccess \
        MaintenanceDeclared MeasurementBegan Mint MisrepresentedHardware MissedDeadline Moved NoProvider NoQuorum \
        NotRevealed NoticeGiven OfferSet OperatorRegistered Outvoted Overturned OwnerAccepted OwnerNominated \
        PoolCollapsed PremiumForfeited PriceAgreed PriceCommitted PriceNotAgreed PriceRevealed PriceSlotBegan \
        PriceSourceSet ProbeDrawn ProbeReported ProgramRegistered ProposalBurned ProposalDeposit ProposalReturned \
        ProposalSubmitted ProposalTallied ProviderShare ReceiptShown Redelegate Redelegated Refund Release \
        ReleaseAccess Repeated ReplicaAssigned ReplicaCommitted ReplicaRevealed ReplicasAgreed ReplicasEscalated \
        ReplicasOffered ReplicasShort ReportFined ReportMissed ResultCommitted ResultRevealed RevealDue RewardEarned \
        RewardForfeited RewardRemainder RewardsClosed RoundOpened SeatsChanged Settled SilentAudit SlashBounty \
        SlashBurn SlashInsurance SlashPremium SlashVictim Slashed Spam Take Tombstoned Transfer TransferRebutted \
        TransferReported Unbond Undelegate Undelegated UndelegationBegan Unjailed Unlock UnlockAccess Unserved Unspent \
        UptimeAnswered UptimeClosed UptimeDrawn UptimeMissed ValidationReward WindowOpened WorkCounted WorkReward \
        WrongResult";
    let all: BTreeSet<String> = all.split_whitespace().map(str::to_string).collect();
    let missing: Vec<_> = all.difference(&seen).collect();
    let unlisted: Vec<_> = seen.difference(&all).collect();
    assert!(
        missing.is_empty() && unlisted.is_empty(),
        "missing {missing:?}, unlisted {unlisted:?}"
    );
}
