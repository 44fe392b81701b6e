//! The bars of a finding: one bar per counted run, drawn as inline SVG.
//!
//! Colours are the style sheet's; here are only geometry and numbers, so nothing needs escaping.

use super::visible::{bytes, grouped, signed};
use std::fmt::Write;

/// More runs than this are not drawn one by one.
const MOST_BARS: usize = 24;
/// Height of the drawing in its own units.
const HEIGHT: f64 = 28.0;
/// Distance from bar to bar, and width of a bar: for a few runs, and for many.
const FEW: (usize, usize) = (16, 12);
const MANY: (usize, usize) = (8, 6);
/// Room for the dots that stand for runs that are left out.
const GAP: usize = 16;
/// A run that gave everything back still leaves a mark on the base line.
const ZERO: f64 = 1.5;

/// The runs in words, `1, 1, 1`; the middle of a long list is left out.
pub(super) fn in_words(per_run: &[i64]) -> String {
    if per_run.is_empty() {
        return "no run counted".into();
    }
    list(per_run, |number| signed(*number))
}

/// The bytes of the runs in words, `6.0 KiB in every run`; empty where there are none.
pub(super) fn bytes_in_words(per_run: &[u64]) -> String {
    match per_run {
        [] => String::new(),
        [first, rest @ ..] if !rest.is_empty() && rest.iter().all(|size| size == first) => {
            format!("{} in every run", bytes(*first))
        }
        _ => format!("{} by run", list(per_run, |size| bytes(*size))),
    }
}

fn list<T>(per_run: &[T], word: fn(&T) -> String) -> String {
    let words = |runs: &[T]| runs.iter().map(word).collect::<Vec<_>>().join(", ");
    if per_run.len() <= MOST_BARS {
        return words(per_run);
    }
    let (head, tail) = ends(per_run);
    format!("{}, \u{2026} ({} runs) \u{2026}, {}", words(head), grouped(per_run.len() as u64), words(tail))
}

/// The runs as a drawing. `id` makes title and description unique in the page.
pub(super) fn bars(per_run: &[i64], id: &str) -> String {
    let (head, tail) = if per_run.len() > MOST_BARS { ends(per_run) } else { (per_run, &[][..]) };
    let drawn: Vec<i64> = head.iter().chain(tail).copied().collect();
    let (step, bar) = step(drawn.len());
    let gap = if tail.is_empty() { 0 } else { GAP };
    let width = width(per_run);
    let most = drawn.iter().map(|n| n.unsigned_abs()).max().unwrap_or(0).max(1) as f64;
    let down = drawn.iter().any(|n| *n < 0);
    let up = !down || drawn.iter().any(|n| *n > 0);
    let base = if up && down {
        HEIGHT / 2.0
    } else if down {
        1.0
    } else {
        HEIGHT - 1.0
    };
    let room = if up && down { HEIGHT / 2.0 - 1.0 } else { HEIGHT - 2.0 };

    let mut out = format!(
        "<svg class=\"bars\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\" width=\"{width}\" \
         height=\"{HEIGHT}\" viewBox=\"0 0 {width} {HEIGHT}\"><title id=\"{id}-t\">Per run: {}</title>\
         <desc id=\"{id}-d\">One bar per counted run; bars below the line are given back too often.</desc>\
         <path class=\"base\" d=\"M0 {base:.1}H{width}\"/>",
        in_words(per_run)
    );
    write!(out, "<g id=\"{id}-g\">").expect("writing to a String");
    for (index, count) in drawn.iter().enumerate() {
        let x = index * step + if index >= head.len() { gap } else { 0 } + (step - bar) / 2;
        let height = (count.unsigned_abs() as f64 / most * room).max(ZERO);
        let y = if *count < 0 { base } else { base - height };
        let class = match count.signum() {
            -1 => " class=\"down\"",
            0 => " class=\"zero\"",
            _ => "",
        };
        write!(out, "<rect{class} x=\"{x}\" y=\"{y:.1}\" width=\"{bar}\" height=\"{height:.1}\"/>")
            .expect("writing to a String");
    }
    if !tail.is_empty() {
        let x = head.len() * step + gap / 2;
        write!(out, "<text x=\"{x}\" y=\"{:.1}\">\u{2026}</text>", HEIGHT - 6.0).expect("writing to a String");
    }
    out.push_str("</g></svg>");
    out
}

/// The same drawing once more in the page, without its texts: the words stand beside it.
pub(super) fn bars_again(per_run: &[i64], id: &str) -> String {
    let width = width(per_run);
    format!(
        "<svg class=\"bars again\" aria-hidden=\"true\" width=\"{width}\" height=\"{HEIGHT}\" viewBox=\"0 0 {width} \
         {HEIGHT}\"><use href=\"#{id}-g\"/></svg>"
    )
}

/// Width of the drawing in its own units.
fn width(per_run: &[i64]) -> usize {
    let long = per_run.len() > MOST_BARS;
    let drawn = if long { MOST_BARS - 2 } else { per_run.len() };
    // Where runs are left out there is room for dots.
    (drawn * step(drawn).0 + if long { GAP } else { 0 }).max(step(drawn).0)
}

/// Distance from bar to bar, and width of a bar.
fn step(drawn: usize) -> (usize, usize) {
    if drawn <= 6 { FEW } else { MANY }
}

/// The first and last runs of a list that is too long to show.
fn ends<T>(per_run: &[T]) -> (&[T], &[T]) {
    let half = MOST_BARS / 2 - 1;
    (&per_run[..half], &per_run[per_run.len() - half..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heights(svg: &str) -> Vec<f64> {
        let cut = |rect: &str| rect.split("height=\"").nth(1)?.split('"').next()?.parse().ok();
        svg.split("<rect").skip(1).filter_map(cut).collect()
    }

    #[test]
    fn bars_are_as_high_as_their_counts() {
        let svg = bars(&[1, 2, 0], "f1");
        let [one, two, zero] = heights(&svg)[..] else { panic!("{svg}") };
        assert!((two - 2.0 * one).abs() < 0.11 && zero < one, "{svg}");
        assert!(svg.contains("Per run: 1, 2, 0") && svg.contains("<desc id=\"f1-d\">"));
    }

    #[test]
    fn bytes_of_runs_are_told_once_when_they_are_the_same() {
        assert_eq!(bytes_in_words(&[]), "");
        assert_eq!(bytes_in_words(&[2048, 2048]), "2.0 KiB in every run");
        assert_eq!(bytes_in_words(&[0, 4096]), "0 B, 4.0 KiB by run");
        assert!(bytes_in_words(&(0..900).collect::<Vec<_>>()).contains("(900 runs)"));
    }

    #[test]
    fn any_list_of_runs_can_be_drawn() {
        for runs in [vec![], vec![0], vec![-1, -1], vec![i64::MIN, i64::MAX], vec![7; 5_000]] {
            let svg = bars(&runs, "x");
            assert!(svg.len() < 4_000 && !svg.contains("NaN") && svg.ends_with("</svg>"), "{svg}");
            assert_eq!(heights(&svg).len(), runs.len().min(MOST_BARS - 2));
        }
        assert!(in_words(&vec![7; 5_000]).contains("(5,000 runs)"));
    }
}
