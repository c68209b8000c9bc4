"""Finding, verifying and reading deliveries."""
