"""Create several replicas at once with the async client, and wait for all of them.

export TAVUS_API_KEY=...
python examples/async_client.py
"""

import asyncio

from tavus_consent import AsyncTavus, Replica, TrainingFailed

VIDEOS = {
    "Fox": "https://bucket.example/fox.mp4",
    "Owl": "https://bucket.example/owl.mp4",
    "Hare": "https://bucket.example/hare.mp4",
}


async def train(tavus: AsyncTavus, name: str, video: str) -> Replica:
    replica = await tavus.replicas.create_non_human(
        train_video_url=video,
        attestation=f"A cartoon {name.lower()} that our studio drew",
        attested_by="studio@app.example",
        replica_name=name,
    )
    return await tavus.replicas.wait(replica.replica_id)


async def main():
    async with AsyncTavus() as tavus:
        work = [train(tavus, name, video) for name, video in VIDEOS.items()]
        for name, result in zip(VIDEOS, await asyncio.gather(*work, return_exceptions=True), strict=True):
            if isinstance(result, Replica):
                print(f"{name}: {result.replica_id} is ready")
            elif isinstance(result, TrainingFailed):
                print(f"{name}: {result.advice}")
            else:
                raise result
        async for replica in tavus.replicas.list(replica_type="user"):
            print(f"{replica.replica_id}  {replica.status:10} {replica.replica_name}")


if __name__ == "__main__":
    asyncio.run(main())
