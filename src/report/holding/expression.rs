//! A chain as an expression in Python's syntax: `mymod.registry['a'][3].child`.

use super::super::visible::{NAME, visible};
use super::chain::plain;
use crate::document::{Chain, Link};

/// The expression; what Python has no syntax for stands between angle brackets. Empty for a chain of one link.
pub(super) fn expression(chain: &Chain) -> String {
    let [first, rest @ ..] = chain.links.as_slice() else { return String::new() };
    let [second, ..] = rest else { return String::new() };
    let (mut text, from) = match (first.what.as_str(), module(&first.what), module(&second.what)) {
        ("sys.modules", _, Some(name)) => (name.to_owned(), 1),
        (_, Some(name), _) => (name.to_owned(), 0),
        _ => begin(chain, first),
    };
    let steps = &chain.links[from..chain.links.len() - 1];
    for (at, Link { by, .. }) in steps.iter().enumerate() {
        let next = steps.get(at + 1).and_then(|next| key(&next.by));
        let last = at.checked_sub(1).is_some_and(|last| is_namespace(&steps[last].by));
        match (is_namespace(by), next, key(by)) {
            // `x.__dict__['a']` is `x.a`.
            (true, Some(_), _) => {}
            (_, _, Some(name)) if last => text.push_str(&format!(".{name}")),
            _ if by.starts_with(['.', '[']) => text.push_str(by),
            _ if is_name(by) => text.push_str(&format!(".{by}")),
            _ if by.is_empty() => {}
            _ => text.push_str(&format!(".<{by}>")),
        }
    }
    visible(&text, NAME)
}

/// How an expression begins that starts at no module, and the link whose reference comes next.
fn begin(chain: &Chain, first: &Link) -> (String, usize) {
    let what = plain(&first.what);
    match first.by.strip_prefix("local ") {
        // A variable of a frame is its own name.
        Some(local) => (plain(local), 1),
        None if first.by == "pointer" => (format!("<{what}>"), 1),
        None if what == "thread" && !chain.place.is_empty() => (format!("<{}>", chain.place), 0),
        None => (format!("<{what}>"), 0),
    }
}

/// The name in ``module `x` ``.
fn module(what: &str) -> Option<&str> {
    what.strip_prefix("module `")?.strip_suffix('`')
}

fn is_namespace(by: &str) -> bool {
    matches!(by, "__dict__" | ".__dict__" | "md_dict")
}

/// The key in `['key']`, when it could be an attribute.
fn key(by: &str) -> Option<&str> {
    by.strip_prefix("['")?.strip_suffix("']").filter(|name| is_name(name))
}

fn is_name(text: &str) -> bool {
    text.chars().enumerate().all(|(at, c)| c == '_' || if at == 0 { c.is_alphabetic() } else { c.is_alphanumeric() })
        && !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Root;

    fn said(links: &[(&str, &str)]) -> String {
        let links = links.iter().map(|(what, by)| Link { what: (*what).into(), by: (*by).into() }).collect();
        let (file, source) = (String::new(), vec![]);
        expression(&Chain { root: Root::Program, held: "x".into(), place: "f()".into(), file, line: 0, source, links })
    }

    #[test]
    fn a_path_from_a_module_is_python() {
        let links = [
            ("sys.modules", "['mymod']"),
            ("module `mymod`", "__dict__"),
            ("dict of module `mymod`", "['registry']"),
            ("dict", "['a']"),
            ("list of 4", "[3]"),
            ("mymod.T", ".child"),
            ("object", ""),
        ];
        assert_eq!(said(&links), "mymod.registry['a'][3].child");
        assert_eq!(
            said(&[("module `copyreg`", ".dispatch_table"), ("dict", "[x.T]"), ("function f", "")]),
            "copyreg.dispatch_table[x.T]"
        );
    }

    #[test]
    fn what_is_no_python_stands_in_brackets() {
        assert_eq!(said(&[("x.so:cache+8", "pointer"), ("dict", "['k']"), ("T", "")]), "<x.so:cache+8>['k']");
        assert_eq!(said(&[("thread", "local `found`"), ("list of 1", "[0]"), ("T", "")]), "found[0]");
        assert_eq!(said(&[("T", "field at offset 16"), ("U", "")]), "<T>.<field at offset 16>");
        assert_eq!(said(&[("T", "")]), "");
    }

    #[test]
    fn a_dict_that_is_asked_for_stays() {
        assert_eq!(said(&[("module `m`", ".obj"), ("T", ".__dict__"), ("dict", "")]), "m.obj.__dict__");
        assert_eq!(
            said(&[("module `m`", ".obj"), ("T", ".__dict__"), ("dict", "['a b']"), ("U", "")]),
            "m.obj.__dict__['a b']"
        );
    }
}
