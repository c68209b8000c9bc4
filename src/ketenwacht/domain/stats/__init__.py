"""The statistics: pure functions of arrays, vectorised over segments; no clock, no file, no configuration."""
