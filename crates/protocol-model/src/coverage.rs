//! What a run has reached, and everything there is to reach. The lists are the enums themselves: a variant added to the
//! rules does not compile here until it is listed, and is then demanded of the workload.

use std::collections::BTreeMap;

use protocol::{
    AccessEvent, Action, Amendment, AmendmentFault, Answer, Ballot, Band, BooksEvent,
    CollateralEvent, DisputeEvent, EndReason, EpochVerdict, Event, Fault, GovernanceEvent, Intake,
    JobEvent, LeaseEnd, LeaseEvent, Outcome, PenaltyEvent, PlaceKind, Pricing, Rejection,
    ReplicatedEvent, Ruling, Why,
};

/// A function from an enum to the names of its variants, and the list of them.
macro_rules! names {
    ($function:ident, $list:ident, $type:ident: $($variant:ident)*) => {
        const $list: &[&str] = &[$(stringify!($variant)),*];
        fn $function(value: &$type) -> &'static str {
            match value { $($type::$variant { .. } => stringify!($variant),)* }
        }
    };
}

names! { action_name, ACTIONS, Action:
    Transfer Mint Burn RegisterOperator SetDuties NominateOwner AcceptOwnership Bond Unbond CancelExit SetOffer Unjail
    RegisterProgram SubmitJob CancelJob CommitResult RevealResult CommitAudit RevealAudit Challenge DemandData
    AnswerDemand LockAccess UnlockAccess TakeJob
    // Capacity and uptime.
    RegisterDevice RetireDevice AnswerUptime DeclareMaintenance AnswerCapacity ReportTransfer RebutTransfer
    // Price, governance and delegation.
    CommitPrice RevealPrice Propose Vote Delegate Undelegate Redelegate CancelUnbonding ClaimFees SetCommission Commit
    // Replicated.
    CommitReplica RevealReplica AppealJob VoteAppeal RunReplicas
    // Leases.
    SetLeaseAsk RequestLease CancelLease GiveNotice ReportProbe ShowReceipt
    // Rewards.
    Attend ClaimRewards ProveDoubleSigning
}
/// Names of the events of each concept, of all of them, and the list of all lists.
macro_rules! events {
    ($($concept:ident $event:ident: $($variant:ident)*;)*) => {
        const EVENTS: &[&str] = &[$($(stringify!($variant)),*),*];
        fn event_name(event: &Event) -> &'static str {
            match event {
                $($(Event::$concept(protocol::$event::$variant { .. }) => stringify!($variant),)*)*
            }
        }
    };
}

