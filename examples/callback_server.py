"""Wait for Tavus's callback when a replica is trained, instead of polling.

    export TAVUS_API_KEY=...
    export PUBLIC_URL=https://app.example      # the public address of this program; not needed with the fake
    python examples/callback_server.py

Tavus documents no signature for callbacks. So the address contains a secret, which the server checks before it reads
the body. The program then asks Tavus for the replica, and does not rely on the body.
"""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from tavus_consent import InvalidRequestError, SpokenConsent, Tavus, issue_callback, parse_callback, verify_callback

MAX_BODY = 64 * 1024  # parse_callback rejects larger bodies


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(self.judge())
        self.end_headers()

    def judge(self):
        if not verify_callback(self.path, self.server.token_sha256):
            return 404  # do not reveal anything to clients that do not know the address
        length = int(self.headers.get("content-length", 0))
        if length > MAX_BODY:
            return 413
        try:
            self.server.callback = parse_callback(self.rfile.read(length))
        except InvalidRequestError:
            return 400
        return 204

    def log_message(self, *_):
        pass  # the address is a secret: it must not be logged


def main():
    with Tavus() as tavus, HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "0"))), Handler) as server:
        public_url = os.environ.get("PUBLIC_URL", f"http://127.0.0.1:{server.server_port}")
        issued = issue_callback(f"{public_url}/tavus")
        server.callback = None
        # Store the hash, not the address, and store it before the create: a callback can arrive immediately.
        server.token_sha256 = issued.token_sha256
        replica = tavus.replicas.create_personal(
            train_video_url="https://bucket.example/train.mp4",
            consent=SpokenConsent("Rio Alvarez", video_url="https://bucket.example/consent.mp4"),
            callback_url=issued.url,
        )
        print(f"{replica.replica_id} is in training; waiting for the callback")
        while server.callback is None:
            server.handle_request()
        replica = tavus.replicas.get(server.callback.replica_id)
        print(f"the callback says {server.callback.status}, Tavus says {replica.status}")


if __name__ == "__main__":
    main()
