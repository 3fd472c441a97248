//! A copy of memory to compare with.

use crate::limits::{PAGE_BYTES, WASM_PAGE_BYTES};

#[expect(clippy::cast_possible_truncation, reason = "64 KiB")]
const CHUNK_BYTES: usize = WASM_PAGE_BYTES as usize;
#[expect(clippy::cast_possible_truncation, reason = "16")]
const CHUNK_PAGES: u32 = (CHUNK_BYTES / PAGE_BYTES) as u32;
static ZERO_CHUNK: [u8; CHUNK_BYTES] = [0; CHUNK_BYTES];

/// What memory was, in chunks of 64 KiB; a chunk that was never other than zero has no copy.
///
/// Reading a page that nobody ever wrote yields the kernel's one page of zeros, so comparing what a
/// program has grown but not used costs little, and copying it costs nothing.
#[derive(Default)]
pub(crate) struct Shadow {
    chunks: Vec<Option<Box<[u8]>>>,
}

impl Shadow {
    /// Pages that differ from the copy, ascending; the copy is brought up to date.
    pub(crate) fn changed(&mut self, memory: &[u8]) -> Vec<u32> {
        let count = memory.len().div_ceil(CHUNK_BYTES);
        self.chunks.resize_with(count.max(self.chunks.len()), || None);
        let mut pages = Vec::new();
        let mut first = 0u32;
        for (copy, now) in self.chunks.iter_mut().zip(memory.chunks(CHUNK_BYTES)) {
            compare(copy, now, first, &mut pages);
            first += CHUNK_PAGES;
        }
        pages
    }
}

/// Compares the whole chunk at once, and its pages only if it differs.
fn compare(copy: &mut Option<Box<[u8]>>, now: &[u8], first: u32, pages: &mut Vec<u32>) {
    let before = copy.as_deref().unwrap_or(&ZERO_CHUNK[..now.len()]);
    if before == now {
        return;
    }
    let both = (first..).zip(before.chunks(PAGE_BYTES).zip(now.chunks(PAGE_BYTES)));
    pages.extend(both.filter(|(_, (before, now))| before != now).map(|(page, _)| page));
    match copy {
        Some(copy) => copy.copy_from_slice(now),
        None => *copy = Some(now.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_exactly_the_pages_that_differ() {
        let mut memory = vec![0u8; 3 * CHUNK_BYTES];
        let mut shadow = Shadow::default();
        assert_eq!(shadow.changed(&memory), Vec::<u32>::new());
        memory[5 * PAGE_BYTES + 17] = 1;
        memory[40 * PAGE_BYTES] = 1;
        assert_eq!(shadow.changed(&memory), [5, 40]);
        assert_eq!(shadow.changed(&memory), Vec::<u32>::new());
        memory[5 * PAGE_BYTES + 17] = 0;
        assert_eq!(shadow.changed(&memory), [5]);
        memory.resize(5 * CHUNK_BYTES, 0);
        memory[4 * CHUNK_BYTES + 9] = 9;
        assert_eq!(shadow.changed(&memory), [64]);
    }

    #[test]
    fn zero_memory_is_not_copied() {
        let mut shadow = Shadow::default();
        shadow.changed(&vec![0; 8 * CHUNK_BYTES]);
        assert!(shadow.chunks.iter().all(Option::is_none));
    }
}
