//! What the collector knows of an object: whether it is tracked, its generation, finalizer and weak references.

use pyo3::ffi;

use super::compat::{PRE_HEADER_FLAGS, r#type, weakref};
use super::object::{Object, Type, read};
use super::text::dict_item;

/// Generations that are younger than the oldest, and the oldest.
const GENERATIONS: u64 = 3;
/// Bytes of a `struct gc_generation`, and of a `PyGC_Head`.
const GENERATION: u64 = 24;
const HEADER: u64 = 16;
/// How far into the interpreter's state the collector's is looked for; it is far longer.
/// Source: `offsetof(PyInterpreterState, gc)`, 112 in 3.12.1 and 7400 in 3.13.0.
const WINDOW: u64 = if cfg!(Py_3_12) { 16 * 1024 } else { 4096 };

/// Address of the field `generation0` of the collector's state, which points to the first of three list heads
/// just before itself. `None` where there is no such field: from 3.14 on.
pub(in crate::sys) fn generation0() -> Option<u64> {
    // SAFETY: the current interpreter, which is far longer than the window searched.
    let interpreter = unsafe { ffi::PyInterpreterState_Get() } as u64;
    // SAFETY: words inside the interpreter state.
    let is_generation0 = |at: &u64| unsafe { read::<u64>(*at, 0) } == at - GENERATIONS * GENERATION;
    (interpreter..interpreter + WINDOW).step_by(8).find(is_generation0)
}

/// Calls `found` with the address and the number of the generation of every tracked object, the youngest first,
/// until it says that it has enough. Does nothing where the generations cannot be told.
pub(in crate::sys) fn each_generation(mut found: impl FnMut(u64, u8) -> bool) {
    let Some(generation0) = generation0() else { return };
    for number in 0..GENERATIONS {
        let head = generation0 - (GENERATIONS - number) * GENERATION;
        // SAFETY: `_gc_next` of a list head or of a member; the list stands still under the GIL.
        let next = |at: u64| unsafe { read::<u64>(at, 0) } & !3;
        let mut at = next(head);
        while at != head {
            if !found(at + HEADER, number as u8) {
                return;
            }
            at = next(at);
        }
    }
}

impl Object {
    /// Whether the collector looks at this object.
    pub(in crate::sys) fn is_tracked(self) -> bool {
        // SAFETY: an object of the collector's has its header, which is all that is read.
        self.is_gc() && unsafe { ffi::PyObject_GC_IsTracked(self.as_ptr()) != 0 }
    }

    /// Whether its finalizer has run.
    pub(in crate::sys) fn is_finalized(self) -> bool {
        // SAFETY: as above.
        self.is_gc() && unsafe { ffi::PyObject_GC_IsFinalized(self.as_ptr()) != 0 }
    }

    /// Weak references to it; 0 for static types, whose list is the interpreter's.
    pub(in crate::sys) fn weak_references(self) -> u32 {
        const MANAGED_WEAKREF: u64 = 1 << 3;
        let kind = self.kind();
        let offset = kind.slot(|slots| slots.tp_weaklistoffset) as i64;
        let in_front = offset < 0 && PRE_HEADER_FLAGS & MANAGED_WEAKREF != 0 && kind.flags() & MANAGED_WEAKREF != 0;
        // SAFETY: an instance of `type` is a live type.
        let is_static = kind.has(ffi::Py_TPFLAGS_TYPE_SUBCLASS) && !unsafe { Type::new(self.address()) }.is_heap();
        if is_static || (offset <= 0 && !in_front) {
            return 0;
        }
        // SAFETY: the head of the list, inside the object or in front of it, and its live members.
        let mut at: u64 = unsafe { read(self.address().wrapping_add_signed(offset), 0) };
        let mut count = 0;
        while at != 0 {
            count += 1;
            // SAFETY: as above.
            at = unsafe { read(at, weakref::WR_NEXT) };
        }
        count
    }
}

impl Type {
    fn slot<T>(self, pick: impl FnOnce(&ffi::PyTypeObject) -> T) -> T {
        // SAFETY: a live type (type invariant).
        pick(unsafe { &*(self.address() as *const ffi::PyTypeObject) })
    }

    /// Whether it shows the collector anything of its instances.
    pub(in crate::sys) fn has_traverse(self) -> bool {
        self.has(ffi::Py_TPFLAGS_HAVE_GC) && self.slot(|slots| slots.tp_traverse.is_some())
    }

    /// `tp_base`.
    pub(in crate::sys) fn base(self) -> Option<Self> {
        let base = self.slot(|slots| slots.tp_base) as u64;
        // SAFETY: the base of a live type is a live type.
        (base != 0).then(|| unsafe { Self::new(base) })
    }

    /// Whether its instances let go of what they refer to when the collector says so. A generator does when it
    /// is finalized. Source: CPython, `Objects/genobject.c`, `_PyGen_Finalize`.
    pub(in crate::sys) fn clears(self) -> bool {
        let known = [&raw mut ffi::PyGen_Type, &raw mut ffi::PyCoro_Type, &raw mut ffi::PyAsyncGen_Type];
        self.slot(|slots| slots.tp_clear.is_some()) || known.iter().any(|&kind| kind as u64 == self.address())
    }

    /// Whether it has a finalizer of the kind that the collector does not call.
    pub(in crate::sys) fn has_legacy_finalizer(self) -> bool {
        self.slot(|slots| slots.tp_del.is_some())
    }

    /// `__del__` of a Python class, `tp_finalize` of another type, `tp_del`, or nothing.
    pub(in crate::sys) fn finalizer(self) -> &'static str {
        if self.has_legacy_finalizer() {
            return "tp_del";
        }
        if self.slot(|slots| slots.tp_finalize.is_none()) {
            return "";
        }
        let del = self.lookup(c"__del__");
        // A type in C gets a wrapper of that name.
        // SAFETY: a value of a live type's dict.
        let is_wrapper =
            |&value: &u64| unsafe { Object::new(value) }.kind().address() == &raw const ffi::PyWrapperDescr_Type as u64;
        if del.filter(|value| !is_wrapper(value)).is_some() { "__del__" } else { "tp_finalize" }
    }

    /// The attribute that the type or the first of its bases to have it has.
    fn lookup(self, name: &core::ffi::CStr) -> Option<u64> {
        let order = self.as_object().word(r#type::TP_MRO) as *mut ffi::PyObject;
        if order.is_null() {
            return None;
        }
        // SAFETY: the tuple of a live type's bases, which are live types.
        unsafe {
            let classes = (0..ffi::PyTuple_GET_SIZE(order)).map(|at| ffi::PyTuple_GET_ITEM(order, at) as u64);
            classes
                .map(|class| Type::new(class))
                .find_map(|class| dict_item(class.as_object().word(r#type::TP_DICT), name))
        }
    }

    /// Addresses of the functions that say whose type it is: what its author wrote.
    pub(in crate::sys) fn functions(self) -> impl Iterator<Item = u64> {
        let creating =
            self.slot(|slots| [slots.tp_new.map(|new| new as usize), slots.tp_init.map(|init| init as usize)]);
        creating.into_iter().flatten().map(|address| address as u64).chain(self.keeping())
    }

    /// Those of them that keep to the collector's protocol, or do not.
    pub(in crate::sys) fn keeping(self) -> impl Iterator<Item = u64> {
        let functions = self.slot(|slots| {
            [
                slots.tp_dealloc.map(|function| function as usize),
                slots.tp_traverse.map(|function| function as usize),
                slots.tp_clear.map(|function| function as usize),
                slots.tp_del.map(|function| function as usize),
            ]
        });
        functions.into_iter().flatten().map(|address| address as u64)
    }
}
