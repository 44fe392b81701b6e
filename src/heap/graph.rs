//! The model heap: every object a node, every strong reference an edge, in dense arrays.

use super::index::AddressIndex;
pub use super::index::NodeId;

/// Objects and the references between them at one moment. Holds addresses as numbers, never as
/// pointers, and keeps nothing alive.
///
/// Edges are stored in compressed sparse rows: the targets of node `n` are
/// `edges[first_edge[n]..first_edge[n + 1]]`, with multiplicity.
#[derive(Debug)]
pub struct Heap {
    index: AddressIndex,
    /// Reference count minus counted references; meaningless for permanent nodes.
    unexplained: Vec<i32>,
    /// Bit per node: immortal objects and roots, which have no meaningful count.
    permanent: Vec<u64>,
    first_edge: Vec<u32>,
    edges: Vec<NodeId>,
}

/// Whether a [`Builder`] keeps the edges or only counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edges {
    /// Keep them: paths, cycles and holders can be asked for.
    Keep,
    /// Only balance reference counts, for a cheap snapshot.
    Count,
}

/// Builds a [`Heap`]: nodes are expanded in the order in which they were first mentioned.
#[derive(Debug)]
pub struct Builder {
    heap: Heap,
    mode: Edges,
    /// Next node to expand.
    cursor: usize,
}

impl Builder {
    /// An empty heap under construction.
    #[must_use]
    pub fn new(mode: Edges) -> Self {
        let heap = Heap {
            index: AddressIndex::default(),
            unexplained: Vec::new(),
            permanent: Vec::new(),
            first_edge: Vec::new(),
            edges: Vec::new(),
        };
        Self { heap, mode, cursor: 0 }
    }

    /// Announces an object before [`Self::seal`].
    #[inline]
    pub fn announce(&mut self, address: u64) {
        self.heap.index.announce(address);
    }

    /// Bytes that a heap of everything announced will roughly take, at its peak.
    ///
    /// Measured on a million containers with three references each, and the strings and numbers that they
    /// refer to (`docs/explanation/measurements.md`).
    #[must_use]
    pub fn expected_bytes(&self, mode: Edges) -> u64 {
        let each = if mode == Edges::Keep { 70 } else { 35 };
        self.heap.index.announced() as u64 * each
    }

    /// Keeps edges or only counts them, from now on. Before [`Self::seal`].
    pub fn set_mode(&mut self, mode: Edges) {
        self.mode = mode;
    }

    /// Makes nodes of everything announced, in address order, and room for what they refer to.
    /// Untouched room costs no memory.
    pub fn seal(&mut self) {
        let heap = &mut self.heap;
        heap.index.seal();
        let nodes = heap.index.addresses().len();
        heap.unexplained.reserve(2 * nodes);
        heap.unexplained.resize(nodes, 0);
        if self.mode == Edges::Keep {
            heap.first_edge.reserve(2 * nodes);
            heap.edges.reserve(8 * nodes);
        }
    }

    /// Mentions an object; the first mention makes it a node.
    #[inline]
    pub fn node(&mut self, address: u64) -> NodeId {
        let node = self.heap.index.add(address);
        if node as usize == self.heap.unexplained.len() {
            self.heap.unexplained.push(0);
        }
        node
    }

    /// Takes the next node to expand; the edges added afterwards are its own.
    #[inline]
    pub fn expand_next(&mut self) -> Option<(NodeId, u64)> {
        let address = *self.heap.index.addresses().get(self.cursor)?;
        let node = self.cursor as NodeId;
        self.cursor += 1;
        if self.mode == Edges::Keep {
            self.heap.first_edge.push(self.heap.edges.len() as u32);
        }
        Some((node, address))
    }

    /// Address of the node `ahead` places after the one being expanded, for prefetching.
    #[inline]
    #[must_use]
    pub fn upcoming(&self, ahead: usize) -> Option<u64> {
        self.heap.index.addresses().get(self.cursor + ahead).copied()
    }

    /// Adds one strong reference from the node being expanded.
    #[inline]
    pub fn edge_to(&mut self, address: u64) {
        let target = self.node(address);
        self.heap.unexplained[target as usize] -= 1;
        if self.mode == Edges::Keep {
            self.heap.edges.push(target);
        }
    }

    /// States the reference count of a node.
    #[inline]
    pub fn count(&mut self, node: NodeId, references: u32) {
        self.heap.unexplained[node as usize] += references as i32;
    }

    /// States that a node has no meaningful count: immortal, or a root that is no object.
    pub fn permanent(&mut self, node: NodeId) {
        let word = node as usize / 64;
        if self.heap.permanent.len() <= word {
            self.heap.permanent.resize(word + 1, 0);
        }
        self.heap.permanent[word] |= 1 << (node % 64);
    }

    /// Whether an object was mentioned already.
    #[must_use]
    pub fn contains(&self, address: u64) -> bool {
        self.heap.find(address).is_some()
    }

    /// Number of nodes mentioned so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing was mentioned yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// The finished heap. Nodes that were never expanded have no edges.
    #[must_use]
    pub fn finish(mut self) -> Heap {
        if self.mode == Edges::Keep {
            let end = self.heap.edges.len() as u32;
            self.heap.first_edge.resize(self.heap.len() + 1, end);
        }
        self.heap
    }
}

impl Heap {
    /// Number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.unexplained.len()
    }

    /// Whether there are no nodes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.unexplained.is_empty()
    }

    /// Number of edges kept.
    #[must_use]
    pub fn edge_count(&self) -> usize {
        self.edges.len()
    }

    /// Every node, in order.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        0..self.len() as NodeId
    }

    /// Address of a node.
    #[must_use]
    pub fn address(&self, node: NodeId) -> u64 {
        self.index.addresses()[node as usize]
    }

    /// The node that starts exactly at an address.
    #[must_use]
    pub fn find(&self, address: u64) -> Option<NodeId> {
        self.index.get(address)
    }

    /// Targets of a node's references, with multiplicity; empty when edges were only counted.
    #[must_use]
    pub fn targets(&self, node: NodeId) -> &[NodeId] {
        let node = node as usize;
        match (self.first_edge.get(node), self.first_edge.get(node + 1)) {
            (Some(&from), Some(&to)) => &self.edges[from as usize..to as usize],
            _ => &[],
        }
    }

    /// Whether a node is immortal or a root, so that its count means nothing.
    #[must_use]
    pub fn is_permanent(&self, node: NodeId) -> bool {
        self.permanent.get(node as usize / 64).is_some_and(|word| word >> (node % 64) & 1 == 1)
    }

    /// Reference count minus the references that the model accounts for; 0 for permanent nodes.
    /// Negative means over-explained: a borrowed reference was visited, or one too few is counted.
    #[must_use]
    pub fn unexplained(&self, node: NodeId) -> i32 {
        if self.is_permanent(node) { 0 } else { self.unexplained[node as usize] }
    }

    /// Bytes of memory that this heap occupies, its address index included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.index.bytes()
            + self.unexplained.len() * 4
            + self.permanent.len() * 8
            + (self.first_edge.len() + self.edges.len()) * 4
    }
}
