# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SSH server on loopback, as a database host has one: `sshd.py FOLDER` serves whoever has FOLDER/key.

The client's commands run in a shell with FOLDER as their home and with nothing of the server's environment. What a
client needs is written into FOLDER before the port is printed.
"""

from __future__ import annotations

import asyncio
import pathlib
import sys

import asyncssh

HOST = "127.0.0.2"
KEY, KNOWN_HOSTS = "key", "known_hosts"


async def main(folder: pathlib.Path) -> None:
    host_key, client_key = (asyncssh.generate_private_key("ssh-ed25519") for _number in range(2))
    client_key.write_private_key(folder / KEY)
    (folder / KEY).chmod(0o600)
    authorized = asyncssh.import_authorized_keys(client_key.export_public_key().decode())

    async def serve(process: asyncssh.SSHServerProcess[bytes]) -> None:
        child = await asyncio.create_subprocess_shell(
            process.command or "exit 1",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"},
            cwd=folder,
        )
        assert child.stdin and child.stdout and child.stderr
        await process.redirect(stdin=child.stdin)
        await asyncio.gather(copy(child.stdout, process.stdout), copy(child.stderr, process.stderr))
        process.exit(await child.wait())

    server = await asyncssh.listen(
        HOST,
        0,
        server_host_keys=[host_key],
        authorized_client_keys=authorized,
        process_factory=serve,
        sftp_factory=True,
        encoding=None,
    )
    port = server.get_port()
    public = host_key.export_public_key().decode()
    (folder / KNOWN_HOSTS).write_text(f"[{HOST}]:{port} {public}", encoding="utf-8")
    print(port, flush=True)
    await server.wait_closed()


async def copy(source: asyncio.StreamReader, target: asyncssh.SSHWriter[bytes]) -> None:
    while data := await source.read(65536):
        target.write(data)


if __name__ == "__main__":
    asyncio.run(main(pathlib.Path(sys.argv[1])))
