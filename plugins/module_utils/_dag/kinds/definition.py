# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of the table of kinds: consequences, nodes with what they allow, and rules. Pure."""

from __future__ import annotations

import typing as t

from ..model import Dag, Node

ROLLBACK, RETRY, PASS, CANCEL = "ROLLBACK", "RETRY", "PASS", "CANCEL"  # nosec B105
# PASS of the failed node alone: the DAG continues from the next one.
PASS_NODE = "PASS of one node"  # nosec B105
ALLOWED, NEEDS_CONSENT, REFUSED = "allowed", "needs_consent", "refused"

DATA_REMOVAL, TENANT_DROP, JOB_CONTINUES = "data_removal", "tenant_drop", "job_continues"
ARCHIVING_OFF, OBSERVER_KILL, HALF_DONE = "archiving_off", "observer_kill", "half_done"
SECOND_BACKUP, MAY_BE_IN_USE, UNKNOWN_KIND = "second_backup", "may_be_in_use", "unknown_kind"
# What an operator can destroy or leave undone. A user accepts each one by its name.
CONSEQUENCES = {
    DATA_REMOVAL: "Directories or replicas are deleted with all data in them.",
    TENANT_DROP: "A tenant is dropped with all its data.",
    JOB_CONTINUES: "The database continues the job, although the DAG shows that it ended.",
    ARCHIVING_OFF: "Log archiving is switched off and stays off until you switch it on.",
    OBSERVER_KILL: "A running server process is killed.",
    HALF_DONE: "The steps that are skipped stay undone.",
    SECOND_BACKUP: "A second backup starts beside the first one.",
    MAY_BE_IN_USE: "What the DAG works on may be in use by now.",
    UNKNOWN_KIND: "This collection does not know what the operator does to this kind of DAG.",
}

# What a DAG locks while it runs.
NO_LOCK, GLOBAL, TENANT, OBPROXY = "none", "global", "tenant", "obproxy"
# When a DAG gives its lock back as it fails: never, if its first stage fails, or always.
NEVER, FIRST_STAGE, ALWAYS = "never", "first_stage", "always"


class Context(t.NamedTuple):
    """What must be asked of the agent before the effect of an operator is known; None means unknown.

    :param others: the DAGs that are unfinished, or newer and of the same series; the DAG itself may be among them.
    :param main: the DAG that started this one as a part of itself (`main_dag_id`).
    :param now: the agent's clock, in seconds since 1970.
    :param home_path: `homePath` of the agent.
    """

    others: tuple[Dag, ...] | None = None
    main: Dag | None = None
    now: float | None = None
    home_path: str | None = None


Condition = t.Callable[[Dag, Context], bool]


class Rule(t.NamedTuple):
    """What an operator does to a DAG of one kind; the first rule of a kind that applies counts.

    :param accept: the consequences that need consent.
    :param reason: in the words of a database engineer; may contain `{agents}`, `{tenant}`, `{directory}` and `{main}`.
    :param at: the rule applies only while one of these nodes is the present one.
    :param since: the rule applies only once one of these nodes was begun.
    :param when: the rule applies only if this is true.
    """

    operator: str
    verdict: str
    accept: tuple[str, ...]
    reason: str
    at: tuple[str, ...] = ()
    since: tuple[str, ...] = ()
    when: Condition | None = None

    def applies(self, dag: Dag, context: Context) -> bool:
        """Whether the rule is about the place where the DAG stands."""
        return (
            (not self.at or matches(present_node(dag).name, self.at))
            and (not self.since or any(matches(node.name, self.since) for node in begun_nodes(dag)))
            and (self.when is None or self.when(dag, context))
        )


def allow(operator: str, reason: str, **place: t.Any) -> Rule:
    """Make a rule: the operator can be sent without consent."""
    return Rule(operator, ALLOWED, (), reason, **place)


def ask(operator: str, accept: str | tuple[str, ...], reason: str, **place: t.Any) -> Rule:
    """Make a rule: the operator can be sent if its consequences are accepted."""
    return Rule(operator, NEEDS_CONSENT, (accept,) if isinstance(accept, str) else accept, reason, **place)


def refuse(operator: str, reason: str, **place: t.Any) -> Rule:
    """Make a rule: the operator is not sent, because the agent refuses it or because it ruins something."""
    return Rule(operator, REFUSED, (), reason, **place)


class Kind(t.NamedTuple):
    """One sort of DAG.

    :param names: of its DAGs; `*` is a parameter.
    :param nodes: what the agent allows at each node, as letters: T is RETRY, B ROLLBACK, P PASS, C CANCEL.
    :param lock: what it locks, and `released` when it gives the lock back as it fails.
    :param is_part: whether another DAG starts it as a part of itself and operates it.
    :param checks_successors: whether newer DAGs are checked elsewhere, as for an initialisation.
    """

    names: tuple[str, ...]
    nodes: t.Mapping[str, str]
    rules: tuple[Rule, ...]
    lock: str = NO_LOCK
    released: str = NEVER
    is_part: bool = False
    checks_successors: bool = False

    def allows(self, operator: str, node: Node) -> bool:
        """Whether the agent allows an operator at a node; at a node that is not in the table it may."""
        return LETTERS[operator] in self.nodes.get(self._pattern(node), "TBPC")

    def knows(self, node: Node) -> bool:
        """Whether a node is in the table."""
        return self._pattern(node) in self.nodes

    def rule(self, operator: str, dag: Dag, context: Context) -> Rule:
        """Find the rule for an operator; the last rule of each operator applies always."""
        return next(rule for rule in self.rules if rule.operator == operator and rule.applies(dag, context))

    def _pattern(self, node: Node) -> str:
        return next((pattern for pattern in self.nodes if matches(node.name, (pattern,))), "")


LETTERS = {ROLLBACK: "B", RETRY: "T", PASS: "P", PASS_NODE: "P", CANCEL: "C"}


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a name fits one of the patterns, of which `*` can be the end; case and blanks do not count."""
    name = _normalised(name)
    return any(
        name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
        for pattern in map(_normalised, patterns)
    )


def parameter(name: str, patterns: tuple[str, ...]) -> str:
    """Read the parameter from the name of a DAG, or "" if it has none."""
    for prefix in (pattern[:-1] for pattern in patterns if pattern.endswith("*")):
        if name.startswith(prefix):
            return name[len(prefix) :]
    return ""


def present_node(dag: Dag) -> Node:
    """The node at which a DAG stands: the one that failed, the first unfinished one, or else the one of its stage."""
    moving = (node for node in dag.nodes if (node.state == "FAILED" if dag.finished else not _ended(node)))
    return next(moving, dag.nodes[min(max(dag.stage, 1), len(dag.nodes)) - 1])


def begun_nodes(dag: Dag) -> tuple[Node, ...]:
    """The nodes up to the present one."""
    return dag.nodes[: dag.nodes.index(present_node(dag)) + 1]


def _ended(node: Node) -> bool:
    return node.state in ("SUCCEED", "FAILED")


def _normalised(name: str) -> str:
    return " ".join(name.split()).casefold()
