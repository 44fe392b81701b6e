//! The rules by which a reference given back is paired with the one that was taken.

/// Why two entries belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// Taken and given back inside one call of a function of the C API: a transient.
    SameCall,
    /// A container gives back what was stored in one.
    Container,
    /// What generated code took for the author's is never what is lost: it is given back by whatever comes first.
    Glue,
    /// The function that took it gives it back; of several, the one taken last.
    SameFunction,
    /// Objects that do not leak are given back there.
    Habit,
    /// Python code gives back what Python code took.
    Python,
    /// A container dies with a reference that nobody stored: a function like `PyList_SetItem` took it over.
    Stolen,
    /// A function gives back what a function that it had called took for it.
    Returned,
    /// A function gives back what one of its callers took and handed over.
    HandedDown,
    /// Python code gives back what a function of the extension returned.
    ReturnedToPython,
    /// One function takes, another one gives back: a constructor and a destructor.
    Elsewhere,
    /// A function of the extension gives back what Python code took for it.
    PythonGave,
}

impl Rule {
    /// All of them, in the order in which they are tried.
    pub const ALL: [Self; 12] = [
        Self::SameCall,
        Self::Container,
        Self::Glue,
        Self::Habit,
        Self::SameFunction,
        Self::Python,
        Self::Stolen,
        Self::Returned,
        Self::HandedDown,
        Self::ReturnedToPython,
        Self::Elsewhere,
        Self::PythonGave,
    ];

    /// Its name in documents and in `docs/explanation/reference-ledger.md`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SameCall => "same-call",
            Self::Container => "container",
            Self::Glue => "glue",
            Self::SameFunction => "same-function",
            Self::Habit => "habit",
            Self::Python => "python",
            Self::Stolen => "stolen",
            Self::Returned => "returned",
            Self::HandedDown => "handed-down",
            Self::ReturnedToPython => "returned-to-python",
            Self::Elsewhere => "elsewhere",
            Self::PythonGave => "python-gave",
        }
    }
}
