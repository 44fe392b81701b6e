//! Each rule by an example, and all of them together against their definitions.

use super::Reach::{DefinitelyLost, IndirectlyLost, PossiblyLost, StillReachable};
use super::*;
use crate::heap::{Builder, Edges};
use proptest::prelude::*;

fn address(node: usize) -> u64 {
    0x1000 + 0x10 * node as u64
}

fn block(number: usize) -> u64 {
    0x10_0000 + 0x100 * number as u64
}

/// Builds a heap from (references beside those of the heap, targets); node 0 first.
fn heap(objects: &[(u32, Vec<usize>)]) -> Heap {
    let mut builder = Builder::new(Edges::Keep);
    for node in 0..objects.len() {
        builder.node(address(node));
    }
    for (number, (extra, targets)) in objects.iter().enumerate() {
        let (node, _) = builder.expand_next().expect("one node an object");
        let referred = objects.iter().flat_map(|(_, targets)| targets).filter(|&&to| to == number).count();
        builder.count(node, extra + referred as u32);
        targets.iter().for_each(|&target| builder.edge_to(address(target)));
    }
    builder.finish()
}

fn object(node: usize) -> Survivor {
    Survivor { address: address(node), node: Some(node as NodeId), run: 0, native: false }
}

fn native(number: usize) -> Survivor {
    Survivor { address: block(number), node: None, run: 0, native: true }
}

fn in_native(number: usize) -> Place {
    Place::Native { address: block(number) }
}

const STATIC: Place = Place::Static { address: 0x9000 };

#[test]
fn a_lost_list_is_lost_definitely_and_its_items_indirectly() {
    let heap = heap(&[(1, vec![1]), (0, vec![])]);
    assert_eq!(reach(&heap, &[object(0), object(1)], &[]), [DefinitelyLost, IndirectlyLost]);
    // An item with a reference of its own would not go with the list.
    let heap = self::heap(&[(1, vec![1]), (1, vec![])]);
    assert_eq!(reach(&heap, &[object(0), object(1)], &[]), [DefinitelyLost, DefinitelyLost]);
}

#[test]
fn every_member_of_a_lost_cycle_is_lost_definitely() {
    let heap = heap(&[(0, vec![1]), (1, vec![0, 2]), (0, vec![])]);
    let survivors = [object(0), object(1), object(2)];
    assert_eq!(reach(&heap, &survivors, &[]), [DefinitelyLost, DefinitelyLost, IndirectlyLost]);
}

#[test]
fn what_was_there_before_holds() {
    let heap = heap(&[(1, vec![1]), (0, vec![])]);
    assert_eq!(reach(&heap, &[object(1)], &[]), [StillReachable]);
    // Unless only the survivor leads there.
    let heap = self::heap(&[(1, vec![1]), (0, vec![2]), (0, vec![])]);
    assert_eq!(reach(&heap, &[object(0), object(2)], &[]), [DefinitelyLost, IndirectlyLost]);
}

#[test]
fn a_static_a_stack_and_a_block_of_theirs_hold() {
    let heap = heap(&[(1, vec![])]);
    for place in [STATIC, Place::Stack { thread: 1, address: 0x7000 }] {
        assert_eq!(reach(&heap, &[object(0)], &[Pointer::to_start(address(0), place)]), [StillReachable]);
        let words = [Pointer::to_start(address(0), in_native(0)), Pointer::to_start(block(0), place)];
        assert_eq!(reach(&heap, &[object(0)], &words), [StillReachable]);
    }
}

#[test]
fn a_hidden_field_holds_as_long_as_its_object_is_held() {
    let word = |node| Pointer::to_start(address(1), Place::Field { node, offset: 16 });
    let held = heap(&[(1, vec![]), (1, vec![])]);
    assert_eq!(reach(&held, &[object(1)], &[word(0)]), [StillReachable]);
    assert_eq!(reach(&held, &[object(0), object(1)], &[word(0)]), [DefinitelyLost, IndirectlyLost]);
    // A wrapper and a block that know each other.
    let both = [
        Pointer::to_start(block(0), Place::Field { node: 0, offset: 16 }),
        Pointer::to_start(address(0), in_native(0)),
    ];
    assert_eq!(reach(&held, &[object(0), native(0)], &both), [DefinitelyLost; 2]);
}

#[test]
fn memory_that_nothing_points_to_may_only_borrow() {
    let heap = heap(&[(1, vec![1]), (0, vec![])]);
    let words = [Pointer::to_start(address(0), in_native(0))];
    assert_eq!(reach(&heap, &[object(0), object(1)], &words), [PossiblyLost; 2]);
    assert_eq!(reach(&heap, &[object(0), native(0)], &words), [PossiblyLost, DefinitelyLost]);
    let chain = [words[0], Pointer::to_start(block(0), in_native(1))];
    let survivors = [object(0), native(0), native(1)];
    assert_eq!(reach(&heap, &survivors, &chain), [PossiblyLost, IndirectlyLost, DefinitelyLost]);
}

