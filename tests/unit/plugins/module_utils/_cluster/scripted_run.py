# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of obshell_cluster whose observations, plans and refusals a test gives."""

from __future__ import annotations

import types
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils import _polling
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster import reconcile
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.actions import Secrets
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.model import (
    AWAIT_DAG,
    CONFIGURE_ALL,
    DesiredCluster,
    Member,
    ObservedCluster,
    Server,
    Step,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._cluster.steps import RunPolicy, StepRunner
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import (
    AgentError,
    ObshellError,
    Unauthorized,
    Unreachable,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._ids import Address
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.waiter import TimeSlice, Waiter

SERVER = Server("192.0.2.1", 2886, "zone1")
DESIRED = DesiredCluster("initialized", "obdemo", 1, (SERVER,))
INIT_DAG = Dag("14", "Initialize cluster", "RUNNING", "RUN", "", 1, 1, (), {})
OPTIONS, NEXT = Step(CONFIGURE_ALL, "set the options"), Step("configure_cluster", "set the name")
INIT = Step(AWAIT_DAG, "wait for the initialisation", dag=INIT_DAG)
DENIED = AgentError("PUT", status=400, error={}, trace_id="")
UNAUTHORIZED, DOWN = Unauthorized("GET", status=401, error={}, trace_id=""), Unreachable("refused", sent=False)


def seen(last: str = "", identity: str = "MASTER") -> ObservedCluster:
    member = Member(SERVER, Address("192.0.2.1", 2886), identity)
    return ObservedCluster((member,), last_maintenance_dag=last)


class Run:
    """A run whose observations, plans and refusals are given; each list's last item stays. It journals the steps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **script: t.Sequence[t.Any]) -> None:
        self.script: dict[str, list[t.Any]] = {
            "observed": [seen()],
            "plans": [[]],
            "refusals": [None],
            **{k: list(v) for k, v in script.items()},
        }
        self.pool: t.Any = types.SimpleNamespace(verified=set(), trace_ids=[], locked=False)
        self.steps: list[str] = []
        self.observations = 0
        self.seconds_per_step = 0.0
        self.now = [0.0]
        clock = {"clock": lambda: self.now[0], "sleep": self._sleep}
        monkeypatch.setattr(_polling.Deadline.__init__, "__kwdefaults__", clock)
        monkeypatch.setattr(reconcile, "observe", self._observe)
        monkeypatch.setattr(reconcile, "plan_cluster", lambda *_known: self._take("plans"))

        def run_step(runner: t.Any, step: Step) -> None:
            return self._run(runner, step)

        monkeypatch.setattr(StepRunner, "run", run_step)
        monkeypatch.setattr(StepRunner, "check", lambda _runner, step: self.steps.append(f"check {step.text}"))

    def run(self, *, time_slice: TimeSlice | None = None, **policy: t.Any) -> dict[str, t.Any]:
        waiter = Waiter.start(timeout=60, interval=10, time_slice=time_slice)
        secrets = Secrets("root")
        run = reconcile.Reconciler(self.pool, DESIRED, waiter, policy=RunPolicy(**policy), secrets=secrets)
        return run.run()

    def _sleep(self, seconds: float) -> None:
        self.now[0] += seconds

    def _observe(self, _pool: t.Any) -> t.Any:
        self.observations += 1
        return self._take("observed")

    def _run(self, runner: t.Any, step: Step) -> None:
        self.steps.append(step.text)
        self.now[0] += self.seconds_per_step
        runner.refused = self._take("refusals")

    def _take(self, name: str) -> t.Any:
        items = self.script[name]
        item = items.pop(0) if len(items) > 1 else items[0]
        if isinstance(item, ObshellError) and name != "refusals":
            raise item
        return item
