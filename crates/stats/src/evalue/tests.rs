//! Tests of evalue.
