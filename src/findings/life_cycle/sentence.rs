//! What a person is told of one module.

use super::held::Answerable;
use super::holders::{holds, roots};
use super::judge::{Audit, failed_step};
use super::observed::Member;
use super::verdict::{Kind, ModuleVerdict};
use super::words::{amount, and, count, fate, listed};

pub(super) fn sentence(member: &Member, kind: Kind, verdict: ModuleVerdict, audit: &Audit<'_>) -> String {
    let name = &member.name;
    let mut parts = vec![match verdict {
        ModuleVerdict::NotApplicable => format!("`{name}` is no extension module."),
        ModuleVerdict::NotAudited => not_audited(member, audit),
        ModuleVerdict::Unloads => {
            format!(
                "`{name}` unloads: {}, and its module object and dict are freed when it is dropped{}.",
                style(kind, member),
                again(member)
            )
        }
        ModuleVerdict::KeptByProgram => kept_by_program(member),
        ModuleVerdict::KeptByCaches => kept_by_caches(member, kind),
        ModuleVerdict::KeptByModule => kept_by_module(member, kind),
    }];
    parts.extend(besides(member, kind, verdict));
    parts.extend(left_behind(member, verdict, audit));
    parts.join(" ")
}

fn not_audited(member: &Member, audit: &Audit<'_>) -> String {
    let why = failed_step(audit.observed)
        .map_or("whether its module object and dict are freed could not be seen".into(), |step| {
            format!("the child process of step `{}` {}", step.name, fate(step))
        });
    format!("Whether `{}` unloads is not known: {why}.", member.name)
}

fn style(kind: Kind, member: &Member) -> String {
    let size = member.facts.m_size.map_or_else(String::new, |size| format!(" with m_size = {size}"));
    match kind {
        Kind::Basic | Kind::BasicWithoutMethods | Kind::Reinit | Kind::ReinitCached => {
            format!("single-phase init{size}")
        }
        Kind::MultiPhase | Kind::MultiPhaseCached | Kind::MultiPhaseFramework => "multi-phase init".into(),
        Kind::ExportSlots => "init by exported slots".into(),
        Kind::Unknown => "its definition was not seen".into(),
    }
}

/// `; re-import gives a fresh module`.
fn again(member: &Member) -> String {
    let Some(again) = &member.reimport else { return String::new() };
    let detail = again.detail.trim_end_matches('.');
    match again.outcome.as_str() {
        "fresh" => "; re-import gives a fresh module".into(),
        "shared" => "; re-import gives a new module object that shares the old contents".into(),
        "same" => "; re-import gives the same module object".into(),
        "refused" if detail.is_empty() => "; re-import is refused".into(),
        "refused" => format!("; re-import is refused ({detail})"),
        "died" => format!("; the process did not survive its re-import ({detail})"),
        _ => String::new(),
    }
}

/// What CPython keeps of a module of this kind, as far as it was seen.
fn cached(member: &Member, kind: Kind) -> Option<String> {
    let mut parts = Vec::new();
    if member.copy_alive == Some(true) {
        parts.push("a backup copy of its dict (`m_copy`)".to_owned());
    }
    if member.index_alive == Some(true) {
        parts.push("an entry in `modules_by_index`".to_owned());
    }
    let until = if matches!(kind, Kind::Reinit | Kind::ReinitCached) { " until it is imported again" } else { "" };
    (!parts.is_empty()).then(|| format!("CPython keeps {}{until}", and(&parts)))
}

fn kept_by_caches(member: &Member, kind: Kind) -> String {
    let caches = cached(member, kind).unwrap_or_else(|| "CPython's import caches keep it".into());
    let never =
        if matches!(kind, Kind::Basic | Kind::BasicWithoutMethods) { "never unloads" } else { "does not unload" };
    format!("`{}` {never}: {}, so {caches}{}.", member.name, style(kind, member), again(member))
}

fn kept_by_module(member: &Member, kind: Kind) -> String {
    match cached(member, kind) {
        Some(_) => kept_by_caches(member, kind),
        None => {
            let roots = roots(member, Answerable::Module);
            let holds = if roots.is_empty() {
                "what holds it is out of sight, most likely a static or native memory of the extension".into()
            } else {
                holds(&roots)
            };
            format!("`{}` never unloads: {}, but {holds}{}.", member.name, style(kind, member), again(member))
        }
    }
}

fn kept_by_program(member: &Member) -> String {
    let roots = roots(member, Answerable::Program);
    if roots.is_empty() {
        let name = &member.name;
        return format!("`{name}` is still imported, so it is kept by the program. That is no fault of the module.");
    }
    format!("`{}` is kept by the program: {}. That is no fault of the module.", member.name, holds(&roots))
}

/// Holders that are not in the first sentence yet.
fn besides(member: &Member, kind: Kind, verdict: ModuleVerdict) -> Option<String> {
    let cached = cached(member, kind);
    match verdict {
        ModuleVerdict::KeptByModule if cached.is_some() => {
            let roots = roots(member, Answerable::Module);
            let unseen = || "something out of sight holds it, most likely a static or native memory".to_owned();
            Some(format!("Besides, {}.", if roots.is_empty() { unseen() } else { holds(&roots) }))
        }
        ModuleVerdict::KeptByProgram => cached.map(|cached| format!("Besides, {cached}{}.", again(member))),
        _ => None,
    }
}

/// What a module that unloads leaves all the same.
fn left_behind(member: &Member, verdict: ModuleVerdict, audit: &Audit<'_>) -> Option<String> {
    if verdict != ModuleVerdict::Unloads {
        return None;
    }
    let mut parts = Vec::new();
    for (made, one, many) in [(&member.types, "heap type", "heap types"), (&member.functions, "function", "functions")]
    {
        if made.alive > 0 {
            let names = listed(&made.names, made.alive as usize);
            let names = if names.is_empty() { names } else { format!(" ({names})") };
            parts.push(format!("{}{names}", count(made.alive, one, many)));
        }
    }
    // Several members have one residue in common, which the sentence on the whole tells.
    if let Some(rest) = audit.observed.residue.as_ref().filter(|_| audit.members == 1) {
        let text = amount(rest);
        if !text.is_empty() {
            parts.push(if parts.is_empty() { text } else { format!("in all {text}") });
        }
    }
    (!parts.is_empty()).then(|| format!("It leaves behind {}.", parts.join("; ")))
}
