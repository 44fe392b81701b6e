//! A module object: what its definition is, and what it keeps of it.
//!
//! Layout: `PyModuleObject`, CPython `Include/internal/pycore_moduleobject.h`.

use core::ffi::CStr;

use pyo3::ffi;

use super::definition::Definition;
use crate::sys::cpython::{Object, module, string};

#[cfg(Py_3_15)]
unsafe extern "C" {
    fn PyModule_GetToken(module: *mut ffi::PyObject, result: *mut *mut core::ffi::c_void) -> core::ffi::c_int;
    fn PyModule_GetStateSize(module: *mut ffi::PyObject, result: *mut ffi::Py_ssize_t) -> core::ffi::c_int;
}

/// A live module, or an instance of a subclass.
#[derive(Debug, Clone, Copy)]
pub(super) struct Module(Object);

/// What a module that was made from exported slots keeps of them (3.15).
pub(super) struct Exported {
    /// Address of the slots: the token, unless the module chose another one.
    pub(super) token: u64,
    pub(super) state_size: i64,
    pub(super) traverse: bool,
    pub(super) clear: bool,
    pub(super) free: bool,
}

impl Module {
    /// `None` for anything that is no module.
    ///
    /// # Safety
    /// A live object, and it stays so while the value is used.
    pub(super) unsafe fn new(pointer: *mut ffi::PyObject) -> Option<Self> {
        // SAFETY: the caller's promise.
        unsafe { (ffi::PyModule_Check(pointer) != 0).then(|| Self(Object::new(pointer as u64))) }
    }

    /// A module of the interpreter's own, from `sys.modules`.
    pub(super) fn named(name: &CStr) -> Option<Self> {
        // SAFETY: the GIL is held; both references are borrowed, and `sys.modules` keeps the module.
        unsafe {
            let found = ffi::PyDict_GetItemString(ffi::PyImport_GetModuleDict(), name.as_ptr());
            if found.is_null() { None } else { Self::new(found) }
        }
    }

    pub(super) fn address(self) -> u64 {
        self.0.address()
    }

    /// The definition that it was made from; `None` for a module of Python source, for one that was made
    /// from a backup copy, and for one that was made from exported slots.
    pub(super) fn definition(self) -> Option<Definition> {
        // SAFETY: a live module; the pointer is null or a definition.
        unsafe { Definition::new(ffi::PyModule_GetDef(self.0.as_ptr())) }
    }

    /// Its dict, borrowed.
    pub(super) fn dict(self) -> *mut ffi::PyObject {
        // SAFETY: a live module.
        unsafe { ffi::PyModule_GetDict(self.0.as_ptr()) }
    }

    /// Name that it was made with.
    pub(super) fn name(self) -> String {
        string(self.0.word(module::MD_NAME)).unwrap_or_default()
    }

    /// `__file__`; empty when it is absent or no text.
    pub(super) fn file(self) -> String {
        // SAFETY: a live dict and a borrowed value; the text is copied before anything else runs.
        unsafe {
            let file = ffi::PyDict_GetItemString(self.dict(), c"__file__".as_ptr());
            if file.is_null() || ffi::PyUnicode_Check(file) == 0 {
                return String::new();
            }
            let mut length = 0;
            let text = ffi::PyUnicode_AsUTF8AndSize(file, &raw mut length);
            if text.is_null() {
                ffi::PyErr_Clear();
                return String::new();
            }
            let bytes = core::slice::from_raw_parts(text.cast::<u8>(), length as usize);
            String::from_utf8_lossy(bytes).into_owned()
        }
    }

    /// What it keeps of exported slots; `None` when it was not made from such.
    #[cfg(Py_3_15)]
    pub(super) fn exported(self) -> Option<Exported> {
        let (mut token, mut size) = (core::ptr::null_mut(), 0);
        // SAFETY: a live module; both only read it and fill their argument.
        let known = unsafe {
            PyModule_GetToken(self.0.as_ptr(), &raw mut token) == 0
                && PyModule_GetStateSize(self.0.as_ptr(), &raw mut size) == 0
        };
        if !known {
            // SAFETY: forgets the complaint.
            unsafe { ffi::PyErr_Clear() };
        }
        (known && !token.is_null() && self.definition().is_none()).then(|| Exported {
            token: token as u64,
            state_size: size as i64,
            traverse: self.0.word(module::MD_STATE_TRAVERSE) != 0,
            clear: self.0.word(module::MD_STATE_CLEAR) != 0,
            free: self.0.word(module::MD_STATE_FREE) != 0,
        })
    }

    /// What it keeps of exported slots: there are none before 3.15.
    #[cfg(not(Py_3_15))]
    pub(super) fn exported(self) -> Option<Exported> {
        let _ = self;
        None
    }
}

/// Address of the definition of a live object, if it is a module that knows one; 0 otherwise.
pub(crate) fn definition_of(object: *mut ffi::PyObject) -> u64 {
    // SAFETY: callers pass a live object under the GIL.
    unsafe { Module::new(object) }.and_then(Module::definition).map_or(0, Definition::address)
}

/// Reads `sys` and `builtins` through the private layout, and compares with the public functions.
pub(in crate::sys) fn check() -> Result<(), String> {
    for name in [c"sys", c"builtins"] {
        let complaint = |what: &str| Err(format!("layout of modules: {what} of {}", name.to_string_lossy()));
        let Some(known) = Module::named(name) else { return complaint("no module") };
        if known.0.word(module::MD_DICT) != known.dict() as u64 {
            return complaint("md_dict");
        }
        if known.name().as_bytes() != name.to_bytes() {
            return complaint("md_name");
        }
        let definition = known.definition().map_or(0, Definition::address);
        if Definition::at(definition).is_none() {
            return complaint("no definition");
        }
        #[cfg(not(Py_3_15))]
        let fits = known.0.word(module::MD_DEF) == definition;
        #[cfg(Py_3_15)]
        let fits = known.0.word(module::MD_TOKEN) == definition && known.0.word(module::MD_TOKEN_IS_DEF) & 0xff == 1;
        if !fits {
            return complaint("md_def");
        }
    }
    Ok(())
}
