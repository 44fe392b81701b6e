//! The census: a table of live blocks by address, written without a lock.
//!
//! Two levels: a directory of 16 MiB chunks, and in each chunk one 16-byte record for every
//! 16-byte granule. Different live blocks own different records, so writers never meet; only the
//! first touch of a chunk is a compare-and-swap. Memory comes from `mmap`, never from a hooked
//! allocator, and untouched pages cost nothing.
//!
//! Record, two words:
//!
//! ```text
//! 0: live:1 | domain:2 | run:24 | serial:36
//! 1: stack:24 | size:40
//! ```

use core::ffi::c_void;
use core::ptr;
use core::sync::atomic::Ordering::{AcqRel, Acquire};
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed};

use crate::event::{Block, Domain, RunId, Serial};

const CHUNK_BITS: u32 = 24;
const RECORDS: usize = 1 << (CHUNK_BITS - 4);
const DIRECTORY: usize = 1 << (47 - CHUNK_BITS);
/// Records in a page: the unit in which the table is walked.
const PAGE: usize = 256;
const MAX_CHUNKS: usize = 1 << 16;

const LIVE: u64 = 1 << 63;
const SERIAL_MASK: u64 = (1 << 36) - 1;
const RUN_MASK: u64 = (1 << 24) - 1;
const SIZE_MASK: u64 = (1 << 40) - 1;

/// One record; zero = no live block starts here.
#[repr(C)]
pub(in crate::sys) struct Record {
    birth: AtomicU64,
    extent: AtomicU64,
}

#[repr(C)]
struct Chunk {
    records: [Record; RECORDS],
    /// Which pages of `records` were ever written.
    touched: [AtomicU8; RECORDS / PAGE],
}

/// The table. A zeroed static is an empty table that ignores everything until [`Shadow::open`].
pub(in crate::sys) struct Shadow {
    directory: AtomicPtr<AtomicPtr<Chunk>>,
    /// Directory numbers of the chunks in use, so that a walk need not search the directory.
    used: [AtomicUsize; MAX_CHUNKS],
    used_count: AtomicUsize,
    /// Blocks that could not be recorded.
    dropped: AtomicU64,
    full: AtomicBool,
}

