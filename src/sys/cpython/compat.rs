//! Private layouts of CPython, and the only place that asks for its version.
//!
//! Measured with `offsetof` against the headers of 3.10.13, 3.11.7, 3.12.1, 3.13.0, 3.14.10 and
//! 3.15.2, GIL builds, x86-64; `tests/oracle/layouts.c` compares them with the running
//! interpreter's headers, and `self_check` with known objects at start. Offsets are in bytes.

use crate::symbols::LineFormat;

/// Newest minor version whose layouts are known.
pub(crate) const NEWEST_MINOR: u8 = 15;
/// Oldest one.
pub(crate) const OLDEST_MINOR: u8 = 10;

macro_rules! offsets {
    ($($module:ident { $($(#[$condition:meta])? $name:ident = $value:expr;)* })*) => {
        $(pub(in crate::sys) mod $module {
            $($(#[$condition])? pub(in crate::sys) const $name: usize = $value;)*
        })*

        /// Every offset of this build by name, `code.co_consts`: for the comparison with the headers.
        #[allow(clippy::vec_init_then_push)]
        pub(crate) fn layouts() -> Vec<(String, usize)> {
            let mut all = Vec::new();
            $($($(#[$condition])? all.push((
                concat!(stringify!($module), ".", stringify!($name)).trim_start_matches("r#").to_lowercase(), $module::$name,
            ));)*)*
            all
        }
    };
}

offsets! {
    object { OB_REFCNT = 0; OB_TYPE = 8; OB_SIZE = 16; }
    tuple {
        #[cfg(not(Py_3_14))] OB_ITEM = 24;
        #[cfg(Py_3_14)] OB_ITEM = 32;
    }
    list { OB_ITEM = 24; }
    dict { MA_KEYS = 32; MA_VALUES = 40; }
    keys {
        #[cfg(not(Py_3_11))] DK_SIZE = 8;
        #[cfg(not(Py_3_11))] DK_LOOKUP = 16;
        #[cfg(not(Py_3_11))] DK_NENTRIES = 32;
        #[cfg(not(Py_3_11))] DK_INDICES = 40;
        #[cfg(Py_3_11)] DK_LOG2_INDEX_BYTES = 9;
        #[cfg(Py_3_11)] DK_KIND = 10;
        #[cfg(Py_3_11)] DK_NENTRIES = 24;
        #[cfg(Py_3_11)] DK_INDICES = 32;
        #[cfg(Py_3_11)] KIND_GENERAL = 0;
    }
    values {
        #[cfg(not(Py_3_13))] VALUES = 0;
        #[cfg(Py_3_13)] VALUES = 8;
        #[cfg(Py_3_13)] EMBEDDED = 2;
    }
    r#type {
        TP_NAME = 24; TP_BASICSIZE = 32; TP_ITEMSIZE = 40; TP_FLAGS = 168; TP_TRAVERSE = 184;
        TP_DICT = 264; TP_IS_GC = 328; TP_BASES = 336; TP_MRO = 344; TP_CACHE = 352; TP_SUBCLASSES = 360;
    }
    heaptype {
        #[cfg(not(Py_3_12))] HT_NAME = 848;
        #[cfg(all(Py_3_12, not(Py_3_15)))] HT_NAME = 856;
        #[cfg(Py_3_15)] HT_NAME = 864;
        HT_SLOTS = HT_NAME + 8; HT_QUALNAME = HT_NAME + 16; HT_CACHED_KEYS = HT_NAME + 24;
    }
    module {
        MD_DICT = 16;
        #[cfg(not(Py_3_15))] MD_DEF = 24;
        #[cfg(not(Py_3_15))] MD_STATE = 32;
        #[cfg(not(Py_3_15))] MD_NAME = 48;
        #[cfg(Py_3_15)] MD_STATE = 24;
        #[cfg(Py_3_15)] MD_NAME = 40;
        #[cfg(Py_3_15)] MD_TOKEN_IS_DEF = 48;
        #[cfg(Py_3_15)] MD_STATE_SIZE = 56;
        #[cfg(Py_3_15)] MD_STATE_TRAVERSE = 64;
        #[cfg(Py_3_15)] MD_STATE_CLEAR = 72;
        #[cfg(Py_3_15)] MD_STATE_FREE = 80;
        #[cfg(Py_3_15)] MD_TOKEN = 88;
    }
    weakref { WR_NEXT = 48; }
    descr { D_NAME = 24; D_QUALNAME = 32; }
    code {
        #[cfg(not(Py_3_11))] CO_CODE = 48;
        #[cfg(not(Py_3_11))] CO_VARNAMES = 72;
        #[cfg(not(Py_3_11))] CO_FREEVARS = 80;
        #[cfg(not(Py_3_11))] CO_CELLVARS = 88;
        #[cfg(not(Py_3_11))] CO_CONSTS = 56;
        #[cfg(not(Py_3_11))] CO_NAMES = 64;
        #[cfg(not(Py_3_11))] CO_FILENAME = 104;
        #[cfg(not(Py_3_11))] CO_NAME = 112;
        #[cfg(not(Py_3_11))] CO_LINETABLE = 120;
        #[cfg(Py_3_11)] CO_CONSTS = 24;
        #[cfg(Py_3_11)] CO_NAMES = 32;
        #[cfg(Py_3_11)] CO_EXCEPTIONTABLE = 40;
        #[cfg(Py_3_11)] CO_LOCALSPLUSNAMES = 96;
        #[cfg(Py_3_11)] CO_LOCALSPLUSKINDS = 104;
        #[cfg(Py_3_11)] CO_FILENAME = 112;
        #[cfg(Py_3_11)] CO_NAME = 120;
        #[cfg(Py_3_11)] CO_QUALNAME = 128;
        #[cfg(Py_3_11)] CO_LINETABLE = 136;
        #[cfg(all(Py_3_11, not(Py_3_12)))] _CO_CODE = 152;
        #[cfg(all(Py_3_12, not(Py_3_13)))] _CO_CACHED = 152;
        #[cfg(Py_3_13)] _CO_CACHED = 160;
        #[cfg(not(Py_3_11))] CO_FIRSTLINENO = 40;
        #[cfg(all(Py_3_11, not(Py_3_12)))] CO_FIRSTLINENO = 72;
        #[cfg(Py_3_12)] CO_FIRSTLINENO = 68;
        #[cfg(all(Py_3_11, not(Py_3_12)))] CO_CODE_ADAPTIVE = 184;
        #[cfg(all(Py_3_12, not(Py_3_13)))] CO_CODE_ADAPTIVE = 192;
        #[cfg(all(Py_3_13, not(Py_3_14)))] CO_CODE_ADAPTIVE = 200;
        #[cfg(Py_3_14)] CO_CODE_ADAPTIVE = 208;
        #[cfg(all(Py_3_11, not(Py_3_12)))] CO_NLOCALSPLUS = 76;
        #[cfg(Py_3_12)] CO_NLOCALSPLUS = 72;
    }
    thread {
        #[cfg(not(Py_3_11))] FRAME = 24;
        #[cfg(all(Py_3_11, not(Py_3_13)))] CFRAME = 56;
        #[cfg(Py_3_13)] CURRENT_FRAME = 72;
    }
    cframe {
        #[cfg(all(Py_3_11, not(Py_3_12)))] CURRENT_FRAME = 8;
        #[cfg(all(Py_3_12, not(Py_3_13)))] CURRENT_FRAME = 0;
    }
    frame_object {
        F_BACK = if cfg!(Py_3_11) { 16 } else { 24 };
        #[cfg(not(Py_3_11))] F_GEN = 88;
        #[cfg(not(Py_3_11))] F_CODE = 32;
        #[cfg(not(Py_3_11))] F_LASTI = 96;
    }
    frame {
        #[cfg(all(Py_3_11, not(Py_3_12)))] F_FUNC = 0;
        #[cfg(all(Py_3_11, not(Py_3_12)))] F_LOCALS = 24;
        #[cfg(all(Py_3_11, not(Py_3_12)))] F_CODE = 32;
        #[cfg(all(Py_3_11, not(Py_3_12)))] FRAME_OBJ = 40;
        #[cfg(all(Py_3_11, not(Py_3_12)))] PREVIOUS = 48;
        #[cfg(all(Py_3_11, not(Py_3_12)))] IS_ENTRY = 68;
        #[cfg(all(Py_3_11, not(Py_3_12)))] OWNER = 69;
        #[cfg(all(Py_3_12, not(Py_3_13)))] F_CODE = 0;
        #[cfg(Py_3_13)] F_EXECUTABLE = 0;
        #[cfg(all(Py_3_11, not(Py_3_13)))] PREV_INSTR = 56;
        #[cfg(Py_3_13)] INSTR_PTR = 56;
        #[cfg(Py_3_12)] PREVIOUS = 8;
        #[cfg(Py_3_12)] F_FUNCOBJ = 16;
        #[cfg(Py_3_12)] F_LOCALS = 40;
        #[cfg(Py_3_12)] FRAME_OBJ = 48;
        #[cfg(all(Py_3_11, not(Py_3_14)))] STACKTOP = 64;
        #[cfg(all(Py_3_12, not(Py_3_14)))] OWNER = 70;
        #[cfg(all(Py_3_11, not(Py_3_14)))] LOCALSPLUS = 72;
        #[cfg(Py_3_14)] STACKPOINTER = 64;
        #[cfg(Py_3_14)] OWNER = 74;
        #[cfg(Py_3_14)] LOCALSPLUS = 80;
    }
}

/// Layout of `co_linetable`.
pub(crate) const LINE_FORMAT: LineFormat = if cfg!(Py_3_11) { LineFormat::Locations } else { LineFormat::Pairs };

/// Strong references of a code object.
#[cfg(not(Py_3_11))]
pub(super) const CODE_FIELDS: &[usize] = &[
    code::CO_CODE,
    code::CO_CONSTS,
    code::CO_NAMES,
    code::CO_VARNAMES,
    code::CO_FREEVARS,
    code::CO_CELLVARS,
    code::CO_FILENAME,
    code::CO_NAME,
    code::CO_LINETABLE,
];
/// Strong references of a code object.
#[cfg(Py_3_11)]
pub(super) const CODE_FIELDS: &[usize] = &[
    code::CO_CONSTS,
    code::CO_NAMES,
    code::CO_EXCEPTIONTABLE,
    code::CO_LOCALSPLUSNAMES,
    code::CO_LOCALSPLUSKINDS,
    code::CO_FILENAME,
    code::CO_NAME,
    code::CO_QUALNAME,
    code::CO_LINETABLE,
    #[cfg(not(Py_3_12))]
    code::_CO_CODE,
];

/// Strong references of a thread state: dict, trace and profile objects, the pending asynchronous
/// exception, the handled exception, async generator hooks, the context, the exception being
/// raised, and from 3.13 on the keys of thread-local storage (3.14: asyncio's loop and task).
pub(super) const THREAD_FIELDS: &[usize] = if cfg!(Py_3_15) {
    &[152, 120, 128, 168, 288, 216, 224, 232, 136, 328, 336, 1024, 1032]
} else if cfg!(Py_3_14) {
    &[128, 96, 104, 144, 256, 192, 200, 208, 112, 288, 296, 864, 872]
} else if cfg!(Py_3_13) {
    &[128, 96, 104, 144, 256, 192, 200, 208, 112, 288, 296]
} else if cfg!(Py_3_12) {
    &[112, 80, 88, 128, 256, 192, 200, 208, 96]
} else if cfg!(Py_3_11) {
    &[128, 80, 88, 144, 320, 208, 216, 224, 96, 104, 112]
} else {
    &[152, 72, 80, 168, 112, 120, 128, 224, 232, 240, 88, 96, 104]
};

/// Where a pointer to values outside of an instance stands, before it (3.11, 3.12).
#[cfg(all(Py_3_11, not(Py_3_13)))]
pub(super) const VALUES_POINTER: u64 = if cfg!(Py_3_12) { 24 } else { 32 };
/// Flag of a type whose instances have such a pointer.
#[cfg(all(Py_3_11, not(Py_3_13)))]
pub(super) const MANAGED_DICT: core::ffi::c_ulong = 1 << 4;

/// Flag of a type that keeps a dict or weak reference slot in front of its instances.
pub(in crate::sys) const PRE_HEADER_FLAGS: u64 = if cfg!(Py_3_12) {
    1 << 3 | 1 << 4
} else if cfg!(Py_3_11) {
    1 << 4
} else {
    0
};

/// Reads a reference count; `None` for an immortal object, which has no meaningful one.
#[inline(always)]
pub(super) fn reference_count(word: u64) -> Option<u32> {
    let low = word as u32;
    if cfg!(Py_3_12) {
        // 32 bits wide: 3.14 keeps flags in the upper half. Immortal = negative.
        ((low as i32) >= 0).then_some(low)
    } else {
        // 3.11 starts its static objects at 999 999 999, but counts them like all others.
        Some(low)
    }
}

/// Whether what looks like a reference count is a free list's or a heap's link: a pointer there has
/// bits set that no count has.
#[inline(always)]
pub(in crate::sys) fn is_linked(word: u64) -> bool {
    let high = word >> 32;
    // 3.14 keeps flags in the upper sixteen bits.
    if cfg!(Py_3_14) { high & 0xffff != 0 } else { high != 0 }
}
