//! Quantiles from a logarithmic histogram.

/// Buckets in each doubling of a value's size.
const PARTS: i32 = 32;
/// Values below this size have a bucket each.
const EXACT: u64 = 64;

/// How many values fell into which bucket. A bucket spans 1/32 of its lower bound; only those that hold
/// something are stored, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sketch {
    counts: Vec<(i32, u32)>,
}

impl Sketch {
    /// Adds a value.
    pub(crate) fn add(&mut self, value: i64) {
        let bucket = bucket(value);
        match self.counts.binary_search_by_key(&bucket, |&(bucket, _)| bucket) {
            Ok(at) => self.counts[at].1 += 1,
            Err(at) => self.counts.insert(at, (bucket, 1)),
        }
    }

    /// About the value that `permille` thousandths of the `count` values do not exceed: the middle of the bucket with
    /// the value of that rank. Zero if there are none.
    pub(crate) fn quantile(&self, permille: u16, count: u64) -> i64 {
        let rank = (count * u64::from(permille)).div_ceil(1_000).max(1);
        let mut seen = 0;
        for &(bucket, count) in &self.counts {
            seen += u64::from(count);
            if seen >= rank {
                return middle(bucket);
            }
        }
        0
    }

    /// Memory it may touch, in bytes.
    pub(crate) const fn bytes(&self) -> usize {
        self.counts.capacity() * size_of::<(i32, u32)>()
    }
}

/// The bucket of a value; buckets are ordered as the values are.
fn bucket(value: i64) -> i32 {
    let index = index(value.unsigned_abs());
    if value < 0 { -index } else { index }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "below 2,000")]
const fn index(size: u64) -> i32 {
    if size < EXACT {
        return size as i32;
    }
    let power = size.ilog2();
    let part = (size >> (power - 5)) as i32 - PARTS;
    EXACT as i32 + (power as i32 - 6) * PARTS + part
}

/// The middle of a bucket.
fn middle(bucket: i32) -> i64 {
    let index = bucket.unsigned_abs();
    let size = if u64::from(index) < EXACT {
        u64::from(index)
    } else {
        let above = index - 64;
        let (power, part) = (above / 32 + 6, u64::from(above % 32) + 32);
        (part << (power - 5)) + (1 << (power - 6))
    };
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    if bucket < 0 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_middle_is_near(value in any::<i64>(), shift in 0u32..63) {
            let value = value >> shift;
            let found = middle(bucket(value));
            prop_assert!(i128::from(found).abs_diff(i128::from(value)) * 64 <= u128::from(value.unsigned_abs()));
        }

        #[test]
        fn buckets_keep_the_order(a in any::<i64>(), b in any::<i64>(), shift in 0u32..63) {
            let (a, b) = (a >> shift, b >> shift);
            prop_assert!((a <= b) == (bucket(a) <= bucket(b)) || bucket(a) == bucket(b));
        }

        #[test]
        fn quantiles_are_near_the_exact_ones(
            mut values in prop::collection::vec(-1_000_000i64..1_000_000, 1..200),
            permille in 1u16..1_000,
        ) {
            let mut sketch = Sketch::default();
            values.iter().for_each(|&value| sketch.add(value));
            values.sort_unstable();
            let rank = (values.len() * usize::from(permille)).div_ceil(1_000).max(1);
            let exact = values[rank - 1];
            let found = sketch.quantile(permille, values.len() as u64);
            prop_assert!(found.abs_diff(exact) * 64 <= exact.unsigned_abs(), "{} {}", found, exact);
        }
    }

    #[test]
    fn nothing_has_no_quantile_and_small_values_are_exact() {
        assert_eq!(Sketch::default().quantile(500, 0), 0);
        assert!((-63..=63).all(|value| middle(bucket(value)) == value));
    }
}
