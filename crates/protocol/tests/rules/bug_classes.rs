//! Known ways in which staking, escrow and slashing systems broke, each as a test named after it. The numbers are those of
//! the catalogue in docs/protocol/known-failures.md, which also says why the others cannot occur.

use protocol::*;

use crate::governance::{admit, change, modest, third_asset};
use crate::life::spec;
use crate::prices;
use crate::world::*;

fn transfer(to: AccountId, units: u128) -> Action {
    Action::Transfer { to, asset: STABLE, amount: amount(units) }
}

fn unbond(operator: AccountId, units: u128) -> Action {
    Action::Unbond { operator, asset: STABLE, amount: amount(units) }
}

#[test]
fn class_02_a_slash_never_rounds_down_to_nothing() {
    let parameters = Parameters {
        missed_price_share: Ppm(0),
        missed_lock_share: Ppm(1),
        ..Parameters::default()
    };
    let mut world = World::staked_with(parameters);
    let job = world.assigned_with(JobSpec { meter_max: 1, price_max: amount(1_000), ..spec() });
    let provider = world.provider(job);
    world.lapse(job);
    let bonded = world.state.operator(provider).unwrap().bonded.of(STABLE);
    assert_eq!(bonded, amount(BOND - 1), "a millionth of a lock of less than a cent is one unit");
}

#[test]
fn class_05_order_of_slash_and_deposit_does_not_matter() {
    let outcome = |bond_first: bool| {
        let mut world = World::staked();
        let job = world.assigned();
        let (provider, lie) = (world.provider(job), world.lie(job));
        world.window(job, lie);
        let bond = Action::Bond { operator: provider, asset: STABLE, amount: amount(77) };
        if bond_first {
            world.ok(provider, bond.clone());
        }
        world.challenge(STRANGER, job, Accused::Provider).unwrap();
        if !bond_first {
            world.ok(provider, bond);
        }
        world.state.operator(provider).unwrap().bonded.clone()
    };
    assert_eq!(outcome(true), outcome(false));
}

#[test]
fn class_07_no_dust_leaks() {
    for price in 1_000..1_200 {
        let settled = settlement(&Parameters::default(), amount(price), amount(price + 3));
        let parts = [settled.provider, settled.audit, settled.insurance, settled.take];
        assert_eq!(parts.into_iter().sum::<Amount>(), amount(price));
        assert_eq!(settled.unspent, amount(3));
    }
}

#[test]
fn class_13_price_times_units_does_not_overflow() {
    let parameters = Parameters::default();
    let spec = JobSpec { meter_max: u64::MAX, ..spec() };
    let price = price_ceil(&parameters, &spec, parameters.ask_max);
    assert!(price > amount(u128::from(u64::MAX)), "{price}");
}

/// Offend, unbond everything that is free, then be convicted twice: the exits that began after the fault pay as the bond
/// would have.
#[test]
fn class_16_unbonding_before_the_slash_does_not_help() {
    let loss = |flee: bool| {
        let mut world = World::staked();
        world.offer(PROVIDERS[1], 0, DOLLAR);
        world.offer(PROVIDERS[2], 0, DOLLAR);
        world.offer(PROVIDERS[3], 0, DOLLAR);
        let (one, two) = (world.assigned(), world.assigned());
        let lie = world.lie(one);
        world.window(one, lie);
        let lie = world.lie(two);
        world.window(two, lie);
        let operator = PROVIDERS[0];
        if flee {
            world.ok(
                operator,
                Action::SetOffer { class: ClassId::CPU, units: 0, ask: amount(DOLLAR) },
            );
            let free = world.state.held(Place::Bond(operator), STABLE);
            world.ok(operator, unbond(operator, free.units()));
            assert_eq!(world.state.held(Place::Bond(operator), STABLE), Amount::ZERO);
        }
        world.challenge(STRANGER, one, Accused::Provider).unwrap();
        world.challenge(STRANGER, two, Accused::Provider).unwrap();
        let exits: Amount = world.state.exits(operator).map(|(_, exit)| exit.amount).sum();
        let left = world.state.operator(operator).unwrap().bonded.of(STABLE).plus(exits);
        amount(BOND).minus(left)
    };
    let (stayed, fled) = (loss(false), loss(true));
    assert!(stayed > amount(2 * 84_705_883), "the second conviction adds the correlated part");
    assert_eq!(fled, stayed);
}

