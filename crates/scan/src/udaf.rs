//! One adapter between a [`Sketch`] and the engine's aggregates.
//!
//! What differs from sketch to sketch is how a row is observed ([`Observe`]); merging, encoding, grouping and accounting
//! are written once. The state on the wire is [`Sketch::encode`] in one LargeBinary column (32-bit offsets would end at
//! 2 GiB, and the engine emits all states at once). Invariant: the slow and the grouped path give the same bytes.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, LargeBinaryArray, LargeBinaryBuilder};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility};
use stillwatch_sketch::Sketch;

/// How the rows of some columns are observed by a sketch.
pub(crate) trait Observe: Clone + Debug + Send + Sync + 'static {
    /// The sketch.
    type State: Sketch;
    /// Views of the columns, bound once per batch.
    type Columns<'a>;

    /// Types of the arguments.
    fn arguments() -> Vec<DataType>;

    /// Binds the arguments of one batch.
    fn bind(arrays: &[ArrayRef]) -> Self::Columns<'_>;

    /// Adds one row.
    fn observe(&mut self, columns: &Self::Columns<'_>, row: usize, state: &mut Self::State);
}

/// The aggregate function over an observer.
#[derive(Debug)]
pub(crate) struct SketchUdaf<O: Observe> {
    name: &'static str,
    signature: Signature,
    observer: O,
}

impl<O: Observe> SketchUdaf<O> {
    /// An aggregate function; names are unique within a session.
    pub(crate) fn new(name: &'static str, observer: O) -> Self {
        Self { name, signature: Signature::exact(O::arguments(), Volatility::Immutable), observer }
    }
}

impl<O: Observe> PartialEq for SketchUdaf<O> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl<O: Observe> Eq for SketchUdaf<O> {}

impl<O: Observe> Hash for SketchUdaf<O> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl<O: Observe> AggregateUDFImpl for SketchUdaf<O> {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::LargeBinary)
    }

    fn state_fields(&self, arguments: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format_state_name(arguments.name, "state"), DataType::LargeBinary, true))])
    }

    fn accumulator(&self, _arguments: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(One { observer: self.observer.clone(), state: O::State::default() }))
    }

    fn groups_accumulator_supported(&self, _arguments: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _arguments: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Groups::new(self.observer.clone())))
    }

    fn order_sensitivity(&self) -> datafusion::logical_expr::utils::AggregateOrderSensitivity {
        datafusion::logical_expr::utils::AggregateOrderSensitivity::Insensitive
    }
}

fn decode<S: Sketch>(bytes: &[u8]) -> Result<S> {
    S::decode(bytes).map_err(|error| DataFusionError::External(Box::new(error)))
}

fn encode<S: Sketch>(states: &[S]) -> LargeBinaryArray {
    let mut bytes = Vec::new();
    let mut builder = LargeBinaryBuilder::with_capacity(states.len(), 0);
    for state in states {
        bytes.clear();
        state.encode(&mut bytes);
        builder.append_value(&bytes);
    }
    builder.finish()
}

fn states(arrays: &[ArrayRef]) -> Result<&LargeBinaryArray> {
    arrays
        .first()
        .and_then(|array| array.as_binary_opt::<i64>())
        .ok_or_else(|| DataFusionError::Internal("state of a sketch is not one LargeBinary column".to_owned()))
}

/// The slow path: one group.
struct One<O: Observe> {
    observer: O,
    state: O::State,
}

impl<O: Observe> Debug for One<O> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("One").field("bytes", &self.state.size_bytes()).finish()
    }
}

impl<O: Observe> Debug for Groups<O> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Groups").field("groups", &self.states.len()).field("bytes", &self.bytes).finish()
    }
}

impl<O: Observe> Accumulator for One<O> {
    fn update_batch(&mut self, arrays: &[ArrayRef]) -> Result<()> {
        let columns = O::bind(arrays);
        for row in 0..arrays.first().map_or(0, |array| array.len()) {
            self.observer.observe(&columns, row, &mut self.state);
        }
        Ok(())
    }

    fn merge_batch(&mut self, arrays: &[ArrayRef]) -> Result<()> {
        for bytes in states(arrays)?.iter().flatten() {
            self.state.merge(&decode(bytes)?);
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let mut bytes = Vec::new();
        self.state.encode(&mut bytes);
        Ok(ScalarValue::LargeBinary(Some(bytes)))
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.state.size_bytes()
    }
}

/// The grouped path: one sketch per group, memory as a running total.
pub(crate) struct Groups<O: Observe> {
    observer: O,
    states: Vec<O::State>,
    bytes: usize,
}

impl<O: Observe> Groups<O> {
    /// No groups yet.
    pub(crate) fn new(observer: O) -> Self {
        Self { observer, states: Vec::new(), bytes: 0 }
    }

    fn grow(&mut self, total: usize) {
        let empty = O::State::default();
        self.bytes += empty.size_bytes() * total.saturating_sub(self.states.len());
        self.states.resize(total.max(self.states.len()), empty);
    }

    /// Changes one group and keeps the total true.
    fn change<T>(&mut self, group: usize, change: impl FnOnce(&mut O, &mut O::State) -> T) -> T {
        let state = &mut self.states[group];
        let before = state.size_bytes();
        let result = change(&mut self.observer, state);
        self.bytes = (self.bytes + state.size_bytes()).saturating_sub(before);
        result
    }

    fn emit(&mut self, emit_to: EmitTo) -> LargeBinaryArray {
        let emitted = emit_to.take_needed(&mut self.states);
        let released: usize = emitted.iter().map(Sketch::size_bytes).sum();
        self.bytes = self.bytes.saturating_sub(released);
        encode(&emitted)
    }
}

fn selected(filter: Option<&BooleanArray>, row: usize) -> bool {
    filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row))
}

impl<O: Observe> GroupsAccumulator for Groups<O> {
    fn update_batch(
        &mut self,
        arrays: &[ArrayRef],
        group_indices: &[usize],
        filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.grow(total_num_groups);
        let columns = O::bind(arrays);
        for (row, &group) in group_indices.iter().enumerate() {
            if selected(filter, row) {
                self.change(group, |observer, state| observer.observe(&columns, row, state));
            }
        }
        Ok(())
    }

    fn merge_batch(&mut self, arrays: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        self.grow(total_num_groups);
        let encoded = states(arrays)?;
        for (row, &group) in group_indices.iter().enumerate() {
            if encoded.is_valid(row) {
                let other = decode(encoded.value(row))?;
                self.change(group, |_, state| state.merge(&other));
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(Arc::new(self.emit(emit_to)))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::new(self.emit(emit_to))])
    }

    fn convert_to_state(&self, arrays: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = arrays.first().map_or(0, |array| array.len());
        let columns = O::bind(arrays);
        let mut observer = self.observer.clone();
        let mut bytes = Vec::new();
        let mut builder = LargeBinaryBuilder::with_capacity(rows, 0);
        for row in 0..rows {
            let mut state = O::State::default();
            if selected(filter, row) {
                observer.observe(&columns, row, &mut state);
            }
            bytes.clear();
            state.encode(&mut bytes);
            builder.append_value(&bytes);
        }
        Ok(vec![Arc::new(builder.finish())])
    }

    fn size(&self) -> usize {
        self.bytes + self.states.capacity() * size_of::<O::State>()
    }
}
