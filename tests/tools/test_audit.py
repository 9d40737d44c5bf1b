# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How old the advisories are is said with each run, and on the page on security."""

from __future__ import annotations

import datetime
import json
import re

import audit
import pytest
from environment import ROOT


def test_the_age_is_counted() -> None:
    assert "are 777 days old, of 2024-10-10:" in audit.age("2024-10-10", datetime.date(2026, 11, 26))


def test_each_run_says_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["audit.py"])
    audit.main()
    date = json.loads(audit.DATA.read_text(encoding="utf-8"))["date"]
    assert re.search(rf"\d+ days old, of {date}:", capsys.readouterr().out)


def test_the_page_on_security_has_their_date() -> None:
    date = json.loads(audit.DATA.read_text(encoding="utf-8"))["date"]
    assert f"The copy is of {date}:" in " ".join((ROOT / "SECURITY.md").read_text(encoding="utf-8").split())
