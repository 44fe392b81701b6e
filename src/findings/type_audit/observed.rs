//! What child processes saw of types. What was not seen is absent, and never counts as fine.

use serde::{Deserialize, Serialize};

/// One audited module or package.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Observed {
    /// What was asked for.
    pub name: String,
    /// Its top-level name.
    pub package: String,
    /// Whether it could be imported.
    pub imported: bool,
    /// Whether a process came to the last type.
    pub complete: bool,
    /// The child processes, in order: one more for each that died.
    pub steps: Vec<ProcessStep>,
    /// Types that its libraries define, in order of name.
    pub types: Vec<ObservedType>,
    /// What else is to know.
    pub notes: Vec<String>,
}

/// A child process.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProcessStep {
    /// What it did.
    pub name: String,
    /// `ok`, `failed`, `exited`, `died` or `timeout`.
    pub outcome: String,
    /// How long it took.
    pub seconds: f64,
    /// The exception, the signal, and what it was about to do.
    pub detail: String,
}

/// One type.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ObservedType {
    /// Its name, with a number when there are several.
    pub key: String,
    /// What it says of itself.
    pub facts: Facts,
    /// Where the instance came from that was looked at.
    pub source: Source,
    /// Why none could be made; empty when one could.
    pub refused: String,
    /// Calling it gives the same object again and again.
    pub same_instance: bool,
    /// The instance; `None` when none was traversed.
    pub instance: Option<Instance>,
    /// Instances made and dropped.
    pub ledger: Option<Ledger>,
    /// The same through a Python subclass.
    pub subclass: Option<Derived>,
    /// Phases that a process did not survive.
    pub ended: Vec<Ending>,
    /// Whether all was asked.
    pub done: bool,
}

/// Where an instance came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Source {
    /// There was none.
    #[default]
    #[serde(rename = "")]
    None,
    /// The type was called without arguments.
    #[serde(rename = "called")]
    Called,
    /// An expression of the user made it.
    #[serde(rename = "factory")]
    Factory,
    /// It was there already.
    #[serde(rename = "found")]
    Found,
}

/// What a type says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// `module.qualname`.
    pub name: String,
    /// Path of the library that defines it.
    pub library: String,
    /// Made at run time.
    pub heap: bool,
    /// `Py_TPFLAGS_HAVE_GC`.
    pub gc: bool,
    /// `Py_TPFLAGS_BASETYPE`.
    pub subclassable: bool,
    /// `Py_TPFLAGS_IMMUTABLETYPE`.
    pub immutable: bool,
    /// Whether it has `tp_new`, and may be called.
    pub instantiable: bool,
    /// Instances have a dict.
    pub dict: bool,
    /// It has `tp_traverse`, perhaps from its base.
    pub traverse: bool,
    /// It has `tp_clear`, perhaps from its base.
    pub clear: bool,
    /// It has `tp_finalize`.
    pub finalizer: bool,
    /// It has `tp_del`.
    pub legacy_del: bool,
    /// `library+0x1a2b` of `tp_traverse`.
    pub traverse_at: String,
    /// A class of Python code; never in an audit.
    pub made_by_type: bool,
    /// Declared members that hold an object, those of bases included.
    pub members: Vec<Member>,
    /// Properties in C that can be set.
    pub settable: Vec<String>,
}

/// A declared member that holds an object.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Member {
    /// Its name in Python.
    pub name: String,
    /// In bytes from the start of an instance.
    pub offset: u64,
    /// Whether Python code cannot set it.
    pub readonly: bool,
}

/// One instance, and one call of its `tp_traverse`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Instance {
    /// The collector knew it before.
    pub tracked: bool,
    /// How often its type was visited.
    pub visits_type: u64,
    /// How often it visited itself.
    pub visits_itself: u64,
    /// Python functions that ran meanwhile.
    pub python_calls: Vec<String>,
    /// Blocks that were born in the heap of Python meanwhile.
    pub born: u64,
    /// What was visited where no object lives.
    pub dead: Vec<String>,
    /// What it refers to, or seems to.
    pub targets: Vec<Target>,
    /// Whether what was stored in its dict was visited, by itself or through the dict.
    pub dict_visited: Option<bool>,
    /// Whether it was dropped, so that what it gave back is known.
    pub dropped: bool,
    /// References to the type that dropping it gave back; `None` when that is not known.
    pub type_released: Option<i64>,
}

