//! A pass over exchanges as a table of the engine: checked, de-duplicated, with the day of each row.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use datafusion::arrow::array::{ArrayRef, AsArray, BooleanArray, RecordBatch, UInt32Array};
use datafusion::arrow::compute::and;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimestampMicrosecondType};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::{DataFusionError, Result as EngineResult};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use stillwatch_traffic::exchange::Timestamp;

use crate::batch::Batch;
use crate::clean;
use crate::column::{ACCOUNT, EXCHANGES, TIME};
use crate::duplicate::Duplicates;
use crate::error::Error;
use crate::source::{Pass, Worker};

/// What a pass gives: usable rows, each id once.
pub(crate) struct ExchangePass {
    /// The reading; it selects every column.
    pub(crate) pass: Arc<Pass>,
    /// Which rows of a repeated id stay.
    pub(crate) duplicates: Duplicates,
    /// Days are counted from here.
    pub(crate) origin: i64,
    /// Only rows of these accounts, where given.
    pub(crate) accounts: Option<BTreeSet<String>>,
    /// The first error; the engine's own text would wrap it.
    pub(crate) failed: Mutex<Option<Error>>,
}

impl ExchangePass {
    /// The contract's columns and `day`.
    pub(crate) fn schema() -> SchemaRef {
        let mut fields = EXCHANGES.schema(&EXCHANGES.all()).fields().to_vec();
        fields.push(Arc::new(Field::new("day", DataType::UInt32, false)));
        Arc::new(Schema::new(fields))
    }

    /// The table, with one partition per thread.
    pub(crate) fn table(self: &Arc<Self>, threads: usize) -> EngineResult<StreamingTable> {
        let schema = Self::schema();
        let partition =
            || Arc::new(Partition { schema: Arc::clone(&schema), pass: Arc::clone(self) }) as Arc<dyn PartitionStream>;
        StreamingTable::try_new(Arc::clone(&schema), (0..threads.max(1)).map(|_| partition()).collect())
    }

    /// The usable rows of a batch that are wanted.
    fn usable(&self, mut batch: Batch) -> Result<RecordBatch, Error> {
        let mut mask = self.duplicates.mask(&batch);
        if let Some(accounts) = &self.accounts {
            let wanted: BooleanArray = batch.columns[ACCOUNT]
                .as_string_view()
                .iter()
                .map(|account| Some(account.is_some_and(|account| accounts.contains(account))))
                .collect();
            mask = Some(match mask {
                Some(mask) => and(&mask, &wanted).expect("both masks have the length of the batch"),
                None => wanted,
            });
        }
        if let Some(mask) = mask {
            clean::retain(&mut batch.columns, &mask);
        }
        let days = days(&batch.columns[TIME], self.origin)?;
        batch.columns.push(Arc::new(days));
        Ok(RecordBatch::try_new(Self::schema(), batch.columns)
            .expect("columns are made in the schema's order and types"))
    }
}

/// Days of 24 hours since the origin.
fn days(times: &ArrayRef, origin: i64) -> Result<UInt32Array, Error> {
    let times = times.as_primitive::<TimestampMicrosecondType>();
    let day = |time: &i64| {
        let days = (time - origin).div_euclid(Timestamp::DAY);
        u32::try_from(days).map_err(|_| Error::Day { days })
    };
    times.values().iter().map(day).collect::<Result<Vec<_>, _>>().map(UInt32Array::from)
}

/// One worker's share of a pass.
struct Partition {
    schema: SchemaRef,
    pass: Arc<ExchangePass>,
}

impl std::fmt::Debug for Partition {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("exchanges")
    }
}

impl PartitionStream for Partition {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let pass = Arc::clone(&self.pass);
        let mut worker = Worker::new(&pass.pass);
        let batches = std::iter::from_fn(move || {
            loop {
                let batch = worker.next_batch().and_then(|batch| batch.map(|batch| pass.usable(batch)).transpose());
                match batch {
                    Ok(Some(batch)) if batch.num_rows() == 0 => {}
                    Ok(batch) => return batch.map(Ok),
                    Err(error) => {
                        let text = error.to_string();
                        pass.failed.lock().expect("no worker panics while it holds the error").get_or_insert(error);
                        return Some(Err(DataFusionError::Execution(text)));
                    }
                }
            }
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), futures::stream::iter(batches)))
    }
}
