# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source as ansible-rulebook loads it: by the path of its file, in a process that knows no collections."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest
import yaml
from ansible_collections.oceanbase import obshell
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.event_source import HEAL, SPEC

COLLECTION = pathlib.Path(next(iter(obshell.__path__)))
SOURCE = COLLECTION / "extensions/eda/plugins/event_source/dag.py"
LOAD = """
import asyncio, runpy, sys
main = runpy.run_path(sys.argv[1])["main"]
assert asyncio.iscoroutinefunction(main)
asyncio.run(main(asyncio.Queue(), {"agents": []}))
"""


@pytest.mark.parametrize("other", [False, True], ids=["alone", "beside the package ansible"])
def test_the_source_finds_its_collection(tmp_path: pathlib.Path, other: bool) -> None:
    (tmp_path / "ansible_collections").mkdir()
    if other:
        (tmp_path / "ansible_collections/__init__.py").touch()
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(SOURCE)],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines()[-1].endswith("InvalidInput: no agent is given: agents and connections are empty")


def test_each_option_is_documented() -> None:
    text = SOURCE.read_text(encoding="utf-8")
    options = yaml.safe_load(text.partition('DOCUMENTATION = r"""')[2].partition('"""')[0])["options"]
    for documented, spec in ((options, SPEC["argument_spec"]), (options["heal"]["suboptions"], HEAL)):
        assert set(documented) == set(spec)
        for name, option in spec.items():
            assert documented[name]["type"] == option["type"], name
            assert documented[name].get("default") == option.get("default"), name


def test_the_rulebook_gives_only_options_of_the_source() -> None:
    ((ruleset,),) = [
        yaml.safe_load((COLLECTION / "extensions/eda/rulebooks/self_heal.yml").read_text(encoding="utf-8"))
    ]
    (source,) = ruleset["sources"]
    given = source["oceanbase.obshell.dag"]
    assert set(given) <= set(SPEC["argument_spec"]) and set(given["heal"]) == set(HEAL)
