//! SIGTRAP: ours are taken, all others are passed on as if we were not there.

use core::cell::UnsafeCell;
use core::ffi::{c_int, c_void};
use core::mem::{MaybeUninit, transmute};
use core::ptr;
use core::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Relaxed, Release},
};

use libc::{sigaction, siginfo_t, ucontext_t};

use super::super::own_stack::{keeping_errno, on_own_stack};
use super::slots;
use crate::sys::stack::Registers;

/// `si_code` of a breakpoint in a debug register, and of a perf event (Linux `asm-generic/siginfo.h`).
const TRAP_HWBKPT: c_int = 4;
const TRAP_PERF: c_int = 6;
/// Offset of `si_perf_data` in `siginfo_t` on 64-bit systems, in words.
const PERF_DATA: usize = 3;

/// What would be done at SIGTRAP without us.
struct Before(UnsafeCell<MaybeUninit<sigaction>>);
// SAFETY: written while our handler is not installed and `KNOWN` is false; only read otherwise.
unsafe impl Sync for Before {}
static BEFORE: Before = Before(UnsafeCell::new(MaybeUninit::zeroed()));
static KNOWN: AtomicBool = AtomicBool::new(false);
/// Breakpoints in debug registers are ours: their traps carry no mark.
static REGISTERS: AtomicBool = AtomicBool::new(false);

type Handler = unsafe extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

fn current() -> sigaction {
    let mut now = MaybeUninit::<sigaction>::zeroed();
    // SAFETY: fills the struct, which is valid when zero, too.
    unsafe {
        libc::sigaction(libc::SIGTRAP, ptr::null(), now.as_mut_ptr());
        now.assume_init()
    }
}

/// Takes SIGTRAP, in front of whoever has it. Whether that worked. Idempotent.
pub(super) fn install() -> bool {
    let now = current();
    if now.sa_sigaction == on_trap as *const () as usize {
        return true;
    }
    KNOWN.store(false, Release);
    // SAFETY: our handler is not installed, so nobody reads it.
    unsafe { (*BEFORE.0.get()).write(now) };
    KNOWN.store(true, Release);
    let mut ours = now;
    ours.sa_sigaction = on_trap as *const () as usize;
    // On the thread's own stack: it is in order where a count is written, and naming a stack that was not seen before
    // takes more than faulthandler's alternate one has.
    ours.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART;
    // SAFETY: clears a set; then installs a handler of the right kind, which stays loaded.
    unsafe {
        libc::sigemptyset(&raw mut ours.sa_mask);
        libc::sigaction(libc::SIGTRAP, &raw const ours, ptr::null_mut()) == 0
    }
}

/// Puts back what was there, unless somebody else came in front of us meanwhile.
pub(super) fn remove() {
    if current().sa_sigaction == on_trap as *const () as usize && KNOWN.load(Acquire) {
        // SAFETY: the action that `install` found.
        unsafe { libc::sigaction(libc::SIGTRAP, (*BEFORE.0.get()).as_ptr(), ptr::null_mut()) };
    }
}

/// Whether traps of debug registers are ours from now on.
pub(super) fn expect_registers(ours: bool) {
    REGISTERS.store(ours, Relaxed);
}

/// SIGTRAP.
///
/// # Safety
/// For the kernel only.
unsafe extern "C" fn on_trap(signal: c_int, information: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: what the kernel passes to a handler with SA_SIGINFO; 128 bytes, whatever the code.
    let (code, data) = unsafe { ((*information).si_code, information.cast::<u64>().add(PERF_DATA).read()) };
    let ours = match code {
        TRAP_PERF => slots::is_cookie(data),
        TRAP_HWBKPT => REGISTERS.load(Relaxed),
        _ => false,
    };
    if !ours {
        return forward(signal, information, context);
    }
    let context = context.cast::<ucontext_t>();
    // SAFETY: what the kernel passed; nobody else has it.
    let register = |number: c_int| unsafe { (*context).uc_mcontext.gregs }[number as usize] as u64;
    // The processor stops behind the instruction that wrote: as a return address does.
    let at = Registers { pc: register(libc::REG_RIP), sp: register(libc::REG_RSP), bp: register(libc::REG_RBP) };
    // SAFETY: as above.
    unsafe { on_own_stack(context, || keeping_errno(|| slots::hit(at))) };
}

/// Does what would be done without us.
fn forward(signal: c_int, information: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: filled before our handler was installed.
    let action = unsafe { (*BEFORE.0.get()).assume_init_ref() };
    // SAFETY: what the kernel passed to our handler.
    let caused = unsafe { (*information).si_code } > 0;
    match action.sa_sigaction {
        libc::SIG_IGN if !caused => {}
        libc::SIG_DFL | libc::SIG_IGN => {
            // SAFETY: the default action, and the signal once more: it comes when this handler returns.
            unsafe {
                libc::signal(signal, libc::SIG_DFL);
                libc::syscall(libc::SYS_tgkill, libc::getpid(), libc::gettid(), signal);
            }
        }
        // SAFETY: a function of the kind that its flags tell.
        handler if action.sa_flags & libc::SA_SIGINFO != 0 => unsafe {
            transmute::<usize, Handler>(handler)(signal, information, context);
        },
        // SAFETY: as above.
        handler => unsafe { transmute::<usize, unsafe extern "C" fn(c_int)>(handler)(signal) },
    }
}
