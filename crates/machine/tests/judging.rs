//! What convicts, what does not, and what a judge bears.

mod support;

use machine::beginning::Beginning;
use machine::fraud::{
    AccuseError, Dismissal, FraudProof, Guilt, OutputPage, Seen, StateEvidence, StepEvidence,
    accuse, accuse_seen,
};
use machine::local::{Options, run, witness};
use machine::opening::{Opening, PackedPage};
use machine::soundness::{Subject, Trial};
use machine::tamper::{Edit, Place, Tamper};
use machine::tree::{Shape, Tree, ZERO_PAGE};
use machine::witness::Wanted;
use machine::{Bounds, Claim, Content, End, Execution, Hash, Program, Verdict, judge, judge_bytes};
use support::{bounds, mixer, mixer_input, program, program_with};

/// The beginning of `claimed` up to the first page that differs from `mine`, if one does.
fn beginning(mine: &[u8], claimed: &[u8]) -> Option<Beginning> {
    let pages = mine.chunks(4_096).zip(claimed.chunks(4_096));
    let (index, (_, page)) = pages.enumerate().find(|(_, (mine, claimed))| mine != claimed)?;
    let shape = Shape::content(claimed.len() as u64);
    let siblings = Tree::of_content(claimed).prove(shape, &[index as u64]);
    let known = Beginning::new(Content::of(claimed), &mine[..index * 4_096], page, &siblings);
    Some(known.expect("they are equal up to there"))
}

/// A program, its input and bounds, and the honest execution.
struct Case {
    program: Program,
    input: Vec<u8>,
    bounds: Bounds,
    honest: Execution,
}

impl Case {
    fn new(program: Program, input: Vec<u8>, bounds: Bounds) -> Self {
        let honest = run(&program, &input, &bounds, &Options::default()).expect("the host is able");
        Self { program, input, bounds, honest }
    }

    fn mixer(steps: u32) -> Self {
        Self::new(mixer(), mixer_input(steps), bounds())
    }

    fn judge(&self, claim: &Claim, proof: &FraudProof) -> Verdict {
        judge(&self.program, &Content::of(&self.input), &self.bounds, claim, proof)
    }

    fn tampered(&self, tamper: Tamper) -> Execution {
        let options = Options { tampers: vec![tamper], ..Options::default() };
        run(&self.program, &self.input, &self.bounds, &options).expect("the host is able")
    }

    /// What an auditor makes of a claim and what is published with it.
    fn accuse(&self, claim: &Claim, trace: &[u8], output: &[u8]) -> Option<FraudProof> {
        self.try_accuse(claim, trace, output).expect("there is a proof or there is nothing wrong")
    }

    fn try_accuse(
        &self,
        claim: &Claim,
        trace: &[u8],
        output: &[u8],
    ) -> Result<Option<FraudProof>, AccuseError<machine::engine::Failure>> {
        let content = Content::of(&self.input);
        let case = (&self.program, &content, &self.bounds);
        accuse(case, &self.honest, (claim, trace, output), |wanted| {
            witness(&self.program, &self.input, &self.bounds, wanted)
        })
    }

    /// Asserts that a claim is found guilty of something, also from bytes.
    fn convicts(&self, claim: &Claim, trace: &[Hash], output: &[u8], guilt: Guilt) -> FraudProof {
        let bytes = machine::trace::to_bytes(trace);
        let proof = self.accuse(claim, &bytes, output).expect("the claim is wrong");
        assert_eq!(self.judge(claim, &proof), Verdict::Guilty(guilt), "{proof:?}");
        let honest = self.judge(&self.honest.claim, &proof);
        assert!(matches!(honest, Verdict::Dismissed(_)), "{honest:?} by {proof:?}");
        let input = Content::of(&self.input);
        let again = judge_bytes(&self.program, &input, &self.bounds, claim, &proof.to_bytes());
        assert_eq!(again, Verdict::Guilty(guilt));
        self.convicts_from_one_page(claim, trace, output);
        proof
    }

