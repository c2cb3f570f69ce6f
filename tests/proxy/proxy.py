# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy between a program and libvirtd's socket: it delays, freezes, cuts, and gives half a reply. Of the
protocol it knows that each message begins with its length."""

import select
import socket
import threading
import time

POLL_MS = 20


class Link:
    """One connection of a program, with libvirtd at the other end."""

    def __init__(self, proxy, client):
        self.proxy = proxy
        self.client = client
        self.server = socket.socket(socket.AF_UNIX)
        self.server.connect(proxy.upstream)
        for ends in ((self.client, self.server, False), (self.server, self.client, True)):
            threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def cut(self):
        for end in (self.client, self.server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    @staticmethod
    def _read(source, n):
        data = b""
        while len(data) < n:
            more = source.recv(n - len(data))
            if not more:
                raise OSError("closed")
            data += more
        return data

    def _message(self, source):
        head = self._read(source, 4)
        return head + self._read(source, int.from_bytes(head, "big") - 4)

    def _thawed(self):
        """Waits while the proxy is frozen; a program that gives up meanwhile is noted."""
        hung_up = select.poll()
        hung_up.register(self.client, select.POLLRDHUP)
        while self.proxy.frozen_s:
            if hung_up.poll(POLL_MS):
                self.proxy.given_up_s.append(time.monotonic() - self.proxy.frozen_s)
                raise OSError("given up")

    def _carry(self, source, target, is_reply):
        try:
            while True:
                select.select([source], [], [])
                self._thawed()
                message = self._message(source)
                self._thawed()
                if is_reply and self.proxy.halves > 0:
                    self.proxy.halves -= 1
                    target.sendall(message[: len(message) // 2])
                    break
                if not is_reply:
                    time.sleep(self.proxy.delay_s)
                target.sendall(message)
                self.proxy.carried += not is_reply
        except (OSError, ValueError):
            pass
        self.cut()


class Proxy:
    def __init__(self, path, upstream):
        self.path = path
        self.upstream = upstream
        self.delay_s = 0  # before each request
        self.frozen_s = 0  # since when nothing passes; 0: it does
        self.halves = 0  # so many replies are cut in the middle, and the connection with them
        self.carried = 0  # requests
        self.given_up_s = []  # how long after the freeze programs closed connections
        self.links = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(16)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            self.links.append(Link(self, client))

    def freeze(self):
        self.frozen_s = time.monotonic()

    def thaw(self):
        self.frozen_s = 0

    def cut(self):
        for link in self.links:
            link.cut()
        self.links = []
