# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recordings of real agents, replayed, and the presets.

presets.py      sequences of requests that bring a network to the point where a test begins
recordings.py   reads a recording, and the settings with which it is replayed
__main__.py     replays the recordings that its arguments name: make replay
replay.py       sends the recorded requests and lets the recorded time pass
comparison.py   compares a recorded answer with the simulator's
raw_client.py   a small client that shares no code with the collection
"""
