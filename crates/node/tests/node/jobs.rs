//! Whole jobs through the public interface: the test is provider, requester and challenger.

use api::wire::DemandName;
use ed25519_consensus::SigningKey;
use ledger::ProofError;
use machine::claim::Bounds;
use machine::content::Content;
use machine::execution::Execution;
use machine::fraud;
use machine::local::{self, Options};
use machine::prepare::Program;
use machine::tamper::{Edit, Place, Tamper};
use node::{JobProofError, NetworkFile, bounds, job_is_recorded};
use protocol::{
    Accused, Action, Amount, Claim, ClassId, DataKind, DisputeEvent, Duties, EndReason, Event,
    Fault, Hash, Height, Job, JobId, JobSpec, JobStatus, NATIVE, Nonce, PageProof, PenaltyEvent,
    ProgramId, Ruling, STABLE, SignedTransaction, Transaction, job_id, seal,
};

use crate::network::{Network, Person};

/// Ten steps; each adds its number times the first byte of the input to a sum, which is the output.
const SOURCE: &str = r#"(module
  (@custom "earnest.abi" "\01\00\00\00")
  (memory (export "memory") 1 4)
  (global (export "earnest_input") i32 (i32.const 16))
  (global (export "earnest_output") i32 (i32.const 32))
  (func (export "step") (param $i i64) (result i32)
    (i64.store (i32.const 8192)
      (i64.add (i64.load (i32.const 8192))
        (i64.mul (i64.add (local.get $i) (i64.const 1))
          (i64.load8_u (i32.load (i32.const 16))))))
    (i32.store (i32.const 32) (i32.const 8192))
    (i32.store (i32.const 36) (i32.const 8))
    (i64.eq (local.get $i) (i64.const 9))))"#;

const INPUT: &[u8] = &[3];
const STEPS_MAX: u64 = 100;
const METER_MAX: u64 = 1_000_000_000;
const SALT: Hash = Hash([42; 32]);

fn of(content: &Content) -> protocol::Content {
    protocol::Content { root: Hash(content.root.0), size: content.size }
}

fn claimed(execution: &Execution) -> Claim {
    let machine::claim::Claim { output, trace, meter } = &execution.claim;
    Claim { output: of(output), trace: of(trace), meter: *meter }
}

/// Registers a provider that runs up to two jobs at a price.
async fn provide(network: &Network, person: &Person, ask: u128) {
    let duties = Duties { provider: true, validator: false };
    network.must(person, Action::RegisterOperator { duties: Duties::default() }).await;
    let (operator, asset) = (person.account(), NATIVE);
    let amount = Amount::new(5_000_000_000_000);
    network.must(person, Action::Bond { operator, asset, amount }).await;
    network.must(person, Action::SetDuties { duties }).await;
    let ask = Amount::new(ask);
    network.must(person, Action::SetOffer { class: ClassId::CPU, units: 2, ask }).await;
}

/// Registers the program as everybody would, and fetches what is to be run.
async fn register(network: &Network, person: &Person) -> (ProgramId, Program) {
    let source = wat::parse_str(SOURCE).expect("well-formed");
    network.must(person, Action::RegisterProgram { source: source.clone().into() }).await;
    let expected = machine::prepare::prepare(&source).expect("a program");
    let id = ProgramId(expected.id().0);
    let module = network.client.module(id).await.expect("answers").expect("registered");
    let program = Program::from_prepared(module.to_vec()).expect("prepared");
    assert_eq!(program, expected);
    let view = network.client.program(id).await.expect("answers").expect("registered");
    assert_eq!((view.author, view.bytes), (person.account(), module.len() as u64));
    (id, program)
}

async fn submit(network: &Network, requester: &Person, program: ProgramId) -> JobId {
    let spec = JobSpec {
        program,
        input: of(&Content::of(INPUT)),
        class: ClassId::CPU,
        steps_max: STEPS_MAX,
        meter_max: METER_MAX,
        memory_max: 1 << 20,
        run_ms: 20_000,
        wait_ms: 20_000,
        price_max: Amount::new(2_000_000),
        harm: Amount::ZERO,
        insured: Amount::new(1_000_000),
    };
    let nonce = network.client.account(requester.account()).await.expect("answers").nonce;
    network.must(requester, Action::SubmitJob { spec }).await;
    job_id(network.chain, requester.account(), nonce)
}

