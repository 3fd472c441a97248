//! Length-prefixed frames between parent and child, neither of which trusts the other's lengths.

use std::io::{self, Read, Write};

use borsh::{BorshDeserialize, BorshSerialize};

/// The largest frame a child may send, in bytes.
pub(super) const REPLY_BYTES_MAX: u32 = (1 << 20) + 4_096;

/// The largest frame a parent may send, in bytes: a module and what is said about it.
pub(super) const REQUEST_BYTES_MAX: u32 = 6 << 20;

/// Writes one value as a frame.
pub(super) fn write(
    mut to: impl Write,
    value: &impl BorshSerialize,
    bytes_max: u32,
) -> io::Result<()> {
    let body = borsh::to_vec(value)?;
    let length = u32::try_from(body.len()).ok().filter(|length| *length <= bytes_max);
    let length = length.ok_or_else(|| io::Error::other("a frame longer than allowed"))?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(&body)
}

/// Reads one value.
///
/// # Errors
///
/// `InvalidData` if the frame is longer than allowed, or is not exactly one value; `UnexpectedEof` if it
/// ends early. Memory is taken as bytes arrive, never because a length says so.
pub(super) fn read<T: BorshDeserialize>(mut from: impl Read, bytes_max: u32) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > bytes_max {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame longer than allowed"));
    }
    let mut body = Vec::new();
    from.take(length.into()).read_to_end(&mut body)?;
    if body.len() as u64 != u64::from(length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    borsh::from_slice(&body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(bytes: &[u8]) -> io::ErrorKind {
        read::<Vec<u8>>(bytes, 100).expect_err("it is no frame").kind()
    }

    #[test]
    fn a_frame_is_read_as_it_was_written() {
        let mut bytes = Vec::new();
        write(&mut bytes, &vec![1u8, 2, 3], 100).expect("memory takes it");
        assert_eq!(read::<Vec<u8>>(&bytes[..], 100).expect("it is whole"), [1, 2, 3]);
        assert!(write(io::sink(), &vec![0u8; 101], 100).is_err());
    }

    #[test]
    fn short_long_and_inexact_frames_are_refused() {
        assert_eq!(kind(&[]), io::ErrorKind::UnexpectedEof);
        assert_eq!(kind(&[9, 0, 0, 0, 1]), io::ErrorKind::UnexpectedEof);
        assert_eq!(kind(&[255, 255, 255, 255]), io::ErrorKind::InvalidData);
        assert_eq!(kind(&[5, 0, 0, 0, 0, 0, 0, 0, 7]), io::ErrorKind::InvalidData);
        // A vector that claims four billion elements and has none.
        assert_eq!(kind(&[4, 0, 0, 0, 255, 255, 255, 255]), io::ErrorKind::InvalidData);
    }
}
