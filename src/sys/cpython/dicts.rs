//! References of a dict: the collector sees only part of them.
//!
//! `dict_traverse` leaves out the keys while all of them are strings, and the keys of split tables
//! are owned by a table that several dicts and their type share. Source: `Objects/dictobject.c`.

use super::compat::{dict, keys, values};
use super::object::{Object, read};
use crate::heap::Builder;

/// A table of dict keys.
struct Keys {
    address: u64,
    entries: u64,
    count: usize,
    /// Entries are (hash, key, value) instead of (key, value).
    general: bool,
    /// `dict_traverse` reports the keys of such a table.
    keys_visited: bool,
}

impl Keys {
    /// # Safety
    /// `address` is that of the live keys table of a live dict or heap type.
    #[cfg(Py_3_11)]
    unsafe fn new(address: u64, _: u64) -> Self {
        // SAFETY: header fields of a live table (caller's promise).
        let (log2_index_bytes, kind, count) = unsafe {
            (
                read::<u8>(address, keys::DK_LOG2_INDEX_BYTES),
                read::<u8>(address, keys::DK_KIND),
                read::<u64>(address, keys::DK_NENTRIES),
            )
        };
        let general = usize::from(kind) == keys::KIND_GENERAL;
        let entries = address + keys::DK_INDICES as u64 + (1 << log2_index_bytes);
        Self { address, entries, count: count as usize, general, keys_visited: general }
    }

    /// # Safety
    /// As above. `general_lookup` is the address of `lookdict`.
    #[cfg(not(Py_3_11))]
    unsafe fn new(address: u64, general_lookup: u64) -> Self {
        // SAFETY: header fields of a live table (caller's promise).
        let (size, lookup, count) = unsafe {
            (
                read::<u64>(address, keys::DK_SIZE),
                read::<u64>(address, keys::DK_LOOKUP),
                read::<u64>(address, keys::DK_NENTRIES),
            )
        };
        let index_bytes = match size {
            0..=0xff => 1,
            0x100..=0xffff => 2,
            0x1_0000..=0xffff_ffff => 4,
            _ => 8,
        };
        let entries = address + keys::DK_INDICES as u64 + size * index_bytes;
        Self { address, entries, count: count as usize, general: true, keys_visited: lookup == general_lookup }
    }

    /// Key and value of an entry, 0 where there is none.
    #[inline(always)]
    fn entry(&self, number: usize) -> (u64, u64) {
        let (stride, skip) = if self.general { (24, 8) } else { (16, 0) };
        let entry = self.entries + (number * stride + skip) as u64;
        // SAFETY: `number` is below `count`, and the table is live.
        unsafe { (read(entry, 0), read(entry, 8)) }
    }

    fn each_key(&self, heap: &mut Builder) {
        for number in 0..self.count {
            let (key, _) = self.entry(number);
            if key != 0 {
                heap.edge_to(key);
            }
        }
    }
}

/// What dict walks need to remember during one snapshot.
#[derive(Debug, Default)]
pub(in crate::sys) struct DictWalk {
    /// Shared key tables that were counted already.
    shared: rustc_hash::FxHashSet<u64>,
    /// Address of the function that looks up any key (3.10).
    pub(in crate::sys) general_lookup: u64,
    /// An interned string, by which the interned dict is recognised.
    pub(in crate::sys) interned_marker: u64,
}

impl DictWalk {
    /// Counts every reference of an exact dict without embedded values.
    #[inline]
    pub(super) fn references(&mut self, object: Object, heap: &mut Builder) {
        let table = self.keys_of(object);
        let split = object.word(dict::MA_VALUES);
        if split != 0 {
            split_values(split, table.count, heap);
            return self.shared_keys(&table, heap);
        }
        if self.is_interned(&table) {
            // Its two references to a string are not in the string's count.
            return;
        }
        for number in 0..table.count {
            let (key, value) = table.entry(number);
            if value != 0 {
                heap.edge_to(key);
                heap.edge_to(value);
            }
        }
    }

