"""What is misconfigured, unreachable or stuck."""
