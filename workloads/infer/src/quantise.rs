//! From a trained network to one of integers. This is the host's work; it is done once.

use crate::LAYERS;
use train::Model;

/// Standard deviations that fit the range of a quantised feature.
const DEVIATIONS: f32 = 4.0;
/// The largest quantised value; the range is symmetric.
const MOST: f32 = 127.0;

/// A network of integers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Features, two hidden widths, classes.
    pub widths: [u16; LAYERS + 1],
    /// Weights of each layer, one row for each output.
    pub weights: [Vec<i8>; LAYERS],
    /// Biases of each layer, in units of its sums.
    pub biases: [Vec<i32>; LAYERS],
    /// A hidden layer's sums times `multiplier / 2^shift` are the next layer's values.
    pub multipliers: [u32; LAYERS - 1],
    /// See `multipliers`.
    pub shifts: [u8; LAYERS - 1],
}

impl Network {
    /// Quantises a network. The rows show how large the values between its layers become; take those it was trained on.
    ///
    /// # Panics
    /// A width exceeds 65,535: no network that `train` accepts is so wide.
    #[must_use]
    pub fn quantise<'a>(model: &Model, rows: impl Iterator<Item = &'a [f32]>) -> Self {
        let mut largest = [f32::MIN_POSITIVE; LAYERS];
        for row in rows {
            let activations = model.activations(&model.standardise(row));
            for (largest, values) in largest.iter_mut().zip(&activations) {
                *largest = values.iter().fold(*largest, |largest, &value| largest.max(value));
            }
        }
        let narrow = |width: usize| u16::try_from(width).expect("layers are narrow");
        let mut network = Self {
            widths: model.shape.widths.map(narrow),
            weights: Default::default(),
            biases: Default::default(),
            multipliers: [0; LAYERS - 1],
            shifts: [0; LAYERS - 1],
        };
        let mut value_scale = DEVIATIONS / MOST;
        for (layer, largest) in largest.into_iter().enumerate() {
            let sum_scale = value_scale * network.fill(layer, model, value_scale);
            value_scale = largest / MOST;
            if layer + 1 < LAYERS {
                (network.multipliers[layer], network.shifts[layer]) =
                    ratio(sum_scale / value_scale);
            }
        }
        network
    }

    /// Quantises one layer's weights and biases; returns the size of a weight's unit.
    #[allow(clippy::cast_possible_truncation, reason = "they are scaled into range and rounded")]
    fn fill(&mut self, layer: usize, model: &Model, value_scale: f32) -> f32 {
        let weights = &model.parameters[model.shape.weights(layer)];
        let outputs = model.shape.widths[layer + 1];
        let largest =
            weights.iter().fold(f32::MIN_POSITIVE, |largest, weight| largest.max(weight.abs()));
        let scale = largest / MOST;
        let column = |output| weights.iter().skip(output).step_by(outputs);
        self.weights[layer] =
            (0..outputs).flat_map(column).map(|weight| (weight / scale).round() as i8).collect();
        let biases = &model.parameters[model.shape.biases(layer)];
        let unit = f64::from(scale) * f64::from(value_scale);
        let limit = f64::from(1 << 30);
        let quantise = |&bias: &f32| (f64::from(bias) / unit).round().clamp(-limit, limit) as i32;
        self.biases[layer] = biases.iter().map(quantise).collect();
        scale
    }

    /// A row of the data set as the network takes it.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "it is clamped and rounded")]
    pub fn features(&self, model: &Model, row: &[f32]) -> Vec<i8> {
        let quantise = |value: f32| (value * MOST / DEVIATIONS).round().clamp(-MOST, MOST) as i8;
        model.standardise(row).into_iter().map(quantise).collect()
    }
}

/// A positive ratio as `multiplier / 2^shift`, with 31 bits of precision.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is brought into range first"
)]
fn ratio(ratio: f32) -> (u32, u8) {
    let (mut scaled, mut shift) = (f64::from(ratio), 0u8);
    while scaled < f64::from(1 << 30) && shift < 62 {
        (scaled, shift) = (scaled * 2.0, shift + 1);
    }
    ((scaled.round() as u32).clamp(1, 0x7fff_ffff), shift.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_kept_to_thirty_bits() {
        for value in [1.0, 0.003_7, 0.999, 17.25, 1e-6] {
            let (multiplier, shift) = ratio(value);
            let back = f64::from(multiplier) / 2f64.powi(shift.into());
            assert!((back / f64::from(value) - 1.0).abs() < 1e-9, "{value}");
        }
    }
}
