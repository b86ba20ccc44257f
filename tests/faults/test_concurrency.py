"""One client: concurrent use, cancellation, closing during a call, and a fork()."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

import tavus_consent as tc
from tavus_consent._clock import SystemClock

from .conftest import Connection, every

CONSENT = tc.SpokenConsent("Rio Alvarez", "https://b.example/c.mp4")
PATIENT = tc.Timeout(connect=600.0, total=600.0, deadline=600.0)
"""For calls that wait for each other: on a slow machine the last of them waits long."""


def echo(connection: Connection) -> None:
    """Answer with the id that was asked for."""
    while (request := connection.read_request()) is not None:
        replica_id = request.split(b" ", 2)[1].rpartition(b"/")[2].decode()
        connection.reply(200, f'{{"replica_id": "{replica_id}", "replica_name": "name of {replica_id}"}}'.encode())


def ids(caller: int) -> list[str]:
    return [f"r{caller}x{turn}" for turn in range(5)]


def is_own(replica: tc.Replica, replica_id: str) -> bool:
    return (replica.replica_id, replica.replica_name) == (replica_id, f"name of {replica_id}")


def test_200_threads_get_their_own_answers(make_server: Any) -> None:
    server = make_server(echo)
    ready = threading.Barrier(200)
    with tc.Tavus("key-for-tests", base_url=server.url, timeout=PATIENT) as tavus:

        def work(caller: int) -> list[bool]:
            ready.wait()
            with tavus.record_calls() as calls:
                own = [is_own(tavus.replicas.get(one), one) for one in ids(caller)]
            return [*own, [call.path for call in calls] == [f"/v2/replicas/{one}" for one in ids(caller)]]

        with ThreadPoolExecutor(200) as pool:
            found = list(pool.map(work, range(200)))
    assert found == [[True] * 6] * 200
    assert len(server.requests) == 1000
    assert server.connections <= tc.Limits().max_connections


async def test_2000_calls_at_once_get_their_own_answers(make_server: Any) -> None:
    server = make_server(echo)
    async with tc.AsyncTavus("key-for-tests", base_url=server.url, timeout=PATIENT) as tavus:

        async def work(caller: int) -> bool:
            with tavus.record_calls() as calls:
                return is_own(await tavus.replicas.get(f"r{caller}"), f"r{caller}") and len(calls) == 1

        assert await asyncio.gather(*map(work, range(2000))) == [True] * 2000
    assert len(server.requests) == 2000
    assert server.connections <= tc.Limits().max_connections


def get(tavus: Any) -> Any:
    return tavus.replicas.get("r1")


def create(tavus: Any) -> Any:
    return tavus.replicas.create_personal(train_video_url="https://b.example/t.mp4", consent=CONSENT)


class Stalling:
    """Answers nothing until it is told to; tells when a request has come."""

    def __init__(self) -> None:
        self.come = threading.Semaphore(0)
        self.go_on = threading.Event()

    def __call__(self, connection: Connection) -> None:
        while connection.read_request() is not None:
            self.come.release()
            self.go_on.wait(30)
            connection.reply()


# Cancellation


@pytest.mark.parametrize("call", [get, create])
async def test_cancelled_calls_give_their_connections_back(make_server: Any, call: Callable[[Any], Any]) -> None:
    server = make_server(Stalling())
    limits = tc.Limits(max_connections=3)
    async with tc.AsyncTavus("key-for-tests", base_url=server.url, limits=limits) as tavus:
        for turns in range(30):  # cancelled while connecting, sending, waiting for the answer, waiting in line
            calls = [asyncio.create_task(call(tavus)) for _ in range(20)]
            for _ in range(turns):
                await asyncio.sleep(0)
            for one in calls:
                one.cancel()
            ended = await asyncio.gather(*calls, return_exceptions=True)
            assert {type(one) for one in ended} == {asyncio.CancelledError}
        server.behave.go_on.set()
        replicas = await asyncio.gather(*(get(tavus) for _ in range(20)))
    assert [replica.replica_id for replica in replicas] == ["r1"] * 20


async def test_a_call_cancelled_within_the_body_gives_its_connection_back(make_server: Any) -> None:
    def half(connection: Connection) -> None:
        connection.reply(200, b'{"replica_id":', length=100)
        begun.release()
        connection.server.stopping.wait(30)

    begun = threading.Semaphore(0)
    server = make_server(every(half))
    limits = tc.Limits(max_connections=2)
    async with tc.AsyncTavus("key-for-tests", base_url=server.url, limits=limits) as tavus:
        for _ in range(5):
            calls = [asyncio.create_task(get(tavus)) for _ in range(2)]
            for _ in calls:
                assert await asyncio.to_thread(begun.acquire, timeout=30)
            for one in calls:
                one.cancel()
            await asyncio.wait(calls)
        server.behave = echo
        assert (await get(tavus)).replica_id == "r1"


async def test_a_deadline_of_the_caller_leaves_the_client_usable(make_server: Any) -> None:
    server = make_server(Stalling())
    limits = tc.Limits(max_connections=1)
    async with tc.AsyncTavus("key-for-tests", base_url=server.url, limits=limits) as tavus:
        for _ in range(3):
            with pytest.raises(TimeoutError) as caught:
                async with asyncio.timeout(0.01):
                    await get(tavus)
            assert type(caught.value) is TimeoutError  # the caller's, not one of ours
        server.behave.go_on.set()
        assert (await get(tavus)).replica_id == "r1"


# Waiting in line


def test_a_create_that_waited_in_vain_for_a_connection_was_not_sent(make_client: Any, make_server: Any) -> None:
    stalling = Stalling()
    server = make_server(stalling)
    client = make_client(
        base_url=server.url, clock=None, limits=tc.Limits(max_connections=1), timeout=tc.Timeout(total=30.0)
    )
    hurried = client.tavus.with_options(timeout=tc.Timeout(total=0.05, deadline=0.1), max_retries=0)
    outcome: list[BaseException] = []

    async def both() -> None:
        first = asyncio.create_task(get(client.tavus))
        await asyncio.to_thread(stalling.come.acquire, timeout=30)
        outcome.extend(await asyncio.gather(create(hurried), return_exceptions=True))
        stalling.go_on.set()
        await first

    if client.kind == "async":
        client(lambda _: both())
    else:
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(get, client.tavus)
            assert stalling.come.acquire(timeout=30)
            outcome.append(error_of(lambda: create(hurried)))
            stalling.go_on.set()
            first.result()
    assert type(outcome[0]) is tc.RequestTimeoutError
    assert "no free connection within 0.05 s" in str(outcome[0])
    assert len(server.requests) == 1


def error_of(work: Callable[[], Any]) -> BaseException:
    with pytest.raises(tc.TavusError) as caught:
        work()
    return caught.value


# close() while calls are under way


class Counting(SystemClock):
    """Every call asks once for the date, when it begins."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)

    def now(self) -> datetime:
        self.begun.release()
        return super().now()


