"""The smallest possible service: a fixed JSON response from Flask, served like the services, or by plain gunicorn."""

import sys
from typing import Any

from flask import Flask, Response, jsonify
from gunicorn.app.base import BaseApplication

from shared.cli import gunicorn_settings
from shared.config import Settings

PLAIN = "plain"
"""The argument for gunicorn's own worker with threads, instead of the server of the services."""

app = Flask(__name__)


@app.get("/hello")
def hello() -> Response:
    return jsonify(hello="world")


class Hello(BaseApplication):  # type: ignore[misc]
    """One process with as many threads as a service has."""

    def load_config(self) -> None:
        plain = {"worker_class": "gthread"} if PLAIN in sys.argv else {}
        for name, chosen in {**gunicorn_settings(Settings.from_environment()), **plain}.items():
            self.cfg.set(name, chosen)

    def load(self) -> Any:
        return app


if __name__ == "__main__":
    Hello().run()
