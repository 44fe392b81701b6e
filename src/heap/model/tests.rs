use proptest::prelude::*;

use super::*;

fn heap() -> ModelHeap {
    ModelHeap::new(Rules::of(12))
}

fn node(heap: &mut ModelHeap) -> Id {
    heap.alloc(Spec::default())
}

fn with(heap: &mut ModelHeap, finalizer: &str, legacy_del: bool) -> Id {
    let finalizer = Some(Finalizer::parse(finalizer).expect("a finalizer"));
    heap.alloc(Spec { finalizer, legacy_del, ..Spec::default() })
}

/// Two objects that refer to each other and that nobody owns.
fn cycle(heap: &mut ModelHeap, one: Id, two: Id) {
    heap.link(one, two, "next", false).expect("both are alive");
    heap.link(two, one, "next", false).expect("both are alive");
    heap.decref(one).expect("owned");
    heap.decref(two).expect("owned");
}

fn happened(heap: &ModelHeap, what: What) -> Vec<Id> {
    heap.events().iter().filter(|event| event.what == what).map(|event| event.id).collect()
}

#[test]
fn the_last_reference_frees_at_once_and_in_order() {
    let mut heap = heap();
    let (root, left, right, leaf) = (node(&mut heap), node(&mut heap), node(&mut heap), node(&mut heap));
    for (from, to, name) in [(root, left, "left"), (root, right, "right"), (left, leaf, "leaf")] {
        heap.link(from, to, name, false).expect("alive");
        heap.decref(to).expect("owned");
    }
    heap.decref(root).expect("owned");
    assert_eq!(happened(&heap, What::Freed), [root, left, leaf, right]);
    assert!(heap.is_empty());
}

#[test]
fn slots_say_in_which_order_references_are_dropped() {
    let mut heap = heap();
    let root = heap.alloc(Spec { slots: vec!["a".into(), "b".into()], ..Spec::default() });
    let (a, b) = (node(&mut heap), node(&mut heap));
    for (to, name) in [(b, "b"), (a, "a")] {
        heap.link(root, to, name, false).expect("a slot");
        heap.decref(to).expect("owned");
    }
    assert!(matches!(heap.link(root, root, "c", false), Err(Misuse::NoSlot { .. })));
    heap.decref(root).expect("owned");
    assert_eq!(happened(&heap, What::Freed), [root, a, b]);
}

#[test]
fn a_cycle_waits_for_the_collector_of_its_generation() {
    let mut heap = heap();
    let (one, two) = (node(&mut heap), node(&mut heap));
    heap.collect(0).expect("a generation");
    assert_eq!(heap.generation(one), Ok(Some(1)));
    cycle(&mut heap, one, two);
    assert_eq!(heap.len(), 2);
    heap.collect(0).expect("a generation");
    assert_eq!(heap.len(), 2);
    heap.collect(1).expect("a generation");
    // `tp_clear` of the first one lets go of the second one, which then frees it.
    assert_eq!(happened(&heap, What::Freed), [two, one]);
}

#[test]
fn a_chain_of_a_million_is_no_recursion() {
    let mut heap = ModelHeap::new(Rules::of(12));
    heap.set_enabled(false);
    let first = node(&mut heap);
    let mut last = first;
    for _ in 0..1_000_000 {
        let next = with(&mut heap, "runs", false);
        heap.link(last, next, "next", false).expect("alive");
        heap.decref(next).expect("owned");
        last = next;
    }
    heap.decref(first).expect("owned");
    assert!(heap.is_empty());
}

#[test]
fn what_the_collector_cannot_see_stays() {
    let mut heap = heap();
    let (hidden, target) = (node(&mut heap), node(&mut heap));
    heap.link(hidden, target, "field", true).expect("alive");
    heap.link(target, hidden, "back", false).expect("alive");
    let (blind, seen) = (heap.alloc(Spec { gc: false, ..Spec::default() }), node(&mut heap));
    [hidden, target].into_iter().for_each(|id| heap.decref(id).expect("owned"));
    cycle(&mut heap, blind, seen);
    heap.collect(2).expect("a generation");
    assert_eq!(heap.len(), 4);
    assert_eq!(heap.generation(blind), Ok(None));
}

