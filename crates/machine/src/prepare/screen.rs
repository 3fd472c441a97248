//! The first look at bytes from outside: forbidden features and limits, each by its own name.
//!
//! Nothing here trusts the module to be well-formed; soundness is the validator's work, which follows.

use wasmparser::{
    DataKind, ElementKind, FunctionBody, MemoryType, Operator, Parser, Payload, TypeRef,
    WasmFeatures,
};

use super::{Feature, Limit, PrepareError};
use crate::limits;

/// The pinned features: what both engines validate alike, and nothing that keeps state outside memory
/// and globals.
pub(super) const FEATURES: WasmFeatures = WasmFeatures::FLOATS
    .union(WasmFeatures::MUTABLE_GLOBAL)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY_OPT)
    .union(WasmFeatures::CALL_INDIRECT_OVERLONG)
    .union(WasmFeatures::SIMD);

const HEADER: &[u8] = b"\0asm\x01\0\0\0";

impl Limit {
    /// An error if `found` is more than `maximum`.
    pub(super) fn check(
        self,
        found: impl TryInto<u64>,
        maximum: impl TryInto<u64>,
        function: Option<u32>,
    ) -> Result<(), PrepareError> {
        let found = found.try_into().unwrap_or(u64::MAX);
        let maximum = maximum.try_into().unwrap_or(u64::MAX);
        if found > maximum {
            return Err(PrepareError::OverLimit { limit: self, function, found, maximum });
        }
        Ok(())
    }
}

/// Checks features and limits of a whole module, then validates it.
///
/// # Errors
///
/// The first thing that is not offered, exceeds a limit or is malformed.
pub(super) fn screen(bytes: &[u8]) -> Result<(), PrepareError> {
    if !bytes.starts_with(HEADER) {
        return Err(PrepareError::NotWasm);
    }
    let mut function = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        section(payload?, &mut function)?;
    }
    validate(bytes)
}

/// Validates against the pinned features.
///
/// # Errors
///
/// If the module is not valid.
pub(super) fn validate(bytes: &[u8]) -> Result<(), PrepareError> {
    wasmparser::Validator::new_with_features(FEATURES).validate_all(bytes)?;
    Ok(())
}

fn section(payload: Payload<'_>, function: &mut u32) -> Result<(), PrepareError> {
    match payload {
        Payload::StartSection { .. } => Err(PrepareError::Start),
        Payload::TypeSection(section) => types(section),
        Payload::ImportSection(section) => imports(section),
        Payload::FunctionSection(section) => {
            Limit::Functions.check(section.count(), limits::FUNCTIONS_MAX, None)
        }
        Payload::TableSection(section) => tables(section),
        Payload::MemorySection(section) => memories(section),
        Payload::TagSection(section) => refuse(Feature::Exceptions, section.range().start),
        Payload::GlobalSection(section) => {
            Limit::Globals.check(section.count(), limits::GLOBALS_MAX, None)
        }
        Payload::ExportSection(section) => {
            Limit::Exports.check(section.count(), limits::EXPORTS_MAX, None)
        }
        Payload::ElementSection(section) => elements(section),
        Payload::DataSection(section) => data(section),
        Payload::CodeSectionEntry(code) => {
            let index = *function;
            *function = index.saturating_add(1);
            body(&code, index)
        }
        _ => Ok(()),
    }
}

fn refuse(feature: Feature, offset: usize) -> Result<(), PrepareError> {
    Err(PrepareError::Feature { feature, offset })
}

fn types(section: wasmparser::TypeSectionReader<'_>) -> Result<(), PrepareError> {
    Limit::Types.check(section.count(), limits::TYPES_MAX, None)?;
    for group in section.into_iter_with_offsets() {
        let (offset, group) = group?;
        for ty in group.into_types() {
            let wasmparser::CompositeInnerType::Func(ty) = ty.composite_type.inner else {
                return refuse(Feature::Gc, offset);
            };
            Limit::Parameters.check(ty.params().len(), limits::PARAMETERS_MAX, None)?;
            Limit::Results.check(ty.results().len(), limits::RESULTS_MAX, None)?;
        }
    }
    Ok(())
}

