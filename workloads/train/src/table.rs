//! The rows: split, standardised, shuffled.

use crate::setup::Plan;
use guest::{Random, Refusal};
use std::ops::Range;

/// The data between two steps. The training rows come first, then the test rows.
#[derive(Default)]
pub(crate) struct Table {
    /// Which row of the input is at each place.
    pub(crate) sources: Vec<u32>,
    /// Standardised values, by places.
    values: Vec<f32>,
    labels: Vec<u8>,
    /// Places of the training rows, in the order of the current epoch.
    order: Vec<u32>,
    /// For each feature: first sums, then what to subtract and to multiply by.
    pub(crate) means: Vec<f64>,
    pub(crate) scales: Vec<f64>,
}

impl Table {
    /// Splits the rows, without reading them.
    pub(crate) fn new(plan: &Plan, random: &mut Random) -> Self {
        let (rows, features) = (plan.rows, plan.shape.features());
        let mut sources: Vec<u32> = (0..u32::try_from(rows).unwrap_or(u32::MAX)).collect();
        random.shuffle(&mut sources);
        Self {
            sources,
            values: vec![0.0; rows * features],
            labels: vec![0; rows],
            order: (0..u32::try_from(plan.train_rows()).unwrap_or(u32::MAX)).collect(),
            means: vec![0.0; features],
            scales: vec![0.0; features],
        }
    }

    /// Checks a range of places and adds the training rows among them to the sums.
    pub(crate) fn sum(
        &mut self,
        plan: &Plan,
        input: &[u8],
        places: Range<usize>,
    ) -> Result<(), Refusal> {
        for place in places {
            let source = self.sources[place] as usize;
            self.labels[place] = plan.label(input, source);
            if usize::from(self.labels[place]) >= plan.shape.classes() {
                return Err(Refusal::new("a row's class is not below the number of classes"));
            }
            for (sum, bytes) in self.means.iter_mut().zip(plan.values(input, source)) {
                let value = f32::from_le_bytes(*bytes);
                if !value.is_finite() {
                    return Err(Refusal::new("a value is not finite"));
                }
                *sum += if place < plan.train_rows() { f64::from(value) } else { 0.0 };
            }
        }
        Ok(())
    }

    /// Turns the sums into means.
    #[allow(clippy::cast_precision_loss, reason = "at most 2^20 rows")]
    pub(crate) fn finish_means(&mut self, plan: &Plan) {
        for mean in &mut self.means {
            *mean /= plan.train_rows() as f64;
        }
    }

    /// Adds a range of training rows to the sums of squared distances from the mean.
    pub(crate) fn sum_squares(&mut self, plan: &Plan, input: &[u8], places: Range<usize>) {
        for place in places {
            let values = plan.values(input, self.sources[place] as usize);
            for ((sum, mean), bytes) in self.scales.iter_mut().zip(&self.means).zip(values) {
                let distance = f64::from(f32::from_le_bytes(*bytes)) - mean;
                *sum += distance * distance;
            }
        }
    }

    /// Turns the sums of squares into factors; a feature that never varies keeps its scale.
    #[allow(clippy::cast_precision_loss, reason = "at most 2^20 rows")]
    pub(crate) fn finish_scales(&mut self, plan: &Plan) {
        for scale in &mut self.scales {
            let deviation = (*scale / plan.train_rows() as f64).sqrt();
            *scale = if deviation > 0.0 { 1.0 / deviation } else { 1.0 };
        }
    }

    /// Writes the standardised values of a range of places.
    #[allow(clippy::cast_possible_truncation, reason = "rounding to single precision is meant")]
    pub(crate) fn standardise(&mut self, plan: &Plan, input: &[u8], places: Range<usize>) {
        let features = plan.shape.features();
        for place in places {
            let values = plan.values(input, self.sources[place] as usize);
            let target = &mut self.values[place * features..][..features];
            for (index, (target, bytes)) in target.iter_mut().zip(values).enumerate() {
                let value = f64::from(f32::from_le_bytes(*bytes));
                *target = ((value - self.means[index]) * self.scales[index]) as f32;
            }
        }
    }

    /// Draws the order of the next epoch.
    pub(crate) fn shuffle(&mut self, random: &mut Random) {
        random.shuffle(&mut self.order);
    }

    /// The place of a training row in the current order.
    pub(crate) fn place(&self, index: usize) -> usize {
        self.order[index] as usize
    }

    pub(crate) fn label(&self, place: usize) -> usize {
        usize::from(self.labels[place])
    }

    pub(crate) fn values(&self, place: usize) -> &[f32] {
        let features = self.means.len();
        &self.values[place * features..][..features]
    }
}
