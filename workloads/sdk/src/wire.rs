//! Little-endian numbers in inputs and outputs, strictly checked.

use crate::Refusal;

/// Reads an input from front to back. Every read names what it wanted when the input ends early.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

/// What a short input is refused with.
const SHORT: Refusal = Refusal::new("the input ends before its header says");

impl<'a> Reader<'a> {
    /// A reader at the front of the bytes.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next bytes.
    ///
    /// # Errors
    /// There are not so many left.
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], Refusal> {
        let (head, tail) = self.rest.split_at_checked(count).ok_or(SHORT)?;
        self.rest = tail;
        Ok(head)
    }

    /// The next bytes, as an array.
    ///
    /// # Errors
    /// There are not so many left.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let (head, tail) = self.rest.split_first_chunk().ok_or(SHORT)?;
        self.rest = tail;
        Ok(*head)
    }

    /// Requires the four bytes that mark a format.
    ///
    /// # Errors
    /// Other bytes are there.
    pub fn magic(&mut self, magic: [u8; 4]) -> Result<(), Refusal> {
        match self.array()? {
            found if found == magic => Ok(()),
            _ => Err(Refusal::about("the input does not begin with its format's mark", &magic)),
        }
    }

    /// A 16-bit number.
    ///
    /// # Errors
    /// The bytes end.
    pub fn u16(&mut self) -> Result<u16, Refusal> {
        self.array().map(u16::from_le_bytes)
    }

    /// A 32-bit number.
    ///
    /// # Errors
    /// The bytes end.
    pub fn u32(&mut self) -> Result<u32, Refusal> {
        self.array().map(u32::from_le_bytes)
    }

    /// A 64-bit number.
    ///
    /// # Errors
    /// The bytes end.
    pub fn u64(&mut self) -> Result<u64, Refusal> {
        self.array().map(u64::from_le_bytes)
    }

    /// A single-precision number, which may be infinite or not a number.
    ///
    /// # Errors
    /// The bytes end.
    pub fn f32(&mut self) -> Result<f32, Refusal> {
        self.array().map(f32::from_le_bytes)
    }

    /// A double-precision number, which may be infinite or not a number.
    ///
    /// # Errors
    /// The bytes end.
    pub fn f64(&mut self) -> Result<f64, Refusal> {
        self.array().map(f64::from_le_bytes)
    }

    /// So many 32-bit numbers.
    ///
    /// # Errors
    /// The bytes end.
    pub fn u32s(&mut self, count: usize) -> Result<Vec<u32>, Refusal> {
        self.list(count, u32::from_le_bytes)
    }

    /// So many single-precision numbers.
    ///
    /// # Errors
    /// The bytes end.
    pub fn f32s(&mut self, count: usize) -> Result<Vec<f32>, Refusal> {
        self.list(count, f32::from_le_bytes)
    }

    /// So many double-precision numbers.
    ///
    /// # Errors
    /// The bytes end.
    pub fn f64s(&mut self, count: usize) -> Result<Vec<f64>, Refusal> {
        self.list(count, f64::from_le_bytes)
    }

    fn list<const N: usize, T>(
        &mut self,
        count: usize,
        decode: impl Fn([u8; N]) -> T,
    ) -> Result<Vec<T>, Refusal> {
        let bytes = self.bytes(count.checked_mul(N).ok_or(SHORT)?)?;
        Ok(bytes.as_chunks().0.iter().map(|chunk| decode(*chunk)).collect())
    }

    /// Requires that everything has been read.
    ///
    /// # Errors
    /// Something is left.
    pub fn end(&self) -> Result<(), Refusal> {
        match self.rest {
            [] => Ok(()),
            _ => Err(Refusal::new("the input goes on after its header says it ends")),
        }
    }
}

/// Accepts a number from an input only inside a range.
///
/// # Errors
/// It is outside; the message is for the person who made the input.
pub fn within<T: PartialOrd>(
    value: T,
    range: std::ops::RangeInclusive<T>,
    message: &'static str,
) -> Result<T, Refusal> {
    if range.contains(&value) { Ok(value) } else { Err(Refusal::new(message)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_was_written() {
        let mut bytes = b"TEST".to_vec();
        bytes.extend(7u16.to_le_bytes());
        bytes.extend(1.5f32.to_le_bytes());
        bytes.extend((-2.5f32).to_le_bytes());
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.magic(*b"TEST"), Ok(()));
        assert_eq!(reader.u16(), Ok(7));
        assert_eq!(reader.f32s(2), Ok(vec![1.5, -2.5]));
        assert_eq!(reader.end(), Ok(()));
        assert_eq!(reader.u32(), Err(SHORT));
    }

    #[test]
    fn refuses_another_mark_more_bytes_and_impossible_counts() {
        assert!(Reader::new(b"ABCD").magic(*b"TEST").is_err());
        assert!(Reader::new(b"A").end().is_err());
        assert!(Reader::new(b"ABCD").f32s(usize::MAX).is_err());
    }

    #[test]
    fn a_range_keeps_out_what_is_not_a_number() {
        assert_eq!(within(1.0, 0.0..=1.0, "no"), Ok(1.0));
        assert_eq!(within(f64::NAN, 0.0..=1.0, "no"), Err(Refusal::new("no")));
    }
}
