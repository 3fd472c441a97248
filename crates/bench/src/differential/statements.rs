//! Statements of a random function: what leaves the stack as it was, with blocks, loops and branches.

use super::generate::{COUNTERS, Function, Label};
use super::operators::{TYPES, Ty, instruction};

impl Function<'_> {
    fn types(&mut self) -> Vec<Ty> {
        let count = [0, 0, 1, 1, 1, 2, 3][self.index(7)];
        (0..count).map(|_| self.ty()).collect()
    }

    /// Any statement.
    pub(super) fn statement(&mut self, depth: usize) {
        if self.is_long() {
            return;
        }
        let depth = depth.saturating_sub(1);
        match self.index(if depth == 0 { 7 } else { 12 }) {
            0..=3 => {
                let ty = self.ty();
                self.push(ty, depth + 1);
                let local = self.local(ty);
                self.op(&format!("local.set {local}"));
            }
            4 | 5 => self.store(depth + 1),
            6 => {
                let at = self.index(TYPES.len());
                self.push(TYPES[at], depth + 1);
                self.op(&format!("global.set $g{at}"));
            }
            7 => {
                let types = self.types();
                self.block(&types, depth);
                self.take(&types, depth);
            }
            8 => {
                let types = self.types();
                self.choice(&types, depth);
                self.take(&types, depth);
            }
            9 | 10 => self.repeat(depth),
            _ => self.bulk(depth),
        }
    }

    /// Takes values off the stack into locals, or drops them.
    fn take(&mut self, types: &[Ty], depth: usize) {
        for ty in types.iter().rev() {
            if self.chance(4) {
                self.op("drop");
            } else {
                let local = self.local(*ty);
                self.op(&format!("local.set {local}"));
            }
            if depth > 0 && self.chance(8) {
                self.statement(depth - 1);
            }
        }
    }

    fn open(&mut self, kind: &str, takes: &[Ty], gives: &[Ty], carries: &[Ty]) {
        let list = |word: &str, types: &[Ty]| {
            let names: Vec<_> = types.iter().map(|ty| ty.name()).collect();
            if names.is_empty() { String::new() } else { format!("({word} {})", names.join(" ")) }
        };
        self.op(&format!("{kind} {} {}", list("param", takes), list("result", gives)));
        self.labels.push(Label { carries: carries.to_vec(), is_loop: kind == "loop" });
    }

    fn close(&mut self) {
        self.labels.pop();
        self.op("end");
    }

    /// A block that gives values; branches leave it early with values of their own.
    pub(super) fn block(&mut self, gives: &[Ty], depth: usize) {
        let takes = if self.chance(3) { self.types() } else { Vec::new() };
        self.operands(&takes, depth);
        self.open("block", &takes, gives, gives);
        self.take(&takes, depth);
        self.arm(gives, depth);
        self.close();
    }

    /// What stands in a block: statements, its values, and ways to leave with them.
    fn arm(&mut self, gives: &[Ty], depth: usize) {
        for _ in 0..self.index(3) {
            self.statement(depth);
        }
        if self.chance(3) {
            let below = self.types();
            self.operands(&below, depth);
            self.operands(gives, depth);
            self.condition(depth);
            let target = self.target();
            self.op(&format!("br_if {target}"));
            self.take(gives, depth);
            self.take(&below, depth);
        }
        if self.chance(5) {
            let below = self.types();
            self.operands(&below, depth);
            self.operands(gives, depth);
            self.push(Ty::I32, depth);
            let targets: Vec<_> =
                (0..self.index(3) + 1).map(|_| self.target().to_string()).collect();
            return self.op(&format!("br_table {}", targets.join(" ")));
        }
        self.operands(gives, depth);
        if self.chance(3) {
            self.condition(depth);
            let target = self.target();
            self.op(&format!("br_if {target}"));
        }
    }

    /// A block around this place that takes the same values as the innermost.
    fn target(&mut self) -> usize {
        let Some(innermost) = self.labels.last() else { return 0 };
        let around = self.labels.iter().rev().enumerate();
        let fits = |label: &Label| !label.is_loop && label.carries == innermost.carries;
        let targets: Vec<usize> =
            around.filter(|(_, label)| fits(label)).map(|(depth, _)| depth).collect();
        targets[self.index(targets.len())]
    }

    /// An `if` that gives values.
    pub(super) fn choice(&mut self, gives: &[Ty], depth: usize) {
        let takes = if self.chance(3) { self.types() } else { Vec::new() };
        self.operands(&takes, depth);
        self.condition(depth);
        let passes = takes == gives && self.chance(2);
        self.open("if", &takes, gives, gives);
        for arm in 0..2 {
            if arm == 1 {
                if passes {
                    break;
                }
                self.op("else");
            }
            self.take(&takes, depth);
            self.arm(gives, depth);
        }
        self.close();
    }

    /// A loop that ends, and may carry values from one turn to the next.
    fn repeat(&mut self, depth: usize) {
        if self.counters == COUNTERS {
            return;
        }
        let counter = self.counters;
        self.counters += 1;
        let carries = if self.chance(3) { self.types() } else { Vec::new() };
        self.op("i32.const 0");
        self.op(&format!("local.set $n{counter}"));
        self.operands(&carries, depth);
        self.open("loop", &carries, &carries, &carries);
        self.take(&carries, depth);
        for _ in 0..1 + self.index(3) {
            self.statement(depth);
        }
        self.operands(&carries, depth);
        self.op(&format!("local.get $n{counter}"));
        self.op("i32.const 1");
        self.op("i32.add");
        self.op(&format!("local.tee $n{counter}"));
        let times = 1 + self.index(3);
        self.op(&format!("i32.const {times}"));
        let compare = self.one("lt_u lt_s ne");
        self.op(&instruction(compare, Ty::I32));
        self.op("br_if 0");
        self.close();
        self.take(&carries, depth);
    }

    fn bulk(&mut self, depth: usize) {
        self.address(depth);
        if self.chance(2) {
            self.push(Ty::I32, depth);
        } else {
            self.address(depth);
        }
        self.push(Ty::I32, depth);
        self.op("i32.const 0xff");
        self.op("i32.and");
        let name = self.one("memory.fill memory.copy");
        self.op(name);
    }
}
