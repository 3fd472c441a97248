//! Random programs full of floats: locals, loops, branches, calls, moves between lanes, and NaNs.

use std::fmt::Write as _;

/// A small deterministic generator (SplitMix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ty {
    I32,
    F32,
    F64,
    V128,
}

const FLOATS: [Ty; 3] = [Ty::F32, Ty::F64, Ty::V128];
/// Locals of each float type.
const LOCALS: usize = 4;
/// Where results are stored; inputs lie below.
const RESULTS: usize = 4096;

impl Ty {
    const fn name(self) -> &'static str {
        match self {
            Self::I32 => "i32",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::V128 => "v128",
        }
    }
}

struct Generator {
    random: Random,
    text: String,
    labels: usize,
    loops: usize,
    /// Whether there is a function to call.
    calls: bool,
}

/// The fields and the body of `step` of a random program.
pub(crate) fn generate(seed: u64) -> (String, String) {
    let mut generator = Generator {
        random: Random::new(seed),
        text: String::new(),
        labels: 0,
        loops: 0,
        calls: false,
    };
    let fields = generator.fields();
    generator.declare_locals(0);
    for _ in 0..2 + generator.random.below(8) {
        generator.statement(3);
    }
    generator.store_locals();
    let body = format!("{} (i32.const 1)", generator.text);
    (fields, body)
}

impl Generator {
    /// Inputs, globals, and a function of floats to floats.
    fn fields(&mut self) -> String {
        let mut data = String::new();
        for _ in 0..64 {
            let narrow = match self.random.below(6) {
                0 => 0x7f80_0001 | (self.random.next() as u32 & 0x803f_ffff),
                1 => 0xffc0_0000 | (self.random.next() as u32 & 0x3f_ffff),
                2 => 0x7f80_0000,
                3 => 0xff80_0000,
                _ => (self.random.below(9) as f32 - 4.0).to_bits(),
            };
            let wide = f64::from(f32::from_bits(narrow)).to_bits() | u64::from(narrow & 7);
            let bits = if self.random.below(2) == 0 {
                u64::from(narrow) << 32 | u64::from(narrow)
            } else {
                wide
            };
            bits.to_le_bytes().iter().for_each(|byte| write!(data, "\\{byte:02x}").expect("text"));
        }
        // Parameters are locals like any others, but hold anything from the start.
        self.declare_locals(1);
        for _ in 0..1 + self.random.below(5) {
            self.statement(2);
        }
        self.store_locals();
        let result = self.expression(Ty::F32, 2);
        let body = std::mem::take(&mut self.text);
        self.loops = 0;
        self.calls = true;
        format!(
            "(data (i32.const 64) \"{data}\")
             (global $g (mut f64) (f64.const 0))
             (global $h (mut v128) (v128.const i32x4 0 0 0 0))
             (func $f (param $f320 f32) (param $f640 f64) (param $v1280 v128) (result f32)
                {body} {result})"
        )
    }

    fn declare_locals(&mut self, first: usize) {
        for ty in FLOATS {
            for index in first..LOCALS {
                let name = ty.name();
                write!(self.text, "(local ${name}{index} {name}) ").expect("text");
            }
        }
        for counter in 0..8 {
            write!(self.text, "(local $n{counter} i32) ").expect("text");
        }
        self.text.push('\n');
    }

    fn store_locals(&mut self) {
        for ty in FLOATS {
            for index in 0..LOCALS {
                if self.random.below(3) > 0 {
                    let name = ty.name();
                    let at = self.place();
                    writeln!(
                        self.text,
                        "({name}.store (i32.const {at}) (local.get ${name}{index}))"
                    )
                    .expect("text");
                }
            }
        }
    }

    fn place(&mut self) -> usize {
        // Straddling pages now and then.
        RESULTS - 8 + 4 * self.random.below(3000)
    }

    fn local(&mut self, ty: Ty) -> String {
        format!("${}{}", ty.name(), self.random.below(LOCALS))
    }

    fn float(&mut self) -> Ty {
        FLOATS[self.random.below(3)]
    }

