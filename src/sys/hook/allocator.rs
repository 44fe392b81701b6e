//! Hooks on CPython's three allocator domains.
//!
//! Contract (CPython `memory.rst`, "Customize Memory Allocators"): after initialisation a hook must
//! wrap the current allocator and return its pointers unchanged. So: one set of functions for each
//! domain that ignores its context, the originals in a static that is filled before the first
//! replacement, installed once, never removed, switched by a flag. A torn read of CPython's table
//! during installation then still finds functions that work with any context.

use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use pyo3::ffi::{self, PyMemAllocatorDomain, PyMemAllocatorEx};

use super::shadow::Shadow;
#[cfg(Py_3_13)]
use super::stamp::JUST_BORN;
use super::stamp::{ASLEEP, Awake, RUN, next_serial, next_serial_shared};
use crate::event::{Block, Domain, Route, RunId, Serial, StackId};
use crate::sys::stack::{capture, holder_state, own_state, registers};
use crate::sys::watch::guard;

/// The table of live blocks of this process.
pub(in crate::sys) static CENSUS: Shadow = Shadow::new();
static INSTALLED: AtomicBool = AtomicBool::new(false);
struct Originals(UnsafeCell<[MaybeUninit<PyMemAllocatorEx>; 3]>);
// SAFETY: written once under the GIL before any hook can read it, never afterwards.
unsafe impl Sync for Originals {}
static ORIGINALS: Originals = Originals(UnsafeCell::new([const { MaybeUninit::uninit() }; 3]));

const DOMAINS: [PyMemAllocatorDomain; 3] = [
    PyMemAllocatorDomain::PYMEM_DOMAIN_RAW,
    PyMemAllocatorDomain::PYMEM_DOMAIN_MEM,
    PyMemAllocatorDomain::PYMEM_DOMAIN_OBJ,
];

const NULL: *mut c_void = core::ptr::null_mut();

#[inline(always)]
fn original<const DOMAIN: usize>() -> &'static PyMemAllocatorEx {
    // SAFETY: hooks run only after `install` has filled every entry, and nothing writes it again.
    unsafe { (*ORIGINALS.0.get())[DOMAIN].assume_init_ref() }
}

#[inline(always)]
fn record<const DOMAIN: usize>(block: *mut c_void, size: usize) {
    if !block.is_null() {
        let run = RUN.load(Relaxed);
        if run == ASLEEP {
            return;
        }
        // Raw blocks may be born without the GIL.
        let serial = if DOMAIN == 0 { next_serial_shared() } else { next_serial() };
        let stack = if run == 0 {
            StackId::NONE
        } else {
            capture(registers(), if DOMAIN == 0 { own_state() } else { holder_state() })
        };
        CENSUS.record(Block {
            address: block as u64,
            size: size as u64,
            serial: Serial(serial),
            run: RunId(run),
            domain: Domain::ALL[DOMAIN],
            route: Route::Python,
            stack,
        });
        #[cfg(Py_3_13)]
        if DOMAIN == 2 {
            JUST_BORN.store(block as u64, Relaxed);
        }
        forget_carrier::<DOMAIN>(block as u64, size as u64);
    }
}

/// Forgets the raw block that a large block of another domain lives in.
///
/// pymalloc passes what is larger than 512 bytes on to the raw domain, whose hook records it too:
/// at the same address, or, under the debug allocators, with their header before it and their
/// guard after it (`_PyMem_DebugRawAlloc` in `Objects/obmalloc.c`). That is one block, not two.
#[inline(always)]
fn forget_carrier<const DOMAIN: usize>(block: u64, size: u64) {
    const BEFORE: u64 = 16;
    const AROUND: u64 = 24;
    const PASSED_ON: u64 = 512;
    if DOMAIN != 0 && size + AROUND > PASSED_ON {
        let carrier = CENSUS.find(block - BEFORE);
        if carrier.is_some_and(|carrier| carrier.domain == Domain::Raw && carrier.size == size + AROUND) {
            CENSUS.forget(block - BEFORE);
        }
    }
}

