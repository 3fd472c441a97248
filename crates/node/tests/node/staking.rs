//! Stakes, votes and parameters as a running node shows them.

use std::time::Duration;

use api::Code;
use api::wire::SessionView;
use protocol::{
    AccountId, Action, Amendment, Amount, Ballot, Class, ClassId, Commission, DeviceId, Duties,
    Genesis, Intake, NATIVE, Outcome, ParameterChange, Parameters, Ppm, Rejection, Stage,
    Transaction,
};

use crate::network::{Network, Person, genesis};

const TOKEN: u128 = 1_000_000_000;

fn tokens(whole: u128) -> Amount {
    Amount::new(whole * TOKEN)
}

/// Bonds so much and opens a pool.
async fn open_pool(network: &Network, person: &Person, bonded: u128) {
    let operator = person.account();
    network.must(person, Action::RegisterOperator { duties: Duties::default() }).await;
    let amount = tokens(bonded);
    network.must(person, Action::Bond { operator, asset: NATIVE, amount }).await;
    let commission = Commission { rewards: Ppm(50_000), fees: Ppm(100_000) };
    network.must(person, Action::SetCommission { commission }).await;
}

/// What the rules would say to an action.
async fn foresee(network: &Network, person: &Person, action: Action) -> Option<Rejection> {
    let transaction = network.signed(person, action).await.transaction;
    network.client.foresee(&transaction).await.expect("answers").rejection
}

#[tokio::test]
async fn a_delegation_is_seen_from_both_sides_and_on_its_way_out() {
    let (alice, carol, bob) = (Person::new(1), Person::new(2), Person::new(3));
    let network = Network::start(&[&alice, &carol, &bob]).await;
    for operator in [&alice, &carol] {
        open_pool(&network, operator, 1_000).await;
        let (operator, amount) = (operator.account(), tokens(500));
        network.must(&bob, Action::Delegate { operator, amount }).await;
    }
    let client = &network.client;
    let standing = client.standing(alice.account()).await.expect("answers").expect("an operator");
    let pool = standing.pool.expect("open");
    assert_eq!((pool.tokens, pool.shares, pool.room), (tokens(500), tokens(500), tokens(8_500)));
    assert_eq!((pool.commission.fees, pool.raise), (Ppm(100_000), None));
    assert_eq!(standing.reward_weight, tokens(1_500));
    assert_eq!((standing.uptime, standing.accuracy), (None, Ppm(500_000)));
    let first = client.delegations(bob.account(), None, 1).await.expect("answers");
    let second = client.delegations(bob.account(), first.next.as_deref(), 1).await;
    let second = second.expect("answers");
    let operators: Vec<AccountId> =
        first.items.iter().chain(&second.items).map(|view| view.operator).collect();
    let mut expected = vec![alice.account(), carol.account()];
    expected.sort();
    assert_eq!((operators, second.next), (expected, None));
    let operator = alice.account();
    network.must(&bob, Action::Undelegate { operator, shares: tokens(200) }).await;
    let view = client.delegation(bob.account(), operator).await.expect("answers");
    let view = view.expect("delegated");
    assert_eq!((view.worth, view.free_worth, view.hop_until), (tokens(300), tokens(300), None));
    let left = client.undelegations(bob.account(), None, 10).await.expect("answers").items;
    assert_eq!((left.len(), left[0].operator, left[0].amount), (1, operator, tokens(200)));
    let (source, shares) = (operator, tokens(300));
    let moved = Action::Redelegate { source, operator: carol.account(), shares };
    network.must(&bob, moved).await;
    let view = client.delegation(bob.account(), carol.account()).await.expect("answers");
    let view = view.expect("delegated");
    assert_eq!((view.worth, view.free_worth), (tokens(800), tokens(500)));
    let hop = view.hop.expect("it answers to where it came from");
    assert_eq!((hop.source, view.hop_until.is_some()), (operator, true));
    assert_eq!(client.delegation(bob.account(), operator).await.expect("answers"), None);
    assert_eq!(client.standing(bob.account()).await.expect("answers"), None);
    network.exact_supply().await;
    network.stop().await;
}

