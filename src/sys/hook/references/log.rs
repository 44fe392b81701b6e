//! The log of what extensions did to reference counts: appended to, never searched while an audit runs.
//!
//! One line of 32 bytes: the object with the kind of operation in its highest byte; the return address with the slot of
//! the function that was called, if it has one; how many blocks were born before; thread and run. Its pages are touched
//! as they are needed.

use core::ffi::c_void;
use core::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};

use crate::event::{RunId, Serial};
use crate::sys::cpython::Object;
use crate::sys::hook::{newest_serial, stamped};
use crate::sys::watch::own_thread;

/// Operations that find room: 128 MB when all of it is used.
const ROOM: usize = 1 << 22;
/// Where the kind of operation stands beside an address, which has 47 bits.
const KIND: u32 = 56;
const ADDRESS: u64 = (1 << KIND) - 1;

/// Where the slot stands beside a return address.
const SLOT: u32 = 48;
const CALLER: u64 = (1 << SLOT) - 1;

/// What is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub(in crate::sys::hook) enum Kind {
    Increment = 1,
    Decrement = 2,
    /// The last reference goes.
    Death = 3,
    /// A function has returned the object.
    Returned = 4,
    /// The same, with the only reference to it.
    ReturnedAlone = 5,
    /// A function has taken over the caller's reference.
    Stolen = 6,
}

impl Kind {
    const ALL: [Self; 6] =
        [Self::Increment, Self::Decrement, Self::Death, Self::Returned, Self::ReturnedAlone, Self::Stolen];
}

#[repr(C)]
struct Line {
    /// 0 while it is being written.
    object: AtomicU64,
    caller: AtomicU64,
    serial: AtomicU64,
    thread: AtomicU32,
    run: AtomicU32,
}

static LINES: AtomicPtr<Line> = AtomicPtr::new(core::ptr::null_mut());
static USED: AtomicUsize = AtomicUsize::new(0);
static AWAKE: AtomicBool = AtomicBool::new(false);

/// Records from now on; what was recorded before is forgotten.
pub(in crate::sys) fn wake() {
    if LINES.load(Acquire).is_null() {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        let (size, access) = (ROOM * size_of::<Line>(), libc::PROT_READ | libc::PROT_WRITE);
        // SAFETY: an anonymous private mapping at an address of the kernel's choice touches nothing.
        let pages = unsafe { libc::mmap(core::ptr::null_mut(), size, access, flags, -1, 0) };
        if pages == libc::MAP_FAILED {
            return;
        }
        // A fault for each 170 lines would cost more than all the rest; where there are no large pages it stays so.
        // SAFETY: advice about our own mapping.
        unsafe { libc::madvise(pages, size, libc::MADV_HUGEPAGE) };
        LINES.store(pages.cast(), Release);
    }
    forget();
    AWAKE.store(true, Release);
}

/// Records nothing from now on, calls neither. What was recorded stays.
pub(in crate::sys) fn sleep() {
    super::super::calls::sleep();
    AWAKE.store(false, Relaxed);
}

/// Forgets what was recorded: a measurement begins.
pub(in crate::sys) fn forget() {
    let lines = LINES.load(Acquire);
    let used = USED.load(Acquire).min(ROOM);
    if !lines.is_null() && used > 0 {
        // SAFETY: inside the mapping of `wake`; its pages read as zero afterwards, which is what an unused line is.
        unsafe { libc::madvise(lines.cast(), used * size_of::<Line>(), libc::MADV_DONTNEED) };
    }
    USED.store(0, Release);
}

/// Operations since [`forget`] that found no room.
pub(in crate::sys) fn dropped() -> u64 {
    USED.load(Relaxed).saturating_sub(ROOM) as u64
}

