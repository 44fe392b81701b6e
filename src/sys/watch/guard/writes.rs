//! What happens at a write to a guarded page.

use core::cell::Cell;
use core::ptr;
use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering::Relaxed, Ordering::SeqCst};

use super::super::record::{Change, note_change};
use super::counters::{COUNTERS, not_understood};
use super::operation::{Operation, compute, mask};
use super::processor::Processor;
use super::slots::{self, Page};
use super::store::{self, Store, What};
use super::{code, packed, region};
use crate::event::Mechanism;
use crate::sys::stack::Registers;

/// Width of a count: 4 bytes from 3.12 on.
const COUNT: u64 = if cfg!(Py_3_12) { 4 } else { 8 };

/// An instruction that a thread executes itself, on the alias.
#[derive(Clone, Copy)]
struct Step {
    /// Where the instruction is; 0 = none is being stepped.
    pc: u64,
    /// The register that leads it to the alias.
    register: usize,
    /// The object, or 0, and its count before.
    object: u64,
    before: i64,
    /// The thread's blocked signals.
    blocked: libc::sigset_t,
}

thread_local! {
    static STEP: Cell<Step> = const {
        // SAFETY: a set of signals is plain numbers.
        Cell::new(Step { pc: 0, register: 0, object: 0, before: 0, blocked: unsafe { core::mem::zeroed() } })
    };
}

/// Does what an instruction meant to do that was stopped by a guarded page at `address`.
pub(super) fn meet(processor: &mut Processor<'_>, address: u64) {
    let object = match (packed::is_on(), slots::page_of(address)) {
        (true, _) => 0,
        (false, Page::Guarded(object)) => object,
        // Another thread made it writable just now: the instruction is tried again.
        (false, Page::Writable) => return,
    };
    COUNTERS.writes.fetch_add(1, Relaxed);
    let pc = processor.pc();
    let Some(instruction) = code::decode(pc) else { return give_up(pc, address) };
    let understood = store::store(&instruction, processor)
        .filter(|store| (store.address..store.address + store.width as u64).contains(&address));
    if let Some(store) = understood {
        let frame = processor.frame(pc);
        let (old, new) = perform(&store, processor, object);
        processor.set_pc(pc + instruction.len() as u64);
        COUNTERS.performed.fetch_add(1, Relaxed);
        tell(object, old, new, frame);
    } else if let Some(register) = store::rebased(&instruction) {
        COUNTERS.stepped.fetch_add(1, Relaxed);
        begin_step(processor, pc, register, object);
    } else {
        give_up(pc, address);
    }
}

fn give_up(pc: u64, address: u64) {
    not_understood(pc);
    if packed::is_on() { packed::give_up() } else { slots::give_up(address) }
}

fn tell(object: u64, before: i64, after: i64, frame: Registers) {
    if object != 0 && before != after {
        COUNTERS.changes.fetch_add(1, Relaxed);
        note_change(Change { object, before, after, mechanism: Mechanism::GuardPage }, frame);
    }
}

/// The word of the alias that an object's count stands in.
fn word(object: u64) -> u64 {
    // SAFETY: the alias of a guarded page, always mapped; aligned, since objects are.
    unsafe { AtomicU64::from_ptr(region::alias(object) as *mut u64) }.load(Relaxed)
}

/// The count of a guarded object.
pub(super) fn count_of(object: u64) -> i64 {
    count(word(object))
}

/// A count as CPython reads it; one that was released too often is negative.
fn count(word: u64) -> i64 {
    if COUNT == 4 { i64::from(word as u32 as i32) } else { word as i64 }
}

/// Writes through the alias. Returns the count before and after.
fn perform(store: &Store, processor: &mut Processor<'_>, object: u64) -> (i64, i64) {
    let target = region::alias(store.address);
    let touches = object != 0 && store.address < object + COUNT && object < store.address + store.width as u64;
    match &store.what {
        What::Change { operation, operand, takes } => {
            let flags = processor.flags();
            let (old, new, set) = change(target, store.width, *operation, *operand, flags);
            if !matches!(operation, Operation::Move | Operation::Exchange | Operation::Not) {
                processor.set_arithmetic(set);
            }
            let failed = matches!(operation, Operation::CompareExchange(with) if (with ^ old) & mask(store.width) != 0);
            let taken = takes.filter(|_| failed || !matches!(operation, Operation::CompareExchange(_)));
            if let Some(register) = taken {
                processor.set_value(register, old);
            }
            if !touches {
                return (0, 0);
            }
            let rest = word(object);
            let with = |value: u64| overlay(rest, value, store, object);
            (count(with(old)), count(with(new)))
        }
        What::Bytes(bytes) => {
            let before = if touches { count(word(object)) } else { 0 };
            // SAFETY: the alias of what the instruction writes, which is mapped as the original is: the store was
            // stopped by a guarded page, and the slot goes on behind it.
            unsafe { copy(bytes, target, store.width) };
            (before, if touches { count(word(object)) } else { 0 })
        }
    }
}

