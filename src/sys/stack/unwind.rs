//! The walk up the native stack, from a hook to the innermost eval loop.

use core::ops::Range;

use super::rules::{self, Base, Rule};
use crate::sys::hook::calls::is_ours;

/// Deepest native stack that is recorded.
pub(super) const DEEPEST: usize = 128;

/// Stands among return addresses for a call of the interpreter's loop.
pub(super) const LOOP: u64 = 0;

/// Where a walk begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sys) struct Registers {
    pub(in crate::sys) pc: u64,
    pub(in crate::sys) sp: u64,
    pub(in crate::sys) bp: u64,
}

/// The registers of the function that this is inlined into.
#[inline(always)]
pub(in crate::sys) fn registers() -> Registers {
    let (pc, sp, bp): (u64, u64, u64);
    // SAFETY: copies three registers.
    unsafe {
        core::arch::asm!(
            "lea {0}, [rip]", "mov {1}, rsp", "mov {2}, rbp",
            out(reg) pc, out(reg) sp, out(reg) bp, options(nomem, nostack, preserves_flags)
        );
    }
    Registers { pc, sp, bp }
}

/// Words that a walk may depend on and be remembered: a return address and a frame pointer for each function.
const MOST_WORDS: usize = 2 * DEEPEST;

/// A word of the stack that a walk depended on: at which address stood which value.
pub(super) type Word = (u64, u64);

/// One walk, with all that it read. All zero = none yet.
#[repr(C)]
pub(super) struct Walk {
    count: usize,
    word_count: usize,
    /// The walk used the frame pointer that it was started with.
    pub(super) used_first_bp: bool,
    /// Frames are missing beyond the last one.
    pub(super) cut: bool,
    callers: [u64; DEEPEST],
    words: [Word; MOST_WORDS],
}

impl Walk {
    /// Return addresses, innermost first: the callers of the function that the walk began in, up to
    /// and without the eval loop.
    pub(super) fn callers(&self) -> &[u64] {
        &self.callers[..self.count]
    }

    /// What the walk read, in its order; `None` when it read more than there is room for.
    pub(super) fn words(&self) -> Option<&[Word]> {
        (self.word_count < MOST_WORDS).then(|| &self.words[..self.word_count])
    }

    /// No walk: the native part is not wanted, or could not be seen.
    pub(super) fn clear(&mut self, cut: bool) {
        (self.count, self.word_count, self.used_first_bp, self.cut) = (0, 0, false, cut);
    }

    /// Walks up from a function, which is the first of the callers, to the interpreter's loop: a function
    /// known by name, or the one in whose frame the `entry` frame of Python stands (0 for none).
    pub(super) fn run(&mut self, from: Registers, stack: &Range<u64>, deepest: usize, entry: u64) {
        self.climb::<false>(from, stack, deepest, &[entry]);
    }

    /// The same through every call of the loop, out to the first function: [`LOOP`] stands for such a call among the
    /// callers. `entries` are the frames that C code made to call Python, innermost first.
    pub(super) fn run_through(&mut self, from: Registers, stack: &Range<u64>, deepest: usize, entries: &[u64]) {
        self.climb::<true>(from, stack, deepest, entries);
    }

    #[inline(always)]
    fn climb<const THROUGH: bool>(&mut self, from: Registers, stack: &Range<u64>, deepest: usize, entries: &[u64]) {
        self.clear(false);
        let mut entries = entries.iter().copied().peekable();
        let mut at = from;
        // The word that `bp` came from; it matters only once a frame is found with its help.
        let mut bp_word: Option<Word> = None;
        let mut bp_is_first = true;
        loop {
            let mut rule = if at.pc == 0 { Rule::OUTERMOST } else { rules::find(at.pc) };
            let mut end = frame_of(at, rule, stack);
            let entry = entries.peek().copied().unwrap_or(0);
            let holds_entry = at.sp <= entry && end.is_some_and(|(end, _)| entry < end);
            let is_loop = rule.base() == Base::EvalLoop || holds_entry;
            if is_loop && !THROUGH {
                return;
            }
            if is_loop {
                rule = rules::find_through(at.pc);
                end = frame_of(at, rule, stack);
                entries.next();
            }
            if self.count == deepest.min(DEEPEST) || (at.pc != 0 && !stack.contains(&at.sp)) {
                self.cut = true;
                return;
            }
            // What stands between an extension and a function that it calls is refaudit's own.
            if at.pc != 0 && !is_ours(at.pc) {
                self.callers[self.count] = if is_loop { LOOP } else { at.pc };
                self.count += 1;
            }
            let Some((frame, uses_bp)) = end else {
                self.cut = rule.base() != Base::Outermost;
                return;
            };
            if uses_bp {
                self.used_first_bp |= bp_is_first;
                if let Some(word) = bp_word.take() {
                    self.push_word(word);
                }
            }
            if let Some(offset) = rule.bp_offset() {
                let place = frame.wrapping_add_signed(offset);
                if place < at.sp || place >= frame || place & 7 != 0 {
                    self.cut = true;
                    return;
                }
                // SAFETY: inside the calling thread's own stack, in a frame that is still there.
                at.bp = unsafe { *(place as *const u64) };
                bp_word = Some((place, at.bp));
                bp_is_first = false;
            }
            // SAFETY: as above.
            at.pc = unsafe { *((frame - 8) as *const u64) };
            at.sp = frame;
            self.push_word((frame - 8, at.pc));
        }
    }

    fn push_word(&mut self, word: Word) {
        if self.word_count < MOST_WORDS {
            self.words[self.word_count] = word;
            self.word_count += 1;
        }
    }
}

/// Where the frame of a function ends, and whether the frame pointer told it; `None` when its rule
/// does not say, or leads out of the stack. A frame lies above its callee's.
#[inline(always)]
fn frame_of(at: Registers, rule: Rule, stack: &Range<u64>) -> Option<(u64, bool)> {
    let (base, uses_bp) = match rule.base() {
        Base::StackPointer => (at.sp, false),
        Base::FramePointer => (at.bp, true),
        _ => return None,
    };
    let frame = base.wrapping_add_signed(rule.offset());
    (frame > at.sp && frame & 7 == 0 && frame <= stack.end && at.sp >= stack.start).then_some((frame, uses_bp))
}

/// Registers of the function that called the hook, which itself is of no interest.
#[inline(always)]
pub(super) fn caller(hook: Registers, stack: &Range<u64>) -> Option<Registers> {
    let rule = rules::find(hook.pc);
    let (frame, _) = frame_of(hook, rule, stack)?;
    let bp = match rule.bp_offset() {
        // SAFETY: in the hook's own frame.
        Some(offset) => unsafe { *(frame.wrapping_add_signed(offset) as *const u64) },
        None => hook.bp,
    };
    // SAFETY: as above.
    let pc = unsafe { *((frame - 8) as *const u64) };
    Some(Registers { pc, sp: frame, bp })
}
