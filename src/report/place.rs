//! Where a reader should begin: the site of a finding, or the line that probably took it.

use super::stacks;
use super::visible::{CELL, visible};
use crate::document::{Account, Finding, Frame};

/// A function and a line, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Place {
    /// Empty when no line is known at all.
    pub(super) function: String,
    /// `_leaky.c:113`, or `module.so+0x1a2b`; may be empty.
    pub(super) line: String,
    /// From the ledger, which guesses.
    pub(super) guessed: bool,
}

impl Place {
    /// The frame that is blamed goes first: that is where the thing was made. References to what was
    /// there before have none; for them the ledger may name who took them.
    pub(super) fn of(finding: &Finding) -> Self {
        if let Some(site) = &finding.site {
            return Self { guessed: false, ..Self::at(&site.frame) };
        }
        let ledger = finding.ledger.as_ref().filter(|ledger| ledger.account != Account::Unseen);
        match ledger.and_then(|ledger| ledger.places.first()) {
            Some(place) => Self { guessed: true, ..Self::at(&place.frame) },
            None => Self::default(),
        }
    }

    fn at(frame: &Frame) -> Self {
        let function = stacks::name(frame, CELL);
        let line = if frame.line > 0 {
            let file = frame.file.rsplit('/').next().unwrap_or_default();
            format!("{}:{}", visible(file, CELL), frame.line)
        } else {
            stacks::place(frame, true)
        };
        Self { function, line, guessed: false }
    }
}

/// What findings of one site have in common, before anything is made readable: cheap to compare.
pub(super) fn key(finding: &Finding) -> (&str, &str, u32, &str) {
    let frame = finding.site.as_ref().map(|site| &site.frame);
    let frame = frame.or_else(|| {
        let ledger = finding.ledger.as_ref().filter(|ledger| ledger.account != Account::Unseen)?;
        Some(&ledger.places.first()?.frame)
    });
    match frame {
        Some(frame) if frame.line > 0 => (&frame.function, &frame.file, frame.line, ""),
        Some(frame) => (&frame.function, &frame.module, 0, &frame.offset),
        None => ("", &finding.type_name, 0, &finding.rule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_site_goes_before_the_ledger() {
        let doc = sample::leaks();
        let with = |wanted: fn(&&Finding) -> bool| doc.findings.iter().find(wanted);
        let site = with(|f| f.site.is_some()).unwrap();
        let place = Place::of(site);
        assert!(!place.guessed && !place.function.is_empty() && place.line.contains(':'), "{place:?}");
        let mut bare = site.clone();
        (bare.site, bare.ledger) = (None, None);
        assert_eq!(Place::of(&bare), Place::default());
        assert_ne!(key(&bare), key(site));
    }
}
