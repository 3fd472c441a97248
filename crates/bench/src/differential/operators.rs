//! Operators by what they take and give.

/// A type of value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ty {
    I32,
    I64,
    F32,
    F64,
    V128,
}

/// Every type.
pub(super) const TYPES: [Ty; 5] = [I32, I64, F32, F64, V128];

impl Ty {
    /// As the text format writes it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::V128 => "v128",
        }
    }
}

/// Operators of one signature, separated by spaces.
pub(super) struct Group {
    pub(super) takes: &'static [Ty],
    pub(super) gives: Ty,
    /// How often it is drawn among those that give the same.
    pub(super) weight: u32,
    pub(super) names: &'static str,
}

const fn group(takes: &'static [Ty], gives: Ty, weight: u32, names: &'static str) -> Group {
    Group { takes, gives, weight, names }
}

use Ty::{F32, F64, I32, I64, V128};

/// Every operator that cannot trap and has no immediate, or one that is written here.
///
/// Comparisons and bitwise operators weigh the most: those are what the interpreter fuses with what follows.
pub(super) const GROUPS: &[Group] = &[
    group(&[I32, I32], I32, 8, "add sub mul shl shr_s shr_u rotl rotr"),
    group(&[I32, I32], I32, 14, "and or xor eq ne"),
    group(&[I32, I32], I32, 8, "lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"),
    group(&[I32], I32, 12, "eqz"),
    group(&[I32], I32, 3, "clz ctz popcnt extend8_s extend16_s"),
    group(
        &[I64, I64],
        I32,
        8,
        "i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.ge_u",
    ),
    group(&[I64], I32, 6, "i64.eqz i32.wrap_i64"),
    group(&[F32, F32], I32, 4, "f32.eq f32.ne f32.lt f32.gt f32.le f32.ge"),
    group(&[F64, F64], I32, 4, "f64.eq f64.ne f64.lt f64.gt f64.le f64.ge"),
    group(&[F32], I32, 2, "i32.reinterpret_f32 i32.trunc_sat_f32_s i32.trunc_sat_f32_u"),
    group(&[F64], I32, 2, "i32.trunc_sat_f64_s i32.trunc_sat_f64_u"),
    group(
        &[V128],
        I32,
        3,
        "v128.any_true i8x16.all_true i32x4.all_true i64x2.all_true i8x16.bitmask i16x8.bitmask i32x4.bitmask i64x2.bitmask",
    ),
    group(
        &[V128],
        I32,
        2,
        "i8x16.extract_lane_s:15 i8x16.extract_lane_u:0 i16x8.extract_lane_s:7 i16x8.extract_lane_u:1 i32x4.extract_lane:3",
    ),
    group(&[I64, I64], I64, 8, "add sub mul shl shr_s shr_u rotl rotr"),
    group(&[I64, I64], I64, 10, "and or xor"),
    group(&[I64], I64, 3, "clz ctz popcnt extend8_s extend16_s extend32_s"),
    group(&[I32], I64, 8, "i64.extend_i32_s i64.extend_i32_u"),
    group(&[F32], I64, 1, "i64.trunc_sat_f32_s i64.trunc_sat_f32_u"),
    group(&[F64], I64, 2, "i64.reinterpret_f64 i64.trunc_sat_f64_s i64.trunc_sat_f64_u"),
    group(&[V128], I64, 2, "i64x2.extract_lane:0 i64x2.extract_lane:1"),
    group(&[F32, F32], F32, 6, "add sub mul div min max copysign"),
    group(&[F32], F32, 4, "abs neg sqrt ceil floor trunc nearest"),
    group(&[F32], F32, 2, "neg"),
    group(&[I32], F32, 3, "f32.convert_i32_s f32.convert_i32_u f32.reinterpret_i32"),
    group(&[I64], F32, 1, "f32.convert_i64_s f32.convert_i64_u"),
    group(&[F64], F32, 1, "f32.demote_f64"),
    group(&[V128], F32, 1, "f32x4.extract_lane:0 f32x4.extract_lane:2"),
    group(&[F64, F64], F64, 6, "add sub mul div min max copysign"),
    group(&[F64], F64, 4, "abs neg sqrt ceil floor trunc nearest"),
    group(&[F64], F64, 2, "neg"),
    group(&[I32], F64, 1, "f64.convert_i32_s f64.convert_i32_u"),
    group(&[I64], F64, 3, "f64.convert_i64_s f64.convert_i64_u f64.reinterpret_i64"),
    group(&[F32], F64, 1, "f64.promote_f32"),
    group(&[V128], F64, 1, "f64x2.extract_lane:1"),
    group(
        &[V128, V128],
        V128,
        8,
        "v128.and v128.or v128.xor v128.andnot i8x16.add i8x16.sub_sat_s i8x16.add_sat_u i8x16.min_u i8x16.max_s i8x16.avgr_u i8x16.swizzle i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u",
    ),
    group(
        &[V128, V128],
        V128,
        8,
        "i16x8.add i16x8.sub i16x8.mul i16x8.q15mulr_sat_s i16x8.add_sat_s i16x8.min_s i16x8.max_u i16x8.avgr_u i16x8.narrow_i32x4_u i16x8.extmul_low_i8x16_s i16x8.extmul_high_i8x16_u i32x4.add i32x4.sub i32x4.mul i32x4.min_u i32x4.max_s i32x4.dot_i16x8_s i32x4.extmul_low_i16x8_u i32x4.extmul_high_i16x8_s",
    ),
    group(
        &[V128, V128],
        V128,
        5,
        "i64x2.add i64x2.sub i64x2.mul i64x2.extmul_low_i32x4_s i64x2.extmul_high_i32x4_u",
    ),
    group(
        &[V128, V128],
        V128,
        5,
        "i8x16.eq i8x16.lt_u i16x8.ne i16x8.gt_s i32x4.le_u i32x4.ge_s i64x2.eq i64x2.lt_s f32x4.eq f32x4.lt f32x4.ge f64x2.ne f64x2.le",
    ),
    group(
        &[V128, V128],
        V128,
        5,
        "f32x4.add f32x4.sub f32x4.mul f32x4.div f32x4.min f32x4.max f32x4.pmin f32x4.pmax f64x2.add f64x2.sub f64x2.mul f64x2.div f64x2.min f64x2.max f64x2.pmin f64x2.pmax",
    ),
    group(
        &[V128],
        V128,
        6,
        "v128.not i8x16.abs i8x16.neg i8x16.popcnt i16x8.abs i16x8.neg i32x4.abs i32x4.neg i64x2.abs i64x2.neg i16x8.extadd_pairwise_i8x16_s i32x4.extadd_pairwise_i16x8_u i16x8.extend_low_i8x16_s i16x8.extend_high_i8x16_u i32x4.extend_low_i16x8_u i32x4.extend_high_i16x8_s i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_u",
    ),
    group(
        &[V128],
        V128,
        4,
        "f32x4.abs f32x4.neg f32x4.sqrt f32x4.ceil f32x4.nearest f64x2.abs f64x2.neg f64x2.sqrt f64x2.floor f64x2.trunc i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero f32x4.convert_i32x4_s f32x4.convert_i32x4_u f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u f32x4.demote_f64x2_zero f64x2.promote_low_f32x4",
    ),
    group(
        &[V128, I32],
        V128,
        4,
        "i8x16.shl i8x16.shr_s i16x8.shr_u i16x8.shl i32x4.shl i32x4.shr_s i64x2.shl i64x2.shr_u i8x16.replace_lane:9 i16x8.replace_lane:2 i32x4.replace_lane:1",
    ),
    group(&[V128, I64], V128, 1, "i64x2.replace_lane:1"),
    group(&[V128, F32], V128, 1, "f32x4.replace_lane:3"),
    group(&[V128, F64], V128, 1, "f64x2.replace_lane:0"),
    group(&[I32], V128, 3, "i8x16.splat i16x8.splat i32x4.splat"),
    group(&[I64], V128, 1, "i64x2.splat"),
    group(&[F32], V128, 1, "f32x4.splat"),
    group(&[F64], V128, 1, "f64x2.splat"),
    group(&[V128, V128, V128], V128, 1, "v128.bitselect"),
    group(
        &[V128, V128],
        V128,
        2,
        "i8x16.shuffle:0,1,2,3,20,21,22,23,8,9,10,11,28,29,30,31 i8x16.shuffle:16,0,17,1,18,2,19,3,4,20,5,21,6,22,7,23 i8x16.shuffle:8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23",
    ),
];

