//! One measurement: a baseline, runs, and what each of them did not give back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use rustc_hash::FxHashMap;

use super::evidence::{self, Gain};
use super::explain::{self, Explained};
use super::watch::{self, Member};
use super::{budget, landmarks, residue};
use crate::event::{RunId, Serial};
use crate::findings::life_cycle::Residue;
use crate::findings::{Dominator, Finding};
use crate::heap::{Change, Edges, Snapshot};
use crate::sys;
use crate::sys::watch::Watching;

/// Runs of this process are numbered through; 24 bits of them fit into a census record.
static NEXT_RUN: AtomicU32 = AtomicU32::new(1);

/// A number for the next run of this process.
pub(super) fn next_run() -> RunId {
    RunId(NEXT_RUN.fetch_add(1, Relaxed))
}

/// A baseline, runs, and the differences between the snapshots after them.
#[derive(Debug, Default)]
pub(crate) struct Measurement {
    first_run: Option<RunId>,
    /// Runs opened so far.
    runs: usize,
    /// Runs that had ended at the last snapshot.
    observed: usize,
    paused: Option<RunId>,
    last: Option<Arc<Snapshot>>,
    /// Changes of objects that were there before, each with the run it is booked on.
    changes: Vec<(usize, Change)>,
    /// Objects that came from a free list without a stamp and are held by nobody knows whom, each
    /// with the run after which it was first seen.
    strays: Vec<(usize, u64, Serial)>,
    /// Modules or distributions to blame; empty for every extension.
    scope: Vec<String>,
    /// There will be one run only: no other one can tell that a word which seems to hold something is stale.
    pub(crate) single: bool,
    /// The words that were stale before a single run.
    stale: sys::StaleWords,
    /// See [`Self::alive`].
    alive: FxHashMap<String, Vec<u64>>,
    /// See [`Self::dominators`].
    dominators: Vec<Dominator>,
    /// The first findings and their objects, for another measurement to watch.
    explained: (Vec<Finding>, Vec<Vec<Member>>),
    /// The watch on the objects of another measurement's findings.
    watching: Option<Watching>,
    /// Births are recorded as long as there is a measurement.
    awake: sys::Awake,
}

impl Measurement {
    /// A measurement that blames these modules or distributions; none for every extension.
    pub(crate) fn of(scope: Vec<String>) -> Self {
        sys::watch_libraries(&scope);
        let measurement = Self { scope, ..Self::default() };
        if measurement.awake.is_first() {
            // Empties the free lists, whose blocks would otherwise be re-used unrecorded.
            sys::settle(sys::QUICK);
        }
        measurement
    }

    /// Starts anew from the last snapshot of another measurement.
    pub(crate) fn adopt(&mut self, other: &Self) {
        let (scope, watching) = (core::mem::take(&mut self.scope), self.watching.take());
        *self = Self { last: other.last.clone(), scope, watching, ..Self::default() };
    }

    /// Watches what an earlier measurement found, from now until the findings. `wide`: whatever is as large, for
    /// what was not met at the same place again.
    pub(crate) fn watch(&mut self, found: &Self, wide: bool) {
        let (findings, members) = &found.explained;
        self.watching = Some(Watching::begin(&watch::plan(findings, members, wide)));
    }

    /// Settles and takes a snapshot: the first one is the baseline, each later one books what
    /// changed since the last on the latest run.
    pub(crate) fn snapshot(&mut self, rounds: usize) {
        sys::settle(rounds);
        let since = self.first_run.unwrap_or(sys::BEFORE_ANY_RUN);
        let Some(capture) = budget::capture(Edges::Count, since) else { return };
        let snapshot = sys::summarise(&capture, self.last.as_deref());
        if let (Some(last), Some(run)) = (&self.last, self.runs.checked_sub(1)) {
            let changes = snapshot.changes_since(last).into_iter();
            // Our own functions stand on value stacks that nobody can see.
            let foreign = changes.filter(|change| !sys::is_own(&capture, change.address));
            self.changes.extend(foreign.map(|change| (run, change)));
            let strays =
                snapshot.strays_since(last).into_iter().filter(|(address, _)| !sys::is_own(&capture, *address));
            self.strays.extend(strays.map(|(address, serial)| (run, address, serial)));
        }
        if self.single && self.last.is_none() {
            self.stale = sys::StaleWords::of(&capture);
        }
        self.last = Some(Arc::new(snapshot));
        self.observed = self.runs;
    }

