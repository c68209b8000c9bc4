"""config.yaml, suites and checks YAML, read strictly into plain domain values."""
