# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that an event source remembers in: whole, private, and used by one source at a time."""

from __future__ import annotations

import os
import pathlib
import stat

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import InvalidInput
from ansible_collections.oceanbase.obshell.plugins.module_utils._watch.memory import HOUR, DagRecord, Memory
from ansible_collections.oceanbase.obshell.plugins.module_utils._watch.state_file import StateFile

from .looks import NOW


@pytest.fixture(name="path")
def fixture_path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "state.json"


def test_what_is_saved_is_read_by_the_next_source(path: pathlib.Path) -> None:
    file = StateFile(str(path))
    with file.locked() as memory:
        assert memory == Memory()
        memory.dags["key"] = DagRecord(
            "key",
            "112",
            "10.0.0.1:2886",
            ["RUN", "FAILED", ""],
            NOW,
            NOW,
            reported=["failed/key"],
            open=True,
            requests=2,
        )
        memory.record_request("prod/7", NOW)
        memory.unreachable.append("10.0.0.2:2886")
        file.save(memory)
    with StateFile(str(path)).locked() as again:
        record = again.dags["key"]
        assert record.seen_at > NOW, "it has a full day again"
        record.seen_at = NOW
        assert again == memory
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["state.json", "state.json.lock"]


def test_two_sources_cannot_use_one_file(path: pathlib.Path) -> None:
    in_use = pytest.raises(InvalidInput, match="is in use by another event source")
    with StateFile(str(path)).locked(), in_use, StateFile(str(path)).locked():
        pass
    with StateFile(str(path)).locked():
        pass


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"{}", b'{"dags": {"key": {}}, "requests": {}, "unreachable": []}', b'{"dags\xff']
)
def test_a_file_that_cannot_be_read_ends_the_source(path: pathlib.Path, text: bytes) -> None:
    path.write_bytes(text)
    with pytest.raises(InvalidInput, match=r"cannot be read: .* Remove it to begin"), StateFile(str(path)).locked():
        pass
    assert path.read_bytes() == text


def test_a_folder_that_does_not_exist_is_named(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "missing" / "state.json")
    with pytest.raises(InvalidInput, match=f"state_file {path}: No such file"), StateFile(path).locked():
        pass
    with pytest.raises(InvalidInput, match=f"state_file {path}: No such file"):
        StateFile(path).save(Memory())


def test_a_file_that_cannot_be_written_leaves_no_other_behind(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_paths: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(InvalidInput, match="No space left"):
        StateFile(str(tmp_path / "state.json")).save(Memory())
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_source_itself_is_not_one_of_the_file(path: pathlib.Path) -> None:
    with pytest.raises(OSError, match="too many"), StateFile(str(path)).locked():
        raise OSError("too many open files")


def test_without_a_path_nothing_is_written(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with StateFile("").locked() as memory, StateFile("").locked():
        StateFile("").save(memory)
    assert list(tmp_path.iterdir()) == []


def test_requests_count_for_an_hour_and_also_if_the_clock_was_set_back() -> None:
    memory = Memory()
    for age in (HOUR, HOUR - 1, 0, -HOUR):
        memory.record_request("prod/7", NOW - age)
    assert (
        memory.recent_requests(["prod/7", "10.0.0.1:2886"], NOW) == 3 and memory.recent_requests(["test/1"], NOW) == 0
    )
    memory.forget(NOW)
    assert len(memory.requests["prod/7"]) == 3
