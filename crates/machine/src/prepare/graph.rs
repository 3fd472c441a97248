//! Who looks at a NaN: the graph of float values, their locals and their uses.
//!
//! Every value that may carry an unsettled NaN is a node; so is every local. An edge leads from a value
//! to what receives it. *Uses* flow against the edges: a value has the uses of all that receive it.

use super::floats::Lane;

/// How a value is used, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Uses(u8);

impl Uses {
    /// Bits are looked at.
    pub(super) const BITS: Self = Self(4);

    /// Only the NaN-ness of lanes of this width matters.
    pub(super) const fn lanes(lane: Lane) -> Self {
        match lane {
            Lane::F32 => Self(1),
            Lane::F64 => Self(2),
        }
    }

    /// Whether a payload in lanes of this width can be observed.
    pub(super) const fn observe(self, lane: Lane) -> bool {
        self.0 & !Self::lanes(lane).0 != 0
    }

    const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Index of a node: a local's own index, or beyond those a value's.
pub(super) type Node = usize;

/// What is behind a value's bits, as far as settling its NaNs later than at their origin is concerned.
///
/// Settling is a move-invariant: `settle(x)` then move equals move then `settle(x)`. So it may be put off
/// to a read of a local exactly if *every* value the local ever holds came from arithmetic of one lane
/// width (or is a number): bits that only happen to look like a NaN must never be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A number in lanes of either width.
    Number,
    /// Arithmetic, or numbers, of one lane width.
    Lanes(Lane),
    /// Anything: memory, parameters, bit operations.
    Bits,
}

impl Origin {
    /// What is behind a place that holds values of both origins.
    pub(super) fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Number, origin) | (origin, Self::Number) => origin,
            (a, b) if a == b => a,
            _ => Self::Bits,
        }
    }
}

/// The graph of one function.
#[derive(Default)]
pub(super) struct Graph {
    uses: Vec<Uses>,
    edges: Vec<(Node, Node)>,
}

impl Graph {
    /// A graph of locals only.
    pub(super) fn new(locals: usize) -> Self {
        Self { uses: vec![Uses::default(); locals], edges: Vec::new() }
    }

    /// Adds a value.
    pub(super) fn value(&mut self) -> Node {
        self.uses.push(Uses::default());
        self.uses.len() - 1
    }

    /// Records that a node is used.
    pub(super) fn mark(&mut self, node: Node, uses: Uses) {
        self.uses[node] = self.uses[node].with(uses);
    }

    /// Records that `from` goes into `to`.
    pub(super) fn flow(&mut self, from: Node, to: Node) {
        self.edges.push((from, to));
    }

    /// All uses of every node, direct or through others. Nothing flows into nodes for which `settled`
    /// holds: what is read there is settled at the read.
    ///
    /// A set grows at most three times, so the work is linear in the number of edges.
    pub(super) fn propagate(&self, settled: impl Fn(Node) -> bool) -> Vec<Uses> {
        let mut uses = self.uses.clone();
        let sources = self.sources();
        let used = |node: &Node| uses[*node] != Uses::default();
        let mut work: Vec<Node> = (0..uses.len()).filter(used).collect();
        while let Some(node) = work.pop() {
            for &from in &sources[node] {
                let grown = uses[from].with(uses[node]);
                if grown != uses[from] && !settled(from) {
                    uses[from] = grown;
                    work.push(from);
                }
            }
        }
        uses
    }

    fn sources(&self) -> Vec<Vec<Node>> {
        let mut sources = vec![Vec::new(); self.uses.len()];
        for &(from, to) in &self.edges {
            sources[to].push(from);
        }
        sources
    }
}
