//! Several histories of one finding vote for the place that is to blame.

use rustc_hash::FxHashMap;

use super::habits::Habits;
use super::pairing::Paired;
use super::step::{Account, Action, Step};
use super::verdict::{Kind, Verdict};

/// What a rival of the accused weighs in the vote.
const RIVAL: f64 = 0.4;
/// How much more than the second the first place must have to be named.
const CLEARLY: f64 = 2.0;

/// A place that may be to blame.
#[derive(Debug, Clone, PartialEq)]
pub struct Blame {
    /// The place.
    pub site: u32,
    /// An example: number of the history, and of the step in it.
    pub example: (usize, usize),
    /// References taken there, over all histories.
    pub taken: u64,
    /// References given back there.
    pub released: u64,
    /// Of those, how many nothing is paired with: positive taken, negative given back.
    pub unpaired: i64,
    /// How strongly it is suspected.
    pub weight: f64,
}

/// What all histories together say.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess {
    /// How sure it is.
    pub account: Account,
    /// Why, in one sentence.
    pub reason: String,
    /// The places, the likeliest first.
    pub blames: Vec<Blame>,
    /// The history that shows it best.
    pub example: usize,
}

/// Lets the histories vote. `kept` is how many references one object has too many (negative: too few); `habits`
/// are of objects of the same birth that did not leak.
#[must_use]
pub fn guess(histories: &[(&[Step], &Paired)], habits: &Habits, kept: i64) -> Guess {
    let verdicts: Vec<Verdict> = histories.iter().map(|(steps, paired)| Verdict::of(steps, paired, kept)).collect();
    let best = verdicts.iter().map(|verdict| verdict.kind).min().unwrap_or_default();
    let mut votes = Votes { histories, blames: vec![], places: FxHashMap::default() };
    for (number, verdict) in verdicts.iter().enumerate().filter(|(_, verdict)| verdict.kind == best) {
        votes.add(number, verdict);
    }
    let voters = verdicts.iter().filter(|verdict| verdict.kind == best).count().max(1);
    let mut blames = votes.counted();
    let told_apart = contrast(&mut blames, histories, habits, kept);
    let order = |blame: &Blame| action_order(histories[blame.example.0].0[blame.example.1].action);
    blames.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(order(a).cmp(&order(b))).then(a.example.cmp(&b.example)));
    let Some(first) = blames.first() else {
        return Guess { account: Account::Unseen, reason: nothing(histories, kept), blames, example: 0 };
    };
    let says = |verdict: &Verdict, number: usize| {
        verdict.kind == best && verdict.clear && histories[number].0[verdict.accused[0]].site == first.site
    };
    let clear = verdicts.iter().enumerate().filter(|(number, verdict)| says(verdict, *number)).count();
    let second = blames.get(1).map_or(0.0, |second| second.weight);
    let sure = best == Kind::Extensions && (2 * clear > voters || told_apart) && first.weight >= CLEARLY * second;
    let account =
        if sure || (best == Kind::Stored && 2 * clear > voters) { Account::Named } else { Account::Ambiguous };
    let example = example(&verdicts, histories, first.site, best);
    Guess {
        account,
        reason: reason(&Facts { best, clear, voters, told_apart, blames: &blames, kept }),
        blames,
        example,
    }
}

struct Votes<'a> {
    histories: &'a [(&'a [Step], &'a Paired)],
    blames: Vec<Blame>,
    places: FxHashMap<u32, usize>,
}

impl Votes<'_> {
    /// Each history has one vote, divided among its accused.
    fn add(&mut self, history: usize, verdict: &Verdict) {
        let all = verdict.accused.len() as f64 + RIVAL * verdict.rivals.len() as f64;
        for &step in &verdict.accused {
            self.vote(history, step, 1.0 / all);
        }
        for &step in &verdict.rivals {
            self.vote(history, step, RIVAL / all);
        }
    }

    fn vote(&mut self, history: usize, step: usize, weight: f64) {
        let site = self.histories[history].0[step].site;
        let place = *self.places.entry(site).or_insert_with(|| {
            let example = (history, step);
            self.blames.push(Blame { site, example, taken: 0, released: 0, unpaired: 0, weight: 0.0 });
            self.blames.len() - 1
        });
        self.blames[place].weight += weight;
    }

    fn counted(mut self) -> Vec<Blame> {
        for (steps, paired) in self.histories {
            for (step, left) in steps.iter().zip(&paired.left) {
                let Some(&place) = self.places.get(&step.site) else { continue };
                let blame = &mut self.blames[place];
                blame.taken += step.change.max(0) as u64;
                blame.released += (-step.change).max(0) as u64;
                blame.unpaired += left;
            }
        }
        self.blames
    }
}

