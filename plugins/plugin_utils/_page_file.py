# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a page into a file on the controller: whole or not at all, and only if it changed."""

from __future__ import annotations

import contextlib
import os
import pathlib
import stat
import tempfile
import typing as t

from ansible import constants
from ansible.errors import AnsibleActionFail

OWNER_ONLY = 0o600


def write_page(dest: str, page: str, *, check: bool) -> dict[str, t.Any]:
    """Write a page, and say what changed; in check mode, what would.

    A new file can be read only by its owner. An existing one keeps its mode, and its owner and group if the
    system allows that. A link is followed.

    :returns: `changed`, `dest` and `diff`.
    :raises AnsibleActionFail: the file cannot be written.
    """
    path = pathlib.Path(os.path.realpath(dest))
    try:
        before = _read(path)
        if before != page.encode() and not check:
            _replace(path, page.encode())
    except OSError as error:
        raise AnsibleActionFail(f"Cannot write {dest} on the controller: {error.strerror}") from error
    diff = _diff(dest, "" if before is None else before.decode(errors="replace"), page)
    return {"changed": before != page.encode(), "dest": dest, "diff": diff}


def _read(path: pathlib.Path) -> bytes | None:
    """The content of the file, None if there is none yet."""
    if not path.parent.is_dir():
        raise AnsibleActionFail(f"The directory {path.parent} does not exist on the controller. Create it first")
    if path.is_dir():
        raise AnsibleActionFail(f"dest is the directory {path}. Give the path of a file")
    return path.read_bytes() if path.exists() else None


def _replace(path: pathlib.Path, content: bytes) -> None:
    before = path.stat() if path.exists() else None
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            _set_rights(file.fileno(), before)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _set_rights(file: int, before: os.stat_result | None) -> None:
    if before:
        # Only root may give a file to another owner.
        with contextlib.suppress(OSError):
            os.fchown(file, before.st_uid, before.st_gid)
    os.fchmod(file, stat.S_IMODE(before.st_mode) if before else OWNER_ONLY)


def _diff(dest: str, before: str, after: str) -> dict[str, t.Any]:
    """Return what `--diff` shows. Of a large page it shows only its size, as for other large files."""
    limit = constants.MAX_FILE_SIZE_FOR_DIFF
    header = {"before_header": dest, "after_header": dest}
    if before == after:
        return {**header, "before": "", "after": ""}
    if 0 < limit < max(len(before), len(after)):
        return {**header, "src_larger": limit}
    return {**header, "before": before, "after": after}
