//! Finalizers as descriptions: what they do, without ever running code.

use super::error::Misuse;

/// One thing that a finalizer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    /// Somebody outside takes a reference to the object: `saved.append(self)`.
    Resurrect,
    /// The object gives up a reference of its own: `del self.name`; nothing when it has none.
    Drop(String),
}

/// What `tp_finalize` or `tp_del` of an object does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finalizer {
    pub(super) actions: Vec<Action>,
}

impl Finalizer {
    /// Reads a description: `runs`, `resurrects`, `drops NAME`, or several of them with commas.
    ///
    /// # Errors
    /// [`Misuse::Finalizer`] for any other word.
    pub fn parse(text: &str) -> Result<Self, Misuse> {
        let mut actions = Vec::new();
        for part in text.split(',').map(str::trim) {
            match part.split_once(' ') {
                None if part == "runs" => {}
                None if part == "resurrects" => actions.push(Action::Resurrect),
                Some(("drops", name)) if !name.trim().is_empty() => actions.push(Action::Drop(name.trim().into())),
                _ => return Err(Misuse::Finalizer(part.into())),
            }
        }
        Ok(Self { actions })
    }
}
