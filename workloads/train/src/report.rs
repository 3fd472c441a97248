//! The output.

use crate::setup::Plan;
use crate::shape::{LAYERS, Shape};
use crate::table::Table;
use guest::wire::Reader;
use guest::{Output, Refusal};

const MAGIC: [u8; 4] = *b"ETR1";

/// Writes, little-endian: the mark; four widths; rows of the training and of the test set; right answers in each; epochs
/// (all `u32`); for each feature its mean and its scale (`f64`); the parameters; the losses (`f32`); the test rows (`u32`).
#[allow(clippy::cast_possible_truncation, reason = "counts come from 32 bits")]
pub(crate) fn write(
    plan: &Plan,
    table: &Table,
    parameters: &[f32],
    losses: &[f32],
    right: [u32; 2],
    output: &mut Output,
) {
    let counts =
        [plan.train_rows() as u32, plan.test_rows as u32, right[0], right[1], plan.setup.epochs];
    let numbers = parameters.len() + losses.len() + plan.test_rows;
    output.reserve(40 + table.means.len() * 16 + numbers * 4);
    output.extend(&MAGIC);
    for number in plan.shape.widths.map(|width| width as u32).into_iter().chain(counts) {
        output.extend(&number.to_le_bytes());
    }
    for number in table.means.iter().chain(&table.scales) {
        output.extend(&number.to_le_bytes());
    }
    for number in parameters.iter().chain(losses) {
        // A diverged training has NaN in its weights; their payload would depend on the processor.
        let number = if number.is_nan() { f32::NAN } else { *number };
        output.extend(&number.to_le_bytes());
    }
    for source in &table.sources[plan.train_rows()..] {
        output.extend(&source.to_le_bytes());
    }
}

/// A trained network and how to feed it.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Sizes.
    pub shape: Shape,
    /// The mean of each feature in the training set.
    pub means: Vec<f64>,
    /// One over the standard deviation of each feature in the training set.
    pub scales: Vec<f64>,
    /// Weights and biases: see [`Shape`].
    pub parameters: Vec<f32>,
}

impl Model {
    /// A row as the network sees it.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "rounding to single precision is meant")]
    pub fn standardise(&self, row: &[f32]) -> Vec<f32> {
        let features = row.iter().zip(self.means.iter().zip(&self.scales));
        features.map(|(&value, (mean, scale))| ((f64::from(value) - mean) * scale) as f32).collect()
    }

    /// What leaves each layer (hidden ones rectified) for a standardised row: written plainly, apart from the
    /// program's own loops.
    #[must_use]
    pub fn activations(&self, standardised: &[f32]) -> [Vec<f32>; LAYERS] {
        let mut values = standardised.to_vec();
        std::array::from_fn(|layer| {
            let weights = &self.parameters[self.shape.weights(layer)];
            let mut sums = vec![0.0; self.shape.widths[layer + 1]];
            for (value, weights) in values.iter().zip(weights.chunks_exact(sums.len())) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += value * weight;
                }
            }
            for (sum, bias) in sums.iter_mut().zip(&self.parameters[self.shape.biases(layer)]) {
                *sum += bias;
                *sum = if layer + 1 < LAYERS { sum.max(0.0) } else { *sum };
            }
            values.clone_from(&sums);
            sums
        })
    }

    /// The most likely class of a row.
    #[must_use]
    pub fn classify(&self, row: &[f32]) -> usize {
        crate::kernel::largest(&self.activations(&self.standardise(row))[LAYERS - 1])
    }
}

/// A decoded output.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What was learnt.
    pub model: Model,
    /// Rows that were trained on.
    pub train_rows: u32,
    /// Right answers among them.
    pub train_right: u32,
    /// Right answers among the rows held out.
    pub test_right: u32,
    /// Mean loss of each epoch.
    pub losses: Vec<f32>,
    /// Which rows of the input were held out.
    pub test_rows: Vec<u32>,
}

impl Report {
    /// Reads an output.
    ///
    /// # Errors
    /// The program refused its input, or this is not its output.
    pub fn decode(output: &[u8]) -> Result<Self, Refusal> {
        let mut reader = Reader::new(guest::outcome(output)?);
        reader.magic(MAGIC)?;
        let mut widths = [0; LAYERS + 1];
        for width in &mut widths {
            // Any honest width is far smaller; a larger one could overflow the products below.
            *width = usize::from(u16::try_from(reader.u32()?).map_err(|_| TOO_WIDE)?);
        }
        let shape = Shape { widths };
        let (train_rows, test_rows) = (reader.u32()?, reader.u32()?);
        let (train_right, test_right, epochs) = (reader.u32()?, reader.u32()?, reader.u32()?);
        let report = Self {
            model: decode_model(&mut reader, shape)?,
            losses: reader.f32s(epochs as usize)?,
            test_rows: reader.u32s(test_rows as usize)?,
            train_rows,
            train_right,
            test_right,
        };
        reader.end()?;
        Ok(report)
    }

    /// Share of right answers on the training set.
    #[must_use]
    pub fn train_accuracy(&self) -> f64 {
        f64::from(self.train_right) / f64::from(self.train_rows)
    }

    /// Share of right answers on the test set.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a count of rows")]
    pub fn test_accuracy(&self) -> f64 {
        f64::from(self.test_right) / self.test_rows.len() as f64
    }
}

const TOO_WIDE: Refusal = Refusal::new("a layer of the output is impossibly wide");

fn decode_model(reader: &mut Reader<'_>, shape: Shape) -> Result<Model, Refusal> {
    Ok(Model {
        shape,
        means: reader.f64s(shape.features())?,
        scales: reader.f64s(shape.features())?,
        parameters: reader.f32s(shape.parameters())?,
    })
}