#[test]
fn class_17_an_exit_that_began_before_the_fault_is_free_of_it() {
    let mut world = World::staked();
    for provider in &PROVIDERS[1..] {
        world.offer(*provider, 0, DOLLAR);
    }
    let operator = PROVIDERS[0];
    world.ok(operator, unbond(operator, 1_000));
    world.block();
    let (one, two) = (world.assigned(), world.assigned());
    for job in [one, two] {
        let lie = world.lie(job);
        world.window(job, lie);
        world.challenge(STRANGER, job, Accused::Provider).unwrap();
    }
    assert!(
        world
            .events
            .iter()
            .any(|event| matches!(event, Event::Penalty(PenaltyEvent::Correlated { .. })))
    );
    let exits: Vec<_> = world.state.exits(operator).map(|(_, exit)| exit.amount).collect();
    assert_eq!(exits, [amount(1_000)]);
}

#[test]
fn class_18_a_later_exit_is_never_earlier() {
    let mut world = World::staked();
    let operator = PROVIDERS[0];
    world.ok(operator, unbond(operator, 1));
    world.block_after(1_000);
    world.ok(operator, unbond(operator, 1));
    let releases: Vec<Time> = world.state.exits(operator).map(|(_, exit)| exit.release).collect();
    assert_eq!(releases[1].since_ms(releases[0]), 1_000);
}

#[test]
fn class_20_a_slash_during_an_exit_leaves_the_rest_to_leave() {
    let mut world = World::staked();
    for provider in &PROVIDERS[1..] {
        world.offer(*provider, 0, DOLLAR);
    }
    let (one, two) = (world.assigned(), world.assigned());
    for job in [one, two] {
        let lie = world.lie(job);
        world.window(job, lie);
    }
    let operator = PROVIDERS[0];
    world.ok(operator, unbond(operator, 1_000));
    let release = world.state.exits(operator).next().unwrap().1.release;
    world.challenge(STRANGER, one, Accused::Provider).unwrap();
    world.challenge(STRANGER, two, Accused::Provider).unwrap();
    let left = world.state.exits(operator).next().unwrap().1.amount;
    assert!(left < amount(1_000));
    let before = world.state.balance(operator, STABLE);
    world.block_at(release.plus_ms(1));
    assert_eq!(world.state.balance(operator, STABLE), before.plus(left));
}

#[test]
fn class_34_no_bond_may_leave_while_its_task_can_be_judged() {
    let mut world = World::staked();
    let job = world.assigned();
    let provider = world.provider(job);
    let free = world.state.held(Place::Bond(provider), STABLE).units();
    let refused = world.send(provider, unbond(provider, free + 1));
    assert!(matches!(refused, Err(Rejection::InsufficientBond { .. })), "{refused:?}");
}

#[test]
fn class_37_a_stranger_cannot_add_dust_to_somebody_elses_bond() {
    let mut world = World::staked();
    let operator = PROVIDERS[0];
    let refused = world.send(STRANGER, Action::Bond { operator, asset: STABLE, amount: amount(1) });
    assert!(matches!(refused, Err(Rejection::NotOwner { .. })));
}

#[test]
fn class_46_48_no_backlog_makes_a_block_expensive() {
    let mut world = World::staked_with(Parameters { timers_per_block: 5, ..Parameters::default() });
    world.checked = false;
    let jobs: Vec<JobId> =
        (0..40).map(|_| world.submit(JobSpec { class: ClassId::GPU, ..spec() })).collect();
    world.lapse(jobs[39]);
    let ended = |world: &World| {
        jobs.iter().filter(|job| matches!(world.job(**job).status, JobStatus::Ended(_))).count()
    };
    for blocks in 1..=8 {
        assert_eq!(ended(&world), 5 * blocks, "five a block, none forgotten");
        world.block();
        world.assert_invariants();
    }
}

#[test]
fn class_50_there_are_no_free_jobs_to_farm_with() {
    let mut world = World::staked();
    let free = JobSpec { price_max: Amount::ZERO, ..spec() };
    let refused = world.send(REQUESTER, Action::SubmitJob { spec: free });
    assert!(matches!(refused, Err(Rejection::OutOfBounds { bound: Bound::Price, .. })));
    let job = world.assigned_with(JobSpec { meter_max: 1, ..spec() });
    assert_eq!(world.assignment(job).quote.price, world.parameters().price_min);
}

