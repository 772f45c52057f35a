"""A slow network: a proxy that delays everything it forwards, and counts round trips."""

import contextlib
import queue
import socket
import threading
import time

DELAY = 0.005  # seconds, each way


class Proxy:
    """A proxy between clients on this machine and a server, for any number of connections, until it is closed."""

    def __init__(self, server):
        self.server = server
        self.trips = 0
        self.counting = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _ = self.listener.accept()
                Connection(self, client, socket.create_connection(self.server))

    def count_trip(self):
        with self.counting:
            self.trips += 1


class Connection:
    """A client and its server. A round trip begins when the client sends first, or sends after the server."""

    def __init__(self, proxy, client, server):
        self.proxy = proxy
        self.speaker = server
        for source, target in ((client, server), (server, client)):
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            later = queue.SimpleQueue()
            threading.Thread(target=self._receive, args=(source, later, client), daemon=True).start()
            threading.Thread(target=self._deliver, args=(later, target), daemon=True).start()

    def _receive(self, source, later, client):
        data = b"-"
        while data:
            try:
                data = source.recv(1 << 16)
            except OSError:
                data = b""
            if data and source is client and self.speaker is not client:
                self.proxy.count_trip()
            self.speaker = source
            later.put((time.monotonic() + DELAY, data))

    @staticmethod
    def _deliver(later, target):
        with contextlib.suppress(OSError):  # the other side is gone
            while True:
                due, data = later.get()
                time.sleep(max(0, due - time.monotonic()))
                if not data:
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(data)
