//! Where a signal handler works: on the stack of the code that it interrupted, and without touching its `errno`.

use core::arch::asm;
use core::ffi::c_void;
use core::ptr;

use libc::ucontext_t;

/// Does something that may fail without the interrupted code's `errno` telling of it.
pub(super) fn keeping_errno<T>(work: impl FnOnce() -> T) -> T {
    // SAFETY: the thread's own `errno`, valid as long as the thread.
    let errno = unsafe { &mut *libc::__errno_location() };
    let before = *errno;
    let result = work();
    *errno = before;
    result
}

/// Works on the stack that the interrupted code used, when that is not the one the handler was called on: an alternate
/// stack has room for a signal's frame and little else (that of faulthandler is 16 KiB, in the midst of the heap).
///
/// # Safety
/// `context` is what the kernel passed to the handler that calls this.
pub(super) unsafe fn on_own_stack(context: *const ucontext_t, mut work: impl FnMut()) {
    /// Below the stack pointer of the x86-64 ABI a function may keep data.
    const RED_ZONE: u64 = 128;
    // SAFETY: as promised.
    let (alternate, interrupted) =
        unsafe { (&(*context).uc_stack, (*context).uc_mcontext.gregs[libc::REG_RSP as usize] as u64) };
    let range = alternate.ss_sp as u64..alternate.ss_sp as u64 + alternate.ss_size as u64;
    let here = ptr::from_ref(&interrupted) as u64;
    if !range.contains(&here) || range.contains(&interrupted) {
        return work();
    }
    let (function, argument) = trampoline(&mut work);
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
