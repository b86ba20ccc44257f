"""Bad servers: each causes one finding, after few requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tavus_consent.preflight import Budget, Finding, PreflightReport, Reach, preflight
from tavus_consent.testing import FakeClock

from .servers import FileServer, Handler, serving
from .speech import Canned


@pytest.fixture
def server(video: Any) -> Iterator[FileServer]:
    with serving(video()) as one:
        yield one


def ask(server: FileServer, **options: Any) -> PreflightReport:
    reach = options.pop("reach", None) or Reach(private_hosts={server.host})  # type: ignore[arg-type]
    return preflight(train_video=options.pop("url", server.url), reach=reach, **options)


def answer(report: PreflightReport) -> Finding:
    """Return the only finding, besides the one that a loopback server is not public."""
    [found] = [one for one in report.problems if one.measured != "not_public"]
    return found


def later(bad: Callable[[Handler, int, int], bool]) -> Callable[[Handler, int, int], bool]:
    """Behave badly from the second request on."""
    return lambda handler, start, end: len(handler.owner.requests) > 1 and bad(handler, start, end)


def whole(handler: Handler, _start: int, _end: int) -> bool:
    handler.reply(200, handler.owner.content, {"Accept-Ranges": "bytes", "Content-Type": "video/mp4"})
    return True


def endless(handler: Handler, _start: int, _end: int) -> bool:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    while True:  # until the client hangs up
        handler.wfile.write(b"4000\r\n" + bytes(0x4000) + b"\r\n")


def other_end(handler: Handler, start: int, _end: int) -> bool:
    handler.give(start, handler.owner.size)
    return True


def replying(status: int, body: bytes = b"", **headers: str) -> Callable[[Handler, int, int], bool]:
    def behave(handler: Handler, _start: int, _end: int) -> bool:
        handler.reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})
        return True

    return behave


def changing(**headers: str) -> Callable[[Handler, int, int], bool]:
    def behave(handler: Handler, start: int, end: int) -> bool:
        handler.give(start, end, headers={name.replace("_", "-"): value for name, value in headers.items()})
        return True

    return behave


def shorter(handler: Handler, start: int, end: int) -> bool:
    handler.give(start, end, length=end - start + 100)
    handler.close_connection = True
    return True


def silent(handler: Handler, _start: int, _end: int) -> bool:
    handler.close_connection = True
    return True


def garbage(handler: Handler, _start: int, _end: int) -> bool:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n" * 10)
    handler.close_connection = True
    return True


def endless_headers(handler: Handler, _start: int, _end: int) -> bool:
    handler.wfile.write(b"HTTP/1.1 206 Partial Content\r\n")
    while True:  # until the client hangs up
        handler.wfile.write(b"X-Long: " + b"a" * 1000 + b"\r\n")


def longer(handler: Handler, start: int, end: int) -> bool:
    handler.reply(206, bytes(end - start + 1), {"Content-Range": f"bytes {start}-{end - 1}/{handler.owner.size}"})
    return True


PAGE = b"<!DOCTYPE html><title>Sign in</title>"
XML = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'
FIRST: dict[str, tuple[Any, str, str]] = {
    "no ranges": (whole, "unknown", "no_range"),
    "no ranges, no length, no end": (endless, "unknown", "no_range"),
    "ignores the end of the range": (other_end, "unknown", "ranges_wrong"),
    "206 without Content-Range": (replying(206, bytes(16384)), "unknown", "ranges_wrong"),
    "does not say the length": (changing(Content_Range="bytes 0-16383/*"), "unknown", "ranges_wrong"),
    "says another range": (changing(Content_Range="bytes 1-16384/500000"), "unknown", "ranges_wrong"),
    "compresses": (changing(Content_Encoding="gzip"), "unknown", "ranges_wrong"),
    "sends more": (longer, "unknown", "ranges_wrong"),
    "a page": (replying(200, PAGE, Content_Type="text/html; charset=utf-8"), "error", "web_page"),
    "a page that says it is a video": (replying(200, PAGE, Content_Type="video/mp4"), "error", "web_page"),
    "a page in ranges": (changing(Content_Type="text/html"), "error", "web_page"),
    "403 with XML": (replying(403, XML, Content_Type="application/xml"), "error", "http_403"),
    "404": (replying(404), "error", "http_404"),
    "410": (replying(410), "error", "http_410"),
    "429": (replying(429), "unknown", "http_429"),
    "503": (replying(503, XML), "unknown", "http_503"),
    "304": (replying(304), "unknown", "http_304"),
    "redirect to nowhere": (replying(302), "unknown", "http_302"),
    "redirect to no URL": (replying(302, Location="https://[::1"), "unknown", "redirect"),
    "redirect to a file": (replying(302, Location="file:///etc/passwd"), "error", "not_absolute"),
    "redirect to another scheme": (replying(302, Location="ftp://files.example/a.mp4"), "error", "scheme"),
    "redirect with a password": (replying(302, Location="https://me:secret@files.example/a"), "error", "userinfo"),
    "empty": (replying(200), "error", "empty"),
    "empty, in ranges": (replying(416, Content_Range="bytes */0"), "error", "empty"),
    "416": (replying(416, Content_Range="bytes */100"), "error", "http_416"),
    "hangs up": (silent, "unknown", "broken"),
    "no HTTP": (garbage, "unknown", "broken"),
    "hangs up in the middle": (shorter, "unknown", "broken"),
    "headers without end": (endless_headers, "unknown", "broken"),
}


@pytest.mark.parametrize("name", FIRST)
def test_a_server_that_is_bad_at_once_costs_one_request(server: FileServer, name: str) -> None:
    server.behave, severity, reason = FIRST[name]
    report = ask(server)
    found = answer(report)
    assert (found.severity, found.measured) == (severity, reason)
    assert len(server.requests) == 1
    assert report.spent["train"].bytes <= 150_000
    assert any("not completely" in line for line in report.not_checked)


LATER: dict[str, tuple[Any, str, str, int]] = {
    "no ranges any more": (whole, "unknown", "ranges_wrong", 2),
    "another range": (other_end, "unknown", "ranges_wrong", 2),
    "403": (replying(403, XML), "error", "http_403", 2),
    "412": (replying(412), "error", "changed", 2),
    "another ETag": (changing(ETag='"v2"'), "error", "changed", 2),
    "another size": (changing(Content_Range="bytes 0-9/10"), "error", "changed", 2),
    "hangs up, again": (silent, "unknown", "broken", 3),
    "no range": (replying(206, bytes(16384), ETag='"v1"'), "unknown", "ranges_wrong", 2),
}


@pytest.mark.parametrize("name", LATER)
def test_a_server_that_turns_bad_is_left(server: FileServer, name: str) -> None:
    bad, severity, reason, requests = LATER[name]
    server.behave = later(bad)
    found = answer(ask(server))
    assert (found.severity, found.measured) == (severity, reason)
    assert len(server.requests) == requests


def test_what_was_known_before_it_turned_bad_is_kept(server: FileServer) -> None:
    server.behave = later(replying(503))
    report = ask(server)
    assert [one.code for one in report.findings if one.severity == "info"] == ["file_size"]
    assert report.fingerprints["train"].size == server.size


def test_a_connection_that_breaks_once_is_made_again(server: FileServer) -> None:
    server.behave = lambda handler, *_: len(server.requests) == 2 and silent(handler, 0, 0)
    report = ask(server)
    assert report.ok
    assert finding_codes(report) >= {"video_fps", "download_link"}


def finding_codes(report: PreflightReport) -> set[str]:
    return {one.code for one in report.findings if one.severity == "info"}


def test_every_request_asks_for_a_range_and_for_the_same_version(server: FileServer) -> None:
    ask(server)
    assert {method for method, _, _ in server.requests} == {"GET"}
    assert all(headers["range"].startswith("bytes=") for _, _, headers in server.requests)
    assert [headers.get("if-match") for _, _, headers in server.requests] == [
        None,
        *['"v1"'] * (len(server.requests) - 1),
    ]
    assert {headers["host"] for _, _, headers in server.requests} == {server.host}
    assert {headers["accept-encoding"] for _, _, headers in server.requests} == {"identity"}


def test_a_weak_etag_is_compared_but_not_sent(server: FileServer) -> None:
    server.etag = 'W/"v1"'
    report = ask(server)
    assert report.ok
    assert all("if-match" not in headers for _, _, headers in server.requests)
    server.behave = later(changing(ETag='W/"v2"'))
    server.requests.clear()
    assert answer(ask(server)).measured == "changed"


def test_no_etag_is_needed(server: FileServer) -> None:
    server.etag = None
    assert ask(server).ok


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_kept(server: FileServer, status: int) -> None:
    def behave(handler: Handler, *_: int) -> bool:
        if handler.path != "/video.mp4":
            return False
        handler.reply(status, b"", {"Location": "/real.mp4?signature=abc#part"})
        return True

    server.behave = behave
    assert ask(server).ok
    assert [path for _, path, _ in server.requests][:3] == [
        "/video.mp4",
        "/real.mp4?signature=abc",
        "/real.mp4?signature=abc",
    ]


def test_a_circle_of_redirects_is_left(server: FileServer) -> None:
    server.behave = replying(302, Location="/video.mp4")
    found = answer(ask(server))
    assert (found.severity, found.measured, len(server.requests)) == ("error", "redirects", 6)


@pytest.mark.parametrize(
    ("budget", "word"), [(Budget(requests=2), "requests"), (Budget(bytes=20_000), "bytes"), (Budget(bytes=1), "bytes")]
)
def test_a_spent_budget_is_unknown(server: FileServer, budget: Budget, word: str) -> None:
    report = ask(server, budget=budget)
    found = answer(report)
    assert (found.severity, found.measured) == ("unknown", "budget")
    assert f"Budget({word}=" in found.fix
    assert report.spent["train"].requests <= budget.requests
    assert report.spent["train"].bytes <= budget.bytes


@pytest.mark.parametrize("field", ["bytes", "requests", "seconds", "connections", "hash_seconds"])
def test_a_budget_of_nothing_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=field):
        Budget(**{field: 0})


def test_a_trickle_ends_with_the_time(server: FileServer) -> None:
    clock = FakeClock()

    def trickle(handler: Handler, start: int, end: int) -> bool:
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {start}-{end - 1}/{server.size}")
        handler.send_header("Content-Length", str(end - start))
        handler.end_headers()
        for _ in range(end - start):
            clock.advance(seconds=5)
            handler.wfile.write(b"\x00")
            handler.wfile.flush()
        return True

    server.behave = trickle
    found = answer(ask(server, clock=clock, budget=Budget(seconds=20)))
    assert found.measured == "budget"
    assert "20 s" in found.message


def test_time_that_is_up_before_anything_was_read(server: FileServer) -> None:
    clock = FakeClock()
    server.behave = later(lambda *_: clock.advance(seconds=100) is not None)
    assert answer(ask(server, clock=clock)).measured == "budget"


def test_a_server_that_is_not_there(server: FileServer) -> None:
    with serving(b"") as other:
        url, reach = other.url, Reach(private_hosts={other.host})  # type: ignore[arg-type]
    found = answer(ask(server, url=url, reach=reach))
    assert (found.severity, found.measured) == ("unknown", "connect")


def test_a_server_that_turns_bad_while_sound_is_read_is_left(large: Any) -> None:
    with serving(large()) as server:
        server.behave = lambda handler, start, end: len(server.requests) > 100 and replying(503)(handler, start, end)
        report = ask(server, full_name="Rio Alvarez", speech=Canned())
    assert {one.measured for one in report.problems} >= {"http_503"}
    assert report.hearing is None
    assert len(server.requests) < 300


def test_a_server_that_says_nothing_runs_into_the_timeout(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    done = threading.Event()

    def wait(_handler: Handler, *_: int) -> bool:
        return done.wait(10)

    monkeypatch.setattr("tavus_consent.preflight.remote._READ_TIMEOUT", 0.05)
    server.behave = wait
    assert answer(ask(server)).measured == "timeout"
    done.set()


def test_an_expired_link_costs_no_request(server: FileServer) -> None:
    report = ask(server, url=f"{server.url}?Expires=1&Signature=abc&Key-Pair-Id=x")
    [found] = report.problems
    assert (found.code, found.severity, found.measured) == ("download_link", "error", "expired")
    assert "expired" in found.message
    assert found.fix.startswith("Sign the link again")
    assert server.requests == []


def test_the_name_does_not_matter_when_the_content_is_known(server: FileServer) -> None:
    report = ask(server, url=server.url.replace(".mp4", ".mov"))
    assert [one.severity for one in report.findings if one.code == "video_format"] == ["info"]


def test_the_name_is_all_there_is_when_nothing_can_be_read(server: FileServer) -> None:
    server.behave = replying(503)
    report = ask(server, url=server.url.replace(".mp4", ".mov"))
    assert [one.severity for one in report.findings if one.code == "video_format"] == ["warning"]


def test_no_part_of_a_link_is_logged(server: FileServer, caplog: pytest.LogCaptureFixture) -> None:
    secret = "x9-very-secret-token"
    caplog.set_level("DEBUG")
    server.behave = lambda handler, start, end: (
        handler.path.startswith("/video.mp4")
        and replying(302, Location=f"/real.mp4?signature={secret}", X_Echo=secret)(handler, start, end)
    )
    assert ask(server, url=f"{server.url}?token={secret}").ok
    assert caplog.records
    assert secret not in caplog.text


def test_no_part_of_a_link_is_in_the_report(server: FileServer) -> None:
    secret = "x9-very-secret-token"
    for behave in (lambda *_: False, replying(503), replying(302, Location=f"https://u:{secret}@files.example/")):
        server.behave = behave  # type: ignore[assignment]
        report = ask(server, url=f"{server.url}?token={secret}")
        for shown in (repr(report), report.to_json(words=True), str(report)):
            assert secret not in shown
            assert "video.mp4" not in shown
