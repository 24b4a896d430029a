//! Tests of poisson.