fn run(program: &Program, tampers: Vec<Tamper>) -> Execution {
    let options = Options { tampers, ..Options::default() };
    local::run(program, INPUT, &bounds(STEPS_MAX, METER_MAX), &options).expect("it runs")
}

/// Commits, waits for the turn to reveal, reveals.
async fn answer(network: &Network, provider: &Person, job: &Job, claim: Claim) {
    let (account, id) = (provider.account(), job.id);
    let commitment = seal(id, job.attempts, account, SALT, &claim);
    network.must(provider, Action::CommitResult { job: id, commitment }).await;
    network.until(id, JobStatus::Revealing).await;
    network.must(provider, Action::RevealResult { job: id, claim, salt: SALT }).await;
}

fn provider_of(job: &Job) -> protocol::AccountId {
    job.assignment.as_ref().expect("assigned").provider
}

#[tokio::test]
async fn an_honest_job_is_paid() {
    let (provider, requester) = (Person::new(1), Person::new(2));
    let network = Network::start(&[&provider, &requester]).await;
    provide(&network, &provider, 1_000_000).await;
    let (program_id, program) = register(&network, &requester).await;
    let (earned, paid) =
        (network.balance(&provider, STABLE).await, network.balance(&requester, STABLE).await);
    let id = submit(&network, &requester, program_id).await;
    let job = network.until(id, JobStatus::Assigned).await;
    assert_eq!(provider_of(&job), provider.account());
    let execution = run(&program, Vec::new());
    assert_eq!(execution.output, (3_u64 * 55).to_le_bytes());
    answer(&network, &provider, &job, claimed(&execution)).await;
    let job = network.until(id, JobStatus::Window).await;
    let explained = network.client.explain(id).await.expect("answers").expect("there");
    assert_eq!(explained.deadline, job.deadline);
    assert!(!explained.lock.is_empty() && !explained.awaited.is_empty(), "{explained:?}");
    network.until(id, JobStatus::Ended(EndReason::Completed)).await;
    let earned = network.balance(&provider, STABLE).await.minus(earned);
    let paid = paid.minus(network.balance(&requester, STABLE).await);
    assert_eq!((earned, paid), (Amount::new(900_000), Amount::new(1_000_000)));
    network.exact_supply().await;
    network.stop().await;
}

#[tokio::test]
async fn a_record_of_a_job_is_proven_to_whoever_knows_the_validators() {
    let requester = Person::new(2);
    let network = Network::start(&[&requester]).await;
    let (program_id, _) = register(&network, &requester).await;
    let id = submit(&network, &requester, program_id).await;
    let job = network.job(id).await;
    let proof = network.client.job_proof(id).await.expect("answers").expect("there");
    let file = NetworkFile::read(network.folder.path()).expect("written at the start");
    let height = job_is_recorded(&file, file.chain, &job, &proof).expect("it is recorded");
    assert!(height.0 > 0 && height <= network.client.status().await.expect("answers").height);

    let other = Job { attempts: 1, ..job.clone() };
    let refused = job_is_recorded(&file, file.chain, &other, &proof);
    assert_eq!(refused, Err(JobProofError::OtherRecord { height }));
    let another = Job { id: JobId([7; 32]), ..job.clone() };
    let refused = job_is_recorded(&file, file.chain, &another, &proof);
    assert_eq!(refused, Err(JobProofError::Proof(ProofError::Entry)));
    let refused = job_is_recorded(&file, protocol::ChainId([7; 32]), &job, &proof);
    assert!(matches!(refused, Err(JobProofError::OtherNetwork { .. })), "{refused:?}");
    let stranger = SigningKey::from([7; 32]).verification_key().to_bytes();
    let believed = NetworkFile { validators: vec![Hash(stranger)], ..file.clone() };
    let refused = job_is_recorded(&believed, file.chain, &job, &proof);
    assert_eq!(refused, Err(JobProofError::Proof(ProofError::Certificate)));
    for at in (0..proof.len()).step_by(97) {
        let mut forged = proof.to_vec();
        forged[at] ^= 1;
        assert!(job_is_recorded(&file, file.chain, &job, &forged).is_err(), "byte {at}");
    }
    assert_eq!(network.client.job_proof(JobId([7; 32])).await.expect("answers"), None);
    network.stop().await;
}

