//! What is told of findings alone, since it costs: holders by name, reachability, paths from roots.

use rustc_hash::FxHashMap;

use super::cycles::{Circle, of_objects};
use super::evidence::{Collected, Gain};
use super::examine::{Asked, paths};
use super::places;
use super::watch::{Member, members};
use super::words::Words;
use super::{dominators, stacks};
use crate::analysis::{Reach, Role, Survivor, reach};
use crate::findings::{Cycle, Dominator, Fate, Finding, Reached, Suspect, Verdict, is_finding, judge, still_held};
use crate::heap::NodeId;
use crate::sys::{Capture, Describer};

/// Findings, and what goes with them.
pub(super) struct Explained {
    pub(super) findings: Vec<Finding>,
    /// The objects of each.
    pub(super) members: Vec<Vec<Member>>,
    /// What they all retain.
    pub(super) dominators: Vec<Dominator>,
}

/// Judges the evidence, and explains the findings.
pub(super) fn findings(capture: &Capture, collected: Collected, scope: &[String]) -> Explained {
    let Collected { mut evidence, born, roles, gains, pointers } = collected;
    let mut describer = Describer::new(capture);
    for suspect in evidence.suspects.iter_mut().filter(|suspect| is_finding(suspect)) {
        if let Some(place) = suspect.place {
            let named = places::text(&mut describer, place, scope);
            suspect.holder.text = named.unwrap_or_else(|| std::mem::take(&mut suspect.holder.text));
        }
    }
    let (mut findings, suspects): (Vec<Finding>, Vec<&Suspect>) = judge(&evidence).into_iter().unzip();
    let mut things: Vec<Survivor> = born.iter().map(|born| born.survivor).collect();
    let survivors = things.len();
    // What was there before holds what it got hold of, so that it is asked about apart.
    let gain =
        |gain: &Gain| Survivor { address: gain.address, node: capture.heap.find(gain.address), run: 0, native: false };
    let objects = |things: &[Survivor]| -> Vec<Vec<Member>> {
        let kept = gains.iter().map(|gain| (gain.address, gain.per_run.iter().sum())).collect();
        suspects.iter().map(|suspect| members(capture, suspect, things, &born, &kept)).collect()
    };
    // Without edges nobody can tell who reaches what.
    if findings.is_empty() || capture.without_edges {
        things.extend(gains.iter().map(gain));
        return Explained { members: objects(&things), findings, dominators: Vec::new() };
    }
    let mut words = Words::followed(capture, pointers, things.iter().map(|thing| thing.address));
    let mut classes = reach(&capture.heap, &things, words.pointers());
    things.extend(gains.iter().map(gain));
    if things.len() > survivors {
        classes.extend(reach(&capture.heap, &things, words.pointers()).split_off(survivors));
    }
    let victims = victims(&roles);
    for (finding, suspect) in findings.iter_mut().zip(&suspects) {
        (finding.reach, finding.reached) = class(suspect, &classes, &victims);
    }
    let circles = circles(capture, &things[..survivors], &words, &findings, scope);
    for (finding, suspect) in findings.iter_mut().zip(&suspects) {
        finding.cycle = cycle_of(suspect, &circles, &things, &victims);
    }
    let asked: Vec<Asked> =
        findings.iter().zip(&suspects).map(|(finding, suspect)| asked(finding, suspect, &things, &classes)).collect();
    for (finding, found) in findings.iter_mut().zip(paths(capture, &mut words, &asked, scope)) {
        finding.paths = found.chains;
        for chain in finding.paths.iter_mut().filter(|chain| chain.line > 0) {
            chain.source = stacks::source(&chain.file, chain.line, scope);
        }
        if finding.verdict == Verdict::OverReleased {
            still_held(finding, found.holders);
        }
    }
    let members: Vec<&[usize]> = suspects.iter().map(|suspect| suspect.members.as_slice()).collect();
    let dominators = dominators::fill(capture, &born, words.pointers(), &members, &mut findings);
    Explained { members: objects(&things), findings, dominators }
}

/// The cycles among what survived, if a finding is about an object that is lost.
fn circles(
    capture: &Capture,
    survivors: &[Survivor],
    words: &Words,
    findings: &[Finding],
    scope: &[String],
) -> Vec<Circle> {
    let lost = |finding: &&Finding| finding.reach.is_some_and(Reach::is_lost);
    let Some(finding) = findings.iter().find(lost) else { return Vec::new() };
    let nodes: Vec<NodeId> = survivors.iter().filter_map(|survivor| survivor.node).collect();
    of_objects(capture, &nodes, words.pointers(), &finding.subject, scope)
}

/// The cycle that the things of a finding, or what they keep, are in: what the collector would free by itself
/// is no reason to stay.
fn cycle_of(
    suspect: &Suspect,
    circles: &[Circle],
    things: &[Survivor],
    victims: &FxHashMap<usize, Vec<usize>>,
) -> Option<Box<Cycle>> {
    let kept = |member: &usize| victims.get(member).into_iter().flatten().copied();
    let mut nodes = suspect.members.iter().flat_map(|member| std::iter::once(*member).chain(kept(member)));
    let circle = nodes.find_map(|number| {
        let node = things[number].node?;
        circles.iter().find(|circle| circle.cycle.fate != Fate::Collectable && circle.nodes.contains(&node))
    });
    circle.map(|circle| Box::new(circle.cycle.clone()))
}

/// What is asked about one finding: who holds the first of its things that is like most of them. Of what is
/// lost that is nobody.
fn asked(finding: &Finding, suspect: &Suspect, things: &[Survivor], classes: &[Reach]) -> Asked {
    let like_most = suspect.members.iter().find(|&&member| Some(classes[member]) == finding.reach);
    let too_low = suspect.per_run.iter().sum::<i64>() < 0;
    Asked {
        label: finding.object_label.clone(),
        address: like_most.map_or(suspect.address, |&member| things[member].address),
        too_low,
        skip: !too_low && finding.reach == Some(Reach::DefinitelyLost),
    }
}

/// What each culprit keeps alive.
fn victims(roles: &[Role]) -> FxHashMap<usize, Vec<usize>> {
    let mut victims: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
    for (number, role) in roles.iter().enumerate() {
        if let Role::Victim(culprit) = role {
            victims.entry(*culprit).or_default().push(number);
        }
    }
    victims
}

/// The class that most culprits of a site are in, and how many things are in each: what lost culprits keep
/// is lost with them.
fn class(suspect: &Suspect, classes: &[Reach], victims: &FxHashMap<usize, Vec<usize>>) -> (Option<Reach>, Reached) {
    let (mut reached, mut votes) = (Reached::default(), FxHashMap::<Reach, usize>::default());
    for &member in &suspect.members {
        let own = classes[member];
        *votes.entry(own).or_default() += 1;
        reached.add(own);
        for &victim in victims.get(&member).into_iter().flatten() {
            reached.add(if own.is_lost() { Reach::IndirectlyLost } else { classes[victim] });
        }
    }
    let most = votes.into_iter().max_by_key(|&(reach, votes)| (votes, core::cmp::Reverse(reach)));
    (most.map(|(reach, _)| reach), reached)
}
