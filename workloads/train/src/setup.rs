//! The input.

use crate::shape::Shape;
use guest::Refusal;
use guest::wire::{Reader, within};

pub(crate) const MAGIC: [u8; 4] = *b"ETR1";

/// Bytes before the values.
const HEADER_BYTES: usize = 44;

/// How to train.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setup {
    /// Units in the two hidden layers.
    pub hidden: [u16; 2],
    /// Rows in a mini-batch.
    pub batch: u32,
    /// Passes over the training set.
    pub epochs: u32,
    /// Share of the rows that is held out, in thousandths.
    pub test_permille: u32,
    /// Step size of the first update; it falls linearly to zero.
    pub learning_rate: f32,
    /// Decoupled weight decay.
    pub weight_decay: f32,
    /// From which the split, the first weights and the order of the rows follow.
    pub seed: u64,
}

impl Setup {
    /// A training that suits [`Dataset::wine_quality`](crate::Dataset::wine_quality): about a second of native
    /// work.
    #[must_use]
    pub const fn demo(seed: u64) -> Self {
        Self {
            hidden: [128, 64],
            batch: 64,
            epochs: 400,
            test_permille: 250,
            learning_rate: 1e-3,
            weight_decay: 2.0,
            seed,
        }
    }
}

/// The program's input for a data set.
///
/// # Panics
/// The data set has more than `u32::MAX` rows or `u16::MAX` features or classes.
#[cfg(not(target_arch = "wasm32"))]
#[must_use]
pub fn encode(setup: &Setup, data: &crate::Dataset) -> Vec<u8> {
    let rows = u32::try_from(data.labels.len()).expect("a data set has at most 2^32 rows");
    let [features, classes] = [data.features.len(), data.classes.len()].map(|count| {
        u16::try_from(count).expect("a data set has at most 2^16 columns and classes")
    });
    let mut input = MAGIC.to_vec();
    input.extend(rows.to_le_bytes());
    for size in [features, classes, setup.hidden[0], setup.hidden[1]] {
        input.extend(size.to_le_bytes());
    }
    for number in [setup.batch, setup.epochs, setup.test_permille] {
        input.extend(number.to_le_bytes());
    }
    for number in [setup.learning_rate, setup.weight_decay] {
        input.extend(number.to_le_bytes());
    }
    input.extend(setup.seed.to_le_bytes());
    input.extend(data.values.iter().flat_map(|value| value.to_le_bytes()));
    input.extend(&data.labels);
    input
}

/// A checked header, and where in the input the data is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) setup: Setup,
    pub(crate) shape: Shape,
    pub(crate) rows: usize,
    pub(crate) test_rows: usize,
}

impl Plan {
    /// Reads and checks everything but the data itself.
    pub(crate) fn decode(input: &[u8]) -> Result<Self, Refusal> {
        let mut reader = Reader::new(input);
        reader.magic(MAGIC)?;
        let rows = within(reader.u32()?, 8..=1 << 16, "there must be 8 to 65,536 rows")?;
        let shape = decode_shape(&mut reader)?;
        let setup = decode_setup(&mut reader, shape)?;
        let test_rows = u64::from(rows) * u64::from(setup.test_permille) / 1_000;
        let test_rows = u32::try_from(test_rows).unwrap_or(u32::MAX);
        within(test_rows, 1..=rows - 1, "the test share leaves one set without rows")?;
        within(setup.batch, 1..=rows - test_rows, "a batch is larger than the training set")?;
        let plan = Self { setup, shape, rows: rows as usize, test_rows: test_rows as usize };
        within(plan.rows * shape.features(), 1..=1 << 18, "rows x features exceed 262,144")?;
        reader.bytes(plan.rows * (shape.features() * 4 + 1))?;
        reader.end()?;
        Ok(plan)
    }

    pub(crate) fn train_rows(&self) -> usize {
        self.rows - self.test_rows
    }

    pub(crate) fn batch(&self) -> usize {
        self.setup.batch as usize
    }

    /// Whole batches in an epoch; the rows left over differ from epoch to epoch.
    pub(crate) fn batches(&self) -> usize {
        self.train_rows() / self.batch()
    }

    pub(crate) fn updates(&self) -> u64 {
        self.batches() as u64 * u64::from(self.setup.epochs)
    }

    /// The bytes of a row's values.
    pub(crate) fn values<'a>(&self, input: &'a [u8], row: usize) -> &'a [[u8; 4]] {
        let bytes = self.shape.features() * 4;
        input[HEADER_BYTES + row * bytes..][..bytes].as_chunks().0
    }

    /// A row's class.
    pub(crate) fn label(&self, input: &[u8], row: usize) -> u8 {
        input[HEADER_BYTES + self.rows * self.shape.features() * 4 + row]
    }
}

fn decode_shape(reader: &mut Reader<'_>) -> Result<Shape, Refusal> {
    let features = within(reader.u16()?, 1..=256, "there must be 1 to 256 features")?;
    let classes = within(reader.u16()?, 2..=64, "there must be 2 to 64 classes")?;
    let mut hidden = || within(reader.u16()?, 1..=256, "a layer must have 1 to 256 units");
    let widths = [features, hidden()?, hidden()?, classes];
    Ok(Shape { widths: widths.map(usize::from) })
}

#[allow(clippy::cast_possible_truncation, reason = "the widths were read from 16 bits")]
fn decode_setup(reader: &mut Reader<'_>, shape: Shape) -> Result<Setup, Refusal> {
    Ok(Setup {
        hidden: [shape.widths[1] as u16, shape.widths[2] as u16],
        batch: within(reader.u32()?, 1..=64, "a batch must have 1 to 64 rows")?,
        epochs: within(reader.u32()?, 1..=100_000, "there must be 1 to 100,000 epochs")?,
        test_permille: within(reader.u32()?, 1..=900, "the test share must be 1 to 900 in 1,000")?,
        learning_rate: within(
            reader.f32()?,
            f32::MIN_POSITIVE..=1.0,
            "the learning rate must be above 0 and at most 1",
        )?,
        weight_decay: within(reader.f32()?, 0.0..=10.0, "the weight decay must be 0 to 10")?,
        seed: reader.u64()?,
    })
}
