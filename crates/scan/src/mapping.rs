//! Runs a user's one SELECT over files of his own and keeps the result as a temporary Parquet file.
//!
//! The result then takes the path of any other file: same casts, same checks, same rejections, named by the SQL file.
//! `FROM 'file'` reads a Parquet, JSON Lines or CSV file, a folder or a glob, plain or packed with gzip or zstd, by its
//! path from the SQL file's folder; `FROM exchanges` reads what `--exchanges` names. Invariant: nothing but one query
//! runs: no statement that writes, defines or copies anything.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::catalog::{DynamicFileCatalog, TableProvider, UrlTableFactory};
use datafusion::common::{DataFusionError, plan_datafusion_err};
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::csv::CsvFormat;
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use datafusion::datasource::file_format::json::JsonFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::execution::SessionState;
use datafusion::execution::context::SQLOptions;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::prelude::{Expr, SessionContext, ident};
use futures::StreamExt;

use crate::error::Error;
use crate::fold::{self, Resources};
use crate::input::{Format, InputFile};

/// Rows from which the types of JSON and CSV columns are told: all of any file that a person maps by hand.
const SCHEMA_ROWS: usize = 1_000_000;

/// Runs the mapping and returns its result as a file to read. `paths` is what `exchanges` stands for in it.
pub(crate) fn spool(sql: &Path, paths: &[String], resources: Resources<'_>) -> Result<InputFile, Error> {
    let name = sql.display().to_string();
    let wrong = |reason: String| Error::Mapping { path: name.clone(), reason };
    let text = std::fs::read_to_string(sql).map_err(|source| Error::io(sql.display(), source))?;
    let base = sql.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    let base = base.canonicalize().map_err(|source| Error::io(base.display(), source))?;
    let (runtime, context) = fold::session(resources)?;
    let target = resources.temporary.join("mapping.parquet");
    runtime.block_on(run(&context, &base, &text, paths, &target)).map_err(|error| wrong(first_line(&error)))?;
    let bytes = target.metadata().map_err(|source| Error::io(target.display(), source))?.len();
    Ok(InputFile { path: target, name, format: Format::Parquet, bytes })
}

/// What the engine says, without its internal chain. A plan names columns and files; whatever fails later may quote a
/// value of a row, so that what stands in quotes is left out there.
fn first_line(error: &DataFusionError) -> String {
    let root = error.find_root();
    let line = root.to_string().lines().next().unwrap_or_default().to_owned();
    match root {
        DataFusionError::Plan(_) | DataFusionError::SchemaError(..) | DataFusionError::SQL(..) => line,
        _ => format!("{}; TRY_CAST gives null for what does not fit, and such a row is then counted", unquoted(&line)),
    }
}

/// The text without what stands between its first and its last quote: a value may hold quotes itself, and may be cut.
fn unquoted(text: &str) -> String {
    let quotes = ['\'', '"', '`'];
    let Some(first) = text.find(quotes) else { return text.to_owned() };
    let last = text.rfind(quotes).filter(|last| *last > first);
    let rest = last.map_or("", |last| text.get(last + 1..).unwrap_or_default());
    format!("{}…{rest}", &text[..first])
}

async fn run(
    context: &SessionContext,
    base: &Path,
    text: &str,
    paths: &[String],
    target: &Path,
) -> Result<(), DataFusionError> {
    let context = with_files(context.clone(), base);
    if !paths.is_empty() {
        let folder = std::env::current_dir().map_err(DataFusionError::from)?;
        let table = listing(&context.state(), &folder, paths).await?;
        context.register_table("exchanges", table)?;
    }
    let only_queries = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    let frame = context.sql_with_options(text, only_queries).await?;
    if !paths.is_empty() && !frame.logical_plan().display_indent().to_string().contains("TableScan: exchanges") {
        return Err(plan_datafusion_err!(
            "--exchanges names files that the mapping never reads; read them with FROM exchanges, or leave them out"
        ));
    }
    let typed = frame.schema().fields().iter().filter(|field| *field.data_type() != DataType::Null);
    let kept: Vec<Expr> = typed.map(|field| ident(field.name())).collect();
    let frame = frame.select(kept)?;
    let file = std::fs::File::create(target).map_err(DataFusionError::from)?;
    let planned = frame.schema().fields().iter();
    // Nullable: what a branch of a UNION yields is known only when it runs.
    let nullable = planned.map(|field| Field::new(field.name(), stored(field.data_type()), true));
    let schema = Arc::new(Schema::new(nullable.collect::<Vec<_>>()));
    let mut writer = ArrowWriter::try_new(file, Arc::clone(&schema), None)?;
    let mut rows = frame.execute_stream().await?;
    while let Some(batch) = rows.next().await {
        writer.write(&as_planned(&batch?, &schema)?)?;
    }
    writer.close()?;
    Ok(())
}

/// The type in which a column is kept: Parquet knows no whole seconds.
fn stored(found: &DataType) -> DataType {
    match found {
        DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
        other => other.clone(),
    }
}