/// Raises the places at which objects that leak differ from those that do not. Whether that told two apart.
fn contrast(blames: &mut [Blame], histories: &[(&[Step], &Paired)], habits: &Habits, kept: i64) -> bool {
    if habits.is_empty() || blames.len() < 2 {
        return false;
    }
    let rate = |site: u32| {
        let here = histories.iter().flat_map(|(steps, _)| steps.iter()).filter(|step| step.site == site);
        here.map(|step| step.change).sum::<i64>() as f64 / histories.len().max(1) as f64
    };
    let sign = if kept < 0 { -1.0 } else { 1.0 };
    let differs = |site: u32| {
        let more = sign * (rate(site) - habits.rate(site));
        let missing: f64 = habits.releases_of(site).map(|given| rate(given) - habits.rate(given)).sum();
        more.max(0.0) + (sign * missing).max(0.0) > 0.25
    };
    let told: Vec<bool> = blames.iter().map(|blame| differs(blame.site)).collect();
    let some_only = told.contains(&true) && told.contains(&false);
    if some_only {
        for (blame, _) in blames.iter_mut().zip(told).filter(|(_, told)| *told) {
            blame.weight *= 2.0 * CLEARLY;
        }
    }
    some_only
}

/// Which of equally suspected things is named first: what is forgotten most often.
fn action_order(action: Action) -> u8 {
    match action {
        Action::Inlined => 0,
        Action::NewReference => 1,
        Action::Born => 2,
        _ => 3,
    }
}

/// The shortest history that says what is said.
fn example(verdicts: &[Verdict], histories: &[(&[Step], &Paired)], site: u32, best: Kind) -> usize {
    let says = |&number: &usize| {
        let verdict = &verdicts[number];
        verdict.kind == best && verdict.accused.iter().any(|&step| histories[number].0[step].site == site)
    };
    (0..histories.len())
        .filter(says)
        .min_by_key(|&number| (!verdicts[number].clear, histories[number].0.len()))
        .unwrap_or(0)
}

struct Facts<'a> {
    best: Kind,
    clear: usize,
    voters: usize,
    told_apart: bool,
    blames: &'a [Blame],
    kept: i64,
}

fn reason(facts: &Facts<'_>) -> String {
    let over = facts.kept < 0;
    let what = match (facts.best, over) {
        (Kind::Extensions, false) => "no release is left that could be paired with what is taken there",
        (Kind::Extensions, true) => "what is given back there was not taken before",
        (Kind::Stored, false) => "all that the extension took itself is given back; what was stored there is not",
        (Kind::Stored, true) => "a function of the C API gives back there what nobody had taken",
        (_, false) => "only references that Python code took are left without a release",
        (_, true) => {
            "Python code gives back what nobody gave it; a function that it called returned a borrowed reference"
        }
    };
    let in_how_many = format!("in {} of {} histories", facts.clear, facts.voters);
    let others = match (facts.told_apart, facts.blames.len()) {
        (true, _) => "; objects of the same birth that do not leak differ just there",
        (false, 0 | 1) => "",
        (false, _) => "; the pairs can be made in more than one way, the likeliest place is first",
    };
    format!("A guess: {what} ({in_how_many} this is the only reading){others}.")
}

fn nothing(histories: &[(&[Step], &Paired)], kept: i64) -> String {
    let text = match (histories.is_empty(), kept < 0) {
        (true, _) => "no object of this finding was watched",
        (false, false) => "every reference that was seen taken was given back; what is kept was taken unseen",
        (false, true) => "every release that was seen gives back what was taken; the one too many was not seen",
    };
    format!("Nothing can be named: {text}.")
}
