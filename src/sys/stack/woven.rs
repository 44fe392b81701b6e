//! Whole stacks: native and Python frames as they called each other, through every call of the interpreter's loop.
//!
//! Deeper than what births are recorded with, which end at the innermost Python code. A reference that Python code took
//! may be its caller's to give back: an extension that called it.

use core::sync::atomic::Ordering::Relaxed;

use super::interner::{self, RawFrame};
use super::thread::Thread;
use super::unwind::{LOOP, Registers};
use super::{DROPPED, EPOCH, NATIVE_DEPTH, PYTHON_DEPTH, chains, python};
use crate::event::{Origin, StackId};
use crate::sys::libraries::library;

/// Calls of the loop that a walk gets through by the frames which C code made for them.
const LOOPS: usize = 64;

/// Interns the stack that begins at an instruction, which is its innermost frame: `at.pc` is one past an
/// address inside the instruction, as a return address is.
pub(in crate::sys) fn capture_at(at: Registers, state: *const pyo3::ffi::PyThreadState) -> StackId {
    let (python_depth, native_depth) = (PYTHON_DEPTH.load(Relaxed), NATIVE_DEPTH.load(Relaxed));
    let Some(mut thread) = Thread::enter() else { return StackId::NONE };
    let mut entries = [0; LOOPS];
    let count = python::entries(state as u64, &mut entries);
    let entries = &entries[..count];
    let native = chains::whole(&mut thread, at, native_depth as usize, entries);
    let python = python::hash(thread.callers(), state as u64, python_depth);
    let hash = native ^ python.rotate_left(29) ^ EPOCH.load(Relaxed).wrapping_mul(0x517c_c1b7_2722_0a95);
    match interner::remembered(hash) {
        Some(stack) => stack,
        None => intern(hash, at, state as u64, (python_depth, native_depth), entries, &mut thread),
    }
}

/// A stack that was not seen lately: walks it once more, now for its frames.
#[cold]
#[inline(never)]
fn intern(hash: u64, at: Registers, state: u64, depths: (u32, u32), entries: &[u64], thread: &mut Thread) -> StackId {
    let stack = thread.stack();
    let native = thread.whole().0;
    native.run_through(at, &stack, depths.1 as usize, entries);
    let (groups, shortened) = python::by_loop(state, depths.0);
    let Some(stack) = interner::intern_frames(woven(native.callers(), groups).into_iter(), native.cut || shortened)
    else {
        DROPPED.fetch_add(1, Relaxed);
        return StackId::NONE;
    };
    interner::remember(hash, stack);
    stack
}

/// Native frames with the Python frames in place of each call of the loop. Beyond the first, native frames count only
/// where an extension is among them: the interpreter calls itself in many ways.
fn woven(callers: &[u64], groups: Vec<Vec<RawFrame>>) -> Vec<RawFrame> {
    let mut groups = groups.into_iter();
    let mut frames = Vec::new();
    for (number, between) in callers.split(|&caller| caller == LOOP).enumerate() {
        if number > 0 {
            frames.extend(groups.next().into_iter().flatten());
        }
        let native: Vec<RawFrame> = between.iter().map(|&pc| RawFrame::of_return(pc)).collect();
        if number == 0 || native.iter().any(is_extension) {
            frames.extend(native);
        }
    }
    frames.extend(groups.flatten());
    frames
}

fn is_extension(frame: &RawFrame) -> bool {
    match frame {
        RawFrame::Native { library: number, .. } => {
            library(*number).is_some_and(|found| found.origin == Origin::Extension && !found.own)
        }
        _ => false,
    }
}
