//! Follows values through a function's operand stack, and builds the graph of who receives them.

use wasmparser::{BlockType, ModuleArity, Operator, ValType};

use super::PrepareError;
use super::code::Code;
use super::floats::{Carry, Role, role};
use super::graph::{Graph, Node, Origin, Uses};
use super::lazy::{Settle, is_number};
use super::source::Source;

/// A result of arithmetic.
pub(super) struct Made {
    pub(super) node: Node,
    /// The operator.
    pub(super) at: usize,
    pub(super) settle: Settle,
}

/// A value read from a local.
pub(super) struct Read {
    pub(super) node: Node,
    pub(super) local: usize,
    /// The operator.
    pub(super) at: usize,
    /// How many loops it is in.
    pub(super) loops: u32,
}

/// A value written to a local.
pub(super) struct Write {
    pub(super) local: usize,
    pub(super) origin: Origin,
    /// If the value is a plain copy of a local, which.
    pub(super) copied: Option<usize>,
    /// Whether the value may have unsettled NaNs.
    pub(super) unsettled: bool,
    /// How many loops it is in.
    pub(super) loops: u32,
}

/// All that was found.
pub(super) struct Operands {
    pub(super) graph: Graph,
    pub(super) made: Vec<Made>,
    pub(super) reads: Vec<Read>,
    pub(super) writes: Vec<Write>,
    pub(super) height_max: usize,
}

/// A value on the operand stack.
#[derive(Clone, Copy)]
struct Value {
    /// Its node, if it may carry unsettled NaNs.
    node: Option<Node>,
    origin: Origin,
    /// The local it was read from, if nothing has happened to it since.
    local: Option<usize>,
}

const BITS: Value = Value { node: None, origin: Origin::Bits, local: None };

struct Block {
    /// Operands below the block's own.
    height: usize,
    parameters: usize,
    results: usize,
    is_loop: bool,
}

struct Tracer<'c, 'a> {
    source: &'c Source<'a>,
    code: &'c Code<'a>,
    found: Operands,
    stack: Vec<Value>,
    blocks: Vec<Block>,
    loops: u32,
}

/// Follows all values of a function.
///
/// # Errors
///
/// If the function does not type-check.
pub(super) fn trace(source: &Source<'_>, code: &Code<'_>) -> Result<Operands, PrepareError> {
    let results = source.function_type(code.function).map_or(0, |ty| ty.results().len());
    let found = Operands {
        graph: Graph::new(code.locals.len()),
        made: Vec::new(),
        reads: Vec::new(),
        writes: Vec::new(),
        height_max: 0,
    };
    let body = Block { height: 0, parameters: 0, results, is_loop: false };
    let mut tracer =
        Tracer { source, code, found, stack: Vec::new(), blocks: vec![body], loops: 0 };
    for (at, operator) in code.operators.iter().enumerate() {
        tracer.step(at, operator).ok_or_else(|| unexpected(code.function))?;
        tracer.found.height_max = tracer.found.height_max.max(tracer.stack.len());
    }
    Ok(tracer.found)
}

fn unexpected(function: u32) -> PrepareError {
    let reason = format!("function {function} does not type-check");
    PrepareError::Malformed { offset: 0, reason }
}

impl Tracer<'_, '_> {
    /// One operator. `None` if it does not fit, which validation has ruled out.
    fn step(&mut self, at: usize, operator: &Operator<'_>) -> Option<()> {
        match operator {
            Operator::LocalGet { local_index } => self.read(at, *local_index as usize),
            Operator::LocalSet { local_index } => self.write(*local_index as usize),
            Operator::LocalTee { local_index } => {
                self.write(*local_index as usize)?;
                self.read(at, *local_index as usize)
            }
            Operator::Drop => self.stack.pop().map(drop),
            _ => match self.control(operator) {
                Some(done) => done,
                None => self.compute(at, operator),
            },
        }
    }

    fn is_float(&self, local: usize) -> Option<bool> {
        let ty = self.code.locals.get(local)?;
        Some(matches!(ty, ValType::F32 | ValType::F64 | ValType::V128))
    }