#[test]
fn a_cycle_without_tp_clear_stays_and_one_member_with_it_is_enough() {
    let mut heap = heap();
    let bare = || Spec { clear: false, ..Spec::default() };
    let (one, two, three) = (heap.alloc(bare()), heap.alloc(bare()), heap.alloc(bare()));
    let four = node(&mut heap);
    cycle(&mut heap, one, two);
    cycle(&mut heap, three, four);
    heap.collect(2).expect("a generation");
    assert_eq!(happened(&heap, What::Freed), [three, four]);
}

#[test]
fn a_finalizer_runs_once_and_what_it_brings_back_is_freed_the_second_time() {
    let mut heap = heap();
    let (phoenix, friend) = (with(&mut heap, "resurrects", false), node(&mut heap));
    cycle(&mut heap, phoenix, friend);
    heap.collect(2).expect("a generation");
    assert_eq!(happened(&heap, What::Resurrected), [phoenix, friend]);
    assert_eq!(heap.unexplained(phoenix), Ok(1));
    heap.decref(phoenix).expect("resurrected");
    heap.collect(2).expect("a generation");
    assert_eq!(happened(&heap, What::Finalized), [phoenix]);
    assert!(heap.is_empty());
}

#[test]
fn without_the_collectors_flag_a_finalizer_runs_each_time() {
    let mut heap = heap();
    let finalizer = Finalizer::parse("resurrects").ok();
    let id = heap.alloc(Spec { gc: false, finalizer, ..Spec::default() });
    for _ in 0..3 {
        heap.decref(id).expect("alive");
    }
    assert_eq!(happened(&heap, What::Finalized), [id, id, id]);
}

#[test]
fn legacy_finalizers_end_in_garbage_and_what_they_reach_stays() {
    let mut heap = heap();
    let (old, friend, other) = (with(&mut heap, "runs", true), node(&mut heap), node(&mut heap));
    heap.link(friend, other, "other", false).expect("alive");
    heap.decref(other).expect("owned");
    cycle(&mut heap, old, friend);
    heap.collect(2).expect("a generation");
    assert_eq!(heap.garbage(), [old]);
    assert_eq!(heap.len(), 3);
    heap.unlink(old, "next").expect("its edge");
    assert_eq!(happened(&heap, What::Freed), [friend, other]);
    heap.clear_garbage();
    assert_eq!(happened(&heap, What::Deleted), [old]);
    assert!(heap.is_empty());
}

#[test]
fn a_legacy_finalizer_that_ran_meanwhile_is_no_garbage() {
    let mut heap = heap();
    let (phoenix, holder) = (with(&mut heap, "resurrects", true), node(&mut heap));
    heap.link(holder, holder, "me", false).expect("alive");
    heap.link(holder, phoenix, "it", false).expect("alive");
    [phoenix, holder].into_iter().for_each(|id| heap.decref(id).expect("owned"));
    heap.collect(2).expect("a generation");
    assert_eq!(happened(&heap, What::Resurrected), [phoenix]);
    assert!(heap.garbage().is_empty());
    assert_eq!(heap.generation(phoenix), Ok(Some(0)));
}

#[test]
fn callbacks_run_before_finalizers_in_a_collection_and_after_them_otherwise() {
    for by_collector in [true, false] {
        let mut heap = heap();
        let id = with(&mut heap, "runs", false);
        let weakref = heap.weakref(id, true).expect("alive");
        if by_collector {
            heap.link(id, id, "me", false).expect("alive");
        }
        heap.decref(id).expect("owned");
        heap.collect(2).expect("a generation");
        let order: Vec<What> = heap.events().iter().map(|event| event.what).collect();
        let at = |what| order.iter().position(|&other| other == what).expect("it happened");
        assert_eq!(at(What::Callback) < at(What::Finalized), by_collector);
        assert_eq!(heap.referent(weakref), None);
        assert_eq!(happened(&heap, What::Freed), [id]);
    }
}