#[tokio::test]
async fn what_would_be_refused_is_known_before_a_fee_is_paid() {
    let (alice, bob) = (Person::new(1), Person::new(3));
    let network = Network::start(&[&alice, &bob]).await;
    let operator = alice.account();
    let delegate = |amount| Action::Delegate { operator, amount };
    let refused = foresee(&network, &bob, delegate(tokens(5))).await;
    assert_eq!(refused, Some(Rejection::NotAnOperator { account: operator }));
    open_pool(&network, &alice, 1_000).await;
    let refused = foresee(&network, &bob, delegate(tokens(9_500))).await;
    let (amount, room) = (tokens(9_500), tokens(9_000));
    assert_eq!(refused, Some(Rejection::DelegationCap { amount, room }));
    let before = network.client.account(bob.account()).await.expect("answers");
    assert_eq!(foresee(&network, &bob, delegate(tokens(500))).await, None);
    let after = network.client.account(bob.account()).await.expect("answers");
    assert_eq!(before, after, "nothing was sent");
    let program = Action::RegisterProgram { source: vec![0; 9].into() };
    let signed = network.signed(&bob, program).await.transaction;
    let error = network.client.foresee(&signed).await.expect_err("takes the machine");
    assert_eq!(error.code(), Some(Code::MalformedRequest));
    let elsewhere = Transaction { chain: protocol::ChainId([9; 32]), ..signed };
    let elsewhere = Transaction { action: delegate(tokens(500)), ..elsewhere };
    let error = network.client.foresee(&elsewhere).await.expect_err("another chain");
    assert_eq!(error.code(), Some(Code::TransactionRefused));
    network.stop().await;
}

#[tokio::test]
async fn a_vote_is_seen_with_its_weights_and_its_deadline() {
    let (validator, proposer) = (Person::new(1), Person::new(2));
    let network = Network::start(&[&validator, &proposer]).await;
    let client = &network.client;
    let operator = validator.account();
    network.must(&validator, Action::RegisterOperator { duties: Duties::default() }).await;
    let amount = tokens(1_000);
    network.must(&validator, Action::Bond { operator, asset: NATIVE, amount }).await;
    let duties = Duties { provider: false, validator: true };
    network.must(&validator, Action::SetDuties { duties }).await;
    let value = Amount::new(1_500_000);
    let changes = vec![ParameterChange { name: "margin".into(), value }];
    let amendment = Amendment::Parameters { changes };
    network.must(&proposer, Action::Propose { amendment }).await;
    let open = client.proposals(None, 10).await.expect("answers").items;
    let number = open[0].proposal.id;
    assert_eq!(
        (open.len(), open[0].deposit, open[0].outcome),
        (1, tokens(1_000), Outcome::Rejected)
    );
    let against = Action::Vote { proposal: number, ballot: Ballot::For };
    let refused = foresee(&network, &proposer, against.clone()).await;
    assert_eq!(refused, Some(Rejection::NotVoter { account: proposer.account() }));
    network.must(&validator, against).await;
    let view = client.proposal(number).await.expect("answers").expect("open");
    assert_eq!((view.outcome, view.proposal.stage), (Outcome::Accepted, Stage::Voting));
    assert_eq!(view.tally.approve, view.tally.all);
    let ballots = client.ballots(number, None, 10).await.expect("answers").items;
    let weight = view.tally.all;
    assert_eq!((ballots.len(), ballots[0].ballot, ballots[0].weight), (1, Ballot::For, weight));
    assert!(client.proposal(number + 1).await.expect("answers").is_none());
    network.stop().await;
}

#[tokio::test]
async fn every_parameter_in_force_is_listed_once_with_its_reason() {
    let person = Person::new(1);
    let network = Network::start(&[&person]).await;
    let client = &network.client;
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = client.parameters(after.as_deref(), 50).await.expect("answers");
        names.extend(page.items.into_iter().map(|view| view.name));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let genesis = client.genesis().await.expect("answers").genesis;
    let mut expected: Vec<&str> =
        genesis.parameters.table().into_iter().map(|info| info.name).collect();
    expected.sort_unstable();
    assert_eq!(names, expected);
    let epoch = client.parameter("epoch_ms").await.expect("answers").expect("there is one");
    assert_eq!(epoch.value, Amount::new(genesis.parameters.epoch_ms.into()));
    assert!(epoch.fixed.is_some() && !epoch.reason.is_empty());
    let margin = client.parameter("margin").await.expect("answers").expect("there is one");
    assert_eq!(margin.fixed, None);
    let classes = client.classes(None, 3).await.expect("answers");
    assert_eq!(
        (classes.items.as_slice(), classes.next.as_deref()),
        (&genesis.classes[..3], Some("2"))
    );
    let price = client.price().await.expect("answers");
    assert_eq!((price.price, price.intake), (genesis.parameters.native_price, Intake::Open));
    assert_eq!((price.collateral, price.reported), (price.price, None));
    network.stop().await;
}

