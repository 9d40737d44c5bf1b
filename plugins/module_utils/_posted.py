# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An operator that was sent: what a later look at the DAG tells of it, whatever became of the answer. Pure."""

from __future__ import annotations

import typing as t

from ._dag import Attempt, Dag
from ._plan import FULFILLED


class Posted(t.NamedTuple):
    """An operator, and the DAG as it was before it was sent: its attempt, and what operators its nodes showed."""

    operator: str
    attempt: Attempt
    node_operators: tuple[str, ...]

    @classmethod
    def to(cls, dag: Dag, operator: str) -> Posted:
        """Take note of a DAG, read with details, to which an operator is about to be sent."""
        return cls(operator, dag.attempt, _node_operators(dag))

    def stands(self, dag: Dag) -> bool:
        """Whether the DAG is still as it was."""
        return dag.attempt == self.attempt

    def took_effect(self, dag: Dag) -> bool:
        """Whether the DAG moved, and shows this operator."""
        return not self.stands(dag) and dag.operator == FULFILLED[self.operator][1]

    def overtaken(self, dag: Dag) -> bool:
        """Whether another operator came in between, behind which this one cannot be seen any more.

        A running DAG moves by itself: then its start time stays, or was none yet and no node has seen an operator.
        Nothing comes after PASS.
        """
        if self.operator == "PASS":
            return False
        if self.operator != "CANCEL":
            return not self.stands(dag)
        not_started = self.attempt.state == "READY" and _node_operators(dag) == self.node_operators
        return dag.operator != self.attempt.operator or (dag.start_time != self.attempt.start_time and not not_started)


def _node_operators(dag: Dag) -> tuple[str, ...]:
    return tuple(node["operator"] for node in dag.nodes)
