# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person sees of a DAG while it runs. Pure."""

from __future__ import annotations

import typing as t

from .failures import last_attempt
from .model import Dag, address

SECONDS_PER_MINUTE = 60
# Instead of a state, when a change is about to be sent: said before, since who interrupts it cannot be told after.
ASKING = "ASKING"


class Progress(t.NamedTuple):
    """Where a DAG stands: small, JSON-serialisable.

    `node` is that of its present stage, or the one that failed; `logs` are all lines of it so far.
    """

    name: str
    state: str
    operator: str
    stage: int
    max_stage: int
    node: str
    agents: list[str]
    logs: list[str]

    @classmethod
    def of(cls, dag: Dag) -> Progress:
        """Read it off a DAG with details."""
        failed = [node for node in dag.nodes if node["state"] == "FAILED"]
        present = failed[:1] if dag.finished else dag.nodes[dag.stage - 1 : dag.stage]
        node = present[0] if present else {}
        tasks = node.get("sub_tasks") or []
        return cls(
            name=dag.name,
            state=dag.state,
            operator=dag.operator,
            stage=dag.stage,
            max_stage=dag.max_stage,
            node=node.get("name", ""),
            agents=[address(task.get("execute_agent") or {}) for task in tasks],
            logs=[line for task in tasks for line in task.get("task_logs") or []],
        )

    @property
    def ended(self) -> bool:
        """Whether it moves no more by itself."""
        return self.state in ("SUCCEED", "FAILED")

    @property
    def position(self) -> str:
        """Say where it stands; READY and RUNNING are the same to a person."""
        if self.state == ASKING:
            return f"asking for {self.operator}" if self.operator else "asking"
        if self.ended:
            return f"{self.state}/{self.operator}" + (f" at {self.node}" if self.node else "")
        forward = f"{self.stage}/{self.max_stage}"
        ways = {"ROLLBACK": f"rolling back, {self.stage} to go", "CANCEL": f"cancelling {forward}"}
        return f"{ways.get(self.operator, forward)} | {self.node} on {', '.join(self.agents)}"

    def line(self, *, host: str, elapsed: float) -> str:
        """Say it in one line.

        :param host: inventory name of the host that the task runs for.
        :param elapsed: seconds since the task began.
        """
        minutes, seconds = divmod(int(elapsed), SECONDS_PER_MINUTE)
        return f"{host} | {self.name} | {minutes}:{seconds:02} | {self.position}"


class Reporter:
    """Shows each progress that differs from the last, and where `verbose` the last attempt's log as it comes.

    With `end_only` it is meant to be told of the end alone, by :meth:`end`.
    """

    def __init__(
        self,
        show: t.Callable[[str], None],
        *,
        host: str,
        elapsed: t.Callable[[], float],
        verbose: bool,
        end_only: bool,
    ) -> None:
        """Prepare for one task of one host; `show` gets each line, `elapsed` tells the seconds since the task began."""
        self.end_only = end_only
        self._show = show
        self._host = host
        self._elapsed = elapsed
        self._verbose = verbose
        self._last: tuple[str, str] | None = None
        self._seen: dict[str, int] = {}

    def __call__(self, progress: Progress) -> None:
        """Show what is new."""
        if (progress.name, progress.position) != self._last:
            self._show(progress.line(host=self._host, elapsed=self._elapsed()))
            self._last = progress.name, progress.position
        if self._verbose:
            first = progress.node not in self._seen
            new = last_attempt(progress.logs) if first else progress.logs[self._seen[progress.node] :]
            for line in new:
                self._show(f"{self._host} |   {line}")
            self._seen[progress.node] = len(progress.logs)

    def end(self, progress: Progress, *, changed: bool) -> None:
        """Show the end of what the task changed or waited for."""
        if progress.ended and (changed or self._last):
            self(progress._replace(logs=[]))
