"""A Discord on 127.0.0.1: the real client talks to it, so a test sees what goes over the wire."""