    fn read(&mut self, at: usize, local: usize) -> Option<()> {
        if !self.is_float(local)? {
            self.stack.push(BITS);
            return Some(());
        }
        let node = self.found.graph.value();
        self.found.graph.flow(local, node);
        self.found.reads.push(Read { node, local, at, loops: self.loops });
        self.stack.push(Value { node: Some(node), origin: Origin::Bits, local: Some(local) });
        Some(())
    }

    fn write(&mut self, local: usize) -> Option<()> {
        let value = self.stack.pop()?;
        if !self.is_float(local)? {
            return Some(());
        }
        if let Some(node) = value.node {
            self.found.graph.flow(node, local);
        }
        self.found.writes.push(Write {
            local,
            origin: value.origin,
            copied: value.local,
            unsettled: value.node.is_some(),
            loops: self.loops,
        });
        Some(())
    }

    /// An operator that only computes: pops operands, pushes results.
    fn compute(&mut self, at: usize, operator: &Operator<'_>) -> Option<()> {
        let (pops, pushes) = operator.operator_arity(&NoModule)?;
        let operands = self.stack.split_off(self.stack.len().checked_sub(pops as usize)?);
        match role(operator) {
            Role::Arithmetic { reads, makes, vector } => {
                self.mark(&operands, Uses::lanes(reads));
                self.make(at, Settle { lane: makes, vector });
            }
            Role::Compare(lane) => {
                self.mark(&operands, Uses::lanes(lane));
                self.stack.push(BITS);
            }
            Role::Carry(carry) => self.carry(&operands, carry),
            Role::CopySign => {
                self.mark(operands.get(1..)?, Uses::BITS);
                self.pass(operands.get(..1)?, Origin::Bits);
            }
            Role::Number(lane) => {
                self.mark(&operands, Uses::BITS);
                self.stack.push(Value { origin: Origin::Lanes(lane), ..BITS });
            }
            Role::Observe => {
                self.mark(&operands, Uses::BITS);
                let origin = if is_number(operator) { Origin::Number } else { Origin::Bits };
                self.push_many(pushes as usize, Value { origin, ..BITS });
            }
        }
        Some(())
    }

    fn make(&mut self, at: usize, settle: Settle) {
        let node = self.found.graph.value();
        self.found.made.push(Made { node, at, settle });
        let origin = Origin::Lanes(settle.lane);
        self.stack.push(Value { node: Some(node), origin, local: None });
    }

    fn carry(&mut self, operands: &[Value], carry: Carry) {
        let joined = operands.iter().take(2).map(|value| value.origin).reduce(Origin::join);
        let joined = joined.unwrap_or(Origin::Bits);
        match carry {
            Carry::Select => self.pass(operands, joined),
            Carry::Choose(lane) => {
                self.mark(operands, Uses::lanes(lane));
                self.pass(
                    operands,
                    if joined == Origin::Lanes(lane) { joined } else { Origin::Bits },
                );
            }
            Carry::Lanes(lane) => {
                self.mark(operands, Uses::lanes(lane));
                self.pass(operands, Origin::Bits);
            }
            Carry::Blocks => self.pass(operands, Origin::Bits),
        }
    }

    /// Pushes a value that holds (parts of) the operands.
    fn pass(&mut self, operands: &[Value], origin: Origin) {
        let nodes: Vec<Node> = operands.iter().filter_map(|value| value.node).collect();
        let node = if nodes.is_empty() { None } else { Some(self.found.graph.value()) };
        if let Some(node) = node {
            nodes.into_iter().for_each(|from| self.found.graph.flow(from, node));
        }
        self.stack.push(Value { node, origin, local: None });
    }

    fn mark(&mut self, values: &[Value], uses: Uses) {
        for node in values.iter().filter_map(|value| value.node) {
            self.found.graph.mark(node, uses);
        }
    }

    fn push_many(&mut self, count: usize, value: Value) {
        self.stack.extend(std::iter::repeat_n(value, count));
    }

