//! What a second audit watches: the objects of the findings of a first one, and what comes of it.

use rustc_hash::FxHashMap;

use super::evidence::Born;
use super::ledger::{Accounts, ledger};
use super::stacks;
use crate::analysis::Survivor;
use crate::event::{Domain, RefEvent, RunId, Serial, StackId};
use crate::findings::{Account, Finding, Ledger, LedgerPlace, Origin, Site, Suspect};
use crate::heap::{History, histories};
use crate::sys::watch::{self, Births, Plan, Watching};
use crate::sys::{self, Capture};

/// Objects of one site that are watched in each run.
const PER_RUN: u32 = 100;
/// The same where a site cannot be told before the object is there, so that others are watched as well.
const PER_RUN_OF_A_SIZE: u32 = 4000;
/// Stacks of birth of one kind that are watched for.
const MOST_STACKS: usize = 32;

/// One object that a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Member {
    address: u64,
    /// References that it has too many; fewer than none for an over-release.
    kept: i64,
    /// Size of its block, bytes before the object, and stack of birth; `None` for what was there before.
    birth: Option<(u64, u64, StackId)>,
    /// When it was born, among others; unknown for what was there before.
    serial: Serial,
}

/// The objects of a finding; none of what is no object.
pub(super) fn members(
    capture: &Capture,
    suspect: &Suspect,
    things: &[Survivor],
    born: &[Born],
    gains: &FxHashMap<u64, i64>,
) -> Vec<Member> {
    let member = |&number: &usize| {
        let thing = &things[number];
        let node = thing.node?;
        match born.get(number) {
            Some(Born { block, .. }) if block.domain == Domain::Object => Some(Member {
                address: thing.address,
                kept: i64::from(capture.heap.unexplained(node)).max(1),
                birth: Some((block.size, thing.address - block.address, block.stack)),
                serial: block.serial,
            }),
            Some(_) => None,
            None => {
                let kept = *gains.get(&thing.address)?;
                Some(Member { address: thing.address, kept, birth: None, serial: Serial::UNKNOWN })
            }
        }
    };
    suspect.members.iter().filter_map(member).collect()
}

/// What to watch in the next audit. `wide`: whatever is as large, wherever it is born.
pub(super) fn plan(findings: &[Finding], members: &[Vec<Member>], wide: bool) -> Plan {
    let mut plan = Plan { per_run: PER_RUN, ..Plan::default() };
    for (finding, members) in findings.iter().zip(members) {
        // What comes from a free list was placed before anybody knew what it would become.
        let wide = wide || has_free_list(&finding.type_name);
        for member in members {
            match member.birth {
                Some(birth) => sizes(birth).for_each(|birth| add(&mut plan.births, birth, wide)),
                None if !plan.objects.contains(&member.address) => plan.objects.push(member.address),
                None => {}
            }
        }
    }
    if plan.births.iter().any(|births| births.stacks.is_empty()) {
        plan.per_run = PER_RUN_OF_A_SIZE;
    }
    plan
}

/// Types whose objects CPython keeps for re-use in one version or another (`Include/internal/pycore_freelist.h`).
fn has_free_list(type_name: &str) -> bool {
    const TYPES: [&str; 12] = [
        "list",
        "tuple",
        "dict",
        "float",
        "int",
        "slice",
        "range",
        "method",
        "builtin_function_or_method",
        "Context",
        "async_generator_asend",
        "tuple_iterator",
    ];
    TYPES.contains(&type_name)
}

/// A birth, and those of the same object made smaller: from 3.13 on an instance has room for its attributes in itself,
/// and for one less in each of the first instances of a class (CPython `Objects/dictobject.c`, `init_inline_values`).
fn sizes((size, before, stack): (u64, u64, StackId)) -> impl Iterator<Item = (u64, u64, StackId)> {
    /// Bytes before an object that has a dict of its own and is the collector's.
    const WITH_DICT: u64 = 32;
    /// Attributes that there is room for at most (`SHARED_KEYS_MAX_SIZE`).
    const ATTRIBUTES: u64 = 30;
    let smallest = (before + 24).max(size.saturating_sub(8 * ATTRIBUTES));
    let smaller = (smallest..size).rev().filter(move |smaller| before == WITH_DICT && (size - smaller) % 8 == 0);
    core::iter::once(size).chain(smaller).map(move |size| (size, before, stack))
}

fn add(births: &mut Vec<Births>, (size, before, stack): (u64, u64, StackId), wide: bool) {
    let known = births.iter().position(|births| (births.size, births.before) == (size, before));
    let Some(known) = known else {
        births.push(Births { size, before, stacks: if wide { Vec::new() } else { vec![stack] } });
        return;
    };
    let stacks = &mut births[known].stacks;
    if wide {
        stacks.clear();
    } else if !stacks.is_empty() && stacks.len() < MOST_STACKS && !stacks.contains(&stack) {
        stacks.push(stack);
    }
}

/// Histories of innocent objects that are held against those of a finding.
const MOST_INNOCENT: usize = 200;

