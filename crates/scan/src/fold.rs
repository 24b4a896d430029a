//! Folds exchanges into profiles by one GROUP BY, within bounded memory.

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::datatypes::{DataType, UInt32Type};
use datafusion::common::DataFusionError;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::AggregateUDF;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt;
use stillwatch_detect::history::DayProfile;
use stillwatch_detect::profile::{Extractor, Profile};
use stillwatch_sketch::Sketch;
use stillwatch_traffic::exchange::Timestamp;

use crate::column::EXCHANGES;
use crate::error::Error;
use crate::row::{RowColumns, row_columns};
use crate::table::ExchangePass;
use crate::udaf::{Observe, SketchUdaf};

const FOLD_SQL: &str = include_str!("sql/fold.sql");

/// What the engine may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resources<'a> {
    /// Threads.
    pub(crate) threads: usize,
    /// Bytes of memory, past which it writes temporary files.
    pub(crate) memory_bytes_max: usize,
    /// Folder of the temporary files.
    pub(crate) temporary: &'a Path,
}

/// A session within bounds, and the runtime that drives it.
pub(crate) fn session(resources: Resources<'_>) -> Result<(tokio::runtime::Runtime, SessionContext), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(resources.threads.max(1))
        .build()
        .map_err(|source| Error::io("the threads of the engine", source))?;
    let disk = DiskManagerBuilder::default()
        .with_mode(DiskManagerMode::Directories(vec![resources.temporary.to_owned()]))
        .with_max_temp_directory_size(u64::MAX);
    let environment = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(FairSpillPool::new(resources.memory_bytes_max)))
        .with_disk_manager_builder(disk)
        .build_arc()
        .map_err(|error| Error::engine("start the engine", error))?;
    let config = SessionConfig::new().with_target_partitions(resources.threads.max(1));
    Ok((runtime, SessionContext::new_with_config_rt(config, environment)))
}

/// Observes exchanges into profiles.
#[derive(Debug, Clone)]
struct ObserveProfile {
    extractor: Extractor,
    origin: i64,
}

impl Observe for ObserveProfile {
    type State = Profile;
    type Columns<'a> = RowColumns<'a>;

    fn arguments() -> Vec<DataType> {
        row_columns().into_iter().map(|index| EXCHANGES.columns[index].kind.data_type()).collect()
    }

    fn bind(arrays: &[ArrayRef]) -> RowColumns<'_> {
        RowColumns::of(arrays.iter())
    }

    fn observe(&mut self, columns: &RowColumns<'_>, row: usize, profile: &mut Profile) {
        let row = columns.row(row);
        let hours = (row.time.0 - self.origin).div_euclid(Timestamp::HOUR);
        let hour = u8::try_from(hours.rem_euclid(24)).expect("a remainder of 24 fits");
        profile.observe(&mut self.extractor, &row, hour);
    }
}

/// Folds a pass. The result is sorted by account and day, each pair once.
pub(crate) fn fold(
    pass: &Arc<ExchangePass>,
    extractor: &Extractor,
    resources: Resources<'_>,
) -> Result<Vec<DayProfile>, Error> {
    let (runtime, context) = session(resources)?;
    let observer = ObserveProfile { extractor: extractor.clone(), origin: pass.origin };
    context.register_udaf(AggregateUDF::new_from_impl(SketchUdaf::new("profile", observer)));
    let mut profiles = runtime.block_on(collect(&context, pass, resources.threads)).map_err(|error| {
        let own = pass.failed.lock().expect("no worker panics while it holds the error").take();
        own.unwrap_or_else(|| engine_error(error, resources.memory_bytes_max))
    })?;
    profiles.sort_unstable_by(|a, b| a.account.cmp(&b.account).then(a.day.cmp(&b.day)));
    Ok(profiles)
}

async fn collect(
    context: &SessionContext,
    pass: &Arc<ExchangePass>,
    threads: usize,
) -> Result<Vec<DayProfile>, DataFusionError> {
    context.register_table("exchanges", Arc::new(pass.table(threads)?))?;
    let mut stream = context.sql(FOLD_SQL).await?.execute_stream().await?;
    let mut profiles = Vec::new();
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        let accounts = batch.column(0).as_string_view();
        let days = batch.column(1).as_primitive::<UInt32Type>();
        let encoded = batch.column(2).as_binary::<i64>();
        for row in 0..batch.num_rows() {
            let profile =
                Profile::decode(encoded.value(row)).map_err(|error| DataFusionError::External(Box::new(error)))?;
            profiles.push(DayProfile { account: accounts.value(row).to_owned(), day: days.value(row), profile });
        }
    }
    Ok(profiles)
}

/// Names the remedy where memory or temporary space ran out.
pub(crate) fn engine_error(error: DataFusionError, bytes_max: usize) -> Error {
    match error.find_root() {
        DataFusionError::ResourcesExhausted(reason) => Error::Memory { bytes_max, reason: reason.clone() },
        _ => Error::engine("fold exchanges", error),
    }
}
