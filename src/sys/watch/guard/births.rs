//! Which births are wanted.

use core::ptr;
use core::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, Ordering::Acquire, Ordering::Relaxed, Ordering::Release,
};

use super::super::Births;
use crate::event::{RunId, StackId};
use crate::sys::hook::stamped;
use crate::sys::stack::{RawFrame, frames};

/// One bit for the sizes that leave the same rest: most sizes are told by it not to be wanted. 0 = nothing is.
static SIZES: AtomicU64 = AtomicU64::new(0);
/// What is wanted; changed only while nothing is.
static KINDS: AtomicPtr<Vec<Kind>> = AtomicPtr::new(ptr::null_mut());
/// Births outside of any run are wanted, too.
static ANY_TIME: AtomicBool = AtomicBool::new(false);
/// What was found out of each stack: 0 = nothing yet, 1 = not wanted, else the number of its kind + 2.
static VERDICTS: AtomicPtr<AtomicU8> = AtomicPtr::new(ptr::null_mut());
/// Stacks that have a verdict; others are compared each time.
const STACKS: usize = 1 << 24;
const MOST_KINDS: usize = 250;

/// A kind of births.
struct Kind {
    size: u64,
    before: u64,
    /// Empty when every stack is good.
    stacks: Vec<Vec<RawFrame>>,
    per_run: u32,
    /// How many more are wanted in this run.
    left: AtomicU32,
}

#[inline(always)]
fn bit(size: u64) -> u64 {
    1 << (size / 8 % 64)
}

/// Whether blocks of a size may be wanted: one load, one test.
#[inline(always)]
pub(super) fn wants(size: u64) -> bool {
    SIZES.load(Relaxed) & bit(size) != 0
}

/// Wants these from now on. Call with the GIL held, while nothing is wanted.
pub(super) fn want(births: &[Births], per_run: u32, any_time: bool) {
    let of = |births: &Births| Kind {
        size: births.size,
        before: births.before,
        stacks: births.stacks.iter().map(|&stack| innermost(stack)).collect(),
        per_run,
        left: AtomicU32::new(per_run),
    };
    let kinds: Vec<Kind> = births.iter().take(MOST_KINDS).map(of).collect();
    let sizes = kinds.iter().fold(0, |sizes, kind| sizes | bit(kind.size));
    let old = KINDS.swap(Box::into_raw(Box::new(kinds)), Release);
    if !old.is_null() {
        // SAFETY: made by `Box::into_raw` here; nobody looks at it, since nothing was wanted until now.
        drop(unsafe { Box::from_raw(old) });
    }
    forget_verdicts();
    ANY_TIME.store(any_time, Relaxed);
    SIZES.store(sizes, Release);
}

/// Wants every birth looked at, whatever its size.
pub(super) fn want_all() {
    SIZES.store(u64::MAX, Release);
}

/// Wants nothing any more.
pub(super) fn want_nothing() {
    SIZES.store(0, Release);
}

/// A run begins.
pub(super) fn next_run() {
    for kind in kinds() {
        kind.left.store(kind.per_run, Relaxed);
    }
}

fn kinds() -> &'static [Kind] {
    let kinds = KINDS.load(Acquire);
    // SAFETY: null, or a live vector until the next arming, which is not under way while anything is wanted.
    if kinds.is_null() { &[] } else { unsafe { (*kinds).as_slice() } }
}

/// Bytes before the object, when a birth is wanted now; it counts as one of those.
pub(super) fn chosen(size: u64, stack: StackId) -> Option<u64> {
    if stamped() == RunId::NOBODY && !ANY_TIME.load(Relaxed) {
        return None;
    }
    let kind = kinds().iter().find(|kind| kind.size == size && kind.left.load(Relaxed) > 0 && is_of(kind, stack))?;
    kind.left.fetch_sub(1, Relaxed);
    Some(kind.before)
}

/// A birth that was chosen found no place.
pub(super) fn not_placed(size: u64) {
    if let Some(kind) = kinds().iter().find(|kind| kind.size == size) {
        kind.left.fetch_add(1, Relaxed);
    }
}

fn is_of(kind: &Kind, stack: StackId) -> bool {
    if kind.stacks.is_empty() {
        return true;
    }
    let number = kinds().iter().position(|other| ptr::eq(other, kind)).map_or(0, |number| number as u8 + 2);
    let verdict = verdict(stack);
    match verdict.map_or(0, |verdict| verdict.load(Relaxed)) {
        1 => return false,
        known if known == number => return true,
        _ => {}
    }
    let frames = innermost(stack);
    let found = kind.stacks.contains(&frames);
    // Not wanted by this kind; another may.
    let by_any = found || kinds().iter().any(|kind| kind.stacks.is_empty() || kind.stacks.contains(&frames));
    if let Some(verdict) = verdict.filter(|_| found || !by_any) {
        verdict.store(if found { number } else { 1 }, Relaxed);
    }
    found
}

/// What tells one stack from another here: its native frames up to the first Python frame, and that.
fn innermost(stack: StackId) -> Vec<RawFrame> {
    let mut frames = frames(stack);
    let python = frames.iter().position(|frame| matches!(frame, RawFrame::Python { .. }));
    frames.truncate(python.map_or(frames.len(), |python| python + 1));
    frames
}

fn verdict(stack: StackId) -> Option<&'static AtomicU8> {
    let verdicts = VERDICTS.load(Acquire);
    // SAFETY: a mapping of so many bytes that stays; zero is valid.
    (!verdicts.is_null() && (stack.0 as usize) < STACKS).then(|| unsafe { &*verdicts.add(stack.0 as usize) })
}

fn forget_verdicts() {
    let old = VERDICTS.load(Acquire);
    if !old.is_null() {
        // SAFETY: our own mapping, which reads as zero again.
        unsafe { libc::madvise(old.cast(), STACKS, libc::MADV_DONTNEED) };
        return;
    }
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: an anonymous private mapping at an address of the kernel's choice touches nothing.
    let pages = unsafe { libc::mmap(ptr::null_mut(), STACKS, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
    if pages != libc::MAP_FAILED {
        VERDICTS.store(pages.cast(), Release);
    }
}
