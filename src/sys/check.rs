//! Reads known objects through the private layouts.

use pyo3::ffi;

use super::capture::{Landmarks, prepared_walk};
use super::cpython::{Object, head, read, thread_references, threads, tracked, type_name};
use super::modules::check_modules;
use super::probe::{Refusal, copied};
use crate::heap::{Builder, Edges};

/// An owned reference that is given back when dropped.
struct Owned(*mut ffi::PyObject);

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: the reference that the constructor made, under the GIL.
        unsafe { ffi::Py_XDECREF(self.0) };
    }
}

/// Addresses of the references that the edge function finds in an object.
fn found_references(object: &Owned, landmarks: Landmarks) -> Vec<u64> {
    let mut heap = Builder::new(Edges::Keep);
    heap.node(object.0 as u64);
    heap.expand_next();
    // SAFETY: a live object that we own.
    prepared_walk(landmarks).references(unsafe { Object::new(object.0 as u64) }, &mut heap);
    let heap = heap.finish();
    heap.targets(0).iter().map(|&node| heap.address(node)).collect()
}

/// Compares what the edge function finds in known objects with what was put into them.
pub(crate) fn check_layouts(landmarks: Landmarks) -> Result<(), String> {
    // SAFETY: the GIL is held; plain constructors, checked below.
    let (key, value, number) = unsafe {
        (
            Owned(ffi::PyUnicode_FromString(c"refaudit key".as_ptr())),
            Owned(ffi::PyBytes_FromString(c"refaudit value".as_ptr())),
            Owned(ffi::PyLong_FromLong(1 << 40)),
        )
    };
    let (k, v, n) = (key.0 as u64, value.0 as u64, number.0 as u64);
    // SAFETY: the functions take borrowed arguments and return new references.
    let samples = unsafe {
        let (words, numbers, list) = (Owned(ffi::PyDict_New()), Owned(ffi::PyDict_New()), Owned(ffi::PyList_New(0)));
        ffi::PyDict_SetItem(words.0, key.0, value.0);
        ffi::PyDict_SetItem(numbers.0, number.0, value.0);
        ffi::PyList_Append(list.0, value.0);
        let tuple = Owned(ffi::PyTuple_Pack(2, key.0, value.0));
        [
            ("dict with string keys", words, vec![k, v]),
            ("dict with other keys", numbers, vec![n, v]),
            ("list", list, vec![v]),
            ("tuple", tuple, vec![k, v]),
        ]
    };
    for (name, object, expected) in &samples {
        let found = found_references(object, landmarks);
        if found != *expected {
            return Err(format!("layout of {name}: expected {} references, found {}", expected.len(), found.len()));
        }
    }
    check_code(landmarks)?;
    check_class(landmarks)?;
    check_counts(&value)?;
    check_threads()?;
    check_modules()?;
    if tracked(|_| {}) { Ok(()) } else { Err("the collector's lists were not found".into()) }
}

/// A compiled module: its code object must lead to the file name.
fn check_code(landmarks: Landmarks) -> Result<(), String> {
    // SAFETY: compiles a constant; nothing is run.
    let (code, name) = unsafe {
        let code = Owned(ffi::Py_CompileString(c"x = 1".as_ptr(), c"<refaudit check>".as_ptr(), ffi::Py_file_input));
        if code.0.is_null() {
            ffi::PyErr_Clear();
            return Err("a constant could not be compiled".into());
        }
        let name = Owned(ffi::PyObject_GetAttrString(code.0, c"co_filename".as_ptr()));
        (code, name)
    };
    let found = found_references(&code, landmarks);
    if found.contains(&(name.0 as u64)) { Ok(()) } else { Err("layout of code objects".into()) }
}

/// A class made at run time: name, and one reference from an instance to it.
fn check_class(landmarks: Landmarks) -> Result<(), String> {
    // SAFETY: `type(name, bases, dict)` and a call of the class; neither runs user code.
    let (class, instance, name) = unsafe {
        let arguments = Owned(ffi::Py_BuildValue(
            c"s(){s:s}".as_ptr(),
            c"Probe".as_ptr(),
            c"__module__".as_ptr(),
            c"refaudit".as_ptr(),
        ));
        let class = Owned(ffi::PyObject_CallObject((&raw mut ffi::PyType_Type).cast(), arguments.0));
        if class.0.is_null() {
            ffi::PyErr_Clear();
            return Err("a class could not be made".into());
        }
        let instance = Owned(ffi::PyObject_CallNoArgs(class.0));
        let name = Owned(ffi::PyObject_GetAttrString(class.0, c"__name__".as_ptr()));
        (class, instance, name)
    };
    let to_class = found_references(&instance, landmarks).iter().filter(|&&target| target == class.0 as u64).count();
    if to_class != 1 {
        return Err(format!("an instance refers to its class {to_class} times"));
    }
    // SAFETY: a live object that we own.
    let kind = unsafe { Object::new(instance.0 as u64) }.kind();
    if !found_references(&class, landmarks).contains(&(name.0 as u64)) || type_name(kind) != "refaudit.Probe" {
        return Err("layout of heap types".into());
    }
    Ok(())
}

fn check_counts(value: &Owned) -> Result<(), String> {
    // SAFETY: live objects.
    let object = unsafe { Object::new(value.0 as u64) };
    let before = object.reference_count();
    // SAFETY: the reference is given back at once.
    unsafe { ffi::Py_INCREF(value.0) };
    let after = object.reference_count();
    // SAFETY: gives back the reference just taken.
    unsafe { ffi::Py_DECREF(value.0) };
    if after == before.map(|count| count + 1) && before.is_some() { Ok(()) } else { Err("reference counts".into()) }
}

/// Our own thread must be in the list, and everything that it holds must look like an object.
fn check_threads() -> Result<(), String> {
    // SAFETY: the GIL is held.
    let own = unsafe { ffi::PyThreadState_Get() } as u64;
    let mut heap = Builder::new(Edges::Keep);
    heap.node(own);
    heap.expand_next();
    thread_references(own, &mut heap);
    let heap = heap.finish();
    let strange = heap.nodes().skip(1).filter(|&node| !looks_like_an_object(heap.address(node))).count();
    if strange == 0 && threads().contains(&own) { Ok(()) } else { Err("layout of threads and frames".into()) }
}

/// Whether an address leads to a type, and that to `type` or a metatype. Nothing is touched that
/// may not be there: a wrong offset must not crash the process that is to be audited.
fn looks_like_an_object(address: u64) -> bool {
    let metatype = &raw const ffi::PyType_Type as u64;
    let word = |address: u64| match copied(address, &mut [0]) {
        Ok(words) => Some(words[0]),
        Err(Refusal::Unmapped) => None,
        // Then the layouts must be right.
        // SAFETY: a word of what should be an object.
        Err(Refusal::Forbidden) => Some(unsafe { read(address, 0) }),
    };
    let type_of = |address: u64| word(address + head::OB_TYPE as u64);
    let Some(kind) = type_of(address).and_then(type_of) else { return false };
    kind == metatype || type_of(kind) == Some(metatype)
}
