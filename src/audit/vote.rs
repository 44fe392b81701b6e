//! One site, one cause: what most objects of a type that were made at one place say, the others do not gainsay.

use rustc_hash::FxHashMap;

use super::evidence::Born;
use super::stacks;
use crate::analysis::{Clue, Role};
use crate::findings::Frame;
use crate::heap::Place;
use crate::sys::Describer;

/// Takes the word of memory that may keep an old one, or only borrow, for nothing where nothing at all holds
/// most objects of the same type that were made at the same place: a stale word somewhere holds one of a
/// thousand.
pub(super) fn vote(born: &[Born], roles: &mut [Role], scope: &[String], describer: &mut Describer<'_>) {
    if !roles.iter().any(is_weak) {
        return;
    }
    let mut groups: FxHashMap<(String, Option<Frame>), Vec<usize>> = FxHashMap::default();
    for (number, role) in roles.iter().enumerate() {
        if let (Role::Culprit(_), Some(node)) = (role, born[number].survivor.node) {
            let site = stacks::site(born[number].block.stack, scope);
            groups.entry((describer.type_name(node), site)).or_default().push(number);
        }
    }
    for members in groups.into_values() {
        let lost = members.iter().filter(|&&member| roles[member] == Role::Culprit(Clue::Nothing)).count();
        if 2 * lost > members.len() {
            let weak = members.into_iter().filter(|&member| is_weak(&roles[member])).collect::<Vec<usize>>();
            weak.into_iter().for_each(|member| roles[member] = Role::Culprit(Clue::Nothing));
        }
    }
}

fn is_weak(role: &Role) -> bool {
    matches!(role, Role::Culprit(Clue::Word(Place::Block { .. } | Place::Native { .. } | Place::Stack { .. })))
}
