//! The table of dominators: a tree of single things, summed up by type.

use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::dominators::Nodes;
use crate::analysis::Dominators;
use crate::event::Domain;
use crate::findings::{Dominator, Retained};
use crate::heap::NodeId;
use crate::sys::Describer;

/// Rows of a table.
const MOST_ROWS: usize = 200;
/// Rows below one row, and at the top, before the rest is folded into one.
const MOST_BELOW: usize = 12;
const MOST_AT_THE_TOP: usize = 40;
/// Levels of the tree.
const DEPTH: usize = 6;
/// Name of a row that stands for those which were folded.
const OTHER: &str = "other";

/// What survives, each thing below the one that alone keeps it alive.
pub(super) struct Rows<'a, 'capture> {
    nodes: &'a Nodes<'a>,
    describer: &'a mut Describer<'capture>,
    shallow: Vec<u64>,
    bytes: Vec<u64>,
    objects: Vec<u64>,
    /// Nodes of each group; the groups are numbered after all other nodes.
    groups: &'a [Vec<NodeId>],
    group_of: FxHashMap<NodeId, NodeId>,
    below: FxHashMap<NodeId, Vec<NodeId>>,
    top: Vec<NodeId>,
}

/// A row in the making.
struct Row {
    parent: Option<usize>,
    depth: usize,
    name: String,
    label: String,
    count: u64,
    shallow: u64,
    retained: Retained,
    /// What the row stands for, and what its members retain together.
    things: Vec<NodeId>,
}

impl<'a, 'capture> Rows<'a, 'capture> {
    pub(super) fn new(
        nodes: &'a Nodes<'a>,
        tree: &Dominators,
        groups: &'a [Vec<NodeId>],
        describer: &'a mut Describer<'capture>,
    ) -> Self {
        let size = nodes.size() + groups.len();
        let first = nodes.size() as NodeId;
        let numbered = groups.iter().zip(first..);
        let group_of = numbered.flat_map(|(members, group)| members.iter().map(move |&member| (member, group)));
        let group_of: FxHashMap<NodeId, NodeId> = group_of.collect();
        let (mut below, mut top): (FxHashMap<NodeId, Vec<NodeId>>, Vec<NodeId>) = Default::default();
        let (mut shallow, mut objects) = (vec![0u64; size], vec![0u64; size]);
        for node in tree.nodes() {
            let parent = tree.parent(node).filter(|&parent| parent >= first || objects[parent as usize] > 0);
            match parent {
                Some(parent) => below.entry(parent).or_default().push(node),
                None if nodes.born.contains(&node) || node >= first => top.push(node),
                None => continue,
            }
            if node < first {
                objects[node as usize] = 1;
                shallow[node as usize] =
                    nodes.block(node).map_or_else(|| describer.whole_size(node), |born| born.block.size);
            }
        }
        let bytes = tree.retained(|node| shallow[node as usize]);
        let objects = tree.retained(|node| objects[node as usize]);
        Self { nodes, describer, shallow, bytes, objects, groups, group_of, below, top }
    }

    /// What lives through a node, or a group, alone.
    pub(super) fn retained(&self, node: NodeId) -> Retained {
        Retained { objects: self.objects[node as usize], bytes: self.bytes[node as usize] }
    }

    /// The table: the most costly rows first, each after the one above it.
    pub(super) fn table(&mut self) -> Vec<Dominator> {
        let top = core::mem::take(&mut self.top);
        let mut rows = self.rows(None, 0, &top, MOST_AT_THE_TOP);
        let mut due: BinaryHeap<(u64, core::cmp::Reverse<usize>)> =
            rows.iter().enumerate().map(|(number, row)| (row.retained.bytes, core::cmp::Reverse(number))).collect();
        while let Some((_, core::cmp::Reverse(number))) = due.pop() {
            let depth = rows[number].depth + 1;
            let room = MOST_ROWS.saturating_sub(rows.len()).min(MOST_BELOW);
            if depth >= DEPTH || room < 2 {
                continue;
            }
            let things = core::mem::take(&mut rows[number].things);
            let below: Vec<NodeId> =
                things.iter().filter_map(|thing| self.below.get(thing)).flatten().copied().collect();
            for row in self.rows(Some(number), depth, &below, room) {
                due.push((row.retained.bytes, core::cmp::Reverse(rows.len())));
                rows.push(row);
            }
        }
        in_order(rows)
    }

