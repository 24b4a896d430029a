//! Tests of hypergeometric.
