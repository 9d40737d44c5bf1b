# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a failed DAG is recovered without people, by a rule that they agreed on, or handed over to them. Pure."""

from __future__ import annotations

import dataclasses
import datetime
import re
import typing as t

from .._dag.kinds.definition import ALLOWED, NEEDS_CONSENT, matches
from .._dag.kinds.table import KINDS
from .._dag.model import Dag
from .._dag.operators import Verdict
from .._errors import InvalidInput
from .memory import DagRecord

OPERATORS = ("RETRY", "ROLLBACK")
# Seconds until an operator is requested again that changed nothing: the playbook may still be on its way.
REPEAT_AFTER = 600.0
# Why a DAG is handed over to people.
LIMIT, CONSENT, REFUSED = "limit", "consent", "refused"
Verdicts = t.Mapping[str, Verdict]


@dataclasses.dataclass(frozen=True)
class Window:
    """A time of each day, in minutes since midnight; it may end on the next day."""

    begin: int
    end: int

    @classmethod
    def parse(cls, text: str) -> Window:
        """Read a window such as `22:00-06:00`.

        :raises InvalidInput: it is not one.
        """
        match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", text)
        if not match or match[1] + match[2] == match[3] + match[4]:
            raise InvalidInput(f"quiet_hours: {text!r} is not a time of day such as 22:00-06:00")
        hours = [int(part) for part in match.groups()]
        return cls(hours[0] * 60 + hours[1], hours[2] * 60 + hours[3])

    def contains(self, moment: datetime.datetime) -> bool:
        """Whether a moment is in the window."""
        minute = moment.hour * 60 + moment.minute
        if self.begin < self.end:
            return self.begin <= minute < self.end
        return minute >= self.begin or minute < self.end


@dataclasses.dataclass(frozen=True)
class HealRule:
    """What may be done without people.

    :param kinds: names of kinds as the table has them; no other DAG is touched.
    :param operators: which ones may be sent; the first one that can be sent is requested.
    :param accept: the consequences that the rule accepts.
    :param attempts_per_hour: for each cluster; for each DAG also in all, however long they take.
    :param pause: seconds between two requests for one DAG.
    :param quiet: when nothing is sent, in the time of this host.
    """

    kinds: tuple[str, ...]
    operators: tuple[str, ...]
    accept: frozenset[str]
    attempts_per_hour: int
    pause: float
    quiet: tuple[Window, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a kind that does not exist: it would protect nothing and heal nothing.

        :raises InvalidInput: there is one.
        """
        known = {name for kind in KINDS for name in kind.names}
        for name in self.kinds:
            if name not in known:
                raise InvalidInput(
                    f"kinds: there is no kind of DAG {name!r}; the kinds are: {', '.join(sorted(known))}"
                )

    def covers(self, dag: Dag) -> bool:
        """Whether the rule is about this DAG. What people cancelled is theirs."""
        return matches(dag.name, self.kinds) and dag.operator != "CANCEL"


class Heal(t.NamedTuple):
    """An operator is to be sent; `accept` are the consequences that it has."""

    operator: str
    accept: tuple[str, ...]


class HandOver(t.NamedTuple):
    """People must decide: `cause` is LIMIT, CONSENT or REFUSED."""

    cause: str
    why: str


def decide(
    rule: HealRule, dag: Dag, verdicts: Verdicts, record: DagRecord, recent_requests: int, now: float
) -> Heal | HandOver | None:
    """Decide what to do about a failed DAG now; None: nothing, or nothing yet.

    :param recent_requests: how many operators were requested for the cluster within the last hour.
    :param now: seconds since 1970.
    """
    if record.escalated or not rule.covers(dag) or not verdicts:
        return None
    heal = _choose(rule, verdicts)
    if heal is None:
        return _explain(rule, verdicts)
    if any(window.contains(datetime.datetime.fromtimestamp(now)) for window in rule.quiet):
        return None
    if record.requests and abs(now - record.requested_at) < _pause(rule, record):
        return None
    if recent_requests >= rule.attempts_per_hour:
        return HandOver(LIMIT, f"{recent_requests} attempts within an hour, and {rule.attempts_per_hour} are allowed")
    if record.requests >= rule.attempts_per_hour:
        return HandOver(LIMIT, f"{record.requests} attempts, each after some time, did not help")
    return heal


def _pause(rule: HealRule, record: DagRecord) -> float:
    unmoved = record.attempt == record.requested_attempt
    return max(rule.pause, REPEAT_AFTER) if unmoved else rule.pause


def _choose(rule: HealRule, verdicts: Verdicts) -> Heal | None:
    """Find the first operator that is allowed, or whose consequences the rule accepts."""
    for operator in rule.operators:
        verdict = verdicts.get(operator)
        if verdict and verdict.verdict in (ALLOWED, NEEDS_CONSENT) and not verdict.missing(rule.accept):
            return Heal(operator, verdict.accept)
    return None


def _explain(rule: HealRule, verdicts: Verdicts) -> HandOver:
    """Say what the rule does not accept, or why the operators are refused."""
    missing = {
        operator: verdicts[operator].missing(rule.accept)
        for operator in rule.operators
        if operator in verdicts and verdicts[operator].verdict == NEEDS_CONSENT
    }
    if missing:
        needs = "; ".join(f"{operator} needs {', '.join(names)}" for operator, names in missing.items())
        return HandOver(CONSENT, f"the rule does not accept the consequences: {needs}")
    return HandOver(REFUSED, f"no operator of the rule can be sent: {', '.join(rule.operators)}")