fn zeroed_pages(bytes: usize) -> *mut c_void {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: an anonymous private mapping at an address of the kernel's choice touches nothing.
    let pages = unsafe { libc::mmap(ptr::null_mut(), bytes, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
    if pages == libc::MAP_FAILED { ptr::null_mut() } else { pages }
}

impl Shadow {
    pub(in crate::sys) const fn new() -> Self {
        Self {
            directory: AtomicPtr::new(ptr::null_mut()),
            used: [const { AtomicUsize::new(0) }; MAX_CHUNKS],
            used_count: AtomicUsize::new(0),
            dropped: AtomicU64::new(0),
            full: AtomicBool::new(false),
        }
    }

    /// Reserves the directory. Returns whether there was memory for it.
    pub(in crate::sys) fn open(&self) -> bool {
        if self.directory.load(Acquire).is_null() {
            let pages = zeroed_pages(DIRECTORY * size_of::<AtomicPtr<Chunk>>());
            self.directory.store(pages.cast(), Relaxed);
        }
        !self.directory.load(Acquire).is_null()
    }

    #[inline(always)]
    fn entry(&self, address: u64) -> Option<&AtomicPtr<Chunk>> {
        let directory = self.directory.load(Relaxed);
        let number = (address >> CHUNK_BITS) as usize;
        if directory.is_null() || number >= DIRECTORY {
            return None;
        }
        // SAFETY: the directory has DIRECTORY entries, is never unmapped, and zero is a valid one.
        Some(unsafe { &*directory.add(number) })
    }

    #[inline(always)]
    fn chunk(&self, address: u64) -> Option<&Chunk> {
        let chunk = self.entry(address)?.load(Acquire);
        // SAFETY: a non-null entry is a whole zero-initialised mapping that is never unmapped.
        unsafe { chunk.as_ref() }
    }

    #[cold]
    #[inline(never)]
    fn new_chunk(&self, address: u64) -> Option<&Chunk> {
        let entry = self.entry(address)?;
        let fresh: *mut Chunk = zeroed_pages(size_of::<Chunk>()).cast();
        if fresh.is_null() {
            return None;
        }
        if let Err(winner) = entry.compare_exchange(ptr::null_mut(), fresh, AcqRel, Acquire) {
            // SAFETY: `fresh` is our own mapping and nobody has seen it.
            unsafe { libc::munmap(fresh.cast(), size_of::<Chunk>()) };
            // SAFETY: as in `chunk`.
            return unsafe { winner.as_ref() };
        }
        let place = self.used_count.fetch_add(1, AcqRel);
        match self.used.get(place) {
            Some(slot) => slot.store((address >> CHUNK_BITS) as usize + 1, Relaxed),
            None => self.full.store(true, Relaxed),
        }
        // SAFETY: as in `chunk`.
        unsafe { fresh.as_ref() }
    }

    #[inline(always)]
    pub(in crate::sys) fn record(&self, address: u64, size: u64, domain: Domain, serial: u64, run: u32, stack: u32) {
        let Some(chunk) = self.chunk(address).or_else(|| self.new_chunk(address)) else {
            self.dropped.fetch_add(1, Relaxed);
            return;
        };
        let number = (address >> 4) as usize & (RECORDS - 1);
        let record = &chunk.records[number];
        let birth = LIVE | (domain as u64) << 60 | (u64::from(run) & RUN_MASK) << 36 | (serial & SERIAL_MASK);
        record.extent.store(u64::from(stack) << 40 | (size & SIZE_MASK), Relaxed);
        record.birth.store(birth, Relaxed);
        chunk.touched[number / PAGE].store(1, Relaxed);
    }

    /// Forgets a block; returns what was known, for a caller that may have to put it back.
    #[inline(always)]
    pub(in crate::sys) fn forget(&self, address: u64) -> Option<Block> {
        let record = &self.chunk(address)?.records[(address >> 4) as usize & (RECORDS - 1)];
        let block = record.read(address)?;
        record.birth.store(0, Relaxed);
        Some(block)
    }

    /// The live block that starts at an address.
    #[inline(always)]
    pub(in crate::sys) fn find(&self, address: u64) -> Option<Block> {
        self.chunk(address)?.records[(address >> 4) as usize & (RECORDS - 1)].read(address)
    }

    /// Gives a live block a new birth: its memory was re-used without the allocator being asked.
    #[cfg(Py_3_13)]
    #[inline(always)]
    pub(in crate::sys) fn restamp(&self, address: u64, serial: u64, run: u32) {
        if let Some(chunk) = self.chunk(address) {
            let birth = &chunk.records[(address >> 4) as usize & (RECORDS - 1)].birth;
            let old = birth.load(Relaxed);
            if old != 0 && (old >> 36 & RUN_MASK) as u32 != run {
                let kept = old & (LIVE | 3 << 60);
                birth.store(kept | (u64::from(run) & RUN_MASK) << 36 | (serial & SERIAL_MASK), Relaxed);
            }
        }
    }

    /// Calls `visit` for every live block, in no particular order.
    pub(in crate::sys) fn for_each(&self, mut visit: impl FnMut(Block)) {
        let count = self.used_count.load(Acquire).min(MAX_CHUNKS);
        for number in self.used[..count].iter().filter_map(|slot| slot.load(Relaxed).checked_sub(1)) {
            let base = (number as u64) << CHUNK_BITS;
            let Some(chunk) = self.chunk(base) else { continue };
            let pages = chunk.touched.iter().enumerate().filter(|(_, touched)| touched.load(Relaxed) != 0);
            for (page, _) in pages {
                for (place, record) in chunk.records[page * PAGE..(page + 1) * PAGE].iter().enumerate() {
                    if let Some(block) = record.read(base + ((page * PAGE + place) as u64) * 16) {
                        visit(block);
                    }
                }
            }
        }
    }

    /// Blocks that could not be recorded for want of memory.
    pub(in crate::sys) fn dropped(&self) -> u64 {
        self.dropped.load(Relaxed) + u64::from(self.full.load(Relaxed))
    }
}

impl Record {
    #[inline(always)]
    fn read(&self, address: u64) -> Option<Block> {
        let birth = self.birth.load(Relaxed);
        if birth == 0 {
            return None;
        }
        let extent = self.extent.load(Relaxed);
        Some(Block {
            address: address & !15,
            size: extent & SIZE_MASK,
            serial: Serial(birth & SERIAL_MASK),
            run: RunId((birth >> 36 & RUN_MASK) as u32),
            domain: Domain::ALL[(birth >> 60 & 3) as usize % 3],
            stack: (extent >> 40) as u32,
        })
    }
}
