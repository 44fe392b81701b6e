//! Our unwinding beside that of the `backtrace` crate: at start for trust, in benchmarks for time.

use std::time::Instant;

use super::holder_state;
use super::thread::Thread;
use super::unwind::{Registers, caller, registers};
use super::{chains, python, unwind};

/// Whether both find the same native stack here, up to the innermost eval loop. What is wrong
/// otherwise, in words.
#[inline(never)]
pub(crate) fn agrees() -> Result<(), String> {
    let here = registers();
    if !super::loaded::find_eval_loop() {
        return Err("the interpreter's loop was not found: native stacks would not end there".into());
    }
    let Some(mut thread) = Thread::enter() else { return Err("no memory to unwind with".into()) };
    let (ours, cut) = walked(&mut thread, here);
    let state = holder_state() as u64;
    let remembered = chains::hash(&mut thread, here, unwind::DEEPEST, state) == chains::hash_of(&ours);
    drop(thread);
    if !remembered {
        return Err("the remembered stack is another one".into());
    }
    let reference = reference(ours.len() + 32);
    // The reference begins inside its own functions, and our callers are in it one after the other.
    let Some(start) = ours.first().and_then(|first| reference.iter().position(|pc| pc == first)) else {
        return Err("unwinding does not find the calling function".into());
    };
    if reference.len() < start + ours.len() || reference[start..start + ours.len()] != ours {
        return Err("unwinding goes astray".into());
    }
    // The loop itself comes next.
    if cut || reference.len() == start + ours.len() {
        return Err(format!("unwinding does not reach the interpreter's loop after {} frames", ours.len()));
    }
    Ok(())
}

/// Return addresses from the caller of the function with these registers up to the eval loop, and whether
/// some are missing there.
fn walked(thread: &mut Thread, here: Registers) -> (Vec<u64>, bool) {
    let stack = thread.stack();
    let Some(from) = caller(here, &stack) else { return (Vec::new(), true) };
    let walk = thread.walk_and_chains().0;
    walk.run(from, &stack, unwind::DEEPEST, python::entry(holder_state() as u64));
    (walk.callers().to_vec(), walk.cut)
}

/// The same by the `backtrace` crate, from somewhere inside it.
#[inline(never)]
fn reference(deepest: usize) -> Vec<u64> {
    let mut found = Vec::new();
    // SAFETY: nobody else unwinds through the crate here; the closure does not unwind.
    unsafe {
        backtrace::trace_unsynchronized(|frame| {
            found.push(frame.ip() as u64);
            found.len() < deepest
        });
    }
    found
}

/// Nanoseconds for one native stack.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Timing {
    /// Frames up to the eval loop.
    pub(crate) frames: usize,
    /// A stack seen before.
    pub(crate) remembered: f64,
    /// The walk alone.
    pub(crate) walked: f64,
    /// The `backtrace` crate, as many frames.
    pub(crate) reference: f64,
}

/// Times the native stack of the caller.
#[inline(never)]
pub(crate) fn time(iterations: u32) -> Timing {
    let here = registers();
    let mut thread = Thread::enter();
    let frames = thread.as_mut().map_or(0, |thread| walked(thread, here).0.len());
    drop(thread);
    let stack_of = |thread: &mut Thread| chains::hash(thread, here, unwind::DEEPEST, holder_state() as u64);
    let remembered = best(iterations, || Thread::enter().map_or(0, |mut thread| stack_of(&mut thread)));
    let walked = best(iterations, || {
        Thread::enter().map_or(0, |mut thread| {
            let stack = thread.stack();
            let walk = thread.walk_and_chains().0;
            caller(here, &stack).map_or(0, |from| {
                walk.run(from, &stack, unwind::DEEPEST, python::entry(holder_state() as u64));
                walk.callers().len() as u64
            })
        })
    });
    let reference = best(iterations.min(2_000), || reference(frames).len() as u64);
    Timing { frames, remembered, walked, reference }
}

/// The least of five rounds, in nanoseconds a call.
fn best(iterations: u32, mut call: impl FnMut() -> u64) -> f64 {
    let round = |_| {
        let began = Instant::now();
        for _ in 0..iterations {
            core::hint::black_box(call());
        }
        began.elapsed().as_nanos() as f64 / f64::from(iterations)
    };
    (0..5).map(round).fold(f64::MAX, f64::min)
}