OPTIONS: dict[str, Any] = {
    "limits": tc.Limits(max_connections=2),
    "timeout": tc.Timeout(total=0.5, deadline=20.0),
    "max_retries": 5,
}
CALLS = [get, create] * 4


def check_ends(errors: list[BaseException], server: Any) -> None:
    """Two calls were under way, the others waited: nothing of them may be sent once the client is closed."""
    assert len(server.requests) == 2
    assert {type(one) for one in errors} <= {tc.ClientClosedError, tc.OutcomeUnknownError}
    unknown = [one for one in errors if isinstance(one, tc.OutcomeUnknownError)]
    assert len(unknown) == sum(request.startswith(b"POST") for request in server.requests)


def test_closing_ends_the_calls_of_all_threads(make_server: Any) -> None:
    stalling, clock = Stalling(), Counting()
    server = make_server(stalling)
    tavus = tc.Tavus("key-for-tests", base_url=server.url, clock=clock, **OPTIONS)
    with ThreadPoolExecutor(len(CALLS)) as pool:
        calls: list[Future[BaseException]] = [pool.submit(error_of, lambda one=one: one(tavus)) for one in CALLS]
        for _ in range(2):
            assert stalling.come.acquire(timeout=30)
        for _ in CALLS:
            assert clock.begun.acquire(timeout=30)
        tavus.close()
        errors = [call.result() for call in calls]
    stalling.go_on.set()
    check_ends(errors, server)


