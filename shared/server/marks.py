"""Marks in the environment of an app, by which the server and the app agree on bodies that have not arrived."""

REPEATED = "sihe.is_repeated"
"""Whether an app has begun the request before, when its body had not arrived."""
AWAIT_BODY = "sihe.await_body"
"""Function that an app calls with the bytes it is going to read piece by piece; the request is served again if they
have not arrived."""
