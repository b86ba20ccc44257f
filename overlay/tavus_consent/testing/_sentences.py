"""The sentences that Tavus documents for the states of videos, quoted exactly."""

from __future__ import annotations

from typing import Final

VIDEO_SUCCESS: Final = "Your request has processed successfully!"
VIDEO_QUEUED: Final = "This request is currently queued. It should begin processing in a few minutes."
REPLICA_IN_TRAINING: Final = (
    "The training process for replica {} is still ongoing. Your request has been placed in the 'queued' status and "
    "will automatically proceed to the generation phase once training is complete. To monitor the current progress of "
    "the training, please review the detailed status of this replica."
)
