//! What can be said of a module without running it: its definition, its library, its static types.

use core::ops::Range;
use std::ffi::CString;
use std::path::Path;

use pyo3::ffi;

use super::caches::{by_index, entry};
use super::definition::Definition;
use super::object::Module;
use super::slots::{Kind, Slot, slots_if_any};
use super::{framework, frees, inits};
use crate::symbols::Files;
use crate::sys::cpython::{Object, Type, type_name};
use crate::sys::files::MappedFiles;
use crate::sys::imports::defines;
use crate::sys::libraries::{Library, libraries};

/// The static facts of a module; the words are those of the audit document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ModuleFacts {
    /// `single-phase`, `multi-phase`, `export-slots` or `unknown`.
    pub(crate) init: &'static str,
    /// `m_size`; `None` when there is no definition in sight.
    pub(crate) m_size: Option<i64>,
    /// Names of the slots in order.
    pub(crate) slots: Vec<&'static str>,
    /// `not-supported`, `supported`, `per-interpreter-gil`; empty without the slot.
    pub(crate) multiple_interpreters: &'static str,
    /// `used`, `not-used`; empty without the slot.
    pub(crate) gil: &'static str,
    /// It defines functions.
    pub(crate) has_methods: bool,
    /// There is a function to traverse its state,
    pub(crate) traverse: bool,
    /// to clear it,
    pub(crate) clear: bool,
    /// and to free it: its own, not the counter.
    pub(crate) free: bool,
    /// Names of types in its dict that are static data of its library.
    pub(crate) static_types: Vec<String>,
    /// Its file is named as one for the stable ABI.
    pub(crate) abi3: bool,
    /// Its library exports `PyModExport_<name>`.
    pub(crate) exports_slots: bool,
    /// `cython`, `pybind11`, `nanobind`, `pyo3`, `mypyc`, `cffi`, or empty.
    pub(crate) framework: &'static str,
}

/// The facts of a live object, which need not be a module. Definition 0 is looked for: in the module, then
/// among the recorded init calls.
pub(crate) fn facts(object: *mut ffi::PyObject, def: u64) -> ModuleFacts {
    // SAFETY: callers pass a live object under the GIL.
    let module = unsafe { Module::new(object) };
    let given = Definition::at(def).or_else(|| module?.definition()).or_else(|| recorded(module?));
    let mut facts = match (given, module.and_then(Module::exported)) {
        (Some(definition), _) => of_definition(definition),
        (None, Some(exported)) => {
            let slots = slots_if_any(exported.token).filter(|slots| !slots.is_empty());
            let mut facts = of_slots(slots.as_deref().unwrap_or_default());
            facts.init = "export-slots";
            facts.m_size = Some(exported.state_size);
            (facts.traverse, facts.clear, facts.free) = (exported.traverse, exported.clear, exported.free);
            facts
        }
        (None, None) => ModuleFacts { init: "unknown", ..ModuleFacts::default() },
    };
    if let Some(module) = module {
        let libraries = libraries();
        let library = library_of(module, given, &libraries);
        if let Some(library) = library {
            of_library(&mut facts, module, library);
        }
        facts.static_types = static_types(module, library);
    }
    facts
}

/// A definition that was recorded for the module's library and name: a module that was made from a backup
/// copy does not have its own.
fn recorded(module: Module) -> Option<Definition> {
    let (file, name) = (module.file(), module.name());
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let inits = inits::inits();
    let mut same = inits.iter().filter(|init| init.library == file && last(&init.name) == last(&name));
    same.find_map(|init| Definition::at(init.def))
}

fn of_definition(definition: Definition) -> ModuleFacts {
    ModuleFacts {
        init: if is_single_phase(definition) { "single-phase" } else { "multi-phase" },
        m_size: Some(definition.size()),
        has_methods: definition.has_methods(),
        traverse: definition.has_traverse(),
        clear: definition.has_clear(),
        free: frees::own(definition).is_some(),
        ..of_slots(&definition.slots())
    }
}

