"""A program to freeze: records in a ledger, a create on the served fake, a preflight of a file, and the demo.

``program.py FOLDER VIDEO`` prints the results as one line of JSON, and then the output of the demo.
"""

import json
import sys
from pathlib import Path

import tavus_consent as tc
from tavus_consent import ConsentVideo
from tavus_consent.cli import main
from tavus_consent.preflight import preflight
from tavus_consent.testing import FakeTavus


def run(folder: Path, video: Path) -> dict[str, object]:
    fake = FakeTavus()
    ledger = f"sqlite:///{folder / 'consent.db'}"
    with fake.serve() as url, tc.Tavus(fake.api_key, base_url=url, ledger=ledger) as tavus:
        record = tavus.consents.request(full_name="Rio Alvarez", intended_uses=["onboarding"], adult=True)
        tavus.consents.add_evidence(record, ConsentVideo("https://bucket.example/consent.mp4"))
        replica = tavus.replicas.create_personal(train_video_url="https://bucket.example/train.mp4", consent=record)
        fake.advance(hours=4)
        attempt = tavus.consents.verify(record, transcript=record.statement)
        kept = tavus.consents.ledger
        assert kept is not None
        found = {
            "ready": tavus.replicas.get(replica.replica_id).is_ready,
            "replicas": len(tavus.consents.get(record).replicas),
            "verdict": str(attempt.verdict),
            "events": kept.store.head().size,
            "sound": kept.store.verify().ok,
        }
    report = preflight(train_video=video)
    findings = [[one.code, one.severity] for one in report.findings]
    return {**found, "ok": report.ok, "findings": findings, "isolation": report.to_dict().get("isolation")}


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), Path(sys.argv[2]))), flush=True)  # noqa: T201
    sys.exit(main(["demo", "--seconds", "0.2"]))
