//! Reports of module audits: a life cycle as text, and as one self-contained HTML page.

mod cost;
mod facts;
mod html;
mod link;
mod member;
mod page;
mod reload;
#[cfg(test)]
mod sample;
mod text;
mod text_member;
mod what_if;
mod whole;
mod words;

#[cfg(test)]
pub(super) use html::OWN_STYLE;
pub(super) use html::render as html;
pub(super) use text::render as text;
