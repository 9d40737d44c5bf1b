# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to a host that cannot be reached."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection import local

DOCUMENTATION = """
name: nowhere
short_description: A connection to a host that cannot be reached
description:
  - Fails where it is used.
"""


class Connection(local.Connection):
    transport = "nowhere"

    def exec_command(self, *_arguments: t.Any, **_options: t.Any) -> t.NoReturn:
        raise AnsibleConnectionFailure("nowhere leads to no host")