    fn statement(&mut self, depth: usize) {
        let ty = self.float();
        let name = ty.name();
        match self.random.below(if depth == 0 { 6 } else { 10 }) {
            0..3 => {
                let (local, value) = (self.local(ty), self.expression(ty, 3));
                writeln!(self.text, "(local.set {local} {value})").expect("text");
            }
            3 => {
                let (at, value) = (self.place(), self.expression(ty, 2));
                writeln!(self.text, "({name}.store (i32.const {at}) {value})").expect("text");
            }
            4 => {
                // Accumulate: the pattern for which settling is put off.
                let (local, value) = (self.local(ty), self.expression(ty, 1));
                let add = self.arithmetic(ty);
                writeln!(self.text, "(local.set {local} ({add} (local.get {local}) {value}))")
                    .expect("text");
            }
            5 => {
                let (wide, vector) = (self.expression(Ty::F64, 2), self.expression(Ty::V128, 2));
                writeln!(self.text, "(global.set $g {wide}) (global.set $h {vector})")
                    .expect("text");
            }
            6 => self.repeat(depth),
            7 => self.choice(depth),
            8 => self.escape(depth),
            _ => {
                let (local, from) = (self.local(ty), self.local(ty));
                writeln!(self.text, "(local.set {local} (local.get {from}))").expect("text");
            }
        }
    }

    fn statements(&mut self, depth: usize) {
        for _ in 0..1 + self.random.below(4) {
            self.statement(depth - 1);
        }
    }

