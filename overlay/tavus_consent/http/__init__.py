"""The HTTP client under the raw client: connections, retries, deadlines, redaction. It knows nothing of consent."""