    /// The same proof comes out of no more than the first page in which a trace differs from the honest one, the
    /// honest one being as long as the claimed one by cutting it or by zeros.
    fn convicts_from_one_page(&self, claim: &Claim, trace: &[Hash], output: &[u8]) {
        let claimed = machine::trace::to_bytes(trace);
        let mut mine = self.honest.trace_bytes();
        mine.resize(claimed.len(), 0);
        let seen = beginning(&mine, &claimed);
        let mine = self.honest.output.as_slice();
        let same_size = mine.len() == output.len();
        let output_seen = same_size.then(|| beginning(mine, output)).flatten();
        let content = Content::of(&self.input);
        let case = (&self.program, &content, &self.bounds);
        let seen = (
            claim,
            seen.as_ref().map_or(Seen::Whole(&claimed), Seen::Beginning),
            output_seen.as_ref().map_or(Seen::Whole(output), Seen::Beginning),
        );
        let found = accuse_seen(case, &self.honest, seen, |wanted| {
            witness(&self.program, &self.input, &self.bounds, wanted)
        });
        let whole = self.accuse(claim, &claimed, output);
        assert_eq!(found.expect("one page is enough"), whole);
    }

    fn with_trace(&self, trace: &[Hash]) -> Claim {
        let trace = Content::of(&machine::trace::to_bytes(trace));
        Claim { trace, ..self.honest.claim }
    }

    fn step_evidence(&self, step: u64) -> StepEvidence {
        let witness = witness(&self.program, &self.input, &self.bounds, Wanted::Step(step));
        let page = u32::try_from(step / 128).expect("it is short");
        let pages = if step.is_multiple_of(128) { vec![page - 1, page] } else { vec![page] };
        let trace = Content::open(&self.honest.trace_bytes(), &pages);
        StepEvidence { step, trace, witness: witness.expect("there is such a step") }
    }
}

#[test]
fn a_right_claim_is_not_accused() {
    let case = Case::mixer(9);
    let Execution { claim, output, .. } = &case.honest;
    assert_eq!(case.accuse(claim, &case.honest.trace_bytes(), output), None);
}

#[test]
fn a_corrupted_step_is_convicted_at_the_first_difference() {
    let case = Case::mixer(12);
    for step in [1, 7, 12] {
        let place = Place::ChangedWord { index: 5 };
        let tamper = Tamper { after_step: step, place, edit: Edit::Xor(vec![0, 0, 0, 0x80]) };
        let dishonest = case.tampered(tamper);
        assert!(dishonest.corrupted);
        let Execution { claim, trace, output, .. } = &dishonest;
        let proof = case.convicts(claim, trace, output, Guilt::Step(step));
        // A witness is a few pages, not the memory.
        assert!(proof.to_bytes().len() < 40_000);
    }
}

#[test]
fn states_that_meet_again_do_not_save_a_liar() {
    // Every step overwrites the word completely, so a corruption is gone a step later.
    let forgetful = program(
        "(i64.store (i32.const 8192) (local.get $i))
         (i64.ge_u (local.get $i) (i64.const 20))",
    );
    let case = Case::new(forgetful, vec![], bounds());
    let place = Place::Address(8192);
    let dishonest = case.tampered(Tamper { after_step: 6, place, edit: Edit::Xor(vec![1]) });
    let differing: Vec<usize> =
        (0..22).filter(|step| dishonest.trace.get(*step) != case.honest.trace.get(*step)).collect();
    assert_eq!(differing, [6]);
    let Execution { claim, trace, output, .. } = &dishonest;
    case.convicts(claim, trace, output, Guilt::Step(6));
}

#[test]
fn a_corrupted_start_is_convicted() {
    let case = Case::mixer(4);
    let place = Place::Address(5_001);
    let dishonest = case.tampered(Tamper { after_step: 0, place, edit: Edit::Xor(vec![4]) });
    let Execution { claim, trace, output, .. } = &dishonest;
    case.convicts(claim, trace, output, Guilt::Start);
}

