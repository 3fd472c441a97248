//! The loops that take the time.

use std::ops::Range;

/// Columns of a product that are computed side by side.
const WIDTH: usize = 8;
/// Rows of a product that share what is loaded of the right-hand matrix.
pub(crate) const HEIGHT: usize = 4;

/// Room for a few rows of the left-hand matrix, as [`multiply`] needs it: one entry for each column of it.
pub(crate) type Packed = Vec<[f32; HEIGHT]>;

/// `out = a * b` for a range of rows of `a` (row-major, `inner` columns) and all `columns` of `b`. Every element is summed
/// in the order of the inner index, whatever the range: cutting the work differently changes no bit.
pub(crate) fn multiply(
    (a, inner): (&[f32], usize),
    (b, columns): (&[f32], usize),
    out: &mut [f32],
    rows: Range<usize>,
    packed: &mut Packed,
) {
    for first in rows.clone().step_by(HEIGHT) {
        let last = rows.end.min(first + HEIGHT);
        pack(&a[first * inner..last * inner], inner, packed);
        multiply_packed(&packed[..inner], (b, columns), &mut out[first * columns..last * columns]);
    }
}

/// Puts a few rows side by side, so that one place holds what one row of the right-hand matrix is multiplied by. Places of
/// rows that are not there keep old values, whose products nobody stores.
fn pack(rows: &[f32], inner: usize, packed: &mut Packed) {
    for (row, values) in rows.chunks_exact(inner).enumerate() {
        for (packed, value) in packed.iter_mut().zip(values) {
            packed[row] = *value;
        }
    }
}

/// The product of packed rows with all columns.
fn multiply_packed(a: &[[f32; HEIGHT]], (b, columns): (&[f32], usize), out: &mut [f32]) {
    let whole = columns - columns % WIDTH;
    for column in (0..whole).step_by(WIDTH) {
        store(&tile::<WIDTH>(a, b, columns, column), out, columns, column);
    }
    for column in whole..columns {
        store(&tile::<1>(a, b, columns, column), out, columns, column);
    }
}

/// A few rows by a few columns of a product, held in registers.
fn tile<const COLUMNS: usize>(
    a: &[[f32; HEIGHT]],
    b: &[f32],
    columns: usize,
    column: usize,
) -> [[f32; COLUMNS]; HEIGHT] {
    let mut sums = [[0.0; COLUMNS]; HEIGHT];
    for (a, b) in a.iter().zip(b.chunks_exact(columns)) {
        let b = &b[column..column + COLUMNS];
        for row in 0..HEIGHT {
            for lane in 0..COLUMNS {
                sums[row][lane] += a[row] * b[lane];
            }
        }
    }
    sums
}

fn store<const COLUMNS: usize>(
    tile: &[[f32; COLUMNS]; HEIGHT],
    out: &mut [f32],
    columns: usize,
    column: usize,
) {
    for (row, values) in out.chunks_exact_mut(columns).zip(tile) {
        row[column..column + COLUMNS].copy_from_slice(values);
    }
}

/// `out = a` transposed, where `a` has so many columns; for a range of rows of `out`.
pub(crate) fn transpose(a: &[f32], out: &mut [f32], columns: usize, range: Range<usize>) {
    let rows = a.len() / columns;
    for column in range {
        for (row, target) in out[column * rows..(column + 1) * rows].iter_mut().enumerate() {
            *target = a[row * columns + column];
        }
    }
}

/// The index of the largest value, the first of equals.
pub(crate) fn largest(values: &[f32]) -> usize {
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

    #[allow(clippy::cast_possible_truncation, reason = "random test values")]
    fn matrix(random: &mut Random, count: usize) -> Vec<f32> {
        (0..count).map(|_| random.signed() as f32).collect()
    }

    #[test]
    fn a_product_is_the_plain_sum_bit_for_bit_however_it_is_cut() {
        let mut random = Random::new(5);
        for (rows, inner, columns) in [(1, 1, 1), (7, 11, 13), (9, 3, 8), (4, 16, 24), (6, 5, 2)] {
            let (a, b) = (matrix(&mut random, rows * inner), matrix(&mut random, inner * columns));
            let mut expected = vec![0.0f32; rows * columns];
            for (at, sum) in expected.iter_mut().enumerate() {
                for index in 0..inner {
                    *sum += a[at / columns * inner + index] * b[index * columns + at % columns];
                }
            }
            let mut packed = vec![[f32::NAN; HEIGHT]; inner];
            for cut in 0..=rows {
                let mut out = vec![f32::NAN; rows * columns];
                for rows in [0..cut, cut..rows] {
                    multiply((&a, inner), (&b, columns), &mut out, rows, &mut packed);
                }
                assert_eq!(out, expected);
            }
        }
    }

    #[test]
    fn transposing_twice_changes_nothing() {
        let a = matrix(&mut Random::new(6), 5 * 7);
        let (mut once, mut twice) = (vec![0.0; 35], vec![0.0; 35]);
        transpose(&a, &mut once, 7, 0..3);
        transpose(&a, &mut once, 7, 3..7);
        transpose(&once, &mut twice, 5, 0..5);
        assert_eq!((once[1], twice), (a[7], a));
    }

    #[test]
    fn the_first_of_equal_values_is_the_largest() {
        assert_eq!(largest(&[1.0, 3.0, 3.0, 2.0]), 1);
    }
}
