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
//! 0: live:1 | watched:1 | domain:2 | run:24 | serial:36
//! 1: stack:24 | route:4 | size:36
//! ```

use core::ffi::c_void;
use core::ptr;
use core::sync::atomic::Ordering::{AcqRel, Acquire};
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed};

use crate::event::{Block, Domain, Route, RunId, Serial, StackId};
use crate::sys::stack::code_died;

const CHUNK_BITS: u32 = 24;
const RECORDS: usize = 1 << (CHUNK_BITS - 4);
const DIRECTORY: usize = 1 << (47 - CHUNK_BITS);
/// Records in a page: the unit in which the table is walked.
const PAGE: usize = 256;
const MAX_CHUNKS: usize = 1 << 16;

const DOMAINS: [Domain; 4] = [Domain::Raw, Domain::Mem, Domain::Object, Domain::Native];

const LIVE: u64 = 1 << 63;
/// Somebody wants to know when the block is freed, whether or not its birth is known.
const WATCHED: u64 = 1 << 62;
const SERIAL_MASK: u64 = (1 << 36) - 1;
const RUN_MASK: u64 = (1 << 24) - 1;
/// A larger block counts as one of this size: 64 GiB.
const SIZE_MASK: u64 = (1 << 36) - 1;

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
    pub(in crate::sys) fn record(&self, block: Block) {
        let Some(chunk) = self.chunk(block.address).or_else(|| self.new_chunk(block.address)) else {
            self.dropped.fetch_add(1, Relaxed);
            return;
        };
        let number = (block.address >> 4) as usize & (RECORDS - 1);
        let record = &chunk.records[number];
        let run = u64::from(block.run.0) & RUN_MASK;
        let birth = LIVE | (block.domain as u64) << 60 | run << 36 | (block.serial.0 & SERIAL_MASK);
        let size = block.size.min(SIZE_MASK);
        record.extent.store(u64::from(block.stack.0) << 40 | (block.route as u64) << 36 | size, Relaxed);
        record.birth.store(birth, Relaxed);
        chunk.touched[number / PAGE].store(1, Relaxed);
    }

    /// Forgets a block; returns what was known, for a caller that may have to put it back.
    #[inline(always)]
    pub(in crate::sys) fn forget(&self, address: u64) -> Option<Block> {
        let record = &self.chunk(address)?.records[(address >> 4) as usize & (RECORDS - 1)];
        let birth = record.birth.load(Relaxed);
        if birth == 0 {
            return None;
        }
        let block = record.read(address);
        record.birth.store(0, Relaxed);
        if birth & WATCHED != 0 {
            code_died(address);
        }
        block
    }

    /// Tells [`code_died`] when the block at an address is freed.
    pub(in crate::sys) fn watch(&self, address: u64) {
        if let Some(chunk) = self.chunk(address).or_else(|| self.new_chunk(address)) {
            let number = (address >> 4) as usize & (RECORDS - 1);
            chunk.records[number].birth.fetch_or(WATCHED, Relaxed);
            chunk.touched[number / PAGE].store(1, Relaxed);
        }
    }

    /// The live block that starts at an address.
    #[inline(always)]
    pub(in crate::sys) fn find(&self, address: u64) -> Option<Block> {
        self.chunk(address)?.records[(address >> 4) as usize & (RECORDS - 1)].read(address)
    }

    /// Gives a live block a new birth: its memory was re-used without the allocator being asked.
    #[cfg(Py_3_13)]
    #[inline(always)]
    pub(in crate::sys) fn restamp(&self, address: u64, serial: u64, run: u32, stack: StackId) {
        if let Some(chunk) = self.chunk(address) {
            let record = &chunk.records[(address >> 4) as usize & (RECORDS - 1)];
            let old = record.birth.load(Relaxed);
            if old & LIVE != 0 {
                let kept = old & (LIVE | WATCHED | 3 << 60);
                record.birth.store(kept | (u64::from(run) & RUN_MASK) << 36 | (serial & SERIAL_MASK), Relaxed);
                let extent = record.extent.load(Relaxed) & ((1 << 40) - 1);
                record.extent.store(u64::from(stack.0) << 40 | extent, Relaxed);
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

    /// Bytes of the table that were ever written: what it takes of the resident set.
    pub(in crate::sys) fn touched_bytes(&self) -> i64 {
        let count = self.used_count.load(Acquire).min(MAX_CHUNKS);
        let numbers = self.used[..count].iter().filter_map(|slot| slot.load(Relaxed).checked_sub(1));
        let chunks = numbers.filter_map(|number| self.chunk((number as u64) << CHUNK_BITS));
        let pages: usize = chunks.map(|c| c.touched.iter().filter(|page| page.load(Relaxed) != 0).count()).sum();
        (pages * PAGE * size_of::<Record>()) as i64
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
        if birth & LIVE == 0 {
            return None;
        }
        let extent = self.extent.load(Relaxed);
        Some(Block {
            address: address & !15,
            size: extent & SIZE_MASK,
            serial: Serial(birth & SERIAL_MASK),
            run: RunId((birth >> 36 & RUN_MASK) as u32),
            domain: DOMAINS[(birth >> 60 & 3) as usize],
            route: Route::from_number((extent >> 36 & 15) as u8),
            stack: StackId((extent >> 40) as u32),
        })
    }
}
