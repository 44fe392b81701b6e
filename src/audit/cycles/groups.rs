//! Equal cycles as one: same fate, same types, same references.

use rustc_hash::FxHashMap;

use super::Circle;
use super::fate::Judge;
use super::view::View;
use crate::analysis::{Island, Via};
use crate::audit::stacks::{self, Share};
use crate::event::StackId;
use crate::findings::{Cycle, Fate, Kept, Retained, Step, known_as, without_number};
use crate::heap::NodeId;
use crate::sys::{self, Capture};

/// Of so many equal cycles the largest is looked for.
const MOST_COMPARED: u64 = 1000;

/// A step of one cycle in words.
#[derive(Debug, Clone)]
struct Words {
    what: String,
    type_name: String,
    by: String,
    hidden: bool,
    bytes: u64,
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
        let (island, view) = (self.island, self.view);
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
        if group.count > MOST_COMPARED {
            return;
        }
        let count = |node: NodeId| i64::from(view.facts(node).references.unwrap_or(u32::MAX));
        let kept = island.retained(component, count);
        let bytes = kept.iter().map(|&node| judge.describer.whole_size(node)).sum();
        // The largest stands for all.
        if group.count == 1 || bytes > group.retained.bytes {
            (group.path, group.words, group.members) = (path, words, members(component, judge));
            group.retained = Retained { objects: kept.len() as u64, bytes };
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
                bytes: judge.describer.whole_size(from),
            })
            .collect()
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

/// Members of a component by type, the most costly first.
fn members(component: &[NodeId], judge: &mut Judge<'_>) -> Vec<Kept> {
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

/// What makes cycles equal.
fn key(words: &[Words]) -> Vec<(String, String)> {
    let name = |step: &Words| known_as(&step.what, &step.type_name).to_owned();
    words.iter().map(|step| (name(step), without_number(&step.by))).collect()
}

fn step(capture: &Capture, view: &View, node: NodeId, words: Words, generation: Option<u8>, scope: &[String]) -> Step {
    let birth = sys::birth(capture, node);
    let stack = birth.map(|block| block.stack).filter(|&stack| stack != StackId::NONE);
    let bytes = words.bytes;
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