#[test]
fn a_weak_reference_that_is_trash_itself_does_not_call_back() {
    let mut heap = heap();
    let (one, two) = (node(&mut heap), node(&mut heap));
    let weakref = heap.weakref(one, true).expect("alive");
    heap.link(two, weakref, "ref", false).expect("alive");
    heap.decref(weakref).expect("owned");
    cycle(&mut heap, one, two);
    heap.collect(2).expect("a generation");
    assert!(happened(&heap, What::Callback).is_empty() && heap.is_empty());
}

#[test]
fn weak_references_without_callback_are_shared_and_called_newest_first() {
    let mut heap = heap();
    let id = node(&mut heap);
    let shared = heap.weakref(id, false).expect("alive");
    assert_eq!(heap.weakref(id, false), Ok(shared));
    let (first, second) = (heap.weakref(id, true).expect("alive"), heap.weakref(id, true).expect("alive"));
    assert_eq!(heap.weakrefs(id), [shared, second, first]);
    heap.decref(id).expect("owned");
    assert_eq!(happened(&heap, What::Callback), [second, first]);
}

#[test]
fn free_lists_give_addresses_out_again_up_to_their_capacity() {
    let mut heap = heap();
    let spec = || Spec { free_list: "float".into(), gc: false, ..Spec::default() };
    heap.set_free_list("float", 1);
    let (one, two) = (heap.alloc(spec()), heap.alloc(spec()));
    let address = heap.address(one);
    [one, two].into_iter().for_each(|id| heap.decref(id).expect("owned"));
    let (three, four) = (heap.alloc(spec()), heap.alloc(spec()));
    assert_eq!(heap.address(three), address);
    assert_ne!(heap.address(four), heap.address(two));
    assert_eq!(heap.is_alive(one), Ok(false));
    heap.decref(three).expect("owned");
    heap.collect(2).expect("a generation");
    assert!(heap.free_list("float").is_empty());
}

#[test]
fn immortal_objects_have_no_count_and_are_never_freed() {
    let mut heap = heap();
    let none = heap.alloc(Spec { immortal: true, gc: false, ..Spec::default() });
    for _ in 0..3 {
        heap.decref(none).expect("immortal");
    }
    assert_eq!((heap.references(none), heap.unexplained(none)), (Ok(None), Ok(0)));
    assert!(heap.is_alive(none).expect("known"));
}

#[test]
fn misuse_is_told_apart() {
    let mut heap = heap();
    let (one, two) = (node(&mut heap), node(&mut heap));
    heap.decref(one).expect("owned");
    for error in [heap.decref(one), heap.incref(one), heap.link(two, one, "a", false)] {
        assert_eq!(error, Err(Misuse::Freed { id: one, kind: "object".into() }));
    }
    assert_eq!(heap.decref(Id(9)), Err(Misuse::Unknown(Id(9))));
    assert_eq!(heap.collect(3), Err(Misuse::Generation(3)));
    assert!(matches!(heap.unlink(two, "a"), Err(Misuse::NoEdge { .. })));
    heap.link(two, two, "a", false).expect("alive");
    assert!(matches!(heap.link(two, two, "a", false), Err(Misuse::EdgeTaken { .. })));
    for wrong in ["", "explodes", "drops ", "drops"] {
        assert!(matches!(Finalizer::parse(wrong), Err(Misuse::Finalizer(_))), "{wrong}");
    }
}

