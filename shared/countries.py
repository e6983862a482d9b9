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
    "AE": ("UAE", "Emirates", "阿联酋", "阿聯酋"),
    "AG": ("Antigua",),
    "AL": ("Shqipëria",),
    "AM": ("Հայաստան",),
    "AU": ("澳洲",),
    "BA": ("Bosnia", "Bosnia-Herzegovina"),
    "BG": ("България",),
    "BN": ("Brunei Darussalam",),
    "BO": ("Plurinational State of Bolivia",),
    "BQ": ("Bonaire", "Bonaire, Sint Eustatius and Saba"),
    "BY": ("Беларусь",),
    "CD": ("Democratic Republic of the Congo", "DR Congo", "DRC", "Congo, Democratic Republic", "Zaire"),
    "CG": ("Congo", "Republic of the Congo", "Congo Republic"),
    "CI": ("Ivory Coast", "Republic of Cote d'Ivoire"),
    "CN": (
        "People's Republic of China", "PR China", "P.R.C.", "Mainland China", "中华人民共和国", "中国大陆",
        "中华人民共和國", "中華人民共和國", "中國大陸",
    ),
    "CV": ("Cape Verde",),
    "CY": ("Κύπρος",),
    "CZ": ("Czech Republic", "Czechia", "Česko", "Česká republika", "捷克共和国"),
    "DE": ("Federal Republic of Germany", "Bundesrepublik Deutschland"),
    "DK": ("Danmark",),
    "EE": ("Eesti",),
    "FI": ("Suomi",),
    "FK": ("Falkland Islands (Malvinas)", "Malvinas", "Falklands"),
    "FM": ("Federated States of Micronesia",),
    "FO": ("Faeroe Islands",),
    "GB": (
        "UK", "U.K.", "Great Britain", "Britain", "United Kingdom of Great Britain and Northern Ireland",
        "England", "Scotland", "Wales", "Northern Ireland", "英国", "Großbritannien", "Grande-Bretagne",
        "Gran Bretaña", "Grã-Bretanha", "N. Ireland", "大不列颠", "联合王国", "聯合王國",
    ),
    "GE": ("საქართველო",),
    "GR": ("Ελλάδα", "Hellas", "Hellenic Republic"),
    "GS": ("South Georgia",),
    "HK": (
        "Hong Kong", "Hongkong", "Hong Kong SAR", "Hong Kong, China", "香港",
        "Hong Kong Special Administrative Region", "中国香港", "中國香港", "香港特别行政区", "香港特別行政區",
    ),
    "HR": ("Hrvatska",),
    "HU": ("Magyarország",),
    "IE": ("Republic of Ireland", "Eire"),
    "IL": ("ישראל",),
    "IR": ("Islamic Republic of Iran",),
    "IS": ("Ísland",),
    "KG": ("Kyrgyz Republic",),
    "KN": ("St Kitts", "Saint Kitts"),
    "KP": (
        "North Korea", "DPRK", "DPR Korea", "Democratic People's Republic of Korea",
        "Democratic Republic of Korea", "北韩", "北韓", "北朝鲜",
    ),
    "KR": (
        "Korea", "South Korea", "Republic of Korea", "ROK", "S. Korea", "한국", "韓國", "大韩民国", "大韓民國",
        "南韩", "南韓", "대한민국",
    ),
    "KZ": ("Kazakstan", "Қазақстан"),
    "LA": ("Lao People's Democratic Republic", "Lao PDR", "Laos"),
    "LT": ("Lietuva",),
    "LV": ("Latvija",),
    "MD": ("Republic of Moldova",),
    "MF": ("Saint Martin (French part)",),
    "MK": ("Macedonia", "FYROM", "Republic of North Macedonia", "Macedonia, FYR", "Северна Македонија"),
    "MM": ("Burma", "Myanmar"),
    "MO": (
        "Macao", "Macau", "Macao SAR", "Macau SAR", "澳门", "中国澳门", "中國澳門", "澳门特别行政区",
        "澳門特別行政區",
    ),
    "NL": ("Holland", "The Netherlands", "Kingdom of the Netherlands"),
    "NO": ("Norge",),
    "NZ": ("纽西兰", "紐西蘭", "Aotearoa"),
    "PL": ("Rzeczpospolita Polska",),
    "PS": ("Palestine", "State of Palestine"),
    "RO": ("România",),
    "RS": ("Srbija", "Србија"),
    "RU": (
        "Russia", "Russian Federation", "Россия", "Российская Федерация", "俄国", "俄國", "俄罗斯联邦",
        "俄羅斯聯邦",
    ),
    "SA": ("KSA", "Kingdom of Saudi Arabia", "Saudi", "沙特", "沙烏地阿拉伯"),
    "SE": ("Sverige",),
    "SH": ("Saint Helena, Ascension and Tristan da Cunha",),
    "SI": ("Slovenija",),
    "SJ": ("Svalbard",),
    "SK": ("Slovak Republic", "Slovensko"),
    "ST": ("São Tomé",),
    "SX": ("Sint Maarten", "St. Maarten", "Sint Maarten (Dutch part)"),
    "SY": ("Syrian Arab Republic",),
    "SZ": ("Swaziland",),
    "TH": ("ประเทศไทย", "ไทย"),
    "TL": ("East Timor",),
    "TR": ("Turkey", "Republic of Turkiye"),
    "TT": ("Trinidad", "Trinidad and Tobago"),
    "TW": (
        "Taiwan", "Taiwan, Province of China", "Taiwan, R.O.C.", "Republic of China", "臺灣", "Chinese Taipei",
        "中国台湾", "中國台灣", "台湾省",
    ),
    "TZ": ("United Republic of Tanzania",),
    "UA": ("Україна", "Украина"),
    "UM": ("United States Minor Outlying Islands",),
    "US": (
        "United States of America", "USA", "U.S.A.", "U.S.", "United States", "The States", "America",
        "美利坚合众国", "美利坚合眾國", "美利堅合眾國",
    ),
    "VA": ("Vatican", "Holy See", "Holy See (Vatican City State)", "Vatican City State"),
    "VE": ("Bolivarian Republic of Venezuela",),
    "VG": ("British Virgin Islands", "Virgin Islands, British", "BVI"),
    "VI": ("US Virgin Islands", "Virgin Islands, U.S."),
    "VN": ("Viet Nam", "Socialist Republic of Vietnam"),
    "ZA": ("RSA", "Suid-Afrika"),
    KOSOVO: ("Kosovo", "Republic of Kosovo"),
}  # fmt: skip
"""Names in trade and formal names, which the languages above lack. `Korea` alone is the Republic of Korea, as goods are
marked, the ISO 3166 table of the time zone database calls the other one North; `Congo` alone is the Republic, as in
ISO 3166."""