#[test]
fn class_51_paying_oneself_loses() {
    let settled = settlement(&Parameters::default(), amount(10 * DOLLAR), amount(10 * DOLLAR));
    assert!(settled.provider < settled.price);
    for taken in [1, 2, 3, 7, 1_000_003] {
        let split = split(&Parameters::default(), STABLE, amount(taken), true, amount(u128::MAX));
        assert!(
            split.bounty.plus(split.victim) < split.taken,
            "convicting oneself as challenger and victim loses"
        );
    }
}

#[test]
fn class_56_a_copied_commitment_cannot_be_opened() {
    let mut world = World::staked();
    let job = world.assigned();
    let truth = world.truth(job);
    world.commit(job, truth);
    let copied = world.assignment(job).commitment.unwrap();
    world.draw(job, true);
    let auditor = world.auditor(job);
    world.ok(auditor, Action::CommitAudit { job, commitment: copied });
    world.reveal(job, truth);
    let refused = world.send(auditor, Action::RevealAudit { job, claim: truth, salt: SALT });
    assert_eq!(refused, Err(Rejection::CommitmentMismatch));
}

#[test]
fn class_59_the_first_answer_counts() {
    let mut world = World::staked();
    let job = world.assigned();
    let truth = world.truth(job);
    world.commit(job, truth);
    let provider = world.assignment(job).provider;
    let again = world.send(provider, Action::CommitResult { job, commitment: SALT });
    assert!(matches!(again, Err(Rejection::WrongStage { status: JobStatus::Committed })));
}

#[test]
fn class_61_76_nothing_signed_counts_twice_or_elsewhere() {
    let mut world = World::staked();
    let transaction = world.transaction(STRANGER, transfer(REQUESTER, 1));
    assert!(world.apply(transaction.clone()).is_ok());
    let (expected, found) = (Nonce(1), Nonce(0));
    assert_eq!(world.apply(transaction.clone()), Err(Rejection::BadNonce { expected, found }));
    let later = Transaction { nonce: Nonce(1), ..transaction.clone() };
    assert_ne!(later.id(), transaction.id(), "another nonce needs another signature");
    let elsewhere = Transaction { chain: ChainId([5; 32]), ..later };
    assert!(matches!(world.apply(elsewhere), Err(Rejection::WrongChain { .. })));
    let key = ed25519_consensus::SigningKey::from([4; 32]);
    let sender = AccountId(key.verification_key().to_bytes());
    let mine = Transaction { sender, ..transaction };
    let signature = key.sign(&mine.id().0).to_bytes();
    assert!(mine.clone().with_signature(signature).verify().is_ok());
    let other = Transaction { expiry: Height(9), ..mine };
    assert_eq!(other.with_signature(signature).verify(), Err(Rejection::BadSignature));
}

/// In a block without its whole fee, a transaction takes what there is and is over: later money does not revive it.
#[test]
fn class_61_what_could_not_pay_is_not_executed_later() {
    let mut world = World::staked();
    let left = world.state.balance(STRANGER, NATIVE);
    let payment = world.transaction(STRANGER, transfer(PROVIDERS[0], 1));
    let bytes = payment.clone().with_signature([0; 64]).assume_verified().bytes();
    let drained = left.minus(fee(&world.parameters(), bytes, &payment.action).plus(amount(7)));
    let drain = Action::Transfer { to: REQUESTER, asset: NATIVE, amount: drained };
    world.ok(STRANGER, drain);
    let behind = world.transaction(STRANGER, transfer(PROVIDERS[0], 1));
    let refused = world.apply(behind.clone()).unwrap_err();
    assert!(matches!(refused, Rejection::CannotPayFee { available, .. } if available == amount(7)));
    assert_eq!(world.state.balance(STRANGER, NATIVE), Amount::ZERO);
    let gift = Action::Transfer { to: STRANGER, asset: NATIVE, amount: amount(1_000_000) };
    world.ok(REQUESTER, gift);
    assert!(matches!(world.apply(behind), Err(Rejection::BadNonce { .. })));
}

