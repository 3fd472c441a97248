//! Every reason to refuse a transaction, each in the smallest situation that gives it.

use protocol::*;

use crate::appeals;
use crate::delegation::{
    OPERATOR, TOKEN, cancel, commit, delegate, redelegate, set_commission, undelegate,
};
use crate::devices::*;
use crate::leases;
use crate::life::{input_pages, spec};
use crate::transfers;
use crate::world::*;
use crate::{governance, prices};

pub(crate) type Case = (&'static str, fn() -> Rejection);

fn refused(world: &mut World, sender: AccountId, action: Action) -> Rejection {
    world.send(sender, action).expect_err("the action is to be refused")
}

fn changed(change: impl FnOnce(&mut World, &mut Transaction)) -> Rejection {
    let mut world = World::staked();
    let mut transaction = world.transaction(STRANGER, transfer(1));
    change(&mut world, &mut transaction);
    world.apply(transaction).expect_err("the transaction is to be refused")
}

fn transfer(units: u128) -> Action {
    Action::Transfer { to: REQUESTER, asset: STABLE, amount: amount(units) }
}

fn unbond(units: u128) -> Action {
    Action::Unbond { operator: PROVIDERS[0], asset: STABLE, amount: amount(units) }
}

fn staked(sender: AccountId, action: Action) -> Rejection {
    refused(&mut World::staked(), sender, action)
}

fn with_spec(change: impl FnOnce(&mut JobSpec)) -> Rejection {
    let mut spec = spec();
    change(&mut spec);
    staked(REQUESTER, Action::SubmitJob { spec })
}

/// A world with a job in its window, revealed honestly and without audit.
fn window() -> (World, JobId) {
    let mut world = World::staked();
    let job = world.assigned();
    let truth = world.truth(job);
    world.window(job, truth);
    (world, job)
}

fn challenge(job: JobId, accused: Accused, evidence: Vec<u8>) -> Action {
    Action::Challenge { job, accused, evidence: evidence.into() }
}

fn demand(job: JobId, data: DataKind, first_page: u64, pages: u32) -> Action {
    Action::DemandData { job, data, first_page, pages }
}

fn jailed() -> World {
    let (mut world, job) = window();
    world.challenge(PROVIDERS[3], job, Accused::Provider).unwrap();
    world
}

/// A demand for the trace by the stranger, and an answer to it.
fn answered(pages: impl FnOnce(&[Vec<u8>]) -> Vec<PageProof>) -> Rejection {
    let (mut world, job) = window();
    world.demand_trace(STRANGER, job);
    let pages = pages(&Toy::trace_pages());
    refused(&mut world, PROVIDERS[0], Action::AnswerDemand { job, demander: STRANGER, pages })
}

fn assigned(
    sender: impl FnOnce(&World, JobId) -> AccountId,
    action: impl FnOnce(JobId) -> Action,
) -> Rejection {
    let mut world = World::staked();
    let job = world.assigned();
    let sender = sender(&world, job);
    refused(&mut world, sender, action(job))
}

pub(crate) fn admission() -> Vec<Case> {
    vec![
        ("WrongChain", || changed(|_, transaction| transaction.chain = ChainId([9; 32]))),
        ("BadSignature", || {
            let transaction = World::staked().transaction(STRANGER, transfer(1));
            transaction.with_signature([0; 64]).verify().unwrap_err()
        }),
        ("Expired", || {
            changed(|world, transaction| transaction.expiry = Height(world.height.0 - 1))
        }),
        ("ExpiryTooFar", || {
            changed(|world, transaction| transaction.expiry = world.height.plus(100_001))
        }),
        ("BadNonce", || changed(|_, transaction| transaction.nonce = Nonce(1))),
        ("TransactionTooLarge", || {
            changed(|_, transaction| {
                transaction.action =
                    Action::RegisterProgram { source: vec![0; 6 * 1024 * 1024].into() };
            })
        }),
        ("CannotPayFee", || changed(|_, transaction| transaction.sender = AccountId([99; 32]))),
    ]
}

pub(crate) fn money() -> Vec<Case> {
    vec![
        ("ZeroAmount", || staked(STRANGER, transfer(0))),
        ("AmountTooLarge", || staked(STRANGER, transfer(u128::MAX))),
        ("InsufficientBalance", || staked(STRANGER, transfer(PURSE + 1))),
        ("UnknownAsset", || {
            staked(
                STRANGER,
                Action::Transfer { to: REQUESTER, asset: AssetId(7), amount: amount(1) },
            )
        }),
        ("NotIssuer", || {
            staked(STRANGER, Action::Mint { asset: STABLE, to: STRANGER, amount: amount(1) })
        }),
        ("SupplyLimit", || {
            staked(ISSUER, Action::Mint { asset: STABLE, to: STRANGER, amount: Amount::SUPPLY_MAX })
        }),
    ]
}

pub(crate) fn operators() -> Vec<Case> {
    let provider = PROVIDERS[0];
    assert_eq!(provider, AccountId([10; 32]));
    vec![
        ("NotAnOperator", || staked(STRANGER, Action::Unjail)),
        ("AlreadyAnOperator", || {
            staked(PROVIDERS[0], Action::RegisterOperator { duties: Duties::default() })
        }),
        ("NotOwner", || staked(STRANGER, unbond(1))),
        ("NotNominated", || staked(STRANGER, Action::AcceptOwnership { operator: PROVIDERS[0] })),
        ("BondBelowMinimum", || {
            let offer = Action::SetOffer { class: ClassId::CPU, units: 101, ask: amount(DOLLAR) };
            staked(PROVIDERS[0], offer)
        }),
        ("InsufficientBond", || staked(PROVIDERS[0], unbond(BOND + 1))),
        ("BondNeeded", || staked(PROVIDERS[0], unbond(BOND - 400 * DOLLAR + 1))),
        ("TooManyExits", || {
            let mut world = World::staked();
            (0..32).for_each(|_| drop(world.ok(PROVIDERS[0], unbond(1))));
            refused(&mut world, PROVIDERS[0], unbond(1))
        }),
        ("UnknownExit", || {
            staked(PROVIDERS[0], Action::CancelExit { operator: PROVIDERS[0], exit: 7 })
        }),
        ("InJail", || {
            let offer = Action::SetOffer { class: ClassId::CPU, units: 1, ask: amount(DOLLAR) };
            refused(&mut jailed(), PROVIDERS[3], offer)
        }),
        ("NotJailed", || staked(PROVIDERS[0], Action::Unjail)),
        ("IsTombstoned", || {
            let bond = Action::Bond { operator: PROVIDERS[0], asset: STABLE, amount: amount(1) };
            refused(&mut crate::villains::repeat_offender(), PROVIDERS[0], bond)
        }),
        ("NotProvider", || {
            let offer = Action::SetOffer { class: ClassId::CPU, units: 1, ask: amount(DOLLAR) };
            staked(VALIDATORS[0], offer)
        }),
        ("TooManyValidators", || {
            let mut world =
                World::staked_with(Parameters { validators_max: 3, ..Parameters::default() });
            let duties = Duties { provider: false, validator: true };
            refused(&mut world, STRANGER, Action::RegisterOperator { duties })
        }),
        ("UnknownClass", || {
            let offer = Action::SetOffer { class: ClassId(9), units: 1, ask: amount(DOLLAR) };
            staked(PROVIDERS[0], offer)
        }),
        ("DutyOpen", || {
            assigned(World::provider, |_| Action::SetDuties { duties: Duties::default() })
        }),
        ("NotCollateral", || {
            let mut genesis = genesis(Parameters::default());
            genesis.assets.push(AssetDefinition { id: AssetId(2), ..genesis.assets[0].clone() });
            let mut world = World::staked();
            world.state = State::genesis(&genesis).unwrap().0;
            world.block();
            world.ok(STRANGER, Action::RegisterOperator { duties: Duties::default() });
            let bond = Action::Bond { operator: STRANGER, asset: AssetId(2), amount: amount(1) };
            refused(&mut world, STRANGER, bond)
        }),
    ]
}

pub(crate) fn programs_and_jobs() -> Vec<Case> {
    vec![
        ("ProgramTooLarge", || {
            staked(STRANGER, Action::RegisterProgram { source: vec![0; 1024 * 1024 + 1].into() })
        }),
        ("ProgramRefused", || {
            staked(STRANGER, Action::RegisterProgram { source: b"bad".to_vec().into() })
        }),
        ("ProgramExists", || {
            staked(STRANGER, Action::RegisterProgram { source: b"good".to_vec().into() })
        }),
        ("UnknownProgram", || with_spec(|spec| spec.program = ProgramId([0; 32]))),
        ("UnknownJob", || staked(STRANGER, Action::CancelJob { job: JobId([0; 32]) })),
        ("OutOfBounds", || with_spec(|spec| spec.steps_max = 0)),
        ("MemoryBelowProgram", || with_spec(|spec| spec.memory_max = 65_535)),
        ("NotRequester", || {
            let mut world = World::staked();
            let job = world.submit(spec());
            refused(&mut world, STRANGER, Action::CancelJob { job })
        }),
        ("NotAssigned", || {
            assigned(|_, _| STRANGER, |job| Action::CommitResult { job, commitment: SALT })
        }),
        ("NotAuditor", || {
            let mut world = World::staked();
            let job = world.assigned();
            let truth = world.truth(job);
            world.commit(job, truth);
            world.draw(job, true);
            refused(&mut world, STRANGER, Action::CommitAudit { job, commitment: SALT })
        }),
        ("WrongStage", || assigned(|_, _| REQUESTER, |job| Action::CancelJob { job })),
        ("DeadlinePassed", || {
            // A deadline that has passed but waits for its turn in the queue is a deadline that has passed.
            let mut world =
                World::staked_with(Parameters { timers_per_block: 1, ..Parameters::default() });
            let (one, other) = (world.submit(spec()), world.submit(spec()));
            world.block();
            world.lapse(one);
            let late = if world.job(one).status == JobStatus::Assigned
                && world.job(one).failed.is_empty()
            {
                one
            } else {
                other
            };
            let provider = world.provider(late);
            refused(&mut world, provider, Action::CommitResult { job: late, commitment: SALT })
        }),
        ("CommitmentMismatch", || {
            let mut world = World::staked();
            let job = world.assigned();
            let claim = world.truth(job);
            world.commit(job, claim);
            world.draw(job, false);
            let provider = world.provider(job);
            refused(&mut world, provider, Action::RevealResult { job, claim, salt: Hash([8; 32]) })
        }),
        ("ImpossibleClaim", || {
            let mut world = World::staked();
            let job = world.assigned();
            let claim = Claim { meter: 10_000_000_001, ..world.truth(job) };
            world.commit(job, claim);
            world.draw(job, false);
            let provider = world.provider(job);
            refused(&mut world, provider, Action::RevealResult { job, claim, salt: SALT })
        }),
    ]
}

pub(crate) fn disputes() -> Vec<Case> {
    vec![
        ("EvidenceTooLarge", || {
            let (mut world, job) = window();
            refused(
                &mut world,
                STRANGER,
                challenge(job, Accused::Provider, vec![0; 5 * 1024 * 1024 + 1]),
            )
        }),
        ("JudgeBusy", || {
            let judge_units_per_block = Parameters::default().judge_units_max;
            let mut world =
                World::staked_with(Parameters { judge_units_per_block, ..Parameters::default() });
            let job = world.assigned();
            let truth = world.truth(job);
            world.window(job, truth);
            world.challenge(STRANGER, job, Accused::Provider).unwrap();
            refused(&mut world, STRANGER, challenge(job, Accused::Provider, b"step".to_vec()))
        }),
        ("NothingToAccuse", || {
            let (mut world, job) = window();
            refused(&mut world, STRANGER, challenge(job, Accused::Auditor, b"step".to_vec()))
        }),
        ("DemandOpen", || {
            let (mut world, job) = window();
            world.demand_trace(STRANGER, job);
            refused(&mut world, STRANGER, demand(job, DataKind::Output, 0, 1))
        }),
        ("NoSuchPages", || {
            let (mut world, job) = window();
            refused(&mut world, STRANGER, demand(job, DataKind::Trace, u64::MAX, 1))
        }),
        ("UnknownDemand", || {
            let (mut world, job) = window();
            let answer = Action::AnswerDemand { job, demander: STRANGER, pages: Vec::new() };
            refused(&mut world, STRANGER, answer)
        }),
        ("PageNotDemanded", || answered(|pages| vec![Toy::page(pages, 0), Toy::page(pages, 0)])),
        ("BadPage", || answered(|pages| vec![PageProof { index: 1, ..Toy::page(pages, 0) }])),
        ("TooManyDemands", || {
            let mut world = World::staked();
            let job = world.assigned();
            let provider = world.provider(job);
            for _ in 0..4 {
                world.ok(provider, demand(job, DataKind::Input, 0, 1));
                let pages = vec![Toy::page(&input_pages(), 0)];
                world.ok(REQUESTER, Action::AnswerDemand { job, demander: provider, pages });
            }
            refused(&mut world, provider, demand(job, DataKind::Input, 0, 1))
        }),
        ("NotEntitled", || assigned(|_, _| STRANGER, |job| demand(job, DataKind::Input, 0, 1))),
        ("EmptyAnswer", || answered(|_| Vec::new())),
    ]
}

/// A world with a job that no standing ask takes: the only one left is the first provider's, too dear.
fn offered(change: impl FnOnce(&mut JobSpec)) -> (World, JobId) {
    let mut spec = JobSpec { price_max: amount(5 * DOLLAR), ..spec() };
    change(&mut spec);
    let mut world = World::staked();
    PROVIDERS[1..].iter().for_each(|provider| world.offer(*provider, 0, DOLLAR));
    let job = world.submit(spec);
    world.block();
    (world, job)
}

pub(crate) fn access_and_market() -> Vec<Case> {
    let token = 1_000_000_000;
    assert_eq!(Parameters::default().access_min, amount(10 * token));
    vec![
        ("InsufficientAccess", || staked(STRANGER, Action::UnlockAccess { amount: amount(1) })),
        ("AccessBelowMinimum", || {
            staked(STRANGER, Action::LockAccess { amount: amount(10_000_000_000 - 1) })
        }),
        ("JobInMarket", || {
            let mut world = World::staked();
            let job = world.submit(spec());
            refused(&mut world, PROVIDERS[0], Action::TakeJob { job })
        }),
        ("NoUnitFree", || {
            let (mut world, job) = offered(|_| {});
            refused(&mut world, PROVIDERS[1], Action::TakeJob { job })
        }),
        ("RelatedToRequester", || {
            let (mut world, job) = offered(|_| {});
            let operator = PROVIDERS[0];
            world.ok(operator, Action::NominateOwner { operator, owner: REQUESTER });
            world.ok(REQUESTER, Action::AcceptOwnership { operator });
            refused(&mut world, operator, Action::TakeJob { job })
        }),
        ("FailedBefore", || {
            let (mut world, job) = offered(|spec| spec.price_max = amount(10 * DOLLAR));
            world.lapse(job);
            world.block();
            refused(&mut world, PROVIDERS[0], Action::TakeJob { job })
        }),
        ("IntakeClosed", || {
            let mut world = prices::crash();
            let job = world.submit(spec());
            refused(&mut world, PROVIDERS[0], Action::TakeJob { job })
        }),
        ("CannotLock", || {
            let (mut world, job) = offered(|spec| spec.harm = amount(1_000_000 * DOLLAR));
            refused(&mut world, PROVIDERS[0], Action::TakeJob { job })
        }),
    ]
}

/// A world whose price is reported, and one in which the first validator has committed and the next slot begun.
fn reporting() -> World {
    prices::staked(prices::reporting())
}

fn committed(price: u128) -> World {
    let mut world = reporting();
    world.commit_price(VALIDATORS[0], price);
    world.next_slot();
    world
}

fn commit_price(slot: u64) -> Action {
    Action::CommitPrice { slot, commitment: SALT }
}

fn reveal(world: &World, price: u128) -> Action {
    Action::RevealPrice { slot: world.oracle().slot - 1, price: amount(price), salt: SALT }
}

pub(crate) fn prices_and_collateral() -> Vec<Case> {
    vec![
        ("PriceIsGoverned", || staked(VALIDATORS[0], commit_price(0))),
        ("NotEntitledToReport", || {
            let mut world = reporting();
            let slot = world.oracle().slot;
            refused(&mut world, STRANGER, commit_price(slot))
        }),
        ("WrongSlot", || {
            let mut world = reporting();
            let slot = world.oracle().slot + 1;
            refused(&mut world, VALIDATORS[0], commit_price(slot))
        }),
        ("ReportedAlready", || {
            let mut world = committed(900_000);
            let reveal = reveal(&world, 900_000);
            world.ok(VALIDATORS[0], reveal.clone());
            refused(&mut world, VALIDATORS[0], reveal)
        }),
        ("ReportedAlready", || {
            let mut world = reporting();
            world.commit_price(VALIDATORS[0], 1);
            let slot = world.oracle().slot;
            refused(&mut world, VALIDATORS[0], commit_price(slot))
        }),
        ("CommitmentMismatch", || {
            let mut world = committed(900_000);
            let reveal = reveal(&world, 900_001);
            refused(&mut world, VALIDATORS[0], reveal)
        }),
        ("CommitmentMismatch", || {
            let mut world = committed(900_000);
            let reveal = reveal(&world, 900_000);
            refused(&mut world, VALIDATORS[1], reveal)
        }),
        ("ImpossiblePrice", || {
            let mut world = committed(0);
            let reveal = reveal(&world, 0);
            refused(&mut world, VALIDATORS[0], reveal)
        }),
        ("ImpossiblePrice", || {
            let mut world = committed(1_000_000_000_000_001);
            let reveal = reveal(&world, 1_000_000_000_000_001);
            refused(&mut world, VALIDATORS[0], reveal)
        }),
        ("CollateralThin", || {
            let unbond = Action::Unbond { operator: STRANGER, asset: NATIVE, amount: amount(1) };
            refused(&mut prices::crash(), STRANGER, unbond)
        }),
        ("CollateralCap", || {
            let mut world = World::staked_with(governance::modest());
            world.amend(governance::third_asset(9));
            world.amend(governance::admit(DOLLAR, 0, 5));
            world.ok(STRANGER, Action::RegisterOperator { duties: Duties::default() });
            let bond = Action::Bond { operator: STRANGER, asset: AssetId(2), amount: amount(6) };
            refused(&mut world, STRANGER, bond)
        }),
    ]
}

fn register(number: u8, class: ClassId) -> Action {
    Action::RegisterDevice { device: device(number), class, units: 1 }
}

fn answered_with(answer: Vec<u8>) -> Action {
    Action::AnswerCapacity { device: device(1), answer: answer.into() }
}

/// The worker's device in an open round.
fn in_round() -> World {
    let mut world = World::with_device(unwatched());
    world.open_rounds();
    world
}

pub(crate) fn capacity() -> Vec<Case> {
    let mut cases: Vec<Case> = vec![
        ("ClassWithoutProof", || staked(WORKER, register(1, ClassId::CPU))),
        ("TooManyDevices", || {
            let mut world = World::proving(Parameters { devices_max: 2, ..unwatched() });
            (1..=2).for_each(|number| drop(world.ok(WORKER, register(number, ClassId::CPU))));
            refused(&mut world, WORKER, register(3, ClassId::CPU))
        }),
        ("DeviceExists", || {
            refused(&mut World::with_device(unwatched()), WORKER, register(1, ClassId::GPU))
        }),
        ("UnknownDevice", || staked(WORKER, Action::RetireDevice { device: device(1) })),
        ("RoundOpen", || {
            refused(&mut in_round(), WORKER, Action::RetireDevice { device: device(1) })
        }),
        ("NothingDrawn", || staked(WORKER, Action::AnswerUptime { challenge: SALT })),
        ("WrongDraw", || {
            let mut world = World::with_device(watchful());
            world.drawn(WORKER);
            refused(&mut world, WORKER, Action::AnswerUptime { challenge: SALT })
        }),
        ("NoDevices", || staked(WORKER, Action::DeclareMaintenance { duration_ms: 1 })),
        ("InMaintenance", || {
            let maintenance = Action::DeclareMaintenance { duration_ms: 1 };
            refused(&mut crate::uptime::maintained(), WORKER, maintenance)
        }),
        ("CreditTooShort", || {
            let maintenance = Action::DeclareMaintenance { duration_ms: 1 };
            refused(&mut World::with_device(unwatched()), WORKER, maintenance)
        }),
        ("NoRound", || {
            refused(&mut World::with_device(unwatched()), WORKER, answered_with(Vec::new()))
        }),
        ("NotDue", || {
            let mut world = in_round();
            world.ok(WORKER, register(2, ClassId::CPU));
            let answer = world.right_answer(WORKER, 2);
            refused(&mut world, WORKER, answer)
        }),
        ("AlreadyAnswered", || {
            let mut world = in_round();
            world.fail(WORKER, 1);
            let second = world.right_answer(WORKER, 1);
            refused(&mut world, WORKER, second)
        }),
        ("AnswerTooLarge", || refused(&mut in_round(), WORKER, answered_with(vec![0; 65_537]))),
        ("CapacityBusy", || {
            let parameters = Parameters { capacity_checks_per_block: 1, ..unwatched() };
            let mut world = World::with_device(parameters);
            world.ok(WORKER, register(2, ClassId::CPU));
            world.block();
            world.open_rounds();
            world.pass(WORKER, 1);
            let second = world.right_answer(WORKER, 2);
            refused(&mut world, WORKER, second)
        }),
        ("CapacityNotProven", || {
            let offer = Action::SetOffer { class: ClassId::CPU, units: 9, ask: amount(DOLLAR) };
            refused(&mut World::proven(unwatched()), WORKER, offer)
        }),
    ];
    cases.extend(transfers::refusals());
    cases
}

pub(crate) fn proposals() -> Vec<Case> {
    vec![
        ("TooManyProposals", || {
            let parameters = Parameters { proposals_max: 1, ..governance::modest() };
            let mut world = World::staked_with(parameters);
            world.propose(governance::change("challenge_ms", 60_000));
            let amendment = governance::change("challenge_ms", 60_001);
            refused(&mut world, STRANGER, Action::Propose { amendment })
        }),
        ("AmendmentRefused", || {
            staked(STRANGER, Action::Propose { amendment: governance::change("nobody", 1) })
        }),
        ("InsufficientBalance", || {
            let parameters =
                Parameters { proposal_deposit: amount(PURSE), ..Parameters::default() };
            let amendment = governance::change("challenge_ms", 60_000);
            refused(&mut World::staked_with(parameters), STRANGER, Action::Propose { amendment })
        }),
        ("UnknownProposal", || {
            staked(VALIDATORS[0], Action::Vote { proposal: 7, ballot: Ballot::For })
        }),
        ("VoteOver", || {
            let mut world = World::staked_with(governance::modest());
            let proposal = world.propose(governance::change("challenge_ms", 60_000));
            world.vote(proposal, &[Ballot::For; 3]);
            world.pass_deadline(proposal);
            refused(&mut world, VALIDATORS[0], Action::Vote { proposal, ballot: Ballot::Spam })
        }),
        ("NotVoter", || {
            let mut world = World::staked_with(governance::modest());
            let proposal = world.propose(governance::change("challenge_ms", 60_000));
            refused(&mut world, PROVIDERS[0], Action::Vote { proposal, ballot: Ballot::For })
        }),
        ("DeadlinePassed", || {
            // Over, but waiting for its turn in the queue.
            let parameters = Parameters { timers_per_block: 1, ..governance::modest() };
            let mut world = World::staked_with(parameters);
            let first = world.propose(governance::change("challenge_ms", 60_000));
            let second = world.propose(governance::change("challenge_ms", 60_001));
            world.pass_deadline(first);
            let vote = Action::Vote { proposal: second, ballot: Ballot::For };
            refused(&mut world, VALIDATORS[0], vote)
        }),
    ]
}

fn delegated(action: Action) -> Rejection {
    refused(&mut World::delegated(), STRANGER, action)
}

fn after(before: impl FnOnce(&mut World), action: impl FnOnce(&World) -> Action) -> Rejection {
    let mut world = World::delegated();
    before(&mut world);
    let action = action(&world);
    refused(&mut world, STRANGER, action)
}

pub(crate) fn delegation() -> Vec<Case> {
    vec![
        ("PoolNotOpen", || staked(STRANGER, delegate(OPERATOR, TOKEN))),
        ("OwnPool", || refused(&mut World::pooled(), OPERATOR, delegate(OPERATOR, TOKEN))),
        ("DelegationTooSmall", || {
            refused(&mut World::pooled(), STRANGER, delegate(OPERATOR, TOKEN - 1))
        }),
        ("SelfBondTooSmall", || {
            let mut world = World::staked();
            world.ok(OPERATOR, set_commission(0, 0));
            refused(&mut world, STRANGER, delegate(OPERATOR, TOKEN))
        }),
        ("DelegationCap", || delegated(delegate(OPERATOR, 4_000 * TOKEN + 1))),
        ("NoDelegation", || delegated(undelegate(PROVIDERS[1], 1))),
        ("SharesNotFree", || delegated(undelegate(OPERATOR, 300 * TOKEN + 1))),
        ("WorthNothing", || {
            let parameters = Parameters { correlated_base: Ppm(999_999), ..Parameters::default() };
            refused(
                &mut crate::delegation::nearly_destroyed(parameters),
                STRANGER,
                undelegate(OPERATOR, 1),
            )
        }),
        ("DustLeft", || delegated(undelegate(OPERATOR, 299 * TOKEN + 1))),
        ("TooManyUndelegations", || {
            let mut world =
                World::pooled_with(Parameters { undelegations_max: 1, ..Parameters::default() });
            world.ok(STRANGER, delegate(OPERATOR, 300 * TOKEN));
            world.ok(STRANGER, undelegate(OPERATOR, TOKEN));
            world.ok(STRANGER, undelegate(OPERATOR, TOKEN));
            world.block_after(crate::delegation::DAY);
            refused(&mut world, STRANGER, undelegate(OPERATOR, TOKEN))
        }),
        ("UnknownUndelegation", || after(|_| {}, |world| cancel(world, STRANGER))),
        ("HopOpen", || {
            after(|world| drop(world.ok(STRANGER, redelegate(TOKEN))), |_| redelegate(TOKEN))
        }),
        ("SamePool", || {
            let (source, operator) = (OPERATOR, OPERATOR);
            delegated(Action::Redelegate { source, operator, shares: amount(1) })
        }),
        ("NotAShare", || staked(OPERATOR, set_commission(0, 101))),
        ("CommitmentLength", || delegated(commit(OPERATOR, 13))),
        ("CommitmentShortened", || {
            after(|world| drop(world.ok(STRANGER, commit(OPERATOR, 15))), |_| commit(OPERATOR, 14))
        }),
        ("NothingToCommit", || delegated(commit(PROVIDERS[1], 14))),
        ("BondCommitted", || {
            let mut world = World::pooled();
            world.ok(OPERATOR, commit(OPERATOR, 14));
            let (operator, asset) = (OPERATOR, NATIVE);
            refused(&mut world, OPERATOR, Action::Unbond { operator, asset, amount: amount(1) })
        }),
    ]
}

pub(crate) fn all() -> Vec<Case> {
    let first = [admission(), money(), operators(), programs_and_jobs(), disputes()].concat();
    let second = [access_and_market(), capacity(), prices_and_collateral()].concat();
    [first, second, proposals(), delegation(), appeals::refusals(), leases::rejections(), rewards()]
        .concat()
}

pub(crate) fn rewards() -> Vec<Case> {
    [crate::rewards::refusals(), crate::double_signing::refusals()].concat()
}

fn check(cases: Vec<Case>) {
    for (expected, case) in cases {
        let rejection = case();
        let named = Rejection::CODES.iter().find(|(code, _)| *code == rejection.code());
        assert_eq!(named.map(|(_, name)| *name), Some(expected), "{rejection}");
        assert!(!rejection.advice().is_empty());
    }
}

#[test]
fn admission_is_refused_for_every_reason() {
    check(admission());
}

#[test]
fn money_is_refused_for_every_reason() {
    check(money());
}

#[test]
fn operators_are_refused_for_every_reason() {
    check(operators());
}

#[test]
fn programs_and_jobs_are_refused_for_every_reason() {
    check(programs_and_jobs());
}

#[test]
fn access_and_market_are_refused_for_every_reason() {
    check(access_and_market());
}

#[test]
fn reports_and_thin_bonds_are_refused_for_every_reason() {
    check(prices_and_collateral());
}

#[test]
fn proposals_are_refused_for_every_reason() {
    check(proposals());
}

#[test]
fn disputes_are_refused_for_every_reason() {
    check(disputes());
}

#[test]
fn capacity_is_refused_for_every_reason() {
    check(capacity());
}

#[test]
fn delegation_is_refused_for_every_reason() {
    check(delegation());
}

#[test]
fn replicated_jobs_are_refused_for_every_reason() {
    check(appeals::refusals());
}

#[test]
fn leases_are_refused_for_every_reason() {
    check(leases::rejections());
}

#[test]
fn rewards_are_refused_for_every_reason() {
    check(rewards());
}
