//! The buffer a program writes its result to.

use crate::limits::PAGE_BYTES;

/// One page, aligned so that the output is made of whole leaves of the memory's tree.
#[repr(C, align(4096))]
#[derive(Clone)]
struct Page([u8; PAGE_BYTES]);

/// A growing run of bytes that begins on a page boundary.
///
/// Growth moves everything written so far and so touches all its pages: [`reserve`](Output::reserve) the final size
/// before writing when it exceeds a megabyte or so.
#[derive(Default)]
pub struct Output {
    pages: Vec<Page>,
    bytes: usize,
}

impl Output {
    /// An empty output.
    #[must_use]
    pub const fn new() -> Self {
        Self { pages: Vec::new(), bytes: 0 }
    }

    /// Makes room for this many bytes in total, without touching them.
    pub fn reserve(&mut self, bytes: usize) {
        let pages = bytes.div_ceil(PAGE_BYTES);
        self.pages.reserve_exact(pages.saturating_sub(self.pages.len()));
    }

    /// Appends bytes.
    pub fn extend(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (head, tail) = bytes.split_at(bytes.len().min(self.room()));
            let at = self.bytes % PAGE_BYTES;
            let page = self.last_page();
            page.0[at..at + head.len()].copy_from_slice(head);
            self.bytes += head.len();
            bytes = tail;
        }
    }

    /// Everything written.
    #[must_use]
    #[allow(unsafe_code)]
    pub fn as_bytes(&self) -> &[u8] {
        // SAFETY: the pages are contiguous, initialised bytes without padding (their size is their alignment),
        // and `bytes` never exceeds what they hold.
        unsafe { std::slice::from_raw_parts(self.pages.as_ptr().cast(), self.bytes) }
    }

    /// Empties the output.
    pub fn clear(&mut self) {
        self.pages.clear();
        self.bytes = 0;
    }

    /// Bytes that fit into the page being written, which is a new one if the last is full.
    fn room(&self) -> usize {
        PAGE_BYTES - self.bytes % PAGE_BYTES
    }

    fn last_page(&mut self) -> &mut Page {
        let index = self.bytes / PAGE_BYTES;
        if index == self.pages.len() {
            self.pages.push(Page([0; PAGE_BYTES]));
        }
        &mut self.pages[index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_in_order_and_aligned() {
        let mut output = Output::new();
        let mut expected = Vec::new();
        for length in [0, 1, 4_095, 4_096, 4_097, 10_000, 3] {
            let part: Vec<u8> = (0..length).map(|at: u32| at.to_le_bytes()[0]).collect();
            output.extend(&part);
            expected.extend_from_slice(&part);
            assert_eq!(output.as_bytes(), expected);
            assert_eq!(output.as_bytes().as_ptr().addr() % PAGE_BYTES, 0);
        }
    }

    #[test]
    fn a_cleared_output_starts_over() {
        let mut output = Output::new();
        output.extend(&[1; 5_000]);
        output.clear();
        output.extend(b"again");
        assert_eq!(output.as_bytes(), b"again");
    }

    #[test]
    fn reserved_room_is_not_moved() {
        let mut output = Output::new();
        output.reserve(3 * PAGE_BYTES);
        output.extend(&[0]);
        let before = output.as_bytes().as_ptr();
        output.extend(&[1; 3 * PAGE_BYTES - 1]);
        assert_eq!(output.as_bytes().as_ptr(), before);
    }
}
