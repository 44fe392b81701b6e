//! Native stacks seen before, recognised without unwinding them again.
//!
//! A walk is a function of where it begins and of the words that it reads: return addresses, and
//! saved frame pointers that a frame was found with. So when all of these are the same as last time
//! the stack is the same, whatever else changed. That is exact, and comparing a dozen words is a
//! fraction of the price of looking up a dozen rules.

use super::thread::Thread;
use super::unwind::{Registers, Walk, caller};
use super::{python, rules};

/// Of those that begin alike, so many are remembered.
const WAYS: usize = 4;
const K: u64 = 0x9e37_79b9_7f4a_7c15;

/// How a remembered stack begins. All zero = none.
#[repr(C)]
struct Key {
    from: Registers,
    hash: u64,
    /// Which rules, and which depth, it was walked with.
    stamp: u64,
    /// The frame pointer must be the same as well.
    needs_bp: bool,
    count: u16,
}

/// The words that a remembered stack depends on.
#[repr(C)]
struct Words<const WORDS: usize> {
    /// Distance from the stack pointer, in words.
    offsets: [u16; WORDS],
    values: [u64; WORDS],
}

/// The remembered stacks of a thread, by sets. All zero = none. Keys stand side by side, for most of them are
/// only looked at to be passed over. A stack that depends on more than `WORDS` words is walked each time.
#[repr(C)]
pub(super) struct Chains<const SETS: usize, const WORDS: usize> {
    keys: [[Key; WAYS]; SETS],
    words: [[Words<WORDS>; WAYS]; SETS],
    /// Who is replaced next.
    turn: usize,
}

impl Key {
    #[inline(always)]
    fn fits(&self, from: Registers, stamp: u64) -> bool {
        self.from.pc == from.pc
            && self.from.sp == from.sp
            && self.stamp == stamp
            && (!self.needs_bp || self.from.bp == from.bp)
    }
}

impl<const WORDS: usize> Words<WORDS> {
    #[inline(always)]
    fn are_there(&self, sp: u64, count: u16) -> bool {
        let mut different = 0;
        for number in 0..usize::from(count).min(WORDS) {
            let at = sp + u64::from(self.offsets[number]) * 8;
            // SAFETY: the walk read this word of this very thread's stack; what lies above a
            // frame's stack pointer is mapped as long as the thread lives.
            different |= unsafe { *(at as *const u64) } ^ self.values[number];
        }
        different == 0
    }
}

/// Of births: up to the innermost Python code, of which there are many.
pub(super) type OfBirths = Chains<512, 40>;
/// Whole stacks, of what happens to few objects.
pub(super) type Whole = Chains<64, 256>;

impl<const SETS: usize, const WORDS: usize> Chains<SETS, WORDS> {
    #[inline(always)]
    fn set(from: Registers) -> usize {
        ((from.pc ^ from.sp.rotate_left(20)).wrapping_mul(K) >> 55) as usize % SETS
    }

    /// The hash of a stack that was seen before.
    #[inline(always)]
    fn known(&self, from: Registers, stamp: u64) -> Option<u64> {
        let set = Self::set(from);
        let mut known = self.keys[set].iter().zip(&self.words[set]);
        known.find(|(key, words)| key.fits(from, stamp) && words.are_there(from.sp, key.count)).map(|(key, _)| key.hash)
    }

    /// Remembers a walk, unless it depended on more than there is room for.
    fn fill(&mut self, from: Registers, stamp: u64, hash: u64, walk: &Walk) {
        let set = Self::set(from);
        self.turn = (self.turn + 1) % WAYS;
        let (key, chain) = (&mut self.keys[set][self.turn], &mut self.words[set][self.turn]);
        key.stamp = 0;
        let Some(words) = walk.words().filter(|words| words.len() <= WORDS) else { return };
        for (number, &(at, value)) in words.iter().enumerate() {
            let Ok(offset) = u16::try_from((at - from.sp) / 8) else { return };
            chain.offsets[number] = offset;
            chain.values[number] = value;
        }
        *key = Key { from, hash, stamp, needs_bp: walk.used_first_bp, count: words.len() as u16 };
    }
}

/// Hash of the native part of the stack of a hook's caller.
#[inline(always)]
pub(super) fn hash(thread: &mut Thread, hook: Registers, depth: usize, state: u64) -> u64 {
    let Some(from) = caller(hook, &thread.stack()) else { return 1 };
    // Never zero: generations begin with one.
    let stamp = rules::generation() << 8 | depth as u64;
    thread.chains().known(from, stamp).unwrap_or_else(|| walked(thread, from, stamp, (depth, state)))
}

#[cold]
#[inline(never)]
fn walked(thread: &mut Thread, from: Registers, stamp: u64, (depth, state): (usize, u64)) -> u64 {
    let stack = thread.stack();
    let (walk, chains) = thread.walk_and_chains();
    walk.run(from, &stack, depth, python::entry(state));
    let hash = hash_of(walk.callers());
    chains.fill(from, stamp, hash, walk);
    hash
}

/// Hash of the whole native stack that begins with `from`, and of whether it was cut. `entries` are the frames that C
/// code made to call Python, innermost first.
#[inline(always)]
pub(super) fn whole(thread: &mut Thread, from: Registers, depth: usize, entries: &[u64]) -> u64 {
    let stamp = hash_of(entries) ^ rules::generation() << 8 ^ depth as u64 | 1 << 63;
    thread.whole().1.known(from, stamp).unwrap_or_else(|| walked_through(thread, from, stamp, (depth, entries)))
}

#[cold]
#[inline(never)]
fn walked_through(thread: &mut Thread, from: Registers, stamp: u64, (depth, entries): (usize, &[u64])) -> u64 {
    let stack = thread.stack();
    let (walk, chains) = thread.whole();
    walk.run_through(from, &stack, depth, entries);
    let hash = hash_of(walk.callers()) ^ u64::from(walk.cut);
    chains.fill(from, stamp, hash, walk);
    hash
}

/// Hash of the return addresses of a walk.
pub(super) fn hash_of(callers: &[u64]) -> u64 {
    callers.iter().fold(2, |hash, pc| (hash.rotate_left(5) ^ pc).wrapping_mul(K))
}
