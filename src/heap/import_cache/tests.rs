//! The truth table, as the machine tells it.

use super::*;

fn plain(minor: u8, kind: ModuleKind) -> Machine {
    Machine::new(minor, Shape::of(kind))
}

fn dropped(machine: &mut Machine) {
    machine.delete(0);
    machine.drop_local(0);
    machine.collect(0);
}

fn every() -> impl Iterator<Item = (u8, ModuleKind)> {
    (10..=15)
        .flat_map(|minor| ModuleKind::KNOWN.map(|kind| (minor, kind)))
        .filter(|(minor, kind)| *minor >= kind.since())
}

#[test]
fn what_unloads_is_the_same_on_every_version() {
    for (minor, kind) in every() {
        let expected = match kind {
            ModuleKind::MultiPhase | ModuleKind::ExportSlots => Outcome::Unloads,
            ModuleKind::ReinitCached | ModuleKind::MultiPhaseCached | ModuleKind::MultiPhaseFramework => {
                Outcome::KeptByModule
            }
            _ => Outcome::KeptByCaches,
        };
        assert_eq!(predict(kind, minor).outcome, expected, "{kind:?} on 3.{minor}");
    }
    assert_eq!(predict(ModuleKind::Unknown, 13).outcome, Outcome::Unknown);
}

#[test]
fn the_sentence_says_what_the_machine_does() {
    for (minor, kind) in every() {
        let found = predict(kind, minor);
        let says = |words: &str| found.why.contains(words);
        assert_eq!(says("m_copy"), found.stays.copy, "{kind:?}");
        assert_eq!(says("modules_by_index"), found.stays.index_entry, "{kind:?}");
        assert_eq!(says("shares the old contents"), found.same_contents && !found.same_module, "{kind:?}");
        assert_eq!(says("gives it out again") || says("gives out the module object"), found.same_module, "{kind:?}");
        assert_eq!(says("calls the init function again"), kind == ModuleKind::Reinit, "{kind:?}");
        assert_eq!(found.init_again, !kind.is_basic(), "{kind:?}");
    }
}

#[test]
fn the_first_of_a_basic_module_outlives_its_successor_by_its_functions() {
    for (kind, alive) in [(ModuleKind::Basic, true), (ModuleKind::BasicWithoutMethods, false)] {
        let mut machine = plain(13, kind);
        let first = machine.import(0).unwrap();
        dropped(&mut machine);
        let second = machine.import(0).unwrap();
        dropped(&mut machine);
        assert_ne!(first, second);
        assert_eq!(machine.is_alive(first), alive, "{kind:?}");
        assert!(machine.is_alive(second), "modules_by_index keeps it");
        assert_eq!(machine.counts(), Counts { init: 1, exec: 1, free: u32::from(!alive) });
    }
}

#[test]
fn the_chain_of_a_basic_module_starts_at_a_cache() {
    let mut machine = plain(11, ModuleKind::Basic);
    let first = machine.import(0).unwrap();
    dropped(&mut machine);
    assert_eq!(machine.why(first), ["modules_by_index", "the module object"]);
    machine.import(0).unwrap();
    dropped(&mut machine);
    let expected =
        ["the module's definition", "the backup copy (m_copy)", "its function (ping)", "the module object (__self__)"];
    assert_eq!(machine.why(first), expected);
}

#[test]
fn reference_counting_frees_what_is_in_no_cycle() {
    let mut machine = plain(12, ModuleKind::BasicWithoutMethods);
    let first = machine.import(0).unwrap();
    machine.delete(0);
    machine.drop_local(0);
    machine.import(0).unwrap();
    assert!(!machine.is_alive(first), "its entry was overwritten, and nothing is collected");
    let mut machine = plain(12, ModuleKind::Reinit);
    let first = machine.import(0).unwrap();
    machine.delete(0);
    machine.import(0).unwrap();
    assert!(machine.is_alive(first), "its functions hold it");
    machine.collect(0);
    assert!(!machine.is_alive(first));
}

#[test]
fn a_basic_module_shares_its_contents_with_a_legacy_interpreter() {
    let mut machine = plain(12, ModuleKind::Basic);
    let first = machine.import(0).unwrap();
    let guest = machine.open(false);
    let other = machine.import(guest).unwrap();
    assert_ne!(first, other);
    assert_eq!(machine.attribute(first, "items"), machine.attribute(other, "items"));
    assert_eq!(machine.counts().init, 1);
}

#[test]
fn an_isolated_interpreter_refuses_what_is_not_declared() {
    for kind in ModuleKind::KNOWN {
        let mut machine = plain(15, kind);
        let guest = machine.open(true);
        assert!(machine.import(guest).is_err(), "{kind:?}");
        let interpreters = Interpreters::PerInterpreterGil;
        let mut machine = Machine::new(15, Shape { interpreters, ..Shape::of(kind) });
        let guest = machine.open(true);
        assert_eq!(machine.import(guest).is_ok(), !kind.is_single_phase(), "{kind:?}");
    }
}

#[test]
fn a_first_import_elsewhere_runs_in_the_main_interpreter_from_3_13_on() {
    for (minor, init) in [(12, 1), (13, 2)] {
        let mut machine = plain(minor, ModuleKind::Reinit);
        let guest = machine.open(false);
        machine.import(guest).unwrap();
        assert_eq!(machine.counts().init, init, "3.{minor}");
    }
}

#[test]
fn finalization_loses_a_reimported_basic_module_up_to_3_12() {
    for (minor, free) in [(10, 0), (11, 0), (12, 0), (13, 1), (15, 1)] {
        let mut machine = plain(minor, ModuleKind::Basic);
        machine.import(0).unwrap();
        dropped(&mut machine);
        machine.import(0).unwrap();
        machine.end(0);
        assert_eq!(machine.counts().free, free, "3.{minor}");
    }
}

#[test]
fn finalization_frees_what_no_static_keeps() {
    for (minor, kind) in every() {
        let mut machine = plain(minor, kind);
        machine.import(0).unwrap();
        machine.end(0);
        assert_eq!(machine.counts().free, u32::from(!kind.keeps_itself()), "{kind:?} on 3.{minor}");
    }
}

#[test]
fn frozen_code_unloads() {
    let mut machine = Machine::new(14, Shape { origin: Origin::Frozen, ..Shape::of(ModuleKind::MultiPhase) });
    let first = machine.import(0).unwrap();
    dropped(&mut machine);
    assert!(!machine.is_alive(first));
    assert_eq!(machine.stays(), Stays::default());
    assert_eq!(machine.counts(), Counts { init: 0, exec: 1, free: 0 });
}