/// What a block carries although nobody may take it in costs once: in a second block it is a replay.
#[test]
fn class_61_what_was_turned_away_is_not_charged_again() {
    let replayed = |change: fn(&World, &mut Transaction)| {
        let mut world = World::staked();
        let mut turned_away = world.transaction(STRANGER, transfer(PROVIDERS[0], 1));
        change(&world, &mut turned_away);
        let first = world.apply(turned_away.clone()).unwrap_err();
        assert!(!first.is_uncharged(), "{first:?}");
        let (left, nonce) =
            (world.state.balance(STRANGER, NATIVE), world.state.next_nonce(STRANGER));
        let again = world.apply(turned_away);
        assert!(matches!(again, Err(Rejection::BadNonce { .. })), "{again:?}");
        assert_eq!(world.state.balance(STRANGER, NATIVE), left);
        assert_eq!(world.state.next_nonce(STRANGER), nonce);
    };
    replayed(|world, transaction| transaction.expiry = world.height.plus(100_001));
    replayed(|world, transaction| {
        let bytes = world.parameters().transaction_bytes_max;
        let source = vec![0; usize::try_from(bytes).unwrap()].into();
        transaction.action = Action::RegisterProgram { source };
    });
}

/// A result committed for the first attempt says nothing in the second, nor for another job.
#[test]
fn class_61_commitments_are_bound_to_job_and_attempt() {
    let world = World::staked();
    let claim = Toy::truth(Toy::program(b"good"), &spec().input);
    let one = seal(JobId([1; 32]), 1, PROVIDERS[0], SALT, &claim);
    for other in [
        seal(JobId([2; 32]), 1, PROVIDERS[0], SALT, &claim),
        seal(JobId([1; 32]), 2, PROVIDERS[0], SALT, &claim),
        seal(JobId([1; 32]), 1, PROVIDERS[1], SALT, &claim),
        seal(JobId([1; 32]), 1, PROVIDERS[0], Hash([8; 32]), &claim),
    ] {
        assert_ne!(one, other);
    }
    assert_eq!(world.state.jobs().count(), 0);
}

#[test]
fn class_66_the_largest_evidence_still_convicts() {
    let mut world = World::staked();
    let job = world.assigned();
    let lie = world.lie(job);
    world.window(job, lie);
    let most = usize::try_from(world.parameters().evidence_bytes_max).unwrap();
    let evidence =
        Action::Challenge { job, accused: Accused::Provider, evidence: vec![0; most].into() };
    assert!(world.send(STRANGER, evidence).is_ok(), "it is judged, and dismissed for what it says");
    world.challenge(STRANGER, job, Accused::Provider).unwrap();
    assert_eq!(world.job(job).failed.len(), 1);
}

#[test]
fn class_70_73_silence_of_the_requester_settles_by_itself() {
    let world = crate::villains::honest();
    assert_eq!(world.state.total(PlaceKind::Escrow, STABLE), Amount::ZERO);
}

#[test]
fn class_72_nothing_is_stuck_in_jobs_nobody_takes() {
    let mut world = World::staked();
    world.checked = false;
    for _ in 0..100 {
        world.submit(JobSpec { class: ClassId::GPU, ..spec() });
    }
    let job = world.state.jobs().next().unwrap().id;
    world.lapse(job);
    assert_eq!(world.state.balance(REQUESTER, STABLE), amount(PURSE));
    world.assert_invariants();
}

#[test]
fn class_79_slash_and_unbond_in_the_same_block_in_both_orders() {
    let left = |unbond_first: bool| {
        let mut world = World::staked();
        let job = world.assigned();
        let (provider, lie) = (world.provider(job), world.lie(job));
        world.window(job, lie);
        if unbond_first {
            world.ok(provider, unbond(provider, 10));
        }
        world.challenge(STRANGER, job, Accused::Provider).unwrap();
        if !unbond_first {
            world.ok(provider, unbond(provider, 10));
        }
        let exits: Vec<_> = world.state.exits(provider).map(|(_, exit)| exit.amount).collect();
        (world.state.operator(provider).unwrap().bonded.clone(), exits)
    };
    assert_eq!(left(true), left(false));
}

#[test]
fn class_81_what_was_slashed_does_not_come_back() {
    let (mut world, job) = crate::villains::wrong_step();
    let liar = world.job(job).failed[0];
    world.ok(liar, Action::SetDuties { duties: Duties::default() });
    let left = world.state.held(Place::Bond(liar), STABLE);
    world.ok(liar, unbond(liar, left.units()));
    let release = world.state.exits(liar).next().unwrap().1.release;
    world.block_at(release.plus_ms(1));
    assert_eq!(world.state.balance(liar, STABLE), amount(PURSE - 109_090_910));
}