/// Bytes of the log that are resident: what was written, rounded as the kernel does it.
pub(in crate::sys) fn touched_bytes() -> i64 {
    const PAGE: usize = 4096;
    const LARGE_PAGE: usize = 2 << 20;
    let used = USED.load(Relaxed).min(ROOM) * size_of::<Line>();
    if used == 0 {
        return 0;
    }
    let length = (used.next_multiple_of(LARGE_PAGE) + LARGE_PAGE).min(ROOM * size_of::<Line>());
    let mut resident = vec![0u8; length / PAGE];
    // SAFETY: fills a byte for each page of our own mapping.
    unsafe { libc::mincore(LINES.load(Acquire).cast(), length, resident.as_mut_ptr()) };
    (resident.iter().filter(|&&page| page & 1 != 0).count() * PAGE) as i64
}

/// A reference is taken: by the extension, whose code goes on at `caller`.
pub(super) extern "C" fn note_increment(object: *mut c_void, caller: u64) {
    if AWAKE.load(Relaxed) && count(object).is_some() {
        append(object as u64, Kind::Increment, caller, 0);
    }
}

/// A reference is given back; perhaps it is the last.
pub(super) extern "C" fn note_decrement(object: *mut c_void, caller: u64) {
    if AWAKE.load(Relaxed)
        && let Some(count) = count(object)
    {
        append(object as u64, if count == 1 { Kind::Death } else { Kind::Decrement }, caller, 0);
    }
}

/// The extension gave back the last reference itself.
pub(super) extern "C" fn note_death(object: *mut c_void, caller: u64) {
    if AWAKE.load(Relaxed) && !object.is_null() {
        append(object as u64, Kind::Death, caller, 0);
    }
}

/// The count before the operation; `None` for null and for an immortal object.
#[inline(always)]
pub(in crate::sys::hook) fn count(object: *mut c_void) -> Option<u32> {
    if object.is_null() {
        return None;
    }
    // SAFETY: the extension hands a live object to a function that takes or counts its references, or has just got it
    // from one, with the GIL held.
    unsafe { Object::new(object as u64) }.reference_count()
}

/// Appends a line; `slot` is that of [`super::super::calls`].
#[inline(always)]
pub(in crate::sys::hook) fn append(object: u64, kind: Kind, caller: u64, slot: u64) {
    let lines = LINES.load(Acquire);
    let number = USED.fetch_add(1, Relaxed);
    if number >= ROOM {
        return;
    }
    // SAFETY: not null while awake; inside the mapping, which is never unmapped; all zero is valid.
    let line = unsafe { &*lines.add(number) };
    line.caller.store(caller & CALLER | slot << SLOT, Relaxed);
    line.serial.store(newest_serial(), Relaxed);
    line.thread.store(own_thread(), Relaxed);
    line.run.store(stamped().0, Relaxed);
    line.object.store(object & ADDRESS | (kind as u64) << KIND, Release);
}

/// Whether operations are recorded now.
pub(in crate::sys::hook) fn is_awake() -> bool {
    AWAKE.load(Relaxed)
}

/// One line of the log, as it was written.
pub(super) struct Noted {
    pub(super) object: u64,
    pub(super) kind: Kind,
    pub(super) caller: u64,
    pub(super) slot: usize,
    /// The newest birth at that time.
    pub(super) serial: Serial,
    pub(super) thread: u32,
    pub(super) run: RunId,
}

/// The lines in order.
pub(super) fn lines() -> impl Iterator<Item = Noted> {
    let lines = LINES.load(Acquire);
    let used = if lines.is_null() { 0 } else { USED.load(Acquire).min(ROOM) };
    (0..used).filter_map(move |number| {
        // SAFETY: as in `append`.
        let line = unsafe { &*lines.add(number) };
        let (word, caller) = (line.object.load(Acquire), line.caller.load(Relaxed));
        Some(Noted {
            object: word & ADDRESS,
            kind: *Kind::ALL.get(((word >> KIND) as usize).checked_sub(1)?)?,
            caller: caller & CALLER,
            slot: (caller >> SLOT) as usize,
            serial: Serial(line.serial.load(Relaxed)),
            thread: line.thread.load(Relaxed),
            run: RunId(line.run.load(Relaxed)),
        })
    })
}
