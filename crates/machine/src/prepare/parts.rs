//! A module being put together.

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, ElementSection, ExportKind, ExportSection,
    FuncType, Function, FunctionSection, GlobalSection, GlobalType, MemorySection, MemoryType,
    Module, TableSection, TableType, TypeSection,
};

use super::PrepareError;
use super::source::Source;

/// The sections of a module as lists. What is added goes to the ends, so no index of the source changes.
pub(super) struct Parts {
    pub(super) types: Vec<FuncType>,
    pub(super) functions: Vec<u32>,
    tables: Vec<TableType>,
    pub(super) memories: Vec<MemoryType>,
    pub(super) globals: Vec<(GlobalType, ConstExpr)>,
    pub(super) exports: Vec<(String, ExportKind, u32)>,
    elements: ElementSection,
    pub(super) bodies: Vec<Function>,
    data: DataSection,
    pub(super) customs: Vec<(String, Vec<u8>)>,
}

impl Parts {
    /// Everything of a source but its code, exports and custom sections.
    ///
    /// # Errors
    ///
    /// If something cannot be encoded, which validation has ruled out.
    pub(super) fn of(source: &Source<'_>) -> Result<Self, PrepareError> {
        let mut same = RoundtripReencoder;
        let mut parts = Self {
            types: Vec::new(),
            functions: source.functions.clone(),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            exports: Vec::new(),
            elements: ElementSection::new(),
            bodies: Vec::new(),
            data: DataSection::new(),
            customs: Vec::new(),
        };
        for ty in &source.types {
            parts.types.push(same.func_type(ty.clone())?);
        }
        for table in &source.tables {
            parts.tables.push(same.table_type(*table)?);
        }
        for memory in &source.memories {
            parts.memories.push(same.memory_type(*memory)?);
        }
        for global in &source.globals {
            let init = same.const_expr(global.init_expr.clone())?;
            parts.globals.push((same.global_type(global.ty)?, init));
        }
        if let Some(elements) = source.elements.clone() {
            same.parse_element_section(&mut parts.elements, elements)?;
        }
        if let Some(data) = source.data.clone() {
            same.parse_data_section(&mut parts.data, data)?;
        }
        Ok(parts)
    }

    /// The index of a type, added if there is none like it.
    pub(super) fn intern(&mut self, ty: FuncType) -> u32 {
        let place = self.types.iter().position(|known| *known == ty).unwrap_or_else(|| {
            self.types.push(ty);
            self.types.len() - 1
        });
        index(place)
    }

    /// Adds a function; gives its index.
    pub(super) fn add_function(&mut self, ty: u32, body: Function) -> u32 {
        self.functions.push(ty);
        self.bodies.push(body);
        index(self.functions.len() - 1)
    }

    /// Adds a global; gives its index.
    pub(super) fn add_global(&mut self, ty: GlobalType, init: ConstExpr) -> u32 {
        self.globals.push((ty, init));
        index(self.globals.len() - 1)
    }

    /// Adds an export.
    pub(super) fn export(&mut self, name: &str, kind: ExportKind, index: u32) {
        self.exports.push((name.to_owned(), kind, index));
    }

    /// The module's bytes.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut module = Module::new();
        self.encode_declarations(&mut module);
        self.encode_contents(&mut module);
        module.finish()
    }

    fn encode_declarations(&self, module: &mut Module) {
        let mut types = TypeSection::new();
        for ty in &self.types {
            types.ty().func_type(ty);
        }
        let mut functions = FunctionSection::new();
        for ty in &self.functions {
            functions.function(*ty);
        }
        module.section(&types).section(&functions);
        let mut tables = TableSection::new();
        for ty in &self.tables {
            tables.table(*ty);
        }
        if !tables.is_empty() {
            module.section(&tables);
        }
        let mut memories = MemorySection::new();
        for ty in &self.memories {
            memories.memory(*ty);
        }
        let mut globals = GlobalSection::new();
        for (ty, init) in &self.globals {
            globals.global(*ty, init);
        }
        module.section(&memories).section(&globals);
    }

    fn encode_contents(&self, module: &mut Module) {
        let mut exports = ExportSection::new();
        for (name, kind, index) in &self.exports {
            exports.export(name, *kind, *index);
        }
        module.section(&exports);
        if !self.elements.is_empty() {
            module.section(&self.elements);
        }
        let mut code = CodeSection::new();
        for body in &self.bodies {
            code.function(body);
        }
        module.section(&code);
        if !self.data.is_empty() {
            module.section(&self.data);
        }
        for (name, data) in &self.customs {
            module.section(&CustomSection { name: name.into(), data: data.into() });
        }
    }
}

/// An index into one of the lists, which the limits keep far below 2^32.
fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
