//! A chain of holders, link by link.

use super::super::pieces::breakable;
use super::super::visible::{CELL, NAME, grouped, visible};
use crate::document::{Chain, Link, Root};
use serde::Serialize;

/// Links beyond this number lose their middle.
const MOST_LINKS: usize = 10;

/// A chain from its root to the survivor.
#[derive(Serialize)]
pub(in crate::report) struct ChainView {
    pub(in crate::report) number: usize,
    /// What kind of root: `static of an extension`.
    pub(in crate::report) root: &'static str,
    /// Who answers for it: `caches`, `module` or `program`.
    pub(in crate::report) class: &'static str,
    /// The survivor.
    pub(in crate::report) held: String,
    /// `native.so:cache+8 (native.c:41)`; empty when the first link says it already.
    pub(in crate::report) place: String,
    pub(in crate::report) links: Vec<LinkView>,
}

/// A thing, and how it refers to the next one.
#[derive(Serialize)]
pub(in crate::report) struct LinkView {
    pub(in crate::report) what: Vec<String>,
    /// Empty for the last.
    pub(in crate::report) by: String,
    /// How many links are left out here, instead of a thing; empty for a thing.
    pub(in crate::report) gap: String,
}

impl LinkView {
    /// The thing, or what stands for those that are left out.
    pub(in crate::report) fn words(&self) -> String {
        if self.gap.is_empty() { self.what.concat() } else { format!("... {} ...", self.gap) }
    }
}

impl ChainView {
    pub(in crate::report) fn of(number: usize, chain: &Chain) -> Self {
        let (kind, class) = root(chain.root);
        Self {
            number: number + 1,
            root: kind,
            class,
            held: visible(&plain(&chain.held), CELL),
            place: place(chain),
            links: links(&chain.links),
        }
    }
}

/// What kind of thing a root is, and the class that answers for it.
fn root(root: Root) -> (&'static str, &'static str) {
    match root {
        Root::ImportCache => ("CPython's import cache", "caches"),
        Root::Static => ("static of an extension", "module"),
        Root::Framework => ("cache of the framework", "module"),
        Root::Hidden => ("hidden reference", "module"),
        Root::Unknown => ("unaccounted reference", "module"),
        Root::Program => ("the program", "program"),
        Root::Registry => ("registry", "program"),
        Root::Exception => ("exception", "program"),
        Root::Thread => ("thread", "program"),
        Root::Interpreter => ("interpreter", "program"),
    }
}

/// Names in links are marked up already: here they are code as a whole.
pub(super) fn plain(what: &str) -> String {
    what.replace('`', "")
}

fn place(chain: &Chain) -> String {
    let file = chain.file.rsplit('/').next().unwrap_or_default();
    let line = if file.is_empty() || chain.line == 0 { String::new() } else { format!("{file}:{}", chain.line) };
    let said = chain.links.iter().take(2).any(|link| {
        let place = plain(&chain.place);
        plain(&link.what).contains(&place) || link.by.contains(&place)
    });
    let place = if said { "" } else { chain.place.as_str() };
    visible(&[place, &line].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(", "), NAME)
}

fn links(all: &[Link]) -> Vec<LinkView> {
    let thing = |link: &Link| LinkView {
        what: breakable(&visible(&plain(&link.what), CELL)),
        by: visible(&link.by, 60),
        gap: String::new(),
    };
    if all.len() <= MOST_LINKS {
        return all.iter().map(thing).collect();
    }
    let half = MOST_LINKS / 2;
    let gap = format!("{} more links", grouped((all.len() - MOST_LINKS) as u64));
    let head = all[..half].iter().map(thing);
    let tail = all[all.len() - half..].iter().map(thing);
    head.chain([LinkView { what: vec![], by: String::new(), gap }]).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(links: usize) -> Chain {
        let link = |number| Link { what: format!("`thing {number}`"), by: ".next".into() };
        Chain {
            root: Root::Static,
            held: "module `x`".into(),
            place: "x.so:cache".into(),
            file: "/src/native.c".into(),
            line: 41,
            source: vec![],
            links: (0..links).map(link).collect(),
        }
    }

    #[test]
    fn short_chains_are_whole_and_long_ones_say_what_is_missing() {
        let view = ChainView::of(0, &chain(3));
        assert_eq!((view.number, view.links.len(), view.held.as_str()), (1, 3, "module x"));
        assert_eq!(view.place, "x.so:cache, native.c:41");
        let view = ChainView::of(0, &chain(100));
        assert_eq!(view.links.len(), MOST_LINKS + 1);
        assert_eq!(view.links[5].gap, "90 more links");
        assert_eq!(view.links.last().unwrap().what.concat(), "thing 99");
    }

    #[test]
    fn a_place_that_the_first_link_names_is_not_said_twice() {
        let mut one = chain(2);
        one.links[0].what = "x.so:cache".into();
        assert_eq!(ChainView::of(0, &one).place, "native.c:41");
    }
}