events! {
    Books BooksEvent: Moved;
    Operator OperatorEvent: OperatorRegistered DutiesSet OwnerNominated OwnerAccepted ExitBegan OfferSet;
    Job JobEvent: ProgramRegistered JobSubmitted ClassCleared JobOffered JobAssigned ResultCommitted AuditDecided
        AuditorDrawn AuditorMissing AuditCommitted RevealDue ResultRevealed AuditRevealed WindowOpened Excused
        JobReopened Settled JobEnded JobRetired;
    Dispute DisputeEvent: Challenged DataDemanded DataAnswered DemandExpired;
    Penalty PenaltyEvent: Faulted Slashed BondSlashed Correlated DoubleSigned DoubleSigningReckoned Jailed Unjailed
        Tombstoned;
    Access AccessEvent: AccessExitBegan AccessSlashed;
    Capacity CapacityEvent: DeviceRegistered DeviceRetired UptimeDrawn UptimeAnswered UptimeMissed UptimeClosed
        MaintenanceDeclared RoundOpened CapacityAnswered MeasurementBegan TransferReported TransferRebutted
        CapacitySettled;
    Price PriceEvent: PriceSourceSet PriceSlotBegan PriceCommitted PriceRevealed PriceAgreed PriceNotAgreed
        ReportMissed ReportFined;
    Collateral CollateralEvent: IntakeHalted BandChanged AuditRaised;
    Governance GovernanceEvent: ProposalSubmitted BallotCast ProposalTallied AmendmentAccepted AmendmentEnacted
        AmendmentVoid;
    Delegation DelegationEvent: CommissionSet Delegated UndelegationBegan Redelegated HopEnded HopsCharged
        PoolCollapsed IncomeShared Committed CommitmentEnded SeatsChanged;
    Reward RewardEvent: EmissionBegan CapacityCounted WorkCounted Attended RewardsClosed RewardEarned RewardForfeited;
    Epoch EpochEvent: EpochBegan;
    Replicated ReplicatedEvent: ReplicaAssigned ReplicaCommitted ReplicaRevealed ReplicasShort ReplicasEscalated
        ReplicasAgreed JobAppealed AppealVoted AppealDecided ReplicasOffered;
    Lease LeaseEvent: LeaseAskSet LeaseRequested LeaseBegan ProbeDrawn ProbeReported ReceiptShown EpochAccepted
        EpochJudged NoticeGiven LeaseEnded LeaseRetired;
}
names! { why_name, WHYS, Why:
    Genesis Fee Transfer Mint Burn Bond Unbond CancelExit Release Escrow Lock Unlock ProviderShare AuditShare
    InsuranceShare Take Unspent Refund AuditFeeReserved AuditFee AuditFeeReturned DemandBond DemandEarned DemandReturned
    FalseChallenge SlashBounty SlashVictim SlashInsurance SlashBurn
    LockAccess UnlockAccess ReleaseAccess AccessCredit
    ProposalDeposit ProposalReturned ProposalBurned
    Delegate Undelegate Redelegate CancelUnbonding Undelegated DelegatorFees DelegatorReward IncomeClaimed
    // Replicated.
    AppealBond AppealReturned AppealForfeited
    SlashPremium FallbackPremium PremiumForfeited
    // Rewards.
    Emission FeesSetAside CapacityReward ValidationReward WorkReward RewardRemainder
}
names! { end_name, ENDS, EndReason:
    Completed Cancelled NoProvider AttemptsExhausted AuthorFault InputWithheld
    // Replicated.
    NoQuorum Overturned
}
names! { fault_name, FAULTS, Fault:
    WrongResult NotRevealed DataWithheld MissedDeadline FalseAudit SilentAudit FalseChallenge Repeated
    Spam
    // Capacity and uptime.
    Downtime MisrepresentedHardware
    // Replicated.
    Outvoted
    // Leases.
    Unserved
    // Validators.
    DoubleSigning
}
names! { lease_end_name, LEASE_ENDS, LeaseEnd:
    Completed NoticeGiven Cancelled NoProvider Unserved ProviderBarred
}
names! { verdict_name, VERDICTS, EpochVerdict: Accepted Served Missed Unproven }
names! { ruling_name, RULINGS, Ruling: Guilty AuthorFault Dismissed }
names! { pricing_name, PRICINGS, Pricing: Own Uniform Offered Fallback }

/// How replicas come to their price.
const REPLICA_PRICES: &[&str] = &["Own", "Uniform"];

/// What comes of appeals.
const APPEALS: &[&str] = &["upheld", "another output", "not to be had", "undecidable"];

fn appeal_name(upheld: bool, answer: Answer) -> &'static str {
    match answer {
        _ if upheld => "upheld",
        Answer::Output(_) => "another output",
        Answer::Withheld => "not to be had",
        Answer::Undecidable => "undecidable",
    }
}

/// The faults that burn access stake.
const ACCESS_FAULTS: &[&str] = &["FalseChallenge", "Spam"];

names! { ballot_name, BALLOTS, Ballot: For Against Spam }
names! { outcome_name, OUTCOMES, Outcome: Accepted Rejected Spam }
names! { amendment_name, AMENDMENTS, Amendment: Parameters Class Asset Collateral }
names! { refusal_name, REFUSALS, AmendmentFault:
    NoChange Parameters Machine BadText TooMuch NoPrice Full AssetExists UnknownAsset AlwaysCollateral ChallengeFixed
    CapBelowSupply
}
names! { intake_name, INTAKES, Intake: Open Stale Halted }

/// Every way from one band to another.
const BANDS: &[(Band, Band)] = &[
    (Band::Green, Band::Amber),
    (Band::Green, Band::Red),
    (Band::Green, Band::Black),
    (Band::Amber, Band::Green),
    (Band::Amber, Band::Red),
    (Band::Amber, Band::Black),
    (Band::Red, Band::Green),
    (Band::Red, Band::Amber),
    (Band::Red, Band::Black),
    (Band::Black, Band::Green),
    (Band::Black, Band::Amber),
    (Band::Black, Band::Red),
];

