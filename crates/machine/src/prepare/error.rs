//! Why a module is refused: what, where and what its author can do about it.

use std::fmt;

/// A refusal to prepare a module, or to accept bytes as a prepared one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrepareError {
    /// The bytes do not begin like a WebAssembly module.
    #[error(
        "not a WebAssembly module (it begins with the bytes 00 61 73 6d 01 00 00 00): build the \
         program for the target wasm32-unknown-unknown"
    )]
    NotWasm,
    /// The bytes begin like a module but do not decode or do not type-check.
    #[error("invalid WebAssembly at byte {offset}: {reason}")]
    Malformed {
        /// Where, in bytes from the start of the module.
        offset: usize,
        /// What the decoder says, for people only.
        reason: String,
    },
    /// A feature outside the pinned list.
    #[error("{feature} (at byte {offset}) is not offered: {}", feature.remedy())]
    Feature {
        /// Which feature.
        feature: Feature,
        /// Where, in bytes from the start of the module.
        offset: usize,
    },
    /// The module asks its host for something.
    #[error(
        "import `{module}.{name}` is not offered: programs import nothing; remove the dependency \
         that calls it"
    )]
    Import {
        /// The import's module name.
        module: String,
        /// The import's own name.
        name: String,
    },
    /// The module wants to run code when it is instantiated.
    #[error("a start function is not offered: do that work in the first `step`")]
    Start,
    /// More of something than is allowed.
    #[error("{found} {limit}{}, at most {maximum} allowed: {}", In(*function), limit.remedy())]
    OverLimit {
        /// Of what.
        limit: Limit,
        /// In which function, by index, if in one.
        function: Option<u32>,
        /// How many.
        found: u64,
        /// How many are allowed.
        maximum: u64,
    },
    /// The module lacks something that the interface demands.
    #[error("{0} is missing: use the guest crate, or see the machine's documentation")]
    Missing(Required),
    /// The module has what the interface demands, but of the wrong kind.
    #[error("{required} is not as it must be: {}", required.rule())]
    Wrong {
        /// What.
        required: Required,
    },
    /// A name that preparation itself gives out.
    #[error(
        "the name `{0}` is reserved: rename it (and prepare the source, not a prepared module)"
    )]
    ReservedName(String),
    /// A segment that does not fit, so that instantiation would fail.
    #[error("{kind} segment {index} lies outside its initial {}: enlarge it", kind.target())]
    SegmentOutOfBounds {
        /// Data or elements.
        kind: SegmentKind,
        /// Which segment.
        index: usize,
    },
    /// Bytes presented as a prepared module whose manifest and contents disagree.
    #[error("not a prepared module: {0}")]
    NotPrepared(Mismatch),
}

/// Prints the function an error is in.
struct In(Option<u32>);

impl fmt::Display for In {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |function| write!(formatter, " in function {function}"))
    }
}

impl From<wasmparser::BinaryReaderError> for PrepareError {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        let offset = error.offset();
        match error.missing_wasm_feature().and_then(Feature::of_flags) {
            Some(feature) => Self::Feature { feature, offset },
            None => Self::Malformed { offset, reason: error.message().to_owned() },
        }
    }
}

impl From<wasm_encoder::reencode::Error> for PrepareError {
    fn from(error: wasm_encoder::reencode::Error) -> Self {
        match error {
            wasm_encoder::reencode::Error::ParseError(error) => error.into(),
            other => Self::Malformed { offset: 0, reason: other.to_string() },
        }
    }
}

