//! What is known by name and holds things for everybody: modules, registries, the interpreter's dict.

use core::ffi::CStr;

use pyo3::ffi;

use super::capture::Capture;
use super::cpython::{Object, head, is_own_name, item, list, read, string, thing};
use super::hook::CENSUS;
use super::libraries::loaded;
use super::segments::interpreter_state;
use crate::event::Domain;

/// Modules whose containers register what others give them: they hold it for the program.
const REGISTRIES: &[&str] = &[
    "copyreg",
    "atexit",
    "abc",
    "_abc",
    "_py_abc",
    "typing",
    "codecs",
    "encodings",
    "functools",
    "weakref",
    "linecache",
    "logging",
    "signal",
    "warnings",
    "mimetypes",
    "re",
    "json",
    "pickle",
    "ctypes",
    "numbers",
    "threading",
];
/// Names in `sys` that keep the last exception that nobody handled.
const LAST_EXCEPTION: &[&str] = &["last_exc", "last_type", "last_value", "last_traceback"];

/// A module that is imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Imported {
    /// Its name in `sys.modules`.
    pub(crate) name: String,
    /// Address of the module object.
    pub(crate) module: u64,
    /// Address of its dict.
    pub(crate) dict: u64,
    /// It is a part of refaudit.
    pub(crate) own: bool,
}

/// What the interpreter itself keeps, in addresses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// The dict `sys.modules`.
    pub(crate) table: u64,
    /// The dict for extensions, `PyInterpreterState_GetDict`.
    pub(crate) interpreter_dict: u64,
    pub(crate) modules: Vec<Imported>,
    /// Containers of registries, each with its name: `copyreg.dispatch_table`.
    pub(crate) registries: Vec<(u64, String)>,
    /// Objects that `sys.last_exc` and its like refer to, each with its name.
    pub(crate) exceptions: Vec<(u64, String)>,
}

/// Looks at `sys.modules`. Creates the interpreter's dict when there is none yet, so it is called before a
/// capture.
pub(crate) fn known() -> Known {
    // SAFETY: the GIL is held; both references are borrowed and live as long as the interpreter.
    let (table, interpreter_dict) = unsafe {
        let interpreter = ffi::PyInterpreterState_Get();
        (ffi::PyImport_GetModuleDict() as u64, ffi::PyInterpreterState_GetDict(interpreter) as u64)
    };
    let mut known = Known { table, interpreter_dict, ..Known::default() };
    each_item(table, |key, value| {
        // SAFETY: a value of a live dict.
        let is_module = unsafe { ffi::PyModule_Check(value as *mut ffi::PyObject) != 0 };
        if let (Some(name), true) = (string(key), is_module) {
            // SAFETY: a live module; the reference is borrowed.
            let dict = unsafe { ffi::PyModule_GetDict(value as *mut ffi::PyObject) as u64 };
            let own = is_own_name(&name);
            known.modules.push(Imported { name, module: value, dict, own });
        }
    });
    for module in &known.modules {
        if module.dict != 0 && REGISTRIES.contains(&module.name.as_str()) {
            known.registries.extend(containers(module));
        }
        if module.name == "sys" {
            // SAFETY: the dict of a live module.
            let values = LAST_EXCEPTION
                .iter()
                .filter_map(|name| Some((item(unsafe { Object::new(module.dict) }, name)?, *name)));
            known.exceptions.extend(values.map(|(value, name)| (value, format!("sys.{name}"))));
            known.registries.extend(containers(module).into_iter().filter(|(address, _)| *address != table));
        }
    }
    known
}

fn each_item(dict: u64, mut found: impl FnMut(u64, u64)) {
    let (mut position, mut key, mut value) = (0, core::ptr::null_mut(), core::ptr::null_mut());
    // SAFETY: a live dict that nobody changes meanwhile; the references are borrowed.
    while unsafe { ffi::PyDict_Next(dict as *mut ffi::PyObject, &raw mut position, &raw mut key, &raw mut value) } != 0
    {
        found(key as u64, value as u64);
    }
}

/// Dicts, lists and sets among the attributes of a module, each with its name.
fn containers(module: &Imported) -> Vec<(u64, String)> {
    let mut found = Vec::new();
    each_item(module.dict, |key, value| {
        let object = value as *mut ffi::PyObject;
        // SAFETY: a value of a live dict.
        let holds = unsafe {
            ffi::PyDict_CheckExact(object) != 0
                || ffi::PyList_CheckExact(object) != 0
                || ffi::PyAnySet_CheckExact(object) != 0
        };
        if let (Some(name), true) = (string(key), holds)
            && !name.starts_with("__")
        {
            found.push((value, format!("{}.{name}", module.name)));
        }
    });
    found
}

