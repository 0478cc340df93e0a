"""The program as a process of its own, wherever it is installed."""

# What the installed command does, for ``python -c``.
PROGRAM = "from pcmsim.cli.main import entry_point; entry_point()"