/// Operators that divide, and trap for some operands.
pub(super) const DIVISIONS: &[(Ty, &str)] =
    &[(I32, "div_s div_u rem_s rem_u"), (I64, "div_s div_u rem_s rem_u")];

/// Loads, by what they give.
pub(super) const LOADS: &[(Ty, &str)] = &[
    (I32, "i32.load i32.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u"),
    (
        I64,
        "i64.load i64.load i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u",
    ),
    (F32, "f32.load"),
    (F64, "f64.load"),
    (
        V128,
        "v128.load v128.load8x8_s v128.load16x4_u v128.load32x2_s v128.load8_splat v128.load16_splat v128.load32_splat v128.load64_splat v128.load32_zero v128.load64_zero",
    ),
];

/// Loads of one lane into a vector: the operator and the lane.
pub(super) const LANE_LOADS: &str =
    "v128.load8_lane:3 v128.load16_lane:7 v128.load32_lane:0 v128.load64_lane:1";

/// Stores, by what they take.
pub(super) const STORES: &[(Ty, &str)] = &[
    (I32, "i32.store i32.store i32.store8 i32.store16"),
    (I64, "i64.store i64.store i64.store8 i64.store16 i64.store32"),
    (F32, "f32.store"),
    (F64, "f64.store"),
    (
        V128,
        "v128.store v128.store8_lane:15 v128.store16_lane:1 v128.store32_lane:2 v128.store64_lane:0",
    ),
];

/// The instruction of an entry: a name without a type gets the one of what it gives, and behind a colon
/// stand immediates.
pub(super) fn instruction(name: &str, gives: Ty) -> String {
    let (name, immediates) = name.split_once(':').unwrap_or((name, ""));
    let prefix = if name.contains('.') { "" } else { gives.name() };
    let dot = if prefix.is_empty() { "" } else { "." };
    format!("{prefix}{dot}{name} {}", immediates.replace(',', " "))
}
