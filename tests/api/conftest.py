"""A replay of the sample feed, for every test here."""

from replayed import made, place  # noqa: F401 - fixtures are found by their names
