//! The kernel marks written pages: userfaultfd in asynchronous write-protect mode, read out with
//! `PAGEMAP_SCAN`. Linux 6.7 and later, no privilege needed.
//!
//! # Why this is sound
//!
//! The only unsafe operations here are system calls on two file descriptors that this module owns. They
//! are given *addresses of memory that belongs to somebody else* (an engine's linear memory), so what
//! has to be argued is that no call changes what a program can observe in that memory:
//!
//! - `UFFDIO_REGISTER` and write protection change how the kernel handles the *first write* to a page:
//!   it marks the page and lets the write go on. Contents, mapping and permissions stay as they are.
//! - The protection is asynchronous (`WP_ASYNC`): nobody waits for a handler, and none is needed. If the
//!   descriptor is closed, protection is gone and the memory is ordinary again.
//! - Every structure handed to the kernel is `repr(C)`, laid out as in `linux/userfaultfd.h` and
//!   `linux/fs.h`, lives across the call, and the one that the kernel writes an array into names a
//!   vector of exactly that many elements.
//! - If the address does not belong to this process or cannot be watched, the kernel says so, and the
//!   caller falls back to comparing.
//!
//! A page that is reported although it was not written costs one hash. A page that was written and is
//! not reported would be a wrong root: that is why the mode is tried out at start ([`Userfault::probe`])
//! and why tests compare roots with those of the shadow copy.
#![expect(unsafe_code, reason = "system calls, see above")]

use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use crate::limits::PAGE_BYTES;

const UFFD_USER_MODE_ONLY: libc::c_int = 1;
const UFFD_API: u64 = 0xAA;
const UFFD_FEATURE_WP_UNPOPULATED: u64 = 1 << 13;
const UFFD_FEATURE_WP_ASYNC: u64 = 1 << 15;
const UFFDIO_REGISTER_MODE_WP: u64 = 1 << 1;
pub(crate) const UFFDIO_API: libc::c_ulong = 0xc018_aa3f;
pub(crate) const UFFDIO_REGISTER: libc::c_ulong = 0xc020_aa00;
pub(crate) const PAGEMAP_SCAN: libc::c_ulong = 0xc060_6610;
const PAGE_IS_WRITTEN: u64 = 1 << 1;
const PM_SCAN_WP_MATCHING: u64 = 1 << 0;
const PM_SCAN_CHECK_WPASYNC: u64 = 1 << 1;

/// Regions that one scan reports at most; a scan that finds more is continued.
const REGIONS: usize = 512;

#[repr(C)]
struct Api {
    api: u64,
    features: u64,
    ioctls: u64,
}

#[repr(C)]
struct Register {
    start: u64,
    len: u64,
    mode: u64,
    ioctls: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Region {
    start: u64,
    end: u64,
    categories: u64,
}

#[repr(C)]
#[derive(Default)]
struct Scan {
    size: u64,
    flags: u64,
    start: u64,
    end: u64,
    walk_end: u64,
    vec: u64,
    vec_len: u64,
    max_pages: u64,
    category_inverted: u64,
    category_mask: u64,
    category_anyof_mask: u64,
    return_mask: u64,
}

/// The two descriptors that watching takes. They can be opened before a process gives up the right to
/// open anything.
pub(crate) struct Descriptors {
    fault: OwnedFd,
    pagemap: File,
}

impl Descriptors {
    /// Opens both.
    pub(crate) fn open() -> Result<Self, String> {
        let flags = libc::O_CLOEXEC | libc::O_NONBLOCK | UFFD_USER_MODE_ONLY;
        // SAFETY: the call takes no pointer and returns a new descriptor or -1.
        let raw = unsafe { libc::syscall(libc::SYS_userfaultfd, flags) };
        let raw = libc::c_int::try_from(raw).unwrap_or(-1);
        if raw < 0 {
            return Err(last_error("userfaultfd"));
        }
        // SAFETY: the descriptor was just returned by the kernel and nobody else owns it.
        let fault = unsafe { OwnedFd::from_raw_fd(raw) };
        let features = UFFD_FEATURE_WP_UNPOPULATED | UFFD_FEATURE_WP_ASYNC;
        let mut api = Api { api: UFFD_API, features, ioctls: 0 };
        ioctl(&fault, UFFDIO_API, &mut api).map_err(|()| last_error("UFFDIO_API"))?;
        let pagemap = File::open("/proc/self/pagemap");
        let pagemap = pagemap.map_err(|error| format!("/proc/self/pagemap: {error}"))?;
        Ok(Self { fault, pagemap })
    }
}

/// One `ioctl` with one structure.
fn ioctl<T>(descriptor: &impl AsRawFd, request: libc::c_ulong, argument: &mut T) -> Result<(), ()> {
    // SAFETY: `argument` is a live `repr(C)` structure of the size that the request encodes; a scan also
    // names a vector, which its caller keeps alive and whose length it states.
    let result =
        unsafe { libc::ioctl(descriptor.as_raw_fd(), request, std::ptr::from_mut(argument)) };
    if result < 0 { Err(()) } else { Ok(()) }
}

fn last_error(what: &str) -> String {
    format!("{what}: {}", std::io::Error::last_os_error())
}

/// A watched range of addresses.
pub(crate) struct Userfault {
    descriptors: Descriptors,
    start: u64,
    bytes: usize,
    regions: Vec<Region>,
}

impl Userfault {
    /// Whether watching works here: a page is written twice, and must be reported exactly twice.
    pub(crate) fn probe() -> bool {
        Self::try_out().unwrap_or(false)
    }

