//! One Parquet file as batches of canonical arrays, row group by row group.
//!
//! Text columns are read as bytes and checked here, so that one invalid value spoils its row and not the file; the
//! Arrow schema that some writers embed is ignored, so that every writer's file looks alike.

use std::fs::File;
use std::sync::Arc;

use datafusion::arrow::array::new_null_array;
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
    RowSelector,
};
use datafusion::parquet::arrow::{ProjectionMask, parquet_to_arrow_schema};
use datafusion::parquet::basic::Type as PhysicalType;
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::schema::types::{SchemaDescriptor, Type};

use crate::batch::{Batch, Faults, RowNumbers};
use crate::cast;
use crate::column::{Check, Table};
use crate::error::Error;
use crate::input::InputFile;
use crate::limits::{BATCH_BYTES, BATCH_ROWS_MAX};

/// A Parquet file whose footer was read and whose columns were matched with the contract.
#[derive(Debug)]
pub(crate) struct ParquetFile {
    file: InputFile,
    table: &'static Table,
    metadata: ArrowReaderMetadata,
    /// For each column of the table: its position in the file.
    positions: Vec<Option<usize>>,
}

/// Rows of one row group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// The row group.
    pub(crate) group: usize,
    /// Number in the file of its first row, from 1.
    pub(crate) first_row: u64,
    /// Rows.
    pub(crate) rows: usize,
    /// Bytes of it in the file.
    pub(crate) bytes: u64,
}

impl ParquetFile {
    /// Reads the footer and matches the columns.
    ///
    /// # Errors
    /// When the file is not whole, lacks a required column, or has a column of a type that cannot be cast.
    pub(crate) fn open(table: &'static Table, file: &InputFile) -> Result<Self, Error> {
        let broken = |error: ParquetError| Error::Parquet { path: file.name.clone(), reason: error.to_string() };
        let opened = File::open(&file.path).map_err(|source| Error::io(&file.name, source))?;
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let first = ArrowReaderMetadata::load(&opened, options).map_err(broken)?;
        let parquet_schema = Arc::new(without_utf8(first.parquet_schema()).map_err(broken)?);
        let arrow_schema = views(&parquet_to_arrow_schema(&parquet_schema, None).map_err(broken)?);
        let options = ArrowReaderOptions::new().with_parquet_schema(parquet_schema).with_schema(arrow_schema);
        let metadata = ArrowReaderMetadata::load(&opened, options).map_err(broken)?;
        let positions = positions(table, file, metadata.schema())?;
        Ok(Self { file: file.clone(), table, metadata, positions })
    }

    /// The row groups.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let mut first_row = 1;
        let groups = self.metadata.metadata().row_groups().iter().enumerate();
        groups
            .map(|(group, row_group)| {
                let rows = usize::try_from(row_group.num_rows()).unwrap_or_default();
                let bytes = u64::try_from(row_group.compressed_size()).unwrap_or_default();
                let part = Part { group, first_row, rows, bytes };
                first_row += rows as u64;
                part
            })
            .collect()
    }

    /// Starts to read the columns of `selection` of one row group; where `rows` is given, only those (ascending, from 0).
    pub(crate) fn read(&self, part: Part, selection: &[usize], rows: Option<&[usize]>) -> Result<PartReader, Error> {
        let broken = |error: ParquetError| Error::Parquet { path: self.file.name.clone(), reason: error.to_string() };
        let opened = File::open(&self.file.path).map_err(|source| Error::io(&self.file.name, source))?;
        let positions: Vec<Option<usize>> = selection.iter().map(|&column| self.positions[column]).collect();
        let present: Vec<usize> = positions.iter().copied().flatten().collect();
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), present.iter().copied());
        let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(opened, self.metadata.clone())
            .with_row_groups(vec![part.group])
            .with_projection(mask)
            .with_batch_size(self.batch_rows(part, &present));
        if let Some(rows) = rows {
            builder = builder.with_row_selection(chosen(rows, part.rows));
        }
        let mut sorted = present;
        sorted.sort_unstable();
        let columns =
            positions.iter().map(|at| at.and_then(|at| sorted.iter().position(|&known| known == at))).collect();
        let numbers = rows.map(|rows| rows.iter().map(|&row| part.first_row + row as u64).collect());
        Ok(PartReader {
            name: self.file.name.clone(),
            table: self.table,
            selection: selection.to_vec(),
            columns,
            reader: builder.build().map_err(broken)?,
            next_row: part.first_row,
            numbers,
            left: rows.map_or(part.rows, <[usize]>::len),
        })
    }

    /// Rows per batch, fewer where texts are long.
    fn batch_rows(&self, part: Part, present: &[usize]) -> usize {
        let group = self.metadata.metadata().row_group(part.group);
        let schema = self.metadata.parquet_schema();
        let wanted = |leaf: usize| present.contains(&schema.get_column_root_idx(leaf));
        let bytes: i64 = group
            .columns()
            .iter()
            .enumerate()
            .filter(|(leaf, _)| wanted(*leaf))
            .map(|(_, chunk)| chunk.uncompressed_size())
            .sum();
        let per_row = (u64::try_from(bytes).unwrap_or_default() / (part.rows as u64).max(1)).max(1);
        usize::try_from(BATCH_BYTES / per_row).unwrap_or(BATCH_ROWS_MAX).clamp(16, BATCH_ROWS_MAX)
    }
}

