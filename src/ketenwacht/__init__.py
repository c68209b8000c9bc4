"""Ketenwacht: says, with evidence, whether everybody who should be in a feed is in it."""
