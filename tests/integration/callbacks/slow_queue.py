# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a worker take a second for each thing it tells the main process, holding the lock of what leads there.

It makes the file that SLOW_QUEUE names when the first begins.
"""

from __future__ import annotations

import multiprocessing.connection
import os
import pathlib
import time
import typing as t

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "slow_queue"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        main, send = os.getpid(), multiprocessing.connection.Connection.send_bytes

        def send_slowly(*arguments: t.Any) -> None:
            if os.getpid() != main:
                pathlib.Path(os.environ["SLOW_QUEUE"]).touch()
                time.sleep(1)
            send(*arguments)

        multiprocessing.connection.Connection.send_bytes = send_slowly  # type: ignore[assignment]