    fn repeat(&mut self, depth: usize) {
        if self.loops == 8 {
            return;
        }
        let counter = self.loops;
        self.loops += 1;
        let times = 1 + self.random.below(4);
        writeln!(self.text, "(local.set $n{counter} (i32.const 0)) (loop $l{counter}")
            .expect("text");
        self.statements(depth);
        writeln!(
            self.text,
            "(local.set $n{counter} (i32.add (local.get $n{counter}) (i32.const 1)))
             (br_if $l{counter} (i32.lt_u (local.get $n{counter}) (i32.const {times}))))"
        )
        .expect("text");
    }

    fn choice(&mut self, depth: usize) {
        let condition = self.expression(Ty::I32, 2);
        writeln!(self.text, "(if {condition} (then").expect("text");
        self.statements(depth);
        if self.random.below(2) == 0 {
            self.text.push_str(") (else ");
            self.statements(depth);
        }
        self.text.push_str("))\n");
    }

    fn escape(&mut self, depth: usize) {
        let label = self.labels;
        self.labels += 1;
        writeln!(self.text, "(block $b{label}").expect("text");
        self.statements(depth);
        let condition = self.expression(Ty::I32, 1);
        let branch = match self.random.below(3) {
            0 => format!("(br_if $b{label} {condition})"),
            1 => format!("(if {condition} (then (br $b{label} (nop))))"),
            _ => format!("(br_table $b{label} $b{label} {condition}) (unreachable)"),
        };
        self.text.push_str(&branch);
        self.statements(depth);
        self.text.push_str(")\n");
    }

    fn arithmetic(&mut self, ty: Ty) -> String {
        let prefix = match ty {
            Ty::V128 => self.random.one(&["f32x4", "f64x2"]),
            other => other.name(),
        };
        let op = self.random.one(&["add", "sub", "mul", "div", "min", "max"]);
        format!("{prefix}.{op}")
    }

    fn expression(&mut self, ty: Ty, depth: usize) -> String {
        if depth == 0 || self.random.below(6) == 0 {
            return self.leaf(ty);
        }
        let deeper = depth - 1;
        match self.random.below(8) {
            0 => {
                let condition = self.expression(Ty::I32, deeper);
                let (a, b) = (self.expression(ty, deeper), self.expression(ty, deeper));
                format!("(select {a} {b} {condition})")
            }
            1 if ty != Ty::I32 => {
                let (local, value) = (self.local(ty), self.expression(ty, deeper));
                format!("(local.tee {local} {value})")
            }
            2 if self.random.below(2) == 0 => {
                let condition = self.expression(Ty::I32, deeper);
                let (a, b) = (self.expression(ty, deeper), self.expression(ty, deeper));
                let (name, label) = (ty.name(), self.labels);
                self.labels += 1;
                format!(
                    "(block $x{label} (result {name}) (drop (br_if $x{label} {a} {condition})) {b})"
                )
            }
            3 if self.calls && ty == Ty::F32 => {
                let (a, b) = (self.expression(Ty::F32, deeper), self.expression(Ty::F64, deeper));
                format!("(call $f {a} {b} {})", self.expression(Ty::V128, deeper))
            }
            2 => {
                let condition = self.expression(Ty::I32, deeper);
                let (a, b) = (self.expression(ty, deeper), self.expression(ty, deeper));
                let name = ty.name();
                format!("(if (result {name}) {condition} (then {a}) (else {b}))")
            }
            _ => match ty {
                Ty::I32 => self.integer(deeper),
                Ty::V128 => self.vector(deeper),
                _ => self.scalar(ty, deeper),
            },
        }
    }

    fn leaf(&mut self, ty: Ty) -> String {
        let at = 64 + 8 * self.random.below(60);
        let name = ty.name();
        match (ty, self.random.below(6)) {
            (Ty::I32, ..=2) => format!("(i32.const {})", self.random.below(4)),
            (Ty::I32, _) => format!("(i32.load (i32.const {at}))"),
            (Ty::V128, 0) => "(v128.const f32x4 0 1 nan -1)".to_owned(),
            (Ty::V128, 1) => "(v128.const f64x2 0 2)".to_owned(),
            (Ty::V128, 2) => format!("(v128.load32_splat (i32.const {at}))"),
            (_, 0) => format!("({name}.const nan:0x12345)"),
            (_, 1) => format!("({name}.const {})", self.random.below(3)),
            (_, 2 | 3) => format!("({name}.load (i32.const {at}))"),
            _ => format!("(local.get {})", self.local(ty)),
        }
    }

    fn integer(&mut self, depth: usize) -> String {
        let ty = self.float();
        let (a, b) = (self.expression(ty, depth), self.expression(ty, depth));
        match (ty, self.random.below(3)) {
            (Ty::F32, 0) => format!("(i32.reinterpret_f32 {a})"),
            (Ty::F32, 1) => format!("(i32.trunc_sat_f32_s {a})"),
            (Ty::F32, _) => format!("(f32.lt {a} {b})"),
            (Ty::F64, 0) => format!("(i32.wrap_i64 (i64.reinterpret_f64 {a}))"),
            (Ty::F64, 1) => format!("(i32.trunc_sat_f64_u {a})"),
            (Ty::F64, _) => format!("(f64.ne {a} {b})"),
            (_, 0) => format!("(i8x16.bitmask {a})"),
            (_, 1) => format!("(i32x4.extract_lane 2 (f32x4.eq {a} {b}))"),
            _ => format!("(v128.any_true (i32x4.trunc_sat_f64x2_s_zero {a}))"),
        }
    }

    fn scalar(&mut self, ty: Ty, depth: usize) -> String {
        let name = ty.name();
        let other = if ty == Ty::F32 { Ty::F64 } else { Ty::F32 };
        let a = self.expression(ty, depth);
        match self.random.below(9) {
            0..4 => {
                let (op, b) = (self.arithmetic(ty), self.expression(ty, depth));
                format!("({op} {a} {b})")
            }
            4 => format!("({name}.{} {a})", self.random.one(&["sqrt", "ceil", "nearest"])),
            5 => format!("({name}.{} {a})", self.random.one(&["neg", "abs"])),
            6 => format!("({name}.copysign {a} {})", self.expression(ty, depth)),
            7 => {
                let vector = self.expression(Ty::V128, depth);
                let (lanes, lane) = if ty == Ty::F32 { ("f32x4", 3) } else { ("f64x2", 1) };
                format!("({lanes}.extract_lane {lane} {vector})")
            }
            _ => {
                let b = self.expression(other, depth);
                let convert = if ty == Ty::F32 { "f32.demote_f64" } else { "f64.promote_f32" };
                format!("({convert} {b})")
            }
        }
    }

    fn vector(&mut self, depth: usize) -> String {
        let a = self.expression(Ty::V128, depth);
        let b = self.expression(Ty::V128, depth);
        let lanes = self.random.one(&["f32x4", "f64x2"]);
        match self.random.below(11) {
            0..3 => format!("({} {a} {b})", self.arithmetic(Ty::V128)),
            3 => format!("({lanes}.{} {a} {b})", self.random.one(&["pmin", "pmax"])),
            4 => format!("({lanes}.{} {a})", self.random.one(&["neg", "abs", "sqrt", "floor"])),
            5 => format!("(f32x4.splat {})", self.expression(Ty::F32, depth)),
            6 => format!("(f64x2.replace_lane 1 {a} {})", self.expression(Ty::F64, depth)),
            7 => {
                let order = self.random.one(&[
                    "8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23",
                    "4 5 6 7 0 1 2 3 28 29 30 31 16 17 18 19",
                    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
                ]);
                format!("(i8x16.shuffle {order} {a} {b})")
            }
            8 => format!("(v128.bitselect {a} {b} (f32x4.gt {b} {a}))"),
            9 => format!(
                "({} {a})",
                self.random.one(&["f32x4.demote_f64x2_zero", "f64x2.promote_low_f32x4"])
            ),
            _ => format!("(i32x4.add {a} {b})"),
        }
    }
}
