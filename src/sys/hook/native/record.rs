//! What a hook tells the census: good on any thread. The census takes no lock; a stack that was not
//! seen before does, of tables that only it knows, and a signal handler that comes in between gets none.

use core::ffi::c_void;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::super::allocator::CENSUS;
use super::super::stamp::{next_serial_shared, stamped, stop_in_child};
use crate::event::{Block, Domain, Route, RunId, Serial, StackId};
use crate::sys::stack::{capture, own_state, registers};

/// Whether births are recorded. What is given back is always forgotten.
static AWAKE: AtomicBool = AtomicBool::new(false);
static FORKED: AtomicBool = AtomicBool::new(false);

/// Records births from now on; never again in a forked child.
pub(crate) fn wake() {
    if !forked() && CENSUS.open() {
        AWAKE.store(true, Relaxed);
        super::super::references::wake();
    }
}

/// Records no births from now on.
pub(crate) fn sleep() {
    AWAKE.store(false, Relaxed);
    super::super::references::sleep();
}

/// Whether this process is a child that was forked after the hooks were there.
pub(crate) fn forked() -> bool {
    FORKED.load(Relaxed)
}

/// Puts the hooks to sleep for good in a forked child: its other threads are gone, and with them
/// whatever they held.
pub(super) extern "C" fn in_child() {
    FORKED.store(true, Relaxed);
    AWAKE.store(false, Relaxed);
    super::super::references::sleep();
    stop_in_child();
}

#[inline(always)]
pub(super) fn awake() -> bool {
    AWAKE.load(Relaxed)
}

/// Does something that may fail without the caller's `errno` telling of it.
#[inline(always)]
pub(super) fn keeping_errno<T>(work: impl FnOnce() -> T) -> T {
    // SAFETY: the thread's own `errno`, valid as long as the thread.
    let errno = unsafe { &mut *libc::__errno_location() };
    let before = *errno;
    let result = work();
    *errno = before;
    result
}

/// A block was taken. Null is none.
#[inline(always)]
pub(super) fn born(address: *mut c_void, size: usize, route: Route) {
    if !address.is_null() && awake() {
        let registers = registers();
        keeping_errno(|| {
            let run = stamped();
            let stack = if run == RunId::NOBODY { StackId::NONE } else { capture(registers, own_state()) };
            CENSUS.record(Block {
                address: address as u64,
                size: size as u64,
                serial: Serial(next_serial_shared()),
                run,
                domain: Domain::Native,
                route,
                stack,
            });
        });
    }
}

/// A block is given back. Called before it is: afterwards another thread may be given its address.
#[inline(always)]
pub(super) fn gone(address: *mut c_void) -> Option<Block> {
    if address.is_null() { None } else { CENSUS.forget(address as u64) }
}

/// A known block lives on, perhaps elsewhere: it keeps its birth.
#[inline(always)]
pub(super) fn lives_on(known: Block, address: u64, size: u64) {
    keeping_errno(|| CENSUS.record(Block { address, size, ..known }));
}

/// A block that was there before it could be seen is resized: it belongs to nobody.
#[inline(always)]
pub(super) fn found(address: *mut c_void, size: usize, route: Route) {
    if !address.is_null() && awake() {
        let (serial, run) = (Serial::UNKNOWN, RunId::NOBODY);
        let (address, size) = (address as u64, size as u64);
        let block = Block { address, size, serial, run, domain: Domain::Native, route, stack: StackId::NONE };
        keeping_errno(|| CENSUS.record(block));
    }
}

/// The live native blocks.
pub(crate) fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    CENSUS.for_each(|block| {
        if block.domain == Domain::Native {
            blocks.push(block);
        }
    });
    blocks
}