    /// Things side by side as rows, the most costly first; the last of too many is for all others.
    fn rows(&mut self, parent: Option<usize>, depth: usize, things: &[NodeId], most: usize) -> Vec<Row> {
        let mut found: FxHashMap<(Option<NodeId>, String), Row> = FxHashMap::default();
        for &thing in things {
            // A group is one row, together with what its members share.
            let group = (thing as usize).checked_sub(self.nodes.size()).map(|number| &self.groups[number]);
            let Some(&one) = group.map_or(Some(&thing), |members| members.first()) else { continue };
            let name = self.name(one);
            let key = (group.map(|_| thing), name.clone());
            let row = found.entry(key).or_insert_with(|| Row {
                parent,
                depth,
                name,
                label: String::new(),
                count: 0,
                shallow: 0,
                retained: Retained::default(),
                things: Vec::new(),
            });
            let members = group.map_or(core::slice::from_ref(&thing), Vec::as_slice);
            row.count += members.len() as u64;
            row.shallow += members.iter().map(|&member| self.shallow[member as usize]).sum::<u64>();
            row.retained += Retained { objects: self.objects[thing as usize], bytes: self.bytes[thing as usize] };
            row.things.extend(members);
            if group.is_some() {
                let shared = self.below.get(&thing).into_iter().flatten();
                let shared: Vec<NodeId> = shared.copied().filter(|node| !self.group_of.contains_key(node)).collect();
                self.below.entry(one).or_default().extend(shared);
            }
        }
        let mut rows: Vec<Row> = found.into_values().collect();
        rows.sort_by(|a, b| {
            (b.retained.bytes, b.retained.objects, &a.name, a.things.first()).cmp(&(
                a.retained.bytes,
                a.retained.objects,
                &b.name,
                b.things.first(),
            ))
        });
        for row in rows.iter_mut().take(most) {
            row.label = row.things.first().map_or_else(String::new, |&thing| self.label(thing));
        }
        fold(&mut rows, most);
        rows
    }
    fn name(&mut self, node: NodeId) -> String {
        match self.nodes.block(node) {
            // Blocks of any size are one row: hundreds of rows of one size each tell nothing.
            Some(born) if born.block.domain == Domain::Native => format!("{} block", born.block.route.name()),
            Some(born) => format!("block of the {} domain", born.block.domain.name()),
            None => self.describer.type_name(node),
        }
    }

    fn label(&self, node: NodeId) -> String {
        match self.nodes.block(node) {
            Some(born) => format!("{} byte{}", born.block.size, if born.block.size == 1 { "" } else { "s" }),
            None => self.describer.label(node),
        }
    }
}

/// Makes one row of all those that there is no room for.
fn fold(rows: &mut Vec<Row>, most: usize) {
    if rows.len() <= most {
        return;
    }
    let mut other = Row { name: OTHER.into(), label: String::new(), things: Vec::new(), ..rows.remove(most - 1) };
    for row in rows.drain(most - 1..) {
        other.count += row.count;
        other.shallow += row.shallow;
        other.retained += row.retained;
    }
    rows.push(other);
}

/// The rows with each below its parent, the most costly first, and `other` last.
fn in_order(rows: Vec<Row>) -> Vec<Dominator> {
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); rows.len() + 1];
    // Rows side by side were made together, in order.
    rows.iter().enumerate().for_each(|(number, row)| below[row.parent.map_or(0, |parent| parent + 1)].push(number));
    let mut table: Vec<Dominator> = Vec::with_capacity(rows.len());
    let mut due: Vec<(usize, Option<u32>)> = below[0].iter().rev().map(|&number| (number, None)).collect();
    while let Some((number, parent)) = due.pop() {
        let (row, place) = (&rows[number], table.len() as u32);
        due.extend(below[number + 1].iter().rev().map(|&number| (number, Some(place))));
        table.push(Dominator {
            parent,
            type_name: row.name.clone(),
            label: row.label.clone(),
            count: row.count,
            shallow: row.shallow,
            retained: row.retained,
        });
    }
    table
}