#[test]
fn stopping_early_and_going_on_are_convicted() {
    let case = Case::mixer(9);
    let early = &case.honest.trace[..5];
    case.convicts(&case.with_trace(early), early, &case.honest.output, Guilt::Length);
    let only_start = &case.honest.trace[..1];
    case.convicts(&case.with_trace(only_start), only_start, &case.honest.output, Guilt::Length);
    let late = [&case.honest.trace[..], &[Hash([1; 32])]].concat();
    case.convicts(&case.with_trace(&late), &late, &case.honest.output, Guilt::Length);
}

#[test]
fn going_on_after_a_trap_is_convicted() {
    let case = Case::new(program("(unreachable)"), vec![], bounds());
    let late = [&case.honest.trace[..], &[Hash([1; 32])]].concat();
    case.convicts(&case.with_trace(&late), &late, &[], Guilt::Length);
}

#[test]
fn a_trap_that_was_none_and_none_that_was_are_convicted() {
    let case = Case::mixer(6);
    let mut trace = case.honest.trace.clone();
    trace[3] = machine::state::trapped(3);
    trace.truncate(4);
    case.convicts(&case.with_trace(&trace), &trace, &[], Guilt::Step(3));
    let traps = Case::new(program("(i32.const 5)"), vec![], bounds());
    let trace = [traps.honest.trace[0], Hash([9; 32])];
    traps.convicts(&traps.with_trace(&trace), &trace, &[], Guilt::Step(1));
}

#[test]
fn a_wrong_output_is_convicted_by_page_and_by_size() {
    let case = Case::mixer(5);
    for place in [0, 4_095, 4_096, 5_999] {
        let mut output = case.honest.output.clone();
        output[place] ^= 0x10;
        let claim = Claim { output: Content::of(&output), ..case.honest.claim };
        case.convicts(&claim, &case.honest.trace, &output, Guilt::Output);
    }
    for size in [0, 1, 5_999] {
        let output = &case.honest.output[..size];
        let claim = Claim { output: Content::of(output), ..case.honest.claim };
        case.convicts(&claim, &case.honest.trace, output, Guilt::Output);
    }
}

#[test]
fn an_output_after_a_trap_is_convicted() {
    let case = Case::new(program("(unreachable)"), vec![], bounds());
    let claim = Claim { output: Content::of(b"something"), ..case.honest.claim };
    case.convicts(&claim, &case.honest.trace, b"something", Guilt::Output);
}

#[test]
fn a_wrong_meter_is_convicted_also_after_a_trap() {
    let late = program("(i32.mul (i32.const 2) (i64.ge_u (local.get $i) (i64.const 3)))");
    let at_once = (program("(i32.const 1)"), Bounds { memory_bytes: 1 << 16, ..bounds() });
    let cases = [
        Case::mixer(5),
        Case::new(late, vec![], bounds()),
        Case::new(program("(unreachable)"), vec![], bounds()),
        Case::new(at_once.0, vec![], at_once.1),
    ];
    for case in cases {
        let claim = Claim { meter: case.honest.claim.meter + 1, ..case.honest.claim };
        case.convicts(&claim, &case.honest.trace, &case.honest.output, Guilt::Meter);
    }
}

#[test]
fn impossible_sizes_are_convicted_by_themselves() {
    let case = Case::mixer(5);
    let honest = case.honest.claim;
    let trace = |size| Claim { trace: Content { size, ..honest.trace }, ..honest };
    let no_bytes = Content { size: 0, root: Hash([4; 32]) };
    for claim in
        [trace(0), trace(31), trace(33), trace(32 * 102), Claim { output: no_bytes, ..honest }]
    {
        assert_eq!(case.judge(&claim, &FraudProof::Malformed), Verdict::Guilty(Guilt::Form));
        assert_eq!(case.accuse(&claim, &[], &[]), Some(FraudProof::Malformed));
    }
    let verdict = case.judge(&honest, &FraudProof::Malformed);
    assert_eq!(verdict, Verdict::Dismissed(Dismissal::Right));
}

