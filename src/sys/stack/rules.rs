//! How to get from a function's frame to its caller's, by return address.
//!
//! Rules come from the libraries' call frame information (`.eh_frame`, System V ABI for x86-64,
//! DWARF 5 section 6.4) and are kept in a table: 16 bytes each, read and written without a lock.

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::Mutex;

use gimli::{
    BaseAddresses, CfaRule, EhFrame, EhFrameHdr, EndianSlice, NativeEndian, RegisterRule, UnwindSection, X86_64,
};

use super::loaded;

/// What the end of a frame is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    /// Nothing is known, or it cannot be said in these terms.
    Unknown = 0,
    StackPointer = 1,
    FramePointer = 2,
    /// The interpreter's loop: the frames of Python tell the rest.
    EvalLoop = 3,
    /// The thread's first function.
    Outermost = 4,
}

/// `base:8 | bp offset:16 | offset:32`, offsets in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule(u64);

/// `bp offset` when the frame pointer is the caller's already.
const SAME: i16 = i16::MIN;

impl Rule {
    const UNKNOWN: Self = Self::new(Base::Unknown, 0, SAME);
    pub(super) const OUTERMOST: Self = Self::new(Base::Outermost, 0, SAME);

    const fn new(base: Base, offset: i32, bp_offset: i16) -> Self {
        Self((base as u64) << 48 | (bp_offset as u16 as u64) << 32 | offset as u32 as u64)
    }

    #[inline(always)]
    pub(super) fn base(self) -> Base {
        match self.0 >> 48 {
            1 => Base::StackPointer,
            2 => Base::FramePointer,
            3 => Base::EvalLoop,
            4 => Base::Outermost,
            _ => Base::Unknown,
        }
    }

    #[inline(always)]
    pub(super) fn offset(self) -> i64 {
        i64::from(self.0 as u32 as i32)
    }

    /// Where the caller's frame pointer was saved, counted from the end of the frame.
    #[inline(always)]
    pub(super) fn bp_offset(self) -> Option<i64> {
        let offset = (self.0 >> 32) as u16 as i16;
        (offset != SAME).then_some(i64::from(offset))
    }
}

/// A line of the table: the address mixed with the rule, so that a half-written line fits no address.
struct Line {
    key: AtomicU64,
    rule: AtomicU64,
}

const LINES: usize = 1 << 14;
static TABLE: [Line; LINES] = [const { Line { key: AtomicU64::new(0), rule: AtomicU64::new(0) } }; LINES];
/// Counts how often the table was emptied, from 1.
static GENERATION: AtomicU64 = AtomicU64::new(1);
/// Scratch memory of the search; whoever finds it taken does without the rule this time.
static CONTEXT: Mutex<Option<gimli::UnwindContext<usize>>> = Mutex::new(None);

#[inline(always)]
fn line(pc: u64) -> &'static Line {
    &TABLE[(pc.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 50) as usize]
}

/// Set in the key of a line that says how to get out of the interpreter's loop. No address has it.
const THROUGH: u64 = 1 << 63;

/// The rule for the function that an address returns to.
#[inline(always)]
pub(super) fn find(pc: u64) -> Rule {
    remembered(pc).unwrap_or_else(|| search(pc))
}

/// The rule for the interpreter's loop itself, by which a walk gets out of it.
pub(super) fn find_through(pc: u64) -> Rule {
    remembered(pc | THROUGH).unwrap_or_else(|| resolved(pc, pc | THROUGH))
}

#[inline(always)]
fn remembered(key: u64) -> Option<Rule> {
    let line = line(key);
    let rule = line.rule.load(Relaxed);
    (line.key.load(Relaxed) == key ^ rule && rule != 0).then_some(Rule(rule))
}

#[cold]
#[inline(never)]
fn search(pc: u64) -> Rule {
    // The call is what the address follows.
    if loaded::is_eval_loop(pc.wrapping_sub(1)) {
        keep(pc, Rule::new(Base::EvalLoop, 0, SAME))
    } else {
        resolved(pc, pc)
    }
}

#[cold]
#[inline(never)]
fn resolved(pc: u64, key: u64) -> Rule {
    let call = pc.wrapping_sub(1);
    let Some(index) = loaded::unwind_index(call) else { return Rule::UNKNOWN };
    let Ok(mut context) = CONTEXT.try_lock() else { return Rule::UNKNOWN };
    let context = context.get_or_insert_with(gimli::UnwindContext::new);
    keep(key, resolve(call, index, context).unwrap_or(Rule::UNKNOWN))
}

fn keep(key: u64, rule: Rule) -> Rule {
    let line = line(key);
    line.rule.store(rule.0, Relaxed);
    line.key.store(key ^ rule.0, Relaxed);
    rule
}

/// Looks an address up in the tables of its library. Addresses in them count as they are in memory.
fn resolve(call: u64, index: &'static [u8], context: &mut gimli::UnwindContext<usize>) -> Option<Rule> {
    let index_at = index.as_ptr() as u64;
    let bases = BaseAddresses::default().set_eh_frame_hdr(index_at);
    let header = EhFrameHdr::new(index, NativeEndian).parse(&bases, 8).ok()?;
    let frames_at = match header.eh_frame_ptr() {
        gimli::Pointer::Direct(at) => at,
        gimli::Pointer::Indirect(_) => return None,
    };
    let frames = EhFrame::from(EndianSlice::new(loaded::to_end(frames_at)?, NativeEndian));
    let bases = bases.set_eh_frame(frames_at);
    let entry = header.table()?.fde_for_address(&frames, &bases, call, EhFrame::cie_from_offset).ok()?;
    if entry.cie().is_signal_trampoline() {
        return Some(Rule::UNKNOWN);
    }
    let row = entry.unwind_info_for_address(&frames, &bases, context, call).ok()?;
    let (base, offset) = match *row.cfa() {
        CfaRule::RegisterAndOffset { register: X86_64::RSP, offset } => (Base::StackPointer, offset),
        CfaRule::RegisterAndOffset { register: X86_64::RBP, offset } => (Base::FramePointer, offset),
        _ => return Some(Rule::UNKNOWN),
    };
    match row.register(X86_64::RA) {
        Some(RegisterRule::Offset(-8)) => {}
        Some(RegisterRule::Undefined) | None => return Some(Rule::OUTERMOST),
        _ => return Some(Rule::UNKNOWN),
    }
    let bp_offset = match row.register(X86_64::RBP) {
        Some(RegisterRule::Offset(offset)) => i16::try_from(offset).ok().filter(|&offset| offset != SAME)?,
        Some(RegisterRule::Undefined | RegisterRule::SameValue) | None => SAME,
        _ => return Some(Rule::UNKNOWN),
    };
    Some(Rule::new(base, i32::try_from(offset).ok()?, bp_offset))
}

/// Empties the table: other code may stand at the same addresses now.
pub(super) fn forget() {
    for line in &TABLE {
        line.key.store(0, Relaxed);
        line.rule.store(0, Relaxed);
    }
    GENERATION.fetch_add(1, Relaxed);
}

/// How often the table was emptied, and once more.
#[inline(always)]
pub(super) fn generation() -> u64 {
    GENERATION.load(Relaxed)
}
