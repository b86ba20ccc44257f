"""Calls of the preflight: links with secrets, servers that echo them, recognizers that disclose their input."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

import tavus_consent as tc
from tavus_consent import cli
from tavus_consent.preflight import Reach

from .driving import Drive
from .hostile import Reply, any_writing


def drive_preflight(drive: Drive) -> None:
    """Every way to look at videos, on servers that are no good."""
    c = drive.c

    def nowhere(host: str, *_: Any) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, f"no {host}")

    host = urlsplit(drive.server.url).netloc
    links = [
        f"{drive.server.url}/{urlsplit(link).path}?{urlsplit(link).query}" for link in (c.train_url, c.consent_url)
    ]
    near = drive.use("PreflightOptions", lambda: tc.PreflightOptions(reach=Reach(private_hosts=frozenset([host]))))
    far = tc.PreflightOptions(reach=Reach(resolver=nowhere))
    drive.use("PreflightWarning", lambda: tc.PreflightWarning)
    for kind in (tc.Tavus, tc.AsyncTavus):
        for reply in (
            *(any_writing(drive.rng, f"echo {status}", status) for status in (200, 206, 302, 403, 404, 416, 500)),
            Reply("reset", end="reset"),
            Reply("no HTTP", end="garbage"),
        ):
            drive.server.reply = reply
            tavus: Any = kind(c.key, preflight_options=near, ledger=None)
            spoken = tc.SpokenConsent(c.full_name, links[1])
            for name in ("replicas", "faces"):
                drive.run(
                    f"{name}.preflight",
                    tavus,
                    lambda t, name=name, spoken=spoken: getattr(t, name).preflight(
                        train_video_url=links[0], consent=spoken
                    ),
                    str(reply),
                )
        for mode in ("warn", "require", c.key):
            for name in ("replicas", "faces"):
                tavus = kind(c.key, base_url=drive.server.url, preflight_options=far, ledger=None, max_retries=0)
                drive.run(
                    f"{name}.create_personal",
                    tavus,
                    lambda t, name=name, mode=mode: getattr(t, name).create_personal(
                        train_video_url=c.plain_link("train"),
                        consent=tc.SpokenConsent(c.full_name, c.plain_link("consent")),
                        preflight=mode,
                    ),
                    "a preflight",
                )
    drive.server.reply = any_writing(drive.rng, "echo 403", 403)
    for more in ([], ["--json"], ["--debug"]):
        line = ["preflight", links[0], "--consent", links[1], "--name", c.full_name, "--private-host", host, *more]
        drive.use("cli preflight", lambda line=line: cli.main(line))
    drive.use("cli preflight", lambda: cli.main(["preflight", c.train_url, "--private-host", c.key]))
