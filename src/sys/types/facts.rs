//! What a type says of itself.

use core::ffi::CStr;

use pyo3::ffi;

use super::live::kind_of;
use crate::sys::cpython::{Type, read, type_name};
use crate::sys::libraries::{Library, loaded};

/// `Py_T_OBJECT_EX` and the older `_Py_T_OBJECT` (CPython `Include/descrobject.h`).
const OBJECT_MEMBERS: [i32; 2] = [16, 6];
/// Flags that pyo3-ffi has for some versions only.
const IMMUTABLE: u64 = 1 << 8;
const NOT_INSTANTIABLE: u64 = 1 << 7;
const MANAGED_DICT: u64 = if cfg!(Py_3_11) { 1 << 4 } else { 0 };

/// A declared member that holds an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) offset: i64,
    pub(crate) readonly: bool,
}

/// A type, in plain data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypeFacts {
    pub(crate) name: String,
    /// Path of the library that defines it; empty for one of the interpreter, or made by Python code.
    pub(crate) library: String,
    pub(crate) is_heap: bool,
    pub(crate) has_gc: bool,
    pub(crate) is_subclassable: bool,
    pub(crate) is_immutable: bool,
    pub(crate) is_instantiable: bool,
    pub(crate) has_dict: bool,
    pub(crate) traverse: bool,
    pub(crate) clear: bool,
    pub(crate) finalizer: bool,
    pub(crate) legacy_del: bool,
    /// `library+0x1a2b` of `tp_traverse`, for those who look it up; empty without one.
    pub(crate) traverse_at: String,
    /// Made by a `class` statement or a call of `type`: its protocol is the interpreter's own.
    pub(crate) made_by_type: bool,
    pub(crate) members: Vec<Member>,
    /// Names of properties in C that can be set.
    pub(crate) settable: Vec<String>,
}

/// Describes a type. `sample` is any class made by a `class` statement.
pub(crate) fn type_facts(kind: *mut ffi::PyObject, sample: *mut ffi::PyObject) -> TypeFacts {
    let (kind, sample) = (kind_of(kind), kind_of(sample));
    let (layout, plain) = (layout(kind), layout(sample));
    let libraries: Vec<_> = loaded().into_iter().collect();
    let library = |address: u64| libraries.iter().find(|library| library.span.contains(&address));
    let traverse = layout.tp_traverse.map_or(0, |function| function as *const () as u64);
    let interpreter = library(&raw const ffi::PyType_Type as u64).map_or(0, |library| library.base);
    let foreign = |address: u64| library(address).filter(|library| library.base != interpreter && !library.own);
    let name = type_name(kind);
    TypeFacts {
        library: if kind.is_heap() {
            own_code(layout).into_iter().find_map(foreign).map_or_else(String::new, |library| library.path.clone())
        } else {
            foreign(kind.address()).map_or_else(String::new, |library| library.path.clone())
        },
        is_heap: kind.is_heap(),
        has_gc: kind.has(ffi::Py_TPFLAGS_HAVE_GC),
        is_subclassable: kind.has(ffi::Py_TPFLAGS_BASETYPE),
        is_immutable: kind.flags() & IMMUTABLE != 0,
        is_instantiable: layout.tp_new.is_some() && kind.flags() & NOT_INSTANTIABLE == 0,
        has_dict: layout.tp_dictoffset != 0 || kind.flags() & MANAGED_DICT != 0,
        traverse: traverse != 0,
        clear: layout.tp_clear.is_some(),
        finalizer: layout.tp_finalize.is_some(),
        legacy_del: layout.tp_del.is_some(),
        traverse_at: library(traverse).map_or_else(String::new, |library| place(library, traverse)),
        made_by_type: is_made_by_type(kind, layout, plain),
        members: chain(kind).flat_map(members).collect(),
        settable: chain(kind).flat_map(settable).collect(),
        name,
    }
}

fn layout(kind: Type) -> &'static ffi::PyTypeObject {
    // SAFETY: a live type, which the caller holds for as long as the reference is used.
    unsafe { &*(kind.address() as *const ffi::PyTypeObject) }
}

fn place(library: &Library, address: u64) -> String {
    format!("{}+{:#x}", library.path.rsplit('/').next().unwrap_or("?"), address - library.base)
}

