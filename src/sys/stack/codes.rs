//! Code objects seen on stacks, by number, with what is needed to name them when they are gone.
//!
//! Nothing keeps them alive. Names and line table are copied when a code object is first seen on a
//! stack; when its memory is freed the census says so, and the same address gets a new number. Equal
//! ones share theirs: what is compiled again and again is one line of a report.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};

use dashmap::DashMap;
use rustc_hash::FxBuildHasher;

use crate::sys::cpython::{Object, code_facts, is_code};
use crate::sys::hook::CENSUS;

/// What a report needs of a code object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Code {
    pub(crate) file: String,
    /// `__qualname__`, before 3.11 the plain name.
    pub(crate) name: String,
    pub(crate) first_line: u32,
    /// `co_linetable`, in the format of this Python.
    pub(crate) lines: Vec<u8>,
}

/// Of those that are alive, by address.
static NUMBERS: LazyLock<DashMap<u64, u32, FxBuildHasher>> = LazyLock::new(DashMap::default);
static NUMBERS_OF_EQUALS: LazyLock<DashMap<Arc<Code>, u32, FxBuildHasher>> = LazyLock::new(DashMap::default);
static CODES: LazyLock<DashMap<u32, Arc<Code>, FxBuildHasher>> = LazyLock::new(DashMap::default);
static NEXT: AtomicU32 = AtomicU32::new(1);

/// Number of the code object at an address, and where its instructions begin; `None` when there is
/// none, as in the frames of C code.
pub(super) fn number_of(address: u64) -> Option<(u32, u64)> {
    if address == 0 || !is_code(address) {
        return None;
    }
    // SAFETY: a frame of the calling thread refers to it, and it is a code object.
    let object = unsafe { Object::new(address) };
    let (code, start) = code_facts(object);
    let number = *NUMBERS.entry(address).or_insert_with(|| {
        CENSUS.watch(address);
        number_of_equals(Arc::new(code()))
    });
    Some((number, start))
}

fn number_of_equals(code: Arc<Code>) -> u32 {
    *NUMBERS_OF_EQUALS.entry(Arc::clone(&code)).or_insert_with(|| {
        let number = NEXT.fetch_add(1, Relaxed);
        CODES.insert(number, code);
        number
    })
}

/// Offset of an instruction in its code, in bytes, from what a frame says of it.
pub(super) fn offset(instruction: u64, start: u64) -> u32 {
    if cfg!(Py_3_11) {
        instruction.saturating_sub(start) as u32
    } else {
        // An index of two-byte units, below zero before the first.
        ((instruction as u32 as i32).max(0) as u32) * 2
    }
}

/// The code object at an address is freed: whoever comes there next is another one.
#[cold]
#[inline(never)]
pub(in crate::sys) fn died(address: u64) {
    NUMBERS.remove(&address);
    super::new_epoch();
}

pub(super) fn get(number: u32) -> Option<Code> {
    CODES.get(&number).map(|code| (**code).clone())
}
