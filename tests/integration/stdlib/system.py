"""Samples of the modules that wait for others: tasks, sockets, threads, processes."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import queue
import selectors
import socket
import ssl
import subprocess
import sys
import threading


def sample_ssl() -> None:
    context = ssl.create_default_context()
    context.get_ciphers(), context.cert_store_stats()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(incoming, outgoing, server_hostname="example.org")
    with contextlib.suppress(ssl.SSLWantReadError):
        session.do_handshake()
    outgoing.read(), incoming.write(b"no server speaks so")
    with contextlib.suppress(ssl.SSLError):
        session.do_handshake()


async def _work(number: int) -> int:
    await asyncio.sleep(0)
    if number == 3:
        raise LookupError(number)
    return number


async def _talk() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"line\n")
        await reader.readline()
        writer.close()
        await writer.wait_closed()


def sample_asyncio_tasks() -> None:
    async def main() -> None:
        await asyncio.gather(*(_work(n) for n in range(5)), return_exceptions=True)
        never = asyncio.ensure_future(asyncio.sleep(60))
        await asyncio.sleep(0)
        never.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await never
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.001)

    asyncio.run(main())


def sample_asyncio_queue() -> None:
    async def main() -> None:
        numbers: asyncio.Queue[int] = asyncio.Queue(1)
        producer = asyncio.create_task(numbers.put(1))
        async with asyncio.Lock():
            await numbers.get()
        await producer
        await asyncio.to_thread(sum, [1, 2])

    asyncio.run(main())


def sample_asyncio_streams() -> None:
    asyncio.run(_talk())


def sample_subprocess() -> None:
    command = [sys.executable, "-I", "-S", "-c", "import sys; sys.stdout.write(sys.stdin.read())"]
    subprocess.run(command, input="text", capture_output=True, text=True, check=True)
    with contextlib.suppress(FileNotFoundError):
        subprocess.run(["no-such-program"], check=False)


def sample_threading() -> None:
    results: queue.Queue[int] = queue.Queue()
    event, local = threading.Event(), threading.local()

    def work(number: int) -> None:
        local.number = number
        event.wait(5)
        results.put(local.number)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    event.set()
    for thread in threads:
        thread.join()
    with threading.RLock(), threading.Condition():
        results.get_nowait()


def sample_executor() -> None:
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(str, range(5)))
        isinstance(pool.submit(int, "x").exception(), ValueError)


def sample_socket() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, selectors.DefaultSelector() as selector:
        selector.register(theirs, selectors.EVENT_READ, data=[1])
        ours.sendmsg([b"a", b"b"])
        selector.select(1), theirs.recv(10), theirs.getsockname()
    socket.inet_aton("127.0.0.1"), socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)
    with contextlib.suppress(OSError):
        ours.send(b"closed")
