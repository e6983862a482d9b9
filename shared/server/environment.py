"""Environment of a request, as an app receives it (PEP 3333)."""

import sys
from typing import Any

from shared.server.head import Head

_OF_ALL = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}
_UNIX_SOCKET = ("", "")


def environment_of(head: Head, client: Any, server: Any) -> dict[str, Any]:
    """Return the environment of a request from `client` to `server`, addresses with ports; without its body."""
    client_host, client_port = client[:2] if isinstance(client, tuple) else _UNIX_SOCKET
    server_host, server_port = server[:2] if isinstance(server, tuple) else _UNIX_SOCKET
    return {
        **_OF_ALL,
        **head.variables,
        "REQUEST_METHOD": head.method,
        "RAW_URI": head.target,
        "PATH_INFO": head.decoded_path,
        "QUERY_STRING": head.query,
        "SERVER_PROTOCOL": head.protocol,
        "wsgi.url_scheme": head.scheme,
        "REMOTE_ADDR": client_host,
        "REMOTE_PORT": str(client_port),
        "SERVER_NAME": server_host,
        "SERVER_PORT": str(server_port),
    }
