"""The HTTP client below the raw client: connections, retries, deadlines, redaction. Independent of consent."""
