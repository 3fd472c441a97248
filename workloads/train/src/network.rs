//! The network: weights, one batch's intermediate results, and the operations on them.

use crate::kernel::{self, Packed};
use crate::setup::Plan;
use crate::shape::{LAYERS, Shape};
use guest::{Random, math};
use std::ops::Range;

/// Decay of the first and second moments, and what keeps the division finite: the values of the paper.
const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// Everything the training changes.
#[derive(Default)]
pub(crate) struct Network {
    shape: Shape,
    batch: usize,
    pub(crate) parameters: Vec<f32>,
    gradients: Vec<f32>,
    first_moments: Vec<f32>,
    second_moments: Vec<f32>,
    /// What enters each layer, and at the end what leaves the last; one row for each row of the batch.
    values: [Vec<f32>; LAYERS + 1],
    /// The gradient of the loss by what leaves each layer (before rectification).
    errors: [Vec<f32>; LAYERS],
    /// A few rows of a matrix side by side.
    packed: Packed,
    /// A matrix turned around, for products that need it so.
    turned: Vec<f32>,
    /// Each class's share of a row's probability, before it is divided by their sum.
    shares: Vec<f64>,
    /// Powers of the betas: what the moments lack because they began at zero.
    powers: [f32; 2],
}

impl Network {
    /// A network with the weights of He et al. (2015): uniform with variance 2/inputs; biases zero.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "small sizes; single precision"
    )]
    pub(crate) fn new(plan: &Plan, random: &mut Random) -> Self {
        let (shape, batch) = (plan.shape, plan.batch());
        let mut parameters = vec![0.0; shape.parameters()];
        for layer in 0..LAYERS {
            let limit = (6.0 / shape.widths[layer] as f64).sqrt();
            for weight in &mut parameters[shape.weights(layer)] {
                *weight = (limit * random.signed()) as f32;
            }
        }
        let widest = shape.widths.into_iter().max().unwrap_or(0);
        let zeros = || vec![0.0; shape.parameters()];
        Self {
            shape,
            batch,
            parameters,
            gradients: zeros(),
            first_moments: zeros(),
            second_moments: zeros(),
            values: shape.widths.map(|width| vec![0.0; batch * width]),
            errors: std::array::from_fn(|layer| vec![0.0; batch * shape.widths[layer + 1]]),
            packed: vec![[0.0; kernel::HEIGHT]; widest.max(batch)],
            turned: vec![0.0; widest * widest.max(batch)],
            shares: vec![0.0; shape.classes()],
            powers: [1.0; 2],
        }
    }

    /// Puts a row into the batch.
    pub(crate) fn load(&mut self, row: usize, values: &[f32]) {
        self.values[0][row * values.len()..][..values.len()].copy_from_slice(values);
    }

    /// One layer forward, for a range of the batch's rows. Hidden layers are rectified.
    pub(crate) fn forward(&mut self, layer: usize, rows: Range<usize>) {
        let [inputs, outputs] = [self.shape.widths[layer], self.shape.widths[layer + 1]];
        let (before, after) = self.values.split_at_mut(layer + 1);
        let out = &mut after[0];
        let weights = &self.parameters[self.shape.weights(layer)];
        let left = (before[layer].as_slice(), inputs);
        kernel::multiply(left, (weights, outputs), out, rows.clone(), &mut self.packed);
        let biases = &self.parameters[self.shape.biases(layer)];
        for row in out[rows.start * outputs..rows.end * outputs].chunks_exact_mut(outputs) {
            for (value, bias) in row.iter_mut().zip(biases) {
                let sum = *value + bias;
                *value = if layer + 1 < LAYERS && sum < 0.0 { 0.0 } else { sum };
            }
        }
    }

    /// The class that the network finds most likely for a row of the batch.
    pub(crate) fn decide(&self, row: usize) -> usize {
        let classes = self.shape.classes();
        kernel::largest(&self.values[LAYERS][row * classes..][..classes])
    }

    /// A row's loss (cross-entropy), and its error at the network's output.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "single precision is meant"
    )]
    pub(crate) fn loss(&mut self, row: usize, label: usize) -> f64 {
        let classes = self.shape.classes();
        let values = &self.values[LAYERS][row * classes..][..classes];
        let highest = f64::from(values[kernel::largest(values)]);
        let mut sum = 0.0;
        for (share, &value) in self.shares.iter_mut().zip(values) {
            *share = math::exp(f64::from(value) - highest);
            sum += *share;
        }
        let errors = &mut self.errors[LAYERS - 1][row * classes..][..classes];
        for (class, (error, share)) in errors.iter_mut().zip(&self.shares).enumerate() {
            let wanted = f64::from(u8::from(class == label));
            *error = ((share / sum - wanted) / self.batch as f64) as f32;
        }
        math::ln(sum) + highest - f64::from(values[label])
    }

    /// Turns around what entered a layer, for a range of its columns.
    pub(crate) fn turn_values(&mut self, layer: usize, columns: Range<usize>) {
        let width = self.shape.widths[layer];
        kernel::transpose(&self.values[layer], &mut self.turned, width, columns);
    }

    /// The gradient of a layer's weights, for a range of its inputs; needs the turned values.
    pub(crate) fn weight_gradient(&mut self, layer: usize, inputs: Range<usize>) {
        let gradient = &mut self.gradients[self.shape.weights(layer)];
        let outputs = self.shape.widths[layer + 1];
        let turned = &self.turned[..self.shape.widths[layer] * self.batch];
        let right = (self.errors[layer].as_slice(), outputs);
        kernel::multiply((turned, self.batch), right, gradient, inputs, &mut self.packed);
    }

    /// The gradient of a layer's biases.
    pub(crate) fn bias_gradient(&mut self, layer: usize) {
        let gradient = &mut self.gradients[self.shape.biases(layer)];
        gradient.fill(0.0);
        for row in self.errors[layer].chunks_exact(gradient.len()) {
            for (sum, error) in gradient.iter_mut().zip(row) {
                *sum += error;
            }
        }
    }

    /// Turns around a layer's weights, for a range of its outputs.
    pub(crate) fn turn_weights(&mut self, layer: usize, outputs: Range<usize>) {
        let weights = &self.parameters[self.shape.weights(layer)];
        kernel::transpose(weights, &mut self.turned, self.shape.widths[layer + 1], outputs);
    }

    /// Hands a layer's errors on to the layer before, for a range of rows; needs the turned weights.
    pub(crate) fn backward(&mut self, layer: usize, rows: Range<usize>) {
        let [inputs, outputs] = [self.shape.widths[layer], self.shape.widths[layer + 1]];
        let (before, after) = self.errors.split_at_mut(layer);
        let out = &mut before[layer - 1];
        let turned = &self.turned[..inputs * outputs];
        let left = (after[0].as_slice(), outputs);
        kernel::multiply(left, (turned, inputs), out, rows.clone(), &mut self.packed);
        let places = rows.start * inputs..rows.end * inputs;
        for (error, value) in out[places.clone()].iter_mut().zip(&self.values[layer][places]) {
            // What was rectified away has no influence.
            *error = if *value > 0.0 { *error } else { 0.0 };
        }
    }

    /// Begins an update.
    pub(crate) fn begin_update(&mut self) {
        self.powers = [self.powers[0] * BETA_1, self.powers[1] * BETA_2];
    }

    /// One update of `AdamW`, for a range of the parameters.
    pub(crate) fn update(&mut self, rate: f32, decay: f32, range: Range<usize>) {
        let [first_lack, second_lack] = self.powers.map(|power| 1.0 / (1.0 - power));
        let moments = self.first_moments[range.clone()]
            .iter_mut()
            .zip(&mut self.second_moments[range.clone()]);
        let parameters = self.parameters[range.clone()].iter_mut().zip(&self.gradients[range]);
        for ((parameter, &gradient), (first, second)) in parameters.zip(moments) {
            *first = BETA_1 * *first + (1.0 - BETA_1) * gradient;
            *second = BETA_2 * *second + (1.0 - BETA_2) * gradient * gradient;
            let step = *first * first_lack / ((*second * second_lack).sqrt() + EPSILON);
            *parameter -= rate * (step + decay * *parameter);
        }
    }
}
