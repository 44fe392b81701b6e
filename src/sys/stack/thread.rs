//! What each thread remembers: the bounds of its stack, and native stacks seen before.

use core::cell::Cell;
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::ops::Range;
use core::ptr;
use std::sync::OnceLock;

use super::chains::{OfBirths, Whole};
use super::python::Callers;
use super::unwind::Walk;

/// Lives in a mapping of its own; all zero = fresh.
#[repr(C)]
struct Memory {
    /// A capture is under way: what a signal handler allocates meanwhile is not recorded.
    busy: bool,
    low: u64,
    high: u64,
    callers: Callers,
    walk: Walk,
    chains: OfBirths,
    whole: Whole,
}

thread_local! {
    static MEMORY: Cell<*mut Memory> = const { Cell::new(ptr::null_mut()) };
}

/// The calling thread's memory, for the length of one capture.
pub(super) struct Thread(*mut Memory);

impl Thread {
    /// `None` when a capture is under way already, or there is no memory.
    #[inline(always)]
    pub(super) fn enter() -> Option<Self> {
        let memory = MEMORY.get();
        let memory = if memory.is_null() { fresh() } else { memory };
        // SAFETY: null, or a live mapping that only this thread uses.
        let busy = unsafe { &mut memory.as_mut()?.busy };
        if *busy {
            return None;
        }
        *busy = true;
        Some(Self(memory))
    }

    /// Lowest and one past the highest address of the thread's stack.
    #[inline(always)]
    pub(super) fn stack(&self) -> Range<u64> {
        // SAFETY: a live mapping that only this thread uses, here and below.
        unsafe { (*self.0).low..(*self.0).high }
    }

    #[inline(always)]
    pub(super) fn chains(&mut self) -> &mut OfBirths {
        // SAFETY: as above; the borrow ends with that of `self`.
        unsafe { &mut (*self.0).chains }
    }

    #[inline(always)]
    pub(super) fn callers(&mut self) -> &mut Callers {
        // SAFETY: as above.
        unsafe { &mut (*self.0).callers }
    }

    /// Scratch memory for one walk, and where it is remembered.
    pub(super) fn walk_and_chains(&mut self) -> (&mut Walk, &mut OfBirths) {
        // SAFETY: as above; they are different fields.
        unsafe { (&mut (*self.0).walk, &mut (*self.0).chains) }
    }

    /// The same for whole stacks.
    #[inline(always)]
    pub(super) fn whole(&mut self) -> (&mut Walk, &mut Whole) {
        // SAFETY: as above.
        unsafe { (&mut (*self.0).walk, &mut (*self.0).whole) }
    }
}

impl Drop for Thread {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: as above.
        unsafe { (*self.0).busy = false };
    }
}

#[cold]
#[inline(never)]
fn fresh() -> *mut Memory {
    static KEY: OnceLock<libc::pthread_key_t> = OnceLock::new();
    let key = *KEY.get_or_init(|| {
        let mut key = 0;
        // SAFETY: `release` takes what `pthread_setspecific` was given below.
        unsafe { libc::pthread_key_create(&raw mut key, Some(release)) };
        key
    });
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: an anonymous private mapping at an address of the kernel's choice touches nothing.
    let pages =
        unsafe { libc::mmap(ptr::null_mut(), size_of::<Memory>(), libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
    if pages == libc::MAP_FAILED {
        return ptr::null_mut();
    }
    let memory: *mut Memory = pages.cast();
    let stack = bounds();
    // SAFETY: our own mapping, which is large enough and zero, and that is a valid `Memory`.
    unsafe {
        (*memory).low = stack.start;
        (*memory).high = stack.end;
        libc::pthread_setspecific(key, pages);
    }
    MEMORY.set(memory);
    memory
}

/// Gives the memory of a thread that ends back.
///
/// # Safety
/// For the thread library only, with what `fresh` set.
unsafe extern "C" fn release(memory: *mut c_void) {
    // What the thread allocates after this gives it a fresh one, and this function another turn.
    MEMORY.set(ptr::null_mut());
    // SAFETY: the mapping of `fresh`; nobody else has it, and this thread asks for it no more.
    unsafe { libc::munmap(memory, size_of::<Memory>()) };
}

/// The calling thread's stack; empty when the system does not say.
fn bounds() -> Range<u64> {
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    let (mut low, mut size) = (ptr::null_mut(), 0);
    // SAFETY: fills the attributes when it returns 0, and then they are read and destroyed.
    unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return main_bounds();
        }
        libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut low, &raw mut size);
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
    }
    low as u64..low as u64 + size as u64
}

/// The first thread's stack where `/proc` is missing, which the C library reads its bounds from: as far
/// as it may grow, below where the program began.
fn main_bounds() -> Range<u64> {
    // SAFETY: looks a name up: that of a pointer which the loader set before the program began.
    let end = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"__libc_stack_end".as_ptr()).cast::<u64>().as_ref() };
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: fills the struct.
    let known = unsafe { libc::getrlimit(libc::RLIMIT_STACK, &raw mut limit) == 0 };
    let here = core::ptr::from_ref(&limit) as u64;
    match end {
        Some(&end) if known && (end.saturating_sub(limit.rlim_cur.min(1 << 30))..end).contains(&here) => {
            end - limit.rlim_cur.min(1 << 30)..end
        }
        _ => 0..0,
    }
}
