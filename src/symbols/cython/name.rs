//! Names of generated functions: `__pyx_pw_4more_5Outer_11method` is `more.Outer.method`.
//!
//! After a prefix for the kind come the modules, classes and outer functions, each with its length,
//! then a number that makes the name unique in its scope (nothing for the first), then the name.

/// What a generated function is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// `pf`, `f`: the body of a function. `gb`: of a generator or a coroutine.
    Body,
    /// `pw`: takes the arguments apart for a body; never the first name in its scope.
    Wrapper,
    /// `tp_new` and the like, of a class: the slot.
    Slot(&'a str),
    /// `getprop`, `setprop`, of an attribute: what it does.
    Property(&'static str),
    /// The body of the module.
    Module,
}

/// The C identifier in a demangled name, if it is a function that stands for code in a `.pyx` file.
pub(in crate::symbols) fn generated_name(demangled: &str) -> Option<&str> {
    if !demangled.starts_with("__pyx_") {
        return None;
    }
    // C++ adds its arguments, the compiler says how it split or cloned a function.
    let end = demangled.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(demangled.len());
    let identifier = &demangled[..end];
    split(identifier).map(|_| identifier)
}

/// Kind and mangled rest of an identifier.
pub(super) fn split(identifier: &str) -> Option<(Kind<'_>, &str)> {
    let mut name = identifier.strip_prefix("__pyx_")?;
    if let Some(fused) = name.strip_prefix("fuse_") {
        // One specialisation of a function of fused types.
        name = fused.split_once("__pyx_")?.1;
    }
    for (prefix, kind) in [
        ("pf_", Kind::Body),
        ("f_", Kind::Body),
        ("gb_", Kind::Body),
        ("pw_", Kind::Wrapper),
        ("getprop_", Kind::Property("__get__")),
        ("setprop_", Kind::Property("__set__")),
        ("pymod_exec_", Kind::Module),
    ] {
        if let Some(rest) = name.strip_prefix(prefix) {
            return Some((kind, rest));
        }
    }
    let is_lambda = name.starts_with(LAMBDA);
    is_lambda.then_some((Kind::Body, name)).or_else(|| slot(name))
}

const LAMBDA: &str = "lambda_funcdef_";

/// `tp_new_4more_Outer`: slots have lower-case names, and the mangled class begins with a digit.
fn slot(name: &str) -> Option<(Kind<'_>, &str)> {
    let is_slot = ["tp_", "sq_", "mp_", "nb_", "am_", "bf_"].iter().any(|group| name.starts_with(group));
    let digit = name.find(|c: char| c.is_ascii_digit()).filter(|_| is_slot)?;
    let slot = name[..digit].strip_suffix('_')?;
    Some((Kind::Slot(slot), &name[digit..]))
}

/// The name with dots; `None` when it does not follow the scheme.
pub(in crate::symbols) fn readable(identifier: &str) -> Option<String> {
    let (kind, rest) = split(identifier)?;
    match kind {
        Kind::Module => Some(format!("{rest}.<module>")),
        Kind::Body | Kind::Wrapper if rest.starts_with(LAMBDA) => Some("<lambda>".into()),
        Kind::Body | Kind::Wrapper => path(rest, kind).map(|parts| parts.join(".")),
        Kind::Property(method) => path(rest, Kind::Body).map(|parts| format!("{}.{method}", parts.join("."))),
        Kind::Slot(slot) => {
            let mut parts = path(rest, Kind::Body)?;
            let method = match slot {
                "tp_new" | "tp_vectorcall" | "tp_new_vectorcall" => "__new__",
                "tp_dealloc" => "__dealloc__",
                other => other,
            };
            let class = parts.pop()?;
            match class.strip_prefix("__pyx_scope_struct_") {
                // The variables that a closure or a generator keeps: `1_outer`, `_outer`.
                Some(function) => {
                    parts.push(function.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches('_'));
                    parts.push("<locals>");
                }
                None => parts.push(class),
            }
            parts.push(method);
            Some(parts.join("."))
        }
    }
}

/// The parts of a mangled path, the last of them the name itself.
///
/// `5outer_fun` may be read as class `outer` with `fun`, or as the fifth name, `outer_fun`. The first
/// is tried first; a wrapper has a number before its name, which mostly decides.
fn path<'a>(mangled: &'a str, kind: Kind<'_>) -> Option<Vec<&'a str>> {
    let digits = mangled.find(|c: char| !c.is_ascii_digit()).unwrap_or(mangled.len());
    if let Some((part, rest)) = component(mangled, digits)
        && let Some(mut parts) = path(rest, kind)
    {
        parts.insert(0, part);
        return Some(parts);
    }
    let name = &mangled[digits..];
    let lambda = name.starts_with("__pyx_lambda_funcdef_");
    let numbered = digits > 0 || lambda || kind != Kind::Wrapper;
    if name.is_empty() || !numbered {
        return None;
    }
    Some(vec![if lambda { "<lambda>" } else { name }])
}

/// A part of stated length, and what follows its underscore.
fn component(mangled: &str, digits: usize) -> Option<(&str, &str)> {
    let length: usize = mangled[..digits].parse().ok()?;
    let part = mangled.get(digits..digits.checked_add(length)?)?;
    let rest = mangled[digits + length..].strip_prefix('_')?;
    (length > 0).then_some((part, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From `nm` of modules compiled by Cython 3.3.1.
    #[test]
    fn names_that_cython_makes() {
        for (identifier, expected) in [
            ("__pyx_pw_4more_3plain", "more.plain"),
            ("__pyx_pf_4more_cpfun", "more.cpfun"),
            ("__pyx_pf_4more_2plain", "more.plain"),
            ("__pyx_f_4more_5Outer_cmeth", "more.Outer.cmeth"),
            ("__pyx_pw_4pk_1_3sub_5mo_re_5Outer_11method", "pk_1.sub.mo_re.Outer.method"),
            ("__pyx_pf_4more_5Outer___cinit__", "more.Outer.__cinit__"),
            ("__pyx_pw_4more_5Outer_3__init__", "more.Outer.__init__"),
            ("__pyx_pw_4more_5outer_fun", "more.outer_fun"),
            ("__pyx_pw_4more_2Py_1m_1", "more.Py.m_1"),
            ("__pyx_pw_4more_9outer_fun_6inner2_1inner3", "more.outer_fun.inner2.inner3"),
            ("__pyx_pf_4more_5Outer_1p___get__", "more.Outer.p.__get__"),
            ("__pyx_pf_4more_5Outer_1n_2__set__", "more.Outer.n.__set__"),
            ("__pyx_gb_4more_5Outer_20generator", "more.Outer.generator"),
            ("__pyx_fuse_1__pyx_pw_4more_19over", "more.over"),
            ("__pyx_pw_4more_5Outer_3lam___pyx_lambda_funcdef_lambda1", "more.Outer.lam.<lambda>"),
            ("__pyx_lambda_funcdef_lambda1", "<lambda>"),
            ("__pyx_getprop_4more_5Outer_n", "more.Outer.n.__get__"),
            ("__pyx_tp_new_4more_Outer", "more.Outer.__new__"),
            ("__pyx_tp_new_vectorcall_4more_Outer", "more.Outer.__new__"),
            ("__pyx_tp_traverse_4more_Outer", "more.Outer.tp_traverse"),
            ("__pyx_mp_subscript_4more_Outer", "more.Outer.mp_subscript"),
            ("__pyx_tp_new_4more___pyx_scope_struct_1_closure", "more.closure.<locals>.__new__"),
            ("__pyx_tp_new_4more___pyx_scope_struct__gen", "more.gen.<locals>.__new__"),
            ("__pyx_pymod_exec_more", "more.<module>"),
        ] {
            assert_eq!(generated_name(identifier), Some(identifier));
            assert_eq!(readable(identifier).as_deref(), Some(expected), "{identifier}");
        }
    }

    #[test]
    fn what_the_compiler_adds_is_left_out() {
        assert_eq!(generated_name("__pyx_f_1m_f.constprop.0"), Some("__pyx_f_1m_f"));
        assert_eq!(generated_name("__pyx_f_1m_f(_object*, int)"), Some("__pyx_f_1m_f"));
    }

    #[test]
    fn other_names_are_left_alone() {
        for other in ["malloc", "", "__pyx_bisect_code_objects", "__Pyx_AddTraceback", "__pyx_FusedFunction_New"] {
            assert_eq!(generated_name(other), None, "{other}");
        }
        for broken in ["__pyx_pw_", "__pyx_tp_new_4", "__pyx_f_4"] {
            assert_eq!(readable(broken), None, "{broken}");
        }
    }
}
