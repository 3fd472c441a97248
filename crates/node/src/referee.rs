//! The machine as the rules' referee.
//!
//! Both crates have their own hash, content and claim, so that neither knows the other; here they
//! are converted, and nowhere else.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use machine::claim::{Bounds, Claim};
use machine::content::Content;
use machine::fraud::{self, FraudProof};
use machine::limits;
use machine::opening::{Opening, PackedPage};
use machine::prepare::{self, Program};
use machine::tree;
use protocol::{
    CapacityCase, Case, Hash, Judgement, PAGE_BYTES, Parameters, PreparedProgram, ProgramId,
    SigningCase, Verdict,
};

/// Programs whose parsed form is kept. The largest takes some megabytes.
const PROGRAMS_KEPT: usize = 32;

/// What one judgement of a proof without a step counts as, in metered units: hashing a few pages.
const CHEAP_PROOF_UNITS: u64 = 1_000_000;

/// What a job may use, beside its steps and metered units: the same for every job of every network,
/// so that whoever runs a job and whoever judges it ask the same question.
///
/// A program that declares more memory than its job allows is refused before it runs, so the bound
/// on memory here is the machine's own.
pub fn bounds(steps_max: u64, meter_max: u64) -> Bounds {
    Bounds { steps_max, meter_max, memory_bytes: limits::MEMORY_BYTES_MAX, ..Bounds::default() }
}

/// Prepares, judges and checks pages by asking the machine. A function of its arguments: what it
/// keeps only saves parsing the same program again.
#[derive(Default)]
pub struct Referee {
    parsed: Mutex<Parsed>,
}

/// Parsed programs, the ones taken in last.
#[derive(Default)]
struct Parsed {
    programs: HashMap<ProgramId, Arc<Program>>,
    order: VecDeque<ProgramId>,
}

impl Referee {
    fn program(&self, id: ProgramId, prepared: &[u8]) -> Option<Arc<Program>> {
        if let Some(program) = self.lock().programs.get(&id) {
            return Some(Arc::clone(program));
        }
        let program = Arc::new(Program::from_prepared(prepared.to_vec()).ok()?);
        self.lock().keep(id, &program);
        Some(program)
    }

    fn lock(&self) -> MutexGuard<'_, Parsed> {
        // A panic between the two insertions would at worst keep one program for ever.
        self.parsed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Parsed {
    fn keep(&mut self, id: ProgramId, program: &Arc<Program>) {
        if self.programs.insert(id, Arc::clone(program)).is_none() {
            self.order.push_back(id);
        }
        if self.order.len() > PROGRAMS_KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.programs.remove(&oldest);
        }
    }
}

impl protocol::Referee for Referee {
    fn prepare(&self, source: &[u8]) -> Result<PreparedProgram, String> {
        let program = prepare::prepare(source).map_err(|error| error.to_string())?;
        let pages = u64::from(program.manifest().maximum_memory_pages);
        let id = ProgramId(program.id().0);
        let program = Arc::new(program);
        self.lock().keep(id, &program);
        let bytes = program.bytes().to_vec().into();
        Ok(PreparedProgram { id, bytes, memory_max: pages * limits::WASM_PAGE_BYTES })
    }

    fn judge(&self, case: &Case<'_>) -> Judgement {
        let dismissed = |reason: &str, units| Judgement {
            verdict: Verdict::Dismissed(reason.to_owned()),
            units,
        };
        let Some(proof) = FraudProof::from_bytes(case.evidence) else {
            return dismissed("the evidence is not a proof", 0);
        };
        let bounds = bounds(case.steps_max, case.meter_max);
        let units = cost(&proof, &bounds);
        if units > case.units_max {
            return dismissed("judging it would take more units than one challenge may", 0);
        }
        let Some(program) = self.program(case.program, case.prepared) else {
            return dismissed("the program was prepared by another version of the machine", 0);
        };
        let (input, claim) = (content(&case.input), claim(case.claim));
        let verdict = fraud::judge(&program, &input, &bounds, &claim, &proof);
        Judgement { verdict: convert(verdict), units }
    }

    /// The machine knows no capacity challenge: it accepts no answer, and its networks have no class that asks for one.
    fn check_capacity(&self, _: &CapacityCase<'_>) -> bool {
        false
    }

    fn check_parameters(&self, parameters: &Parameters) -> Result<(), String> {
        crate::node::check_limits(parameters).map_err(|error| error.to_string())
    }

    /// The committee votes with keys that are no operator's, so no votes are evidence against an operator.
    fn check_double_signing(&self, _: &SigningCase<'_>) -> bool {
        false
    }

