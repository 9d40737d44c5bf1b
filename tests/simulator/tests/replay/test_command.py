# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make replay`: any recording is replayed without a line of code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.oceanbase.obshell.tests.simulator.replay import __main__ as replay
from ansible_collections.oceanbase.obshell.tests.simulator.replay.recordings import FOLDER, load_recording

RECORDING, SETTINGS = FOLDER / "one-agent-4.2.6.0.json", FOLDER / "one-agent-4.2.6.0.yml"


def run(monkeypatch: pytest.MonkeyPatch, *files: Path) -> int:
    monkeypatch.setattr("sys.argv", ["replay", *map(str, files)])
    return replay.main()


def copy(folder: Path, steps: list[dict[str, Any]]) -> Path:
    path = folder / RECORDING.name
    path.write_text(json.dumps({"agent_version": "4.2.6.0", "steps": steps}), encoding="utf-8")
    return path


@pytest.fixture(name="steps")
def fixture_steps() -> list[dict[str, Any]]:
    return list(load_recording(RECORDING).steps)


def test_recordings_that_the_simulator_answers_alike(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, RECORDING, RECORDING) == 0
    assert capsys.readouterr().out == "2 recordings, 216 steps, 0 answered otherwise\n"


def test_a_step_that_differs(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    steps: list[dict[str, Any]],
) -> None:
    steps[14]["response"]["body"]["error"]["code"] = 7
    changed = copy(tmp_path, steps)
    changed.with_suffix(".yml").write_text(SETTINGS.read_text(encoding="utf-8"), encoding="utf-8")
    assert run(monkeypatch, changed) == 1
    assert capsys.readouterr().out.splitlines() == [
        "one-agent-4.2.6.0.json 14 rollback while running: .error.code: recorded 7, answered 1010",
        "1 recordings, 108 steps, 1 answered otherwise",
    ]


def test_a_step_that_is_left_out(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    steps: list[dict[str, Any]],
) -> None:
    """It is sent, and counted, but may differ. One that does not differ need not be left out."""
    steps[14]["response"]["body"]["error"]["code"] = 7
    changed = copy(tmp_path, steps)
    settings = SETTINGS.read_text(encoding="utf-8")
    changed.with_suffix(".yml").write_text(f"{settings}left_out: {{14: changed}}\n", encoding="utf-8")
    assert run(monkeypatch, changed) == 0
    assert capsys.readouterr().out == "1 recordings, 108 steps, 0 answered otherwise, 1 left out\n"
    changed.with_suffix(".yml").write_text(f"{settings}left_out: {{14: changed, 15: no reason}}\n", encoding="utf-8")
    assert run(monkeypatch, changed) == 1
    assert "left out, and yet answered alike" in capsys.readouterr().out


def test_obstacles_that_change_at_a_step(tmp_path: Path, steps: list[dict[str, Any]]) -> None:
    path = copy(tmp_path, steps)
    path.with_suffix(".yml").write_text(
        "obstacles: {0: [{node: Start observer, logs: [broken]}], 5: []}\n", encoding="utf-8"
    )
    obstacles = load_recording(path).obstacles
    assert [(obstacle.node, obstacle.logs) for obstacle in obstacles[0]] == [("Start observer", ("broken",))]
    assert obstacles[5] == []


def test_without_settings_the_agents_are_those_of_the_recording(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    steps: list[dict[str, Any]],
) -> None:
    assert run(monkeypatch, copy(tmp_path, steps[2:13])) == 0
    assert capsys.readouterr().out == "1 recordings, 11 steps, 0 answered otherwise\n"


def test_the_agents_of_a_cluster_without_settings(tmp_path: Path) -> None:
    recorded = FOLDER / "two-agents-4.3.2.0.json"
    alone = tmp_path / recorded.name
    alone.write_text(recorded.read_text(encoding="utf-8"), encoding="utf-8")
    assert [agent.advertised_port for agent in load_recording(alone).agents] == [2970, 2971]
