//! Names and labels of objects, made without calling any of their code.

use pyo3::ffi;

use super::compat::r#type;
use super::object::{Object, Type, read};

/// Longest label of one value, in characters.
const LABEL: usize = 60;

/// `module.qualname` of a type; builtins without their module.
pub(in crate::sys) fn type_name(kind: Type) -> String {
    let full = c_string(kind.as_object().word(r#type::TP_NAME));
    if !kind.is_heap() || full.contains('.') {
        return full.strip_prefix("builtins.").unwrap_or(&full).to_owned();
    }
    let name = string(kind.as_object().word(super::compat::heaptype::HT_QUALNAME)).unwrap_or(full);
    match dict_item(kind.as_object().word(r#type::TP_DICT), c"__module__").and_then(string) {
        Some(module) if module != "builtins" => format!("{module}.{name}"),
        _ => name,
    }
}

/// Roughly what `repr` would say.
pub(in crate::sys) fn label(object: Object) -> String {
    let kind = object.kind();
    if let Some(simple) = simple_label(object) {
        return simple;
    }
    // SAFETY: addresses of static types; nothing is read.
    let exactly = |known: *mut ffi::PyTypeObject| kind.address() == known as u64;
    let size = object.word(super::compat::object::OB_SIZE) as i64;
    // SAFETY: as above.
    unsafe {
        if kind.has(ffi::Py_TPFLAGS_TYPE_SUBCLASS) {
            return format!("<class '{}'>", type_name(Type::new(object.address())));
        } else if exactly(&raw mut ffi::PyTuple_Type) || exactly(&raw mut ffi::PyList_Type) {
            return format!("<{} of {size}>", type_name(kind));
        } else if exactly(&raw mut ffi::PyDict_Type) {
            return format!("<dict of {}>", object.word(16));
        } else if exactly(&raw mut ffi::PyMethodDescr_Type) || exactly(&raw mut ffi::PyWrapperDescr_Type) {
            return format!("<{} {}>", type_name(kind), named(object, super::compat::descr::D_NAME));
        } else if exactly(&raw mut ffi::PyFunction_Type) {
            return format!("<function {}>", named(object, 40));
        } else if exactly(&raw mut ffi::PyModule_Type) {
            return format!("<module {}>", named(object, super::compat::module::MD_NAME));
        } else if exactly(&raw mut ffi::PyCFunction_Type) {
            let definition = object.word(16);
            let name = if definition == 0 { String::new() } else { c_string(read(definition, 0)) };
            return format!("<built-in function {name}>");
        }
    }
    format!("<{} object at {:#x}>", type_name(kind), object.address())
}

/// Strings, bytes, numbers and the singletons.
fn simple_label(object: Object) -> Option<String> {
    let pointer = object.as_ptr();
    let kind = object.kind();
    // SAFETY: a live object; each function only reads objects of the type that was checked.
    unsafe {
        if pointer == ffi::Py_None() {
            Some("None".into())
        } else if pointer == ffi::Py_True() {
            Some("True".into())
        } else if pointer == ffi::Py_False() {
            Some("False".into())
        } else if pointer == ffi::Py_Ellipsis() {
            Some("Ellipsis".into())
        } else if ffi::PyUnicode_Check(pointer) != 0 {
            string(object.address()).map(|text| format!("'{}'", text.escape_debug()))
        } else if ffi::PyBytes_CheckExact(pointer) != 0 {
            let length = ffi::Py_SIZE(pointer) as usize;
            let bytes = core::slice::from_raw_parts(ffi::PyBytes_AS_STRING(pointer).cast::<u8>(), length.min(LABEL));
            Some(format!("b'{}'{}", bytes.escape_ascii(), if length > LABEL { "…" } else { "" }))
        } else if ffi::PyLong_CheckExact(pointer) != 0 {
            let mut overflow = 0;
            let value = ffi::PyLong_AsLongLongAndOverflow(pointer, &raw mut overflow);
            Some(if overflow == 0 { value.to_string() } else { format!("<int beyond 64 bits at {pointer:p}>") })
        } else if kind.address() == (&raw mut ffi::PyFloat_Type) as u64 {
            Some(format!("{:?}", ffi::PyFloat_AS_DOUBLE(pointer)))
        } else {
            None
        }
    }
}

/// Name of the module that a Python or builtin function or a bound method was defined in.
pub(in crate::sys) fn module_of(object: Object) -> Option<String> {
    match type_name(object.kind()).as_str() {
        // `func_globals`
        "function" => dict_item(object.word(16), c"__name__").and_then(string),
        // `m_module`
        "builtin_function_or_method" => string(object.word(32)),
        // `im_func`, which can be any callable.
        // SAFETY: a bound method refers to a live object.
        "method" => module_of(unsafe { Object::new(object.word(16)) }),
        _ => None,
    }
}

/// A name in a field of an object.
fn named(object: Object, offset: usize) -> String {
    string(object.word(offset)).unwrap_or_else(|| "?".into())
}

/// Text of a live `str`, shortened; `None` when the address is null or no string's.
pub(in crate::sys) fn string(address: u64) -> Option<String> {
    text(address, 2 * LABEL)
}

/// Text of a live `str`, up to so many characters.
pub(super) fn text(address: u64, limit: usize) -> Option<String> {
    let pointer = address as *mut ffi::PyObject;
    // SAFETY: null, or a live object that a live object refers to. Reading characters allocates
    // nothing, in contrast to asking for UTF-8.
    unsafe {
        if pointer.is_null() || ffi::PyUnicode_Check(pointer) == 0 {
            return None;
        }
        let length = ffi::PyUnicode_GetLength(pointer).max(0);
        let shown = length.min(limit as isize);
        let character =
            |at| char::from_u32(ffi::PyUnicode_ReadChar(pointer, at)).unwrap_or(char::REPLACEMENT_CHARACTER);
        let mut text: String = (0..shown).map(character).collect();
        if shown < length {
            text.push('…');
        }
        Some(text)
    }
}

pub(super) fn c_string(address: u64) -> String {
    if address == 0 {
        return String::new();
    }
    // SAFETY: `tp_name` and method names are NUL-terminated and live as long as their owner.
    unsafe { core::ffi::CStr::from_ptr(address as *const core::ffi::c_char) }.to_string_lossy().into_owned()
}

/// Value of a string key in a dict whose keys are strings; null when absent.
pub(super) fn dict_item(dict: u64, name: &core::ffi::CStr) -> Option<u64> {
    let dict = dict as *mut ffi::PyObject;
    if dict.is_null() {
        return None;
    }
    let (mut position, mut key, mut value) = (0, core::ptr::null_mut(), core::ptr::null_mut());
    // SAFETY: a live type's dict, which nobody changes meanwhile; both calls only read.
    unsafe {
        while ffi::PyDict_Next(dict, &raw mut position, &raw mut key, &raw mut value) != 0 {
            if ffi::PyUnicode_Check(key) != 0 && ffi::PyUnicode_CompareWithASCIIString(key, name.as_ptr()) == 0 {
                return Some(value as u64);
            }
        }
    }
    None
}
