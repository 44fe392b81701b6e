//! The Python part of a stack, read from the frames of a thread.

use super::codes;
use super::interner::RawFrame;
use crate::sys::cpython::{frame_fields, innermost_frame};

/// Runs of calling frames that one thread remembers.
const RUNS: usize = 64;
/// Frames of a run; a deeper stack is walked each time.
const FRAMES: usize = 100;

/// Calling frames seen before, outwards from one of them: while none of them has gone on they need
/// not be walked one after the other, only compared, which the processor does ahead of itself.
#[repr(C)]
struct Run {
    /// The innermost of them.
    first: u64,
    depth: u32,
    count: u32,
    hash: u64,
    /// Each one's caller and place.
    previous: [u64; FRAMES],
    places: [u64; FRAMES],
}

/// The remembered runs of a thread. All zero = none.
#[repr(C)]
pub(super) struct Callers([Run; RUNS]);

impl Run {
    #[inline(always)]
    fn fits(&self, first: u64, depth: u32) -> bool {
        if self.first != first || self.depth != depth {
            return false;
        }
        let mut frame = first;
        for number in 0..(self.count as usize).min(FRAMES) {
            let different = (frame_fields::previous(frame) ^ self.previous[number])
                | (frame_fields::place(frame) ^ self.places[number]);
            // At once: what comes after another frame is remembered only, and its memory may be gone.
            if different != 0 {
                return false;
            }
            // Not what was just read, which would have to be waited for.
            frame = self.previous[number];
        }
        true
    }

    #[cold]
    #[inline(never)]
    fn fill(&mut self, first: u64, depth: u32) -> u64 {
        let (mut frame, mut count, mut hash) = (first, 0, 3u64);
        while frame != 0 && count < depth as usize {
            let (previous, place) = (frame_fields::previous(frame), frame_fields::place(frame));
            hash = mix(hash, place);
            if count < FRAMES {
                (self.previous[count], self.places[count]) = (previous, place);
            }
            frame = previous;
            count += 1;
        }
        // A frame more or less beyond the limit is seen in the report.
        hash ^= u64::from(frame != 0);
        // No frame has an odd address.
        self.first = if count <= FRAMES { first } else { 1 };
        (self.depth, self.count, self.hash) = (depth, count as u32, hash);
        hash
    }
}

#[inline(always)]
fn mix(hash: u64, place: u64) -> u64 {
    (hash.rotate_left(5) ^ place).wrapping_mul(0x517c_c1b7_2722_0a95)
}

/// Hash of the innermost `depth` frames of a thread; the same for the same instructions of the same
/// code objects.
#[inline(always)]
pub(super) fn hash(callers: &mut Callers, state: u64, depth: u32) -> u64 {
    let frame = if state == 0 || depth == 0 { 0 } else { innermost_frame(state) };
    if frame == 0 {
        return 4;
    }
    let caller = frame_fields::previous(frame);
    let run = &mut callers.0[(caller.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize % RUNS];
    let outer = if run.fits(caller, depth - 1) { run.hash } else { run.fill(caller, depth - 1) };
    mix(outer, frame_fields::place(frame))
}

/// Address of the innermost frame that C code made to call Python; it stands on the C stack, in the
/// frame of the interpreter's loop. 0 before 3.12, which has none.
pub(super) fn entry(state: u64) -> u64 {
    if cfg!(not(Py_3_12)) || state == 0 {
        return 0;
    }
    let mut frame = innermost_frame(state);
    while frame != 0 && frame_fields::is_python(frame) {
        frame = frame_fields::previous(frame);
    }
    frame
}

/// Frames that C code made to call Python, innermost first; how many. None before 3.12.
pub(super) fn entries(state: u64, found: &mut [u64]) -> usize {
    if cfg!(not(Py_3_12)) || state == 0 {
        return 0;
    }
    let (mut frame, mut count) = (innermost_frame(state), 0);
    while frame != 0 && count < found.len() {
        if !frame_fields::is_python(frame) {
            found[count] = frame;
            count += 1;
        }
        frame = frame_fields::previous(frame);
    }
    count
}

/// The innermost `depth` frames by name, grouped by the call of the interpreter's loop that runs them, innermost first;
/// and whether there are more.
pub(super) fn by_loop(state: u64, depth: u32) -> (Vec<Vec<RawFrame>>, bool) {
    let mut groups = vec![Vec::new()];
    let mut frame = if state == 0 { 0 } else { innermost_frame(state) };
    let mut left = depth;
    while frame != 0 && left > 0 {
        if let (Some(frame), Some(group)) = (named(frame), groups.last_mut()) {
            group.push(frame);
        }
        if frame_fields::begins_loop(frame) {
            groups.push(Vec::new());
        }
        frame = frame_fields::previous(frame);
        left -= 1;
    }
    (groups, frame != 0)
}

/// A frame of Python code; `None` for one of C code.
fn named(frame: u64) -> Option<RawFrame> {
    let code = if frame_fields::is_python(frame) { frame_fields::code(frame) & !3 } else { 0 };
    let (code, start) = codes::number_of(code)?;
    Some(RawFrame::Python { code, instruction: codes::offset(frame_fields::instruction(frame), start) })
}

/// The same frames by name, innermost first, and whether there are more.
pub(super) fn frames(state: u64, depth: u32) -> (Vec<RawFrame>, bool) {
    let mut found = Vec::new();
    if state == 0 {
        return (found, false);
    }
    let mut frame = innermost_frame(state);
    let mut left = depth;
    while frame != 0 && left > 0 {
        found.extend(named(frame));
        frame = frame_fields::previous(frame);
        left -= 1;
    }
    (found, frame != 0)
}
