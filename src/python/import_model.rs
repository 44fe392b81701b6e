//! `ImportModel`: the machine of the import caches, for tests that hold it against an interpreter.

use pyo3::exceptions::{PyImportError, PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

use crate::heap::import_cache::{Id, Interpreters, Machine, ModuleKind, Origin, Shape, Stays, predict};

/// One process that imports one module.
#[pyclass(name = "ImportModel", module = "refaudit._refaudit")]
pub(super) struct PyImportModel {
    machine: Machine,
}

fn kind_of(name: &str) -> PyResult<ModuleKind> {
    let text: StrDeserializer<'_, Error> = name.into_deserializer();
    ModuleKind::deserialize(text).map_err(|error| PyValueError::new_err(error.to_string()))
}

fn unknown<T>(what: &str, name: &str) -> PyResult<T> {
    Err(PyValueError::new_err(format!("unknown {what}: {name}")))
}

fn dict_of<'py>(py: Python<'py>, stays: Stays) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, value) in [
        ("module", stays.module),
        ("dict", stays.dict),
        ("types", stays.types),
        ("functions", stays.functions),
        ("copy", stays.copy),
        ("index_entry", stays.index_entry),
    ] {
        dict.set_item(name, value)?;
    }
    Ok(dict)
}

impl PyImportModel {
    fn open_one(&self, interpreter: usize) -> PyResult<usize> {
        if self.machine.is_open(interpreter) {
            return Ok(interpreter);
        }
        Err(PyIndexError::new_err(format!("interpreter {interpreter} is not open")))
    }
}

#[pymethods]
impl PyImportModel {
    #[new]
    #[pyo3(signature = (minor, kind, *, state = false, reference = false, interpreters = "supported", origin = "library"))]
    fn new(minor: u8, kind: &str, state: bool, reference: bool, interpreters: &str, origin: &str) -> PyResult<Self> {
        let kind = kind_of(kind)?;
        let interpreters = match interpreters {
            "not-supported" => Interpreters::NotSupported,
            "supported" => Interpreters::Supported,
            "per-interpreter-gil" => Interpreters::PerInterpreterGil,
            other => return unknown("support of interpreters", other),
        };
        let origin = match origin {
            "library" => Origin::Library,
            "builtin" => Origin::Builtin,
            "frozen" => Origin::Frozen,
            other => return unknown("origin", other),
        };
        if kind == ModuleKind::Unknown || minor < kind.since() {
            return unknown("kind on this version", &format!("{kind:?}"));
        }
        let shape = Shape { state, reference, interpreters, origin, ..Shape::of(kind) };
        Ok(Self { machine: Machine::new(minor, shape) })
    }

    /// What stays of a module of this kind that was imported and dropped, and why.
    #[staticmethod]
    #[pyo3(name = "predict")]
    fn predict_kind<'py>(py: Python<'py>, kind: &str, minor: u8) -> PyResult<Bound<'py, PyDict>> {
        let found = predict(kind_of(kind)?, minor);
        let dict = PyDict::new(py);
        dict.set_item("outcome", found.outcome.name())?;
        dict.set_item("why", found.why)?;
        dict.set_item("stays", dict_of(py, found.stays)?)?;
        dict.set_item("same_module", found.same_module)?;
        dict.set_item("same_contents", found.same_contents)?;
        dict.set_item("init_again", found.init_again)?;
        Ok(dict)
    }

    /// Opens a sub-interpreter; returns its number.
    #[pyo3(signature = (isolated = false))]
    fn open(&mut self, isolated: bool) -> usize {
        self.machine.open(isolated)
    }

    /// Ends an interpreter; of the main one, finalizes the process.
    fn end(&mut self, interpreter: usize) -> PyResult<()> {
        let interpreter = self.open_one(interpreter)?;
        self.machine.end(interpreter);
        Ok(())
    }

    /// `local = import_module(name)`; returns the module object. ImportError where CPython refuses.
    #[pyo3(signature = (interpreter = 0))]
    fn import_(&mut self, interpreter: usize) -> PyResult<u32> {
        let interpreter = self.open_one(interpreter)?;
        self.machine.import(interpreter).map(|id| id.0).map_err(|refused| PyImportError::new_err(refused.0))
    }

    /// `del local`.
    #[pyo3(signature = (interpreter = 0))]
    fn drop(&mut self, interpreter: usize) -> PyResult<()> {
        let interpreter = self.open_one(interpreter)?;
        self.machine.drop_local(interpreter);
        Ok(())
    }

    /// `sys.modules.pop(name, None)`.
    #[pyo3(signature = (interpreter = 0))]
    fn delete(&mut self, interpreter: usize) -> PyResult<()> {
        let interpreter = self.open_one(interpreter)?;
        self.machine.delete(interpreter);
        Ok(())
    }

    /// `gc.collect()`.
    #[pyo3(signature = (interpreter = 0))]
    fn collect(&mut self, interpreter: usize) -> PyResult<()> {
        let interpreter = self.open_one(interpreter)?;
        self.machine.collect(interpreter);
        Ok(())
    }

    /// What the program's variable refers to.
    #[pyo3(signature = (interpreter = 0))]
    fn local(&self, interpreter: usize) -> PyResult<Option<u32>> {
        let interpreter = self.open_one(interpreter)?;
        Ok(self.machine.local(interpreter).map(|id| id.0))
    }

    /// An attribute of a living module: `Thing`, `items`, `ping` or `__dict__`.
    fn attribute(&self, module: u32, name: &str) -> Option<u32> {
        self.machine.attribute(Id(module), name).map(|id| id.0)
    }

    /// Whether an object is alive.
    fn is_alive(&self, number: u32) -> bool {
        self.machine.is_alive(Id(number))
    }

    /// The chain that keeps an object, root first; empty for a dead one.
    fn why(&self, number: u32) -> Vec<String> {
        self.machine.why(Id(number))
    }

    /// What keeps what, from the roots down, as a tree of text; empty when nothing does.
    fn drawing(&self) -> String {
        self.machine.drawing()
    }

    /// Calls of the init function, of exec, and of m_free.
    fn counts(&self) -> (u32, u32, u32) {
        let counts = self.machine.counts();
        (counts.init, counts.exec, counts.free)
    }

    /// Which objects of the module are alive, by sort.
    fn stays<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dict_of(py, self.machine.stays())
    }
}