/// Whether the init function makes the module itself. Slots say that it does not; without slots the recorded
/// call says it, else the traces that only such a module has in the import caches.
fn is_single_phase(definition: Definition) -> bool {
    if definition.has_slots() {
        return false;
    }
    let inits = inits::inits();
    let mut calls = inits.iter().filter(|init| init.def == definition.address());
    match calls.next() {
        Some(first) => {
            first.api == inits::Api::Create.name() || calls.any(|init| init.api == inits::Api::Create.name())
        }
        None => {
            definition.has_init()
                || definition.copy() != 0
                || by_index().is_some_and(|list| entry(list, definition).is_some())
        }
    }
}

fn of_slots(slots: &[Slot]) -> ModuleFacts {
    let value = |kind| slots.iter().find(|slot| slot.kind == kind).map(|slot| slot.value);
    ModuleFacts {
        slots: slots.iter().map(|slot| slot.kind.name()).collect(),
        // Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED 0, _SUPPORTED 1, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED 2.
        multiple_interpreters: match value(Kind::MultipleInterpreters) {
            Some(0) => "not-supported",
            Some(1) => "supported",
            Some(2) => "per-interpreter-gil",
            _ => "",
        },
        // Py_MOD_GIL_USED 0, Py_MOD_GIL_NOT_USED 1.
        gil: match value(Kind::Gil) {
            Some(0) => "used",
            Some(1) => "not-used",
            _ => "",
        },
        has_methods: value(Kind::Methods).is_some_and(|methods| methods != 0),
        ..ModuleFacts::default()
    }
}

/// The loaded library that a module comes from: its file, else that of its definition. A builtin comes from
/// the interpreter's; a module of Python source from none.
fn library_of(module: Module, definition: Option<Definition>, all: &[Library]) -> Option<&Library> {
    let file = module.file();
    let at = |path: &str| all.iter().find(|library| library.path == path);
    let real = || std::fs::canonicalize(&file).ok().and_then(|real| at(real.to_str()?));
    let of_definition = || {
        let address = definition?.address();
        all.iter().find(|library| library.span.contains(&address))
    };
    at(&file).or_else(|| if file.is_empty() { None } else { real() }).or_else(of_definition)
}

/// What its library's file and symbols say; nothing of a builtin's, which is the interpreter's.
fn of_library(facts: &mut ModuleFacts, module: Module, library: &Library) {
    if is_interpreter(library) {
        return;
    }
    facts.abi3 = library.path.rsplit('/').next().is_some_and(|file| file.contains(".abi3."));
    let name = module.name();
    let export = format!("PyModExport_{}", name.rsplit('.').next().unwrap_or_default());
    facts.exports_slots = CString::new(export).is_ok_and(|export| defines(library, &export));
    if let Some(bytes) = MappedFiles.open(Path::new(&library.path)) {
        facts.framework = framework::of(&library.path, (*bytes).as_ref());
    }
}

fn is_interpreter(library: &Library) -> bool {
    library.span.contains(&(ffi::PyMem_Malloc as *const () as u64))
}

/// Names of the static types in a module's dict whose memory is the library's. Of the interpreter's own types
/// a builtin module has those that are named after it.
fn static_types(module: Module, library: Option<&Library>) -> Vec<String> {
    let Some(library) = library else { return Vec::new() };
    let whose = module.name();
    let is_its = |name: &str| {
        let named_after = name.rsplit_once('.').map_or("builtins", |(module, _)| module);
        !is_interpreter(library) || named_after == whose
    };
    let mut names: Vec<String> = types(module, &library.span).into_iter().filter(|name| is_its(name)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Names of the types in a module's dict that are static data within a range.
fn types(module: Module, span: &Range<u64>) -> Vec<String> {
    let (mut position, mut value) = (0, core::ptr::null_mut());
    let mut names = Vec::new();
    // SAFETY: a live dict that nobody changes meanwhile; the references are borrowed.
    unsafe {
        while ffi::PyDict_Next(module.dict(), &raw mut position, core::ptr::null_mut(), &raw mut value) != 0 {
            let object = Object::new(value as u64);
            if object.kind().has(ffi::Py_TPFLAGS_TYPE_SUBCLASS) && span.contains(&(value as u64)) {
                names.push(type_name(Type::new(value as u64)));
            }
        }
    }
    names
}
