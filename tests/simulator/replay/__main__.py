# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replay recordings and print where the simulator answers otherwise. The last line counts the steps."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .recordings import FOLDER, load_recording
from .replay import Replay


def main() -> int:
    parser = argparse.ArgumentParser(prog="replay", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="recordings; without any, those in tests/recordings")
    files: list[Path] = parser.parse_args().files or sorted(FOLDER.glob("*.json"))
    counts = [_replay(file) for file in files]
    steps, differing, left_out = (sum(numbers) for numbers in zip(*counts))
    rest = f", {left_out} left out" if left_out else ""
    print(f"{len(files)} recordings, {steps} steps, {differing} answered otherwise{rest}")
    return 1 if differing else 0


def _replay(file: Path) -> tuple[int, int, int]:
    """Replay a recording. Return the number of its steps, of those that differ, and of those that are left out."""
    recording = load_recording(file)
    differing = 0
    for index, differences in enumerate(Replay(recording).run()):
        differing += bool(differences)
        for difference in differences:
            print(f"{file.name} {index} {recording.steps[index]['step']}: {difference}")
    return len(recording.steps), differing, len(recording.left_out)


if __name__ == "__main__":
    sys.exit(main())
