//! Jobs, demands and views for the tests of planners.

use api::wire::{DemandView, JobView, OfferView, OperatorView};
use protocol::{
    AccountId, Amount, Assignment, Audit, ChainId, Claim, ClassId, Content, DataKind, Demand,
    Duties, Finding, Hash, Height, Holdings, Job, JobId, JobKind, JobSpec, JobStatus, LockQuote,
    Offer, Operator, OperatorStatus, Ppm, Pricing, ProgramId, Reliability, Time,
};

use crate::attempt::Attempt;
use crate::view::View;

/// The agent under test.
pub(crate) const fn me() -> AccountId {
    AccountId([1; 32])
}

/// Somebody else.
pub(crate) const fn other() -> AccountId {
    AccountId([2; 32])
}

/// A third party.
pub(crate) const fn third() -> AccountId {
    AccountId([3; 32])
}

/// The job of [`job_view`].
pub(crate) const JOB: JobId = JobId([9; 32]);

/// The attempt of [`job_view`].
pub(crate) const ATTEMPT: Attempt = Attempt { job: JOB, number: 1 };

/// Now, in every view.
pub(crate) const NOW: Time = Time(1_000);

pub(crate) fn content(byte: u8, size: u64) -> Content {
    Content { root: Hash([byte; 32]), size }
}

pub(crate) fn claim(byte: u8) -> Claim {
    Claim { output: content(byte, 10_000), trace: content(byte ^ 0x80, 64), meter: 5 }
}

fn spec() -> JobSpec {
    JobSpec {
        program: ProgramId([4; 32]),
        input: content(5, 9_000),
        class: ClassId::CPU,
        steps_max: 100,
        meter_max: 1_000_000,
        memory_max: 1 << 20,
        run_ms: 60_000,
        wait_ms: 60_000,
        price_max: Amount::new(1_000_000),
        harm: Amount::ZERO,
        insured: Amount::ZERO,
        kind: JobKind::Proven,
    }
}

fn quote() -> LockQuote {
    let zero = Amount::ZERO;
    LockQuote {
        price: Amount::new(500_000),
        saving: zero,
        harm: zero,
        insured: zero,
        audit_rate: Ppm(200_000),
        detection: Ppm(850_000),
        margin: Ppm(1_250_000),
        honesty: zero,
        insurance: zero,
        required: zero,
        native_price: Amount::new(1_000_000),
        native_haircut: Ppm(0),
        burn_min: Ppm(200_000),
        bounty_max: Ppm(250_000),
    }
}

/// An assignment to `provider`.
pub(crate) fn assignment(provider: AccountId) -> Assignment {
    Assignment {
        provider,
        ask: Amount::new(1),
        pricing: Pricing::Own,
        quote: quote(),
        locked: Holdings::default(),
        assigned: Time(100),
        commitment: None,
        committed: None,
        claim: None,
        revealed: None,
        input_demands: 0,
        audit: None,
        silent_auditors: Vec::new(),
    }
}

/// An audit by `auditor`.
pub(crate) fn audit(auditor: AccountId) -> Audit {
    Audit {
        auditor,
        drawn: Height(3),
        fee: Amount::new(1),
        lock: Amount::new(1),
        commitment: None,
        claim: None,
        finding: Finding::Pending,
        input_demands: 0,
    }
}

/// A job that is open, in its first attempt, with time left.
pub(crate) fn job_view() -> JobView {
    let job = Job {
        id: JOB,
        requester: third(),
        spec: spec(),
        submitted: Time(50),
        status: JobStatus::Open,
        deadline: Some(Time(2_000)),
        timer: None,
        queued: None,
        window_end: None,
        attempts: 1,
        failed: Vec::new(),
        assignment: None,
        ended: None,
    };
    JobView { job, demands: Vec::new() }
}

/// The same in a stage, run by `provider`; revealed with `claim(1)` where that stage is behind it.
pub(crate) fn job_at(status: JobStatus, provider: AccountId) -> JobView {
    let mut view = job_view();
    view.job.status = status;
    let mut assignment = assignment(provider);
    if matches!(status, JobStatus::AuditRevealing | JobStatus::Window | JobStatus::Ended(_)) {
        assignment.claim = Some(claim(1));
        view.job.window_end = Some(Time(2_000));
    }
    view.job.assignment = (status != JobStatus::Open).then_some(assignment);
    view
}

/// An open demand of `demander` for all pages of `content`.
pub(crate) fn demand(demander: AccountId, data: DataKind, content: Content) -> DemandView {
    let pages = usize::try_from(content.pages()).unwrap();
    let demand = Demand {
        data,
        content,
        attempt: 1,
        first_page: 0,
        owed: vec![true; pages],
        deadline: Time(1_500),
        timer: 1,
        answered: None,
        answers: Vec::new(),
        late: 0,
    };
    DemandView { demander, demand }
}

/// This account as an operator with offers.
pub(crate) fn operator(status: OperatorStatus, offers: &[(ClassId, u32, u128)]) -> OperatorView {
    let operator = Operator {
        account: me(),
        owner: me(),
        nominee: None,
        duties: Duties { provider: true, validator: true },
        status,
        bonded: Holdings::default(),
        exits: 0,
        reliability: Reliability::default(),
        offence: None,
        registered: Time(0),
        pool: None,
        rank: None,
        earnings: Vec::new(),
    };
    let offers = offers.iter().map(|(class, units, ask)| OfferView {
        class: *class,
        offer: Offer { units: *units, busy: 0, ask: Amount::new(*ask) },
    });
    let offers = offers.collect();
    let (free, exits, rewards) = Default::default();
    OperatorView { operator, free, offers, exits, rewards }
}

/// A view of these jobs by this account, which is no operator.
pub(crate) fn view(jobs: Vec<JobView>) -> View {
    View {
        account: me(),
        chain: ChainId([8; 32]),
        height: Height(10),
        now: NOW,
        cursor: api::Cursor::default(),
        operator: None,
        jobs,
    }
}

/// Every stage of a job's life.
pub(crate) const STAGES: [JobStatus; 8] = [
    JobStatus::Open,
    JobStatus::Assigned,
    JobStatus::Committed,
    JobStatus::Auditing,
    JobStatus::Revealing,
    JobStatus::AuditRevealing,
    JobStatus::Window,
    JobStatus::Ended(protocol::EndReason::Completed),
];
