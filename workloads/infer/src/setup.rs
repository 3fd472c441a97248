//! The input.

use crate::LAYERS;
use guest::Refusal;
use guest::wire::{Reader, within};

pub(crate) const MAGIC: [u8; 4] = *b"EIN1";

/// How to smooth the classifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Smoothing {
    /// Noisy copies of each sample; none is plain classification.
    pub copies: u32,
    /// Deviation of the noise, in units of the quantised features.
    pub noise: u16,
    /// From which the noise follows.
    pub seed: u64,
}

#[cfg(not(target_arch = "wasm32"))]
impl Smoothing {
    /// Three thousand copies with a quarter of a feature's deviation: about a second of native work on the held-out rows of
    /// `train`'s demo.
    #[must_use]
    pub const fn demo(seed: u64) -> Self {
        Self { copies: 3_000, noise: 8, seed }
    }
}

/// The program's input: a network, and rows with their right answers. A row has as many features as the network takes.
///
/// # Panics
/// There are more than 2^32 rows.
#[cfg(not(target_arch = "wasm32"))]
#[must_use]
pub fn encode(
    network: &crate::Network,
    smoothing: Smoothing,
    rows: &[Vec<i8>],
    labels: &[u8],
) -> Vec<u8> {
    let mut input = MAGIC.to_vec();
    input.extend(network.widths.into_iter().flat_map(u16::to_le_bytes));
    input.extend(network.multipliers.into_iter().flat_map(u32::to_le_bytes));
    input.extend(network.shifts);
    input.extend(smoothing.noise.to_le_bytes());
    input.extend(u32::try_from(rows.len()).expect("at most 2^32 rows").to_le_bytes());
    input.extend(smoothing.copies.to_le_bytes());
    input.extend(smoothing.seed.to_le_bytes());
    for layer in 0..LAYERS {
        input.extend(network.weights[layer].iter().map(|weight| weight.cast_unsigned()));
        input.extend(network.biases[layer].iter().flat_map(|bias| bias.to_le_bytes()));
    }
    input.extend(rows.iter().flatten().map(|value| value.cast_unsigned()));
    input.extend(labels);
    input
}

/// The input for the rows that a training held out: its network, quantised, and those rows.
#[cfg(not(target_arch = "wasm32"))]
#[must_use]
pub fn demo(report: &train::Report, data: &train::Dataset, seed: u64) -> Vec<u8> {
    let held_out: Vec<usize> = report.test_rows.iter().map(|&row| row as usize).collect();
    let seen = (0..data.len()).filter(|row| !held_out.contains(row));
    let network = crate::Network::quantise(&report.model, seen.map(|row| data.row(row)));
    let rows: Vec<_> =
        held_out.iter().map(|&row| network.features(&report.model, data.row(row))).collect();
    let labels: Vec<u8> = held_out.iter().map(|&row| data.labels[row]).collect();
    encode(&network, Smoothing::demo(seed), &rows, &labels)
}

/// A checked header, and where in the input the rest is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) widths: [usize; LAYERS + 1],
    pub(crate) multipliers: [u32; LAYERS - 1],
    pub(crate) shifts: [u8; LAYERS - 1],
    pub(crate) smoothing: Smoothing,
    pub(crate) samples: usize,
    /// Where the layers, the features and the answers begin.
    starts: [usize; 3],
}

impl Plan {
    /// Reads and checks everything but the layers and samples themselves.
    pub(crate) fn decode(input: &[u8]) -> Result<Self, Refusal> {
        let mut reader = Reader::new(input);
        reader.magic(MAGIC)?;
        let mut width =
            |least, most| within(reader.u16()?, least..=most, "a width is too small or large");
        let widths =
            [width(1, 256)?, width(1, 256)?, width(1, 256)?, width(2, 64)?].map(usize::from);
        let mut multiplier =
            || within(reader.u32()?, 1..=0x7fff_ffff, "a multiplier is too small or large");
        let multipliers = [multiplier()?, multiplier()?];
        let [first, second] = reader.array()?;
        let shift = |shift| within(shift, 1..=62, "a shift must be 1 to 62");
        let shifts = [shift(first)?, shift(second)?];
        let noise = within(reader.u16()?, 0..=127, "the noise must be 0 to 127")?;
        let samples =
            within(reader.u32()?, 1..=1 << 20, "there must be 1 to 1,048,576 samples")? as usize;
        let copies =
            within(reader.u32()?, 0..=1_000_000, "there must be at most 1,000,000 copies")?;
        let smoothing = Smoothing { copies, noise, seed: reader.u64()? };
        let memory = samples * (widths[0] + 5 * widths[LAYERS]);
        within(memory, 1..=1 << 21, "samples x (features + 5 classes) exceed 2,097,152")?;
        let work = samples as u64 * (u64::from(copies) + 1);
        within(work, 1..=1 << 30, "samples x (copies + 1) exceed 1,073,741,824")?;
        let here = |reader: &Reader<'_>| input.len() - reader.rest().len();
        let layers = here(&reader);
        for layer in 0..LAYERS {
            reader.bytes((widths[layer] + 4) * widths[layer + 1])?;
        }
        let features = here(&reader);
        reader.bytes(samples * widths[0])?;
        let starts = [layers, features, here(&reader)];
        reader.bytes(samples)?;
        reader.end()?;
        Ok(Self { widths, multipliers, shifts, smoothing, samples, starts })
    }

    pub(crate) const fn classes(&self) -> usize {
        self.widths[LAYERS]
    }

    /// Multiplications for one copy of one sample.
    pub(crate) fn products(&self) -> usize {
        self.widths.windows(2).map(|pair| pair[0] * pair[1]).sum()
    }

    /// About what classifying one copy costs, in metered units: the multiplications, bringing sums back to 8 bits, noise.
    pub(crate) fn copy_cost(&self) -> u64 {
        let [features, first, second, classes] = self.widths;
        (500 + 4 * self.products() + 16 * (first + second + classes) + 64 * features) as u64
    }

    /// A reader at the first layer.
    pub(crate) fn layers<'a>(&self, input: &'a [u8]) -> Reader<'a> {
        Reader::new(&input[self.starts[0]..])
    }

    /// The features of a sample.
    pub(crate) fn features<'a>(&self, input: &'a [u8], sample: usize) -> &'a [u8] {
        &input[self.starts[1] + sample * self.widths[0]..][..self.widths[0]]
    }

    /// The right answer for a sample.
    pub(crate) fn label(&self, input: &[u8], sample: usize) -> u8 {
        input[self.starts[2] + sample]
    }
}