    /// Counts the keys that `tp_traverse` of a dict subclass leaves out.
    pub(super) fn hidden_keys(&mut self, object: Object, heap: &mut Builder) {
        let table = self.keys_of(object);
        if object.word(dict::MA_VALUES) != 0 {
            self.shared_keys(&table, heap);
        } else if !table.keys_visited {
            table.each_key(heap);
        }
    }

    /// Counts the keys that a heap type shares with the dicts of its instances.
    pub(super) fn cached_keys(&mut self, address: u64, heap: &mut Builder) {
        if address != 0 {
            // SAFETY: `ht_cached_keys` of a live heap type is a live table or null.
            let table = unsafe { Keys::new(address, self.general_lookup) };
            self.shared_keys(&table, heap);
        }
    }

    fn keys_of(&self, object: Object) -> Keys {
        // SAFETY: `ma_keys` of a live dict is never null.
        unsafe { Keys::new(object.word(dict::MA_KEYS), self.general_lookup) }
    }

    fn shared_keys(&mut self, table: &Keys, heap: &mut Builder) {
        if self.shared.insert(table.address) {
            table.each_key(heap);
        }
    }

    /// Whether this is the table of interned strings: every key is its own value, one of them ours.
    fn is_interned(&self, table: &Keys) -> bool {
        const LOOK: usize = 4;
        table.count > 256
            && (0..LOOK).all(|number| matches!(table.entry(number), (key, value) if key == value || value == 0))
            && (0..table.count).any(|number| table.entry(number) == (self.interned_marker, self.interned_marker))
    }
}

fn split_values(split: u64, count: usize, heap: &mut Builder) {
    for number in 0..count {
        // SAFETY: a split dict has a value slot for every entry of its keys.
        let value: u64 = unsafe { read(split, values::VALUES + number * 8) };
        if value != 0 {
            heap.edge_to(value);
        }
    }
}

/// Calls `found` with key and value of every entry of a dict or an instance of a subclass of it.
pub(super) fn each_entry(object: Object, mut found: impl FnMut(u64, u64)) {
    // SAFETY: `ma_keys` of a live dict is never null. How keys are looked up does not matter here.
    let table = unsafe { Keys::new(object.word(dict::MA_KEYS), 0) };
    let split = object.word(dict::MA_VALUES);
    if split != 0 {
        return each_split(&table, split, found);
    }
    for number in 0..table.count {
        let (key, value) = table.entry(number);
        if value != 0 {
            found(key, value);
        }
    }
}

/// The same for the values that an instance keeps itself, with the keys that its type has for them.
pub(super) fn each_attribute(keys: u64, values: u64, found: impl FnMut(u64, u64)) {
    if keys != 0 && values != 0 {
        // SAFETY: `ht_cached_keys` of a live heap type is a live table.
        each_split(&unsafe { Keys::new(keys, 0) }, values, found);
    }
}

fn each_split(table: &Keys, split: u64, mut found: impl FnMut(u64, u64)) {
    for number in 0..table.count {
        // SAFETY: there is a value slot for every entry of the keys.
        let value: u64 = unsafe { read(split, values::VALUES + number * 8) };
        if value != 0 {
            found(table.entry(number).0, value);
        }
    }
}

/// Whether the values of a dict live inside the instance whose attributes they are.
#[cfg(Py_3_13)]
#[inline(always)]
pub(super) fn has_embedded_values(object: Object) -> bool {
    let split = object.word(dict::MA_VALUES);
    // SAFETY: the header of a live values array.
    split != 0 && unsafe { read::<u8>(split, values::EMBEDDED) } != 0
}
/// Before 3.13 they never do.
#[cfg(not(Py_3_13))]
#[inline(always)]
pub(super) fn has_embedded_values(_: Object) -> bool {
    false
}

/// Address of the function that looks up any key: that of a dict with a key that is no string.
#[cfg(not(Py_3_11))]
pub(in crate::sys) fn lookup_of(object: Object) -> u64 {
    // SAFETY: `ma_keys` of a live dict is never null.
    unsafe { read(object.word(dict::MA_KEYS), keys::DK_LOOKUP) }
}
/// Not needed: the table says itself which keys it has.
#[cfg(Py_3_11)]
pub(in crate::sys) fn lookup_of(_: Object) -> u64 {
    0
}
