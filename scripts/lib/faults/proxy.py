"""A TCP proxy in a process of its own that turns bad on command: what stands between the server and what it leans on."""

import asyncio
import contextlib
import multiprocessing
import os
import socket
import struct

from machine import free_port, until

MODES = ["ok", "late", "trickle", "silent", "mute", "cut", "reset", "refuse", "garbage"]


class Proxy:
    """Listens on `port` and passes on to another; `turn` says how from now on.

    late: each piece 800 ms later. trickle: 16 bytes each quarter of a second. silent: nothing passes. mute: questions
    pass, answers do not. cut: three bytes of each answer, then an end. reset: each connection is reset at its first
    bytes, and those that stand at once. refuse: reset as soon as it is made. garbage: answers are random bytes.
    """

    def __init__(self, to):
        self.to, self.port = to, free_port()
        context = multiprocessing.get_context("fork")
        self.mode = context.Value("i", 0)
        self.process = context.Process(target=self._run, daemon=True)

    def turn(self, mode):
        self.mode.value = MODES.index(mode)

    def __enter__(self):
        self.process.start()
        until("the proxy listens", self._listens)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()

    def _listens(self):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        return False

    def _run(self):
        asyncio.run(self._serve())

    def is_now(self, *modes):
        return MODES[self.mode.value] in modes

    async def _serve(self):
        self.live = set()
        server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, backlog=512)
        async with server:
            while True:
                await asyncio.sleep(0.005)
                if self.is_now("reset", "refuse"):
                    for writer in list(self.live):
                        _reset(writer)
                    self.live.clear()

    async def _connected(self, reader, writer):
        if self.is_now("refuse"):
            return _reset(writer)
        try:
            above, below = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            return _reset(writer)
        both = {writer, below}
        self.live |= both
        with contextlib.suppress(OSError, asyncio.CancelledError):
            down = asyncio.create_task(self._pump(above, writer, True, both))
            up = asyncio.create_task(self._pump(reader, below, False, both))
            await asyncio.wait([up, down], return_when=asyncio.FIRST_COMPLETED)
            for task in (up, down):
                task.cancel()
        for one in both:
            with contextlib.suppress(OSError):
                one.close()
        self.live -= both

    async def _pump(self, source, sink, is_answer, both):
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                while self.is_now("silent") or (is_answer and self.is_now("mute")):
                    await asyncio.sleep(0.005)
                if self.is_now("late"):
                    await asyncio.sleep(0.8)
                if self.is_now("reset") or (is_answer and self.is_now("cut")):
                    if is_answer:
                        sink.write(data[:3])
                    for one in both:
                        _reset(one)
                    return
                if is_answer and self.is_now("garbage"):
                    data = os.urandom(len(data))
                if self.is_now("trickle"):
                    for at in range(0, len(data), 16):
                        sink.write(data[at : at + 16])
                        await sink.drain()
                        await asyncio.sleep(0.25)
                    continue
                sink.write(data)
                await sink.drain()


def _reset(writer):
    with contextlib.suppress(OSError, AttributeError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
