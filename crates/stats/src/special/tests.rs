//! Tests of special.
