//! What the counts of several runs say: a leak, a cache, or a slot for the last value.

/// Shape of a series of counts, one for each run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// Nothing in any run.
    Never,
    /// Something in every run, all of one sign: a leak (or an over-release).
    EveryRun,
    /// Early runs only: a cache that is warm now.
    Early,
    /// Late runs only: a slot for the last values, or a bounded cache.
    Late,
    /// Neither: now and then.
    Sometimes,
}

/// The shape of a series of counts. With one run, something is [`Pattern::EveryRun`].
///
/// A count in every run is a leak as in CPython's `regrtest -R`, where `[5, 5, 6]` is one and
/// `[3, 0, 0]` is not.
#[must_use]
pub fn pattern(per_run: &[i64]) -> Pattern {
    let Some(first) = per_run.iter().position(|&count| count != 0) else { return Pattern::Never };
    let last = per_run.iter().rposition(|&count| count != 0).unwrap_or(first);
    let inner = &per_run[first..=last];
    let one_sign = inner.iter().all(|&count| count > 0) || inner.iter().all(|&count| count < 0);
    match (one_sign, first == 0, last + 1 == per_run.len()) {
        (true, true, true) => Pattern::EveryRun,
        (_, true, false) => Pattern::Early,
        (true, false, true) => Pattern::Late,
        _ => Pattern::Sometimes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        for (series, expected) in [
            (&[0, 0, 0][..], Pattern::Never),
            (&[1, 1, 1], Pattern::EveryRun),
            (&[5, 5, 6], Pattern::EveryRun),
            (&[-1, -2], Pattern::EveryRun),
            (&[3, 0, 0], Pattern::Early),
            (&[0, 0, 1], Pattern::Late),
            (&[0, 2, 2], Pattern::Late),
            (&[0, 1, 0], Pattern::Sometimes),
            (&[1, -1, 1], Pattern::Sometimes),
            (&[1], Pattern::EveryRun),
        ] {
            assert_eq!(pattern(series), expected, "{series:?}");
        }
    }
}
