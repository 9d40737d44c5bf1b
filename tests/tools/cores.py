# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make an environment in `.build` for each supported ansible-core, and one for each set of tools of the matrix."""

from __future__ import annotations

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

from environment import BUILD, ROOT, locked, search_path

# Each supported ansible-core, and a Python that it runs on.
CORES = {"2.17": "3.11", "2.18": "3.11", "2.19": "3.12", "2.20": "3.12", "2.21": "3.13"}
# The one that coverage is measured with.
COVERED = "2.19"
REQUIREMENTS = ROOT / "tests/requirements"
# Of what `make test` installs, what the tests themselves need.
NEEDED = {
    *("aiohttp", "check-jsonschema", "cryptography", "hypothesis"),
    *("pycryptodome", "pytest", "pytest-xdist", "requests", "trustme"),
}
# What a user of the collection has.
USED = {"ansible-core", "cryptography", "requests"}


def main() -> int:
    with locked("cores"):
        path, _versions = search_path()
        pins = needed_pins()
        wanted = {folder_of(core): (python, [f"ansible-core=={core}.*", *pins]) for core, python in CORES.items()}
        wanted[folder_of(COVERED)][1].extend(pins_of("coverage.txt"))
        here = f"3.{sys.version_info.minor}"
        wanted[BUILD / "package"] = (here, pins_of("package.txt"))
        wanted[BUILD / "user"] = (here, [pin for pin in pins_of("demo.txt") if name_of(pin) in USED])
        wanted[BUILD / "nox"] = (here, pins_of("nox.txt"))
        wanted[BUILD / "ways"] = (here, [*pins_of("demo.txt"), *pins, *pins_of("ways.txt")])
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
            jobs = [pool.submit(make, folder, python, pins, path) for folder, (python, pins) in wanted.items()]
            failures = [str(error) for error in (job.exception() for job in jobs) if error]
    for failure in failures:
        print(failure, file=sys.stderr)
    return bool(failures)


def folder_of(core: str) -> pathlib.Path:
    """Where the environment with that ansible-core is."""
    return BUILD / "cores" / core


def pins_of(name: str) -> list[str]:
    """The requirements that a file lists itself."""
    lines = (REQUIREMENTS / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def needed_pins() -> list[str]:
    """The same versions of what the tests need as `make test` installs."""
    pins = {name_of(pin): pin for name in ("demo.txt", "test.txt") for pin in pins_of(name)}
    return [pins[name] for name in sorted(NEEDED)]


def name_of(pin: str) -> str:
    """The package that a requirement names."""
    return re.split("[=~]=", pin)[0]


def make(folder: pathlib.Path, python: str, pins: list[str], path: str) -> None:
    """Make one environment, unless it is there with these requirements."""
    stamp = folder / "installed"
    text = "\n".join([python, str(folder), *pins])
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == text:
        return
    command = shutil.which(f"python{python}", path=path)
    if not command:
        raise FileNotFoundError(f"{folder.relative_to(ROOT)} needs Python {python}, which is not on the PATH")
    print(f"Setting up {folder.relative_to(ROOT)} with Python {python}", flush=True)
    base = subprocess.run(
        [command, "-I", "-c", "import sys; print(sys._base_executable)"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()
    subprocess.run([base, "-I", "-m", "venv", "--clear", str(folder)], check=True)
    environment = {"PIP_CACHE_DIR": str(BUILD / "cache/pip"), **os.environ}
    pip = [str(folder / "bin/python"), "-I", "-m", "pip", "--no-input", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--quiet", *pins], env=environment, check=True)
    stamp.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
