"""Command lines with a mistake: one line names it, the nearest name there is, and the help."""

import argparse
import difflib
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from pcmsim.errors import UserError


class Parser(argparse.ArgumentParser):
    """A parser of command lines whose mistakes are all told alike."""

    _commands: Any = None

    def add_subparsers(self, **options: Any) -> Any:
        """Take commands, and remember them."""
        self._commands = super().add_subparsers(**options)
        return self._commands

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Read the words of this command; those of its own commands are read by their parsers.

        Raises:
            UserError: there is a mistake in them.
        """
        self._refuse_unknown_names(args)
        found, others = super().parse_known_args(args, namespace)
        if others:
            self.error(f"{others[0]} is one word too many")
        return found, others

    def error(self, message: str) -> NoReturn:
        """Tell what is wrong, and where help is."""
        command = self.prog.partition(" ")[2]
        where = f"{command}: " if command else ""
        raise UserError(f"{where}{message}; see '{self.prog} --help'")

    def _refuse_unknown_names(self, words: Sequence[str]) -> None:
        """Look at names first: of misspelt ones, argparse tells only what is missing then."""
        for word in words:
            if word == "--":
                return
            if word.startswith("--"):
                name = word.partition("=")[0]
                # Options may be cut short, as long as they are told apart.
                if not any(option.startswith(name) for option in self._option_string_actions):
                    self._refuse("option", name, self._option_string_actions)
            elif self._commands and not word.startswith("-"):
                if word not in self._commands.choices:
                    self._refuse("command", word, self._commands.choices)
                return

    def _refuse(self, what: str, name: str, known: Iterable[str]) -> NoReturn:
        near = difflib.get_close_matches(name, known, n=1)
        proposal = f"; did you mean {near[0]}?" if near else ""
        self.error(f"there is no {what} {name}{proposal}")
