//! Equal cycles as one: same fate, same types, same references.

use rustc_hash::FxHashMap;

use super::Circle;
use super::fate::Judge;
use super::view::View;
use crate::analysis::{Island, Via};
use crate::audit::stacks::{self, Share};
use crate::event::StackId;
use crate::findings::{Cycle, Fate, Kept, Retained, Step, without_number};
use crate::heap::NodeId;
use crate::sys::{self, Capture};

/// A step of one cycle in words.
#[derive(Debug, Clone)]
struct Words {
    what: String,
    type_name: String,
    by: String,
    hidden: bool,
}

type Key = (Fate, String, Vec<(String, String)>);

struct Group {
    path: Vec<NodeId>,
    words: Vec<Words>,
    members: Vec<Kept>,
    retained: Retained,
    count: u64,
    nodes: Vec<NodeId>,
}

pub(super) struct Groups<'a> {
    capture: &'a Capture,
    island: &'a Island,
    view: &'a View,
    groups: FxHashMap<Key, Group>,
}

impl<'a> Groups<'a> {
    pub(super) fn new(capture: &'a Capture, island: &'a Island, view: &'a View) -> Self {
        Self { capture, island, view, groups: FxHashMap::default() }
    }

    /// Adds a component, which the first of its cycles by name stands for.
    pub(super) fn add(
        &mut self,
        component: &[NodeId],
        fate: Fate,
        reason: String,
        paths: Vec<Vec<NodeId>>,
        judge: &mut Judge<'a>,
    ) {
        let named = paths.into_iter().map(|path| {
            let words = self.words(&path, judge);
            (key(&words), path, words)
        });
        let Some((steps, path, words)) = named.min_by(|a, b| a.0.cmp(&b.0)) else { return };
        if path.iter().any(|&node| sys::is_own(self.capture, self.capture.heap.address(node))) {
            return;
        }
        let members = self.members(component, judge);
        let group = self.groups.entry((fate, reason, steps)).or_insert_with(|| Group {
            path: Vec::new(),
            words: Vec::new(),
            members: Vec::new(),
            retained: Retained::default(),
            count: 0,
            nodes: Vec::new(),
        });
        group.count += 1;
        group.nodes.extend(component);
        // The largest stands for all.
        let bytes = |members: &[Kept]| members.iter().map(|kept| kept.bytes).sum::<u64>();
        if group.count == 1 || bytes(&members) > bytes(&group.members) {
            (group.path, group.words, group.members) = (path, words, members);
            let count = |node: NodeId| i64::from(self.view.facts(node).references.unwrap_or(u32::MAX));
            let kept = self.island.retained(component, count);
            group.retained = Retained {
                objects: kept.len() as u64,
                bytes: kept.iter().map(|&node| judge.describer.whole_size(node)).sum(),
            };
        }
    }

    fn words(&self, path: &[NodeId], judge: &mut Judge<'a>) -> Vec<Words> {
        let next = |number: usize| path[(number + 1) % path.len()];
        let steps = path.iter().enumerate().map(|(number, &node)| (node, next(number)));
        steps
            .map(|(from, to)| Words {
                what: judge.describer.thing(from),
                type_name: judge.describer.type_name(from),
                by: match judge.via(from, to) {
                    Some(Via::Block) => "other memory of it".into(),
                    _ => judge.describer.refers(from, to),
                },
                hidden: !self.view.is_seen(from, to),
            })
            .collect()
    }

    fn members(&self, component: &[NodeId], judge: &mut Judge<'a>) -> Vec<Kept> {
        let mut by_type: FxHashMap<String, (u64, u64)> = FxHashMap::default();
        for &node in component {
            let sums = by_type.entry(judge.describer.type_name(node)).or_default();
            *sums = (sums.0 + 1, sums.1 + judge.describer.whole_size(node));
        }
        let mut members: Vec<Kept> =
            by_type.into_iter().map(|(type_name, (count, bytes))| Kept { type_name, count, bytes }).collect();
        members.sort_by(|a, b| (b.bytes, &a.type_name).cmp(&(a.bytes, &b.type_name)));
        members
    }

    /// All of them: the worst fate first, then the most costly.
    pub(super) fn finish(self, subject: &str, scope: &[String]) -> Vec<Circle> {
        let Self { capture, view, groups, .. } = self;
        let shown: Vec<NodeId> = groups.values().flat_map(|group| group.path.iter().copied()).collect();
        let generations = sys::generations(capture, &shown);
        let mut circles: Vec<Circle> = groups
            .into_iter()
            .map(|((fate, reason, _), group)| {
                let steps = group
                    .path
                    .iter()
                    .zip(group.words)
                    .map(|(&node, words)| step(capture, view, node, words, generations.get(&node).copied(), scope));
                let steps = steps.collect();
                let cycle = Cycle {
                    subject: subject.into(),
                    fate,
                    reason,
                    count: group.count,
                    steps,
                    closed_by: 0,
                    members: group.members,
                    retained: group.retained,
                    message: String::new(),
                    fingerprint: String::new(),
                };
                Circle { cycle: cycle.told(), nodes: group.nodes }
            })
            .collect();
        let cost = |circle: &Circle| circle.cycle.count * circle.cycle.retained.bytes;
        circles
            .sort_by(|a, b| (a.cycle.fate, cost(b), &a.cycle.message).cmp(&(b.cycle.fate, cost(a), &b.cycle.message)));
        circles
    }
}

/// What makes cycles equal. People know functions, types and modules by name.
fn key(words: &[Words]) -> Vec<(String, String)> {
    const NAMED: [&str; 4] = ["function ", "builtin function ", "type ", "module "];
    let name = |step: &Words| match NAMED.iter().any(|kind| step.what.starts_with(kind)) {
        true => step.what.clone(),
        false => step.type_name.clone(),
    };
    words.iter().map(|step| (name(step), without_number(&step.by))).collect()
}

fn step(capture: &Capture, view: &View, node: NodeId, words: Words, generation: Option<u8>, scope: &[String]) -> Step {
    let birth = sys::birth(capture, node);
    let bytes = sys::Describer::new(capture).whole_size(node);
    let stack = birth.map(|block| block.stack).filter(|&stack| stack != StackId::NONE);
    let share = |stack| Share { stack, blocks: 1, bytes, stale: sys::may_be_stale(&words.type_name) };
    Step {
        site: stack.and_then(|stack| stacks::site(stack, scope)).map(|frame| stacks::with_source(frame, scope)),
        trace: stack.map(|stack| stacks::trace(share(stack), scope)),
        what: words.what,
        type_name: words.type_name,
        by: words.by,
        hidden: words.hidden,
        bytes,
        generation,
        finalizer: view.facts(node).finalizer.into(),
        weak_references: sys::weak_references(capture, node),
    }
}
