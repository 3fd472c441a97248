//! The classification as a list of operations.

use crate::LAYERS;
use crate::layer::{Layer, largest, padded, requantise};
use crate::setup::Plan;
use crate::verdicts;
use guest::{Output, Program, Progress, Refusal, Schedule, Stage, mix};
use std::ops::Range;

/// What a step may cost, in metered units as far as they are known beforehand.
const STEP_COST: u64 = 140_000_000;

/// The classification between two steps.
pub struct Infer {
    schedule: Schedule<Operation>,
    state: State,
}

#[derive(Clone, Copy)]
enum Operation {
    /// Widen the weights of all layers.
    Unpack,
    /// Classify copies: all of the first sample, then all of the second, and so on. Copy 0 has no noise.
    Classify,
    /// Write the counts.
    Begin,
    /// Write the answers of some samples.
    Answers,
    /// Write the votes of some samples.
    Votes,
}

struct State {
    plan: Plan,
    layers: [Layer; LAYERS],
    /// What enters each layer, filled up with zeros.
    values: [Vec<i16>; LAYERS],
    /// What leaves a layer, before it is brought back to 8 bits.
    sums: Vec<i32>,
    /// The answer for each sample without noise.
    answers: Vec<u8>,
    /// The votes for each class, by samples.
    votes: Vec<u32>,
    /// Right answers without noise and by vote.
    right: [u32; 2],
}

impl Program for Infer {
    fn start(input: &[u8]) -> Result<Self, Refusal> {
        let plan = Plan::decode(input)?;
        Ok(Self { schedule: schedule(&plan), state: State::new(plan) })
    }

    fn step(&mut self, input: &[u8], output: &mut Output) -> Result<Progress, Refusal> {
        let Self { schedule, state } = self;
        let mut result = Ok(());
        let progress = schedule.step(|operation, range| {
            if result.is_ok() {
                result = state.run(operation, range, input, output);
            }
        });
        result.map(|()| progress)
    }
}

/// All operations of a run, in order.
fn schedule(plan: &Plan) -> Schedule<Operation> {
    let stage = |operation, items, cost| Stage { operation, items, cost };
    let copies = plan.smoothing.copies as usize + 1;
    Schedule::new(STEP_COST)
        .then(stage(Operation::Unpack, 1, 20 * plan.products() as u64))
        .then(stage(Operation::Classify, plan.samples * copies, plan.copy_cost()))
        .then(stage(Operation::Begin, 1, 1))
        // A hundred and more for each byte: a step writes at most a megabyte.
        .then(stage(Operation::Answers, plan.samples, 150))
        .then(stage(Operation::Votes, plan.samples, 600 * plan.classes() as u64))
}

impl State {
    fn new(plan: Plan) -> Self {
        let widest = plan.widths.into_iter().max().unwrap_or(0);
        Self {
            plan,
            layers: Default::default(),
            values: std::array::from_fn(|layer| vec![0; padded(plan.widths[layer])]),
            sums: vec![0; widest],
            answers: vec![0; plan.samples],
            votes: vec![0; plan.samples * plan.classes()],
            right: [0; 2],
        }
    }

    fn run(
        &mut self,
        operation: Operation,
        range: Range<usize>,
        input: &[u8],
        output: &mut Output,
    ) -> Result<(), Refusal> {
        match operation {
            Operation::Unpack => self.unpack(input)?,
            Operation::Classify => self.classify_all(input, range)?,
            Operation::Begin => verdicts::begin(&self.plan, self.right, output),
            Operation::Answers => output.extend(&self.answers[range]),
            Operation::Votes => {
                let classes = self.plan.classes();
                for votes in &self.votes[range.start * classes..range.end * classes] {
                    output.extend(&votes.to_le_bytes());
                }
            }
        }
        Ok(())
    }

