# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file in which an event source remembers what it has reported and requested."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
import time
import typing as t

from .._errors import InvalidInput
from .memory import Memory


class StateFile:
    """A memory that outlives the process. Without a path it does not."""

    def __init__(self, path: str) -> None:
        """Name the file; nothing is read."""
        self._path = path

    @contextlib.contextmanager
    def locked(self) -> t.Iterator[Memory]:
        """Read the memory, and keep every other event source away from it meanwhile: two would act twice.

        :raises InvalidInput: another one uses it, or it cannot be read: a new one would forget the limits.
        """
        if not self._path:
            yield Memory()
            return
        with self._lock():
            yield self._read()

    def save(self, memory: Memory) -> None:
        """Replace the file as a whole; only its owner can read it.

        :raises InvalidInput: it cannot be written.
        """
        if not self._path:
            return
        with (
            self._reported(),
            tempfile.NamedTemporaryFile(
                "w", dir=os.path.dirname(self._path) or ".", encoding="utf-8", delete=False
            ) as file,
        ):
            try:
                file.write(memory.to_json())
                file.flush()
                os.fsync(file.fileno())
                os.replace(file.name, self._path)
            except BaseException:
                os.unlink(file.name)
                raise

    @contextlib.contextmanager
    def _lock(self) -> t.Iterator[None]:
        """Hold the lock of a file beside it, which one process at a time can have."""
        with contextlib.ExitStack() as stack:
            with self._reported():
                lock = stack.enter_context(open(f"{self._path}.lock", "a", encoding="utf-8"))
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise InvalidInput(f"state_file {self._path} is in use by another event source") from error
            yield

    def _read(self) -> Memory:
        if not os.path.exists(self._path):
            return Memory()
        with self._reported(), open(self._path, "rb") as file:
            content = file.read()
        try:
            return Memory.from_json(content.decode(), time.time())
        except ValueError as error:
            advice = "Remove it to begin without what it held"
            raise InvalidInput(f"state_file {self._path} cannot be read: {error}. {advice}") from error

    @contextlib.contextmanager
    def _reported(self) -> t.Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InvalidInput(f"state_file {self._path}: {error.strerror or error}") from error
