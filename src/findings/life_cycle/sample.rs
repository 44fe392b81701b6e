//! Members for the tests of this room, as audits of real packages see them.

use super::observed::{Facts, Member, Observed, Population, Reimport, Step, Subject, WhatIf};
use crate::findings::holding::{Chain, Link, Root};

fn link(what: &str, by: &str) -> Link {
    Link { what: what.into(), by: by.into() }
}

/// A chain of two links.
pub(super) fn chain(root: Root, held: &str, place: &str) -> Chain {
    let links = vec![link(place, ""), link(held, "")];
    Chain { root, held: held.into(), place: place.into(), file: String::new(), line: 0, source: vec![], links }
}

fn again(outcome: &str) -> Option<Reimport> {
    Some(Reimport { outcome: outcome.into(), init_again: Some(outcome == "fresh"), detail: String::new() })
}

/// Single-phase init with `m_size` -1, as regex has it.
pub(super) fn basic() -> Member {
    let mut by_copy = chain(Root::ImportCache, "module `mypkg._native`", "m_copy");
    by_copy.links.insert(1, link("builtin_function_or_method ping", "__self__"));
    Member {
        name: "mypkg._native".into(),
        file: "/site/mypkg/_native.so".into(),
        facts: Facts { init: "single-phase".into(), m_size: Some(-1), has_methods: true, ..Facts::default() },
        init_calls: Some(1),
        named: Some(false),
        module_alive: Some(true),
        dict_alive: Some(true),
        types: Population { made: 1, alive: 1, names: vec!["mypkg._native.T".into()] },
        functions: Population { made: 2, alive: 2, names: vec!["ping".into(), "pong".into()] },
        copy_alive: Some(true),
        index_alive: Some(true),
        holders: vec![
            by_copy,
            chain(Root::ImportCache, "module `mypkg._native`", "modules_by_index"),
            chain(Root::ImportCache, "type mypkg._native.T", "m_copy"),
        ],
        what_if: Some(WhatIf { unloads: true, confirmed: Some(true), ..WhatIf::default() }),
        reimport: again("shared"),
        ..Member::default()
    }
}

/// Multi-phase init that does as it should.
pub(super) fn multi_phase() -> Member {
    Member {
        name: "good".into(),
        file: "/site/good.so".into(),
        facts: Facts {
            init: "multi-phase".into(),
            m_size: Some(16),
            slots: vec!["Py_mod_exec".into()],
            has_methods: true,
            traverse: true,
            clear: true,
            free: true,
            ..Facts::default()
        },
        init_calls: Some(1),
        free_calls: Some(1),
        named: Some(false),
        module_alive: Some(false),
        dict_alive: Some(false),
        types: Population { made: 2, ..Population::default() },
        functions: Population { made: 3, ..Population::default() },
        reimport: again("fresh"),
        ..Member::default()
    }
}

/// Multi-phase init that a C static undoes, as lxml has it.
pub(super) fn cython() -> Member {
    let mut member = multi_phase();
    member.name = "lxml.etree".into();
    member.facts.framework = "cython".into();
    (member.module_alive, member.dict_alive) = (Some(true), Some(true));
    member.free_calls = Some(0);
    member.holders = vec![chain(Root::Static, "module `lxml.etree`", "etree.so:__pyx_m")];
    member.reimport = again("same");
    member
}

/// An audit of these members.
pub(super) fn observed(members: Vec<Member>) -> Observed {
    let step = |name: &str| Step { name: name.into(), outcome: "ok".into(), seconds: 0.2, detail: String::new() };
    Observed {
        name: members.first().map_or("mypkg", |member| &member.name).to_owned(),
        package: "mypkg".into(),
        subject: if members.is_empty() { Subject::Python } else { Subject::Extension },
        steps: ["survey", "life"].map(step).to_vec(),
        members,
        ..Observed::default()
    }
}
