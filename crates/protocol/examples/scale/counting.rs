//! Counting the bytes that are allocated.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;

use mimalloc::MiMalloc;

/// An allocator that asks for large pages of memory, with the bytes counted that were asked of it.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static BYTES: Cell<i64> = const { Cell::new(0) };
}

fn count(bytes: usize, sign: i64) {
    let bytes = i64::try_from(bytes).expect("an allocation fits in memory");
    BYTES.set(BYTES.get() + sign * bytes);
}

// SAFETY: every call goes to the allocator as it came, which keeps the contract; counting allocates nothing.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 1);
        // SAFETY: the caller's layout, unchanged.
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(layout.size(), -1);
        // SAFETY: the caller's pointer and layout, unchanged; `alloc` gave them out.
        unsafe { MiMalloc.dealloc(pointer, layout) }
    }
}

/// Bytes that this thread has allocated and not freed.
pub(crate) fn allocated() -> i64 {
    BYTES.get()
}

/// How much of this process' memory is in large pages, in per cent, where the system tells: with small ones everything that
/// looks into a large state takes several times as long.
pub(crate) fn percent_in_large_pages() -> Option<u64> {
    let told = std::fs::read_to_string("/proc/self/smaps_rollup").ok()?;
    let kilobytes = |name| -> Option<u64> {
        told.lines()
            .find_map(|line| line.strip_prefix(name))?
            .split_whitespace()
            .next()?
            .parse()
            .ok()
    };
    Some(100 * kilobytes("AnonHugePages:")? / kilobytes("Anonymous:")?.max(1))
}