#[test]
fn blobs_that_are_not_the_claimed_ones_are_demanded_not_accused() {
    let case = Case::mixer(5);
    let mut claim = case.honest.claim;
    claim.trace.root.0[0] ^= 1;
    let wrong = case.try_accuse(&claim, &case.honest.trace_bytes(), &case.honest.output);
    assert!(matches!(wrong, Err(AccuseError::NotTheTrace)), "{wrong:?}");
    let mut claim = case.honest.claim;
    claim.output.root.0[0] ^= 1;
    let wrong = case.try_accuse(&claim, &case.honest.trace_bytes(), &case.honest.output);
    assert!(matches!(wrong, Err(AccuseError::NotTheOutput)), "{wrong:?}");
}

#[test]
fn one_page_of_a_trace_of_several_convicts_at_its_edges() {
    let case = Case::new(mixer(), mixer_input(300), Bounds { steps_max: 300, ..bounds() });
    for step in [1_u16, 126, 127, 128, 129, 255, 256, 300] {
        let mut trace = case.honest.trace.clone();
        trace[usize::from(step)].0[0] ^= 1;
        let (claim, output) = (case.with_trace(&trace), &case.honest.output);
        case.convicts(&claim, &trace, output, Guilt::Step(step.into()));
    }
    for length in [1_usize, 127, 128, 129, 256, 300] {
        let trace = &case.honest.trace[..length];
        case.convicts(&case.with_trace(trace), trace, &case.honest.output, Guilt::Length);
    }
}

#[test]
fn a_longer_trace_convicts_from_its_first_page_too_many() {
    let case = Case::new(mixer(), mixer_input(127), Bounds { steps_max: 300, ..bounds() });
    for surplus in [1_usize, 129] {
        let trace = [&case.honest.trace[..], &vec![Hash([9; 32]); surplus]].concat();
        case.convicts(&case.with_trace(&trace), &trace, &case.honest.output, Guilt::Length);
    }
}

#[test]
fn a_beginning_without_the_difference_is_not_enough() {
    let case = Case::new(mixer(), mixer_input(300), Bounds { steps_max: 300, ..bounds() });
    let mut trace = case.honest.trace.clone();
    trace[200].0[0] ^= 1;
    let claim = case.with_trace(&trace);
    let claimed = machine::trace::to_bytes(&trace);
    let siblings = Tree::of_content(&claimed).prove(Shape::content(claimed.len() as u64), &[0]);
    let known = Beginning::new(claim.trace, &[], &claimed[..4_096], &siblings).expect("true");
    let content = Content::of(&case.input);
    let question = (&case.program, &content, &case.bounds);
    let seen = (&claim, Seen::Beginning(&known), Seen::Whole(&case.honest.output));
    let found = accuse_seen(question, &case.honest, seen, |wanted| {
        witness(&case.program, &case.input, &case.bounds, wanted)
    });
    assert!(matches!(found, Err(AccuseError::NotTheTrace)), "{found:?}");
}

#[test]
fn evidence_of_a_right_step_convicts_nobody() {
    let case = Case::mixer(9);
    for step in 1..=9 {
        let proof = FraudProof::WrongStep(case.step_evidence(step));
        let verdict = case.judge(&case.honest.claim, &proof);
        assert_eq!(verdict, Verdict::Dismissed(Dismissal::Right), "step {step}");
    }
}

#[test]
fn a_witness_without_a_touched_page_is_dismissed() {
    let case = Case::mixer(9);
    let whole = case.step_evidence(5);
    let shape = Shape::memory(whole.witness.header.memory_bytes);
    let count = whole.witness.memory.pages.len();
    for omitted in 0..count {
        // An honest opening of all the others, from a state that really was.
        let mut pages: Vec<u32> =
            whole.witness.memory.pages.iter().map(|(index, _)| *index).collect();
        let page = pages.remove(omitted);
        let opened = reopened(&case, &whole, shape, &pages);
        let proof = FraudProof::WrongStep(opened);
        let verdict = case.judge(&case.honest.claim, &proof);
        let Verdict::Dismissed(Dismissal::NotShown(missing)) = verdict else {
            panic!("{verdict:?}")
        };
        assert_eq!(missing, page);
    }
}

