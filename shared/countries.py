"""Countries by the names that people write: in several languages, formal names, customary names and ISO codes."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from babel import Locale
from babel.core import get_global

from shared.texts import fold_text

KOSOVO = "XK"
"""The code that ISO 3166 leaves to its users and that the EU, SWIFT and CLDR use for Kosovo."""

COUNTRIES = frozenset(
    line.partition("\t")[0]
    for line in files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text("utf-8").splitlines()
    if not line.startswith("#")
) | {KOSOVO}
"""Assigned country codes (ISO 3166-1 alpha-2, as listed in the time zone database), and Kosovo."""

LANGUAGES = ("en", "zh", "zh_Hant", "de", "fr", "es", "pt", "it", "nl", "pl", "tr", "ja", "ko")
"""Languages of the names, from CLDR. A name that means two countries is that of the earlier language."""

_CUSTOMARY: Mapping[str, tuple[str, ...]] = {
    "AE": ("UAE", "Emirates"),
    "BA": ("Bosnia", "Bosnia-Herzegovina"),
    "BN": ("Brunei Darussalam",),
    "BO": ("Plurinational State of Bolivia",),
    "CD": ("Democratic Republic of the Congo", "DR Congo", "DRC", "Congo, Democratic Republic", "Zaire"),
    "CG": ("Congo", "Republic of the Congo", "Congo Republic"),
    "CI": ("Ivory Coast", "Republic of Cote d'Ivoire"),
    "CN": ("People's Republic of China", "PR China", "P.R.C.", "Mainland China", "中华人民共和国", "中国大陆"),
    "CV": ("Cape Verde",),
    "CZ": ("Czech Republic", "Czechia"),
    "DE": ("Federal Republic of Germany", "Bundesrepublik Deutschland"),
    "FK": ("Falkland Islands (Malvinas)", "Malvinas"),
    "FM": ("Federated States of Micronesia",),
    "GB": (
        "UK", "U.K.", "Great Britain", "Britain", "United Kingdom of Great Britain and Northern Ireland", "England",
        "Scotland", "Wales", "Northern Ireland", "英国",
        "Großbritannien", "Grande-Bretagne", "Gran Bretaña", "Grã-Bretanha",
    ),
    "HK": ("Hong Kong", "Hongkong", "Hong Kong SAR", "Hong Kong, China", "香港"),
    "IE": ("Republic of Ireland", "Eire"),
    "IR": ("Islamic Republic of Iran",),
    "KG": ("Kyrgyz Republic",),
    "KP": ("North Korea", "DPRK", "DPR Korea", "Democratic People's Republic of Korea"),
    "KR": ("Korea", "South Korea", "Republic of Korea", "ROK", "S. Korea", "한국"),
    "LA": ("Lao People's Democratic Republic", "Lao PDR", "Laos"),
    "MD": ("Republic of Moldova",),
    "MK": ("Macedonia", "FYROM", "Republic of North Macedonia"),
    "MM": ("Burma", "Myanmar"),
    "MO": ("Macao", "Macau", "Macao SAR", "Macau SAR", "澳门"),
    "NL": ("Holland", "The Netherlands", "Kingdom of the Netherlands"),
    "PS": ("Palestine", "State of Palestine"),
    "RU": ("Russia", "Russian Federation"),
    "SA": ("KSA", "Kingdom of Saudi Arabia"),
    "SK": ("Slovak Republic",),
    "SY": ("Syrian Arab Republic",),
    "SZ": ("Swaziland",),
    "TL": ("East Timor",),
    "TR": ("Turkey", "Republic of Turkiye"),
    "TT": ("Trinidad", "Trinidad and Tobago"),
    "TW": ("Taiwan", "Taiwan, Province of China", "Taiwan, R.O.C.", "Republic of China", "臺灣"),
    "TZ": ("United Republic of Tanzania",),
    "US": (
        "United States of America", "USA", "U.S.A.", "U.S.", "United States", "The States", "America", "美利坚合众国",
    ),
    "VA": ("Vatican", "Holy See", "Holy See (Vatican City State)", "Vatican City State"),
    "VE": ("Bolivarian Republic of Venezuela",),
    "VG": ("British Virgin Islands", "Virgin Islands, British"),
    "VI": ("US Virgin Islands", "Virgin Islands, U.S."),
    "VN": ("Viet Nam", "Socialist Republic of Vietnam"),
    KOSOVO: ("Kosovo", "Republic of Kosovo"),
}  # fmt: skip
"""Names in trade and formal names, which the languages above lack. `Korea` alone is the Republic of Korea, as goods are
marked, the ISO 3166 table of the time zone database calls the other one North; `Congo` alone is the Republic, as in
ISO 3166."""

_NOT_LETTERS = re.compile(r"[^\w]+")
_DROPPED = re.compile(r"[.'’`´]")
_ARTICLE = re.compile(r"^the | the$")
_SAINT = re.compile(r"\bst\b")


def country_code_of(text: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of a country by a code or a name; None if no country is called so."""
    code = text.upper() if text.isascii() else ""
    return code if code in COUNTRIES else _code_by_name().get(_plain_name(text))


def _plain_name(text: str) -> str:
    """Return a name for comparing: `saint lucia` for `St. Lucia`, `korea republic of` for `Korea (Republic of)`."""
    spaced = _NOT_LETTERS.sub(" ", _DROPPED.sub("", fold_text(text)).replace("&", " and ")).strip()
    return _SAINT.sub("saint", _ARTICLE.sub("", spaced))


@cache
def _code_by_name() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for code, name in _names():
        if plain := _plain_name(name):
            found.setdefault(plain, code)
            found.setdefault(_turned_around(plain), code)
    return found


def _turned_around(plain: str) -> str:
    """Return `korea republic of` for `republic of korea`, as lists in alphabetical order write it."""
    kind, of, country = plain.partition(" of ")
    return f"{country.removeprefix('the ')} {kind} of" if of else plain


def _names() -> Iterator[tuple[str, str]]:
    for code, names in _CUSTOMARY.items():
        yield from ((code, name) for name in names)
    for language in LANGUAGES:
        territories = Locale.parse(language).territories
        yield from ((code, name) for code, name in territories.items() if code in COUNTRIES)
    for code, successors in get_global("territory_aliases").items():
        if len(successors) == 1 and successors[0] in COUNTRIES and len(code) == len("DEU") and code.isalpha():
            yield successors[0], code
