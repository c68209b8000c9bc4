"""Pure values and rules: measurements, checks, findings, incidents. No files, no clock, no network."""
