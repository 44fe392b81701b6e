//! A path from a root as the HTML template is given it: an expression, a drawing, the holder's source.

use super::super::lines::columns;
use super::super::stacks::SiteView;
use super::chain::{ChainView, plain};
use super::picture::{BOX, CHARACTER, Picture};
use crate::document::{Chain, Frame, Origin, Site};
use serde::Serialize;

/// From box to box.
const STEP: f64 = 60.0;
/// Narrowest and widest box: the widest fits a telephone.
const BOXES: (f64, f64) = (90.0, 320.0);
/// Characters of a reference's name.
const REFERENCE: usize = 38;

/// A path.
#[derive(Serialize)]
pub(in crate::report) struct PathView {
    chain: ChainView,
    /// Empty for a chain of one link.
    expression: String,
    picture: Picture,
    /// Declaration of a static, with its source.
    declared: Option<SiteView>,
}

impl PathView {
    /// The path with this number.
    pub(in crate::report) fn of(number: usize, chain: &Chain) -> Self {
        let view = ChainView::of(number, chain);
        let declared = (!chain.source.is_empty()).then(|| SiteView::of(&declaration(chain)));
        Self { expression: chain.expression().unwrap_or_default(), picture: picture(&view), declared, chain: view }
    }

    /// The path in a line, where there is no room for more.
    pub(in crate::report) fn in_words(chain: &Chain) -> String {
        let (view, expression) = (ChainView::of(0, chain), chain.expression().unwrap_or_default());
        let place = if expression.is_empty() { view.place } else { expression };
        if place.is_empty() { view.root.into() } else { format!("{}: {place}", view.root) }
    }
}

/// The declaration of a static, as if it were the site of a frame.
pub(super) fn declaration(chain: &Chain) -> Site {
    let (module, symbol) = chain.place.split_once(':').unwrap_or(("", &chain.place));
    let frame = Frame {
        origin: Origin::Extension,
        function: symbol.into(),
        file: chain.file.clone(),
        line: chain.line,
        module: module.into(),
        offset: String::new(),
        inlined: false,
        guess: false,
    };
    Site { frame, source: chain.source.clone() }
}

/// Boxes one below the other, the root first.
fn picture(view: &ChainView) -> Picture {
    let names: Vec<String> = view.links.iter().map(super::chain::LinkView::words).collect();
    let words: Vec<String> = names.iter().zip(&view.links).map(|(name, link)| format!("{name} {}", link.by)).collect();
    let mut picture = Picture::new("Path from a root", words.join(" \u{2192} "));
    let widest = names.iter().map(|name| columns(name)).max().unwrap_or(0) as f64;
    let width = (widest * CHARACTER + 20.0).clamp(BOXES.0, BOXES.1).ceil();
    for (number, (name, link)) in names.iter().zip(&view.links).enumerate() {
        let (first, last) = (number == 0, number + 1 == names.len());
        let class = match (first, last, link.gap.is_empty()) {
            (_, _, false) => "gap",
            (_, true, _) => "held",
            (true, ..) => "root",
            _ => "",
        };
        let y = number as f64 * STEP;
        picture.thing(class, (0.0, y), width, name);
        if !last {
            picture.arrow("", (22.0, y + BOX), (22.0, y + STEP));
            picture.label("", (34.0, y + BOX + 20.0), "start", &plain(&link.by), REFERENCE);
        }
    }
    picture
}