/// Gives the findings the ledger of what was recorded about their objects: by a watch, where there was one, and by the
/// functions that extensions import, to count references or for what else they do with them. Without either they have
/// none.
pub(super) fn account(
    findings: &mut [Finding],
    members: &[Vec<Member>],
    scope: &[String],
    watched: bool,
    number_of: &dyn Fn(RunId) -> Option<usize>,
) {
    let objects: Vec<(u64, Serial)> = members.iter().flatten().map(|member| (member.address, member.serial)).collect();
    let lives = |events: Vec<RefEvent>| {
        // In the document runs are counted from 1.
        let counted = |run| RunId(number_of(run).map_or(0, |number| number as u32 + 1));
        let events: Vec<RefEvent> =
            events.into_iter().map(|event| RefEvent { run: counted(event.run), ..event }).collect();
        histories(&events)
    };
    let mut histories = lives(watch::imported(&objects));
    if watched {
        // Last, so that of an object that was watched this is what counts.
        histories.extend(lives(watch::events()));
    }
    let (dead, alive): (Vec<_>, Vec<_>) = histories.into_iter().partition(|history| history.ended);
    let alive: FxHashMap<u64, History> = alive.into_iter().map(|history| (history.object, history)).collect();
    let dropped = watch::dropped() + watch::dropped_imported();
    for (finding, members) in findings.iter_mut().zip(members).filter(|(_, members)| !members.is_empty()) {
        let known = members.iter().filter_map(|member| alive.get(&member.address)).cloned();
        let leaking = the_best_known(known.collect());
        if leaking.is_empty() && !watched {
            continue;
        }
        let accounts = Accounts {
            innocent: &born_like(&leaking, &dead),
            others: &dead,
            kept: members.iter().map(|member| member.kept).max_by_key(|kept| kept.abs()).unwrap_or(1),
            of: members.len() as u64,
            dropped: if leaking.iter().any(History::sees_counts) { watch::dropped() } else { dropped },
            leaking: &leaking,
        };
        let notes = if watched { watch::notes() } else { Vec::new() };
        let mut ledger = ledger(&accounts, scope, notes);
        if finding.kind == "type-reference" {
            blame_deallocator(&mut ledger, members[0].address, scope);
        }
        finding.ledger = Some(Box::new(ledger));
    }
}

/// Of histories those that were seen whole, where there are such: what calls did is less than what happened to counts.
fn the_best_known(mut histories: Vec<History>) -> Vec<History> {
    if histories.iter().any(History::sees_counts) {
        histories.retain(History::sees_counts);
    }
    histories
}

/// Names `tp_dealloc` of a heap type whose references were taken where instances are allocated, by no line of the
/// extension's: since CPython 3.8 each instance holds its type, and `tp_dealloc` has to let go of it.
fn blame_deallocator(ledger: &mut Ledger, kind: u64, scope: &[String]) {
    let by_extension = ledger.places.first().is_some_and(|place| place.frame.origin == Origin::Extension);
    let by_allocation = ledger.history.iter().any(|entry| {
        let frames = &ledger.stacks[entry.stack as usize];
        entry.change > 0
            && frames.iter().any(|frame| ["PyType_GenericAlloc", "type_call"].contains(&frame.function.as_str()))
    });
    let Some(frame) = sys::deallocator(kind).filter(|_| by_allocation && !by_extension) else { return };
    let Some(frame) = stacks::extension_frame(frame.0, frame.1) else { return };
    let taken = ledger.places.first().map_or(0, |place| place.unpaired.unsigned_abs());
    let Site { frame, source } = stacks::with_source(frame, scope);
    let place = LedgerPlace {
        frame,
        source,
        callers: Vec::new(),
        function: "tp_dealloc".into(),
        taken,
        released: 0,
        unpaired: taken as i64,
    };
    ledger.places.insert(0, place);
    ledger.account = Account::Named;
    ledger.reason =
        "A guess: each instance takes a reference to its type when it is allocated, and nothing else keeps one; \
        tp_dealloc has to give it back."
            .into();
}

/// Those of the dead that came into being where one of the leaking did.
fn born_like(leaking: &[History], dead: &[History]) -> Vec<History> {
    let birth = |history: &History| history.events.first().filter(|event| event.is_birth()).map(|event| event.stack);
    let births: Vec<StackId> = leaking.iter().filter_map(birth).collect();
    let like = |history: &&History| birth(history).is_some_and(|stack| births.contains(&stack));
    dead.iter().filter(like).take(MOST_INNOCENT).cloned().collect()
}

/// A watch on one object that is there.
#[derive(Debug)]
pub(crate) struct Trace {
    address: u64,
    watching: Watching,
}

impl Trace {
    /// Begins to watch the object at an address.
    pub(crate) fn begin(address: u64) -> Self {
        sys::watch_libraries(&[]);
        let plan = Plan { objects: vec![address], ..Plan::default() };
        Self { address, watching: Watching::begin(&plan) }
    }

    /// What was seen of the object. Where it died, the histories of what came to its address are left out.
    pub(crate) fn finish(self, scope: &[String]) -> Ledger {
        drop(self.watching);
        let mut lives = histories(&watch::events());
        lives.retain(|history| history.object == self.address && history.life == 0);
        let kept = lives.iter().map(History::balance).sum();
        let accounts = Accounts { leaking: &lives, innocent: &[], others: &[], kept, of: 1, dropped: watch::dropped() };
        ledger(&accounts, scope, watch::notes())
    }
}