#[tokio::test]
async fn access_stake_is_seen_locked_and_leaving() {
    let (bob, alice) = (Person::new(3), Person::new(1));
    let network = Network::start(&[&bob, &alice]).await;
    network.must(&bob, Action::LockAccess { amount: tokens(100) }).await;
    network.must(&alice, Action::LockAccess { amount: tokens(300) }).await;
    network.must(&bob, Action::UnlockAccess { amount: tokens(40) }).await;
    let view = network.client.access(bob.account()).await.expect("answers");
    assert_eq!((view.stake, view.all), (tokens(60), tokens(360)));
    assert_eq!((view.exits.len(), view.exits[0].amount), (1, tokens(40)));
    let release = view.exits[0].exit.release.since_ms(view.exits[0].exit.began);
    let parameters = network.client.genesis().await.expect("answers").genesis.parameters;
    assert_eq!(release, parameters.access_unbonding_ms);
    let left = Amount::new(55 * TOKEN);
    let refused = foresee(&network, &bob, Action::UnlockAccess { amount: left }).await;
    let (stake, minimum) = (tokens(5), parameters.access_min);
    assert_eq!(refused, Some(Rejection::AccessBelowMinimum { stake, minimum }));
    network.stop().await;
}

#[tokio::test]
async fn devices_are_there_only_where_a_class_is_proven() {
    let alice = Person::new(1);
    let duties = Duties { provider: true, validator: false };
    let (class, units) = (ClassId::CPU, 2);
    let action = |byte| Action::RegisterDevice { device: DeviceId([byte; 32]), class, units };
    let trusting = Network::start(&[&alice]).await;
    open_pool(&trusting, &alice, 1_000).await;
    trusting.must(&alice, Action::SetDuties { duties }).await;
    let refused = foresee(&trusting, &alice, action(7)).await;
    assert_eq!(refused, Some(Rejection::ClassWithoutProof { class }), "as on every devnet");
    trusting.stop().await;
    let start = genesis(&[&alice]);
    // A round's answers are due within its epoch.
    let parameters = Parameters { epoch_ms: 1_800_000, ..start.parameters };
    let network = Network::of(Genesis { classes: Class::seed(), parameters, ..start }).await;
    open_pool(&network, &alice, 1_000).await;
    network.must(&alice, Action::SetDuties { duties }).await;
    for byte in [7, 8] {
        network.must(&alice, action(byte)).await;
    }
    let client = &network.client;
    let first = client.devices(alice.account(), None, 1).await.expect("answers");
    let second = client.devices(alice.account(), first.next.as_deref(), 1).await;
    let second = second.expect("answers");
    let devices: Vec<DeviceId> =
        first.items.iter().chain(&second.items).map(|view| view.id).collect();
    assert_eq!((devices, second.next), (vec![DeviceId([7; 32]), DeviceId([8; 32])], None));
    assert_eq!((first.items[0].device.units, first.items[0].device.answered), (2, None));
    let standing = client.standing(alice.account()).await.expect("answers").expect("there");
    assert_eq!(standing.uptime.map(|uptime| uptime.devices), Some(2));
    network.stop().await;
}

/// Nothing but attending: the session is named, taken once, and paid when the epoch after it is over.
#[tokio::test]
async fn a_validator_attends_and_is_paid_two_epochs_later() {
    let vera = Person::new(1);
    let genesis = genesis(&[&vera]);
    let parameters = Parameters {
        epoch_ms: 2_000,
        sessions: 1,
        emission_start: tokens(100),
        buckets_max: 4_000,
        lease_report_ms: 300,
        lease_rebut_ms: 300,
        ..genesis.parameters
    };
    let network = Network::of(Genesis { parameters, ..genesis }).await;
    let operator = vera.account();
    network.must(&vera, Action::RegisterOperator { duties: Duties::default() }).await;
    let amount = tokens(5_000);
    network.must(&vera, Action::Bond { operator, asset: NATIVE, amount }).await;
    let duties = Duties { validator: true, provider: false };
    network.must(&vera, Action::SetDuties { duties }).await;
    let rewards = async || {
        let view = network.client.operator(operator).await.expect("answers");
        view.expect("an operator").rewards
    };
    let attended = loop {
        let session = rewards().await.to_attend;
        if let Some(SessionView { epoch, session }) = session {
            let action = Action::Attend { epoch, session };
            // The epoch may be over by the time it is sent.
            let receipt = network.send(&vera, action).await.expect("taken");
            if receipt.outcome == api::wire::Outcome::Accepted {
                break epoch;
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let due = loop {
        let seen = rewards().await;
        if !seen.due.is_zero() {
            break seen;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(due.epochs.first().map(|earning| earning.epoch), Some(attended));
    network.must(&vera, Action::ClaimRewards { operator }).await;
    assert!(rewards().await.due.is_zero());
    network.stop().await;
}