#[test]
fn a_pointer_into_the_middle_is_a_possibility() {
    let heap = heap(&[(1, vec![])]);
    let inside = |place| Pointer { target: block(0), place, interior: true };
    let word = Pointer::to_start(address(0), in_native(0));
    assert_eq!(reach(&heap, &[object(0), native(0)], &[word, inside(STATIC)]), [PossiblyLost; 2]);
    let start = Pointer::to_start(block(0), STATIC);
    assert_eq!(reach(&heap, &[object(0), native(0)], &[word, inside(STATIC), start]), [StillReachable; 2]);
}

/// The definitions word for word, on a matrix of who reaches whom.
fn naive(objects: &[(u32, Vec<usize>)], old: usize, blocks: usize, words: &[(usize, usize, bool)]) -> Vec<Reach> {
    let (nodes, size) = (objects.len(), objects.len() + blocks);
    let is_word = |from, to| words.iter().any(|&(f, t, _)| (f, t) == (from, to));
    let edge = |from: usize, to: usize| (from < nodes && objects[from].1.contains(&to)) || is_word(from, to);
    let exact =
        |from: usize, to: usize| (from < nodes && objects[from].1.contains(&to)) || words.contains(&(from, to, false));
    // `size` stands for the statics.
    let root = |v: usize| words.contains(&(size, v, false)) || (v < old && objects[v].0 > 0);
    let mut still: Vec<bool> = (0..size).map(root).collect();
    for _ in 0..size {
        for to in 0..size {
            still[to] |= (0..size).any(|from| still[from] && exact(from, to));
        }
    }
    let mut paths = vec![vec![false; size]; size];
    for _ in 0..size {
        for (from, to) in (0..size).flat_map(|from| (0..size).map(move |to| (from, to))) {
            let lost = !still[from] && !still[to];
            paths[from][to] = lost && (edge(from, to) || (0..size).any(|by| paths[from][by] && edge(by, to)));
        }
    }
    let first = |v: usize| !still[v] && (0..size).all(|from| !paths[from][v] || paths[v][from]);
    let is_alone = |v: usize| v >= nodes && first(v) && (0..nodes).all(|from| !paths[from][v]);
    let mut alone: Vec<bool> = (0..size).map(is_alone).collect();
    for _ in 0..size {
        for to in nodes..size {
            alone[to] |= (0..size).any(|from| alone[from] && !still[to] && edge(from, to));
        }
    }
    let inside = |v: usize| words.contains(&(size, v, true)) || (0..size).any(|f| still[f] && is_word(f, v));
    let maybe = |v: usize| inside(v) || (v < nodes && (0..size).any(|from| alone[from] && edge(from, v)));
    let mut possible: Vec<bool> = (0..size).map(|v| !still[v] && maybe(v)).collect();
    for _ in 0..size {
        for to in 0..size {
            possible[to] |= !still[to] && (0..size).any(|from| possible[from] && edge(from, to));
        }
    }
    let class = |v: usize| {
        let to = words.iter().filter(|&&(from, to, _)| to == v && from != v && from < size).count();
        match (still[v], possible[v], first(v) || (v < nodes && objects[v].0 as usize > to)) {
            (true, ..) => StillReachable,
            (_, true, _) => PossiblyLost,
            (.., true) => DefinitelyLost,
            _ => IndirectlyLost,
        }
    };
    (old..size).map(class).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn it_agrees_with_the_definitions(
        objects in prop::collection::vec((0u32..3, prop::collection::vec(0usize..7, 0..3)), 7),
        old in 0usize..3,
        words in prop::collection::vec((0usize..12, 0usize..11, prop::bool::weighted(0.2)), 0..9),
    ) {
        const NODES: usize = 7;
        const BLOCKS: usize = 4;
        // Only blocks have a middle.
        let words: Vec<_> = words.into_iter().map(|(from, to, inside)| (from, to, inside && to >= NODES)).collect();
        let heap = heap(&objects);
        let vertex = |v: usize| if v < NODES { address(v) } else { block(v - NODES) };
        let place = |v: usize| match v {
            ..NODES => Place::Field { node: v as NodeId, offset: 16 },
            11 => STATIC,
            _ => in_native(v - NODES),
        };
        let pointers: Vec<Pointer> = words.iter()
            .map(|&(from, to, interior)| Pointer { target: vertex(to), place: place(from), interior }).collect();
        let survivors: Vec<Survivor> = (old..NODES).map(object).chain((0..BLOCKS).map(native)).collect();
        prop_assert_eq!(reach(&heap, &survivors, &pointers), naive(&objects, old, BLOCKS, &words));
    }
}
