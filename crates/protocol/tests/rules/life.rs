//! Walking a job through its life, stage by stage.

use protocol::*;

use crate::world::*;

/// The job of the tests: 10 * 10^9 units at one dollar per 10^9 make ten dollars; up to twenty are offered.
pub(crate) fn spec() -> JobSpec {
    JobSpec {
        program: Toy::program(b"good"),
        input: Toy::content(&input_pages()),
        class: ClassId::CPU,
        steps_max: 10_000,
        meter_max: 10_000_000_000,
        memory_max: 1 << 20,
        run_ms: 60_000,
        wait_ms: 600_000,
        price_max: amount(20 * DOLLAR),
        harm: Amount::ZERO,
        insured: Amount::ZERO,
        kind: JobKind::Proven,
    }
}

pub(crate) fn input_pages() -> Vec<Vec<u8>> {
    vec![vec![9; 4_096], vec![8; 10]]
}

impl World {
    pub(crate) fn submit(&mut self, spec: JobSpec) -> JobId {
        let nonce = self.state.next_nonce(REQUESTER);
        self.ok(REQUESTER, Action::SubmitJob { spec });
        job_id(self.state.chain().id, REQUESTER, nonce)
    }

    pub(crate) fn job(&self, job: JobId) -> &Job {
        self.state.job(job).expect("the test's job exists")
    }

    pub(crate) fn assignment(&self, job: JobId) -> &Assignment {
        self.job(job).assignment.as_ref().expect("the test's job is assigned")
    }

    pub(crate) fn audit(&self, job: JobId) -> &Audit {
        self.assignment(job).audit.as_ref().expect("the test's job is audited")
    }

    pub(crate) fn provider(&self, job: JobId) -> AccountId {
        self.assignment(job).provider
    }

    pub(crate) fn auditor(&self, job: JobId) -> AccountId {
        self.audit(job).auditor
    }

    pub(crate) fn truth(&self, job: JobId) -> Claim {
        let spec = &self.job(job).spec;
        Toy::truth(spec.program, &spec.input)
    }

    /// A plausible lie: same trace and meter, another output.
    pub(crate) fn lie(&self, job: JobId) -> Claim {
        let truth = self.truth(job);
        Claim { output: Content { root: Hash([66; 32]), ..truth.output }, ..truth }
    }

    pub(crate) fn assigned(&mut self) -> JobId {
        self.assigned_with(spec())
    }

    pub(crate) fn assigned_with(&mut self, spec: JobSpec) -> JobId {
        let job = self.submit(spec);
        self.block();
        assert_eq!(self.job(job).status, JobStatus::Assigned);
        job
    }

    pub(crate) fn commit(&mut self, job: JobId, claim: Claim) {
        let provider = self.provider(job);
        let commitment = seal(job, self.job(job).attempts, provider, SALT, &claim);
        self.ok(provider, Action::CommitResult { job, commitment });
    }

    /// The next block, with a beacon that decides the draw as wanted.
    pub(crate) fn draw(&mut self, job: JobId, audited: bool) {
        let want = if audited { JobStatus::Auditing } else { JobStatus::Revealing };
        self.block_where(|trial| trial.job(job).status == want);
    }

    /// The next block, with the first beacon of a series that makes it as wanted.
    pub(crate) fn block_where(&mut self, wanted: impl Fn(&Self) -> bool) {
        self.end_block();
        let found = (0_u32..10_000).find_map(|seed| {
            let mut trial = self.clone();
            trial.checked = false;
            trial.begin_block(BLOCK_MS, Hash::of("test draw", &seed));
            wanted(&trial).then_some(trial.beacon)
        });
        self.begin_block(BLOCK_MS, found.expect("some beacon decides as wanted"));
    }

    pub(crate) fn commit_audit(&mut self, job: JobId, claim: Claim) {
        let auditor = self.auditor(job);
        let commitment = seal(job, self.job(job).attempts, auditor, SALT, &claim);
        self.ok(auditor, Action::CommitAudit { job, commitment });
    }

    pub(crate) fn reveal(&mut self, job: JobId, claim: Claim) {
        self.ok(self.provider(job), Action::RevealResult { job, claim, salt: SALT });
    }

    pub(crate) fn reveal_audit(&mut self, job: JobId, claim: Claim) {
        self.ok(self.auditor(job), Action::RevealAudit { job, claim, salt: SALT });
    }

    /// A job in its challenge window without an audit.
    pub(crate) fn window(&mut self, job: JobId, claim: Claim) {
        self.commit(job, claim);
        self.draw(job, false);
        self.reveal(job, claim);
    }

    /// A job in its challenge window with an audit.
    pub(crate) fn audited_window(&mut self, job: JobId, claim: Claim, audit: Claim) {
        self.commit(job, claim);
        self.draw(job, true);
        self.commit_audit(job, audit);
        self.reveal(job, claim);
        self.reveal_audit(job, audit);
    }

    pub(crate) fn challenge(
        &mut self,
        sender: AccountId,
        job: JobId,
        accused: Accused,
    ) -> Result<Vec<Event>, Rejection> {
        self.send(sender, Action::Challenge { job, accused, evidence: b"step".to_vec().into() })
    }

    /// The first block later than the job's deadline.
    pub(crate) fn lapse(&mut self, job: JobId) {
        let deadline = self.job(job).deadline.expect("the stage has a deadline");
        self.block_at(deadline.plus_ms(1));
    }

    pub(crate) fn demand_trace(&mut self, sender: AccountId, job: JobId) {
        self.ok(sender, Action::DemandData { job, data: DataKind::Trace, first_page: 0, pages: 3 });
    }
}
