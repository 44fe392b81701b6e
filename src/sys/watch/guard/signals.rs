//! Our handlers: no lock, no allocation, little stack, since they may run on a thread's alternate one.

use core::ffi::{c_int, c_void};

use libc::{siginfo_t, ucontext_t};

use super::super::chain::Chain;
use super::super::own_stack::{keeping_errno, on_own_stack};
use super::processor::Processor;
use super::{region, writes};

static FAULTS: Chain = Chain::new(libc::SIGSEGV);
static TRAPS: Chain = Chain::new(libc::SIGTRAP);

/// The chain of a signal that is one of ours now.
pub(super) fn chain(signal: c_int) -> Option<&'static Chain> {
    [&FAULTS, &TRAPS].into_iter().find(|chain| chain.is_of(signal))
}

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

/// Does something about the registers of the interrupted code, on its own stack.
///
/// # Safety
/// For handlers, with what the kernel passed to them.
unsafe fn with_processor(context: *mut c_void, mut work: impl FnMut(&mut Processor<'_>)) {
    let context = context.cast::<ucontext_t>();
    // SAFETY: as promised; nobody else has the context.
    unsafe { on_own_stack(context, || keeping_errno(|| work(&mut Processor(&mut *context)))) }
}

/// SIGSEGV.
///
/// # Safety
/// For the kernel only.
unsafe extern "C" fn on_fault(_: c_int, information: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: what the kernel passes to a handler with SA_SIGINFO; a fault has an address.
    let (code, address) = unsafe { ((*information).si_code, (*information).si_addr() as u64) };
    // SAFETY: as above; nobody else has the context.
    let is_ours = code == SEGV_ACCERR
        && region::holds(address)
        && Processor(unsafe { &mut *context.cast::<ucontext_t>() }).faulted_in_write();
    if is_ours {
        // SAFETY: what the kernel passed.
        unsafe { with_processor(context, |processor| writes::meet(processor, address)) };
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
    if writes::is_stepping(&Processor(unsafe { &mut *context.cast::<ucontext_t>() })) {
        // SAFETY: as above.
        unsafe { with_processor(context, writes::end_step) };
    } else {
        TRAPS.forward(information, context);
    }
}