/// The same evidence with other pages opened: rebuilt from the pages that the whole witness shows.
fn reopened(case: &Case, whole: &StepEvidence, shape: Shape, pages: &[u32]) -> StepEvidence {
    let root = &whole.witness.header.memory_root;
    let shown = whole.witness.memory.verify(shape, root, 100).expect("it is honest");
    let mut evidence = whole.clone();
    // Siblings of fewer pages: climb from all leaves and note what the others need.
    let all: Vec<_> =
        shown.iter().map(|(index, page)| (u64::from(*index), machine::tree::leaf(page))).collect();
    let nodes = all_nodes(shape, &all, &whole.witness.memory.siblings);
    let mut siblings = Vec::new();
    let kept = all.iter().filter(|(index, _)| pages.iter().any(|page| u64::from(*page) == *index));
    machine::tree::climb(kept.copied().collect(), 0..shape.height, |level, index| {
        let implied = index >= shape.present.div_ceil(1 << level);
        let hash = nodes.get(&(level, index)).copied();
        let hash = hash.unwrap_or_else(|| machine::tree::zero(level));
        if !implied {
            siblings.push(hash);
        }
        Some(hash)
    });
    evidence.witness.memory.pages.retain(|(index, _)| pages.contains(index));
    evidence.witness.memory.siblings = siblings;
    let proven = evidence.witness.memory.verify(shape, root, 100);
    assert!(proven.is_some() && case.bounds.pages_per_step > 0);
    evidence
}

/// Every node that a multiproof determines, by level and index.
fn all_nodes(
    shape: Shape,
    leaves: &[(u64, Hash)],
    siblings: &[Hash],
) -> std::collections::BTreeMap<(u32, u64), Hash> {
    let mut known = std::collections::BTreeMap::new();
    let mut given = siblings.iter();
    let mut nodes = leaves.to_vec();
    for level in 0..shape.height {
        known.extend(nodes.iter().map(|(index, hash)| ((level, *index), *hash)));
        let climbed = machine::tree::climb(nodes, level..level + 1, |level, index| {
            let implied = index >= shape.present.div_ceil(1 << level);
            let hash = if implied { machine::tree::zero(level) } else { *given.next()? };
            known.insert((level, index), hash);
            Some(hash)
        });
        nodes = climbed.expect("the proof is whole");
    }
    known
}

#[test]
fn tampered_evidence_opens_nothing() {
    let case = Case::mixer(9);
    let whole = case.step_evidence(5);
    let dismissed = |evidence: StepEvidence, expected: Dismissal| {
        let verdict = case.judge(&case.honest.claim, &FraudProof::WrongStep(evidence));
        assert_eq!(verdict, Verdict::Dismissed(expected));
    };
    let mut other = whole.clone();
    other.witness.memory.pages[0].1 = PackedPage::pack(&ZERO_PAGE);
    dismissed(other, Dismissal::Memory);
    let mut other = whole.clone();
    other.witness.header.globals[0] ^= 1;
    dismissed(other, Dismissal::State);
    let mut other = whole.clone();
    other.witness.header.meter += 1;
    dismissed(other, Dismissal::State);
    let mut other = whole.clone();
    other.trace.siblings.push(Hash([0; 32]));
    dismissed(other, Dismissal::Trace);
    for step in [0, 4, 6, 10, u64::MAX] {
        let mut other = whole.clone();
        other.step = step;
        let verdict = case.judge(&case.honest.claim, &FraudProof::WrongStep(other));
        assert!(matches!(verdict, Verdict::Dismissed(_)), "{step}: {verdict:?}");
    }
}