/// Declares a closed enum whose variants each have a name and a piece of advice.
macro_rules! described {
    ($(#[$outer:meta])* $name:ident . $advice:ident { $($(#[$inner:meta])* $variant:ident: $text:literal, $remedy:literal;)* }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$inner])* $variant,)* }

        impl $name {
            /// Every variant, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// What the author can do.
            #[must_use]
            pub const fn $advice(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(match self { $(Self::$variant => $text,)* })
            }
        }
    };
}

described! {
    /// Features of WebAssembly that are not offered.
    Feature.remedy {
        /// Shared memory and atomic instructions.
        Threads: "threads and atomics", "results would depend on scheduling; build without `+atomics`";
        /// Instructions whose results differ between processors.
        RelaxedSimd: "relaxed SIMD", "results would depend on the processor; build with `+simd128` only";
        /// Garbage-collected types.
        Gc: "garbage collection", "state must be memory and globals; target plain linear memory";
        /// Exception handling, old or new.
        Exceptions: "exception handling", "build with `panic=abort`";
        /// `return_call` and its relatives.
        TailCall: "tail calls", "build without `+tail-call`";
        /// 64-bit addresses.
        Memory64: "64-bit memory", "build for wasm32";
        /// More than one memory.
        MultiMemory: "more than one memory", "keep everything in memory 0";
        /// References as values.
        ReferenceTypes: "reference types", "state must be memory and globals; only `call_indirect` through one fixed table is offered";
        /// Instructions that read or change a table.
        TableMutation: "table access", "tables must never change; build without tools that generate `table.*` instructions";
        /// `memory.init`, `data.drop`, `elem.drop`.
        SegmentMutation: "segment instructions", "segments are state outside memory; use active segments";
        /// Segments that are not copied at instantiation.
        PassiveSegments: "passive segments", "segments are state outside memory; use active segments";
        /// Arithmetic in constant expressions.
        ExtendedConst: "extended constant expressions", "build without `+extended-const`";
        /// Typed function references.
        FunctionReferences: "typed function references", "only `call_indirect` through one fixed table is offered";
        /// Coroutines.
        StackSwitching: "stack switching", "the call stack must be empty between steps";
        /// 128-bit arithmetic.
        WideArithmetic: "wide arithmetic", "build without `+wide-arithmetic`";
        /// Memory pages of another size than 64 KiB.
        CustomPageSizes: "custom page sizes", "use 64 KiB pages";
        /// The component model.
        Components: "the component model", "build a core module";
        /// Proposals that are younger than this list.
        Experimental: "an experimental feature", "build with the compiler's default features";
    }
}

described! {
    /// What is counted against a limit.
    Limit.remedy {
        /// Bytes of the source module.
        SourceBytes: "bytes of module", "strip it and optimise for size";
        /// Bytes of the prepared module.
        PreparedBytes: "bytes of module after preparation", "make the program smaller";
        /// Bytes of one function's body.
        FunctionBytes: "bytes of code", "split the function";
        /// Bytes of one function's body after preparation.
        PreparedFunctionBytes: "bytes of code after preparation", "split the function";
        /// Functions.
        Functions: "functions", "make the program smaller";
        /// Types.
        Types: "types", "make the program smaller";
        /// Parameters of a function or block.
        Parameters: "parameters", "pass a pointer";
        /// Results of a function or block.
        Results: "results", "return through memory";
        /// Globals.
        Globals: "globals", "keep state in memory";
        /// Exports.
        Exports: "exports", "export only what the interface demands";
        /// Data segments.
        DataSegments: "data segments", "merge them";
        /// Element segments.
        ElementSegments: "element segments", "merge them";
        /// Elements of the table.
        TableElements: "table elements", "use fewer indirectly called functions";
        /// Declared pages of memory, 64 KiB each.
        MemoryPages: "pages of memory", "declare a smaller maximum (linker option --max-memory)";
        /// Nested blocks.
        Nesting: "nested blocks", "split the function";
        /// Locals of one function, parameters included.
        Locals: "locals", "split the function";
        /// Values on the operand stack at once.
        Operands: "operands on the stack", "split the function";
        /// Targets of one `br_table`.
        BranchTargets: "targets of a branch table", "split the `match`";
        /// Stack units of one function's frame.
        FrameUnits: "stack units of one call", "split the function";
    }
}

described! {
    /// What the interface between host and program demands.
    Required.rule {
        /// The custom section `earnest.abi`.
        Abi: "section `earnest.abi`", "exactly one, holding version 1 as a little-endian u32";
        /// The export `memory`.
        Memory: "export `memory`", "it must be the module's own, only memory";
        /// The maximum of the memory.
        MemoryMaximum: "the memory's maximum", "declare one (linker option --max-memory)";
        /// The export `step`.
        Step: "export `step`", "it must be a function (i64) -> i32";
        /// The export `earnest_input`.
        InputCell: "export `earnest_input`", "it must be an immutable i32 global: the address of 8 bytes within the initial memory and one page of 4 KiB, a multiple of 4";
        /// The export `earnest_output`.
        OutputCell: "export `earnest_output`", "it must be an immutable i32 global: the address of 8 bytes within the initial memory and one page of 4 KiB, a multiple of 4";
    }
}

described! {
    /// How a manifest and its module can disagree.
    Mismatch.rule {
        /// No manifest, or two, or one that does not decode.
        Manifest: "its manifest is missing or does not decode", "prepare the source";
        /// A manifest of another version.
        Version: "its manifest is of another version", "prepare the source again";
        /// Memory limits differ.
        Memory: "its memory differs from the manifest", "prepare the source";
        /// Globals or their exports differ.
        Globals: "its globals differ from the manifest", "prepare the source";
        /// The cells differ.
        Cells: "its cells differ from the manifest", "prepare the source";
        /// Another set of exports.
        Exports: "its exports are not those of a prepared module", "prepare the source";
    }
}

impl Required {
    /// The name under which a module exports it, or of its section.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Abi => super::ABI_SECTION,
            Self::Memory | Self::MemoryMaximum => super::MEMORY_EXPORT,
            Self::Step => super::STEP_EXPORT,
            Self::InputCell => super::INPUT_EXPORT,
            Self::OutputCell => super::OUTPUT_EXPORT,
        }
    }
}

/// Which kind of segment an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SegmentKind {
    /// Initial bytes of memory.
    Data,
    /// Initial elements of the table.
    Element,
}

impl SegmentKind {
    const fn target(self) -> &'static str {
        match self {
            Self::Data => "memory",
            Self::Element => "table",
        }
    }
}

impl fmt::Display for SegmentKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Data => "data",
            Self::Element => "element",
        })
    }
}