extern "C" fn malloc<const DOMAIN: usize>(_: *mut c_void, size: usize) -> *mut c_void {
    let original = original::<DOMAIN>();
    let Some(function) = original.malloc else { return core::ptr::null_mut() };
    let mut block = placed::<DOMAIN>(size, false);
    if block.is_null() {
        block = function(original.ctx, size);
    }
    record::<DOMAIN>(block, size);
    block
}

extern "C" fn calloc<const DOMAIN: usize>(_: *mut c_void, count: usize, size: usize) -> *mut c_void {
    let original = original::<DOMAIN>();
    let Some(function) = original.calloc else { return core::ptr::null_mut() };
    let mut block = count.checked_mul(size).map_or(core::ptr::null_mut(), |size| placed::<DOMAIN>(size, true));
    if block.is_null() {
        block = function(original.ctx, count, size);
    }
    record::<DOMAIN>(block, count.wrapping_mul(size));
    block
}

extern "C" fn realloc<const DOMAIN: usize>(_: *mut c_void, old: *mut c_void, size: usize) -> *mut c_void {
    let original = original::<DOMAIN>();
    let Some(function) = original.realloc else { return core::ptr::null_mut() };
    if old.is_null() {
        let block = function(original.ctx, old, size);
        record::<DOMAIN>(block, size);
        return block;
    }
    let asleep = RUN.load(Relaxed) == ASLEEP;
    // Forgotten first: once the block is freed, another thread may be given its address.
    let known = CENSUS.forget(old as u64);
    let block = if DOMAIN == 2 && guard::holds(old) {
        resized(original, old, size)
    } else {
        let guarded = if DOMAIN == 2 && guard::wants(size) { moved_in(original, old, known, size) } else { NULL };
        if guarded.is_null() { function(original.ctx, old, size) } else { guarded }
    };
    // A resized block is the same block: it keeps its birth. One from before the hooks belongs to
    // nobody. When there was no memory the old block lives on.
    let unknown = Block {
        address: old as u64,
        size: 0,
        serial: Serial::UNKNOWN,
        run: RunId::NOBODY,
        domain: Domain::ALL[DOMAIN],
        route: Route::Python,
        stack: StackId::NONE,
    };
    if !block.is_null() && (known.is_some() || !asleep) {
        CENSUS.record(Block { address: block as u64, size: size as u64, ..known.unwrap_or(unknown) });
        forget_carrier::<DOMAIN>(block as u64, size as u64);
    } else if let Some(known) = known {
        CENSUS.record(known);
    }
    block
}

extern "C" fn free<const DOMAIN: usize>(_: *mut c_void, block: *mut c_void) {
    let original = original::<DOMAIN>();
    if !block.is_null() {
        CENSUS.forget(block as u64);
    }
    if DOMAIN == 2 && guard::holds(block) {
        guard::give_back(block);
    } else if let Some(function) = original.free {
        function(original.ctx, block);
    }
}

/// A guarded block for an object whose reference count is to be watched; null for all others.
#[inline(always)]
fn placed<const DOMAIN: usize>(size: usize, zeroed: bool) -> *mut c_void {
    if DOMAIN != 2 || !guard::wants(size) {
        return core::ptr::null_mut();
    }
    let run = RUN.load(Relaxed);
    let stack = if run == ASLEEP || run == 0 { StackId::NONE } else { capture(registers(), holder_state()) };
    guard::place(size, zeroed, stack)
}

/// Resizes a guarded block: where it is, or into an ordinary one.
#[cold]
fn resized(original: &PyMemAllocatorEx, old: *mut c_void, size: usize) -> *mut c_void {
    if guard::resize(old, size) {
        return old;
    }
    let Some(function) = original.malloc else { return core::ptr::null_mut() };
    let block = function(original.ctx, size);
    if !block.is_null() {
        // SAFETY: both blocks have at least so many bytes, and they are not the same.
        unsafe { core::ptr::copy_nonoverlapping(old.cast::<u8>(), block.cast(), size.min(guard::size(old))) };
        guard::give_back(old);
    }
    block
}