#[tokio::test]
async fn what_was_answered_on_the_ledger_is_read_back_from_its_block() {
    let (provider, requester, stranger) = (Person::new(1), Person::new(2), Person::new(3));
    let network = Network::start(&[&provider, &requester, &stranger]).await;
    provide(&network, &provider, 1_000_000).await;
    let (program_id, program) = register(&network, &requester).await;
    let id = submit(&network, &requester, program_id).await;
    let job = network.until(id, JobStatus::Assigned).await;
    let execution = run(&program, Vec::new());
    answer(&network, &provider, &job, claimed(&execution)).await;
    network.until(id, JobStatus::Window).await;

    let ask = Action::DemandData { job: id, data: DataKind::Output, first_page: 0, pages: 1 };
    network.must(&stranger, ask).await;
    let page = PageProof { index: 0, bytes: execution.output.clone().into(), path: Vec::new() };
    let demander = stranger.account();
    let pages = vec![page.clone()];
    let given = network.send(&provider, Action::AnswerDemand { job: id, demander, pages }).await;
    let given = given.expect("taken");
    assert!(given.is_accepted(), "{given:?}");

    let found = network.client.job(id).await.expect("answers").expect("there");
    let [demand] = &found.demands[..] else { panic!("{found:?}") };
    assert!(!demand.demand.is_open());
    assert_eq!(demand.demand.answers, [given.height]);
    let block = network.client.block(given.height).await.expect("answers").expect("final");
    assert!(block.height == given.height && block.transactions > given.index);
    let listed = network.client.transactions(given.height, None, 100).await.expect("answers");
    let listed = listed.expect("final").items;
    assert_eq!(listed.len() as u64, block.transactions);
    let answers = Some(DemandName { job: id, demander });
    let [view] = listed.iter().filter(|view| view.answers == answers).collect::<Vec<_>>()[..]
    else {
        panic!("{listed:?}")
    };
    assert_eq!((view.index, view.id, view.sender), (given.index, given.id, provider.account()));
    let bytes = network.client.signed_bytes(given.height, view.index).await.expect("answers");
    let bytes = bytes.expect("in the block");
    assert_eq!(bytes.len() as u64, view.bytes);
    let signed: SignedTransaction = borsh::from_slice(&bytes).expect("as it was sent");
    let Action::AnswerDemand { pages, .. } = signed.transaction.action else { panic!() };
    assert_eq!(pages, [page]);
    network.stop().await;
}

#[tokio::test]
async fn blocks_that_are_not_there_are_none_and_their_transactions_come_in_pages() {
    let (from, to) = (Person::new(1), Person::new(2));
    let network = Network::start(&[&from]).await;
    let transfer =
        |units| Action::Transfer { to: to.account(), asset: STABLE, amount: Amount::new(units) };
    let first = network.signed(&from, transfer(1)).await;
    let second = Transaction {
        nonce: Nonce(first.transaction.nonce.0 + 1),
        action: transfer(2),
        ..first.transaction.clone()
    };
    let second = borsh::to_vec(&from.sign(second)).expect("in memory");
    // The second waits for the first, so one block has both.
    network.client.submit_bytes(second.into(), false).await.expect("taken");
    let receipt = network.client.submit(&first).await.expect("executed");
    let list = |after| network.client.transactions(receipt.height, after, 1);
    let page = list(None).await.expect("answers").expect("final");
    assert_eq!((page.items.len(), page.items[0].index, page.next.as_deref()), (1, 0, Some("0")));
    let page = list(Some("0")).await.expect("answers").expect("final");
    assert_eq!((page.items.len(), page.items[0].index, page.next), (1, 1, None));
    let page = list(Some("1")).await.expect("answers").expect("final");
    assert_eq!((page.items.len(), page.next), (0, None));
    for height in [0, receipt.height.0 + 1_000_000, u64::MAX].map(Height) {
        assert_eq!(network.client.block(height).await.expect("answers"), None);
        assert_eq!(network.client.transactions(height, None, 1).await.expect("answers"), None);
        assert_eq!(network.client.signed_bytes(height, 0).await.expect("answers"), None);
    }
    for index in [2, u64::MAX] {
        let bytes = network.client.signed_bytes(receipt.height, index).await;
        assert_eq!(bytes.expect("answers"), None);
    }
    network.stop().await;
}

