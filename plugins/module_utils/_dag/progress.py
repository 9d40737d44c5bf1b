# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person sees of a DAG while it runs. Pure."""

from __future__ import annotations

import typing as t

from .failures import last_attempt
from .model import Dag

SECONDS_PER_MINUTE = 60
# Shown instead of a state just before a request is sent: a task that is interrupted later cannot show it.
REQUESTING = "REQUESTING"


class Progress(t.NamedTuple):
    """Where a DAG stands: small and JSON-serialisable.

    `node` is the one of its present stage, or the one that failed, and `node_index` its place in the DAG. `agents` and
    `logs` have an item for each of its sub-tasks: where it runs, and all its lines so far.
    """

    dag_id: str
    name: str
    state: str
    operator: str
    stage: int
    max_stage: int
    node: str
    node_index: int
    agents: list[str]
    logs: list[list[str]]

    @classmethod
    def from_dag(cls, dag: Dag) -> Progress:
        """Summarise a DAG that was read with details."""
        index = _present(dag)
        node = None if index is None else dag.nodes[index]
        sub_tasks = node.sub_tasks if node else []
        return cls(
            dag_id=dag.id,
            name=dag.name,
            state=dag.state,
            operator=dag.operator,
            stage=dag.stage,
            max_stage=dag.max_stage,
            node=node.name if node else "",
            node_index=index or 0,
            agents=[str(sub_task.agent) for sub_task in sub_tasks],
            logs=[sub_task.logs for sub_task in sub_tasks],
        )

    @property
    def ended(self) -> bool:
        """Whether the DAG no longer moves by itself."""
        return self.state in ("SUCCEED", "FAILED")

    @property
    def position(self) -> str:
        """Describe where it stands; READY and RUNNING are the same to a person."""
        if self.state == REQUESTING:
            return f"requesting {self.operator}" if self.operator else "requesting"
        if self.ended:
            return f"{self.state}/{self.operator}" + (f" at {self.node}" if self.node else "")
        forward = f"{self.stage}/{self.max_stage}"
        ways = {"ROLLBACK": f"rolling back, {self.stage} to go", "CANCEL": f"cancelling {forward}"}
        return f"{ways.get(self.operator, forward)} | {self.node} on {', '.join(self.agents)}"

    def line(self, *, host: str, elapsed: float) -> str:
        """Format it as one line.

        :param host: inventory name of the host that the task runs for.
        :param elapsed: seconds since the task began.
        """
        minutes, seconds = divmod(int(elapsed), SECONDS_PER_MINUTE)
        return f"{host} | {self.name} | {minutes}:{seconds:02} | {self.position}"


class Reporter:
    """Shows each progress that differs from the last one and, if `verbose`, the log of the last attempt as it grows.

    If `end_only` is set, the caller is meant to report only the end, with :meth:`end`.
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
        """Prepare for one task of one host; `show` gets each line, `elapsed` returns seconds since the task began."""
        self.end_only = end_only
        self._show = show
        self._host = host
        self._elapsed = elapsed
        self._verbose = verbose
        self._last_reported: tuple[str, str] | None = None
        self._lines_shown: dict[tuple[str, int, int], int] = {}

    def __call__(self, progress: Progress) -> None:
        """Show what is new."""
        if (progress.dag_id, progress.position) != self._last_reported:
            self._show(progress.line(host=self._host, elapsed=self._elapsed()))
            self._last_reported = progress.dag_id, progress.position
        if self._verbose:
            for sub_task, logs in enumerate(progress.logs):
                self._show_new_lines(progress, sub_task, logs)

    def end(self, progress: Progress, *, changed: bool) -> None:
        """Show the end of what the task changed or waited for."""
        if progress.ended and (changed or self._last_reported):
            self(progress._replace(logs=[]))

    def _show_new_lines(self, progress: Progress, sub_task: int, logs: list[str]) -> None:
        key = progress.dag_id, progress.node_index, sub_task
        new = logs[self._lines_shown[key] :] if key in self._lines_shown else last_attempt(logs)
        self._lines_shown[key] = len(logs)
        agent = f"{progress.agents[sub_task]} | " if len(progress.agents) > 1 else ""
        for text in new:
            for line in text.split("\n"):
                self._show(f"{self._host} |   {agent}{line}")


def _present(dag: Dag) -> int | None:
    """The index of the node of the present stage, or of the one that failed; None if there is none, or no details."""
    failed = (index for index, node in enumerate(dag.nodes) if node.state == "FAILED")
    if dag.finished:
        return next(failed, None)
    return dag.stage - 1 if 0 < dag.stage <= len(dag.nodes) else None
