//! The history of one object drawn: a step up for each reference taken, a step down for each given back.

use super::history::{EntryRow, Rows};
use serde::Serialize;

/// Geometry in units of the drawing.
const STEP: f64 = 18.0;
const UNIT: f64 = 16.0;
const LEFT: f64 = 24.0;
const TOP: f64 = 30.0;
/// Counts beyond this span are drawn on a smaller scale.
const SPAN: f64 = 9.0;

/// Numbers only, besides the two texts for those who do not see it.
#[derive(Serialize)]
pub(in crate::report) struct Timeline {
    width: f64,
    height: f64,
    base: f64,
    words: String,
    line: String,
    bands: Vec<Band>,
    marks: Vec<Mark>,
}

/// A run.
#[derive(Serialize)]
struct Band {
    x: f64,
    width: f64,
    run: u32,
    odd: bool,
}

#[derive(Serialize)]
struct Mark {
    x: f64,
    y: f64,
    /// `up`, `down`, `transient` or `guilty`.
    class: &'static str,
    count: i64,
    number: usize,
    /// A triangle that points up or down.
    path: String,
}

impl Timeline {
    /// `None` where there is nothing to draw: a single step says no more than its words.
    pub(super) fn of(rows: &Rows) -> Option<Self> {
        let rows = &rows.rows;
        if rows.len() < 2 {
            return None;
        }
        let (low, high) = (rows.iter().map(|row| row.count).min()?, rows.iter().map(|row| row.count).max()?);
        let low = low.min(rows.first().map_or(low, |row| row.count.saturating_sub(row.change)));
        let unit = UNIT * (SPAN / high.saturating_sub(low).max(1) as f64).min(1.0);
        let base = TOP + high.saturating_sub(low).max(1) as f64 * unit;
        let y = |count: i64| base - count.saturating_sub(low) as f64 * unit;
        let x = |place: usize| LEFT + place as f64 * STEP;
        let mut line = format!("M{} {:.1}", LEFT - STEP, y(rows[0].count.saturating_sub(rows[0].change)));
        let mut marks = Vec::new();
        for (place, row) in rows.iter().enumerate() {
            line.push_str(&format!("H{}V{:.1}", x(place), y(row.count)));
            marks.push(mark(row, x(place), y(row.count)));
        }
        line.push_str(&format!("h{STEP}"));
        Some(Self {
            width: LEFT + rows.len() as f64 * STEP + 12.0,
            height: base + 34.0,
            base: base + 6.0,
            words: words(rows),
            line,
            bands: bands(rows, x),
            marks,
        })
    }
}

fn mark(row: &EntryRow, x: f64, y: f64) -> Mark {
    let class = match row.change {
        _ if row.guilty => "guilty",
        0 => "transient",
        change if change > 0 => "up",
        _ => "down",
    };
    let size = if row.guilty { 6.0 } else { 4.0 };
    let path = match row.change {
        0 => format!("M{} {y:.1}l4 -4l4 4l-4 4z", x - 4.0),
        change => {
            let tip = if change > 0 { -size } else { size };
            format!("M{} {:.1}h{}l{} {}z", x - size, y - tip / 2.0, 2.0 * size, -size, 1.5 * tip)
        }
    };
    Mark { x, y: y - 10.0, class, count: row.count, number: row.number, path }
}

fn bands(rows: &[EntryRow], x: impl Fn(usize) -> f64) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        match bands.last_mut().filter(|band| band.run == row.run) {
            Some(band) => band.width += STEP,
            None => {
                let odd = bands.len() % 2 == 1;
                bands.push(Band { x: x(place) - STEP / 2.0, width: STEP, run: row.run, odd });
            }
        }
    }
    bands
}

fn words(rows: &[EntryRow]) -> String {
    let all: Vec<String> =
        rows.iter().take(40).map(|row| format!("{} {} to {}", row.number, row.mark, row.count)).collect();
    format!("The count after each entry: {}.", all.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: usize, run: u32, change: i64, count: i64) -> EntryRow {
        let empty = String::new;
        EntryRow {
            number,
            run,
            thread: 1,
            change,
            mark: empty(),
            count,
            what: empty(),
            place: empty(),
            pair: empty(),
            guilty: number == 2,
        }
    }

    #[test]
    fn ups_go_up_and_runs_have_bands() {
        let rows = vec![row(1, 1, 1, 1), row(2, 1, 1, 2), row(3, 2, -1, 1)];
        let rows = Rows { rows, before: 0, after: 0, has_threads: false, relative: false };
        let drawn = Timeline::of(&rows).unwrap();
        assert!(drawn.marks[1].y < drawn.marks[0].y && drawn.marks[2].y > drawn.marks[1].y);
        assert_eq!(drawn.marks.iter().map(|mark| mark.class).collect::<Vec<_>>(), ["up", "guilty", "down"]);
        assert_eq!(
            drawn.bands.iter().map(|band| (band.run, band.width)).collect::<Vec<_>>(),
            [(1, 2.0 * STEP), (2, STEP)]
        );
        let none = Rows { rows: vec![], before: 0, after: 0, has_threads: false, relative: false };
        assert!(Timeline::of(&none).is_none());
    }
}
