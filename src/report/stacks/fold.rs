//! A stack with what is of little interest folded away.

use super::super::visible::count;
use super::frame::{blamed, in_between};
use crate::document::{Frame, Origin, Site, Trace};

/// Entries of a stack that are shown before the outer frames are folded.
const MOST_OPEN: usize = 14;
/// Fewer outer frames than this are not worth a fold.
const FEWEST: usize = 4;

/// A line of a folded stack.
pub(super) enum Entry<'a> {
    /// A frame by itself.
    Frame { frame: &'a Frame, blamed: bool },
    /// Frames that nobody asks for at first, and what they are in words.
    Fold { frames: &'a [Frame], words: String },
}

/// The entries of a stack, innermost first: runs of interpreter and system frames folded, and the
/// outer frames of a deep stack. The blamed frame is never folded away.
pub(super) fn entries<'a>(trace: &'a Trace, site: Option<&Site>) -> Vec<Entry<'a>> {
    let frames = &trace.frames;
    let blamed = blamed(frames, site);
    let mut entries = Vec::new();
    let mut at = 0;
    while at < frames.len() {
        let blame_is_shown = blamed.is_none_or(|index| at > index);
        if entries.len() >= MOST_OPEN && blame_is_shown && frames.len() - at >= FEWEST {
            let outer = &frames[at..];
            entries
                .push(Entry::Fold { frames: outer, words: count(outer.len() as u64, "outer frame", "outer frames") });
            break;
        }
        let run = frames[at..].iter().enumerate();
        let run = run.take_while(|(step, frame)| in_between(frame) && blamed != Some(at + step)).count();
        let runner = frames[at..].iter().enumerate();
        let runner = runner.take_while(|(step, frame)| of_runner(frame) && blamed != Some(at + step)).count();
        // A fold of one would hide as much as it takes.
        if runner >= FEWEST {
            let words = count(runner as u64, "frame of pytest", "frames of pytest");
            entries.push(Entry::Fold { frames: &frames[at..at + runner], words });
            at += runner;
        } else if run > 1 {
            let folded = &frames[at..at + run];
            entries.push(Entry::Fold { frames: folded, words: words(folded) });
            at += run;
        } else {
            entries.push(Entry::Frame { frame: &frames[at], blamed: blamed == Some(at) });
            at += 1;
        }
    }
    entries
}

/// Whether a frame is of the machinery that calls every test alike.
fn of_runner(frame: &Frame) -> bool {
    let file = frame.file.as_str();
    frame.origin == Origin::Python && ["/_pytest/", "/pluggy/"].iter().any(|folder| file.contains(folder))
}

/// `6 interpreter frames`.
fn words(frames: &[Frame]) -> String {
    let has = |origin| frames.iter().any(|frame| frame.origin == origin);
    let what = match (has(Origin::Interpreter), has(Origin::System)) {
        (true, true) => "interpreter and system",
        (false, true) => "system",
        _ => "interpreter",
    };
    count(frames.len() as u64, "frame", &format!("{what} frames"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(origins: &[Origin]) -> Trace {
        let frame = |(line, origin): (usize, &Origin)| Frame {
            origin: *origin,
            function: "f".into(),
            file: "f.c".into(),
            line: line as u32 + 1,
            module: String::new(),
            offset: String::new(),
            inlined: false,
            guess: false,
        };
        let frames = origins.iter().enumerate().map(frame).collect();
        Trace { frames, blocks: 1, bytes: 1, stale: false, truncated: false }
    }

    fn shape(entries: &[Entry<'_>]) -> Vec<String> {
        let shape = |entry: &Entry<'_>| match entry {
            Entry::Frame { frame, blamed } => format!("{}{}", frame.line, if *blamed { "!" } else { "" }),
            Entry::Fold { words, .. } => words.clone(),
        };
        entries.iter().map(shape).collect()
    }

    #[test]
    fn frames_of_the_test_runner_are_folded_when_they_are_many() {
        let mut trace = stack(&[Origin::Extension, Origin::Python, Origin::Python, Origin::Python, Origin::Python]);
        for frame in &mut trace.frames[1..] {
            frame.file = "lib/site-packages/pluggy/_callers.py".into();
        }
        let folds = |trace: &Trace| entries(trace, None).iter().filter(|e| matches!(e, Entry::Fold { .. })).count();
        assert_eq!((entries(&trace, None).len(), folds(&trace)), (2, 1));
        trace.frames.pop();
        assert_eq!((entries(&trace, None).len(), folds(&trace)), (4, 0));
    }

    #[test]
    fn runs_of_interpreter_and_system_frames_are_folded() {
        use Origin::{Extension as E, Interpreter as I, Python as P, System as S};
        let trace = stack(&[S, E, I, I, I, P, S, I, P, I, S, S]);
        let site = Site { frame: trace.frames[1].clone(), source: vec![] };
        let folded = entries(&trace, Some(&site));
        assert_eq!(
            shape(&folded),
            [
                "1",
                "2!",
                "3 interpreter frames",
                "6",
                "2 interpreter and system frames",
                "9",
                "3 interpreter and system frames"
            ]
        );
        assert!(entries(&stack(&[]), None).is_empty());
    }

    #[test]
    fn outer_frames_are_folded_but_never_the_blamed_one() {
        let trace = stack(&[Origin::Python; 40]);
        assert_eq!(shape(&entries(&trace, None))[13..], ["14", "26 outer frames"]);
        let site = Site { frame: trace.frames[29].clone(), source: vec![] };
        assert_eq!(shape(&entries(&trace, Some(&site)))[29..], ["30!", "10 outer frames"]);
        assert_eq!(entries(&stack(&[Origin::Python; 17]), None).len(), 17, "three are no fold");
    }
}
