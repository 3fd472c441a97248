//! A state full of positions, built by genesis and transactions alone.

use protocol::load::{Load, account};
use protocol::{
    AccountId, Action, Amount, ClassId, Commission, Content, JobKind, JobSpec, NATIVE, Parameters,
    Ppm, ProgramId,
};

use crate::counting::allocated;

/// Transactions in one block.
pub(crate) const BLOCK: usize = 10_000;

/// A whole native token in base units.
const TOKEN: u128 = 1_000_000_000;

/// Classes that jobs and offers are spread over.
const CLASSES: u64 = 5;

/// Bytes that one kind of position takes in memory.
pub(crate) struct Footprint {
    pub(crate) position: &'static str,
    pub(crate) count: u64,
    pub(crate) bytes: f64,
}

/// A state with so many accounts, each with a delegation and an open job, one in ten an operator with a bond, a pool and
/// an offer, one in four with access stake.
pub(crate) struct Positions {
    pub(crate) load: Load,
    pub(crate) size: u64,
    pub(crate) footprints: Vec<Footprint>,
    allocated: i64,
}

impl Positions {
    /// Everything but the offers: while there are none, every job stays open.
    pub(crate) fn build(size: u64) -> Self {
        let allocated = allocated();
        let load = Load::funded(size, Parameters::devnet());
        let mut built = Self { load, size, footprints: Vec::new(), allocated };
        built.note("account with both assets", size);
        built.load.register();
        let operators = built.operators();
        built.fill(operators, |n| (operator(n), bond(operator(n), 20_000)));
        built.fill(operators, |n| (operator(n), open_pool()));
        built.note("operator with bond and pool", operators);
        built.fill(size, |n| (account(n), delegate(pool_of(n, 0, operators), 100)));
        built.note("delegation", size);
        built.fill(size.div_ceil(4), |n| {
            (account(4 * n), Action::LockAccess { amount: tokens(10) })
        });
        built.note("access stake", size.div_ceil(4));
        built.fill(1, |n| (account(n), Action::RegisterProgram { source: vec![0; 1_000].into() }));
        let program = built.program();
        built.fill(size, |n| (account(n), submit(n, program)));
        built.note("open job", size);
        built
    }

    /// Has every operator make an offer, all in one block, so that the first jobs are assigned in the next.
    pub(crate) fn open_market(&mut self) {
        let operators = self.operators();
        let offers = self.load.sign((0..operators).map(|n| (operator(n), offer(n))).collect());
        self.allocated = allocated();
        assert_eq!(self.load.apply(&offers), offers.len(), "an operator may offer");
        self.note("offer", operators);
    }

    pub(crate) fn program(&self) -> ProgramId {
        self.load.state().programs().next().expect("one is registered").id
    }

    pub(crate) fn operators(&self) -> u64 {
        self.size.div_ceil(10)
    }

    /// Has so many actions done, every one of which must be accepted.
    fn fill(&mut self, count: u64, action: impl Fn(u64) -> (AccountId, Action)) {
        let mut next = 0..count;
        loop {
            let block: Vec<_> = next.by_ref().take(BLOCK).map(&action).collect();
            if block.is_empty() {
                return;
            }
            let block = self.load.sign(block);
            assert_eq!(self.load.apply(&block), block.len(), "what is built is accepted");
        }
    }

    /// Notes what was allocated since the last note for so many positions.
    fn note(&mut self, position: &'static str, count: u64) {
        let before = std::mem::replace(&mut self.allocated, allocated());
        let bytes = (self.allocated - before) as f64 / count as f64;
        self.footprints.push(Footprint { position, count, bytes });
    }
}

pub(crate) fn tokens(count: u128) -> Amount {
    Amount::new(count * TOKEN)
}

/// The account of an operator's number.
pub(crate) fn operator(n: u64) -> AccountId {
    account(10 * n)
}

/// The operator behind whom an account puts its tokens, after so many changes of mind: never itself.
pub(crate) fn pool_of(n: u64, changes: u64, operators: u64) -> AccountId {
    operator((n / 10 + 1 + changes) % operators)
}

pub(crate) fn bond(operator: AccountId, count: u128) -> Action {
    Action::Bond { operator, asset: NATIVE, amount: tokens(count) }
}

pub(crate) fn delegate(operator: AccountId, count: u128) -> Action {
    Action::Delegate { operator, amount: tokens(count) }
}

/// A job of an account, in one of the classes: one in eight pays so little that no offer takes it.
pub(crate) fn submit(n: u64, program: ProgramId) -> Action {
    Action::SubmitJob {
        spec: JobSpec {
            kind: JobKind::Proven,
            program,
            input: Content::default(),
            class: class(n),
            steps_max: 1,
            meter_max: 1_000_000_000,
            memory_max: 65_536,
            run_ms: 60_000,
            wait_ms: 3_600_000,
            price_max: Amount::new(if n % 8 == 7 { 1_000 } else { 10_000 }),
            harm: Amount::ZERO,
            insured: Amount::ZERO,
        },
    }
}

fn open_pool() -> Action {
    Action::SetCommission { commission: Commission { rewards: Ppm(50_000), fees: Ppm(50_000) } }
}

fn offer(n: u64) -> Action {
    Action::SetOffer { class: class(n), units: 2, ask: Amount::new(1_001 + u128::from(n % 5_000)) }
}

fn class(n: u64) -> ClassId {
    ClassId(u16::try_from(n % CLASSES).expect("a few classes"))
}
