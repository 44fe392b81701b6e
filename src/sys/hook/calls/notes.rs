//! What a call did to references, told to the log. No object is touched that the caller does not own, or borrow, just then.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::super::references::{Kind, append, count};
use super::trampolines::{ARGUMENTS, Call, Pushed, RESULTS, STEALING};
use crate::heap::effects::Passed;

/// What becomes of each argument of the functions in slots, four bits each.
pub(super) static PASSED: [AtomicU32; ARGUMENTS] = [const { AtomicU32::new(0) }; ARGUMENTS];

/// Which arguments each function takes over that does no more: their places from 1, a byte each.
pub(super) static TAKEN_OVER: [AtomicU32; STEALING] = [const { AtomicU32::new(0) }; STEALING];

const BITS: u32 = 4;
const STOLEN: u32 = 1;
const STOLEN_ON_SUCCESS: u32 = 2;
const FILLED: u32 = 3;
const FILLED_IN_ANY_CASE: u32 = 4;
const REPLACED: u32 = 5;

/// The arguments of a function for [`PASSED`].
pub(super) fn packed(arguments: &[Passed]) -> u32 {
    // `PyErr_Fetch` and its like return nothing; the others return -1 when they fail.
    let in_any_case = arguments.iter().all(|passed| *passed == Passed::FilledNew);
    let code = |passed: &Passed| match passed {
        Passed::Stolen => STOLEN,
        Passed::StolenOnSuccess => STOLEN_ON_SUCCESS,
        Passed::FilledNew if in_any_case => FILLED_IN_ANY_CASE,
        Passed::FilledNew => FILLED,
        Passed::Replaced => REPLACED,
        _ => 0,
    };
    arguments.iter().take(6).enumerate().fold(0, |all, (place, passed)| all | code(passed) << (BITS * place as u32))
}

/// The arguments of a function for [`TAKEN_OVER`]; 0 when it does more than take over up to four of them.
pub(super) fn places(arguments: &[Passed]) -> u32 {
    let all = packed(arguments);
    let stolen = |place: &u32| all >> (BITS * place) & ((1 << BITS) - 1) == STOLEN;
    let places = (0..6).filter(stolen).map(|place| place + 1);
    let only = (0..6).all(|place| stolen(&place) || all >> (BITS * place) & ((1 << BITS) - 1) == 0);
    if only && places.clone().count() <= 4 { places.rev().fold(0, |all, place| all << 8 | place) } else { 0 }
}

/// A function is about to be called that takes over arguments: these are still objects of the caller's.
pub(super) extern "C" fn note_stolen(pushed: &Pushed, caller: u64) {
    let mut left = TAKEN_OVER.get(pushed.slot as usize).map_or(0, |places| places.load(Relaxed));
    while left != 0 {
        // The last argument was pushed last, and lies lowest.
        let argument = pushed.arguments[(6 - (left & 7) as usize) % 6];
        if count(argument as *mut _).is_some() {
            append(argument, Kind::Stolen, caller, (RESULTS + ARGUMENTS) as u64 + pushed.slot);
        }
        left >>= 8;
    }
}

/// A function of a slot has returned an object.
pub(super) extern "C" fn note_result(object: u64, caller: u64, slot: u64) {
    if let Some(count) = count(object as *mut _) {
        append(object, if count == 1 { Kind::ReturnedAlone } else { Kind::Returned }, caller, slot);
    }
}

fn each(call: &Call, mut look: impl FnMut(usize, u32)) {
    let mut left = PASSED.get(call.slot as usize).map_or(0, |passed| passed.load(Relaxed));
    let mut place = 0;
    while left != 0 && place < call.arguments.len() {
        look(place, left & ((1 << BITS) - 1));
        (left, place) = (left >> BITS, place + 1);
    }
}

/// The object that an argument points to; 0 for none, and for no pointer.
fn pointed(argument: u64) -> u64 {
    if argument == 0 {
        return 0;
    }
    // SAFETY: the function is passed a `PyObject **` here, which it reads or has written itself.
    unsafe { *(argument as *const u64) }
}

/// A function is about to be called: what it steals in any case is still an object of the caller's.
pub(super) extern "C" fn note_before(call: &mut Call, caller: u64) {
    let slot = RESULTS as u64 + call.slot;
    let mut before = [0; 4];
    each(call, |place, passed| {
        let argument = call.arguments[place];
        match passed {
            STOLEN if count(argument as *mut _).is_some() => append(argument, Kind::Stolen, caller, slot),
            // One that dies in the call cannot be asked afterwards.
            STOLEN_ON_SUCCESS if count(argument as *mut _).is_some() => before[place & 3] = argument,
            REPLACED => before[place & 3] = pointed(argument),
            _ => {}
        }
    });
    call.before = before;
}

/// The function has returned.
pub(super) extern "C" fn note_after(call: &mut Call, caller: u64) {
    let slot = RESULTS as u64 + call.slot;
    let succeeded = call.result as i32 >= 0;
    each(call, |place, passed| {
        let (argument, before) = (call.arguments[place], call.before[place & 3]);
        match passed {
            STOLEN_ON_SUCCESS if succeeded && before != 0 => append(before, Kind::Stolen, caller, slot),
            FILLED if succeeded => taken(pointed(argument), caller, slot),
            FILLED_IN_ANY_CASE => taken(pointed(argument), caller, slot),
            REPLACED if pointed(argument) != before => {
                if before != 0 {
                    append(before, Kind::Stolen, caller, slot);
                }
                taken(pointed(argument), caller, slot);
            }
            _ => {}
        }
    });
}

/// What the function has filled in is the caller's now.
fn taken(object: u64, caller: u64, slot: u64) {
    if let Some(count) = count(object as *mut _) {
        append(object, if count == 1 { Kind::ReturnedAlone } else { Kind::Returned }, caller, slot);
    }
}
