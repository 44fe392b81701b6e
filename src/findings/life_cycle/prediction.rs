//! What the model of the import caches says of a kind of module before anything is looked at.

use super::verdict::{Kind, ModuleVerdict};

/// The predicted verdict, and why.
///
/// Source: CPython 3.12 `Python/import.c`, `fix_up_extension`; `Objects/moduleobject.c`,
/// `PyModule_FromDefAndSpec2`.
pub(super) fn prediction(kind: Kind, minor: u32) -> (ModuleVerdict, String) {
    let references = if minor >= 13 { "two references" } else { "one reference" };
    let (verdict, why) = match kind {
        Kind::Basic => (
            ModuleVerdict::KeptByCaches,
            format!(
                "`m_copy`, held by {references}, keeps its functions, and each function keeps the module in \
                 `__self__`; `modules_by_index` keeps it too."
            ),
        ),
        Kind::BasicWithoutMethods => (
            ModuleVerdict::KeptByCaches,
            "`modules_by_index` keeps the module until it is imported again; `m_copy` keeps its contents for good."
                .into(),
        ),
        Kind::Reinit => (
            ModuleVerdict::KeptByCaches,
            "`modules_by_index` keeps the module until it is imported again, or the interpreter ends.".into(),
        ),
        Kind::ReinitCached => (
            ModuleVerdict::KeptByModule,
            "Its init function gives out an object that a static of its own keeps; `modules_by_index` keeps it too."
                .into(),
        ),
        Kind::MultiPhase | Kind::ExportSlots => (
            ModuleVerdict::Unloads,
            "No import cache keeps a module of this kind: it goes with the last reference to it.".into(),
        ),
        Kind::MultiPhaseCached => (
            ModuleVerdict::KeptByModule,
            "No import cache keeps it, but its own C static does: it is created once in a process.".into(),
        ),
        Kind::MultiPhaseFramework => (
            ModuleVerdict::KeptByModule,
            "No import cache keeps it, but the cache of its framework does: it is created once in an interpreter."
                .into(),
        ),
        Kind::Unknown => {
            (ModuleVerdict::NotAudited, "Its definition was not seen, so nothing can be said of it beforehand.".into())
        }
    };
    (verdict, why)
}