#[test]
fn a_step_that_touches_too_much_is_the_authors_fault() {
    let few = Bounds { pages_per_step: 8, ..bounds() };
    let case = Case::new(mixer(), mixer_input(5), few);
    let evidence = case.step_evidence(2);
    assert_eq!(evidence.witness.memory.pages.len(), 9);
    let claim = &case.honest.claim;
    for proof in
        [FraudProof::AuthorFault(evidence.clone()), FraudProof::WrongStep(evidence.clone())]
    {
        assert_eq!(case.judge(claim, &proof), Verdict::AuthorFault);
    }
    // Whoever looks for the fault of a lie in such a step finds the author's.
    let place = Place::ChangedWord { index: 5 };
    let lie = case.tampered(Tamper { after_step: 2, place, edit: Edit::Xor(vec![1]) });
    let proof = case.accuse(&lie.claim, &lie.trace_bytes(), &lie.output).expect("it is a lie");
    assert!(matches!(proof, FraudProof::AuthorFault(_)), "{proof:?}");
    assert_eq!(case.judge(&lie.claim, &proof), Verdict::AuthorFault);
    // Nobody has to show less than it takes.
    let mut less = evidence;
    less.witness.memory.pages.pop();
    let verdict = case.judge(claim, &FraudProof::AuthorFault(less));
    assert!(matches!(verdict, Verdict::Dismissed(_)), "{verdict:?}");
}

#[test]
fn a_step_within_its_pages_is_nobodys_fault() {
    let case = Case::mixer(5);
    let proof = FraudProof::AuthorFault(case.step_evidence(2));
    assert_eq!(case.judge(&case.honest.claim, &proof), Verdict::Dismissed(Dismissal::Right));
}

#[test]
fn a_step_that_grows_memory_or_touches_none_is_judged() {
    let grows = program_with(
        1,
        64,
        r#"(func (export "step") (param $i i64) (result i32)
            (if (i64.eq (local.get $i) (i64.const 2)) (then
                (i64.store offset=12345 (i32.shl (memory.grow (i32.const 20)) (i32.const 16)) (i64.const 7))))
            (i64.ge_u (local.get $i) (i64.const 3)))"#,
    );
    let case = Case::new(grows, vec![], bounds());
    assert_eq!(case.honest.end, End::Done);
    for step in 1..=4 {
        let evidence = case.step_evidence(step);
        assert_eq!(evidence.witness.memory.pages.len(), usize::from(step == 3));
        let right = case.judge(&case.honest.claim, &FraudProof::WrongStep(evidence));
        assert_eq!(right, Verdict::Dismissed(Dismissal::Right));
        let mut trace = case.honest.trace.clone();
        trace[usize::try_from(step).expect("it is short")].0[9] ^= 1;
        case.convicts(&case.with_trace(&trace), &trace, &[], Guilt::Step(step));
    }
}

#[test]
fn a_judge_bears_whatever_it_is_given() {
    let case = Case::mixer(5);
    let none = Opening { pages: vec![], siblings: vec![] };
    let huge = Opening {
        pages: (0..100_000).map(|index| (index, PackedPage::pack(&ZERO_PAGE))).collect(),
        siblings: vec![],
    };
    let state = || StateEvidence::Trapped;
    for opening in [none, huge] {
        let proofs = [
            FraudProof::WrongStart { trace: opening.clone() },
            FraudProof::WrongLength { step: 1 << 60, trace: opening.clone(), state: state() },
            FraudProof::WrongLength { step: 2, trace: opening.clone(), state: state() },
            FraudProof::WrongMeter { trace: opening.clone(), state: state(), before: None },
            FraudProof::WrongOutput {
                trace: opening.clone(),
                state: state(),
                memory: opening.clone(),
                output: Some(OutputPage { index: u32::MAX, opening: opening.clone() }),
            },
            FraudProof::WrongStep(StepEvidence { trace: opening, ..case.step_evidence(3) }),
        ];
        for proof in proofs {
            let verdict = case.judge(&case.honest.claim, &proof);
            assert!(matches!(verdict, Verdict::Dismissed(_)), "{verdict:?} by {proof:?}");
        }
    }
    let input = Content::of(&case.input);
    for bytes in [vec![], vec![255; 100], vec![2; 5_000], vec![0; 30 << 20]] {
        let verdict = judge_bytes(&case.program, &input, &case.bounds, &case.honest.claim, &bytes);
        assert_eq!(verdict, Verdict::Dismissed(Dismissal::Unreadable));
    }
    let invalid = Bounds { steps_max: 0, ..case.bounds };
    let verdict =
        judge(&case.program, &input, &invalid, &case.honest.claim, &FraudProof::Malformed);
    assert_eq!(verdict, Verdict::Dismissed(Dismissal::Bounds));
}

