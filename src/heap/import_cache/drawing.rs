//! The model drawn as text: what keeps what, from the roots down.

use super::machine::Machine;
use super::world::{Id, World};

impl Machine {
    /// A tree for each root that refers to anything. An object that is drawn already is only named.
    #[must_use]
    pub fn drawing(&self) -> String {
        let mut drawing = Drawing { world: &self.world, drawn: Vec::new(), text: String::new() };
        for root in self.world.living_roots() {
            if !self.world.references(root).is_empty() {
                drawing.text.push_str(self.world.what(root).words());
                drawing.text.push('\n');
                drawing.below(root, "");
            }
        }
        drawing.text
    }
}

struct Drawing<'a> {
    world: &'a World,
    drawn: Vec<Id>,
    text: String,
}

impl Drawing<'_> {
    fn below(&mut self, id: Id, margin: &str) {
        let references = self.world.references(id);
        for (number, (name, to)) in references.iter().enumerate() {
            let last = number + 1 == references.len();
            let known = self.drawn.contains(to);
            let branch = if last { "└─" } else { "├─" };
            let again = if known { ", see above" } else { "" };
            self.text.push_str(&format!("{margin}{branch} {name}: {}{again}\n", self.world.what(*to).words()));
            if !known {
                self.drawn.push(*to);
                self.below(*to, &format!("{margin}{}", if last { "   " } else { "│  " }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Machine, ModuleKind, Shape};

    #[test]
    fn a_module_that_unloads_leaves_nothing_to_draw() {
        let mut machine = Machine::new(13, Shape::of(ModuleKind::MultiPhase));
        machine.import(0).unwrap();
        assert!(machine.drawing().contains("sys.modules\n└─ module: the module object\n"));
        machine.drop_local(0);
        machine.delete(0);
        machine.collect(0);
        assert_eq!(machine.drawing(), "");
    }

    #[test]
    fn a_backup_copy_is_drawn_with_the_chain_to_the_module() {
        let mut machine = Machine::new(11, Shape::of(ModuleKind::Basic));
        machine.import(0).unwrap();
        machine.drop_local(0);
        machine.delete(0);
        machine.collect(0);
        let drawing = machine.drawing();
        assert!(drawing.contains("m_copy: the backup copy (m_copy)\n"), "{drawing}");
        assert!(drawing.contains("the module object, see above"), "{drawing}");
    }
}
