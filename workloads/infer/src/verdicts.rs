//! The output.

use crate::layer::largest;
use crate::setup::{MAGIC, Plan};
use guest::wire::{Reader, within};
use guest::{Output, Refusal};

/// Writes what comes before the answers.
#[allow(clippy::cast_possible_truncation, reason = "counts come from 32 bits")]
pub(crate) fn begin(plan: &Plan, right: [u32; 2], output: &mut Output) {
    output.reserve(24 + plan.samples * (1 + 4 * plan.classes()));
    output.extend(&MAGIC);
    let counts =
        [plan.samples as u32, plan.classes() as u32, plan.smoothing.copies, right[0], right[1]];
    for count in counts {
        output.extend(&count.to_le_bytes());
    }
}

/// A decoded output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdicts {
    /// Noisy copies of each sample that were classified.
    pub copies: u32,
    /// Samples that are classified rightly without noise.
    pub right: u32,
    /// Samples that are classified rightly by the votes of their noisy copies.
    pub voted_right: u32,
    /// The class of each sample.
    pub answers: Vec<u8>,
    /// The votes of each sample for each class.
    pub votes: Vec<Vec<u32>>,
}

impl Verdicts {
    /// Reads an output.
    ///
    /// # Errors
    /// The program refused its input, or this is not its output.
    pub fn decode(output: &[u8]) -> Result<Self, Refusal> {
        let mut reader = Reader::new(guest::outcome(output)?);
        reader.magic(MAGIC)?;
        let (samples, classes) = (reader.u32()? as usize, reader.u32()?);
        let classes = within(classes, 2..=64, "there cannot be so many classes")? as usize;
        let [copies, right, voted_right] = [reader.u32()?, reader.u32()?, reader.u32()?];
        let answers = reader.bytes(samples)?.to_vec();
        let votes = (0..samples).map(|_| reader.u32s(classes)).collect::<Result<_, _>>()?;
        reader.end()?;
        Ok(Self { copies, right, voted_right, answers, votes })
    }

    /// Share of samples that are classified rightly.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.share(self.right)
    }

    /// Share of samples that are classified rightly by vote.
    #[must_use]
    pub fn voted_accuracy(&self) -> f64 {
        self.share(self.voted_right)
    }

    /// Share of samples whose answer at least so many thousandths of their noisy copies share.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a count of samples")]
    pub fn stable_share(&self, permille: u32) -> f64 {
        let least = u64::from(self.copies) * u64::from(permille);
        let is_stable = |votes: &&Vec<u32>| u64::from(votes[largest(votes)]) * 1_000 >= least;
        self.votes.iter().filter(is_stable).count() as f64 / self.votes.len() as f64
    }

    #[allow(clippy::cast_precision_loss, reason = "a count of samples")]
    fn share(&self, count: u32) -> f64 {
        f64::from(count) / self.answers.len() as f64
    }
}
