# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to an agent whose DAGs and database change at given times of a clock that only moves in pauses."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.client import ObshellClient
from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport import Response
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import OnChange
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import Unreachable
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.selection import WaitRequest
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.wait import wait_for_end
from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.waiter import (
    SliceEnded,
    TimeSlice,
    Waiter,
)

from .._dag.kind_dags import make_dag, nodes_of

Value = t.TypeVar("Value")
# What holds from which second on.
Times = dict[float, Value]
LAST_OF_AGENT = "232322355210288699"


class TimedDag(t.NamedTuple):
    """A DAG of a name, with its state and operator by time."""

    id: str
    name: str
    states: Times[str]
    tenant: str = ""

    def at(self, second: float) -> dict[str, t.Any]:
        state, operator = now(self.states, second).split("/")
        node = nodes_of(self.name)[-1]
        raw = make_dag(self.name, node, state=state, number=int(self.id[-2:]), maintenance_key=self.tenant).raw
        return {**raw, "id": self.id, "operator": operator}


class TimedAgent:
    """An agent of a cluster. `asked` are its requests, with their times.

    :param database: `obState` by time; without a database the lists hide DAGs of the cluster.
    :param down: from when to when it refuses connections.
    :param ended: DAGs that only the list of all DAGs has.
    :param odd: DAGs of the list of unfinished ones that cannot be read.
    """

    where, trusted = "the agent", True

    def __init__(
        self,
        clock: list[float],
        *dags: TimedDag,
        database: Times[int] | None = None,
        down: tuple[float, float] = (0, 0),
        ended: tuple[TimedDag, ...] = (),
        odd: tuple[dict[str, t.Any], ...] = (),
    ) -> None:
        self.clock = clock
        self.dags = dags
        self.ended = ended
        self.odd = odd
        self.database = database or {0: 3}
        self.down = down
        self.asked: list[tuple[float, str]] = []

    def exchange(self, method: str, uri: str, *, headers: dict[str, str], body: bytes) -> Response:
        route = uri.removeprefix("/api/v1").partition("?")[0]
        self.asked.append((self.clock[0], route))
        assert method == "GET"
        if self.down[0] <= self.clock[0] < self.down[1]:
            raise Unreachable("the agent is down", sent=False)
        data = self._data(route.removeprefix("/task"))
        envelope = {"successful": data is not None, "data": data, "error": {"message": "record not found"}}
        return Response(404 if data is None else 200, json.dumps(envelope).encode())

    def close(self) -> None:
        pass

    def _data(self, route: str) -> t.Any:
        available = now(self.database, self.clock[0])
        listed = [dag.at(self.clock[0]) for dag in self.dags if available == 3 or dag.id.startswith("2")]
        if route == "/status":
            agent = {"ip": "192.168.0.1", "port": 2886, "identity": "CLUSTER AGENT"}
            return {"agent": agent, "version": "4.5.0.0-1", "state": 2, "obState": available}
        if route == "/info":
            return {"ip": "192.168.0.1", "port": 2886, "identity": "CLUSTER AGENT", "version": "4.5.0.0-1"}
        if route == "/ob/info":
            return {"agent_info": [{"ip": "192.168.0.1", "port": 2886, "zone": "zone1", "identity": "CLUSTER AGENT"}]}
        if route == "/dag/unfinish":
            return {"contents": [*(raw for raw in listed if raw["state"] != "SUCCEED"), *self.odd]}
        if route == "/dag/maintain/agents":
            return {"contents": [TimedDag(LAST_OF_AGENT, "Update cluster config", {0: "SUCCEED/RUN"}).at(0)]}
        if route in ("/dags/agent", "/dags/ob"):
            return {"contents": [*listed, *(dag.at(0) for dag in self.ended)] if route == "/dags/ob" else []}
        return self._read(route.rpartition("/")[2], available)

    def _read(self, dag_id: str, available: int) -> t.Any:
        assert available == 3 or dag_id.startswith("2"), f"a storm: {dag_id} was read without the database"
        return next((dag.at(self.clock[0]) for dag in self.dags if dag.id == dag_id), None)

    def wait(
        self,
        *,
        timeout: float = 600,
        on_change: OnChange | None = None,
        time_slice: TimeSlice | None = None,
        **options: t.Any,
    ) -> dict[str, t.Any]:
        waiter = Waiter.start(timeout=timeout, interval=10, on_change=on_change, time_slice=time_slice)
        return wait_for_end(ObshellClient(self), WaitRequest(**options), waiter, waiter.checkpoint)

    def wait_in_slices(self, **options: t.Any) -> tuple[dict[str, t.Any], list[str], int]:
        """Wait as a sent module does; return the result, what was reported, and the number of slices."""
        resume: dict[str, t.Any] = {}
        reported: list[str] = []
        slices = 0
        while True:
            slices += 1
            time_slice = TimeSlice(**json.loads(json.dumps(resume)), already_elapsed=self.clock[0])
            try:
                return self.wait(time_slice=time_slice, **options), [*reported, *_events(time_slice)], slices
            except SliceEnded as ended:
                # So a slice whose connection was lost is run again.
                assert ended.known == {"changed": False} and ended.checkpoint["awaiting_end"] is True
                reported += _events(time_slice)
                resume = time_slice.to_next(ended.checkpoint, [])


def now(times: Times[Value], second: float) -> Value:
    return times[max(begin for begin in times if begin <= second)]


def _events(time_slice: TimeSlice) -> list[str]:
    return [f"{event.dag_id} {event.state}" for event in time_slice.events]
