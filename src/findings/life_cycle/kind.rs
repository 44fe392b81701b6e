//! How the model of the import caches classifies a module.

use super::held::keeping;
use super::observed::Member;
use super::verdict::Kind;
use crate::findings::holding::{Chain, Root};

/// The kind of a module, from its definition, its framework and what holds it.
///
/// Definitions do not tell whether a module gives out an object that it keeps itself; a second import
/// that gives the same object does, or a static that refers to the module with no link between.
pub fn kind_of(member: &Member) -> Kind {
    let facts = &member.facts;
    match (facts.init.as_str(), facts.m_size) {
        ("export-slots", _) => Kind::ExportSlots,
        ("single-phase", Some(size)) if size < 0 && facts.has_methods => Kind::Basic,
        ("single-phase", Some(size)) if size < 0 => Kind::BasicWithoutMethods,
        ("single-phase", Some(_)) if gives_out_the_same(member) && !kept_by_caches(member) => Kind::ReinitCached,
        ("single-phase", Some(_)) => Kind::Reinit,
        ("multi-phase", _) if !gives_out_the_same(member) => Kind::MultiPhase,
        ("multi-phase", _) if cached_by_framework(member) => Kind::MultiPhaseFramework,
        ("multi-phase", _) => Kind::MultiPhaseCached,
        _ => Kind::Unknown,
    }
}

/// A second import gives the object of the first, or would.
fn gives_out_the_same(member: &Member) -> bool {
    match member.reimport.as_ref().map(|again| again.outcome.as_str()) {
        Some("same") => true,
        Some("fresh" | "shared") => false,
        _ if member.module_alive == Some(false) => false,
        _ => keeping(member).any(|(_, chain)| refers_directly(chain)),
    }
}

/// Only the import caches keep it: an init function that gives out the same module has looked it up there
/// (`PyState_FindModule`).
fn kept_by_caches(member: &Member) -> bool {
    member.what_if.as_ref().is_some_and(|what_if| what_if.unloads)
}

fn refers_directly(chain: &Chain) -> bool {
    chain.root == Root::Framework || chain.root == Root::Static && chain.links.len() <= 2
}

fn cached_by_framework(member: &Member) -> bool {
    match member.facts.framework.as_str() {
        "pybind11" | "nanobind" => true,
        "" => keeping(member).any(|(_, chain)| chain.root == Root::Framework),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::findings::life_cycle::{Reimport, WhatIf};

    fn again(outcome: &str) -> Option<Reimport> {
        Some(Reimport { outcome: outcome.into(), ..Reimport::default() })
    }

    #[test]
    fn every_kind_is_told_apart() {
        assert_eq!(kind_of(&sample::basic()), Kind::Basic);
        assert_eq!(kind_of(&sample::multi_phase()), Kind::MultiPhase);
        assert_eq!(kind_of(&sample::cython()), Kind::MultiPhaseCached);
        let mut member = sample::basic();
        member.facts.has_methods = false;
        assert_eq!(kind_of(&member), Kind::BasicWithoutMethods);
        member.facts.m_size = Some(0);
        member.reimport = again("fresh");
        assert_eq!(kind_of(&member), Kind::Reinit);
        member.reimport = again("same");
        member.what_if = Some(WhatIf { unloads: false, ..WhatIf::default() });
        assert_eq!(kind_of(&member), Kind::ReinitCached);
        member.what_if = Some(WhatIf { unloads: true, ..WhatIf::default() });
        assert_eq!(kind_of(&member), Kind::Reinit, "found by PyState_FindModule");
        member.facts.init = "export-slots".into();
        assert_eq!(kind_of(&member), Kind::ExportSlots);
        member.facts.init = "unknown".into();
        assert_eq!(kind_of(&member), Kind::Unknown);
        let mut member = sample::cython();
        member.facts.framework = "pybind11".into();
        assert_eq!(kind_of(&member), Kind::MultiPhaseFramework);
    }

    #[test]
    fn a_static_tells_where_no_second_import_does() {
        let mut member = sample::cython();
        member.reimport = again("refused");
        assert_eq!(kind_of(&member), Kind::MultiPhaseCached);
        member.holders.clear();
        assert_eq!(kind_of(&member), Kind::MultiPhase);
    }
}