/// Which places each fault is paid out of. A false challenge costs its bond and is no slash.
const SLASHES: &[(Fault, PlaceKind)] = &[
    (Fault::WrongResult, PlaceKind::Locks),
    (Fault::NotRevealed, PlaceKind::Locks),
    (Fault::DataWithheld, PlaceKind::Locks),
    (Fault::MissedDeadline, PlaceKind::Locks),
    (Fault::FalseAudit, PlaceKind::Locks),
    (Fault::SilentAudit, PlaceKind::Locks),
    (Fault::Repeated, PlaceKind::Bonds),
    (Fault::Repeated, PlaceKind::Exits),
    // Capacity and uptime.
    (Fault::Downtime, PlaceKind::Bonds),
    (Fault::Downtime, PlaceKind::Exits),
    (Fault::MisrepresentedHardware, PlaceKind::Bonds),
    (Fault::MisrepresentedHardware, PlaceKind::Exits),
    (Fault::Unserved, PlaceKind::Locks),
    (Fault::Repeated, PlaceKind::Pools),
    (Fault::Repeated, PlaceKind::Leaving),
    // Replicated.
    (Fault::Outvoted, PlaceKind::Locks),
    // Validators.
    (Fault::DoubleSigning, PlaceKind::Bonds),
    (Fault::DoubleSigning, PlaceKind::Pools),
    (Fault::DoubleSigning, PlaceKind::Leaving),
];

/// How often everything was reached, by list and name.
#[derive(Clone, Default)]
pub struct Coverage {
    counts: BTreeMap<(&'static str, &'static str), u64>,
    slashes: BTreeMap<(Fault, PlaceKind), u64>,
    bands: BTreeMap<(Band, Band), u64>,
    rejections: BTreeMap<u16, u64>,
}

impl Coverage {
    fn count(&mut self, list: &'static str, name: &'static str) {
        *self.counts.entry((list, name)).or_default() += 1;
    }

    pub(crate) fn accepted(&mut self, action: &Action) {
        self.count("action", action_name(action));
        match action {
            Action::Vote { ballot, .. } => self.count("ballot", ballot_name(ballot)),
            Action::Propose { amendment } => self.count("amendment", amendment_name(amendment)),
            _ => {}
        }
    }

    pub(crate) fn rejected(&mut self, rejection: &Rejection) {
        *self.rejections.entry(rejection.code()).or_default() += 1;
        if let Rejection::AmendmentRefused { fault } = rejection {
            self.count("refusal", refusal_name(fault));
        }
    }

    /// What a block found of the intake.
    pub(crate) fn found(&mut self, intake: Intake) {
        self.count("intake", intake_name(&intake));
    }

    pub(crate) fn happened(&mut self, event: &Event) {
        self.count("event", event_name(event));
        match event {
            Event::Books(BooksEvent::Moved { why, .. }) => self.count("movement", why_name(why)),
            Event::Job(JobEvent::JobEnded { reason, .. }) => self.count("end", end_name(reason)),
            Event::Lease(LeaseEvent::LeaseEnded { reason, .. }) => {
                self.count("lease", lease_end_name(reason));
            }
            Event::Lease(LeaseEvent::EpochJudged { judged, .. }) => {
                self.count("epoch", verdict_name(&judged.verdict));
            }
            Event::Penalty(PenaltyEvent::Faulted { fault, .. }) => {
                self.count("fault", fault_name(fault))
            }
            Event::Job(JobEvent::JobAssigned { pricing, .. }) => {
                self.count("price", pricing_name(pricing))
            }
            Event::Replicated(event) => self.note_replicated(event),
            Event::Access(AccessEvent::AccessSlashed { fault, .. }) => {
                self.count("access slash", fault_name(fault))
            }
            Event::Dispute(DisputeEvent::Challenged { verdict, .. }) => {
                self.count("ruling", ruling_name(verdict))
            }
            Event::Governance(GovernanceEvent::ProposalTallied { outcome, .. }) => {
                self.count("outcome", outcome_name(outcome));
            }
            Event::Collateral(CollateralEvent::BandChanged { before, band, .. }) => {
                *self.bands.entry((*before, *band)).or_default() += 1;
            }
            Event::Penalty(PenaltyEvent::Slashed { fault, from, .. })
            | Event::Penalty(PenaltyEvent::BondSlashed { fault, from, .. }) => {
                let kind = from.kind().expect("a slash is taken from a place inside the supply");
                *self.slashes.entry((*fault, kind)).or_default() += 1;
            }
            _ => {}
        }
    }

