//! Slots of modules: `PyModuleDef_Slot` (PEP 489), and from 3.15 on `PySlot` (PEP 793, PEP 820).
//!
//! Both are 16 bytes: a number, then a word. The number is an `int` in the first and 16 bits followed
//! by flags in the second; read as 16 bits it is the same in both. Source: CPython 3.15
//! `Include/slots.h`, `Include/slots_generated.h`, `Include/moduleobject.h`.

use crate::sys::cpython::read;
use crate::sys::probe::copied;

/// Longer than any array of slots: where one that does not end is given up.
const MOST: usize = 256;
/// Deeper than any array in an array.
const DEEPEST: u32 = 5;

/// One slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) kind: Kind,
    /// A pointer or a number.
    pub(super) value: u64,
}

/// What a slot says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Create,
    Exec,
    MultipleInterpreters,
    Gil,
    Name,
    Doc,
    StateSize,
    Methods,
    Traverse,
    Clear,
    Free,
    Abi,
    Token,
    /// A number that is not known here.
    Other,
}

impl Kind {
    fn of(number: u16) -> Self {
        match number {
            1 | 84 => Self::Create,
            2 | 85 => Self::Exec,
            3 | 86 => Self::MultipleInterpreters,
            4 | 87 => Self::Gil,
            100 => Self::Name,
            101 => Self::Doc,
            102 => Self::StateSize,
            103 => Self::Methods,
            104 => Self::Traverse,
            105 => Self::Clear,
            106 => Self::Free,
            109 => Self::Abi,
            110 => Self::Token,
            _ => Self::Other,
        }
    }

    /// CPython's name for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Create => "Py_mod_create",
            Self::Exec => "Py_mod_exec",
            Self::MultipleInterpreters => "Py_mod_multiple_interpreters",
            Self::Gil => "Py_mod_gil",
            Self::Name => "Py_mod_name",
            Self::Doc => "Py_mod_doc",
            Self::StateSize => "Py_mod_state_size",
            Self::Methods => "Py_mod_methods",
            Self::Traverse => "Py_mod_state_traverse",
            Self::Clear => "Py_mod_state_clear",
            Self::Free => "Py_mod_state_free",
            Self::Abi => "Py_mod_abi",
            Self::Token => "Py_mod_token",
            Self::Other => "unknown slot",
        }
    }
}

/// The slots of a definition (`m_slots`) or of an export (`PyModExport_*`), those of arrays within
/// (`Py_mod_slots`, `Py_slot_subslots`) in their place; none for address 0.
///
/// # Safety
/// `array` is 0 or the address of such an array that ends with slot number 0.
pub(super) unsafe fn slots_at(array: u64) -> Vec<Slot> {
    let mut slots = Vec::new();
    // SAFETY: the caller's promise.
    unsafe { collect(array, DEEPEST, &mut slots) };
    slots
}

/// The slots at an address that may be something else: a module can choose any token (`Py_mod_token`). `None`
/// unless it is an array of slots of modules as far as its end.
pub(super) fn slots_if_any(address: u64) -> Option<Vec<Slot>> {
    let mut places = (0..MOST as u64).map(|place| {
        let mut slot = [0; 2];
        copied(address.checked_add(place * 16)?, &mut slot).ok().map(|slot| slot[0] as u16)
    });
    let is_array = address != 0
        && places.find_map(|number| match number {
            Some(0) => Some(true),
            Some(1..=4 | 84..=87 | 92 | 94 | 100..=110) => None,
            _ => Some(false),
        }) == Some(true);
    // SAFETY: it looks like an array of slots to the end; arrays within are what it says they are.
    is_array.then(|| unsafe { slots_at(address) })
}

/// # Safety
/// As for [`slots_at`].
unsafe fn collect(array: u64, depth: u32, slots: &mut Vec<Slot>) {
    if array == 0 || depth == 0 {
        return;
    }
    for place in 0..MOST {
        // SAFETY: before the end of the array, which was not seen yet.
        let (number, value): (u16, u64) = unsafe { (read(array, place * 16), read(array, place * 16 + 8)) };
        match number {
            0 => return,
            // SAFETY: the value of these is another array of slots.
            92 | 94 => unsafe { collect(value, depth - 1, slots) },
            number => slots.push(Slot { kind: Kind::of(number), value }),
        }
    }
}