    /// Control operators: whatever crosses one is looked at. `None` if the operator is not one.
    fn control(&mut self, operator: &Operator<'_>) -> Option<Option<()>> {
        Some(match operator {
            Operator::Block { blockty } => self.open(*blockty, false),
            Operator::Loop { blockty } => self.open(*blockty, true),
            Operator::If { blockty } => self.stack.pop().and_then(|_| self.open(*blockty, false)),
            Operator::Else => self.otherwise(),
            Operator::End => self.close(),
            Operator::Br { relative_depth } => self.jump(*relative_depth),
            Operator::BrIf { relative_depth } => {
                self.stack.pop().and_then(|_| self.observe_label(*relative_depth))
            }
            Operator::BrTable { targets } => {
                self.stack.pop().and_then(|_| self.jump(targets.default()))
            }
            Operator::Return => {
                u32::try_from(self.blocks.len() - 1).ok().and_then(|outermost| self.jump(outermost))
            }
            Operator::Unreachable => self.abandon(),
            Operator::Call { function_index } => {
                let ty = self.source.function_type(*function_index);
                ty.map(|ty| (ty.params().len(), ty.results().len()))
                    .and_then(|(pops, pushes)| self.exchange(pops, pushes))
            }
            Operator::CallIndirect { type_index, .. } => {
                let ty = self.source.type_at(*type_index);
                ty.map(|ty| (ty.params().len() + 1, ty.results().len()))
                    .and_then(|(pops, pushes)| self.exchange(pops, pushes))
            }
            _ => return None,
        })
    }

    /// Pops values that are looked at, pushes settled ones.
    fn exchange(&mut self, pops: usize, pushes: usize) -> Option<()> {
        let operands = self.stack.split_off(self.stack.len().checked_sub(pops)?);
        self.mark(&operands, Uses::BITS);
        self.push_many(pushes, BITS);
        Some(())
    }

    fn open(&mut self, ty: BlockType, is_loop: bool) -> Option<()> {
        let (parameters, results) = self.source.block_arity(ty)?;
        self.exchange(parameters, 0)?;
        self.blocks.push(Block { height: self.stack.len(), parameters, results, is_loop });
        self.loops += u32::from(is_loop);
        self.push_many(parameters, BITS);
        Some(())
    }

    fn otherwise(&mut self) -> Option<()> {
        let parameters = self.blocks.last()?.parameters;
        self.abandon()?;
        self.push_many(parameters, BITS);
        Some(())
    }

    fn close(&mut self) -> Option<()> {
        self.abandon()?;
        let block = self.blocks.pop()?;
        self.loops -= u32::from(block.is_loop);
        self.push_many(block.results, BITS);
        Some(())
    }

    /// Clears the current block's operands: those that are left are its results.
    fn abandon(&mut self) -> Option<()> {
        let height = self.blocks.last()?.height;
        let left = self.stack.split_off(height.min(self.stack.len()));
        self.mark(&left, Uses::BITS);
        Some(())
    }

    fn jump(&mut self, relative_depth: u32) -> Option<()> {
        self.observe_label(relative_depth)?;
        let height = self.blocks.last()?.height;
        self.stack.truncate(height);
        Some(())
    }

    fn observe_label(&mut self, relative_depth: u32) -> Option<()> {
        let index = self.blocks.len().checked_sub(relative_depth as usize + 1)?;
        let block = self.blocks.get(index)?;
        let count = if block.is_loop { block.parameters } else { block.results };
        let from = self.stack.len().checked_sub(count)?;
        let sent: Vec<Value> = self.stack.get(from..)?.to_vec();
        self.mark(&sent, Uses::BITS);
        Some(())
    }
}

/// Answers nothing: the operators that [`Tracer::compute`] sees have a fixed arity.
struct NoModule;

impl ModuleArity for NoModule {
    fn sub_type_at(&self, _: u32) -> Option<&wasmparser::SubType> {
        None
    }
    fn tag_type_arity(&self, _: u32) -> Option<(u32, u32)> {
        None
    }
    fn type_index_of_function(&self, _: u32) -> Option<u32> {
        None
    }
    fn func_type_of_cont_type(&self, _: &wasmparser::ContType) -> Option<&wasmparser::FuncType> {
        None
    }
    fn sub_type_of_ref_type(&self, _: &wasmparser::RefType) -> Option<&wasmparser::SubType> {
        None
    }
    fn control_stack_height(&self) -> u32 {
        0
    }
    fn label_block(&self, _: u32) -> Option<(BlockType, wasmparser::FrameKind)> {
        None
    }
}