pub(super) fn imports(section: wasmparser::ImportSectionReader<'_>) -> Result<(), PrepareError> {
    match section.into_imports().next() {
        None => Ok(()),
        Some(import) => {
            let import = import?;
            let (module, name) = (import.module.to_owned(), import.name.to_owned());
            match import.ty {
                TypeRef::Memory(memory) if memory.shared => {
                    Err(PrepareError::Feature { feature: Feature::Threads, offset: 0 })
                }
                _ => Err(PrepareError::Import { module, name }),
            }
        }
    }
}

fn tables(section: wasmparser::TableSectionReader<'_>) -> Result<(), PrepareError> {
    let offset = section.range().start;
    if section.count() > 1 {
        return refuse(Feature::ReferenceTypes, offset);
    }
    for table in section {
        let ty = table?.ty;
        if !ty.element_type.is_func_ref() {
            return refuse(Feature::ReferenceTypes, offset);
        }
        Limit::TableElements.check(ty.initial, limits::TABLE_ELEMENTS_MAX, None)?;
    }
    Ok(())
}

fn memories(section: wasmparser::MemorySectionReader<'_>) -> Result<(), PrepareError> {
    let offset = section.range().start;
    if section.count() > 1 {
        return refuse(Feature::MultiMemory, offset);
    }
    section.into_iter().try_for_each(|memory| self::memory(memory?, offset))
}

fn memory(memory: MemoryType, offset: usize) -> Result<(), PrepareError> {
    let unusual = [
        (memory.shared, Feature::Threads),
        (memory.memory64, Feature::Memory64),
        (memory.page_size_log2.is_some(), Feature::CustomPageSizes),
    ];
    if let Some((_, feature)) = unusual.into_iter().find(|(is_so, _)| *is_so) {
        return refuse(feature, offset);
    }
    let most = limits::MEMORY_BYTES_MAX / limits::WASM_PAGE_BYTES;
    Limit::MemoryPages.check(memory.initial, most, None)?;
    Limit::MemoryPages.check(memory.maximum.unwrap_or(0), most, None)
}

fn elements(section: wasmparser::ElementSectionReader<'_>) -> Result<(), PrepareError> {
    Limit::ElementSegments.check(section.count(), limits::SEGMENTS_MAX, None)?;
    for segment in section {
        let segment = segment?;
        if !matches!(segment.kind, ElementKind::Active { .. }) {
            return refuse(Feature::PassiveSegments, segment.range.start);
        }
    }
    Ok(())
}

fn data(section: wasmparser::DataSectionReader<'_>) -> Result<(), PrepareError> {
    Limit::DataSegments.check(section.count(), limits::SEGMENTS_MAX, None)?;
    for segment in section {
        let segment = segment?;
        if !matches!(segment.kind, DataKind::Active { .. }) {
            return refuse(Feature::PassiveSegments, segment.range.start);
        }
    }
    Ok(())
}

fn body(body: &FunctionBody<'_>, function: u32) -> Result<(), PrepareError> {
    let bytes = body.range().len();
    Limit::FunctionBytes.check(bytes, limits::FUNCTION_BYTES_MAX, Some(function))?;
    locals(body, function)?;
    let mut nesting = 0u32;
    for operator in body.get_operators_reader()?.into_iter_with_offsets() {
        let (operator, offset) = operator?;
        if let Some(feature) = Feature::of_operator(&operator) {
            return refuse(feature, offset);
        }
        nesting = nest(&operator, nesting);
        Limit::Nesting.check(nesting, limits::NESTING_MAX, Some(function))?;
        if let Operator::BrTable { targets } = &operator {
            Limit::BranchTargets.check(
                targets.len(),
                limits::BRANCH_TARGETS_MAX,
                Some(function),
            )?;
        }
    }
    Ok(())
}

fn nest(operator: &Operator<'_>, nesting: u32) -> u32 {
    match operator {
        Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => nesting + 1,
        Operator::End => nesting.saturating_sub(1),
        _ => nesting,
    }
}

