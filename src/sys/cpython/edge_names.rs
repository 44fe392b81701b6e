//! How an object refers to another one, in the words of the language: `['key']`, `.attr`, `__self__`.
//!
//! Reads what [`super::EdgeWalk`] counts; no code of the objects runs, and nothing is created.

use core::ffi::c_int;
use std::sync::OnceLock;

use pyo3::ffi;

use super::compat::{descr, heaptype, list, module, object as head, tuple, r#type};
use super::dicts::{each_attribute, each_entry};
use super::frame_names;
use super::object::{Object, Type, read};
use super::text::{c_string, dict_item, label, string, type_name};
use crate::sys::libraries;

/// Fields that `tp_members` does not name, by type: (offset, words). Source: the structs of 3.10 to 3.15.
const FIELDS: &[(&str, &[(usize, &str)])] = &[
    ("module", &[(16, "__dict__"), (module::MD_NAME, "__name__")]),
    ("builtin_function_or_method", &[(24, "__self__"), (32, "__module__")]),
    (
        "function",
        &[
            (16, "__globals__"),
            (24, "__builtins__"),
            (48, "__code__"),
            (56, "__defaults__"),
            (64, "__kwdefaults__"),
            (88, "__dict__"),
            (112, "__annotations__"),
        ],
    ),
    ("method", &[(16, "__func__"), (24, "__self__")]),
    ("cell", &[(16, "cell_contents")]),
    ("classmethod", &[(16, "__func__")]),
    ("staticmethod", &[(16, "__func__")]),
    ("property", &[(16, "fget"), (24, "fset"), (32, "fdel"), (40, "__doc__")]),
    ("weakref", &[(24, "__callback__")]),
    ("weakref.ReferenceType", &[(24, "__callback__")]),
    ("traceback", &[(16, "tb_next"), (24, "tb_frame")]),
    ("frame", &[(if cfg!(Py_3_11) { 16 } else { 24 }, "f_back")]),
];

/// What an object is called in a chain: ``module `x` ``, `type x.T`, `builtin function ping`.
pub(in crate::sys) fn thing(object: Object) -> String {
    let kind = object.kind();
    let name = |offset| string(object.word(offset)).unwrap_or_else(|| "?".into());
    // SAFETY: an instance of `type` is a live type.
    let class = |address| type_name(unsafe { Type::new(address) });
    if kind.has(ffi::Py_TPFLAGS_TYPE_SUBCLASS) {
        return format!("type {}", class(object.address()));
    }
    if is_module(object) {
        return format!("module `{}`", name(module::MD_NAME));
    }
    if !is_interpreters(kind) {
        // A type of an extension may be called as it likes.
        return type_name(kind);
    }
    match type_name(kind).as_str() {
        "builtin_function_or_method" | "builtin_method" => {
            // SAFETY: `m_ml`, which starts with the name.
            format!("builtin function {}", c_string(unsafe { read(object.word(16), 0) }))
        }
        "function" => format!("function {}", name(40)),
        "cell" | "frame" | "traceback" | "property" | "moduledef" => type_name(kind),
        "dict" => match dict_item(object.address(), c"__name__").and_then(string) {
            Some(module) if dict_item(object.address(), c"__doc__").is_some() => format!("dict of module `{module}`"),
            _ => "dict".into(),
        },
        simple @ ("list" | "tuple") => format!("{simple} of {}", object.word(head::OB_SIZE)),
        "str" | "bytes" | "int" | "float" => label(object),
        descriptor @ ("method_descriptor" | "member_descriptor" | "getset_descriptor" | "wrapper_descriptor") => {
            format!("{} {}.{}", descriptor.replace('_', " "), class(object.word(16)), name(descr::D_NAME))
        }
        other => other.to_owned(),
    }
}

/// Whether a type is static data of the interpreter's own library: only of these the name tells the layout.
fn is_interpreters(kind: Type) -> bool {
    static SPAN: OnceLock<core::ops::Range<u64>> = OnceLock::new();
    let core = &raw const ffi::PyType_Type as u64;
    let span = SPAN.get_or_init(|| {
        let library = libraries::loaded().into_iter().find(|library| library.span.contains(&core));
        library.map_or(0..0, |library| library.span.clone())
    });
    span.contains(&kind.address())
}

/// How `from` refers to the object at `to`; `a reference` when that could not be told.
pub(in crate::sys) fn reference(from: Object, to: u64) -> String {
    let kind = from.kind();
    let found = if kind.has(ffi::Py_TPFLAGS_DICT_SUBCLASS) {
        entry(from, to)
    } else if kind.has(ffi::Py_TPFLAGS_LIST_SUBCLASS) {
        numbered(from.word(list::OB_ITEM), from.word(head::OB_SIZE), to)
    } else if kind.has(ffi::Py_TPFLAGS_TUPLE_SUBCLASS) {
        numbered(from.address() + tuple::OB_ITEM as u64, from.word(head::OB_SIZE), to)
    } else if kind.has(ffi::Py_TPFLAGS_TYPE_SUBCLASS) {
        of_class(from, to)
    } else {
        named_field(from, to)
    };
    found
        .or_else(|| frame_names::local(from, to))
        .or_else(|| attribute(from, to))
        .or_else(|| member(from, to))
        .or_else(|| (kind.address() == to).then(|| "__class__".into()))
        .or_else(|| is_module(from).then(|| "the module state".into()))
        .or_else(|| in_body(from, to))
        .unwrap_or_else(|| "a reference".into())
}

/// The value that a dict has for a key, which is a string.
pub(in crate::sys) fn item(dict: Object, key: &str) -> Option<u64> {
    let mut found = None;
    each_entry(dict, |name, value| {
        if found.is_none() && string(name).as_deref() == Some(key) {
            found = Some(value);
        }
    });
    found
}

fn is_module(object: Object) -> bool {
    object.kind().is_subtype_of(&raw mut ffi::PyModule_Type)
}

/// `['key']`, or `.attr` of a module's dict.
fn entry(dict: Object, to: u64) -> Option<String> {
    let mut found = None;
    each_entry(dict, |key, value| {
        if found.is_none() && value == to {
            // SAFETY: the key of a live entry.
            let key = unsafe { Object::new(key) };
            // Addresses say nothing to people, and are others in each run.
            let words = Some(label(key)).filter(|label| !label.contains(" at 0x"));
            found = Some(format!("[{}]", words.unwrap_or_else(|| thing(key))));
        } else if found.is_none() && key == to {
            found = Some("a key".into());
        }
    });
    match (found, thing(dict).starts_with("dict of module")) {
        (Some(words), true) => Some(attribute_of(&words).unwrap_or(words)),
        (found, _) => found,
    }
}

/// `.attr` for `['attr']`, where that can be written.
fn attribute_of(words: &str) -> Option<String> {
    let name = words.strip_prefix("['")?.strip_suffix("']")?;
    let plain = name.chars().all(|character| character.is_alphanumeric() || character == '_');
    (plain && !name.starts_with(|first: char| first.is_numeric())).then(|| format!(".{name}"))
}

fn numbered(items: u64, count: u64, to: u64) -> Option<String> {
    // SAFETY: the items of a live list or tuple.
    let number = (0..count as usize).find(|number| unsafe { read::<u64>(items, number * 8) } == to)?;
    Some(format!("[{number}]"))
}

fn of_class(class: Object, to: u64) -> Option<String> {
    // SAFETY: an instance of `type` is a live type.
    let kind = unsafe { Type::new(class.address()) };
    let fields: &[(usize, &str)] = &[
        (r#type::TP_DICT, ".__dict__"),
        (core::mem::offset_of!(ffi::PyTypeObject, tp_base), ".__base__"),
        (r#type::TP_BASES, ".__bases__"),
        (r#type::TP_MRO, ".__mro__"),
        (r#type::TP_SUBCLASSES, ".__subclasses__"),
    ];
    let heap: &[(usize, &str)] = &[
        (heaptype::HT_CACHED_KEYS + 8, "ht_module"),
        (heaptype::HT_NAME, ".__name__"),
        (heaptype::HT_QUALNAME, ".__qualname__"),
        (heaptype::HT_SLOTS, ".__slots__"),
    ];
    let own = if kind.is_heap() { heap } else { &[] };
    let named = fields.iter().chain(own).find(|(offset, _)| class.word(*offset) == to);
    // From 3.12 on the dict of a builtin type is not in it.
    named.map(|(_, words)| (*words).to_owned()).or_else(|| (!kind.is_heap()).then(|| ".__dict__".into()))
}

fn named_field(from: Object, to: u64) -> Option<String> {
    let kind = from.kind();
    let name = match is_module(from) {
        true => "module".to_owned(),
        false if is_interpreters(kind) => type_name(kind),
        false => String::new(),
    };
    let table = FIELDS.iter().find(|(known, _)| *known == name).map(|(_, fields)| *fields).unwrap_or_default();
    let exception = if kind.has(ffi::Py_TPFLAGS_BASE_EXC_SUBCLASS) { EXCEPTION } else { &[] };
    let descriptor: &[(usize, &str)] = if name.ends_with("_descriptor") { &[(16, "d_type")] } else { &[] };
    let mut fields = table.iter().chain(exception).chain(descriptor);
    let (_, words) = fields.find(|(offset, _)| from.word(*offset) == to)?;
    Some(if words.starts_with("d_") { (*words).to_owned() } else { format!(".{words}") })
}

/// `PyBaseExceptionObject`, which has had notes since 3.11.
const EXCEPTION: &[(usize, &str)] = if cfg!(Py_3_11) {
    &[(16, "__dict__"), (24, "args"), (32, "__notes__"), (40, "__traceback__"), (48, "__context__"), (56, "__cause__")]
} else {
    &[(16, "__dict__"), (24, "args"), (32, "__traceback__"), (40, "__context__"), (48, "__cause__")]
};

/// `.attr` of an instance that keeps the values of its attributes itself, or `.__dict__`.
fn attribute(from: Object, to: u64) -> Option<String> {
    let kind = from.kind();
    if !kind.is_heap() {
        return None;
    }
    let mut found = None;
    each_attribute(kind.as_object().word(heaptype::HT_CACHED_KEYS), own_values(from), |name, value| {
        if found.is_none() && value == to {
            found = Some(format!(".{}", string(name).unwrap_or_default()));
        }
    });
    if found.is_some() {
        return found;
    }
    #[cfg(Py_3_11)]
    if kind.has(1 << 4) {
        /// Where the dict stands, before the instance: `MANAGED_DICT_OFFSET`; 3.11 has the values there, too.
        const DICT: u64 = 24;
        // SAFETY: such an instance has the words before its head.
        return (unsafe { read::<u64>(from.address() - DICT, 0) } == to).then(|| ".__dict__".into());
    }
    // SAFETY: a live type.
    let offset = unsafe { (*(kind.address() as *const ffi::PyTypeObject)).tp_dictoffset };
    let offset = usize::try_from(offset).ok().filter(|&offset| offset > 0)?;
    (from.word(offset) == to).then(|| ".__dict__".into())
}

/// The values array of an instance, or 0 when it has none or a dict took it over.
#[cfg(Py_3_13)]
fn own_values(object: Object) -> u64 {
    /// `Py_TPFLAGS_INLINE_VALUES`, and the byte of the array that says whether it is in use.
    const INLINE_VALUES: core::ffi::c_ulong = 1 << 2;
    const VALID: usize = 3;
    if !object.kind().has(INLINE_VALUES) {
        return 0;
    }
    let values = object.address() + object.kind().basic_size() as u64;
    // SAFETY: such an instance has a values array behind its body.
    if unsafe { read::<u8>(values, VALID) } == 0 { 0 } else { values }
}
#[cfg(all(Py_3_11, not(Py_3_13)))]
fn own_values(object: Object) -> u64 {
    use super::compat::{MANAGED_DICT, VALUES_POINTER};
    if !object.kind().has(MANAGED_DICT) {
        return 0;
    }
    // SAFETY: such an instance has the word before its head.
    let word: u64 = unsafe { read(object.address() - VALUES_POINTER, 0) };
    // 3.12 keeps a dict here, or values as their address less one.
    match (cfg!(Py_3_12), word & 1 == 1) {
        (true, true) => word + 1,
        (true, false) => 0,
        (false, _) => word,
    }
}
#[cfg(not(Py_3_11))]
fn own_values(_: Object) -> u64 {
    0
}

/// `.name` of a field that the type or a base lists in `tp_members`: slots, and fields of C structs.
fn member(from: Object, to: u64) -> Option<String> {
    /// `_Py_T_OBJECT` and `Py_T_OBJECT_EX`
    const OBJECTS: [c_int; 2] = [6, 16];
    let mut kind = from.kind().address();
    while kind != 0 {
        // SAFETY: a live type, or the live base of one.
        let (mut at, base) = unsafe {
            let kind = &*(kind as *const ffi::PyTypeObject);
            (kind.tp_members, kind.tp_base as u64)
        };
        // SAFETY: null, or an array that an entry without a name ends.
        while let Some(entry) = unsafe { at.as_ref() }.filter(|entry| !entry.name.is_null()) {
            let offset = usize::try_from(entry.offset).unwrap_or(0);
            if OBJECTS.contains(&entry.type_code) && offset >= 16 && from.word(offset) == to {
                return Some(format!(".{}", c_string(entry.name as u64)));
            }
            // SAFETY: not the last entry.
            at = unsafe { at.add(1) };
        }
        kind = base;
    }
    None
}

/// A field without a name.
fn in_body(from: Object, to: u64) -> Option<String> {
    let size = from.kind().basic_size();
    let offset = (16..size.max(16) / 8 * 8).step_by(8).find(|&offset| from.word(offset) == to)?;
    Some(format!("field at offset {offset}"))
}
