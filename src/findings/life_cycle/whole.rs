//! What a person is told of the whole audit.

use super::judge::failed_step;
use super::observed::{Observed, Subject};
use super::verdict::{JudgedMember, ModuleVerdict};
use super::words::{amount, count, fate};

/// One sentence, or a few, on all members.
pub(super) fn sentence(observed: &Observed, members: &[JudgedMember], verdict: ModuleVerdict) -> String {
    let name = &observed.name;
    if verdict == ModuleVerdict::NotAudited
        && let Some(step) = failed_step(observed)
    {
        return match (step.name.as_str(), step.outcome.as_str()) {
            ("survey", "failed") => {
                let why = if step.detail.is_empty() { "no reason is known" } else { step.detail.trim_end_matches('.') };
                format!("`{name}` could not be imported: {why}.")
            }
            ("survey", _) => format!("`{name}` was not audited: the child process that imported it {}.", fate(step)),
            (other, _) => format!("`{name}` was not audited: the child process of step `{other}` {}.", fate(step)),
        };
    }
    match members {
        [] => without_members(observed),
        [one] if one.observed.name == *name => one.sentence.clone(),
        [one] => format!("`{name}` loads one extension module. {}", one.sentence),
        _ => several(observed, members, verdict),
    }
}

fn without_members(observed: &Observed) -> String {
    let name = &observed.name;
    match observed.subject {
        Subject::Python => {
            format!(
                "`{name}` is a module of Python source and loads no extension module of its own: there is nothing to unload."
            )
        }
        Subject::Package => {
            format!(
                "`{name}` is a package, and importing it loads no extension module of its own: there is nothing to unload."
            )
        }
        Subject::NamespacePackage => {
            format!("`{name}` is a namespace package, a folder without code: name one of its modules instead.")
        }
        Subject::Builtin => {
            format!("`{name}` is compiled into the interpreter and was not looked at: it is never unmapped.")
        }
        Subject::Frozen => {
            format!("`{name}` is a frozen module of the interpreter: it has no shared library to unload.")
        }
        Subject::NotAModule => format!("`sys.modules['{name}']` is not a module, and nothing else was looked at."),
        Subject::Extension => format!("`{name}` is an extension module, but nothing was observed of it."),
        Subject::Unknown => format!("`{name}` could not be imported."),
    }
}

fn several(observed: &Observed, members: &[JudgedMember], verdict: ModuleVerdict) -> String {
    let name = &observed.name;
    let of = |wanted| members.iter().filter(|member| member.verdict == wanted).count() as u64;
    let all = members.len() as u64;
    let gone = of(ModuleVerdict::Unloads);
    let rest = observed.residue.as_ref().map(amount).filter(|text| !text.is_empty());
    let rest = rest.map_or_else(String::new, |text| format!(" The package leaves behind {text}."));
    if gone == all {
        return format!("`{name}` unloads: all of its {all} extension modules are freed when it is dropped.{rest}");
    }
    let parts: Vec<String> = [
        (ModuleVerdict::KeptByModule, "is kept by itself", "are kept by themselves"),
        (ModuleVerdict::KeptByCaches, "is kept by CPython's caches only", "are kept by CPython's caches only"),
        (ModuleVerdict::KeptByProgram, "is kept by the program", "are kept by the program"),
        (ModuleVerdict::NotAudited, "was not audited", "were not audited"),
        (ModuleVerdict::Unloads, "is freed", "are freed"),
    ]
    .into_iter()
    .map(|(wanted, one, many)| (of(wanted), one, many))
    .filter(|(number, ..)| *number > 0)
    .map(|(number, one, many)| count(number, one, many))
    .collect();
    let does = if verdict == ModuleVerdict::NotAudited { "was not audited as a whole" } else { "does not unload" };
    // The one that was asked for comes first; else the worst speaks for all.
    let worst = members.iter().find(|member| member.verdict == verdict).map_or("", |member| &member.sentence);
    format!("`{name}` {does}: of its {all} extension modules {}. {worst}", parts.join(", "))
}