/// A word in the data of a library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StaticWord {
    pub(crate) path: String,
    pub(crate) build_id: Vec<u8>,
    /// As the file counts its addresses.
    pub(crate) offset: u64,
    /// It is the interpreter's own.
    pub(crate) interpreter: bool,
    /// It is refaudit's.
    pub(crate) own: bool,
}

/// The library whose writable data an address is in.
pub(crate) fn static_word(address: u64) -> Option<StaticWord> {
    let state = interpreter_state().first().map_or(0, |range| range.start);
    let library = loaded().into_iter().find(|library| library.writable.iter().any(|part| part.contains(&address)))?;
    let interpreter = library.span.contains(&state);
    Some(StaticWord {
        offset: address - library.base,
        path: library.path.clone(),
        build_id: library.build_id.clone(),
        interpreter,
        own: library.own,
    })
}

/// Whether an address is in our own data.
pub(crate) fn is_own_static(address: u64) -> bool {
    loaded().iter().any(|library| library.own && library.span.contains(&address))
}

/// The name in a module definition.
pub(crate) fn definition_name(def: u64) -> String {
    // SAFETY: callers pass the address of a live `PyModuleDef`, whose name is null or NUL-terminated.
    unsafe {
        let name = (*(def as *const ffi::PyModuleDef)).m_name;
        if name.is_null() { "?".into() } else { CStr::from_ptr(name).to_string_lossy().into_owned() }
    }
}

/// Whether an object is a callback that `atexit` keeps up to 3.13, or its arguments: a block of memory has
/// function, arguments and keyword arguments. Source: `struct atexit_callback`, `Modules/atexitmodule.c`.
pub(crate) fn is_in_atexit_callback(capture: &Capture, object: u64) -> bool {
    if cfg!(Py_3_14) {
        return false;
    }
    let known = |address: u64| capture.heap.find(address).is_some();
    let is = |address: u64, kind: *const ffi::PyTypeObject| {
        // SAFETY: a node of a capture since which nothing has run.
        known(address) && unsafe { Object::new(address) }.kind().address() == kind as u64
    };
    let mut found = false;
    // The search for words leaves the first one of a small block out.
    CENSUS.for_each(|block| {
        if found || block.domain != Domain::Mem || block.size != 24 {
            return;
        }
        // SAFETY: inside a live block of three words.
        let words = [0, 8, 16].map(|offset| unsafe { read::<u64>(block.address, offset) });
        let [function, arguments, keywords] = words;
        found = words.contains(&object)
            && known(function)
            && is(arguments, &raw const ffi::PyTuple_Type)
            && (keywords == 0 || is(keywords, &raw const ffi::PyDict_Type));
    });
    found
}

/// How many references CPython itself has to the backup copy of a module's dict: the definition's, and from
/// 3.13 on that of its cache. Source: `Python/import.c`, `init_cached_m_dict`.
pub(crate) const REFERENCES_TO_A_COPY: i32 = if cfg!(Py_3_13) { 2 } else { 1 };

/// The registry that a container is, which only the interpreter's own state refers to: the callbacks of
/// `atexit` (3.14+), search functions and error handlers of `codecs`. Told by what everybody finds in it.
pub(crate) fn nameless_registry(address: u64) -> Option<&'static str> {
    // SAFETY: callers pass the address of a live object.
    let object = unsafe { Object::new(address) };
    let is = |object: Object, kind: *const ffi::PyTypeObject| object.kind().address() == kind as u64;
    if is(object, &raw const ffi::PyDict_Type) {
        let has_all = ["strict", "xmlcharrefreplace", "backslashreplace"].iter().all(|key| item(object, key).is_some());
        return has_all.then_some("codecs");
    }
    if !is(object, &raw const ffi::PyList_Type) {
        return None;
    }
    let (items, count) = (object.word(list::OB_ITEM), object.word(head::OB_SIZE) as usize);
    // SAFETY: the items of a live list; one that is being filled has NULL for some.
    let items: Vec<u64> = (0..count).map(|number| unsafe { read(items, number * 8) }).collect();
    if items.is_empty() || items.contains(&0) {
        return None;
    }
    // SAFETY: items of a live list are live objects.
    let mut items = items.into_iter().map(|item| unsafe { Object::new(item) });
    let is_call = |item: Object| is(item, &raw const ffi::PyTuple_Type) && item.word(head::OB_SIZE) == 3;
    if cfg!(Py_3_14) && items.clone().all(is_call) {
        return Some("atexit");
    }
    let is_search =
        |item: Object| is(item, &raw const ffi::PyFunction_Type) && thing(item) == "function search_function";
    items.any(is_search).then_some("codecs")
}
