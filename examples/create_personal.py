"""Create a replica of a person who consents, wait for it, and handle every outcome.

    export TAVUS_API_KEY=...
    python examples/create_personal.py "Rio Alvarez" https://... https://...

Without links, it uses made-up ones, which only the fake accepts: tavus-consent mock --speed 3600
"""

import sys

from tavus_consent import OutcomeUnknownError, Replica, SpokenConsent, Tavus, TavusError, TrainingFailed


def main(full_name="Rio Alvarez", consent_video=None, train_video="https://bucket.example/train.mp4"):
    consent = SpokenConsent(full_name, video_url=consent_video or "https://bucket.example/consent.mp4")
    print("These words must be heard in the consent video:\n")
    print(consent.statement, "\n")

    with Tavus() as tavus:
        try:
            replica = tavus.replicas.create_personal(
                train_video_url=train_video,
                consent=consent,
                replica_name="Rio",
            )
            replica = tavus.replicas.wait(replica.replica_id, on_progress=show)
        except OutcomeUnknownError as error:
            # The create may have succeeded. A second one would train a second, paid double, so look first.
            print("The outcome is unknown. Candidates:", tavus.replicas.find_created(error))
            return 5
        except TrainingFailed as error:
            print(f"Training failed: {error.error_message}\n{error.advice}")
            return 3
        except TavusError as error:
            print(f"Failed: {error}")
            return 1

    print(f"{replica.replica_id} is ready: {replica.status}")
    return 0


def show(replica: Replica):
    print(f"  {replica.status} {replica.training_progress or ''}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
