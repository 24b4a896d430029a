//! Second looks at the exchanges: the rows of a few accounts for people, ids and times for the scorer.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::TimestampMicrosecondType;
use datafusion::common::DataFusionError;
use datafusion::prelude::SessionContext;
use futures::StreamExt;
use stillwatch_traffic::exchange::{Exchange, Timestamp};

use crate::column::{ACCOUNT, EXCHANGES, ID, TIME};
use crate::duplicate::Duplicates;
use crate::error::Error;
use crate::fold;
use crate::history::{self, Options};
use crate::input::Inputs;
use crate::progress::NoProgress;
use crate::row::ExchangeColumns;
use crate::source::{Pass, Source, Worker};
use crate::table::ExchangePass;

const REREAD_SQL: &str = include_str!("sql/reread.sql");

/// Visits the usable exchanges of some accounts by time, then id, each id once, after the same checks as in
/// [`read_history`](crate::read_history). Costs a pass over ids and a pass over everything; memory is bounded.
///
/// # Errors
/// When the inputs cannot be read any more. Rows that cannot be used are passed over: they were counted before.
pub fn reread(
    inputs: &Inputs,
    options: &Options,
    accounts: &BTreeSet<String>,
    visit: &mut dyn FnMut(&Exchange),
) -> Result<(), Error> {
    if accounts.is_empty() {
        return Ok(());
    }
    let temporary = options.temporary()?;
    let exchanges = history::open_exchanges(inputs, options, &temporary)?;
    let census = history::take_census(&exchanges, options, &NoProgress)?;
    let duplicates = Duplicates::decide(&exchanges, &census, options.threads)?;
    let pass = Arc::new(history::exchange_pass(&exchanges, &census, duplicates, Some(accounts.clone())));
    let resources = options.resources(&temporary);
    let (runtime, context) = fold::session(resources)?;
    runtime.block_on(visit_sorted(&context, &pass, options.threads, visit)).map_err(|error| {
        let own = pass.failed.lock().expect("no worker panics while it holds the error").take();
        own.unwrap_or_else(|| fold::engine_error(error, resources.memory_bytes_max))
    })
}

async fn visit_sorted(
    context: &SessionContext,
    pass: &Arc<ExchangePass>,
    threads: usize,
    visit: &mut dyn FnMut(&Exchange),
) -> Result<(), DataFusionError> {
    context.register_table("exchanges", Arc::new(pass.table(threads)?))?;
    let mut stream = context.sql(REREAD_SQL).await?.execute_stream().await?;
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        let columns = ExchangeColumns::of(batch.columns());
        for row in 0..batch.num_rows() {
            visit(&columns.exchange(row));
        }
    }
    Ok(())
}

/// Visits id, account and time of every row that has all three, in the order of files and rows; repeated ids are visited again.
///
/// # Errors
/// When the inputs cannot be read.
pub fn read_exchange_times(inputs: &Inputs, visit: &mut dyn FnMut(&str, &str, Timestamp)) -> Result<(), Error> {
    let options = Options::default();
    let source = Arc::new(Source::open(&EXCHANGES, &inputs.exchanges, options.now.0)?);
    let pass = Arc::new(Pass::new(&source, vec![ID, ACCOUNT, TIME]));
    let mut worker = Worker::new(&pass);
    while let Some(batch) = worker.next_batch()? {
        let (ids, accounts) = (batch.columns[0].as_string_view(), batch.columns[1].as_string_view());
        let times = batch.columns[2].as_primitive::<TimestampMicrosecondType>();
        for row in (0..batch.rows).filter(|&row| !batch.faults.contains(row)) {
            visit(ids.value(row), accounts.value(row), Timestamp(times.value(row)));
        }
    }
    Ok(())
}
