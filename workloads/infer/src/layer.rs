//! The loops that take the time, in integers.

use guest::Refusal;

/// Inputs whose products are added up before they are widened.
const DEPTH: usize = 4;

/// A layer as it is computed.
#[derive(Default)]
pub(crate) struct Layer {
    /// One row for each input, one column for each output; rows of zeros fill the last group.
    weights: Vec<i16>,
    biases: Vec<i32>,
}

impl Layer {
    /// Turns around weights given by rows for each output, and widens them to the 16 bits that a vector unit multiplies.
    ///
    /// # Errors
    /// A bias is so large that a sum could overflow.
    pub(crate) fn new(weights: &[u8], biases: Vec<u32>, inputs: usize) -> Result<Self, Refusal> {
        let outputs = biases.len();
        let mut layer = Self {
            weights: vec![0; padded(inputs) * outputs],
            biases: biases.into_iter().map(u32::cast_signed).collect(),
        };
        for (output, row) in weights.chunks_exact(inputs).enumerate() {
            for (input, weight) in row.iter().enumerate() {
                layer.weights[input * outputs + output] = weight.cast_signed().into();
            }
        }
        match layer.biases.iter().any(|bias| bias.unsigned_abs() > 1 << 30) {
            true => Err(Refusal::new("a bias exceeds 2^30")),
            false => Ok(layer),
        }
    }

    /// The sum of each output; the values are filled up with zeros to [`padded`].
    pub(crate) fn sums(&self, values: &[i16], sums: &mut [i32]) {
        sums.copy_from_slice(&self.biases);
        let groups = self.weights.chunks_exact(DEPTH * sums.len());
        for (rows, values) in groups.zip(values.as_chunks().0) {
            add_products(rows, *values, sums);
        }
    }
}

/// Adds the products of a few inputs to all sums.
///
/// A value is at most 127 and a weight at most 128 in size: two products fit 16 bits, and those of 256 inputs 23.
fn add_products(rows: &[i16], [a, b, c, d]: [i16; DEPTH], sums: &mut [i32]) {
    let (rows_ab, rows_cd) = rows.split_at(2 * sums.len());
    let (row_a, row_b) = rows_ab.split_at(sums.len());
    let (row_c, row_d) = rows_cd.split_at(sums.len());
    for ((((sum, p), q), r), s) in sums.iter_mut().zip(row_a).zip(row_b).zip(row_c).zip(row_d) {
        *sum += i32::from(a * p + b * q) + i32::from(c * r + d * s);
    }
}

/// Inputs rounded up to whole groups.
pub(crate) const fn padded(inputs: usize) -> usize {
    inputs.next_multiple_of(DEPTH)
}

/// A sum brought back to 8 bits: times `multiplier / 2^shift`, rounded half up, rectified, saturated.
#[allow(clippy::cast_possible_truncation, reason = "it is clamped to 0..=127")]
pub(crate) fn requantise(sum: i32, multiplier: u32, shift: u8) -> i16 {
    let scaled = i64::from(sum) * i64::from(multiplier);
    ((scaled + (1 << (shift - 1))) >> shift).clamp(0, 127) as i16
}

/// The index of the largest value, the first of equals.
pub(crate) fn largest<T: Copy + PartialOrd>(values: &[T]) -> usize {
    let mut best = 0;
    for (index, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = index;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use guest::Random;

    fn draw(random: &mut Random, count: usize) -> Vec<i8> {
        let byte = |random: &mut Random| random.bits().to_le_bytes()[7].cast_signed();
        (0..count).map(|_| byte(random)).collect()
    }

    #[test]
    fn sums_are_the_plain_ones_for_any_width_even_at_the_extremes() {
        let mut random = Random::new(4);
        for (inputs, outputs) in [(1, 1), (11, 7), (16, 8), (256, 5), (255, 17)] {
            let mut weights = draw(&mut random, inputs * outputs);
            weights[..inputs].fill(-128);
            let bytes: Vec<u8> = weights.iter().map(|weight| weight.cast_unsigned()).collect();
            let biases = vec![(-9i32).cast_unsigned(); outputs];
            let layer = Layer::new(&bytes, biases, inputs).expect("the biases are small");
            let drawn =
                draw(&mut random, inputs).into_iter().map(|value| value.max(-127)).collect();
            for row in [vec![127i8; inputs], vec![-127; inputs], drawn] {
                let mut values: Vec<i16> = row.iter().map(|&value| value.into()).collect();
                values.resize(padded(inputs), 0);
                let mut sums = vec![0; outputs];
                layer.sums(&values, &mut sums);
                for (weights, sum) in weights.chunks_exact(inputs).zip(sums) {
                    let plain =
                        weights.iter().zip(&row).map(|(a, b)| i64::from(*a) * i64::from(*b));
                    assert_eq!(i64::from(sum), plain.sum::<i64>() - 9);
                }
            }
        }
    }

    #[test]
    fn requantising_rounds_rectifies_and_saturates() {
        let half = |sum| requantise(sum, 1 << 30, 31);
        assert_eq!(
            [half(-5), half(0), half(1), half(2), half(3), half(1_000)],
            [0, 0, 1, 1, 2, 127]
        );
        assert_eq!(requantise(i32::MAX, (1 << 31) - 1, 1), 127);
        assert_eq!(requantise(i32::MIN, (1 << 31) - 1, 1), 0);
    }
}