    fn try_out() -> Result<bool, String> {
        const PAGES: usize = 4;
        let mut memory = vec![0u8; (PAGES + 1) * PAGE_BYTES];
        let start = memory.as_mut_ptr().addr().next_multiple_of(PAGE_BYTES);
        let offset = start - memory.as_ptr().addr();
        let mut watched = Self::watch(start, PAGES * PAGE_BYTES)?;
        let mut found = Vec::new();
        watched.changed(PAGES * PAGE_BYTES)?;
        for page in [2, 0, 2] {
            memory[offset + page * PAGE_BYTES] += 1;
            std::hint::black_box(&mut memory);
            found.push(watched.changed(PAGES * PAGE_BYTES)?);
        }
        Ok(found == [vec![2], vec![0], vec![2]])
    }

    /// Watches a range of page-aligned addresses, mapped or to be mapped in the same place.
    pub(crate) fn watch(start: usize, bytes: usize) -> Result<Self, String> {
        Self::watch_with(take_descriptors()?, start, bytes)
    }

    fn watch_with(descriptors: Descriptors, start: usize, bytes: usize) -> Result<Self, String> {
        let start = start as u64;
        let mode = UFFDIO_REGISTER_MODE_WP;
        let mut register = Register { start, len: bytes as u64, mode, ioctls: 0 };
        ioctl(&descriptors.fault, UFFDIO_REGISTER, &mut register)
            .map_err(|()| last_error("UFFDIO_REGISTER"))?;
        Ok(Self { descriptors, start, bytes, regions: vec![Region::default(); REGIONS] })
    }

    /// Pages of the first `bytes` that may have been written since the last call, ascending.
    pub(crate) fn changed(&mut self, bytes: usize) -> Result<Vec<u32>, String> {
        let end = self.start + bytes.min(self.bytes) as u64;
        let mut from = self.start;
        let mut pages = Vec::new();
        while from < end {
            let (walked, count) = self.scan(from, end)?;
            for region in self.regions.iter().take(count) {
                let page = |address: u64| (address - self.start) / PAGE_BYTES as u64;
                let range = page(region.start)..page(region.end);
                pages.extend(range.filter_map(|page| u32::try_from(page).ok()));
            }
            from = walked;
        }
        Ok(pages)
    }

    /// Reports and protects again, in one call; where it stopped and how many regions it found.
    fn scan(&mut self, start: u64, end: u64) -> Result<(u64, usize), String> {
        let mut scan = Scan {
            size: size_of::<Scan>() as u64,
            flags: PM_SCAN_WP_MATCHING | PM_SCAN_CHECK_WPASYNC,
            start,
            end,
            vec: self.regions.as_mut_ptr().addr() as u64,
            vec_len: self.regions.len() as u64,
            category_mask: PAGE_IS_WRITTEN,
            return_mask: PAGE_IS_WRITTEN,
            ..Scan::default()
        };
        let pagemap = self.descriptors.pagemap.as_raw_fd();
        self.regions.fill(Region::default());
        // SAFETY: as in `ioctl`; the vector is a field of `self`, borrowed mutably across the call.
        let found = unsafe { libc::ioctl(pagemap, PAGEMAP_SCAN, std::ptr::from_mut(&mut scan)) };
        let found = usize::try_from(found).map_err(|_| last_error("PAGEMAP_SCAN"))?;
        if scan.walk_end <= start {
            return Err("PAGEMAP_SCAN made no progress".to_owned());
        }
        Ok((scan.walk_end, found))
    }
}

/// Descriptors opened ahead of time by [`keep_descriptors`].
static KEPT: std::sync::Mutex<Vec<Descriptors>> = std::sync::Mutex::new(Vec::new());

/// Opens the descriptors of one watch ahead, for a process that will soon be unable to open anything.
pub(crate) fn keep_descriptors() -> Result<(), String> {
    let descriptors = Descriptors::open()?;
    KEPT.lock().map_err(|_| "poisoned".to_owned())?.push(descriptors);
    Ok(())
}

fn take_descriptors() -> Result<Descriptors, String> {
    let kept = KEPT.lock().map_err(|_| "poisoned".to_owned())?.pop();
    kept.map_or_else(Descriptors::open, Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_are_the_kernels() {
        // The request numbers encode the sizes of their structures in bits 16 to 29.
        let size = |request: libc::c_ulong| ((request >> 16) & 0x3fff) as usize;
        assert_eq!(size(UFFDIO_API), size_of::<Api>());
        assert_eq!(size(UFFDIO_REGISTER), size_of::<Register>());
        assert_eq!(size(PAGEMAP_SCAN), size_of::<Scan>());
        assert_eq!(size_of::<Region>(), 24);
    }

    #[test]
    fn nonsense_is_an_error_not_a_crash() {
        assert!(Userfault::watch(1, 4096).is_err());
        assert!(Userfault::watch(0, 0).is_err());
    }
}
