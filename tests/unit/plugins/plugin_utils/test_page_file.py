# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page is written whole or not at all, and only if it changed."""

from __future__ import annotations

import contextlib
import os
import pathlib
import stat
import typing as t

import pytest
from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible_collections.oceanbase.obshell.plugins.plugin_utils._page_file import write_page

PAGE = "<p>\u2713</p>\n"


def mode_of(path: pathlib.Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_check_do_do_again(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "report.html"
    assert write_page(str(path), PAGE, check=True)["changed"] is True and not path.exists()
    assert write_page(str(path), PAGE, check=False)["changed"] is True
    assert (path.read_text(encoding="utf-8"), mode_of(path), os.listdir(tmp_path)) == (PAGE, 0o600, ["report.html"])
    before = path.stat()
    again = write_page(str(path), PAGE, check=False)
    assert (again["changed"], path.stat()) == (False, before)
    assert again["diff"] == {"before_header": str(path), "after_header": str(path), "before": "", "after": ""}


def test_an_existing_file_keeps_its_mode_and_a_link_is_followed(tmp_path: pathlib.Path) -> None:
    path, link = tmp_path / "report.html", tmp_path / "link.html"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)
    link.symlink_to(path)
    written = write_page(str(link), PAGE, check=False)
    assert (link.is_symlink(), path.read_text(encoding="utf-8"), mode_of(path)) == (True, PAGE, 0o644)
    assert (written["diff"]["before"], written["diff"]["after"]) == ("old", PAGE)


def test_an_existing_file_keeps_its_owner_and_group(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    # Only root can.
    with contextlib.suppress(PermissionError):
        os.chown(path, 12345, 23456)
    owner, group = path.stat().st_uid, path.stat().st_gid
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "fchown", lambda _file, *owner_and_group: given.append(owner_and_group))
    write_page(str(path), PAGE, check=False)
    write_page(str(tmp_path / "new.html"), PAGE, check=False)
    assert given == [(owner, group)]


def test_a_user_who_may_not_give_files_away_owns_the_page(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)

    def refuse(*_arguments: t.Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refuse)
    write_page(str(path), PAGE, check=False)
    assert (path.read_text(encoding="utf-8"), mode_of(path), os.listdir(tmp_path)) == (PAGE, 0o640, ["report.html"])


def test_a_large_page_has_no_diff(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dest = str(tmp_path / "report.html")
    large = "x" * (constants.MAX_FILE_SIZE_FOR_DIFF + 1)
    assert write_page(dest, large, check=False)["diff"] == {
        "before_header": dest,
        "after_header": dest,
        "src_larger": constants.MAX_FILE_SIZE_FOR_DIFF,
    }
    monkeypatch.setattr(constants, "MAX_FILE_SIZE_FOR_DIFF", 0)
    assert write_page(dest, PAGE, check=False)["diff"]["before"] == large


@pytest.mark.parametrize(
    ("dest", "why"),
    [
        ("missing/report.html", "The directory .*/missing does not exist on the controller. Create it first"),
        ("folder", "dest is the directory .*/folder. Give the path of a file"),
        ("folder/none/report.html", "The directory .*/folder/none does not exist"),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_a_path_that_cannot_be_written(tmp_path: pathlib.Path, dest: str, why: str, check: bool) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(AnsibleActionFail, match=why):
        write_page(str(tmp_path / dest), PAGE, check=check)


def test_an_interrupted_write_leaves_the_old_page(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")

    def full(*_arguments: t.Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(
        AnsibleActionFail, match=r"Cannot write .*report\.html on the controller: No space left on device"
    ):
        write_page(str(path), PAGE, check=False)
    assert (path.read_text(encoding="utf-8"), os.listdir(tmp_path)) == ("old", ["report.html"])
