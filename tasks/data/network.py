"""A check of the network, so that a download without a network fails at once."""

import contextlib
import socket
import threading
import urllib.parse
import urllib.request


def online(timeout: float = 3.0) -> bool:
    """Return whether the network is available.

    The check opens a connection to the server that TFDS downloads from, or to the HTTPS proxy that
    the environment names.

    Args:
        timeout: seconds after which the network counts as unreachable.
    """
    proxy = urllib.parse.urlsplit(urllib.request.getproxies().get("https", ""))
    address = ("storage.googleapis.com", 443)
    if proxy.hostname:
        address = (proxy.hostname, proxy.port or 80)
    connected = threading.Event()

    def connect() -> None:
        with contextlib.suppress(OSError), socket.create_connection(address, timeout=timeout):
            connected.set()

    # Name resolution ignores the timeout, so it runs in a daemon thread that can be abandoned.
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(timeout)
    return connected.is_set()
