//! What each layer of memory holds now: the census by domain, and the layers below the hooks.

use core::ffi::{CStr, c_int, c_void};
use std::sync::OnceLock;

use super::hook::{CENSUS, references};
use super::{arenas, pages};
use crate::event::Domain;

/// Bytes in each layer; differences of two readings have a meaning, the numbers alone do not all.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    /// Live blocks of each [`Domain`], in the order of its numbers.
    pub(crate) domains: [i64; 4],
    /// Arenas of pymalloc mapped since they are watched.
    pub(crate) arenas: i64,
    /// In use on the C heap, without what refaudit uses there; 0 where the C library does not say.
    pub(crate) heap_in_use: i64,
    /// Kept by the C heap for later; 0 where the C library does not say.
    pub(crate) heap_free: i64,
    /// Resident set, without refaudit's tables and models.
    pub(crate) resident: i64,
}

/// Reads every layer. Call with the GIL held; takes nothing from the Python heap.
pub(crate) fn memory() -> Memory {
    let own = pages::taken();
    let tables = own.mapped + CENSUS.touched_bytes() + references::touched_bytes();
    let (used, kept) = c_heap().unwrap_or((own.heap, 0));
    let resident = resident().unwrap_or(0);
    let mut domains = [0; Domain::ALL.len() + 1];
    CENSUS.for_each(|block| domains[block.domain as usize] += block.size as i64);
    Memory {
        domains,
        arenas: arenas::held(),
        heap_in_use: used - own.heap,
        heap_free: kept,
        resident: resident - own.heap - tables,
    }
}

/// The resident set in bytes, without pages of files: those are the kernel's to drop, and reading
/// debug information brings in many (`RssAnon` and `RssShmem` of `/proc/self/status`, proc(5)).
fn resident() -> Option<i64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let kibibytes = |name: &str| -> Option<i64> {
        text.lines().find_map(|line| line.strip_prefix(name))?.split_ascii_whitespace().next()?.parse().ok()
    };
    Some((kibibytes("RssAnon:")? + kibibytes("RssShmem:")?) * 1024)
}

/// Bytes that the system could still give this process: what the kernel calls available (proc(5)), or
/// less when a control group or a limit of address space allows less. All there is when nobody says.
pub(crate) fn memory_to_spare() -> u64 {
    let number = |path: &str| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let available = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        Some(line.split_ascii_whitespace().next()?.parse::<u64>().ok()? * 1024)
    });
    let group = number("/sys/fs/cgroup/memory.max")
        .and_then(|most| Some(most.saturating_sub(number("/sys/fs/cgroup/memory.current")?)));
    let space = address_space().map(|most| {
        let pages = std::fs::read_to_string("/proc/self/statm").ok();
        let taken = pages.and_then(|text| text.split_ascii_whitespace().next()?.parse::<u64>().ok());
        most.saturating_sub(taken.unwrap_or(0) * 4096)
    });
    [available, group, space].into_iter().flatten().min().unwrap_or(u64::MAX)
}

/// The limit of address space (`ulimit -v`), if there is one.
fn address_space() -> Option<u64> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the call fills a struct of our own.
    let done = unsafe { libc::getrlimit(libc::RLIMIT_AS, &raw mut limit) };
    (done == 0 && limit.rlim_cur != libc::RLIM_INFINITY).then_some(limit.rlim_cur)
}

/// The fields of `struct mallinfo2` (`size_t`) or `struct mallinfo` (`int`), mallinfo(3).
#[repr(C)]
struct Counts<T>([T; 10]);
/// Bytes in blocks that were mapped one by one; bytes in use; bytes free.
const HBLKHD: usize = 4;
const UORDBLKS: usize = 7;
const FORDBLKS: usize = 8;

type Wide = unsafe extern "C" fn() -> Counts<usize>;
type Narrow = unsafe extern "C" fn() -> Counts<c_int>;

#[derive(Clone, Copy)]
enum Mallinfo {
    /// glibc 2.33 and newer.
    Wide(Wide),
    /// Older ones, whose counts wrap around at 4 GiB.
    Narrow(Narrow),
}

/// Bytes in use on the C heap, and bytes that it keeps for later; `None` without glibc.
fn c_heap() -> Option<(i64, i64)> {
    static FUNCTION: OnceLock<Option<Mallinfo>> = OnceLock::new();
    let pair = |mapped: i64, used: i64, free: i64| (mapped + used, free);
    match (*FUNCTION.get_or_init(find))? {
        Mallinfo::Wide(function) => {
            // SAFETY: takes the allocator's own locks and reads its counts.
            let Counts(n) = unsafe { function() };
            Some(pair(n[HBLKHD] as i64, n[UORDBLKS] as i64, n[FORDBLKS] as i64))
        }
        Mallinfo::Narrow(function) => {
            // SAFETY: as above.
            let Counts(n) = unsafe { function() };
            let wide = |number: c_int| i64::from(number as u32);
            Some(pair(wide(n[HBLKHD]), wide(n[UORDBLKS]), wide(n[FORDBLKS])))
        }
    }
}

/// Looked up at run time: a wheel must also load where `mallinfo2` does not exist.
fn find() -> Option<Mallinfo> {
    let look = |name: &CStr| {
        // SAFETY: searches the libraries that are loaded for a NUL-terminated name.
        let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
        (!found.is_null()).then_some(found)
    };
    if let Some(found) = look(c"mallinfo2") {
        // SAFETY: a function of glibc of this type.
        return Some(Mallinfo::Wide(unsafe { core::mem::transmute::<*mut c_void, Wide>(found) }));
    }
    // SAFETY: as above.
    look(c"mallinfo").map(|found| Mallinfo::Narrow(unsafe { core::mem::transmute::<*mut c_void, Narrow>(found) }))
}
