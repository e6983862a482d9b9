"""Countries by the names that people write."""

import pytest
from babel import Locale

from shared.countries import COUNTRIES, country_code_of


def test_all_countries_of_the_standard_are_known() -> None:
    assert len(COUNTRIES) == 250


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DE", "DE"), ("de", "DE"), ("gB", "GB"), ("us", "US"), ("TW", "TW"), ("Germany", "DE"), ("germany", "DE"),
        ("\u5fb7\u56fd", "DE"), ("UK", "GB"), ("USA", "US"),
    ],
)  # fmt: skip
def test_a_country_name_or_code_returns_the_iso_code(text: str, expected: str) -> None:
    assert country_code_of(text) == expected


@pytest.mark.parametrize(
    "text", ["EU", "ZZ", "AN", "", "D", "Atlantis", "276", "\u00df", "\ufb01", "\u0131t", "Virgin Islands", "Saint"]
)
def test_an_unknown_country_returns_none(text: str) -> None:
    assert country_code_of(text) is None


USAGE = {
    "US": ("United States of America", "USA", "U.S.A.", "the United States", "usa ", "America", "Estados Unidos"),
    "HK": ("Hong Kong", "hongkong", "Hong Kong SAR", "Hong Kong SAR China", "HKG", "香港"),
    "GB": ("Great Britain", "England", "Scotland", "UK", "U.K.", "GBR", "United Kingdom", "Großbritannien"),
    "CI": ("Ivory Coast", "Cote d'Ivoire", "Côte d’Ivoire", "CIV"),
    "CZ": ("Czechia", "Czech Republic", "The Czech Republic", "Tschechien"),
    "AE": ("UAE", "U.A.E.", "United Arab Emirates"),
    "KR": ("Korea", "South Korea", "Republic of Korea", "Korea, Republic of", "Korea (Republic of)", "한국", "韓國"),
    "KP": ("North Korea", "DPRK", "Korea, Democratic People's Republic of", "Democratic Republic of Korea", "北韩"),
    "XK": ("XK", "xk", "Kosovo", "Republic of Kosovo"),
    "RU": ("Russia", "Russian Federation"),
    "TR": ("Turkey", "Türkiye", "Turkiye", "TÜRKİYE"),
    "VN": ("Viet Nam", "Vietnam"),
    "CD": ("DR Congo", "Congo, Democratic Republic of the", "Democratic Republic of the Congo", "Congo - Kinshasa"),
    "CG": ("Congo", "Republic of the Congo"),
    "NL": ("Holland", "The Netherlands", "Netherlands", "Pays-Bas"),
    "TZ": ("Tanzania", "Tanzania, United Republic of", "United Republic of Tanzania"),
    "LC": ("Saint Lucia", "St. Lucia", "St Lucia"),
    "BA": ("Bosnia and Herzegovina", "Bosnia & Herzegovina"),
    "DE": ("Germany", "Deutschland", "Alemanha", "DEU", "ドイツ", "德國"),
    "MM": ("Burma", "Myanmar"), "TW": ("Taiwan", "Taiwan, Province of China", "臺灣"), "VA": ("Holy See",),
    "MK": ("Macedonia", "North Macedonia"), "SZ": ("Swaziland",), "CV": ("Cape Verde",), "TL": ("East Timor",),
    "ZA": ("RSA", "Republic of South Africa"), "GR": ("Hellas", "Ελλάδα"), "UA": ("Україна", "the Ukraine"),
    "ES": ("Kingdom of Spain",), "AU": ("Commonwealth of Australia", "澳洲"), "LU": ("Grand Duchy of Luxembourg",),
    "NG": ("Federal Republic of Nigeria",), "LK": ("Democratic Socialist Republic of Sri Lanka",),
    "SH": ("Saint Helena, Ascension and Tristan da Cunha",), "KN": ("St. Kitts", "Saint Kitts and Nevis"),
    "BR": ("Brasil",), "JP": ("日本", "Japan"), "CN": ("China", "PR China", "中国"), "IE": ("Republic of Ireland",),
}  # fmt: skip


@pytest.mark.case("B35")
@pytest.mark.parametrize(("code", "names"), USAGE.items())
def test_a_country_is_known_by_the_names_that_people_write(code: str, names: tuple[str, ...]) -> None:
    assert dict.fromkeys(names, code) == {each: country_code_of(each) for each in names}


SHORT_NAMES_OF_THE_STANDARD = {
    "BQ": "Bonaire, Sint Eustatius and Saba", "BO": "Bolivia (Plurinational State of)", "BN": "Brunei Darussalam",
    "CC": "Cocos (Keeling) Islands (the)", "CD": "Congo (the Democratic Republic of the)", "CG": "Congo (the)",
    "CI": "Côte d'Ivoire", "FK": "Falkland Islands (the) [Malvinas]", "TF": "French Southern Territories (the)",
    "VA": "Holy See (the)", "IR": "Iran (Islamic Republic of)",
    "KP": "Korea (the Democratic People's Republic of)", "KR": "Korea (the Republic of)",
    "LA": "Lao People's Democratic Republic (the)", "FM": "Micronesia (Federated States of)",
    "MD": "Moldova (the Republic of)", "NL": "Netherlands (Kingdom of the)", "PS": "Palestine, State of",
    "PN": "Pitcairn", "RU": "Russian Federation (the)", "MF": "Saint Martin (French part)",
    "VC": "Saint Vincent and the Grenadines", "SX": "Sint Maarten (Dutch part)", "SJ": "Svalbard and Jan Mayen",
    "GS": "South Georgia and the South Sandwich Islands", "SY": "Syrian Arab Republic (the)",
    "TW": "Taiwan (Province of China)", "TZ": "Tanzania, the United Republic of", "AE": "United Arab Emirates (the)",
    "GB": "United Kingdom of Great Britain and Northern Ireland (the)", "US": "United States of America (the)",
    "UM": "United States Minor Outlying Islands (the)", "VE": "Venezuela (Bolivarian Republic of)",
    "VG": "Virgin Islands (British)", "VI": "Virgin Islands (U.S.)", "IO": "British Indian Ocean Territory (the)",
}  # fmt: skip


@pytest.mark.case("B35")
@pytest.mark.parametrize(("code", "name"), SHORT_NAMES_OF_THE_STANDARD.items())
def test_a_country_is_known_by_its_short_name_in_the_standard(code: str, name: str) -> None:
    assert country_code_of(name) == code


@pytest.mark.case("B35")
def test_a_name_in_english_means_one_country() -> None:
    for code, name in Locale("en").territories.items():
        assert code not in COUNTRIES or country_code_of(name) == code, name
