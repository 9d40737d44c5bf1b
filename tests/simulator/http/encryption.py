# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The encryption of request bodies: AES-128-CBC, as base64."""

from __future__ import annotations

import base64

from Crypto.Cipher import AES
from Crypto.Util.Padding import unpad

from ..core.rsa_key import DecryptionError


def decrypt_body(body: bytes, *, keys: bytes) -> bytes:
    """Decrypt a body. `keys` is the key of 16 bytes and the initialisation vector of 16 bytes."""
    try:
        decryptor = AES.new(keys[:16], AES.MODE_CBC, iv=keys[16:32])
        return unpad(decryptor.decrypt(base64.b64decode(body, validate=True)), AES.block_size)
    except ValueError as error:
        raise DecryptionError(str(error)) from error
