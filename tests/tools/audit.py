# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare what is installed in .venv with the vulnerabilities known when advisories.json was made, without a network.

advisories.json holds the version ranges of PyPA's advisory database for the packages that this checkout installs.
`audit.py --update CLONE` writes it anew from a clone of https://github.com/pypa/advisory-database.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import pathlib
import re
import subprocess
import sys
import typing as t

import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

REQUIREMENTS = pathlib.Path(__file__).parents[1] / "requirements"
DATA = pathlib.Path(__file__).with_name("advisories.json")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", metavar="CLONE", type=pathlib.Path)
    clone = parser.parse_args().update
    if clone:
        update(clone)
    data = json.loads(DATA.read_text(encoding="utf-8"))
    packages = installed()
    unknown = sorted(packages.keys() - data["packages"].keys())
    affected = [
        f"{name} {version}: {advisory['id']}"
        for name, version in packages.items()
        for advisory in data["packages"].get(name, [])
        if is_affected(version, advisory)
    ]
    print(f"{len(packages)} packages, {len(affected)} affected; {age(data['date'], datetime.date.today())}")
    for line in affected:
        print(line)
    if unknown:
        print(f"Never looked up: {', '.join(unknown)}. Update: {sys.argv[0]} --update CLONE")
    # Tools come and go; what users run with must have been looked up.
    return 1 if affected or pinned("demo.txt") & set(unknown) else 0


def age(date: str, today: datetime.date) -> str:
    """Say how old advisories of a date (YYYY-MM-DD) are, and what that means."""
    days = (today - datetime.date.fromisoformat(date)).days
    return f"the advisories are {days} days old, of {date}: what was found since then is not among them"


def installed() -> dict[str, Version]:
    """All that is in .venv, without what Python itself puts there."""
    found = {
        canonicalize_name(one.metadata["Name"]): Version(one.version) for one in importlib.metadata.distributions()
    }
    return {name: version for name, version in found.items() if name not in ("pip", "setuptools")}


def pinned(files: str) -> set[str]:
    """What requirement files name; what those need differs from one Python to the next."""
    lines = (line for file in REQUIREMENTS.glob(files) for line in file.read_text(encoding="utf-8").splitlines())
    return {canonicalize_name(match[0]) for line in lines if (match := re.match(r"[A-Za-z][\w.-]*", line))}


def is_affected(version: Version, advisory: dict[str, t.Any]) -> bool:
    """Whether a version is listed, or lies in a range of [introduced, fixed), of which null is none."""
    if str(version) in advisory["versions"]:
        return True
    for introduced, fixed in advisory["ranges"]:
        try:
            if Version(introduced or "0") <= version and (fixed is None or version < Version(fixed)):
                return True
        except InvalidVersion:
            continue
    return False


def update(clone: pathlib.Path) -> None:
    """Read the advisories of what is installed from the last commit of a clone, bare or not."""
    date = _git(clone, "log", "-1", "--format=%cs").strip()
    paths = _git(clone, "ls-tree", "-r", "--name-only", "HEAD", "vulns").splitlines()
    packages: dict[str, list[dict[str, t.Any]]] = {name: [] for name in sorted({*installed(), *pinned("*.txt")})}
    for path in paths:
        name = canonicalize_name(path.split("/")[1])
        if name in packages:
            packages[name].append(_advisory(yaml.safe_load(_git(clone, "show", f"HEAD:{path}"))))
    data = {"source": "https://github.com/pypa/advisory-database", "date": date, "packages": packages}
    DATA.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def _advisory(raw: dict[str, t.Any]) -> dict[str, t.Any]:
    ranges: list[list[str | None]] = []
    listed: list[str] = []
    for affected in [] if raw.get("withdrawn") else raw.get("affected", []):
        ecosystem = [one for one in affected.get("ranges", []) if one["type"] == "ECOSYSTEM"]
        for event in (event for one in ecosystem for event in one["events"]):
            if "introduced" in event:
                ranges.append([event["introduced"], None])
            elif "fixed" in event:
                ranges[-1][1] = event["fixed"]
        # Where there are ranges, the listed versions say the same at length.
        listed += [] if ecosystem else affected.get("versions", [])
    return {"id": raw["id"], "ranges": ranges, "versions": listed}


def _git(clone: pathlib.Path, *arguments: str) -> str:
    command = ["git", "-C", str(clone), *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
