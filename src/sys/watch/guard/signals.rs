//! Our handlers: no lock, no allocation, little stack, since they may run on a thread's alternate one.

use core::arch::asm;
use core::ffi::{c_int, c_void};
use core::ptr;

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

/// Works on the stack that the interrupted code used, when that is not the one we were called on: an alternate stack
/// has room for a signal's frame and little else (that of faulthandler is 16 KiB, in the midst of the heap).
fn on_own_stack(processor: &mut Processor<'_>, mut work: impl FnMut(&mut Processor<'_>)) {
    /// Below the stack pointer of the x86-64 ABI a function may keep data.
    const RED_ZONE: u64 = 128;
    let (alternate, interrupted) = (&processor.0.uc_stack, processor.frame(0).sp);
    let range = alternate.ss_sp as u64..alternate.ss_sp as u64 + alternate.ss_size as u64;
    let here = ptr::from_ref(&interrupted) as u64;
    if !range.contains(&here) || range.contains(&interrupted) {
        return work(processor);
    }
    let mut call = || work(processor);
    let (function, argument) = trampoline(&mut call);
    let stack = (interrupted - RED_ZONE) & !15;
    // SAFETY: below the red zone the interrupted stack is free, as the kernel assumes when it calls a handler there; the
    // function keeps r12 and does not unwind.
    unsafe {
        asm!("mov r12, rsp", "mov rsp, {stack}", "call {function}", "mov rsp, r12",
            stack = in(reg) stack, function = in(reg) function, in("rdi") argument, out("r12") _, clobber_abi("C"));
    }
}

/// A function that calls a closure, and its argument.
fn trampoline<F: FnMut()>(call: &mut F) -> (extern "C" fn(*mut c_void), *mut c_void) {
    extern "C" fn run<F: FnMut()>(call: *mut c_void) {
        // SAFETY: the closure that this is returned with, which outlives the call.
        unsafe { (*call.cast::<F>())() }
    }
    (run::<F>, ptr::from_mut(call).cast())
}

/// SIGSEGV.
///
/// # Safety
/// For the kernel only.
unsafe extern "C" fn on_fault(_: c_int, information: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: what the kernel passes to a handler with SA_SIGINFO; a fault has an address.
    let (code, address) = unsafe { ((*information).si_code, (*information).si_addr() as u64) };
    // SAFETY: as above; nobody else has the context.
    let mut processor = Processor(unsafe { &mut *context.cast::<ucontext_t>() });
    if code == SEGV_ACCERR && region::holds(address) && processor.faulted_in_write() {
        on_own_stack(&mut processor, |processor| keeping_errno(|| writes::meet(processor, address)));
    } else {
        FAULTS.forward(information, context);
    }
}

/// SIGTRAP.
///
/// # Safety
/// For the kernel only.
unsafe extern "C" fn on_trap(_: c_int, information: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: what the kernel passes to a handler with SA_SIGINFO; nobody else has it.
    let mut processor = Processor(unsafe { &mut *context.cast::<ucontext_t>() });
    if writes::is_stepping(&processor) {
        on_own_stack(&mut processor, |processor| keeping_errno(|| writes::end_step(processor)));
    } else {
        TRAPS.forward(information, context);
    }
}