/// Resizes a block into a guarded one when that is wanted of its birth, as of strings and tuples that are made
/// too large; null otherwise.
#[cold]
fn moved_in(original: &PyMemAllocatorEx, old: *mut c_void, known: Option<Block>, size: usize) -> *mut c_void {
    let (Some(known), Some(free)) = (known, original.free) else { return NULL };
    let block = guard::place(size, false, known.stack);
    if !block.is_null() {
        guard::fill(block, old, size.min(known.size as usize), known.stack);
        free(original.ctx, old);
    }
    block
}

fn hooks<const DOMAIN: usize>() -> PyMemAllocatorEx {
    PyMemAllocatorEx {
        ctx: core::ptr::null_mut(),
        malloc: Some(malloc::<DOMAIN>),
        calloc: Some(calloc::<DOMAIN>),
        realloc: Some(realloc::<DOMAIN>),
        free: Some(free::<DOMAIN>),
    }
}

fn current(domain: Domain) -> PyMemAllocatorEx {
    let mut allocator = hooks::<0>();
    // SAFETY: fills the struct it is given; `domain` is one of the three that exist.
    unsafe { ffi::PyMem_GetAllocator(DOMAINS[domain as usize], &raw mut allocator) };
    allocator
}

fn ours(domain: Domain) -> PyMemAllocatorEx {
    match domain {
        Domain::Raw => hooks::<0>(),
        Domain::Mem => hooks::<1>(),
        Domain::Object | Domain::Native => hooks::<2>(),
    }
}

/// Wraps the three domains. Idempotent; call with the GIL held. Returns whether it worked.
pub(crate) fn install() -> bool {
    if INSTALLED.swap(true, Relaxed) {
        return true;
    }
    if !CENSUS.open() {
        INSTALLED.store(false, Relaxed);
        return false;
    }
    // All three before the first replacement: domains call each other.
    Domain::ALL.into_iter().for_each(wrap);
    for domain in Domain::ALL {
        replace(domain, ours(domain));
    }
    true
}

/// Makes the current allocator of a domain the one that our hook calls.
fn wrap(domain: Domain) {
    let allocator = current(domain);
    // SAFETY: our hook of this domain is not installed now, so nobody reads the entry.
    unsafe { (*ORIGINALS.0.get())[domain as usize].write(allocator) };
}

fn replace(domain: Domain, mut allocator: PyMemAllocatorEx) {
    // SAFETY: wraps the allocator that was current and returns its pointers unchanged.
    unsafe { ffi::PyMem_SetAllocator(DOMAINS[domain as usize], &raw mut allocator) };
}

/// How a domain's hook stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HookState {
    /// Ours is the current allocator.
    Active,
    /// Somebody wrapped it and still calls us.
    Wrapped,
    /// Allocations do not reach us any more.
    Lost,
}

/// Looks whether allocations of a domain still reach the census. Call with the GIL held.
pub(crate) fn state(domain: Domain) -> HookState {
    if current(domain).malloc.map(|f| f as usize) == ours(domain).malloc.map(|f| f as usize) {
        return HookState::Active;
    }
    if probe_block(domain) { HookState::Wrapped } else { HookState::Lost }
}

/// Allocates and frees one block through the front door and looks whether the census saw it.
fn probe_block(domain: Domain) -> bool {
    let allocator = current(domain);
    let (Some(malloc), Some(free)) = (allocator.malloc, allocator.free) else { return false };
    let _awake = Awake::new();
    let block = malloc(allocator.ctx, 16);
    let seen = CENSUS.find(block as u64).is_some_and(|b| b.size == 16 && b.domain == domain);
    free(allocator.ctx, block);
    seen
}

/// Puts a lost hook back on top of whatever is there now. Only after [`state`] said that it is lost.
pub(crate) fn reinstall(domain: Domain) {
    wrap(domain);
    replace(domain, ours(domain));
}

/// Blocks that could not be recorded for want of memory.
pub(crate) fn dropped() -> u64 {
    CENSUS.dropped()
}