    /// Opens the window of the next run and returns its number, from 0.
    pub(crate) fn open(&mut self) -> usize {
        let run = next_run();
        if self.first_run.is_none() {
            self.first_run = Some(run);
            sys::watch::forget_imported();
        }
        self.runs += 1;
        sys::watch_libraries(&self.scope);
        if let Some(watching) = &self.watching {
            watching.next_run();
        }
        sys::stamp(run);
        self.runs - 1
    }

    /// Closes the window.
    pub(crate) fn close(&mut self) {
        sys::stamp(RunId::NOBODY);
        self.paused = None;
    }

    /// Makes the window blind until [`Self::resume`].
    pub(crate) fn pause(&mut self) {
        self.paused = Some(sys::stamped());
        sys::stamp(RunId::NOBODY);
    }

    /// Ends a pause.
    pub(crate) fn resume(&mut self) {
        if let Some(run) = self.paused.take() {
            sys::stamp(run);
        }
    }

    /// Numbers of the runs that have survivors, ascending.
    pub(crate) fn survivor_runs(&self) -> Vec<usize> {
        let survivors = self.last.iter().flat_map(|snapshot| &snapshot.survivors);
        let mut runs: Vec<usize> = survivors.filter_map(|block| self.number_of(block.run)).collect();
        runs.sort_unstable();
        runs.dedup();
        runs
    }

    /// Whether an object that was there before gained or lost unexplained references.
    pub(crate) fn gained(&self) -> bool {
        !self.changes.is_empty()
    }

    /// Looks for holders and judges. The last step: nothing may have run since the last snapshot.
    pub(crate) fn findings(&mut self, subject: &str) -> Vec<Finding> {
        let watched = self.watching.take().is_some();
        let Some(first) = self.first_run else { return Vec::new() };
        if self.survivor_runs().is_empty() && self.strays.is_empty() && !self.gained() {
            (self.alive, self.dominators, self.explained) = Default::default();
            return Vec::new();
        }
        let Some(mut capture) = budget::capture(Edges::Keep, first) else { return Vec::new() };
        for &(run, address, serial) in &self.strays {
            sys::adopt_stray(&mut capture, address, serial, RunId(first.0 + run as u32));
        }
        let gains = self.gains();
        let number_of = |run: RunId| self.number_of(run);
        let alive = evidence::alive(&capture, self.observed, &number_of);
        let collected =
            evidence::collect(&capture, &gains, self.observed, subject, &self.scope, &self.stale, &number_of);
        let Explained { mut findings, members, dominators } = explain::findings(&capture, collected, &self.scope);
        watch::account(&mut findings, &members, &self.scope, watched, &number_of);
        (self.alive, self.dominators) = (alive, dominators);
        if self.explained.0.is_empty() {
            self.explained = (findings.clone(), members);
        }
        findings
    }

    /// How many objects (or blocks) of a type were alive at the last [`Self::findings`], for each run
    /// that they were born in.
    pub(crate) fn alive(&self, type_name: &str) -> Vec<u64> {
        self.alive.get(type_name).cloned().unwrap_or_default()
    }

    /// What the survivors retained at the last [`Self::findings`]; empty when there were none.
    pub(crate) fn dominators(&self) -> &[Dominator] {
        &self.dominators
    }

    /// What is alive of each run that the last snapshot saw. Nothing may have run since.
    pub(crate) fn residues(&self) -> Vec<Residue> {
        let (Some(first), Some(last)) = (self.first_run, &self.last) else { return Vec::new() };
        let capture = sys::capture(Edges::Count, first, landmarks());
        residue::residues(&capture, last, self.observed, &self.scope, &|run| self.number_of(run))
    }

    fn number_of(&self, run: RunId) -> Option<usize> {
        let number = run.0.checked_sub(self.first_run?.0)? as usize;
        (number < self.observed).then_some(number)
    }

    /// Changes summed by object, for objects that are still the same ones.
    fn gains(&self) -> Vec<Gain> {
        let mut gains: FxHashMap<(u64, Serial), Gain> = FxHashMap::default();
        for (run, change) in &self.changes {
            let gain = gains.entry((change.address, change.serial)).or_insert_with(|| Gain {
                address: change.address,
                per_run: vec![0; self.observed],
                left: 0,
            });
            gain.per_run[*run] += change.gain();
            gain.left = change.after;
        }
        let same = |(address, serial): &(u64, Serial)| {
            let entry = self.last.as_ref().and_then(|snapshot| snapshot.unexplained.get(address));
            entry.is_some_and(|entry| entry.serial == *serial)
        };
        let mut gains: Vec<Gain> = gains.into_iter().filter(|(key, _)| same(key)).map(|(_, gain)| gain).collect();
        gains.sort_unstable_by_key(|gain| gain.address);
        gains
    }
}
