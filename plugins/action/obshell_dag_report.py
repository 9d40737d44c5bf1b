# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a report of DAGs on the controller."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..module_utils._dag.results import flat
from ..module_utils._module.environment import environment_secrets
from ..module_utils._module.masking import Masker
from ..plugin_utils._dag_page import render_dags
from ..plugin_utils._page_file import write_page

SPEC: dict[str, t.Any] = {
    "argument_spec": {
        "dags": {"type": "list", "elements": "dict"},
        "results": {"type": "list", "elements": "dict"},
        "dest": {"type": "path", "required": True},
        "title": {"type": "str", "default": "OceanBase DAGs"},
    },
    "required_one_of": [("dags", "results")],
}


class ActionModule(ActionBase):
    """The whole of the module of the same name, which has only documentation."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Render the page and write it."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(**SPEC)
        dest = self._loader.path_dwim(options["dest"])
        written = write_page(dest, _page(options), check=self._task.check_mode)
        if not self._task.diff:
            del written["diff"]
        return {**result, **written}


def _page(options: dict[str, t.Any]) -> str:
    # The modules have masked their results. What a play puts together itself may not be masked.
    masker = Masker(environment_secrets())
    try:
        dags = masker.result({"dags": options["dags"] or []})["dags"]
        results = [masker.result(result) for result in flat(options["results"] or [])]
        return render_dags(masker.text(options["title"]), dags, results)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AnsibleActionFail(f"dags and results must be what modules of this collection return: {error}") from error
