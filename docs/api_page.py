"""The page on the conventions of the API: it begins with the text with which the API description introduces itself."""

from pathlib import Path

from gateway.api_documents import INTRODUCTION

BEGIN, END = "<!-- introduction -->", "<!-- /introduction -->"


def api_page(page: Path) -> str:
    """Return the page with the current introduction."""
    start, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    return f"{start}{BEGIN}\n{INTRODUCTION}{END}{rest.partition(END)[2]}"
