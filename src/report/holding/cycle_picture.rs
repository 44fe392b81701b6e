//! A reference cycle as a ring of boxes: down at the left, and up again at the right.

use super::picture::{BOX, Picture, Point};
use crate::document::{Cycle, Step};

/// Members that are drawn; of more the middle is left out.
pub(super) const MOST: usize = 40;
/// Width of a box, and between the two columns.
const WIDTH: f64 = 190.0;
const GAP: f64 = 166.0;
/// From box to box of a column.
const STEP: f64 = 72.0;
/// Characters of a reference's name along a column, and across.
const ALONG: usize = 20;
const ACROSS: usize = 18;

/// A member of the ring, or what is left out of it.
struct Member {
    name: String,
    by: String,
    class: &'static str,
    hidden: bool,
}

pub(super) fn picture(cycle: &Cycle, words: String) -> Picture {
    let members = members(cycle);
    let mut picture = Picture::new("Reference cycle", words);
    let places = places(members.len());
    for (number, member) in members.iter().enumerate() {
        picture.thing(member.class, places[number], WIDTH, &member.name);
    }
    for (number, member) in members.iter().enumerate() {
        let next = (number + 1) % members.len();
        let class = if member.hidden { "hidden-edge" } else { "" };
        reference(&mut picture, class, places[number], places[next], &member.by, members.len());
    }
    picture
}

fn members(cycle: &Cycle) -> Vec<Member> {
    let closes = cycle.closed_by as usize;
    let member = |(number, step): (usize, &Step)| Member {
        name: super::chain::plain(&step.what),
        by: super::chain::plain(&step.by),
        class: if number == closes { "closes" } else { "" },
        hidden: step.hidden,
    };
    let steps = cycle.steps.iter().enumerate();
    if cycle.steps.len() <= MOST {
        return steps.map(member).collect();
    }
    let half = MOST / 2;
    let gap = Member {
        name: format!("{} more", cycle.steps.len() - 2 * half + 1),
        by: String::new(),
        class: "gap",
        hidden: false,
    };
    let head = steps.clone().take(half).map(member);
    let tail = steps.skip(cycle.steps.len() - half + 1).map(member);
    head.chain([gap]).chain(tail).collect()
}

/// Where each of so many boxes stands.
fn places(count: usize) -> Vec<Point> {
    let left = count.div_ceil(2);
    let right = count - left;
    let lower = (left - right) as f64 * STEP / 2.0;
    let down = (0..left).map(|row| (0.0, row as f64 * STEP));
    let up = (0..right).rev().map(|row| (WIDTH + GAP, row as f64 * STEP + lower));
    down.chain(up).collect()
}

fn reference(picture: &mut Picture, class: &'static str, from: Point, to: Point, by: &str, count: usize) {
    if count == 1 {
        picture.loop_arrow(class, (from.0 + WIDTH, from.1 + BOX / 2.0));
        picture.label(class, (from.0 + WIDTH + 44.0, from.1 + BOX / 2.0 + 4.0), "start", by, ACROSS);
    } else if from.0 == to.0 {
        let x = from.0 + WIDTH / 2.0;
        let (start, end) = if from.1 < to.1 { (from.1 + BOX, to.1) } else { (from.1, to.1 + BOX) };
        picture.arrow(class, (x, start), (x, end));
        let (at, anchor) = if from.0 == 0.0 { (x + 9.0, "start") } else { (x - 9.0, "end") };
        picture.label(class, (at, (start + end) / 2.0 + 4.0), anchor, by, ALONG);
    } else {
        // Between two boxes there and back: the way back above.
        let shift = match (count, from.0 < to.0) {
            (2, true) => 8.0,
            (2, false) => -8.0,
            _ => 0.0,
        };
        let (x, end) = if from.0 < to.0 { (from.0 + WIDTH, to.0) } else { (from.0, to.0 + WIDTH) };
        let (y, end_y) = (from.1 + BOX / 2.0 + shift, to.1 + BOX / 2.0 + shift);
        picture.arrow(class, (x, y), (end, end_y));
        let above = if shift > 0.0 { 14.0 } else { -6.0 };
        picture.label(class, ((x + end) / 2.0, (y + end_y) / 2.0 + above), "middle", by, ACROSS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn every_box_of_a_ring_has_a_place_of_its_own() {
        for count in 1..=MOST {
            let mut places: Vec<(i64, i64)> = places(count).into_iter().map(|(x, y)| (x as i64, y as i64)).collect();
            assert_eq!(places.len(), count);
            places.sort_unstable();
            assert!(places.windows(2).all(|two| two[0].0 != two[1].0 || two[1].1 - two[0].1 > BOX as i64));
        }
    }

    #[test]
    fn a_large_ring_is_folded_and_says_so() {
        let mut cycle = sample::leaks().cycles.remove(0);
        let step = cycle.steps[0].clone();
        cycle.steps = (0..1_000).map(|n| Step { what: format!("node {n}"), ..step.clone() }).collect();
        let members = members(&cycle);
        assert_eq!(members.len(), MOST);
        assert_eq!((members[19].name.as_str(), members[20].name.as_str()), ("node 19", "961 more"));
        assert_eq!(members[21].name, "node 981");
        assert_eq!(members.last().expect("members").name, "node 999");
    }

    #[test]
    fn hidden_references_and_what_closes_the_cycle_stand_out() {
        let doc = sample::leaks();
        let drawn = serde_json::to_value(picture(&doc.cycles[0], String::new())).expect("plain data");
        let count = |list: &str, class: &str| {
            drawn[list].as_array().expect("a list").iter().filter(|one| one["class"] == class).count()
        };
        assert_eq!(
            (count("boxes", "closes"), count("lines", "hidden-edge"), count("labels", "hidden-edge")),
            (1, 1, 1)
        );
    }
}
