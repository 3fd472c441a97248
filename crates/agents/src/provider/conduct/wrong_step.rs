//! Corrupts memory after one step, commits to the corruption and goes on from there: what a cheating or
//! a broken machine would present. The result is plausible; one step of it is wrong, and that is provable.

use machine::tamper::{Edit, Place, Tamper};
use protocol::{Job, ProgramId};

/// The sign bit of a little-endian `f32`.
const F32_SIGN: [u8; 4] = [0, 0, 0, 0x80];

/// One flipped sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongStep {
    /// After which step, counted from one.
    pub after_step: u64,
    /// Where the `f32` lies: at an address, in the output, or among the words that the step changed.
    pub place: Place,
    /// In runs of which program; of any if none is named.
    pub program: Option<ProgramId>,
}

impl WrongStep {
    /// Flips the sign of the `f32` at `place` after a step of every run.
    #[must_use]
    pub const fn new(after_step: u64, place: Place) -> Self {
        Self { after_step, place, program: None }
    }

    /// The same, in runs of one program only.
    #[must_use]
    pub const fn only(self, program: ProgramId) -> Self {
        Self { program: Some(program), ..self }
    }

    pub(super) fn tampers(&self, job: &Job) -> Vec<Tamper> {
        if self.program.is_some_and(|program| program != job.spec.program) {
            return Vec::new();
        }
        let edit = Edit::Xor(F32_SIGN.to_vec());
        vec![Tamper { after_step: self.after_step, place: self.place, edit }]
    }

    pub(super) fn describe(&self) -> String {
        let step = self.after_step;
        match self.place {
            Place::Address(address) => {
                format!("the sign of the f32 at address {address} flipped after step {step}")
            }
            Place::Output { offset } => {
                format!(
                    "the sign of the f32 at byte {offset} of the output flipped after step {step}"
                )
            }
            Place::ChangedWord { index } => {
                format!("the sign of changed word {index} flipped after step {step}")
            }
        }
    }
}
