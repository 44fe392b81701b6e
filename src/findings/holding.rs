//! What keeps a thing alive: a chain of references from a root.

use serde::{Deserialize, Serialize};

use super::trace::SourceLine;

/// What kind of root a chain starts at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Root {
    /// CPython's own import machinery: `m_copy`, `modules_by_index`, the `extensions` cache.
    ImportCache,
    /// A C static, or a global of Rust or C++, of an extension.
    Static,
    /// The cache of a binding framework: pybind11's or nanobind's internals, Cython's `__pyx_m`.
    Framework,
    /// Memory that an extension took from the system, or a field that `tp_traverse` hides.
    Hidden,
    /// Another module that is still imported.
    Program,
    /// A registry of the standard library: `copyreg`, `atexit`, `abc`, `typing`, codecs.
    Registry,
    /// A pending exception or a traceback.
    Exception,
    /// A thread: its frames, its state.
    Thread,
    /// The interpreter's own state, other than the import caches and registries.
    Interpreter,
    /// References are counted that nothing in sight accounts for.
    Unknown,
}

/// One step of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The thing: ``module `x` ``, `dict`, `builtin_function_or_method ping`, `native.so:cache`.
    pub what: String,
    /// How it refers to the next link: `.attr`, `['key']`, `[3]`, `m_copy`, `__self__`; empty for the last.
    pub by: String,
}

/// A chain from a root to the thing that it holds, the root first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// Kind of the root.
    pub root: Root,
    /// What is held, in words: ``module `x` ``, `type x.T`.
    pub held: String,
    /// `library:symbol+offset` of a static; name of the registry, framework or thread; empty otherwise.
    pub place: String,
    /// Source file of the static's declaration; empty when unknown.
    #[serde(default)]
    pub file: String,
    /// Line in `file`, from 1; 0 when unknown.
    #[serde(default)]
    pub line: u32,
    /// Source around that line, when the file was there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<SourceLine>,
    /// From the root to what is held; at least that itself.
    pub links: Vec<Link>,
}
