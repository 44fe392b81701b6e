//! Stacks as numbers: a tree of frames, outermost first, in which a stack is its last frame's node.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::LazyLock;

use dashmap::DashMap;
use rustc_hash::FxBuildHasher;

use crate::event::StackId;
use crate::sys::libraries;

/// A frame as it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RawFrame {
    /// An instruction of a code object: its offset in bytes.
    Python { code: u32, instruction: u32 },
    /// A return address: the library's number, and the address as the library's file counts it.
    Native { library: u32, address: u64 },
    /// A return address in no known library.
    Nowhere { address: u64 },
    /// Frames beyond this one were not recorded.
    Cut,
}

const PYTHON: u64 = 1 << 63;
const NOWHERE: u64 = 1 << 62;
const CUT: u64 = 1 << 61;
const ADDRESS_BITS: u32 = 44;

impl RawFrame {
    fn pack(self) -> u64 {
        match self {
            Self::Python { code, instruction } => PYTHON | u64::from(code) << 28 | u64::from(instruction) & 0xfff_ffff,
            Self::Native { library, address } => u64::from(library) << ADDRESS_BITS | address,
            Self::Nowhere { address } => NOWHERE | address,
            Self::Cut => CUT,
        }
    }

    fn unpack(word: u64) -> Self {
        if word & PYTHON != 0 {
            Self::Python { code: ((word & !PYTHON) >> 28) as u32, instruction: word as u32 & 0xfff_ffff }
        } else if word & NOWHERE != 0 {
            Self::Nowhere { address: word & !NOWHERE }
        } else if word & CUT != 0 {
            Self::Cut
        } else {
            Self::Native { library: (word >> ADDRESS_BITS) as u32, address: word & ((1 << ADDRESS_BITS) - 1) }
        }
    }

    pub(super) fn of_return(pc: u64) -> Self {
        match libraries::number_of(pc.wrapping_sub(1)) {
            Some((library, address)) if library < 1 << 16 && address < 1 << ADDRESS_BITS => {
                Self::Native { library, address }
            }
            _ => Self::Nowhere { address: pc & (NOWHERE - 1) & !CUT },
        }
    }
}

/// Stack numbers fit into 24 bits of a census record.
const MOST: u32 = (1 << 24) - 1;
static LIMIT: AtomicU32 = AtomicU32::new(MOST);
/// Number of the newest node; 0 is the root.
static NEWEST: AtomicU32 = AtomicU32::new(0);

type Node = (u32, u64);
static CHILDREN: LazyLock<DashMap<Node, u32, FxBuildHasher>> = LazyLock::new(DashMap::default);
static NODES: LazyLock<DashMap<u32, Node, FxBuildHasher>> = LazyLock::new(DashMap::default);

/// Whole stacks seen lately: `tag:40 | stack:24`. One word each, so no line is ever half written;
/// with the place in the table 55 bits of the hash must agree. Small, to stay in the processor's caches.
const REMEMBERED: usize = 1 << 15;
static MEMO: [AtomicU64; REMEMBERED] = [const { AtomicU64::new(0) }; REMEMBERED];

#[inline(always)]
fn place(hash: u64) -> &'static AtomicU64 {
    &MEMO[(hash & (REMEMBERED as u64 - 1)) as usize]
}

#[inline(always)]
fn tag(hash: u64) -> u64 {
    hash >> 24
}

/// The stack with this hash, if it was seen lately.
#[inline(always)]
pub(super) fn remembered(hash: u64) -> Option<StackId> {
    let hash = spread(hash);
    let word = place(hash).load(Relaxed);
    (word >> 24 == tag(hash) && word & u64::from(MOST) != 0).then_some(StackId(word as u32 & MOST))
}

pub(super) fn remember(hash: u64, stack: StackId) {
    let hash = spread(hash);
    place(hash).store(tag(hash) << 24 | u64::from(stack.0), Relaxed);
}

/// Makes every bit of a hash depend on every other.
#[inline(always)]
fn spread(hash: u64) -> u64 {
    let hash = (hash ^ hash >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^ hash >> 32
}

/// The number of a stack; `None` when the table is full.
pub(super) fn intern(native: &[u64], python: &[RawFrame], cut: bool) -> Option<StackId> {
    let native = native.iter().map(|&pc| RawFrame::of_return(pc));
    intern_frames(native.chain(python.iter().copied()), cut)
}

/// The same for frames in any order, innermost first.
pub(super) fn intern_frames(frames: impl DoubleEndedIterator<Item = RawFrame>, cut: bool) -> Option<StackId> {
    let mut node = 0;
    if cut {
        node = child(node, RawFrame::Cut.pack())?;
    }
    for frame in frames.rev() {
        node = child(node, frame.pack())?;
    }
    (node != 0).then_some(StackId(node))
}

fn child(parent: u32, frame: u64) -> Option<u32> {
    if let Some(known) = CHILDREN.get(&(parent, frame)) {
        return Some(*known);
    }
    let limit = LIMIT.load(Relaxed);
    let new = NEWEST.fetch_update(Relaxed, Relaxed, |newest| (newest < limit).then_some(newest + 1)).ok()? + 1;
    NODES.insert(new, (parent, frame));
    // Another thread may have been faster: then the new node stays unused.
    Some(*CHILDREN.entry((parent, frame)).or_insert(new))
}

/// The frames of a stack, innermost first.
pub(crate) fn frames(stack: StackId) -> Vec<RawFrame> {
    let mut found = Vec::new();
    let mut node = stack.0;
    while let Some((parent, frame)) = NODES.get(&node).map(|entry| *entry) {
        found.push(RawFrame::unpack(frame));
        node = parent;
    }
    found
}

/// Makes room for at most so many frames.
pub(super) fn limit(frames: u32) {
    LIMIT.store(frames.min(MOST), Relaxed);
}
