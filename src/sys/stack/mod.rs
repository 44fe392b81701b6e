//! Hybrid stacks: where an allocation happens, in Python and in native code, as one number.
//!
//! In a hook nothing is symbolised and nothing of the audited process is kept alive: the native part
//! is unwound from the hook up to the innermost eval loop, the Python part is read from the frames of
//! the thread, and both together are interned. What a stack seen before costs is two walks, two
//! hashes and one look-up without a lock; only a new stack takes locks, of tables that nobody but
//! this room touches, and a signal handler that comes in between finds the thread busy.

mod chains;
mod codes;
mod interner;
mod loaded;
mod python;
mod reference;
mod rules;
mod thread;
mod unwind;
mod woven;

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

pub(crate) use codes::Code;
pub(super) use codes::died as code_died;
pub(crate) use interner::{RawFrame, frames};
pub(crate) use reference::{agrees, time};
pub(super) use unwind::{Registers, registers};
pub(super) use woven::capture_at;

use crate::event::StackId;
use thread::Thread;

/// Deepest Python and native part that is recorded.
static PYTHON_DEPTH: AtomicU32 = AtomicU32::new(25);
static NATIVE_DEPTH: AtomicU32 = AtomicU32::new(64);
/// Stacks that were not recorded for want of room.
static DROPPED: AtomicU64 = AtomicU64::new(0);
/// Part of every stack's hash: changes when a known code object dies or libraries come and go, for
/// then the same addresses may mean something else.
static EPOCH: AtomicU64 = AtomicU64::new(1);

/// Sets the deepest part that is recorded; 0 for none of that kind.
pub(crate) fn limit(python: u32, native: u32) {
    PYTHON_DEPTH.store(python, Relaxed);
    let native = if why_no_native().is_empty() { native.min(unwind::DEEPEST as u32) } else { 0 };
    NATIVE_DEPTH.store(native, Relaxed);
    new_epoch();
}

/// Why native frames are not recorded; empty when they are.
static NO_NATIVE: Mutex<String> = Mutex::new(String::new());

/// Goes on with Python frames only.
pub(crate) fn without_native(reason: String) {
    NATIVE_DEPTH.store(0, Relaxed);
    *NO_NATIVE.lock().unwrap_or_else(PoisonError::into_inner) = reason;
    new_epoch();
}

/// Why native frames are not recorded; empty when they are.
pub(crate) fn why_no_native() -> String {
    NO_NATIVE.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The Python frames of this thread, innermost first: code objects and offsets of instructions.
pub(super) fn current_python(depth: u32) -> Vec<(Code, u32)> {
    let frames = python::frames(holder_state() as u64, depth).0;
    let named = frames.into_iter().filter_map(|frame| match frame {
        RawFrame::Python { code, instruction } => Some((codes::get(code)?, instruction)),
        _ => None,
    });
    named.collect()
}

/// Makes room for that many frames in the table of stacks, instead of as many as have a number.
pub(crate) fn limit_table(frames: u32) {
    interner::limit(frames);
}

/// Stacks that could not be recorded.
pub(crate) fn dropped() -> u64 {
    DROPPED.load(Relaxed)
}

/// Prepares for what is loaded now. Call outside of hooks, whenever libraries may have changed.
pub(crate) fn refresh() {
    if crate::sys::libraries::refresh() {
        loaded::find_eval_loop();
        rules::forget();
        new_epoch();
    }
}

/// The copied facts of a code object.
pub(crate) fn code(number: u32) -> Option<Code> {
    codes::get(number)
}

/// Whether an object of a type may have come from a free list without anybody being told, so that
/// the stack of its block may be that of an object which lived there earlier.
pub(crate) fn may_be_stale(type_name: &str) -> bool {
    cfg!(not(Py_3_13)) && matches!(type_name, "list" | "tuple" | "dict" | "float")
}

fn new_epoch() {
    EPOCH.fetch_add(1, Relaxed);
}

/// Interns the stack of the caller, whose registers these are. `state` is the thread's state, or
/// null when it never ran Python.
#[inline(never)]
pub(super) fn capture(registers: Registers, state: *const pyo3::ffi::PyThreadState) -> StackId {
    let (python_depth, native_depth) = (PYTHON_DEPTH.load(Relaxed), NATIVE_DEPTH.load(Relaxed));
    if python_depth | native_depth == 0 {
        return StackId::NONE;
    }
    // A signal handler in the middle of another capture goes without a stack.
    let Some(mut thread) = Thread::enter() else { return StackId::NONE };
    let native =
        if native_depth == 0 { 0 } else { chains::hash(&mut thread, registers, native_depth as usize, state as u64) };
    let python = python::hash(thread.callers(), state as u64, python_depth);
    let hash = native ^ python.rotate_left(29) ^ EPOCH.load(Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    match interner::remembered(hash) {
        Some(stack) => stack,
        None => intern(hash, registers, state as u64, (python_depth, native_depth), &mut thread),
    }
}

/// A stack that was not seen lately: walks it once more, now for its frames.
#[cold]
#[inline(never)]
fn intern(hash: u64, registers: Registers, state: u64, depths: (u32, u32), thread: &mut Thread) -> StackId {
    let stack = thread.stack();
    let from = unwind::caller(registers, &stack).filter(|_| depths.1 > 0);
    let native = thread.walk_and_chains().0;
    match from {
        Some(from) => native.run(from, &stack, depths.1 as usize, python::entry(state)),
        None => native.clear(depths.1 > 0),
    }
    let (python, cut) = python::frames(state, depths.0);
    let stack = interner::intern(native.callers(), &python, cut || native.cut);
    match stack {
        Some(stack) => interner::remember(hash, stack),
        None => {
            DROPPED.fetch_add(1, Relaxed);
        }
    }
    stack.unwrap_or(StackId::NONE)
}

/// The stack of which only one return address is known, as a number; within it the call of a function, if there is one.
pub(super) fn of_call(address: u64, function: Option<u64>) -> StackId {
    // Of a return address the instruction before it is what is named: that of a call, or here the function's first.
    let first = function.map(|function| function + 1);
    let addresses: Vec<u64> = first.into_iter().chain([address]).collect();
    interner::intern(&addresses, &[], true).unwrap_or(StackId::NONE)
}

/// State of the calling thread when it holds the GIL.
#[inline(always)]
pub(super) fn holder_state() -> *const pyo3::ffi::PyThreadState {
    unsafe extern "C" {
        #[cfg_attr(Py_3_13, link_name = "PyThreadState_GetUnchecked")]
        fn _PyThreadState_UncheckedGet() -> *mut pyo3::ffi::PyThreadState;
    }
    // SAFETY: reads one word.
    unsafe { _PyThreadState_UncheckedGet() }
}

/// State of the calling thread, whether or not it holds the GIL; null when it never ran Python.
#[inline(always)]
pub(super) fn own_state() -> *const pyo3::ffi::PyThreadState {
    // SAFETY: reads thread-local storage; allowed without the GIL. The thread's own frames do not
    // change while it is here.
    unsafe { pyo3::ffi::PyGILState_GetThisThreadState() }
}