    fn check_page(&self, of: &protocol::Content, index: u64, bytes: &[u8], path: &[Hash]) -> bool {
        let Ok(page) = u32::try_from(index) else { return false };
        let Some(left) = index.checked_mul(PAGE_BYTES).and_then(|start| of.size.checked_sub(start))
        else {
            return false;
        };
        // A page comes without its padding, so that there is one form of it.
        if bytes.is_empty() || bytes.len() as u64 != left.min(PAGE_BYTES) {
            return false;
        }
        let packed = PackedPage::pack(&tree::padded(bytes));
        let siblings = path.iter().map(|hash| machine::hash::Hash(hash.0)).collect();
        let opening = Opening { pages: vec![(page, packed)], siblings };
        content(of).check(&opening, 1).is_some()
    }
}

/// The units a proof may take: those of a whole step if it has one to run. Known before judging,
/// and so the same whatever comes of it.
fn cost(proof: &FraudProof, bounds: &Bounds) -> u64 {
    match proof {
        FraudProof::WrongStep(_) | FraudProof::AuthorFault(_) => bounds.meter_per_step,
        _ => CHEAP_PROOF_UNITS,
    }
}

fn convert(verdict: fraud::Verdict) -> Verdict {
    match verdict {
        fraud::Verdict::Guilty(_) => Verdict::Guilty,
        fraud::Verdict::AuthorFault => Verdict::AuthorFault,
        fraud::Verdict::Dismissed(reason) => Verdict::Dismissed(reason.to_string()),
    }
}

fn content(content: &protocol::Content) -> Content {
    Content { root: machine::hash::Hash(content.root.0), size: content.size }
}

fn claim(claim: &protocol::Claim) -> Claim {
    let protocol::Claim { output, trace, meter } = claim;
    Claim { output: content(output), trace: content(trace), meter: *meter }
}

#[cfg(test)]
mod tests {
    use protocol::Referee as _;

    use super::*;

    fn address(bytes: &[u8]) -> protocol::Content {
        let Content { root, size } = Content::of(bytes);
        protocol::Content { root: Hash(root.0), size }
    }

    fn path(bytes: &[u8], page: u32) -> Vec<Hash> {
        let opening = Content::open(bytes, &[page]);
        opening.siblings.iter().map(|hash| Hash(hash.0)).collect()
    }

    #[test]
    fn each_page_of_a_blob_is_accepted_in_its_place_and_form_only() {
        let referee = Referee::default();
        for size in [1, 4_096, 4_097, 20_000] {
            let bytes: Vec<u8> = (0..size).map(|place| (place % 251) as u8 + 1).collect();
            let of = address(&bytes);
            for (index, page) in (0_u32..).zip(bytes.chunks(4_096)) {
                let path = path(&bytes, index);
                let check = |index: u32, page: &[u8], path: &[Hash]| {
                    referee.check_page(&of, index.into(), page, path)
                };
                assert!(check(index, page, &path), "{size} {index}");
                assert!(!check(index + 1, page, &path), "{size} {index}: another place");
                assert!(!check(index, &[page, &[0]].concat(), &path), "padding");
                assert!(!check(index, &page[1..], &path), "too short");
                assert!(!check(index, page, &[path.clone(), vec![Hash::default()]].concat()));
                let mut other = page.to_vec();
                other[0] ^= 1;
                assert!(!check(index, &other, &path), "{size} {index}: another byte");
            }
        }
    }

    #[test]
    fn pages_beyond_everything_are_refused() {
        let of = address(&[1; 5_000]);
        for index in [2, u64::from(u32::MAX), u64::MAX] {
            assert!(!Referee::default().check_page(&of, index, &[1], &[]), "{index}");
        }
        assert!(!Referee::default().check_page(&address(&[]), 0, &[], &[]));
    }

    #[test]
    fn what_is_no_proof_is_dismissed_at_no_cost() {
        let claim = protocol::Claim::default();
        let case = Case {
            program: ProgramId([1; 32]),
            prepared: b"",
            input: address(b""),
            steps_max: 1,
            meter_max: 1,
            claim: &claim,
            evidence: b"\xff\xff",
            units_max: 250_000_000,
        };
        let judgement = Referee::default().judge(&case);
        assert!(matches!(judgement, Judgement { verdict: Verdict::Dismissed(_), units: 0 }));
    }

    #[test]
    fn a_source_that_is_no_module_is_refused_with_the_reason() {
        let refused = Referee::default().prepare(b"not a module").expect_err("text");
        assert!(refused.contains("WebAssembly"), "{refused}");
    }

    #[test]
    fn few_programs_are_kept() {
        let program = prepare::prepare(table_free_module()).expect("well-formed");
        let program = Arc::new(program);
        let mut parsed = Parsed::default();
        for number in 0..=u8::try_from(PROGRAMS_KEPT).expect("few") * 2 {
            parsed.keep(ProgramId([number; 32]), &program);
            parsed.keep(ProgramId([number; 32]), &program);
        }
        assert_eq!((parsed.programs.len(), parsed.order.len()), (PROGRAMS_KEPT, PROGRAMS_KEPT));
    }

    fn table_free_module() -> &'static [u8] {
        include_bytes!("../../../workloads/nbody/nbody.wasm")
    }
}