/// The evidence against a claim, as anybody finds it from public data.
fn accuse(program: &Program, claim: &Execution, bounds: &Bounds) -> Vec<u8> {
    let honest = run(program, Vec::new());
    let trace = claim.trace_bytes();
    let case = (program, &Content::of(INPUT), bounds);
    let proof = fraud::accuse(case, &honest, (&claim.claim, &trace, &claim.output), |wanted| {
        local::witness(program, INPUT, bounds, wanted)
    });
    proof.expect("provable").expect("it is wrong").to_bytes()
}

#[tokio::test]
async fn a_wrong_step_is_convicted_in_one_transaction_and_the_job_done_by_another() {
    let (liar, honest) = (Person::new(1), Person::new(2));
    let (requester, watcher) = (Person::new(3), Person::new(4));
    let network = Network::start(&[&liar, &honest, &requester, &watcher]).await;
    let start = network.client.status().await.expect("answers").cursor;
    provide(&network, &liar, 1_000_000).await;
    provide(&network, &honest, 1_500_000).await;
    let (program_id, program) = register(&network, &requester).await;
    let id = submit(&network, &requester, program_id).await;
    let job = network.until(id, JobStatus::Assigned).await;
    assert_eq!(provider_of(&job), liar.account(), "the lower ask");
    let tamper =
        Tamper { after_step: 4, place: Place::Output { offset: 0 }, edit: Edit::Xor(vec![1]) };
    let wrong = run(&program, vec![tamper]);
    assert!(wrong.corrupted);
    answer(&network, &liar, &job, claimed(&wrong)).await;
    network.until(id, JobStatus::Window).await;
    let accused = Accused::Provider;
    // Evidence that proves nothing costs its bond and convicts nobody.
    let empty = Action::Challenge { job: id, accused, evidence: vec![0].into() };
    network.must(&watcher, empty).await;
    assert_eq!(network.job(id).await.status, JobStatus::Window);
    let before = network.balance(&watcher, NATIVE).await;
    let evidence = accuse(&program, &wrong, &bounds(STEPS_MAX, METER_MAX)).into();
    network.must(&watcher, Action::Challenge { job: id, accused, evidence }).await;
    let job = network.until_job(id, |job| job.attempts == 2).await;
    assert_eq!((provider_of(&job), &job.failed[..]), (honest.account(), &[liar.account()][..]));
    assert!(network.balance(&watcher, NATIVE).await > before, "the bounty is paid");
    answer(&network, &honest, &job, claimed(&run(&program, Vec::new()))).await;
    network.until(id, JobStatus::Ended(EndReason::Completed)).await;
    let operator = network.client.operator(liar.account()).await.expect("answers");
    let operator = operator.expect("registered").operator;
    assert_eq!((operator.reliability.convictions, operator.is_active()), (1, false));
    network.exact_supply().await;
    told(&network, start, &liar).await;
    network.stop().await;
}

/// The stream tells of both verdicts, the fault and the slash.
async fn told(network: &Network, start: api::Cursor, liar: &Person) {
    let (mut events, mut from) = (Vec::new(), start);
    loop {
        let page = network.client.events(from, 1_000, Default::default()).await.expect("answers");
        if page.next == from {
            break;
        }
        from = page.next;
        events.extend(page.events.into_iter().map(|record| record.event));
    }
    let verdicts = events.iter().filter_map(|event| match event {
        Event::Dispute(DisputeEvent::Challenged { verdict, operator, .. })
            if *operator == liar.account() =>
        {
            Some(verdict)
        }
        _ => None,
    });
    let verdicts: Vec<_> = verdicts.collect();
    assert!(matches!(verdicts[..], [Ruling::Dismissed(_), Ruling::Guilty]), "{verdicts:?}");
    let slashed = events.iter().any(|event| {
        matches!(event, Event::Penalty(PenaltyEvent::Slashed { operator, fault: Fault::WrongResult, .. })
            if *operator == liar.account())
    });
    assert!(slashed);
}