async def test_closing_ends_the_calls_of_all_tasks(make_server: Any) -> None:
    stalling = Stalling()
    server = make_server(stalling)
    tavus = tc.AsyncTavus("key-for-tests", base_url=server.url, **OPTIONS)
    calls = [asyncio.create_task(one(tavus)) for one in CALLS]
    for _ in range(2):
        assert await asyncio.to_thread(stalling.come.acquire, timeout=30)
    await tavus.close()
    errors = await asyncio.gather(*calls, return_exceptions=True)
    stalling.go_on.set()
    check_ends(errors, server)  # type: ignore[arg-type] - a result among them fails the check


@pytest.mark.parametrize("call", [get, create])
def test_a_closed_client_says_so(make_client: Any, make_server: Any, call: Callable[[Any], Any]) -> None:
    server = make_server(echo)
    client = make_client(base_url=server.url)
    other = client.tavus.with_options(timeout=3)
    client(get)
    client(lambda tavus: tavus.close())
    for tavus in (client.tavus, other):
        with pytest.raises(tc.ClientClosedError, match="was closed; create a new one"):
            client(lambda _, tavus=tavus: call(tavus))
    assert len(server.requests) == 1


# fork()

FORKING = """
import asyncio, os, sys
import tavus_consent as tc

kind, url = sys.argv[1:]
runner = asyncio.Runner()
wait = (lambda value: value) if kind == "sync" else (lambda value: runner.run(value))
tavus = (tc.Tavus if kind == "sync" else tc.AsyncTavus)("key-for-tests", base_url=url)

async def as_told(value):
    return await value

def do(use):
    value = use(tavus)
    return value if kind == "sync" else runner.run(as_told(value))

assert do(lambda t: t.replicas.get("before")).replica_id == "before"
child = os.fork()
if child == 0:
    runner = asyncio.Runner()  # a loop does not survive a fork, either
    code = 0
    for use in (lambda t: t.replicas.get("child"), lambda t: t.with_options(timeout=1).replicas.get("child")):
        try:
            do(use)
            code = 1
        except tc.ClientClosedError as error:
            print(error, flush=True)
    do(lambda t: t.close())  # must not pull the parent's connections down
    os._exit(code)
_, status = os.waitpid(child, 0)
assert do(lambda t: t.replicas.get("after")).replica_id == "after"
do(lambda t: t.close())
sys.exit(os.waitstatus_to_exitcode(status))
"""


def test_a_child_process_is_told_to_make_its_own_client(make_server: Any, kind: str) -> None:
    server = make_server(echo)
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", FORKING, kind, server.url],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.count("made before fork()") == run.stdout.count("Make a new client in the child process") == 2
    # The parent's connection lived on; the child sent nothing.
    assert (len(server.requests), server.connections) == (2, 1)


FORKING_WITHIN_A_CALL = """
import asyncio, os, sys
import tavus_consent as tc

host, port = sys.argv[1].split(":")

async def main():
    async with tc.AsyncTavus("key-for-tests", base_url=f"http://{host}:{port}") as tavus:
        call = asyncio.create_task(tavus.replicas.get("r1"))
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"GET /has-come HTTP/1.1\\r\\n\\r\\n")
        await reader.read(1)
        child = os.fork()
        if child == 0:
            asyncio.Runner().run(tavus.close())
            os._exit(0)
        os.waitpid(child, 0)
        writer.write(b"GET /go-on HTTP/1.1\\r\\n\\r\\n")
        print((await call).replica_id)
        writer.close()

asyncio.run(main())
"""


def test_a_child_that_closes_does_not_disturb_a_call_of_its_parent(make_server: Any) -> None:
    come, go_on = threading.Event(), threading.Event()

    def behave(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            if b"/has-come" in request:
                come.wait(30)
            elif b"/go-on" in request:
                go_on.set()
            else:
                come.set()
                go_on.wait(30)
            connection.reply()

    server = make_server(behave)
    command = [sys.executable, "-W", "error", "-c", FORKING_WITHIN_A_CALL, server.host]
    run = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "r1\n", "")
    assert len(server.requests) == 3
