# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each operator would do to a DAG as it is: state, kind and other DAGs taken together. Pure."""

from __future__ import annotations

import typing as t

from .decision import POST, decide
from .kinds import guards
from .kinds.acceptance import refusal
from .kinds.definition import (
    ALLOWED,
    MAY_BE_IN_USE,
    NEEDS_CONSENT,
    PASS_NODE,
    REFUSED,
    RETRY,
    ROLLBACK,
    UNKNOWN_KIND,
    Context,
    Kind,
    begun_nodes,
    present_node,
)
from .kinds.table import find_kind, main_dag_id
from .kinds.upgrades import UNKNOWN_DIRECTORY, upgrade_directories
from .model import OPERATORS, Dag

IN_USE = "it failed more than an hour ago or at an unknown time, and tenant {tenant} may be in use by now"
OTHERS_UNKNOWN = "it is not known whether another DAG works on the same"
KIND_UNKNOWN = "this collection does not know what {operator} does to this kind of DAG"
NODE_UNKNOWN = 'this collection does not know what {operator} does at the node "{node}"'


class Verdict(t.NamedTuple):
    """Whether an operator may be sent, which consequences must be accepted first, and why."""

    verdict: str
    accept: tuple[str, ...]
    reason: str

    def to_result(self) -> dict[str, t.Any]:
        """Return it as results contain it."""
        return {"verdict": self.verdict, "accept": list(self.accept), "reason": self.reason}

    def missing(self, accepted: t.Container[str]) -> tuple[str, ...]:
        """The consequences that are not accepted yet."""
        return tuple(name for name in self.accept if name not in accepted)


def operators(dag: Dag, context: Context) -> dict[str, Verdict]:
    """Judge each operator for a DAG that was read with details."""
    return {operator: judge(dag, operator, context) for operator in OPERATORS}


def advice(verdicts: t.Mapping[str, Verdict]) -> dict[str, t.Any]:
    """Return verdicts as results contain them, with the operators that can be sent."""
    return {
        "operators": {operator: verdict.to_result() for operator, verdict in verdicts.items()},
        "allowed_operators": allowed(verdicts),
    }


def allowed(verdicts: t.Mapping[str, Verdict]) -> list[str]:
    """List the operators that can be sent, some of them only with consent."""
    return [operator for operator, verdict in verdicts.items() if verdict.verdict != REFUSED]


def judge(dag: Dag, operator: str, context: Context) -> Verdict:
    """Judge one operator: the state first, then what the agent and other DAGs forbid, then the consequences."""
    decision = decide(dag, operator)
    if decision.action != POST:
        return Verdict(REFUSED, (), decision.reason)
    return judge_by_kind(dag, operator, context)


def judge_by_kind(dag: Dag, operator: str, context: Context) -> Verdict:
    """Judge an operator, or PASS_NODE, that the state of the DAG allows."""
    if len(dag.nodes) != dag.max_stage or not dag.nodes:
        return Verdict(REFUSED, (), "the agent did not return all nodes of the DAG, so its effect is not known")
    kind = find_kind(dag)
    reason = _refusal(dag, kind, operator, context)
    if reason:
        return Verdict(REFUSED, (), reason)
    return _weigh(dag, kind, operator, context)


def _refusal(dag: Dag, kind: Kind | None, operator: str, context: Context) -> str:
    if kind is None:
        return guards.lock_refusal(dag, kind, operator, context)
    rule = kind.rule(operator, dag, context)
    return (
        guards.part_refusal(dag, kind, context)
        or (_fill(rule.reason, dag, kind, operator) if rule.verdict == REFUSED else "")
        or refusal(dag, kind, operator)
        or guards.lock_refusal(dag, kind, operator, context)
    )


def _weigh(dag: Dag, kind: Kind | None, operator: str, context: Context) -> Verdict:
    """Collect the consequences; without any, the operator is allowed."""
    found: list[tuple[str, str]] = []
    reasons = [KIND_UNKNOWN]
    if kind is None:
        found.append((UNKNOWN_KIND, KIND_UNKNOWN))
    else:
        rule = kind.rule(operator, dag, context)
        reasons = [rule.reason]
        found += [(name, rule.reason) for name in rule.accept]
        concerned = begun_nodes(dag) if operator != "PASS" else dag.nodes  # nosec B105
        if not all(kind.knows(node) for node in concerned):
            found.append((UNKNOWN_KIND, NODE_UNKNOWN))
    if operator in (ROLLBACK, RETRY, PASS_NODE) and guards.may_be_in_use(dag, kind, context):
        found.append((MAY_BE_IN_USE, IN_USE))
    if guards.others_unknown(dag, kind, operator, context):
        found.append((MAY_BE_IN_USE, OTHERS_UNKNOWN))
    reasons = list(dict.fromkeys([*reasons, *(reason for _name, reason in found)]))
    accept = tuple(dict.fromkeys(name for name, _reason in found))
    text = "; ".join(_fill(reason, dag, kind, operator) for reason in reasons)
    return Verdict(NEEDS_CONSENT if accept else ALLOWED, accept, text)


def _fill(reason: str, dag: Dag, kind: Kind | None, operator: str) -> str:
    present = present_node(dag).sub_tasks
    sub_tasks = [sub_task for sub_task in present if sub_task.state == "FAILED"] or present
    return reason.format(
        operator=operator,
        node=next((node.name for node in dag.nodes if kind and not kind.knows(node)), ""),
        agents=", ".join(str(sub_task.agent) for sub_task in sub_tasks) or "an unknown agent",
        tenant=guards.tenant_of(dag, kind) or "(unknown)",
        directory=", ".join(sorted(upgrade_directories(dag))) or UNKNOWN_DIRECTORY,
        main=main_dag_id(dag) or "(unknown)",
    )