fn chosen(rows: &[usize], all: usize) -> RowSelection {
    let mut selectors = Vec::new();
    let mut at = 0;
    for &row in rows {
        if row > at {
            selectors.push(RowSelector::skip(row - at));
        }
        selectors.push(RowSelector::select(1));
        at = row + 1;
    }
    if all > at {
        selectors.push(RowSelector::skip(all - at));
    }
    RowSelection::from(selectors)
}

/// The schema with text columns declared as plain bytes.
fn without_utf8(schema: &SchemaDescriptor) -> Result<SchemaDescriptor, ParquetError> {
    let root = schema.root_schema();
    let mut fields = Vec::new();
    for field in root.get_fields() {
        let info = field.get_basic_info();
        if !field.is_primitive() || field.get_physical_type() != PhysicalType::BYTE_ARRAY {
            fields.push(Arc::clone(field));
            continue;
        }
        let id = info.has_id().then(|| info.id());
        let bytes = Type::primitive_type_builder(info.name(), PhysicalType::BYTE_ARRAY)
            .with_repetition(info.repetition())
            .with_id(id)
            .build()?;
        fields.push(Arc::new(bytes));
    }
    let root = Type::group_type_builder(root.name()).with_fields(fields).build()?;
    Ok(SchemaDescriptor::new(Arc::new(root)))
}

/// The schema with bytes read as views into the decoded pages.
fn views(schema: &Schema) -> Arc<Schema> {
    let view = |field: &Arc<Field>| match field.data_type() {
        DataType::Binary => Arc::new(field.as_ref().clone().with_data_type(DataType::BinaryView)),
        _ => Arc::clone(field),
    };
    Arc::new(Schema::new_with_metadata(schema.fields().iter().map(view).collect::<Vec<_>>(), schema.metadata().clone()))
}

/// Where each column of the table stands in the file.
fn positions(table: &'static Table, file: &InputFile, schema: &Schema) -> Result<Vec<Option<usize>>, Error> {
    let mut positions = Vec::with_capacity(table.columns.len());
    for column in table.columns {
        let position = schema.index_of(column.name).ok();
        match position {
            Some(at) if !cast::compatible(schema.field(at).data_type(), column.kind) => {
                return Err(Error::ColumnType {
                    table: table.name,
                    path: file.name.clone(),
                    column: column.name,
                    found: words(schema.field(at).data_type()),
                    wanted: column.kind.words(),
                });
            }
            None if column.check == Check::Required => {
                let found: Vec<&str> = schema.fields().iter().take(20).map(|field| field.name().as_str()).collect();
                let path = file.name.clone();
                return Err(Error::ColumnMissing {
                    table: table.name,
                    path,
                    column: column.name,
                    found: found.join(", "),
                });
            }
            position => positions.push(position),
        }
    }
    Ok(positions)
}

/// A type in a person's words; text is read as bytes here, which is nobody's business.
fn words(found: &DataType) -> String {
    match found {
        DataType::BinaryView => "text".to_owned(),
        other => other.to_string(),
    }
}

/// Reads one row group.
pub(crate) struct PartReader {
    name: String,
    table: &'static Table,
    selection: Vec<usize>,
    /// For each selected column: its position in the batches that are read; none where the file lacks it.
    columns: Vec<Option<usize>>,
    reader: ParquetRecordBatchReader,
    next_row: u64,
    numbers: Option<Vec<u64>>,
    left: usize,
}

impl PartReader {
    /// The next rows; none at the end.
    pub(crate) fn next_batch(&mut self, file: usize) -> Result<Option<Batch>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        let broken = |reason: String| Error::Parquet { path: self.name.clone(), reason };
        let read = match self.reader.next() {
            Some(batch) => batch.map_err(|error| broken(error.to_string()))?,
            None => return Err(broken(format!("{} rows fewer than its footer says", self.left))),
        };
        let rows = read.num_rows();
        let mut faults = Faults::default();
        let mut columns = Vec::with_capacity(self.columns.len());
        for (&at, &index) in self.columns.iter().zip(&self.selection) {
            let kind = self.table.columns[index].kind;
            columns.push(match at {
                Some(at) => cast::canonical(read.column(at), kind, index, &mut faults)
                    .map_err(|error| broken(error.to_string()))?,
                None => new_null_array(&kind.data_type(), rows),
            });
        }
        let numbers = match &mut self.numbers {
            Some(numbers) => RowNumbers::Each(numbers.drain(..rows.min(numbers.len())).collect()),
            None => RowNumbers::From(self.next_row),
        };
        self.next_row += rows as u64;
        self.left = self.left.saturating_sub(rows);
        Ok(Some(Batch { file, numbers, rows, columns, faults }))
    }
}