#[test]
fn one_release_too_many_leaves_a_dangling_reference() {
    let mut heap = heap();
    let (holder, victim) = (node(&mut heap), node(&mut heap));
    heap.link(holder, victim, "it", false).expect("alive");
    heap.decref(victim).expect("owned");
    heap.decref(victim).expect("counted, though it is the holder's");
    heap.collect(2).expect("a generation");
    heap.decref(holder).expect("owned");
    assert_eq!(happened(&heap, What::Dangling), [victim]);
}

#[test]
fn young_objects_are_collected_more_often_and_full_collections_wait() {
    let mut heap = heap();
    heap.set_thresholds([9, 1, 1]);
    for _ in 0..4000 {
        node(&mut heap);
    }
    let run = |generation| happened(&heap, What::Collection).iter().filter(|id| id.0 == generation).count();
    assert!(run(0) > run(1) && run(1) > run(2) && run(2) > 0, "{} {} {}", run(0), run(1), run(2));
    // All survive, so each full collection needs a quarter more than the one before.
    assert!(run(2) < run(1) / 2);
    assert_eq!((Rules::of(12).thresholds[0], Rules::of(13).thresholds[0]), (700, 2000));
}

#[derive(Debug, Clone)]
enum Step {
    Alloc(bool),
    Link(usize, usize, u8),
    Unlink(usize, u8),
    Decref(usize),
    Weakref(usize, bool),
    Collect(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let object = 0usize..12;
    let step = prop_oneof![
        3 => any::<bool>().prop_map(Step::Alloc),
        4 => (object.clone(), object.clone(), 0u8..3).prop_map(|(from, to, name)| Step::Link(from, to, name)),
        2 => (object.clone(), 0u8..3).prop_map(|(from, name)| Step::Unlink(from, name)),
        2 => object.clone().prop_map(Step::Decref),
        1 => (object, any::<bool>()).prop_map(|(id, callback)| Step::Weakref(id, callback)),
        1 => (0usize..3).prop_map(Step::Collect),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    /// Counts are what owners and edges say, a full collection leaves what marks from the roots reach, and
    /// nothing is freed twice.
    #[test]
    fn books_balance(steps in steps()) {
        let mut heap = heap();
        let mut owned: Vec<Id> = Vec::new();
        for step in steps {
            let own = |at: usize| owned.get(at % owned.len().max(1)).copied();
            match step {
                Step::Alloc(_) if owned.len() >= 12 => {}
                Step::Alloc(finalizer) => owned.push(if finalizer { with(&mut heap, "runs", false) } else { node(&mut heap) }),
                Step::Link(from, to, name) => if let (Some(from), Some(to)) = (own(from), own(to)) {
                    let _ = heap.link(from, to, &name.to_string(), false);
                },
                Step::Unlink(from, name) => if let Some(from) = own(from) { let _ = heap.unlink(from, &name.to_string()); },
                Step::Decref(at) => if let Some(id) = own(at) {
                    owned.remove(at % owned.len());
                    heap.decref(id).expect("owned");
                },
                Step::Weakref(at, callback) => if let Some(id) = own(at) { owned.push(heap.weakref(id, callback).expect("alive")); },
                Step::Collect(generation) => heap.collect(generation).expect("a generation"),
            }
            for id in heap.alive() {
                let count = owned.iter().filter(|&&other| other == id).count() as i64;
                prop_assert_eq!(heap.unexplained(id), Ok(count));
            }
        }
        heap.collect(2).expect("a generation");
        let mut reached = owned.clone();
        let mut next = 0;
        while let Some(&id) = reached.get(next) {
            next += 1;
            for edge in heap.edges(id).expect("reached, so alive") {
                if !reached.contains(&edge.to) { reached.push(edge.to); }
            }
        }
        reached.sort_unstable();
        reached.dedup();
        prop_assert_eq!(heap.alive().collect::<Vec<_>>(), reached);
        let mut freed = happened(&heap, What::Freed);
        let all = freed.len();
        freed.sort_unstable();
        freed.dedup();
        prop_assert_eq!(freed.len(), all);
    }
}