fn locals(body: &FunctionBody<'_>, function: u32) -> Result<(), PrepareError> {
    let mut total = 0u64;
    for run in body.get_locals_reader()? {
        total = total.saturating_add(u64::from(run?.0));
    }
    Limit::Locals.check(total, limits::LOCALS_MAX, Some(function))
}

/// Names the proposal of an operator, from the decoder's own list.
macro_rules! proposal_of {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*) )*) => {
        /// The proposal that an operator comes from.
        pub(super) fn proposal(operator: &Operator<'_>) -> &'static str {
            match operator {
                $(Operator::$op { .. } => stringify!($proposal),)*
                _ => "unknown",
            }
        }
    };
}
wasmparser::for_each_operator!(proposal_of);

impl Feature {
    /// The feature that an operator belongs to, if it is not offered.
    fn of_operator(operator: &Operator<'_>) -> Option<Self> {
        match proposal(operator) {
            "mvp" | "sign_extension" | "saturating_float_to_int" | "simd" => None,
            "bulk_memory" => Self::of_bulk(operator),
            "reference_types" => Some(Self::of_reference(operator)),
            "threads" | "shared_everything_threads" => Some(Self::Threads),
            "relaxed_simd" => Some(Self::RelaxedSimd),
            "gc" => Some(Self::Gc),
            "exceptions" | "legacy_exceptions" => Some(Self::Exceptions),
            "tail_call" => Some(Self::TailCall),
            "function_references" => Some(Self::FunctionReferences),
            "stack_switching" => Some(Self::StackSwitching),
            "wide_arithmetic" => Some(Self::WideArithmetic),
            _ => Some(Self::Experimental),
        }
    }

    fn of_bulk(operator: &Operator<'_>) -> Option<Self> {
        match operator {
            Operator::MemoryCopy { .. } | Operator::MemoryFill { .. } => None,
            Operator::MemoryInit { .. } | Operator::DataDrop { .. } | Operator::ElemDrop { .. } => {
                Some(Self::SegmentMutation)
            }
            _ => Some(Self::TableMutation),
        }
    }

    fn of_reference(operator: &Operator<'_>) -> Self {
        match operator {
            Operator::TableGet { .. }
            | Operator::TableSet { .. }
            | Operator::TableGrow { .. }
            | Operator::TableSize { .. }
            | Operator::TableFill { .. } => Self::TableMutation,
            _ => Self::ReferenceTypes,
        }
    }

    /// The feature behind the validator's complaint that a flag is off.
    pub(super) fn of_flags(flags: WasmFeatures) -> Option<Self> {
        const NAMED: &[(WasmFeatures, Feature)] = &[
            (WasmFeatures::THREADS, Feature::Threads),
            (WasmFeatures::SHARED_EVERYTHING_THREADS, Feature::Threads),
            (WasmFeatures::RELAXED_SIMD, Feature::RelaxedSimd),
            (WasmFeatures::FUNCTION_REFERENCES, Feature::FunctionReferences),
            (WasmFeatures::GC, Feature::Gc),
            (WasmFeatures::EXCEPTIONS, Feature::Exceptions),
            (WasmFeatures::LEGACY_EXCEPTIONS, Feature::Exceptions),
            (WasmFeatures::TAIL_CALL, Feature::TailCall),
            (WasmFeatures::MEMORY64, Feature::Memory64),
            (WasmFeatures::MULTI_MEMORY, Feature::MultiMemory),
            (WasmFeatures::REFERENCE_TYPES, Feature::ReferenceTypes),
            (WasmFeatures::BULK_MEMORY, Feature::PassiveSegments),
            (WasmFeatures::EXTENDED_CONST, Feature::ExtendedConst),
            (WasmFeatures::STACK_SWITCHING, Feature::StackSwitching),
            (WasmFeatures::WIDE_ARITHMETIC, Feature::WideArithmetic),
            (WasmFeatures::CUSTOM_PAGE_SIZES, Feature::CustomPageSizes),
            (WasmFeatures::COMPONENT_MODEL, Feature::Components),
        ];
        let named = NAMED.iter().find(|(flag, _)| flags.intersects(*flag));
        Some(named.map_or(Self::Experimental, |(_, feature)| *feature))
    }
}
