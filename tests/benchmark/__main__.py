# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure, print one table, and save it as JSON. `make bench` runs it; see docs/performance.md."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import platform
import sys
import tempfile
from importlib.metadata import version

from . import rows
from .measure import ROOT, Row
from .survey import survey
from .thousand import thousand
from .watch import watch

PARTS = {
    "ad_hoc": rows.ad_hoc,
    "further_task": rows.further_task,
    "sdk": rows.sdk,
    "lag": rows.lag,
    "fleets": rows.fleets,
    "thousand": thousand,
    "survey": survey,
    "watch": watch,
    "sizes": rows.sizes,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="what to measure; all when none is named")
    parser.add_argument("--save", type=pathlib.Path, default=ROOT / ".build/benchmark.json")
    options = parser.parse_args()
    table: list[Row] = []
    for name in options.parts or PARTS:
        with tempfile.TemporaryDirectory(prefix="obshell-bench-") as folder:
            for row in PARTS[name](pathlib.Path(folder)):
                table.append(row)
                print(line(row), flush=True)
    about = {
        "python": platform.python_version(),
        "ansible_core": version("ansible-core"),
        "requests": version("requests"),
        "cryptography": version("cryptography"),
        "cpus": os.cpu_count(),
    }
    options.save.write_text(
        json.dumps({"about": about, "rows": [dataclasses.asdict(row) for row in table]}, indent=2) + "\n",
        encoding="utf-8",
    )
    missed = [row.name for row in table if not row.reached]
    print(f"saved to {options.save}" + (f"; missed: {', '.join(missed)}" if missed else "; all limits reached"))
    return 1 if missed else 0


def line(row: Row) -> str:
    """One line of the table."""
    limit = "" if row.limit is None else f"<= {row.limit:g}{'' if row.reached else '  MISSED'}"
    unit = row.unit or ("" if row.name.startswith("requests") else "x")
    return f"{row.name:38} {row.value:8.3f} {unit:4} [{row.low:.3f} .. {row.high:.3f}]  over {row.over:22} {limit}"


if __name__ == "__main__":
    sys.exit(main())
