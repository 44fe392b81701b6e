//! Our handlers: no lock, no allocation, little stack, since they may run on a thread's alternate one.

use core::ffi::{c_int, c_void};

use libc::{siginfo_t, ucontext_t};

use super::chain::{FAULTS, TRAPS};
use super::processor::Processor;
use super::{region, writes};

/// A fault at a mapping that does not permit it.
const SEGV_ACCERR: c_int = 2;

/// Takes SIGSEGV and SIGTRAP, in front of whoever has them. Whether that worked. Idempotent.
pub(super) fn install() -> bool {
    FAULTS.install(on_fault) && TRAPS.install(on_trap)
}

/// Gives both back.
pub(super) fn remove() {
    FAULTS.remove(on_fault);
    TRAPS.remove(on_trap);
}

/// Does something that may fail without the interrupted code's `errno` telling of it.
fn keeping_errno<T>(work: impl FnOnce() -> T) -> T {
    // SAFETY: the thread's own `errno`, valid as long as the thread.
    let errno = unsafe { &mut *libc::__errno_location() };
    let before = *errno;
    let result = work();
    *errno = before;
    result
}

/// SIGSEGV.
unsafe extern "C" fn on_fault(_: c_int, information: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: what the kernel passes to a handler with SA_SIGINFO; a fault has an address.
    let (code, address) = unsafe { ((*information).si_code, (*information).si_addr() as u64) };
    // SAFETY: as above; nobody else has the context.
    let mut processor = Processor(unsafe { &mut *context.cast::<ucontext_t>() });
    if code == SEGV_ACCERR && region::holds(address) && processor.faulted_in_write() {
        keeping_errno(|| writes::meet(&mut processor, address));
    } else {
        FAULTS.forward(information, context);
    }
}

/// SIGTRAP.
unsafe extern "C" fn on_trap(_: c_int, information: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: what the kernel passes to a handler with SA_SIGINFO; nobody else has it.
    let mut processor = Processor(unsafe { &mut *context.cast::<ucontext_t>() });
    if !keeping_errno(|| writes::end_step(&mut processor)) {
        TRAPS.forward(information, context);
    }
}