#[test]
fn a_judge_needs_no_large_stack() {
    let endless = program_with(
        1,
        16,
        r#"(func $down (param i64) (result i64) (i64.add (i64.const 1) (call $down (local.get 0))))
           (func (export "step") (param i64) (result i32) (i32.wrap_i64 (call $down (local.get 0))))"#,
    );
    let case = Case::new(endless, vec![], Bounds { meter_per_step: 1_000_000_000, ..bounds() });
    assert!(matches!(case.honest.end, End::Trapped { step: 1, .. }));
    let proof = FraudProof::WrongStep(case.step_evidence(1));
    let small = std::thread::Builder::new().stack_size(512 << 10);
    let verdict = std::thread::scope(|scope| {
        let judging = || case.judge(&case.honest.claim, &proof);
        small.spawn_scoped(scope, judging).expect("there is room").join()
    });
    assert_eq!(verdict.expect("it does not panic"), Verdict::Dismissed(Dismissal::Right));
}

#[test]
fn a_program_with_much_memory_is_judged_within_its_bounds() {
    // A quarter of a gigabyte, of which one page is used.
    let large = program_with(
        4_000,
        4_096,
        r#"(func (export "step") (param $i i64) (result i32)
            (drop (memory.grow (i32.const 90)))
            (i64.store (i32.const 0x0f000000) (local.get $i))
            (i64.ge_u (local.get $i) (i64.const 1)))"#,
    );
    let much = Bounds { memory_bytes: 1 << 30, meter_per_step: 100_000_000, ..bounds() };
    let case = Case::new(large, vec![], much);
    assert_eq!((case.honest.end, case.honest.steps()), (End::Done, 2));
    let mut trace = case.honest.trace.clone();
    trace[2].0[0] ^= 1;
    let proof = case.convicts(&case.with_trace(&trace), &trace, &[], Guilt::Step(2));
    assert!(proof.to_bytes().len() < 2_000);
    // Nobody who admits less is made to take more.
    let less = Bounds { memory_bytes: 1 << 27, ..case.bounds };
    let input = Content::of(&case.input);
    let start = judge(&case.program, &input, &less, &case.honest.claim, &proof);
    assert!(matches!(start, Verdict::Dismissed(_)), "{start:?}");
}

#[test]
fn every_random_lie_is_convicted_and_no_honest_claim_ever() {
    let traps = program("(i32.mul (i32.const 2) (i64.ge_u (local.get $i) (i64.const 7)))");
    let subjects = [
        ("mixer", mixer(), mixer_input(25), 60, 60),
        ("trap", traps, vec![], 30, 30),
        ("one step", program("(i32.const 1)"), vec![1, 2, 3], 20, 20),
    ];
    for (name, program, input, lies, mangled) in &subjects {
        let subject = Subject { name, program, input, bounds: bounds() };
        let mut trial = Trial::new(subject, 7, 12).expect("the host is able");
        for _ in 0..*lies {
            trial.lie().unwrap_or_else(|violation| panic!("{violation}"));
        }
        for _ in 0..*mangled {
            trial.mangle().unwrap_or_else(|violation| panic!("{violation}"));
        }
        for _ in 0..4 {
            trial.tampered_run().unwrap_or_else(|violation| panic!("{violation}"));
        }
    }
}
