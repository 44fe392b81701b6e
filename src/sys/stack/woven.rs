//! Whole stacks: native and Python frames as they called each other, through every call of the interpreter's loop.
//!
//! Deeper than what births are recorded with, which end at the innermost Python code. A reference that Python code took
//! may be its caller's to give back: an extension that called it.

use core::sync::atomic::Ordering::Relaxed;

use super::interner::{self, RawFrame};
use super::thread::Thread;
use super::unwind::{LOOP, Registers};
use super::{DROPPED, EPOCH, NATIVE_DEPTH, PYTHON_DEPTH, python};
use crate::event::{Origin, StackId};
use crate::sys::libraries::library;

/// Calls of the loop that a walk gets through by the frames which C code made for them.
const LOOPS: usize = 64;

/// Interns the stack that begins at an instruction, which is its innermost frame: `at.pc` is one past an
/// address inside the instruction, as a return address is.
pub(in crate::sys) fn capture_at(at: Registers, state: *const pyo3::ffi::PyThreadState) -> StackId {
    let (python_depth, native_depth) = (PYTHON_DEPTH.load(Relaxed), NATIVE_DEPTH.load(Relaxed));
    let Some(mut thread) = Thread::enter() else { return StackId::NONE };
    let stack = thread.stack();
    let mut entries = [0; LOOPS];
    let count = python::entries(state as u64, &mut entries);
    let native = thread.walk_and_chains().0;
    native.run_through(at, &stack, native_depth as usize, &entries[..count]);
    let mut hash = EPOCH.load(Relaxed);
    for &caller in native.callers() {
        hash = (hash.rotate_left(5) ^ caller).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    let cut = native.cut;
    let hash = hash ^ python::hash(thread.callers(), state as u64, python_depth).rotate_left(29) ^ u64::from(cut);
    interner::remembered(hash).unwrap_or_else(|| {
        let (groups, shortened) = python::by_loop(state as u64, python_depth);
        let frames = woven(thread.walk_and_chains().0.callers(), groups);
        let Some(stack) = interner::intern_frames(frames.into_iter(), cut || shortened) else {
            DROPPED.fetch_add(1, Relaxed);
            return StackId::NONE;
        };
        interner::remember(hash, stack);
        stack
    })
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