    fn unpack(&mut self, input: &[u8]) -> Result<(), Refusal> {
        let mut reader = self.plan.layers(input);
        for (layer, widths) in self.layers.iter_mut().zip(self.plan.widths.windows(2)) {
            let weights = reader.bytes(widths[0] * widths[1])?;
            *layer = Layer::new(weights, reader.u32s(widths[1])?, widths[0])?;
        }
        Ok(())
    }

    /// Classifies a range of copies, numbered through all samples.
    fn classify_all(&mut self, input: &[u8], range: Range<usize>) -> Result<(), Refusal> {
        let copies = self.plan.smoothing.copies as usize + 1;
        for number in range {
            let (sample, copy) = (number / copies, number % copies);
            self.load(input, sample, copy as u64);
            let class = self.classify();
            if copy == 0 {
                self.answers[sample] = u8::try_from(class).unwrap_or(u8::MAX);
            } else {
                self.votes[sample * self.plan.classes() + class] += 1;
            }
            if copy + 1 == copies {
                self.compare(usize::from(self.plan.label(input, sample)), sample)?;
            }
        }
        Ok(())
    }

    /// Puts a copy of a sample before the first layer.
    fn load(&mut self, input: &[u8], sample: usize, copy: u64) {
        let smoothing = self.plan.smoothing;
        let features = self.plan.features(input, sample);
        let stream = mix(mix(smoothing.seed ^ sample as u64) ^ copy);
        let deviation = if copy == 0 { 0 } else { i32::from(smoothing.noise) };
        for (index, (value, &feature)) in self.values[0].iter_mut().zip(features).enumerate() {
            let noise = deviation * bell(mix(stream.wrapping_add(index as u64)));
            // Rounded to nearest, kept in range.
            let noisy = i32::from(feature.cast_signed()) + ((noise + (1 << 15)) >> 16);
            *value = i16::try_from(noisy.clamp(-127, 127)).unwrap_or(0);
        }
    }

    /// The class of what is before the first layer.
    fn classify(&mut self) -> usize {
        for layer in 0..LAYERS {
            let sums = &mut self.sums[..self.plan.widths[layer + 1]];
            self.layers[layer].sums(&self.values[layer], sums);
            if let Some(next) = self.values.get_mut(layer + 1) {
                let (multiplier, shift) = (self.plan.multipliers[layer], self.plan.shifts[layer]);
                for (value, sum) in next.iter_mut().zip(sums) {
                    *value = requantise(*sum, multiplier, shift);
                }
            }
        }
        largest(&self.sums[..self.plan.classes()])
    }

    /// Counts what is right about a sample whose copies are all classified.
    fn compare(&mut self, label: usize, sample: usize) -> Result<(), Refusal> {
        let classes = self.plan.classes();
        if label >= classes {
            return Err(Refusal::new("a right answer is not below the number of classes"));
        }
        let voted = largest(&self.votes[sample * classes..][..classes]);
        let answer = usize::from(self.answers[sample]);
        let voted = if self.plan.smoothing.copies == 0 { answer } else { voted };
        self.right[0] += u32::from(answer == label);
        self.right[1] += u32::from(voted == label);
        Ok(())
    }
}

/// Roughly normal noise with a deviation of `2^16`: the sum of eight bytes of a hash, centred. Its deviation is
/// `sqrt(8 (256^2 - 1) / 12) = 209.02`, and `2^16 / 209.02 = 313.5`.
fn bell(hash: u64) -> i32 {
    let sum: i32 = hash.to_le_bytes().into_iter().map(i32::from).sum();
    (2 * sum - 8 * 255) * 627 / 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_the_stated_deviation_and_no_bias() {
        let count = 100_000u64;
        let values: Vec<f64> = (0..count).map(|at| f64::from(bell(mix(at))) / 65_536.0).collect();
        let mean = values.iter().sum::<f64>() / count as f64;
        let variance = values.iter().map(|value| value * value).sum::<f64>() / count as f64;
        assert!(mean.abs() < 0.01, "{mean}");
        assert!((variance.sqrt() - 1.0).abs() < 0.01, "{variance}");
    }
}
