"""Counting both ends by hand: compare, repair, exchange digests."""
