//! Random step programs that use every value twice: as an operand and as something that can be seen later.
//!
//! An interpreter that keeps values in registers and fuses operators goes wrong where a value is used in
//! another way than the fusion expects. So operands are computed one after the other with statements between them
//! that change the very locals that lie on the stack, conditions are kept in locals, branches carry values past other
//! values, and everything ends up in memory.

use std::fmt::Write as _;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::operators::{DIVISIONS, GROUPS, LANE_LOADS, LOADS, STORES, TYPES, Ty, instruction};

/// Locals of each type.
const LOCALS: usize = 3;
/// Loop counters of a function.
pub(super) const COUNTERS: usize = 6;
/// Where each function stores its locals when it is done; random data lies before it.
const RESULTS: usize = 4096;
/// Steps of a program.
const STEPS: u32 = 3;
/// Instructions after which a function is brought to its end.
const INSTRUCTIONS_MAX: usize = 600;

/// The text of a random program; the same seed gives the same.
pub(super) fn generate(seed: u64) -> String {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let traps = random.random_ratio(1, 4);
    let mut text = String::from(
        "(module
 (@custom \"earnest.abi\" \"\\01\\00\\00\\00\")
 (memory (export \"memory\") 3 5)
 (global (export \"earnest_input\") i32 (i32.const 0))
 (global (export \"earnest_output\") i32 (i32.const 8))
 (global $g0 (mut i32) (i32.const 7)) (global $g1 (mut i64) (i64.const -9))
 (global $g2 (mut f32) (f32.const 1.5)) (global $g3 (mut f64) (f64.const -0.0))
 (global $g4 (mut v128) (v128.const i32x4 1 -2 3 -4))
 (table 4 funcref) (elem (i32.const 0) $f0 $f1 $f0)
 (type $f (func (param i32 i64 f32 f64 v128) (result i32)))\n",
    );
    data(&mut text, &mut random);
    for (name, callees) in [("$f0", 0), ("$f1", 1), ("$step", 2)] {
        let function = Function::new(&mut random, callees, traps);
        text.push_str(&function.finish(name));
    }
    text.push(')');
    text
}

/// Small numbers, numbers whose halves matter, and NaNs.
fn data(text: &mut String, random: &mut ChaCha8Rng) {
    text.push_str(" (data (i32.const 16) \"");
    for _ in 0..128 {
        let number: u64 = match random.random_range(0..6) {
            0 => random.random(),
            1 => u64::from(random.random::<u32>()) << 32,
            2 => random.random_range(0..3),
            3 => 0u64.wrapping_sub(random.random_range(0..3)),
            4 => f64::from(random.random_range(-3i32..4)).to_bits(),
            _ => u64::from(0x7fa0_0001 ^ random.random::<u32>() & 0x8000_ffff) << 32,
        };
        for byte in number.to_le_bytes() {
            let _ = write!(text, "\\{byte:02x}");
        }
    }
    text.push_str("\")\n");
}

/// A block that branches can leave, or a loop, which they do not.
pub(super) struct Label {
    /// What a branch to it takes along.
    pub(super) carries: Vec<Ty>,
    pub(super) is_loop: bool,
}

/// One function being written.
pub(super) struct Function<'r> {
    random: &'r mut ChaCha8Rng,
    text: String,
    /// The blocks around this place, the innermost last.
    pub(super) labels: Vec<Label>,
    /// Loops so far; each has a counter of its own.
    pub(super) counters: usize,
    instructions: usize,
    /// How many functions there are to call.
    callees: usize,
    /// Whether operators may trap.
    traps: bool,
}

impl<'r> Function<'r> {
    fn new(random: &'r mut ChaCha8Rng, callees: usize, traps: bool) -> Self {
        let (text, labels) = (String::new(), Vec::new());
        Self { random, text, labels, counters: 0, instructions: 0, callees, traps }
    }

    /// Writes the whole function.
    fn finish(mut self, name: &str) -> String {
        let step = name == "$step";
        self.begin(step);
        for _ in 0..self.random.random_range(4..14) {
            self.statement(4);
        }
        self.end(step, if step { 2 } else { name.len() % 2 });
        let head = if step {
            "(export \"step\") (param $i i64) (result i32)"
        } else {
            "(type $f) (param $i32_0 i32) (param $i64_0 i64) (param $f32_0 f32) (param $f64_0 f64) (param $v128_0 v128) (result i32)"
        };
        format!(" (func {name} {head}\n{})\n", self.text)
    }

    fn begin(&mut self, step: bool) {
        let first = usize::from(!step);
        for ty in TYPES {
            for index in first..LOCALS {
                let name = ty.name();
                self.text.push_str(&format!("(local ${name}_{index} {name}) "));
            }
        }
        (0..COUNTERS).for_each(|at| self.text.push_str(&format!("(local $n{at} i32) ")));
        self.text.push_str("(local $p i32)\n");
        self.op("i32.const 64");
        self.op("local.set $p");
        for ty in TYPES {
            for index in first..LOCALS {
                self.op("local.get $p");
                let offset = 16 * index + self.index(40);
                self.op(&format!("{}.load offset={offset}", ty.name()));
                self.op(&format!("local.set ${}_{index}", ty.name()));
            }
        }
    }

    /// Stores every local, so that each shows in the state.
    fn end(&mut self, step: bool, place: usize) {
        for (at, ty) in TYPES.into_iter().enumerate() {
            for index in 0..LOCALS {
                let address = RESULTS + 256 * place + 16 * (at * LOCALS + index);
                self.op(&format!("i32.const {address}"));
                self.op(&format!("local.get ${}_{index}", ty.name()));
                self.op(&format!("{}.store", ty.name()));
            }
        }
        if step {
            // The next step finds other data.
            for at in 0..4 {
                self.op(&format!("i32.const {}", 64 + 8 * at));
                self.op(&format!("i32.const {}", RESULTS + 512 + 16 * at + 40));
                self.op("i64.load");
                self.op("i64.store");
            }
            self.op("local.get $i");
            self.op(&format!("i64.const {}", STEPS - 1));
            self.op("i64.ge_s");
        } else {
            self.push(Ty::I32, 2);
        }
    }

    /// Writes one instruction.
    pub(super) fn op(&mut self, instruction: &str) {
        self.instructions += 1;
        self.text.push_str(instruction);
        self.text.push('\n');
    }

    /// Whether the function should come to its end.
    pub(super) const fn is_long(&self) -> bool {
        self.instructions > INSTRUCTIONS_MAX
    }

    /// A number below another.
    pub(super) fn index(&mut self, end: usize) -> usize {
        self.random.random_range(0..end)
    }

    /// True once in so many times.
    pub(super) fn chance(&mut self, of: usize) -> bool {
        self.index(of) == 0
    }

    /// Any type.
    pub(super) fn ty(&mut self) -> Ty {
        // Integers are what conditions are made of.
        TYPES[[0, 0, 0, 0, 1, 1, 1, 2, 3, 4][self.index(10)]]
    }

    /// One of some names, separated by spaces.
    pub(super) fn one<'a>(&mut self, names: &'a str) -> &'a str {
        let count = names.split(' ').count();
        let at = self.index(count);
        names.split(' ').nth(at).unwrap_or(names)
    }

    /// The name of a local.
    pub(super) fn local(&mut self, ty: Ty) -> String {
        format!("${}_{}", ty.name(), self.index(LOCALS))
    }

    /// Leaves one more value of a type on the stack.
    pub(super) fn push(&mut self, ty: Ty, depth: usize) {
        if depth == 0 || self.is_long() || self.chance(5) {
            return self.leaf(ty);
        }
        match self.index(22) {
            0 | 1 => self.select(ty, depth - 1),
            2 | 3 => {
                self.push(ty, depth - 1);
                let local = self.local(ty);
                self.op(&format!("local.tee {local}"));
            }
            4 => self.block(&[ty], depth - 1),
            5 => self.choice(&[ty], depth - 1),
            6 | 7 => self.load(ty, depth - 1),
            8 if self.callees > 0 && ty == Ty::I32 => self.call(depth - 1),
            9 if matches!(ty, Ty::I32 | Ty::I64) => self.divide(ty, depth - 1),
            10 => {
                self.push(ty, depth - 1);
                self.statement(depth - 1);
            }
            _ => self.operator(ty, depth - 1),
        }
    }

    fn leaf(&mut self, ty: Ty) {
        if self.chance(2) {
            let local = self.local(ty);
            return self.op(&format!("local.get {local}"));
        }
        let number =
            [0, 0, 0, 1, 1, 2, -1, 31, 32, 255, 65_536, i64::from(i32::MIN)][self.index(12)];
        let text = match (ty, self.index(8)) {
            (_, 0) => {
                format!("global.get $g{}", TYPES.iter().position(|it| *it == ty).unwrap_or(0))
            }
            (Ty::V128, _) => format!("v128.const i64x2 {number} {}", number.rotate_left(17)),
            (Ty::F32, 1) => "f32.const nan:0x12345".to_owned(),
            (Ty::F64, 1) => "f64.const -nan:0x12345".to_owned(),
            (Ty::F32 | Ty::F64, 2) => format!("{}.const -0", ty.name()),
            (Ty::I64, 1) => "i64.const 0x1_0000_0000".to_owned(),
            _ => format!("{}.const {number}", ty.name()),
        };
        self.op(&text);
    }

    /// Pushes operands with, now and then, something between them that changes what lies below.
    pub(super) fn operands(&mut self, types: &[Ty], depth: usize) {
        for ty in types {
            self.push(*ty, depth);
            if depth > 0 && self.chance(8) {
                self.statement(depth - 1);
            }
        }
    }

    fn operator(&mut self, ty: Ty, depth: usize) {
        let groups: Vec<_> = GROUPS.iter().filter(|group| group.gives == ty).collect();
        let total: u32 = groups.iter().map(|group| group.weight).sum();
        let mut drawn = self.random.random_range(0..total);
        let chosen = groups.iter().find(|group| {
            let found = drawn < group.weight;
            drawn = drawn.saturating_sub(group.weight);
            found
        });
        let Some(group) = chosen.or(groups.first()) else { return };
        self.operands(group.takes, depth);
        let name = self.one(group.names);
        self.op(&instruction(name, ty));
    }

    fn select(&mut self, ty: Ty, depth: usize) {
        self.operands(&[ty, ty], depth);
        self.condition(depth);
        self.op("select");
    }

    /// A condition: mostly a comparison, in a local too now and then.
    pub(super) fn condition(&mut self, depth: usize) {
        if self.chance(3) {
            self.push(Ty::I32, depth);
        } else {
            self.operator(Ty::I32, depth);
        }
        match self.index(8) {
            0 => {
                let local = self.local(Ty::I32);
                self.op(&format!("local.tee {local}"));
            }
            1 | 2 => self.op("i32.eqz"),
            3 => {
                self.op("i32.const 0");
                let name = self.one("eq ne");
                self.op(&instruction(name, Ty::I32));
            }
            4 if depth > 0 => {
                let local = self.local(Ty::I32);
                self.op(&format!("local.set {local}"));
                self.statement(depth - 1);
                self.op(&format!("local.get {local}"));
            }
            _ => {}
        }
    }

    fn divide(&mut self, ty: Ty, depth: usize) {
        self.operands(&[ty, ty], depth);
        if !(self.traps && self.chance(3)) {
            // Neither zero nor minus one.
            self.op(&format!("{}.const 255", ty.name()));
            self.op(&format!("{}.and", ty.name()));
            self.op(&format!("{}.const 1", ty.name()));
            self.op(&format!("{}.or", ty.name()));
        }
        let names = DIVISIONS.iter().find(|(of, _)| *of == ty).map_or("", |(_, names)| names);
        let name = self.one(names);
        self.op(&instruction(name, ty));
    }

    /// An address of up to 64 KiB, and the largest offset that goes with it.
    pub(super) fn address(&mut self, depth: usize) -> usize {
        if self.traps && self.chance(12) {
            self.push(Ty::I32, depth);
            return 1 << 20;
        }
        match self.index(4) {
            0 => self.op("local.get $p"),
            1 => {
                let at = self.index(1 << 16);
                self.op(&format!("i32.const {at}"));
            }
            2 => {
                self.push(Ty::I32, depth);
                self.op("i32.const 0xfff");
                self.op("i32.and");
                self.op("local.tee $p");
            }
            _ => {
                self.push(Ty::I32, depth);
                self.op("i32.const 0xffff");
                self.op("i32.and");
            }
        }
        130_000
    }

    fn offset(&mut self, end: usize) -> usize {
        let drawn = self.index(end);
        [0, 0, 0, 1, 8, 16, 60, 4_095, 65_535, 65_536, drawn][self.index(11)].min(end)
    }

    fn load(&mut self, ty: Ty, depth: usize) {
        if ty == Ty::V128 && self.chance(4) {
            let end = self.address(depth);
            self.push(ty, depth);
            return self.access(LANE_LOADS, ty, end);
        }
        let end = self.address(depth);
        let names = LOADS.iter().find(|(of, _)| *of == ty).map_or("", |(_, names)| names);
        self.access(names, ty, end);
    }

    /// Stores a value of any type.
    pub(super) fn store(&mut self, depth: usize) {
        let ty = self.ty();
        let end = self.address(depth);
        self.push(ty, depth);
        let names = STORES.iter().find(|(of, _)| *of == ty).map_or("", |(_, names)| names);
        self.access(names, ty, end);
    }

    fn access(&mut self, names: &str, ty: Ty, end: usize) {
        let offset = self.offset(end);
        let (name, lane) = {
            let name = self.one(names);
            name.split_once(':').unwrap_or((name, ""))
        };
        self.op(&format!("{} offset={offset} {lane}", instruction(name, ty).trim()));
    }

    fn call(&mut self, depth: usize) {
        self.operands(&TYPES, depth.min(2));
        let callee = self.index(self.callees);
        if self.chance(3) {
            // The last entry of the table is empty.
            let entry = if self.traps && self.chance(4) { 3 } else { callee };
            self.op(&format!("i32.const {entry}"));
            return self.op("call_indirect (type $f)");
        }
        self.op(&format!("call $f{callee}"));
    }
}
