# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measuring: processes with their time, CPU and memory, and ratios with their spread."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time
import typing as t

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(sys.executable).parent
SAMPLE_SECONDS = 1.0
Memory = t.Callable[[int], t.Callable[[], float]]


@dataclasses.dataclass(frozen=True)
class Cost:
    """What one process and its children took: wall and CPU in seconds, peak memory in MiB."""

    wall: float
    cpu: float
    memory: float
    output: str


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table: the median of ratios within this run, their spread, and what was put over what."""

    name: str
    value: float
    low: float
    high: float
    over: str
    limit: float | None = None
    unit: str = ""

    @property
    def reached(self) -> bool:
        """Whether the value is within its limit."""
        return self.limit is None or self.value <= self.limit


def ratio_row(name: str, ours: list[float], theirs: list[float], over: str, limit: float | None = None) -> Row:
    """Compare two series that were measured in turn, pair by pair."""
    ratios = sorted(one / other for one, other in zip(ours, theirs))
    return Row(name, statistics.median(ratios), ratios[0], ratios[-1], over, limit)


def value_row(name: str, values: list[float], over: str, limit: float | None = None, unit: str = "") -> Row:
    """Report a series by its median."""
    return Row(name, statistics.median(values), min(values), max(values), over, limit, unit)


def environment(folder: pathlib.Path, **more: str) -> dict[str, str]:
    """What every measured process runs with, and nothing of the caller's."""
    return {
        "PATH": f"{BIN}:/usr/bin:/bin",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT / ".build"),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build"),
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
        "ANSIBLE_HOST_KEY_CHECKING": "0",
        **more,
    }


def run(command: list[str], folder: pathlib.Path, *, memory: Memory | None = None, **more: str) -> Cost:
    """Run a command to its end.

    :param memory: what to watch once a second for the peak memory: :func:`of_machine` or :func:`of_processes`.
    :raises RuntimeError: it failed; the message holds what it printed.
    """
    before, begin = os.times(), time.monotonic()
    with (folder / "output").open("w+b") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment(folder, **more), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        peak = _Peak(memory(process.pid)) if memory else None
        process.wait()
        wall, after = time.monotonic() - begin, os.times()
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{text[-4000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(wall, cpu, peak.end() if peak else 0.0, text)


class _Peak(threading.Thread):
    """Watches how much memory is in use."""

    def __init__(self, used: t.Callable[[], float]) -> None:
        super().__init__(daemon=True)
        self._over = threading.Event()
        self._used = used
        self._most = 0.0
        self.start()

    def run(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self._most = max(self._most, self._used())

    def end(self) -> float:
        self._over.set()
        self.join()
        return self._most


def of_machine(_pid: int) -> t.Callable[[], float]:
    """By how much the machine's available memory falls.

    Adding up that of each process would take a good part of a CPU where they are hundreds.
    """
    first = _available()
    return lambda: first - _available()


def of_processes(pid: int) -> t.Callable[[], float]:
    """The memory of a process and all its descendants (PSS): of a page that several share, each counts its part."""
    return lambda: sum(map(_proportional_set_size, _family(pid)))


def _family(pid: int) -> t.Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text(encoding="ascii").split():
                yield from _family(int(child))


def _proportional_set_size(pid: int) -> float:
    # The process may have ended in between.
    with contextlib.suppress(OSError):
        lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)
    return 0.0


def _available() -> float:
    lines = pathlib.Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("MemAvailable:"))


class Fleet:
    """Simulated clusters in a process of their own; see fleet.py."""

    def __init__(self, clusters: int, *, node: str = "Start observer", together: bool = False) -> None:
        """Start them and wait until they are ready.

        :param together: no rollback passes this node before all have begun.
        """
        package = "ansible_collections.oceanbase.obshell.tests.benchmark.fleet"
        self._process = subprocess.Popen(
            [sys.executable, "-m", package, str(clusters), "--node", node, *(["--together"] if together else [])],
            env={**os.environ, "PYTHONPATH": str(ROOT / ".build")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.clusters: list[dict[str, t.Any]] = self._answer()

    def __enter__(self) -> Fleet:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.communicate()
        if self._process.returncode:
            raise RuntimeError("the simulator failed, for instance because a request started a storm")

    def requests(self) -> list[int]:
        """The number of requests that each cluster has had since the last call."""
        return t.cast("list[int]", self._ask("requests"))

    def operated(self) -> list[list[str]]:
        """The operators that each cluster has applied, and the state and operator of its DAG now."""
        return t.cast("list[list[str]]", self._ask("operated"))

    def _ask(self, what: str) -> t.Any:
        assert self._process.stdin
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> t.Any:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())
