//! The balance tree: what each function, with all that it calls, took and gave back.
//!
//! After Mozilla's refcount balance tree (`tools/rb/make-tree.pl`): a subtree that gives back what it takes is
//! of no interest, one that does not holds the fault.

use super::super::trace::{Frame, Origin};
use super::Balance;
use super::books::Books;
use super::own::is_own;

/// Rows beyond this number are left out, the deepest and most balanced first.
const MOST: usize = 200;

struct Node {
    frame: Frame,
    taken: u64,
    released: u64,
    children: Vec<Node>,
}

/// The tree of all histories as rows.
pub(super) fn tree(books: &Books<'_>) -> Vec<Balance> {
    let mut roots: Vec<Node> = Vec::new();
    for page in &books.leaking {
        for (event, step) in page.events.iter().zip(&page.steps) {
            if let Some(path) = path(books, event.stack) {
                add(&mut roots, &path, step.change);
            }
        }
    }
    let mut rows = Vec::new();
    roots.iter().for_each(|root| list(root, 0, &mut rows));
    let mut depth = rows.iter().map(|row| row.depth).max().unwrap_or(0);
    while rows.len() > MOST && depth > 0 {
        rows.retain(|row| row.depth < depth || row.taken != row.released);
        depth -= 1;
    }
    rows.truncate(MOST);
    rows
}

/// Functions from the outside in, and at last the line. Python code and the author's own only.
fn path(books: &Books<'_>, stack: crate::event::StackId) -> Option<Vec<Frame>> {
    let (frames, named) = (&books.stacks.get(&stack)?.frames, books.readings.get(&stack)?.named);
    let shown = |frame: &&Frame| frame.origin == Origin::Python || is_own(frame);
    let line = frames.get(named)?;
    let functions = frames[named..].iter().filter(shown).map(|frame| Frame {
        line: 0,
        offset: String::new(),
        inlined: false,
        ..frame.clone()
    });
    let mut path: Vec<Frame> = functions.collect();
    path.reverse();
    path.push(line.clone());
    Some(path)
}

fn add(nodes: &mut Vec<Node>, path: &[Frame], change: i64) {
    let Some((frame, rest)) = path.split_first() else { return };
    // A line with several instructions is one row.
    let same = |node: &Node| {
        let (a, b) = (&node.frame, frame);
        (a.line, &a.function, &a.file, &a.module) == (b.line, &b.function, &b.file, &b.module)
            && (a.line > 0 || a.offset == b.offset)
    };
    let place = nodes.iter().position(same).unwrap_or_else(|| {
        nodes.push(Node { frame: frame.clone(), taken: 0, released: 0, children: vec![] });
        nodes.len() - 1
    });
    nodes[place].taken += change.max(0) as u64;
    nodes[place].released += (-change).max(0) as u64;
    add(&mut nodes[place].children, rest, change);
}

fn list(node: &Node, depth: u32, rows: &mut Vec<Balance>) {
    rows.push(Balance { depth, frame: node.frame.clone(), taken: node.taken, released: node.released });
    node.children.iter().for_each(|child| list(child, depth + 1, rows));
}
