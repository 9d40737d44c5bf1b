# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates for the tests' own agents and clients."""

from __future__ import annotations

import pathlib

import trustme


class Authority:
    """Signs certificates into a folder."""

    def __init__(self, folder: pathlib.Path, name: str) -> None:
        self.folder = folder
        self._authority = trustme.CA()
        self.path = str(folder / f"{name}.pem")
        self._authority.cert_pem.write_to_path(self.path)

    def sign(self, name: str, host: str = "127.0.0.1") -> tuple[str, str]:
        """Paths of a certificate for a host, and its key."""
        signed = self._authority.issue_cert(host)
        certificate, key = (str(self.folder / f"{name}.{kind}") for kind in ("pem", "key"))
        signed.cert_chain_pems[0].write_to_path(certificate)
        signed.private_key_pem.write_to_path(key)
        return certificate, key