    fn note_replicated(&mut self, event: &ReplicatedEvent) {
        match event {
            ReplicatedEvent::ReplicaAssigned { pricing, .. } => {
                self.count("replica price", pricing_name(pricing));
            }
            ReplicatedEvent::AppealDecided { upheld, answer, .. } => {
                self.count("appeal", appeal_name(*upheld, *answer));
            }
            _ => {}
        }
    }

    /// Adds what another run has reached.
    pub fn add(&mut self, other: &Self) {
        for (key, count) in &other.counts {
            *self.counts.entry(*key).or_default() += count;
        }
        for (key, count) in &other.slashes {
            *self.slashes.entry(*key).or_default() += count;
        }
        for (key, count) in &other.bands {
            *self.bands.entry(*key).or_default() += count;
        }
        for (key, count) in &other.rejections {
            *self.rejections.entry(*key).or_default() += count;
        }
    }

    /// Everything with how often it was reached, in words.
    pub fn table(&self) -> Vec<(String, u64)> {
        let lists = [
            ("action", ACTIONS),
            ("event", EVENTS),
            ("movement", WHYS),
            ("end", ENDS),
            ("lease", LEASE_ENDS),
            ("epoch", VERDICTS),
            ("fault", FAULTS),
            ("ruling", RULINGS),
            ("price", PRICINGS),
            ("access slash", ACCESS_FAULTS),
            ("ballot", BALLOTS),
            ("outcome", OUTCOMES),
            ("amendment", AMENDMENTS),
            ("refusal", REFUSALS),
            ("intake", INTAKES),
            ("replica price", REPLICA_PRICES),
            ("appeal", APPEALS),
        ];
        let named = lists.into_iter().flat_map(|(list, names)| {
            let names = names.iter().filter(move |name| !is_no_event_of_its_own(list, name));
            names.map(move |name| (list, *name))
        });
        let named = named.map(|key| {
            (format!("{} {}", key.0, key.1), self.counts.get(&key).copied().unwrap_or(0))
        });
        let slashes = SLASHES.iter().map(|key| {
            let name = format!("slash {:?} from {:?}", key.0, key.1);
            (name, self.slashes.get(key).copied().unwrap_or(0))
        });
        let bands = BANDS.iter().map(|key| {
            let name = format!("band {:?} to {:?}", key.0, key.1);
            (name, self.bands.get(key).copied().unwrap_or(0))
        });
        let rejections = Rejection::CODES.iter().map(|(code, name)| {
            (format!("rejection {code} {name}"), self.rejections.get(code).copied().unwrap_or(0))
        });
        named.chain(slashes).chain(bands).chain(rejections).collect()
    }

    /// Slashes that no list foresees.
    fn unlisted(&self) -> impl Iterator<Item = String> + '_ {
        let unlisted = self.slashes.keys().filter(|key| !SLASHES.contains(key));
        unlisted.map(|(fault, kind)| format!("unlisted slash {fault:?} from {kind:?}"))
    }

    /// What was not reached, and what was and should not be.
    pub fn gaps(&self) -> Vec<String> {
        let missing = self.table().into_iter().filter(|(_, count)| *count == 0);
        missing.map(|(name, _)| name).chain(self.unlisted()).collect()
    }
}

/// What a repeated offence, spam of access stake, or a fault outside any job costs has no fault event of its own, and genesis
/// is no operation.
fn is_no_event_of_its_own(list: &str, name: &str) -> bool {
    matches!(
        (list, name),
        ("fault", "Repeated" | "Spam" | "Downtime" | "MisrepresentedHardware" | "DoubleSigning")
            | ("movement", "Genesis")
    )
}
