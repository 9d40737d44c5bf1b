# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors that only an agent of seekdb has."""

from __future__ import annotations

from .error_text import ErrorTable, ErrorText

ERRORS_OF_SEEKDB: ErrorTable = {
    "wrong_seekdb_password": ErrorText(
        401,
        "Unauthorized: seekdb password is incorrect",
        "Security.Authentication.IncorrectseekdbPassword",
        10008,
        "认证失败: seekdb root 密码不正确",
    ),
    "not_found_elsewhere": ErrorText(404, "Task not found", "Task.NotFound"),
    "no_obshell_package": ErrorText(500, "Package obshell-{}-{}.x86_64.rpm is not found", "Agent.Package.NotFound"),
}
