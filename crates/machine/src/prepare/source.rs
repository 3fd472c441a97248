//! A decoded module: sections as lists, bodies still encoded.

use wasmparser::{
    BlockType, CustomSectionReader, DataSectionReader, ElementSectionReader, Export, ExternalKind,
    FuncType, FunctionBody, Global, MemoryType, Parser, Payload, TableType, ValType,
};

use super::PrepareError;

/// The parts of a module. Only meaningful for bytes that have passed validation.
#[derive(Default)]
pub(super) struct Source<'a> {
    pub(super) types: Vec<FuncType>,
    /// The type of each function.
    pub(super) functions: Vec<u32>,
    pub(super) tables: Vec<TableType>,
    pub(super) memories: Vec<MemoryType>,
    pub(super) globals: Vec<Global<'a>>,
    pub(super) exports: Vec<Export<'a>>,
    pub(super) elements: Option<ElementSectionReader<'a>>,
    pub(super) bodies: Vec<FunctionBody<'a>>,
    pub(super) data: Option<DataSectionReader<'a>>,
    pub(super) customs: Vec<CustomSectionReader<'a>>,
}

impl<'a> Source<'a> {
    /// Decodes every section.
    ///
    /// # Errors
    ///
    /// If a section does not decode.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, PrepareError> {
        let mut source = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            source.take(payload?)?;
        }
        Ok(source)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<(), PrepareError> {
        match payload {
            Payload::TypeSection(section) => {
                self.types = section.into_iter_err_on_gc_types().collect::<Result<_, _>>()?;
            }
            Payload::FunctionSection(section) => {
                self.functions = section.into_iter().collect::<Result<_, _>>()?;
            }
            Payload::TableSection(section) => {
                self.tables = section
                    .into_iter()
                    .map(|table| Ok(table?.ty))
                    .collect::<Result<_, PrepareError>>()?;
            }
            Payload::MemorySection(section) => {
                self.memories = section.into_iter().collect::<Result<_, _>>()?;
            }
            Payload::GlobalSection(section) => {
                self.globals = section.into_iter().collect::<Result<_, _>>()?;
            }
            Payload::ExportSection(section) => {
                self.exports = section.into_iter().collect::<Result<_, _>>()?;
            }
            Payload::ElementSection(section) => self.elements = Some(section),
            Payload::DataSection(section) => self.data = Some(section),
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::CustomSection(section) => self.customs.push(section),
            Payload::StartSection { .. } => return Err(PrepareError::Start),
            Payload::ImportSection(section) => super::screen::imports(section)?,
            _ => {}
        }
        Ok(())
    }

    /// The type with an index.
    pub(super) fn type_at(&self, index: u32) -> Option<&FuncType> {
        self.types.get(usize::try_from(index).ok()?)
    }

    /// The type of the function with an index.
    pub(super) fn function_type(&self, function: u32) -> Option<&FuncType> {
        self.type_at(*self.functions.get(usize::try_from(function).ok()?)?)
    }

    /// How many values a block takes and gives.
    pub(super) fn block_arity(&self, block: BlockType) -> Option<(usize, usize)> {
        match block {
            BlockType::Empty => Some((0, 0)),
            BlockType::Type(_) => Some((0, 1)),
            BlockType::FuncType(index) => {
                self.type_at(index).map(|ty| (ty.params().len(), ty.results().len()))
            }
        }
    }

    /// The index of what is exported under a name, if it is of the given kind.
    pub(super) fn export(&self, name: &str, kind: ExternalKind) -> Option<u32> {
        let found = self.exports.iter().find(|export| export.name == name)?;
        (found.kind == kind).then_some(found.index)
    }

    /// The value of the immutable i32 global that is exported under a name.
    pub(super) fn exported_address(&self, name: &str) -> Option<u32> {
        let index = usize::try_from(self.export(name, ExternalKind::Global)?).ok()?;
        let global = self.globals.get(index)?;
        let fixed = global.ty.content_type == ValType::I32 && !global.ty.mutable;
        if fixed { constant_address(&global.init_expr) } else { None }
    }

    /// The contents of the custom sections with a name.
    pub(super) fn sections(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.customs
            .iter()
            .filter(move |section| section.name() == name)
            .map(CustomSectionReader::data)
    }
}

/// The address that a constant expression gives, if it is one `i32.const`.
pub(super) fn constant_address(expression: &wasmparser::ConstExpr<'_>) -> Option<u32> {
    let mut operators = expression.get_operators_reader().into_iter();
    match (operators.next()?.ok()?, operators.next()?.ok()?) {
        (wasmparser::Operator::I32Const { value }, wasmparser::Operator::End) => {
            Some(value.cast_unsigned())
        }
        _ => None,
    }
}
