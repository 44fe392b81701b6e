//! What one history says: which of its changes may be the wrong ones.

use super::pairing::Paired;
use super::step::{Action, Step};

/// The suspects of one history.
#[derive(Debug, Clone, Default)]
pub(super) struct Verdict {
    /// Steps that nothing is paired with, of the kind that is suspected first.
    pub(super) accused: Vec<usize>,
    /// Steps that a pair of the other suspects' might as well leave over.
    pub(super) rivals: Vec<usize>,
    /// The accused are just as many as there are references too many, and stand at one place.
    pub(super) clear: bool,
    /// What the accused are.
    pub(super) kind: Kind,
}

/// What is accused, the likeliest kind first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A reference that a function of the extension took, or gave back.
    Extensions,
    /// A reference that stands in a container, which is still there.
    Stored,
    /// A reference of Python code's.
    Pythons,
    /// All is paired.
    #[default]
    Nothing,
}

impl Verdict {
    pub(super) fn of(steps: &[Step], paired: &Paired, kept: i64) -> Self {
        let (accused, kind) = if kept < 0 { over_released(steps, paired) } else { leaked(steps, paired) };
        let left: i64 = accused.iter().map(|&number| paired.left[number].abs()).sum();
        let sites = |numbers: &[usize]| numbers.iter().map(|&number| steps[number].site).collect::<Vec<_>>();
        let one_site = sites(&accused).windows(2).all(|two| two[0] == two[1]);
        let is_accused = |number: usize| sites(&accused).contains(&steps[number].site);
        // Of a pair that might have been made otherwise both are suspects when one of them is accused.
        let other = |&(chosen, rival): &(usize, usize)| match (is_accused(chosen), is_accused(rival)) {
            (false, true) if paired.left[rival] > 0 => Some(chosen),
            _ => None,
        };
        let rivals: Vec<usize> = if kept < 0 { vec![] } else { paired.rivals.iter().filter_map(other).collect() };
        let enough = kept == 0 || left == kept.abs();
        Self { clear: !accused.is_empty() && one_site && rivals.is_empty() && enough, accused, rivals, kind }
    }
}

fn leaked(steps: &[Step], paired: &Paired) -> (Vec<usize>, Kind) {
    let of = |wanted: fn(&Step) -> bool| paired.taken().filter(|&at| wanted(&steps[at])).collect::<Vec<_>>();
    for (wanted, kind) in [
        (Step::is_taken as fn(&Step) -> bool, Kind::Extensions),
        (Step::is_stored, Kind::Stored),
        (Step::is_pythons, Kind::Pythons),
    ] {
        let accused = of(wanted);
        if !accused.is_empty() {
            return (accused, kind);
        }
    }
    (vec![], Kind::Nothing)
}

fn over_released(steps: &[Step], paired: &Paired) -> (Vec<usize>, Kind) {
    let (own, other): (Vec<usize>, Vec<usize>) = paired.given().partition(|&at| steps[at].extension);
    let (inlined, inside): (Vec<usize>, Vec<usize>) =
        own.into_iter().partition(|&at| matches!(steps[at].action, Action::Inlined));
    [(inlined, Kind::Extensions), (inside, Kind::Stored), (other, Kind::Pythons)]
        .into_iter()
        .find(|(accused, _)| !accused.is_empty())
        .unwrap_or((vec![], Kind::Nothing))
}
