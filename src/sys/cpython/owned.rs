//! Blocks that an object owns outright: its item array, its table of keys, its values.

use pyo3::ffi;

#[cfg(all(Py_3_11, not(Py_3_13)))]
use super::compat::{MANAGED_DICT, VALUES_POINTER};
use super::compat::{dict, list};
use super::object::Object;
#[cfg(all(Py_3_11, not(Py_3_13)))]
use super::object::read;

/// Addresses of the blocks that a list, a dict or an instance with a dict owns.
pub(in crate::sys) fn owned_blocks(object: Object) -> impl Iterator<Item = u64> {
    let kind = object.kind();
    let (first, second) = if kind.has(ffi::Py_TPFLAGS_LIST_SUBCLASS) {
        (object.word(list::OB_ITEM), 0)
    } else if kind.has(ffi::Py_TPFLAGS_DICT_SUBCLASS) {
        (object.word(dict::MA_KEYS), values_block(object.word(dict::MA_VALUES)))
    } else {
        (inline_values(object), 0)
    };
    [first, second].into_iter().filter(|&address| address != 0)
}

/// Start of the block of a values array. On 3.11 and 3.12 a prefix stands before the array, whose
/// length is in the byte just before it.
fn values_block(values: u64) -> u64 {
    #[cfg(all(Py_3_11, not(Py_3_13)))]
    if values != 0 {
        // SAFETY: the prefix of a live values array.
        return values - u64::from(unsafe { read::<u8>(values - 1, 0) });
    }
    values
}

#[cfg(all(Py_3_11, not(Py_3_13)))]
fn inline_values(object: Object) -> u64 {
    if !object.kind().has(MANAGED_DICT) {
        return 0;
    }
    // SAFETY: such an instance has the word before its head.
    let word: u64 = unsafe { read(object.address() - VALUES_POINTER, 0) };
    // 3.12 keeps a dict here, or values as their address less one.
    match (cfg!(Py_3_12), word & 1 == 1) {
        (true, true) => values_block(word + 1),
        (true, false) => 0,
        (false, _) => values_block(word),
    }
}

/// Values live inside the instance, or there are none.
#[cfg(not(all(Py_3_11, not(Py_3_13))))]
fn inline_values(_: Object) -> u64 {
    0
}
