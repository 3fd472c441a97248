//! A function's reachable operators, and where its branches meet.

use wasmparser::{FunctionBody, Operator, ValType};

use super::PrepareError;
use super::source::Source;

/// One function, decoded. What follows an unconditional branch up to the end of its block is left out:
/// it cannot run, costs nothing and need not type-check in what is emitted.
pub(super) struct Code<'a> {
    /// The function's index.
    pub(super) function: u32,
    /// How many of `locals` are parameters.
    pub(super) parameters: usize,
    /// The type of every local, parameters first.
    pub(super) locals: Vec<ValType>,
    /// The reachable operators, the function's final `end` included.
    pub(super) operators: Vec<Operator<'a>>,
    /// For each operator, whether it is an `end` that some branch jumps to.
    pub(super) joins: Vec<bool>,
}

impl<'a> Code<'a> {
    /// Decodes the body of `function`.
    ///
    /// # Errors
    ///
    /// If the body does not decode, which validation has ruled out.
    pub(super) fn decode(
        source: &Source<'a>,
        body: &FunctionBody<'a>,
        function: u32,
    ) -> Result<Self, PrepareError> {
        let parameters = source.function_type(function).map_or(&[][..], |ty| ty.params());
        let mut locals = parameters.to_vec();
        for run in body.get_locals_reader()? {
            let (count, ty) = run?;
            locals.extend(std::iter::repeat_n(ty, count as usize));
        }
        let mut tracer = Tracer::default();
        for operator in body.get_operators_reader()? {
            tracer.take(operator?);
        }
        let Tracer { operators, joins, .. } = tracer;
        Ok(Self { function, parameters: parameters.len(), locals, operators, joins })
    }

    /// Whether the function calls any other.
    pub(super) fn calls(&self) -> bool {
        let call =
            |op: &Operator<'_>| matches!(op, Operator::Call { .. } | Operator::CallIndirect { .. });
        self.operators.iter().any(call)
    }
}

/// Follows control flow while operators are read.
struct Tracer<'a> {
    operators: Vec<Operator<'a>>,
    joins: Vec<bool>,
    /// For each open block, the function's own first, whether a branch jumps to its end.
    blocks: Vec<bool>,
    /// If what is read cannot run: how many blocks have been opened since.
    dead: Option<u32>,
}

impl Default for Tracer<'_> {
    fn default() -> Self {
        Self { operators: Vec::new(), joins: Vec::new(), blocks: vec![false], dead: None }
    }
}

impl<'a> Tracer<'a> {
    fn take(&mut self, operator: Operator<'a>) {
        if self.skips(&operator) {
            return;
        }
        let mut join = false;
        match &operator {
            Operator::Block { .. } => self.blocks.push(false),
            // A loop's label is at its head: jumps to it never reach its end.
            Operator::Loop { .. } => self.blocks.push(false),
            // Both arms of an `if` meet at its end.
            Operator::If { .. } => self.blocks.push(true),
            Operator::End => join = self.blocks.pop().unwrap_or(false),
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                self.target(*relative_depth);
            }
            Operator::BrTable { targets } => {
                targets.targets().flatten().for_each(|depth| self.target(depth));
                self.target(targets.default());
            }
            _ => {}
        }
        if ends_flow(&operator) {
            self.dead = Some(0);
        }
        self.operators.push(operator);
        self.joins.push(join);
    }

    /// Whether the operator cannot run. The `else` or `end` that closes the dead stretch can.
    fn skips(&mut self, operator: &Operator<'a>) -> bool {
        let Some(opened) = self.dead else { return false };
        self.dead = match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                Some(opened + 1)
            }
            Operator::Else if opened == 0 => None,
            Operator::End => opened.checked_sub(1),
            _ => Some(opened),
        };
        self.dead.is_some()
    }

    fn target(&mut self, relative_depth: u32) {
        let from_end = relative_depth as usize + 1;
        let block = self.blocks.len().checked_sub(from_end);
        if let Some(reached) = block.and_then(|index| self.blocks.get_mut(index)) {
            *reached = true;
        }
    }
}

/// Whether what follows an operator is not reached from it.
fn ends_flow(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::Br { .. } | Operator::BrTable { .. } | Operator::Return | Operator::Unreachable
    )
}
