//! From an observation to a verdict.

use super::held::{Answerable, answerable, keeping};
use super::kind::kind_of;
use super::observed::{Member, Observed, Step, Subject};
use super::prediction::prediction;
use super::verdict::{Judged, JudgedMember, ModuleVerdict};
use super::{advice, levels, readiness, sentence, whole};

/// Steps without which nothing is known of a module.
const VITAL: [&str; 2] = ["survey", "life"];

/// What a member is judged by besides itself.
pub(super) struct Audit<'a> {
    /// The whole observation, without its members.
    pub(super) observed: &'a Observed,
    /// How many members there are.
    pub(super) members: usize,
    /// Minor version of the interpreter: 12 for 3.12.
    pub(super) minor: u32,
}

/// Concludes what there is to conclude. `minor` is that of the interpreter that was observed: 12 for 3.12.
#[must_use]
pub fn judge_module(mut observed: Observed, minor: u32) -> Judged {
    let mut members = std::mem::take(&mut observed.members);
    // The one that was asked for comes first; the others keep their order.
    members.sort_by_key(|member| member.name != observed.name);
    let audit = Audit { observed: &observed, members: members.len(), minor };
    let members: Vec<JudgedMember> = members.into_iter().map(|member| judge_member(member, &audit)).collect();
    let verdict = verdict_of_all(&observed, &members);
    let sentence = whole::sentence(&observed, &members, verdict);
    Judged { observed, verdict, sentence, members }
}

fn judge_member(mut member: Member, audit: &Audit<'_>) -> JudgedMember {
    // What somebody has to answer for comes before what CPython does with every module of the kind.
    member.holders.sort_by_key(|chain| std::cmp::Reverse(answerable(chain.root)));
    let kind = kind_of(&member);
    let verdict = verdict_of(&member);
    let (predicted, prediction) = prediction(kind, audit.minor);
    JudgedMember {
        kind,
        verdict,
        sentence: sentence::sentence(&member, kind, verdict, audit),
        predicted,
        prediction,
        levels: levels::levels(&member, kind, audit),
        advice: advice::advice(&member, kind, verdict, audit),
        readiness: readiness::readiness(&member, audit),
        observed: member,
    }
}

/// A module unloads when its object and its dict are freed. What is not seen is not assumed.
fn verdict_of(member: &Member) -> ModuleVerdict {
    match (member.module_alive, member.dict_alive) {
        (Some(false), Some(false)) => ModuleVerdict::Unloads,
        (Some(true), _) | (_, Some(true)) => verdict_of_the_kept(member),
        _ => ModuleVerdict::NotAudited,
    }
}

fn verdict_of_the_kept(member: &Member) -> ModuleVerdict {
    if member.named == Some(true) {
        // Still imported: the interpreter cannot do without it, or somebody has imported it again.
        return ModuleVerdict::KeptByProgram;
    }
    let worst = keeping(member).map(|(_, chain)| answerable(chain.root)).max();
    let caches_alone = member.what_if.as_ref().is_some_and(|what_if| what_if.unloads);
    let more_than_caches = member.what_if.as_ref().is_some_and(|what_if| !what_if.unloads);
    match worst {
        Some(Answerable::Program) => ModuleVerdict::KeptByProgram,
        Some(Answerable::Caches) if !more_than_caches => ModuleVerdict::KeptByCaches,
        None if caches_alone => ModuleVerdict::KeptByCaches,
        // With no chain at all the holder is out of sight: a static or a native block, as for an unknown root.
        Some(Answerable::Module | Answerable::Caches) | None => ModuleVerdict::KeptByModule,
    }
}

/// The worst verdict of the members; without members, what the name turned out to be decides.
fn verdict_of_all(observed: &Observed, members: &[JudgedMember]) -> ModuleVerdict {
    if failed_step(observed).is_some() && !all_seen(members) {
        return ModuleVerdict::NotAudited;
    }
    let worst = members.iter().map(|member| member.verdict).max();
    worst.unwrap_or(match observed.subject {
        Subject::Unknown | Subject::Extension | Subject::NotAModule => ModuleVerdict::NotAudited,
        _ => ModuleVerdict::NotApplicable,
    })
}

/// Whether the end of every member was seen: a child may die afterwards, in the second import.
pub(super) fn all_seen(members: &[JudgedMember]) -> bool {
    !members.is_empty() && members.iter().all(|member| member.verdict != ModuleVerdict::NotAudited)
}

/// The step that failed without which there is no verdict.
pub(super) fn failed_step(observed: &Observed) -> Option<&Step> {
    let fatal = |step: &&Step| VITAL.contains(&step.name.as_str()) && !matches!(&*step.outcome, "ok" | "skipped");
    observed.steps.iter().find(fatal)
}
