//! Tests of dispersion.
