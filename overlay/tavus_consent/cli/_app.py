"""The ungrouped commands of ``tavus-consent``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

from attrs import asdict
from cyclopts import App, Parameter
from cyclopts.validators import Number
from rich.table import Table
from rich.text import Text

from tavus_consent import __version__
from tavus_consent.consent import LIMITS, STATEMENT, SpokenConsent

from ._consents import consents
from ._create import Order
from ._failures import MEANINGS, Exit
from ._flags import ACCOUNT, FLAGS, OUTPUT, SWITCH, Account, Flags, Output, short_time
from ._ledger import ledger
from ._preflight import preflight
from ._replicas import replicas

_HELP = """Create replicas (AI doubles) at Tavus, consent first. Unofficial.

New here? Try it on this machine, without an account:

    tavus-consent demo

With an account (the key is read from TAVUS_API_KEY):

    tavus-consent statement "Rio Alvarez"
    tavus-consent replicas create --full-name "Rio Alvarez" \\
        --train-video-url https://bucket.example/train.mp4 \\
        --consent-video-url https://bucket.example/consent.mp4 --wait
    tavus-consent replicas list --json

Find problems in seconds instead of hours, without an account:

    tavus-consent preflight https://bucket.example/train.mp4

Record who consented, and to what, without an account:

    tavus-consent consents request --full-name "Rio Alvarez"
    tavus-consent consents list
    tavus-consent ledger verify