/// The batch with the types of the plan: the branches of a UNION may yield others that the engine has not unified.
fn as_planned(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, DataFusionError> {
    let whole = CastOptions { safe: false, ..CastOptions::default() };
    let planned = batch.columns().iter().zip(schema.fields());
    let columns = planned.map(|(array, field)| cast_with_options(array, field.data_type(), &whole));
    Ok(RecordBatch::try_new(Arc::clone(schema), columns.collect::<Result<_, _>>()?)?)
}

/// A session in which a quoted path is a table.
fn with_files(context: SessionContext, base: &Path) -> SessionContext {
    let factory = Arc::new(FileTables { base: base.to_owned(), state: Mutex::new(None) });
    let inner = Arc::clone(context.state().catalog_list());
    let catalogs = Arc::new(DynamicFileCatalog::new(inner, Arc::clone(&factory) as Arc<dyn UrlTableFactory>));
    let context: SessionContext = context.into_state_builder().with_catalog_list(catalogs).build().into();
    if let Ok(mut state) = factory.state.lock() {
        *state = Some(Box::new(context.state()));
    }
    context
}

/// Makes tables of quoted paths.
struct FileTables {
    base: PathBuf,
    state: Mutex<Option<Box<SessionState>>>,
}

impl std::fmt::Debug for FileTables {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "FileTables({})", self.base.display())
    }
}

#[async_trait]
impl UrlTableFactory for FileTables {
    async fn try_new(&self, url: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        let state = self.state.lock().ok().and_then(|state| state.as_deref().cloned());
        match state {
            Some(state) if url.contains(['.', '/']) => listing(&state, &self.base, &[url.to_owned()]).await.map(Some),
            _ => Ok(None),
        }
    }
}

/// One table over files of one format.
async fn listing(
    state: &SessionState,
    base: &Path,
    paths: &[String],
) -> Result<Arc<dyn TableProvider>, DataFusionError> {
    let mut files = Vec::new();
    for path in paths {
        let found = expand(&base.join(path.strip_prefix("file://").unwrap_or(path)));
        if found.is_empty() {
            return Err(plan_datafusion_err!("there is no file {path}, seen from {}", base.display()));
        }
        files.extend(found);
    }
    let kind = Kind::of(&files[0])?;
    for file in &files {
        if Kind::of(file)? != kind {
            return Err(plan_datafusion_err!("{} has another format than {}", file.display(), files[0].display()));
        }
    }
    let urls = files.iter().map(|file| ListingTableUrl::parse(file.to_string_lossy())).collect::<Result<_, _>>()?;
    let options = ListingOptions::new(kind.format()).with_file_extension("");
    let config = ListingTableConfig::new_with_multi_paths(urls).with_listing_options(options);
    Ok(Arc::new(ListingTable::try_new(config.infer_schema(state).await?)?))
}

/// The files that a path, a folder or a glob stands for, sorted.
fn expand(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let pattern = if path.is_dir() { path.join("**/*") } else { path.to_owned() };
    let found = glob::glob(&pattern.to_string_lossy()).into_iter().flatten().flatten();
    found.filter(|file| file.is_file()).collect()
}

/// What a file is: its layout and its packing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind {
    layout: Layout,
    packing: FileCompressionType,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Parquet,
    Csv,
    Lines,
}

impl Kind {
    /// Packing by the first bytes, CSV by the name, the rest by the first bytes.
    fn of(file: &Path) -> Result<Self, DataFusionError> {
        let mut opening = [0u8; 4];
        let read = std::fs::File::open(file).and_then(|mut file| file.read(&mut opening));
        read.map_err(|error| plan_datafusion_err!("{} cannot be read: {error}", file.display()))?;
        let packing = match opening {
            [0x1f, 0x8b, ..] => FileCompressionType::GZIP,
            [0x28, 0xb5, 0x2f, 0xfd] => FileCompressionType::ZSTD,
            _ => FileCompressionType::UNCOMPRESSED,
        };
        let name = file.to_string_lossy().to_lowercase();
        let layout = match opening {
            [b'P', b'A', b'R', b'1'] => Layout::Parquet,
            _ if name.ends_with(".csv") || name.contains(".csv.") => Layout::Csv,
            _ => Layout::Lines,
        };
        Ok(Self { layout, packing })
    }

    fn format(self) -> Arc<dyn FileFormat> {
        match self.layout {
            Layout::Parquet => Arc::new(ParquetFormat::default()),
            Layout::Csv => Arc::new(
                CsvFormat::default().with_schema_infer_max_rec(SCHEMA_ROWS).with_file_compression_type(self.packing),
            ),
            Layout::Lines => Arc::new(
                JsonFormat::default().with_schema_infer_max_rec(SCHEMA_ROWS).with_file_compression_type(self.packing),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_in_an_error_is_left_out() {
        let check = |text: &str, expect: &str| assert_eq!(unquoted(text), expect);
        check("Cannot cast string 'a secret' to value of Int32 type", "Cannot cast string … to value of Int32 type");
        check("Cannot cast 'it's a secret' to Int32", "Cannot cast … to Int32");
        check("Error parsing timestamp from 'a secret", "Error parsing timestamp from …");
        check("nothing quoted", "nothing quoted");
    }
}
