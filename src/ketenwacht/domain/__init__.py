"""The pure core: what is measured, judged and remembered. No file, no clock, no network."""
