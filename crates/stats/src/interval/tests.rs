//! Tests of interval.