"""

app = App(
    name="tavus-consent",
    version=__version__,
    help=_HELP,
    help_format="plaintext",
    help_epilogue="Exit codes:\n" + "\n".join(f"{code:>4}  {meaning}" for code, meaning in MEANINGS.items()),
)
app.command(replicas)
app.command(consents)
app.command(ledger)
app.command(preflight, help_epilogue="")


@app.command(help_epilogue="")
def demo(*, seconds: Annotated[float, Parameter(validator=Number(gt=0))] = 2.0, flags: Flags = FLAGS) -> None:
    """Watch a replica being created, on this machine, without an account.

    Starts a fake Tavus server, creates a personal replica with spoken consent, waits for its training, receives the
    callback, and shows each step as Python code. Sends nothing to Tavus.

    Args:
        seconds: Duration of the training. At Tavus it takes hours.
    """
    from ._demo import run_demo

    run_demo(flags.screen, seconds)


@app.command(help_epilogue="")
def statement(*full_name: str, as_borne: Annotated[bool, SWITCH] = False, flags: Output = OUTPUT) -> None:
    """Print the statement that a person reads aloud on video to consent.

    For example:

    tavus-consent statement "Rio Alvarez"

    Args:
        full_name: The person's full name, as they say it.
        as_borne: The person bears this name: it may be longer than 8 words, or end in ", Jr.".
    """
    words = SpokenConsent(" ".join(full_name), as_borne=as_borne).statement
    screen = flags.screen
    source = {"template_id": STATEMENT.template_id, "version": STATEMENT.version, "language": STATEMENT.language}
    screen.result({"statement": words, **source, "limits": LIMITS}, Text(words))
    screen.note(LIMITS)


@app.command(help_epilogue="")
def explain(order: Order, *, flags: Account = ACCOUNT) -> None:
    r"""Show the request of "replicas create" and the consent that it needs. Sends nothing.

    Takes the options of "replicas create". For example:

        tavus-consent explain --full-name "Rio Alvarez" \
            --train-video-url https://bucket.example/train.mp4

    Args:
        order: The replica to create.
    """
    needs = order.requirement()
    base_url, body = order.request()
    screen = flags.screen
    where = {"consent_video": "--consent-video-url", "training_video": "--train-video-url"}
    spoken = where[needs.statement_in] if needs.statement_in else None
    request = Text(
        f"POST {base_url}/v2/replicas\nx-api-key: [redacted]\n\n{json.dumps(screen.redact(body), indent=2)}\n"
    )
    screen.result(
        {
            "method": "POST",
            "base_url": base_url,
            "path": "/v2/replicas",
            "body": body,
            "kind": needs.kind,
            "statement_in": needs.statement_in,
            "statement": STATEMENT.text if spoken else None,
            "attestation_required": needs.attestation_required,
            "sent": False,
            "limits": LIMITS,
        },
        request,
        screen.card(
            ("It shows", "a real person" if spoken else "no real person"),
            ("Consent", f"the {spoken} video must contain these words" if spoken else None),
            ("", STATEMENT.text if spoken else None),
            ("Attestation", None if spoken else "given with --attestation and --attested-by; not sent to Tavus"),
        ),
    )
    screen.note(f"Nothing was sent. {LIMITS}")


@app.command(help_epilogue="")
def mock(
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    speed: float = 1.0,
    conversation_speed: float = 1.0,
    stock: Literal["tavus", "all"] = "tavus",
    seed: Annotated[Path | None, Parameter(metavar="FILE", show_default=False)] = None,
    allow_host: Annotated[tuple[str, ...], Parameter(metavar="HOST", negative=(), show_default=False)] = (),
    allow_origin: Annotated[tuple[str, ...], Parameter(metavar="ORIGIN", negative=(), show_default=False)] = (),
    flags: Flags = FLAGS,
) -> None:
    """Serve a fake Tavus over HTTP, to test your application. Stop it with Ctrl-C or SIGTERM.

    It prints a line for each request: method, path, status, milliseconds, and the reason for a refusal.

    For example:

        tavus-consent mock --port 8080 --speed 3600

    Args:
        host: The address to listen on. The control endpoints (/__fake__/) only answer this machine.
        port: The port; 0 selects a free one.
        speed: Speed factor of the fake's clock. At 3600, a training of four hours takes four seconds.
        conversation_speed: Speed factor of conversations. They have their own, because people and programs take part
            in them in real time.
        stock: Objects that it has from the beginning. With "all", also those whose ids LiveKit, pipecat and Tavus's
            examples use.
        seed: A JSON file with more objects: lists by kind, such as {"replica": [{"id": "r1"}]}.
        allow_host: A host name that clients use, such as the name of its container. Repeatable. IP addresses and
            localhost always work.
        allow_origin: The origin of a web page that may use it, such as http://localhost:5173. Repeatable. Other pages
            are refused.
    """
    from tavus_consent.testing import serve

    from ._seed import seeded

    fake = seeded(stock, seed)
    screen = flags.screen
    training = fake.training_time.total_seconds()

    def ready(url: str) -> None:
        takes = f"takes {short_time(training / speed)}" if speed else "ends when you advance the clock"
        screen.say(
            f"A fake Tavus is running at {url}. Press Ctrl-C to stop it. A training of {short_time(training)} {takes}.",
            "",
            f"    export TAVUS_BASE_URL={url} TAVUS_API_KEY={fake.api_key}",
            "",
            "Advance its clock, inject faults, inspect its callbacks (docs/testing.md):",
            "",
            f"    curl {url}/__fake__/advance -H 'content-type: application/json' -d '{{\"hours\": 4}}'",
        )
        sys.stdout.flush()

    with screen.shows_log("tavus_consent.testing"):
        serve(
            fake,
            host=host,
            port=port,
            speed=speed,
            conversation_speed=conversation_speed,
            allow_hosts=allow_host,
            allow_origins=allow_origin,
            on_ready=ready,
        )


@app.command(help_epilogue="")
def doctor(*, flags: Account = ACCOUNT) -> Exit:
    """Check the setup: version, extras, API key, base URL, connection, clock.

    Sends one request, which reads at most one replica.
    """
    from ._doctor import examine

    findings = list(examine(flags))
    screen = flags.screen
    marks = {True: Text("ok", style="green"), False: Text("FAILED", style="bold red"), None: Text("-")}
    table = Table.grid(padding=(0, 2))
    for one in findings:
        table.add_row(marks[one.well], one.name, screen.cell(one.text))
    well = all(one.well is not False for one in findings)
    screen.result({"well": well, "findings": [asdict(one) for one in findings]}, table)
    return Exit.DONE if well else Exit.FAILED


@app.command(help_epilogue="")
def completion(shell: Literal["bash", "zsh", "fish", "powershell"], /, *, flags: Flags = FLAGS) -> None:
    """Print a script that completes commands and options in your shell.

    For example:

        tavus-consent completion bash > ~/.local/share/bash-completion/completions/tavus-consent

    Args:
        shell: Your shell.
    """
    flags.screen.plain(app.generate_completion(shell=shell))
