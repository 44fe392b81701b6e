//! SIGTRAP: ours are taken, all others are passed on as if we were not there.

use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use libc::{siginfo_t, ucontext_t};

use super::super::chain::Chain;
use super::super::own_stack::{keeping_errno, on_own_stack};
use super::slots;
use crate::sys::stack::Registers;

/// `si_code` of a breakpoint in a debug register, and of a perf event (Linux `asm-generic/siginfo.h`).
const TRAP_HWBKPT: c_int = 4;
const TRAP_PERF: c_int = 6;
/// Offset of `si_perf_data` in `siginfo_t` on 64-bit systems, in words.
const PERF_DATA: usize = 3;

static TRAPS: Chain = Chain::new(libc::SIGTRAP);
/// Breakpoints in debug registers are ours: their traps carry no mark.
static REGISTERS: AtomicBool = AtomicBool::new(false);

/// What stands behind our handler of a signal, when we have one now.
pub(in crate::sys::watch) fn chain(signal: c_int) -> Option<&'static Chain> {
    Some(&TRAPS).filter(|chain| chain.is_of(signal))
}

/// Takes SIGTRAP, in front of whoever has it. Whether that worked. Idempotent.
pub(super) fn install() -> bool {
    TRAPS.install(on_trap)
}

/// Puts back what was there, unless somebody else came in front of us meanwhile.
pub(super) fn remove() {
    TRAPS.remove(on_trap);
}

/// Whether traps of debug registers are ours from now on.
pub(super) fn expect_registers(ours: bool) {
    REGISTERS.store(ours, Relaxed);
}

/// SIGTRAP.
///
/// # Safety
/// For the kernel only.
unsafe extern "C" fn on_trap(_: c_int, information: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: what the kernel passes to a handler with SA_SIGINFO; 128 bytes, whatever the code.
    let (code, data) = unsafe { ((*information).si_code, information.cast::<u64>().add(PERF_DATA).read()) };
    let ours = match code {
        TRAP_PERF => slots::is_cookie(data),
        TRAP_HWBKPT => REGISTERS.load(Relaxed),
        _ => false,
    };
    if !ours {
        return TRAPS.forward(information, context);
    }
    let context = context.cast::<ucontext_t>();
    // SAFETY: what the kernel passed; nobody else has it.
    let register = |number: c_int| unsafe { (*context).uc_mcontext.gregs }[number as usize] as u64;
    // The processor stops behind the instruction that wrote: as a return address does.
    let at = Registers { pc: register(libc::REG_RIP), sp: register(libc::REG_RSP), bp: register(libc::REG_RBP) };
    // SAFETY: as above.
    unsafe { on_own_stack(context, || keeping_errno(|| slots::hit(at))) };
}
