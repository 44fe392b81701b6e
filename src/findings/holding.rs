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

impl Chain {
    /// The chain as a Python expression, from a module or a local variable on:
    /// `mymod.registry['a'][3].child`. `None` where a step of it cannot be written down in Python.
    #[must_use]
    pub fn expression(&self) -> Option<String> {
        let module = |link: &Link| Some(link.what.strip_prefix("module `")?.strip_suffix('`')?.to_owned());
        let steps = self.links.len().checked_sub(1)?;
        let first = self.links[..steps].iter().rposition(|link| module(link).is_some());
        let (mut text, from) = match first {
            Some(at) => (module(&self.links[at])?, at),
            None if self.links[0].what == "sys.modules" => ("sys.modules".to_owned(), 0),
            None => (local(&self.links[0].by)?.to_owned(), 1),
        };
        let mut steps = self.links[from..steps].iter().map(|link| link.by.as_str()).peekable();
        while let Some(by) = steps.next() {
            match steps.peek() {
                // What a dict of attributes has is an attribute.
                Some(next) if by == ".__dict__" && attribute(next).is_some() => {
                    text += &attribute(next)?;
                    steps.next();
                }
                _ if is_python(by) => text += by,
                _ => return None,
            }
        }
        Some(text)
    }

    /// The chain in one line: as Python where that can be, else its place and its last step.
    #[must_use]
    pub fn end(&self) -> String {
        if let Some(expression) = self.expression() {
            return expression;
        }
        let holder = self.links.len().checked_sub(2).map(|at| &self.links[at]);
        match holder {
            Some(link) if link.by == "pointer" => link.what.clone(),
            Some(link) => format!("{} {}", link.what, link.by),
            None => self.place.clone(),
        }
    }
}

/// `x` of `local 'x' of f`.
fn local(by: &str) -> Option<&str> {
    by.strip_prefix("local '")?.split('\'').next()
}

/// `.x` of `['x']` or `.x`, where `x` is a name.
fn attribute(by: &str) -> Option<String> {
    let name = by.strip_prefix("['").and_then(|rest| rest.strip_suffix("']")).or_else(|| by.strip_prefix('.'))?;
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.starts_with(char::is_numeric);
    (is_name && !name.is_empty()).then(|| format!(".{name}"))
}

/// Whether a step is one of Python: an attribute, or a key or an index that is no description in `<>`.
fn is_python(by: &str) -> bool {
    attribute(by).is_some_and(|_| by.starts_with('.')) || (by.starts_with('[') && !by.starts_with("[<"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(links: &[(&str, &str)]) -> Option<String> {
        let links = links.iter().map(|(what, by)| Link { what: (*what).into(), by: (*by).into() }).collect();
        let chain = Chain {
            root: Root::Program,
            held: String::new(),
            place: String::new(),
            file: String::new(),
            line: 0,
            source: Vec::new(),
            links,
        };
        chain.expression()
    }

    #[test]
    fn a_path_from_a_module_is_an_expression() {
        let start =
            [("sys.modules", "['mymod']"), ("module `mymod`", ".__dict__"), ("dict of module `mymod`", ".registry")];
        let rest = [("dict", "['a']"), ("list", "[3]"), ("Node", ".child"), ("Thing", "")];
        let whole = [&start[..], &rest[..]].concat();
        assert_eq!(expression(&whole).as_deref(), Some("mymod.registry['a'][3].child"));
        // An instance with a dict of its own.
        let instance = [&start[..], &[("Node", ".__dict__"), ("dict", "['child']"), ("Thing", "")]].concat();
        assert_eq!(expression(&instance).as_deref(), Some("mymod.registry.child"));
        let key = [&start[..], &[("Node", ".__dict__"), ("dict", "['no name']"), ("Thing", "")]].concat();
        assert_eq!(expression(&key).as_deref(), Some("mymod.registry.__dict__['no name']"));
    }

    #[test]
    fn a_local_variable_begins_one_and_a_hidden_field_ends_it() {
        assert_eq!(
            expression(&[("thread", "local 'x' of f"), ("list", "[0]"), ("Thing", "")]).as_deref(),
            Some("x[0]")
        );
        assert_eq!(expression(&[("sys.modules", "['a']"), ("Thing", "")]).as_deref(), Some("sys.modules['a']"));
        assert_eq!(expression(&[("module `m`", ".x"), ("T", "field at offset 16"), ("Thing", "")]), None);
        assert_eq!(expression(&[("m.so:cache", "pointer"), ("Thing", "")]), None);
        assert_eq!(expression(&[("module `m`", ".x"), ("dict", "[<class 'T'>]"), ("Thing", "")]), None);
        assert_eq!(expression(&[]), None);
    }

    #[test]
    fn a_dict_that_is_asked_for_stays() {
        let asked = expression(&[("module `m`", ".obj"), ("T", ".__dict__"), ("dict", "")]);
        assert_eq!(asked.as_deref(), Some("m.obj.__dict__"));
        let odd = expression(&[("module `m`", ".obj"), ("T", ".__dict__"), ("dict", "['a b']"), ("U", "")]);
        assert_eq!(odd.as_deref(), Some("m.obj.__dict__['a b']"));
    }
}
