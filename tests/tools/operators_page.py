# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write docs/operators.md, in each language, from the table of kinds.

The words of a language are in operators_page.<language>.yml. Run it with `PYTHONPATH=.build`.
"""

from __future__ import annotations

import collections
import json
import pathlib
import typing as t

import yaml
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag import operators
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds import (
    backups,
    clusters,
    obproxies,
    processes,
    seekdb,
    servers,
    tenants,
    upgrades,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.definition import (
    ALLOWED,
    CONSEQUENCES,
    LETTERS,
    MAY_BE_IN_USE,
    NO_LOCK,
    PASS_NODE,
    REFUSED,
    UNKNOWN_KIND,
    Kind,
    Rule,
)
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.kinds.table import KINDS, find_kind
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from environment import ROOT

PAGES = {"en": ROOT / "docs/operators.md", "zh-CN": ROOT / "docs/operators.zh-CN.md"}
FAMILIES = {
    family.__name__.rpartition(".")[2]: family.KINDS
    for family in (clusters, processes, servers, upgrades, tenants, backups, obproxies, seekdb)
}
# What needs consent for every kind.
GENERAL = (
    (UNKNOWN_KIND, operators.KIND_UNKNOWN),
    (UNKNOWN_KIND, operators.NODE_UNKNOWN),
    (MAY_BE_IN_USE, operators.IN_USE),
    (MAY_BE_IN_USE, operators.OTHERS_UNKNOWN),
)
# A page begins as this file does.
NOTICE = "".join(
    line.removeprefix("# ") for line in pathlib.Path(__file__).read_text(encoding="utf-8").splitlines(keepends=True)[:3]
)
HEAD = f"<!--\n{NOTICE}\ntests/tools/operators_page.py writes this page. Do not edit it.\n-->\n"
Recorded = dict[int, tuple[set[str], set[str]]]


class Language:
    """The words of one language. `missing` are texts of the table that have no translation, `used` those that have."""

    def __init__(self, name: str) -> None:
        words = yaml.safe_load((ROOT / f"tests/tools/operators_page.{name}.yml").read_text(encoding="utf-8"))
        self.words: dict[str, t.Any] = words
        self.translations: dict[str, str] | None = words.get("translations")
        self.used: set[str] = set()
        self.missing: set[str] = set()

    def text(self, english: str) -> str:
        """Translate a text of the table, and name what its placeholders stand for."""
        if self.translations is not None and english not in self.translations:
            self.missing.add(english)
            return english
        self.used.add(english)
        text = english if self.translations is None else self.translations[english]
        return text.format(**self.words["placeholders"])


class Page:
    """The page in one language."""

    def __init__(self, language: Language, recorded: Recorded) -> None:
        self._language = language
        self._words = language.words
        self._recorded = recorded

    def __str__(self) -> str:
        words, text = self._words, self._language.text
        consequences = [(f"`{name}`", text(meaning)) for name, meaning in CONSEQUENCES.items()]
        general = [(f"`{name}`", text(reason)) for name, reason in GENERAL]
        parts = [HEAD, f"# {words['title']}\n", words["introduction"], f"## {words['consent']}\n"]
        parts += [_table(words["consequence_columns"], consequences), words["general"]]
        parts += [_table(words["general_columns"], general)]
        for family, kinds in FAMILIES.items():
            parts += [f"## {words['families'][family]}\n", *(self._kind(kind) for kind in kinds)]
        return "\n".join(parts)

    def _kind(self, kind: Kind) -> str:
        words = self._words
        part = words["part"] if kind.is_part else ""
        lock = words["locks"][kind.lock]
        if kind.lock != NO_LOCK:
            lock += words["released"][kind.released]
        lines = [
            f"### {words['and'].join(f'`{name}`' for name in kind.names)}{part}\n",
            f"{self._source(kind)}{lock}\n",
        ]
        rows = [self._row(kind, rule) for operator in LETTERS for rule in kind.rules if rule.operator == operator]
        lines.append(_table(words["columns"], rows))
        refused = self._refused_by_agent(kind)
        return "\n".join([*lines, f"{words['agent_refuses'].format(refused)}\n"] if refused else lines)

    def _source(self, kind: Kind) -> str:
        versions, sent = self._recorded.get(id(kind), (set(), set()))
        if not versions:
            return str(self._words["read"])
        lists = (sorted(versions), [self._operator(operator) for operator in LETTERS if operator in sent])
        return str(self._words["recorded"].format(*(self._words["and"].join(names) for names in lists)))

    def _row(self, kind: Kind, rule: Rule) -> tuple[str, ...]:
        words = self._words
        accept = words["and"].join(f"`{name}`" for name in rule.accept)
        verdict = words["allowed"] if rule.verdict == ALLOWED else words["needs"].format(accept)
        if rule.verdict == REFUSED:
            verdict = words["refused"]
        return (self._operator(rule.operator), self._place(kind, rule), verdict, self._language.text(rule.reason))

    def _operator(self, operator: str) -> str:
        return str(self._words["pass_node"]) if operator == PASS_NODE else operator

    def _place(self, kind: Kind, rule: Rule) -> str:
        words = self._words
        places = [words["at"].format(self._nodes(rule.at))] if rule.at else []
        places += [words["since"].format(self._nodes(rule.since))] if rule.since else []
        places += [words["conditions"][rule.when.__name__]] if rule.when else []
        first = next(other for other in kind.rules if other.operator == rule.operator)
        return str(words["comma"].join(places) or words["always" if rule is first else "otherwise"])

    def _nodes(self, names: t.Iterable[str]) -> str:
        return str(self._words["or"].join(f"`{name}`" for name in names))

    def _refused_by_agent(self, kind: Kind) -> str:
        """Name the nodes at which the agent refuses an operator that the table does not refuse everywhere."""
        refused = []
        for operator, letter in LETTERS.items():
            nodes = [node for node, allowed in kind.nodes.items() if letter not in allowed]
            if nodes and any(rule.operator == operator and rule.verdict != REFUSED for rule in kind.rules):
                refused.append(self._words["at_node"].format(self._operator(operator), self._nodes(nodes)))
        return str(self._words["semicolon"].join(refused))


def recorded_kinds() -> Recorded:
    """For each kind of which a DAG was operated on a real agent: the agents' versions, and the operators."""
    found: Recorded = collections.defaultdict(lambda: (set(), set()))
    for path in sorted((ROOT / "tests/recordings/kinds").rglob("*.json")):
        of_nodes = path.parent.name == "nodes"
        recording = json.loads(path.read_text(encoding="utf-8"))
        seen: dict[str, t.Any] = {}
        for sent in recording["operated"]:
            seen.update((raw["id"], raw) for raw in sent["seen"])
            kind = find_kind(Dag.from_api(seen[sent["dag"]]))
            if kind:
                versions, operated = found[id(kind)]
                versions.add(recording["agent_version"])
                operated.add({"PASS": PASS_NODE}.get(sent["operator"], "") if of_nodes else sent["operator"])
    return dict(found)


def _table(columns: t.Sequence[str], rows: t.Iterable[tuple[str, ...]]) -> str:
    lines = [tuple(columns), ("---",) * len(columns), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def render(name: str) -> tuple[str, Language]:
    """Make the page of a language, and return its words with it."""
    assert [kind for kinds in FAMILIES.values() for kind in kinds] == list(KINDS)
    language = Language(name)
    return str(Page(language, recorded_kinds())), language


def main() -> None:
    """Write the pages, and say which texts have no translation."""
    for name, path in PAGES.items():
        page, language = render(name)
        path.write_text(page, encoding="utf-8")
        for text in sorted(language.missing):
            print(f"No translation in operators_page.{name}.yml: {text}")


if __name__ == "__main__":
    main()
