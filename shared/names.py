"""Names of people and programs: which ones are read as the same, and which deceive."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from unicodedata import category, normalize

from shared.texts import BLANKS, INVISIBLE_MARKS, InvalidText, describe_character, fold_text

_LOOKALIKES = tomllib.loads(Path(__file__).with_name("confusables.toml").read_text(encoding="utf-8"))
_SKELETON = str.maketrans(
    {each: looks for looks, characters in _LOOKALIKES.items() for each in characters}
    | {"0": "o", "1": "l", "i": "l", "|": "l"}
)
NOT_VISIBLE = BLANKS.replace(r"\x20", r"\x1f", 1) + INVISIBLE_MARKS
"""Characters that no name has, apart from rare ones: all blanks but the space, and what is invisible; for `[…]`."""
_INVISIBLE = re.compile(rf"[{NOT_VISIBLE}]|[\U000e0000-\U000e0fff\U0001bca0-\U0001bca3]")


def require_visible(name: str) -> None:
    """Raise InvalidText for a name with invisible characters, which would make it another name that looks the same."""
    hidden = _INVISIBLE.search(name) or next((re.match(".", each) for each in name if category(each) == "Cf"), None)
    if hidden:
        raise InvalidText("invisible_character", f"must not contain {describe_character(hidden[0])}")


@lru_cache(maxsize=4096)
def name_skeletons(name: str) -> frozenset[str]:
    """Return the forms by which a name is read (Unicode TR39): names that share one are taken for the same.

    Case, accents, width, blanks and letters of other scripts that look alike make no difference. There are two forms
    where capital and small letters look like different Latin letters.
    """
    plain = "".join(each for each in normalize("NFKD", name.translate(_SKELETON)) if category(each) not in ("Mn", "Cf"))
    return frozenset(_skeleton(each) for each in (plain.casefold(), plain.upper()))


def is_same_name(first: str, second: str) -> bool:
    """Return whether two names are read as the same."""
    return not name_skeletons(first).isdisjoint(name_skeletons(second))


def _skeleton(text: str) -> str:
    looks = text.translate(_SKELETON).lower().translate(_SKELETON)
    return " ".join(fold_text(looks).split()).translate(_SKELETON).replace("rn", "m")
