"""The contract of a feed: out, in, and what changed."""
