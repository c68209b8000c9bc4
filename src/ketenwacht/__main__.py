"""`python -m ketenwacht` is the command `ketenwacht`."""

from ketenwacht.cli import main

main()
