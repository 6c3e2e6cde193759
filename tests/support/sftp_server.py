"""An SFTP server in a thread of this process, with a user who has a key and knows the server's."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncssh


@contextmanager
def sftp_server(top: Path, home: Path) -> Iterator[str]:
    """Serves what is in `top`; what the user needs is put into `home`. The address of `top`, without a slash."""
    host_key, user_key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    ssh = home / ".ssh"
    ssh.mkdir(mode=0o700)
    user_key.write_private_key(ssh / "id_ed25519")
    (home / "authorized").write_bytes(user_key.export_public_key("openssh"))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sftp-server")
    thread.start()

    connections: list[asyncssh.SSHServerConnection] = []

    class Server(asyncssh.SSHServer):
        def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
            connections.append(conn)

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=Server,
            server_host_keys=[host_key],
            authorized_client_keys=str(home / "authorized"),
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=bytes(top)),
            allow_scp=False,
        )

    async def close() -> None:
        server.close()
        for connection in connections:
            connection.abort()
            await connection.wait_closed()
        await server.wait_closed()  # which, from Python 3.12 on, waits for the connections
        await loop.shutdown_default_executor()

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    port = server.get_port()
    (ssh / "known_hosts").write_bytes(f"[127.0.0.1]:{port} ".encode() + host_key.export_public_key("openssh"))
    try:
        yield f"sftp://anna@127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
