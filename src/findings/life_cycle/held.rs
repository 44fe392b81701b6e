//! Which survivor a chain leads to, and who is to answer for its root.

use super::observed::Member;
use crate::findings::holding::{Chain, Root};

/// What a chain of holders ends at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Survivor {
    /// The module object.
    Module,
    /// Its dict.
    Dict,
    /// A heap type.
    Type,
    /// A function.
    Function,
    /// The backup copy of the dict.
    Copy,
    /// Anything else that importing made.
    Other,
}

/// Told by the first word of [`Chain::held`].
pub(super) fn survivor(chain: &Chain) -> Survivor {
    let held = chain.held.trim();
    match held.split([' ', '`']).next().unwrap_or_default() {
        "module" => Survivor::Module,
        "dict" if held.starts_with("dict of ") => Survivor::Dict,
        "type" => Survivor::Type,
        "function" | "builtin_function_or_method" | "method" | "cython_function_or_method" => Survivor::Function,
        "copy" | "backup" | "m_copy" => Survivor::Copy,
        _ => Survivor::Other,
    }
}

/// Who is to answer for what a root keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Answerable {
    /// CPython's import caches.
    Caches,
    /// The program that imports the module.
    Program,
    /// The module, or the framework that it is built with.
    Module,
}

pub(super) fn answerable(root: Root) -> Answerable {
    match root {
        Root::ImportCache => Answerable::Caches,
        Root::Program | Root::Registry | Root::Exception | Root::Thread | Root::Interpreter => Answerable::Program,
        Root::Static | Root::Framework | Root::Hidden | Root::Unknown => Answerable::Module,
    }
}

/// The chains that keep the module object or its dict, with their numbers.
pub(super) fn keeping(member: &Member) -> impl Iterator<Item = (usize, &Chain)> {
    chains(member, &[Survivor::Module, Survivor::Dict])
}

/// The chains to survivors of these kinds, with their numbers.
pub(super) fn chains<'a>(member: &'a Member, wanted: &'a [Survivor]) -> impl Iterator<Item = (usize, &'a Chain)> {
    member.holders.iter().enumerate().filter(move |(_, chain)| wanted.contains(&survivor(chain)))
}

#[cfg(test)]
mod tests {
    use super::super::sample::chain;
    use super::*;

    #[test]
    fn a_chain_tells_what_it_holds() {
        for (held, wanted) in [
            ("module `x`", Survivor::Module),
            ("dict of module `x`", Survivor::Dict),
            ("dict", Survivor::Other),
            ("type x.T", Survivor::Type),
            ("builtin_function_or_method ping", Survivor::Function),
            ("backup copy of `x`", Survivor::Copy),
            ("list", Survivor::Other),
            ("", Survivor::Other),
        ] {
            assert_eq!(survivor(&chain(Root::Static, held, "x.so:c")), wanted, "{held}");
        }
    }

    #[test]
    fn nobody_but_the_module_answers_for_what_is_unknown() {
        assert_eq!(answerable(Root::Unknown), Answerable::Module);
        assert!(Answerable::Module > Answerable::Program && Answerable::Program > Answerable::Caches);
    }
}
