//! Tests of binomial.
