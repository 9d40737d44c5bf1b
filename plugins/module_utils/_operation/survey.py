# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one agent, or each of many, says of itself, its cluster and its DAGs; only reads that are safe at any time."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import ipaddress
import typing as t

from .._agent.client import ObshellClient
from .._agent.info import AgentInfo, AgentStatus, ClusterInfo
from .._dag.model import Dag
from .._dag.operators import Verdict, operators
from .._errors import AgentError, ObshellError, Unauthorized, wrap_unexpected
from .._ids import Address
from .completeness import UNFINISHED, why_incomplete
from .context import ContextReader
from .lookup import UNREADABLE, collect

COMPLETENESS_UNKNOWN = "it is not known whether the agent has other DAGs"
Key = t.TypeVar("Key")
Connect = t.Callable[[], ObshellClient]
Changes = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Survey:
    """One agent at one moment. What it did not answer is None or empty, and `error` is the first reason.

    `dags` are those that are unfinished, or failed and still lock something, with details; `operators` are the verdicts
    on each by its ID. `incomplete` says why there may be more of them, and is empty if there are not. `unavailable` is
    as of :class:`Found`. `agent_time` is the agent's clock in seconds since 1970.
    """

    where: str
    error: ObshellError | None = None
    info: AgentInfo | None = None
    status: AgentStatus | None = None
    cluster: ClusterInfo | None = None
    dags: tuple[Dag, ...] = ()
    operators: t.Mapping[str, t.Mapping[str, Verdict]] = dataclasses.field(default_factory=dict)
    unavailable: tuple[dict[str, t.Any], ...] = ()
    incomplete: str = COMPLETENESS_UNKNOWN
    agent_time: float | None = None

    @property
    def reachable(self) -> bool:
        """Whether the agent answered at least one request."""
        return self.info is not None or self.status is not None or isinstance(self.error, AgentError)

    @property
    def unreadable(self) -> list[dict[str, t.Any]]:
        """The entries of `unavailable` that are DAGs."""
        return [entry for entry in self.unavailable if entry["status"] == UNREADABLE]

    def without_nodes(self) -> Survey:
        """Copy it without the nodes of its DAGs, which may be most of it."""
        return dataclasses.replace(self, dags=tuple(dag.without_nodes() for dag in self.dags))


def survey(client: ObshellClient) -> Survey:
    """Read what one agent says. An error does not discard what was read before it.

    After a request without an answer, or a refused password, no further request is sent.
    """
    found = Survey(client.where)
    for read in (_read_info, _read_status, _read_cluster, _read_dags, _read_verdicts, _read_completeness):
        try:
            with wrap_unexpected():
                found = dataclasses.replace(found, **read(client, found))
        except ObshellError as error:
            found = dataclasses.replace(found, error=found.error or error)
            if read is _read_dags or not _may_answer_others(error):
                break
    return dataclasses.replace(found, agent_time=client.agent_time())


def survey_all(connects: t.Mapping[Key, Connect], *, workers: int) -> t.Iterator[tuple[Key, Survey]]:
    """Read what many agents say, at most `workers` of them at a time, and yield each as soon as it is known.

    :param connects: makes the client of each agent, in the thread that then uses and closes it.
    """
    executor = concurrent.futures.ThreadPoolExecutor(max(1, min(workers, len(connects))))
    try:
        keys = {executor.submit(_survey_once, connect): key for key, connect in connects.items()}
        for future in concurrent.futures.as_completed(keys):
            yield keys.pop(future), future.result()
    finally:
        # Nothing is left to wait for unless the caller was interrupted; then it must not wait for slow agents.
        executor.shutdown(wait=False, cancel_futures=True)


def other_members(surveys: t.Mapping[Address, Survey]) -> dict[Address, Address]:
    """Find the agents that the surveyed ones name as members of their clusters, and that were not asked.

    They would get the password. So an address that means another host here than there is left out.

    :param surveys: by the address that was asked.
    :returns: for each such agent, the asked address of an agent that names it.
    """
    known = {*surveys, *(found.info.address for found in surveys.values() if found.info)}
    others: dict[Address, Address] = {}
    for asked, found in surveys.items():
        for peer in found.cluster.peers if found.cluster else ():
            if peer.address not in known and leads_to_same_host(peer.address, asked):
                others.setdefault(peer.address, asked)
    return others


def leads_to_same_host(said: Address, asked: Address) -> bool:
    """Whether an address that an agent said leads, from here, to the host that it means there.

    :param asked: where that agent was asked. Only if it is on this host, a loopback address is one of its own.
    """
    try:
        address = ipaddress.ip_address(said.host)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return said.port > 0 and not address.is_unspecified and (not address.is_loopback or _is_loopback(asked.host))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _survey_once(connect: Connect) -> Survey:
    try:
        with wrap_unexpected():
            client = connect()
    except ObshellError as error:
        return Survey("", error=error)
    try:
        return survey(client)
    finally:
        client.close()


def _may_answer_others(error: ObshellError) -> bool:
    return isinstance(error, AgentError) and not isinstance(error, Unauthorized)


def _read_info(client: ObshellClient, found: Survey) -> Changes:
    return {"info": client.info()}


def _read_status(client: ObshellClient, found: Survey) -> Changes:
    return {"status": client.status()}


def _read_cluster(client: ObshellClient, found: Survey) -> Changes:
    """Read the members of the cluster; an agent of seekdb has none."""
    return {} if found.info and found.info.is_seekdb else {"cluster": client.cluster_info()}


def _read_dags(client: ObshellClient, found: Survey) -> Changes:
    listed = collect(client, [UNFINISHED], details=True)
    return {"dags": tuple(listed.dags), "unavailable": tuple(listed.unavailable)}


def _read_verdicts(client: ObshellClient, found: Survey) -> Changes:
    contexts = ContextReader(client, found.dags)
    return {"operators": {dag.id: operators(dag, contexts.context_of(dag)) for dag in found.dags}}


def _read_completeness(client: ObshellClient, found: Survey) -> Changes:
    reasons = (_name_unreadable(found.unreadable), why_incomplete(client))
    return {"incomplete": "; ".join(filter(None, reasons))}


def _name_unreadable(unreadable: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    if not unreadable:
        return ""
    first, more = unreadable[0], len(unreadable) - 1
    named = f"the DAG {first['name']} ({first['id']})" if first.get("name") else "a DAG"
    others = f" and {more} more DAGs" if more else ""
    return f"{named}{others} cannot be read: {first['error']['message']}"