/// An object that an instance refers to, or seems to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    /// Where it was: the same number is the same object.
    pub address: u64,
    /// `module.qualname` of its type.
    pub type_name: String,
    /// Roughly its `repr`.
    pub label: String,
    /// Whether the collector could have a part in freeing it.
    pub gc: bool,
    /// How often it was visited.
    pub visited: u64,
    /// Offsets of the words of the body that point to it.
    pub offsets: Vec<u64>,
    /// The member that the audit stored it in; empty for what was there.
    pub role: String,
    /// References that it gained when it was stored, or for each further instance that was made.
    pub gained: Option<i64>,
    /// Its count of references while the instance was alive; `None` for an immortal object.
    pub count: Option<u64>,
    /// References that dropping the instance gave back; `None` when that is not known.
    pub released: Option<i64>,
}

/// Instances made and dropped, in two equal rounds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Ledger {
    /// Instances of one round.
    pub made: u64,
    /// The type is immortal: it has no count.
    pub immortal: bool,
    /// References that it gained while the instances of the first round were alive.
    pub gained: Option<i64>,
    /// Those of them that are left after these were dropped.
    pub left: Option<i64>,
    /// References that the second round left, beyond the first.
    pub left_again: Option<i64>,
    /// Instances that are still alive though they were dropped.
    pub survivors: u64,
    /// Dead instances whose memory was kept, as in a free list.
    pub parked: u64,
    /// Those of them that the collector still tracks.
    pub parked_tracked: u64,
    /// Instances that the collector was not told of.
    pub untracked: u64,
}

/// Instances of a Python subclass.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Derived {
    /// Why there are none; empty otherwise.
    pub refused: String,
    /// How often one visited the subclass.
    pub visits_type: Option<u64>,
    /// Whether the collector knows them.
    pub gc: bool,
    /// References that the subclass gained.
    pub ledger: Option<Ledger>,
    /// References that the type itself gained by all of them, made and dropped.
    pub base_left: Option<i64>,
}

/// A phase that a process did not survive.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ending {
    /// `make`, `fill`, `traverse`, `drop`, `ledger`, `collect`, `subclass`, or `after`: before the next type was asked.
    pub phase: String,
    /// `died`, `exited` or `timeout`.
    pub outcome: String,
    /// The signal, or how long it took.
    pub detail: String,
}

impl Facts {
    /// Whether its `tp_traverse` is in another library than the type itself.
    pub(super) fn inherits_traverse(&self) -> bool {
        let file = self.library.rsplit('/').next().unwrap_or_default();
        !self.traverse_at.starts_with(&format!("{file}+"))
    }
}

impl ObservedType {
    /// The end of a process in a phase.
    pub(super) fn end_in(&self, phase: &str) -> Option<&Ending> {
        self.ended.iter().find(|ending| ending.phase == phase)
    }

    /// Why nothing of an instance is known.
    pub(super) fn why_unseen(&self) -> String {
        match (self.source, self.refused.as_str()) {
            (Source::None, "") => "no instance was seen".into(),
            (Source::None, why) => format!("no instance was seen ({})", why.trim_end_matches('.')),
            (_, "") => "this was not seen of any instance".into(),
            (_, why) => format!("no instance could be made ({})", why.trim_end_matches('.')),
        }
    }

    /// Members in which any object can be stored: what the audit stored there was kept.
    pub(super) fn stores(&self) -> impl Iterator<Item = &Target> {
        let targets = self.instance.iter().flat_map(|instance| &instance.targets);
        targets.filter(|target| target.is_probe() && target.gained.is_some_and(|gained| gained > 0))
    }
}

impl Target {
    /// Whether the audit stored it in a member.
    pub(super) fn is_probe(&self) -> bool {
        !self.role.is_empty() && self.role != "__dict__"
    }

    /// What it is called: the member, or its type and place.
    pub(super) fn name(&self) -> String {
        let place = match self.offsets.as_slice() {
            [] => String::new(),
            [offset, ..] => format!(" at offset {offset}"),
        };
        if self.is_probe() { format!("`{}`{place}", self.role) } else { format!("a `{}`{place}", self.type_name) }
    }
}
