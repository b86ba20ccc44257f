"""Videos for tests, made in milliseconds: one picture and a second of sound are encoded, then muxed over and over."""

from __future__ import annotations

import io
import math
from array import array
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av

RATE = 48000
SAMPLES = 1024
_START = b"\x00\x00\x00\x01"


@cache
def picture(codec: str, size: tuple[int, int]) -> tuple[bytes, bytes | None]:
    """One key frame and the codec's extradata."""
    encoder: Any = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height = size
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = _FAST.get(codec, {})
    encoder.flags |= av.codec.context.Flags.global_header
    frame = av.VideoFrame(*size, "yuv420p")
    for plane in frame.planes:
        plane.update(bytes([128]) * plane.buffer_size)
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    return bytes(packets[0]), encoder.extradata


_FAST = {
    "libx264": {"preset": "ultrafast", "coder": "cabac"},  # a picture of 1 kB: some servers send it 3,000 times
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
    "libvpx-vp9": {"cpu-used": "8", "deadline": "realtime"},
    "libsvtav1": {"preset": "13"},
}


@cache
def tone(codec: str) -> tuple[list[bytes], bytes | None]:
    """Packets of a tone that rises, and the codec's extradata."""
    wave = array("h", (int(9000 * math.sin((at % RATE) ** 1.2 / 40)) for at in range(60 * SAMPLES)))
    packets, extra = encoded(codec, wave.tobytes())
    return packets[4:51], extra


def encoded(codec: str, sound: bytes) -> tuple[list[bytes], bytes | None]:
    """Encode 16-bit PCM, 48 kHz, one channel: the packets, and the codec's extradata."""
    encoder: Any = av.CodecContext.create(codec, "w")
    encoder.sample_rate = RATE
    encoder.layout = "mono"
    encoder.format = encoder.codec.audio_formats[0]
    encoder.time_base = Fraction(1, RATE)
    encoder.flags |= av.codec.context.Flags.global_header
    encoder.open()
    size = encoder.frame_size or SAMPLES
    resampler = av.AudioResampler(encoder.format, "mono", RATE)
    made: list[bytes] = []
    for at in range(0, len(sound) - 2 * size, 2 * size):
        frame = av.AudioFrame(format="s16", layout="mono", samples=size)
        frame.planes[0].update(sound[at : at + 2 * size])
        frame.sample_rate, frame.pts, frame.time_base = RATE, at // 2, Fraction(1, RATE)
        for other in resampler.resample(frame):
            made += map(bytes, encoder.encode(other))
    return made, encoder.extradata


def make_video(
    target: str | Path | None = None,
    *,
    seconds: float = 90,
    fps: Any = 30,
    size: tuple[int, int] = (1920, 1080),
    video: str | None = "libx264",
    audio: str | None = "aac",
    format: str = "mp4",
    options: dict[str, str] | None = None,
    filler: int = 0,
    sound: bytes | None = None,
) -> bytes:
    """A video file.

    Args:
        target: Where to write it; without it, it is returned.
        sound: What is heard, as 16-bit PCM, 48 kHz, one channel; a tone over and over without it.
        filler: Bytes that are added to each picture, as H.264 lets one do.
    """
    out = io.BytesIO() if target is None else str(target)
    with av.open(out, "w", format=format, options=options or {}) as container:  # type: ignore[arg-type]
        streams: list[Any] = []
        if video:
            data, extra = picture(video, size)
            if filler:
                data += _START + b"\x0c" + b"\xff" * filler + b"\x80"
            one: Any = container.add_stream(video, rate=Fraction(fps))
            one.width, one.height, one.pix_fmt = *size, "yuv420p"
            one.codec_context.extradata = extra
            streams.append((one, [data], Fraction(1) / Fraction(fps)))
        if audio:
            sounds, extra = encoded(audio, sound) if sound else tone(audio)
            two: Any = container.add_stream(audio, rate=RATE, layout="mono")
            two.codec_context.extradata = extra
            streams.append((two, sounds, Fraction(two.codec_context.frame_size or SAMPLES, RATE)))
        for stream, _, step in streams:
            stream.time_base = Fraction(1, RATE) if stream.type == "audio" else step
        moments = sorted(
            (number * step, place)
            for place, (_, _, step) in enumerate(streams)
            for number in range(math.ceil(seconds / step))
        )
        counts = [0] * len(streams)
        for moment, place in moments:
            stream, packets, step = streams[place]
            packet = av.Packet(packets[counts[place] % len(packets)])
            counts[place] += 1
            packet.stream = stream
            packet.time_base = Fraction(1, 90000) if stream.type == "video" else Fraction(1, RATE)
            packet.pts = packet.dts = round(moment / packet.time_base)
            packet.duration = round(step / packet.time_base)
            packet.is_keyframe = counts[place] % 60 == 1
            container.mux(packet)
    return out.getvalue() if isinstance(out, io.BytesIO) else b""