/// `type_new` gives every class these functions of its own; `PyType_FromSpec` never gives `subtype_traverse`, but
/// `subtype_dealloc` where there is no other, and a name with the module in it.
fn is_made_by_type(kind: Type, layout: &ffi::PyTypeObject, plain: &ffi::PyTypeObject) -> bool {
    let address = |function: Option<unsafe extern "C" fn(*mut ffi::PyObject)>| function.map(|f| f as usize);
    if !kind.is_heap() || address(layout.tp_dealloc) != address(plain.tp_dealloc) {
        return false;
    }
    match (layout.tp_traverse, plain.tp_traverse) {
        (Some(own), Some(theirs)) => own as usize == theirs as usize,
        // SAFETY: the name of a live type.
        (None, _) => unsafe { !CStr::from_ptr(layout.tp_name).to_bytes().contains(&b'.') },
        (Some(_), None) => false,
    }
}

/// Addresses of functions and tables that this type has and its base has not.
fn own_code(layout: &ffi::PyTypeObject) -> Vec<u64> {
    // SAFETY: the base of a live type is alive, or null.
    let base = unsafe { layout.tp_base.as_ref() };
    macro_rules! own {
        ($($slot:ident)*) => {
            [$(layout.$slot.map_or(0, |f| f as *const () as u64)
                .checked_sub(1)
                .map(|f| f + 1)
                .filter(|&f| base.is_none_or(|base| base.$slot.map_or(0, |f| f as *const () as u64) != f))),*]
        };
    }
    let functions = own!(
        tp_dealloc tp_traverse tp_clear tp_new tp_init tp_finalize tp_iternext tp_iter tp_repr tp_call tp_hash
        tp_richcompare tp_getattro tp_setattro tp_free tp_descr_get
    );
    functions.into_iter().flatten().chain(methods(layout)).chain(getters(layout)).collect()
}

/// The functions of its methods: the table of a heap type is the library's own too, but that of Cython's may lie
/// anywhere.
fn methods(layout: &ffi::PyTypeObject) -> Vec<u64> {
    rows(layout.tp_methods, |row| !row.ml_name.is_null())
        // SAFETY: a union of function pointers, all of one size.
        .map(|row| unsafe { read::<u64>(&raw const row.ml_meth as u64, 0) })
        .take(4)
        .collect()
}

fn getters(layout: &ffi::PyTypeObject) -> Vec<u64> {
    rows(layout.tp_getset, |row| !row.name.is_null())
        .filter_map(|row| row.get)
        .map(|get| get as *const () as u64)
        .take(4)
        .collect()
}

/// The rows of a table that ends where `goes_on` says so; none for null.
fn rows<T: 'static>(table: *const T, goes_on: impl Fn(&T) -> bool) -> impl Iterator<Item = &'static T> {
    (0..if table.is_null() { 0 } else { 10_000 })
        // SAFETY: a row of the table of a live type, up to the one that ends it.
        .map(move |number| unsafe { &*table.add(number) })
        .take_while(move |row| goes_on(row))
}

/// A type, its base, and so on.
fn chain(kind: Type) -> impl Iterator<Item = &'static ffi::PyTypeObject> {
    // SAFETY: bases live as long as the type does.
    core::iter::successors(Some(layout(kind)), |layout| unsafe { layout.tp_base.as_ref() })
}

fn members(layout: &'static ffi::PyTypeObject) -> Vec<Member> {
    rows(layout.tp_members, |row| !row.name.is_null())
        .filter(|row| OBJECT_MEMBERS.contains(&row.type_code) && row.offset > 0)
        .map(|row| Member { name: text(row.name), offset: row.offset as i64, readonly: row.flags & 1 != 0 })
        .collect()
}

fn settable(layout: &'static ffi::PyTypeObject) -> Vec<String> {
    let rows = rows(layout.tp_getset, |row| !row.name.is_null()).filter(|row| row.set.is_some());
    rows.map(|row| text(row.name)).filter(|name| !name.starts_with("__")).collect()
}

fn text(name: *const core::ffi::c_char) -> String {
    // SAFETY: a NUL-terminated name in a table of a live type.
    unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned()
}
