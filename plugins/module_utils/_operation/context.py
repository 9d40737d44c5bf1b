# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be asked of the agent before the effect of an operator is known: other DAGs, and the agent's directory."""

from __future__ import annotations

import contextlib
import functools
import typing as t

from .._agent.client import ObshellClient
from .._agent.info import AgentInfo
from .._dag.kinds import upgrades
from .._dag.kinds.definition import NEVER, Context, Kind
from .._dag.kinds.guards import needs_others
from .._dag.kinds.table import find_kind, main_dag_id
from .._dag.model import OPERATORS, Dag
from .._errors import NOT_FOUND, AgentError, InvalidInput, ObshellError
from .._ids import Address, GenericId
from .completeness import ALL, UNFINISHED
from .lookup import LISTS_ALL_SINCE

ALL_OF_AGENT, ALL_OF_CLUSTER = ALL
MAX_READS = 2


class ContextReader:
    """Reads what the effects of operators depend on: what a DAG needs, in two reads, and each list at most once.

    What cannot be read is unknown. A list is trusted only if it shows the DAG itself: the list of another agent does
    not, nor does one that is incomplete because the database is not available.
    """

    def __init__(self, client: ObshellClient, listed: t.Sequence[Dag] = ()) -> None:
        """Prepare; nothing is read.

        :param listed: DAGs that were read just now.
        """
        self._client = client
        self._listed = tuple(listed)
        self._lists: dict[str, tuple[Dag, ...]] = {}

    def context_of(self, dag: Dag) -> Context:
        """Read the context of a DAG. It makes no request for an initialisation or a DAG that has not failed."""
        kind = find_kind(dag)
        if dag.state != "FAILED":
            return Context(main=self._main(dag)) if kind and kind.is_part else Context()
        info, needs_list = self._info if kind in upgrades.KINDS else None, _needs_list(dag, kind)
        if needs_list and info and info.is_older_than(LISTS_ALL_SINCE):
            self._lists.update(dict.fromkeys(ALL, self._read(UNFINISHED)))
        before = len(self._lists)
        listed = self._list(dag, kind) if needs_list else ()
        main = self._main(dag, listed, may_read=len(self._lists) - before < MAX_READS)
        others = listed if _shows(listed, dag) else None
        return Context(others, main, self._client.agent_time(), info and info.home_path)

    def _main(self, dag: Dag, listed: tuple[Dag, ...] = (), *, may_read: bool = True) -> Dag | None:
        """Find the DAG that started this one: in a list, or by its ID if a list showed it."""
        main = main_dag_id(dag)
        known = next((other for other in (*listed, *self._listed) if other.id == main), None)
        if known or not main or not may_read or not self._client.has_seen(main):
            return known
        try:
            return self._client.get_dag(main, details=False)
        except ObshellError:
            return None

    def _list(self, dag: Dag, kind: Kind | None) -> tuple[Dag, ...]:
        """List the DAGs of the same series, before 4.3 only the unfinished ones; no list shows OBProxy DAGs.

        Of another agent only the unfinished DAGs are listed. They are enough for a DAG that keeps its lock when it
        fails: no other DAG can have had the lock since. The DAG that started it may be one of the asked agent.
        """
        generic_id = GenericId.parse(dag.id)
        if generic_id.is_obproxy:
            return ()
        if generic_id.agent is None:
            return self._read(ALL_OF_CLUSTER)
        own = self._is_own(dag.id) or self._is_own(main_dag_id(dag))
        listed = self._read(ALL_OF_AGENT) if own else ()
        if (own and not listed) or _shows(listed, dag) or kind is None or kind.released != NEVER:
            return listed
        return (*listed, *self._read(UNFINISHED))

    def _read(self, route: str) -> tuple[Dag, ...]:
        """Read a list, or take it as it was read before."""
        if route not in self._lists:
            self._lists[route] = self._request(route)
        return self._lists[route]

    def _request(self, route: str) -> tuple[Dag, ...]:
        try:
            return tuple(self._client.list_dags(route, details=False))
        except AgentError as error:
            return self._read(UNFINISHED) if error.status == NOT_FOUND and route != UNFINISHED else ()
        except ObshellError:
            return ()

    def _is_own(self, dag_id: str) -> bool:
        """Whether an ID names the asked agent; through a socket it may."""
        with contextlib.suppress(InvalidInput):
            agent = GenericId.parse(dag_id).agent if dag_id else None
            return agent is not None and self._own_address in (None, agent)
        return False

    @functools.cached_property
    def _own_address(self) -> Address | None:
        """The agent's own address; None if it is unknown. Nothing is sent: a DAG was read, so its key was."""
        try:
            return self._client.own_address()
        except ObshellError:
            return None

    @functools.cached_property
    def _info(self) -> AgentInfo | None:
        try:
            return self._client.info()
        except ObshellError:
            return None


def _shows(listed: tuple[Dag, ...], dag: Dag) -> bool:
    return any(other.id == dag.id for other in listed)


def _needs_list(dag: Dag, kind: Kind | None) -> bool:
    """Whether other DAGs matter to an operator that the state of the DAG may allow."""
    is_part = kind is not None and kind.is_part
    return is_part or any(needs_others(dag, kind, operator) for operator in OPERATORS)