/// A delay that is too long is as bad as one that is too short: both ends of every parameter are bounded, by name.
#[test]
fn class_29_no_delay_is_unbounded() {
    let world = World::staked_with(modest());
    for info in world.state.parameters().table() {
        let value = info.maximum.plus(Amount::new(1));
        let changes = [ParameterChange { name: info.name.into(), value }];
        assert!(world.state.parameters().with(&changes).is_err(), "{}", info.name);
    }
}

/// Collateral that is admitted no more still counts, and still answers, until it has left.
#[test]
fn class_30_collateral_that_is_closed_stays_answerable() {
    let mut world = World::staked_with(modest());
    world.amend(third_asset(6));
    world.amend(admit(DOLLAR, 0, BOND));
    world.ok(ISSUER, Action::Mint { asset: AssetId(2), to: PROVIDERS[0], amount: amount(BOND) });
    let operator = PROVIDERS[0];
    world.ok(operator, Action::Bond { operator, asset: AssetId(2), amount: amount(BOND) });
    world.amend(admit(DOLLAR, 500_000, 0));
    let bonded = world.state.operator(operator).unwrap().bonded.clone();
    assert_eq!(world.state.bond_value(&bonded), amount(BOND + BOND / 2));
}

/// No price is zero, old or somebody else's: the report is refused, the intake closes, the commitment does not open.
#[test]
fn class_35_no_price_is_zero_or_stale() {
    let mut world = prices::staked(prices::reporting());
    world.commit_price(VALIDATORS[0], 0);
    let slot = world.oracle().slot;
    world.next_slot();
    let zero = Action::RevealPrice { slot, price: Amount::ZERO, salt: SALT };
    let refused = world.send(VALIDATORS[0], zero);
    assert!(matches!(refused, Err(Rejection::ImpossiblePrice { .. })));
    world.block_after(world.parameters().price_stale_ms + 1);
    let job = world.submit(spec());
    world.block();
    assert_eq!(world.job(job).status, JobStatus::Open);
}

/// One validator, one ballot, weighed once and at the end.
#[test]
fn class_49_63_a_vote_counts_once_by_what_its_validator_weighs_at_the_end() {
    let mut world = World::staked_with(modest());
    let proposal = world.propose(change("challenge_ms", 60_000));
    for _ in 0..3 {
        world.vote(proposal, &[Ballot::For]);
    }
    assert_eq!(world.state.tally(proposal).approve, amount(BOND));
    let operator = VALIDATORS[0];
    world.ok(operator, Action::SetDuties { duties: Duties::default() });
    assert_eq!(world.state.tally(proposal).approve, Amount::ZERO, "no duty, no weight");
}

#[test]
fn class_56_a_copied_price_cannot_be_opened() {
    let mut world = prices::staked(prices::reporting());
    world.commit_price(VALIDATORS[0], 900_000);
    let slot = world.oracle().slot;
    let (_, report) = world.state.reports(slot).next().unwrap();
    let commitment = report.commitment.unwrap();
    world.ok(VALIDATORS[1], Action::CommitPrice { slot, commitment });
    world.next_slot();
    let price = amount(900_000);
    world.ok(VALIDATORS[0], Action::RevealPrice { slot, price, salt: SALT });
    let copied = world.send(VALIDATORS[1], Action::RevealPrice { slot, price, salt: SALT });
    assert_eq!(copied, Err(Rejection::CommitmentMismatch));
}

/// There is no key to the rules: who is no validator cannot vote, and one third of the weight decides nothing.
#[test]
fn class_67_nobody_changes_the_rules_alone() {
    let mut world = World::staked_with(modest());
    let before = world.parameters();
    let proposal = world.propose(change("bounty_max", 0));
    for stranger in [ISSUER, REQUESTER, STRANGER, PROVIDERS[0]] {
        let vote = Action::Vote { proposal, ballot: Ballot::For };
        assert!(matches!(world.send(stranger, vote), Err(Rejection::NotVoter { .. })));
    }
    world.vote(proposal, &[Ballot::For]);
    world.pass_deadline(proposal);
    world.block_after(before.timelock_ms + 1);
    assert_eq!(world.parameters(), before);
}
