use super::*;
use crate::analysis::{reached, retained};
use crate::heap::{Builder, Edges};
use proptest::prelude::*;

/// Builds a heap from (unexplained references, targets); node 0 first.
fn heap(objects: &[(u32, Vec<u64>)]) -> Heap {
    let address = |node: u64| 0x1000 + 0x10 * node;
    let mut counts: Vec<u32> = objects.iter().map(|(extra, _)| *extra).collect();
    objects.iter().flat_map(|(_, targets)| targets).for_each(|&target| counts[target as usize] += 1);
    let mut builder = Builder::new(Edges::Keep);
    for node in 0..objects.len() as u64 {
        builder.node(address(node));
    }
    for (count, (_, targets)) in counts.into_iter().zip(objects) {
        let (node, _) = builder.expand_next().expect("one node an object");
        builder.count(node, count);
        targets.iter().for_each(|&target| builder.edge_to(address(target)));
    }
    builder.finish()
}

fn parents(heap: &Heap) -> Vec<Option<NodeId>> {
    let tree = Dominators::of(&(heap, &Cut::default()));
    heap.nodes().map(|node| tree.parent(node)).collect()
}

#[test]
fn what_two_roots_share_has_no_dominator() {
    // 0 -> 2 -> 3, 1 -> 3, 3 -> 4
    let heap = heap(&[(1, vec![2]), (1, vec![3]), (0, vec![3]), (0, vec![4]), (0, vec![])]);
    assert_eq!(parents(&heap), [None, None, Some(0), None, Some(3)]);
}

#[test]
fn the_example_of_lengauer_and_tarjan() {
    // R A B C D E F G H I J K L of figure 1, as 0 to 12.
    let targets: [&[u64]; 13] =
        [&[1, 2, 3], &[4], &[1, 4, 5], &[6, 7], &[12], &[8], &[9], &[9, 10], &[5, 11], &[11], &[9], &[9, 0], &[8]];
    let objects: Vec<_> = targets.iter().enumerate().map(|(n, row)| (u32::from(n == 0), row.to_vec())).collect();
    let expected = [0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 7, 0, 4];
    let found: Vec<_> = parents(&heap(&objects)).into_iter().skip(1).collect();
    assert_eq!(found, expected[1..].iter().map(|&node| Some(node)).collect::<Vec<_>>());
}

#[test]
fn a_list_as_long_as_a_heap_needs_no_stack() {
    let size = 300_000u64;
    let objects: Vec<_> =
        (0..size).map(|n| (u32::from(n == 0), if n + 1 < size { vec![n + 1, n / 2] } else { vec![] })).collect();
    let heap = heap(&objects);
    let tree = Dominators::of(&(&heap, &Cut::default()));
    assert_eq!(tree.retained(|_| 1)[7], size - 7);
    assert_eq!(tree.parent(size as NodeId - 1), Some(size as NodeId - 2));
}

fn objects(size: usize) -> impl Strategy<Value = Vec<(u32, Vec<u64>)>> {
    let row = (prop::bool::weighted(0.15), prop::collection::vec(0..size as u64, 0..4));
    prop::collection::vec(row.prop_map(|(root, targets)| (u32::from(root), targets)), size)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// The definition: a node dominates what is not reached without it, and the nearest such node is the parent.
    #[test]
    fn a_dominator_is_what_nothing_is_reached_without(
        objects in (1usize..24).prop_flat_map(objects),
        closed in prop::option::of(0u32..24),
    ) {
        let heap = heap(&objects);
        let mut cut = Cut::default();
        closed.into_iter().for_each(|node| cut.close(node));
        let alive = reached(&heap, &cut);
        let without: Vec<Vec<bool>> = heap.nodes().map(|node| {
            let mut without = cut.clone();
            without.close(node);
            reached(&heap, &without)
        }).collect();
        let dominates = |a: NodeId, b: NodeId| a != b && !without[a as usize][b as usize];
        let tree = Dominators::of(&(&heap, &cut));
        for node in heap.nodes() {
            prop_assert_eq!(tree.reaches(node), alive[node as usize]);
            if alive[node as usize] {
                let above: Vec<NodeId> =
                    heap.nodes().filter(|&a| alive[a as usize] && dominates(a, node)).collect();
                let nearest = above.iter().copied().find(|&a| above.iter().all(|&b| a == b || dominates(b, a)));
                prop_assert_eq!(tree.parent(node), nearest);
            }
        }
    }

    /// The other way to the same sum: two marks for each node.
    #[test]
    fn what_is_retained_agrees_with_marking(objects in (1usize..60).prop_flat_map(objects)) {
        let heap = heap(&objects);
        let tree = Dominators::of(&(&heap, &Cut::default()));
        let weight = |node: NodeId| 3 + u64::from(node) * 7;
        let sums = tree.retained(weight);
        for node in heap.nodes() {
            let sum: u64 = retained(&heap, &[node]).into_iter().map(weight).sum();
            prop_assert_eq!(sums[node as usize], sum);
        }
    }
}
