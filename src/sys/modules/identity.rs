//! An object by its address and its birth, so that another one at the same address is not taken for it.

use pyo3::ffi;

use crate::event::{Domain, Serial};
use crate::sys::capture::block_of;
use crate::sys::cpython::Object;
use crate::sys::hook::CENSUS;

/// Bytes that can stand between the start of a block and the object in it: nothing, the collector's
/// header, a dict or weak reference slot, both.
const BEFORE: [u64; 3] = [0, 16, 32];

/// Address and serial of birth of a live object; 0 for one whose birth was not seen (static, or before the
/// hooks).
pub(crate) fn identify(object: *mut ffi::PyObject) -> (u64, u64) {
    // SAFETY: callers pass a live object under the GIL.
    let block = block_of(unsafe { Object::new(object as u64) });
    (object as u64, block.map_or(Serial::UNKNOWN.0, |block| block.serial.0))
}

/// Whether the object with this address and birth is still there: its block was not given back, and no
/// later object has it. A block in a free list counts as there: collect before, which empties these.
/// `None` when the birth was not seen.
pub(crate) fn is_alive(address: u64, serial: u64) -> Option<bool> {
    let found = BEFORE.iter().filter_map(|before| CENSUS.find(address.checked_sub(*before)?));
    let mut same = found.filter(|block| block.domain != Domain::Native && block.serial.0 == serial);
    (serial != Serial::UNKNOWN.0).then(|| same.next().is_some())
}
