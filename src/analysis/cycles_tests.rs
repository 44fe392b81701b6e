//! Components, shortest cycles and what hangs off, on small graphs and against slow and obvious twins.

use proptest::prelude::*;

use super::*;

fn island(rows: &[Vec<usize>]) -> Island {
    let address = |node: usize| 0x1000 + 0x10 * node as u64;
    let mut builder = Builder::new(Edges::Keep);
    for node in 0..rows.len() {
        builder.node(address(node));
    }
    for row in rows {
        builder.expand_next();
        row.iter().for_each(|&target| builder.edge_to(address(target)));
    }
    let heap = builder.finish();
    let nodes = heap.nodes().collect();
    Island::new(&heap, &Hidden::default(), nodes)
}

#[test]
fn the_shortest_way_round_is_found() {
    // A ring of three with a short cut from the second to the first, and a leaf.
    let island = island(&[vec![1], vec![2, 0, 3], vec![0], vec![]]);
    let component = island.components();
    assert_eq!(component, [[0, 1, 2]]);
    assert_eq!(island.shortest(&component[0], &component[0]), [[0, 1], [1, 0]]);
    assert_eq!(island.shortest(&component[0], &[2]), [[2, 0, 1]]);
}

#[test]
fn a_node_that_refers_to_itself_is_a_cycle_of_one() {
    let island = island(&[vec![0, 1], vec![]]);
    assert_eq!(island.components(), [[0]]);
    assert_eq!(island.shortest(&[0], &[0]), [[0]]);
}

#[test]
fn what_two_cycles_share_goes_with_neither() {
    let island = island(&[vec![0, 2, 3], vec![1, 3], vec![], vec![4], vec![]]);
    let count = |node: NodeId| [1, 1, 1, 2, 1][node as usize];
    assert_eq!(island.retained(&[0], count), [0, 2]);
    assert_eq!(island.retained(&[0, 1], count), [0, 1, 2, 3, 4]);
}

proptest! {
    #[test]
    fn no_cycle_is_shorter(
        rows in (1usize..9).prop_flat_map(|size| {
            proptest::collection::vec(proptest::collection::vec(0..size, 0..4), size)
        })
    ) {
        let island = island(&rows);
        // Length of the shortest walk from each node to each other, by Floyd and Warshall.
        let size = rows.len();
        let step = |from: usize, to: usize| if rows[from].contains(&to) { 1 } else { usize::MAX / 4 };
        let mut walks: Vec<Vec<usize>> = (0..size).map(|from| (0..size).map(|to| step(from, to)).collect()).collect();
        for middle in 0..size {
            for from in 0..size {
                for to in 0..size {
                    walks[from][to] = walks[from][to].min(walks[from][middle] + walks[middle][to]);
                }
            }
        }
        for component in island.components() {
            let expected = component.iter().map(|&node| walks[node as usize][node as usize]).min();
            for cycle in island.shortest(&component, &component) {
                prop_assert_eq!(Some(cycle.len()), expected);
                for (number, &node) in cycle.iter().enumerate() {
                    let next = cycle[(number + 1) % cycle.len()];
                    prop_assert!(island.targets(node).any(|target| target == next));
                }
            }
        }
    }
}