_NOT_LETTERS = re.compile(r"[^\w]+")
_DROPPED = re.compile(r"[.'’`´]")
_ARTICLE = re.compile(r"\bthe\b")
_SAINT = re.compile(r"\bst\b")
_FORMAL = re.compile(
    r"^(?:(?:federal|federative|democratic|socialist|islamic|oriental|independent|united|cooperative) )*"
    r"(?:republic|kingdom|commonwealth|grand duchy|principality|sultanate|union|federation) of "
)


def country_code_of(text: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of a country by a code or a name; None if no country is called so."""
    code = text.upper() if text.isascii() else ""
    if code in COUNTRIES:
        return code
    known, plain = _code_by_name(), _plain_name(text)
    return known.get(plain) or known.get(_FORMAL.sub("", plain))


def _plain_name(text: str) -> str:
    """Return a name for comparing: `saint lucia` for `St. Lucia`, `korea republic of` for `Korea (Republic of)`."""
    letters = _DROPPED.sub("", fold_text(text)).replace("&", " and ")
    words = _NOT_LETTERS.sub(" ", _ARTICLE.sub(" ", letters)).strip()
    return _SAINT.sub("saint", words)


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
    return f"{country} {kind} of" if of else plain


def _names() -> Iterator[tuple[str, str]]:
    for code, names in _CUSTOMARY.items():
        yield from ((code, name) for name in names)
    for language in LANGUAGES:
        territories = Locale.parse(language).territories
        yield from ((code, name) for code, name in territories.items() if code in COUNTRIES)
    for code, successors in get_global("territory_aliases").items():
        if len(successors) == 1 and successors[0] in COUNTRIES and len(code) == len("DEU") and code.isalpha():
            yield successors[0], code