/// The count's word with a value in it that was stored at or around it.
fn overlay(word: u64, value: u64, store: &Store, object: u64) -> u64 {
    let (word, value) = (word.to_le_bytes(), value.to_le_bytes());
    let byte = |number: usize| {
        let place = (object + number as u64).wrapping_sub(store.address) as usize;
        if place < store.width { value[place] } else { word[number] }
    };
    u64::from_le_bytes(core::array::from_fn(byte))
}

/// Copies in words where the target is aligned, so that nobody sees half a count.
///
/// # Safety
/// `width` bytes at `target` are writable.
unsafe fn copy(bytes: &[u8; 64], target: u64, width: usize) {
    let mut done = 0;
    while done < width {
        let (from, to) = (&bytes[done..], target + done as u64);
        if to.is_multiple_of(8) && width - done >= 8 {
            let word = u64::from_le_bytes(core::array::from_fn(|number| from[number]));
            // SAFETY: the caller's promise; aligned.
            unsafe { AtomicU64::from_ptr(to as *mut u64) }.store(word, Relaxed);
            done += 8;
        } else {
            // SAFETY: the caller's promise.
            unsafe { (to as *mut u8).write_volatile(from[0]) };
            done += 1;
        }
    }
}

macro_rules! exchange {
    ($kind:ident, $number:ty, $target:expr, $width:expr, $operation:expr, $operand:expr, $flags:expr) => {{
        // SAFETY: aligned, and the alias of what the instruction writes, which is mapped.
        let cell = unsafe { $kind::from_ptr($target as *mut $number) };
        let mut old = cell.load(Relaxed);
        loop {
            let (new, flags) = compute($operation, $width, u64::from(old), $operand, $flags);
            match cell.compare_exchange_weak(old, new as $number, SeqCst, Relaxed) {
                Ok(_) => break (u64::from(old), new, flags),
                Err(now) => old = now,
            }
        }
    }};
}

/// Changes a value in memory in one piece, as with a `lock` prefix. Returns what stood there, what stands there now,
/// and the flags.
fn change(target: u64, width: usize, operation: Operation, operand: u64, flags: u64) -> (u64, u64, u64) {
    if !target.is_multiple_of(width as u64) {
        // SAFETY: the alias of what the instruction writes, which is mapped; no wider than the word.
        return unsafe {
            let mut word = [0; 8];
            ptr::copy_nonoverlapping(target as *const u8, word.as_mut_ptr(), width);
            let old = u64::from_le_bytes(word);
            let (new, flags) = compute(operation, width, old, operand, flags);
            ptr::copy_nonoverlapping(new.to_le_bytes().as_ptr(), target as *mut u8, width);
            (old, new, flags)
        };
    }
    match width {
        1 => exchange!(AtomicU8, u8, target, width, operation, operand, flags),
        2 => exchange!(AtomicU16, u16, target, width, operation, operand, flags),
        4 => exchange!(AtomicU32, u32, target, width, operation, operand, flags),
        _ => exchange!(AtomicU64, u64, target, width, operation, operand, flags),
    }
}

/// Lets the instruction itself go to the alias, and stops behind it. No other signal comes in between.
fn begin_step(processor: &mut Processor<'_>, pc: u64, register: usize, object: u64) {
    let before = if object == 0 { 0 } else { count(word(object)) };
    let blocked = processor.0.uc_sigmask;
    STEP.set(Step { pc, register, object, before, blocked });
    processor.set_general(register, processor.general(register).wrapping_add(region::distance()));
    processor.step(true);
    processor.0.uc_sigmask = super::super::chain::all_that_wait();
}

/// Whether a trap may be the end of a step. A handler of somebody else's may have jumped out of one: then the trap is
/// another's.
pub(super) fn is_stepping(processor: &Processor<'_>) -> bool {
    STEP.get().pc != 0 && processor.steps()
}

/// After the instruction.
pub(super) fn end_step(processor: &mut Processor<'_>) {
    let step = STEP.get();
    STEP.set(Step { pc: 0, ..step });
    processor.step(false);
    processor.set_general(step.register, processor.general(step.register).wrapping_sub(region::distance()));
    processor.0.uc_sigmask = step.blocked;
    if step.object != 0 {
        tell(step.object, step.before, count(word(step.object)), processor.frame(step.pc));
    }
}
