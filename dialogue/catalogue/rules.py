"""The controlled vocabularies of DCAT-AP-SE 3.0.1 that Dialogue uses. Only these codes and URIs are ever stored."""

from dataclasses import dataclass
from enum import StrEnum

from dialogue.core.language import N_

_AUTHORITY = "http://publications.europa.eu/resource/authority"


@dataclass(frozen=True)
class Term:
    """A term of a vocabulary: its URI and its label (msgid)."""

    uri: str
    label: str


class Theme(StrEnum):
    """The thirteen EU data themes (dcat:theme)."""

    AGRI = "AGRI"
    ECON = "ECON"
    EDUC = "EDUC"
    ENER = "ENER"
    ENVI = "ENVI"
    GOVE = "GOVE"
    HEAL = "HEAL"
    INTR = "INTR"
    JUST = "JUST"
    REGI = "REGI"
    SOCI = "SOCI"
    TECH = "TECH"
    TRAN = "TRAN"


THEMES: dict[Theme, Term] = {
    theme: Term(f"{_AUTHORITY}/data-theme/{theme.value}", label)
    for theme, label in {
        Theme.AGRI: N_("Agriculture, fisheries, forestry and food"),
        Theme.ECON: N_("Economy and finance"),
        Theme.EDUC: N_("Education, culture and sport"),
        Theme.ENER: N_("Energy"),
        Theme.ENVI: N_("Environment"),
        Theme.GOVE: N_("Government and public sector"),
        Theme.HEAL: N_("Health"),
        Theme.INTR: N_("International issues"),
        Theme.JUST: N_("Justice, legal system and public safety"),
        Theme.REGI: N_("Regions and cities"),
        Theme.SOCI: N_("Population and society"),
        Theme.TECH: N_("Science and technology"),
        Theme.TRAN: N_("Transport"),
    }.items()
}


class Frequency(StrEnum):
    """How often data is updated (dcterms:accrualPeriodicity), the ones a business would choose between."""

    CONTINUOUS = "CONT"
    HOURLY = "HOURLY"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    QUARTERLY = "QUARTERLY"
    ANNUAL = "ANNUAL"
    IRREGULAR = "IRREG"
    UNKNOWN = "UNKNOWN"


FREQUENCIES: dict[Frequency, Term] = {
    Frequency.CONTINUOUS: Term(f"{_AUTHORITY}/frequency/CONT", N_("Continuously, every minute or so")),
    Frequency.HOURLY: Term(f"{_AUTHORITY}/frequency/HOURLY", N_("Every hour")),
    Frequency.DAILY: Term(f"{_AUTHORITY}/frequency/DAILY", N_("Every day")),
    Frequency.WEEKLY: Term(f"{_AUTHORITY}/frequency/WEEKLY", N_("Every week")),
    Frequency.MONTHLY: Term(f"{_AUTHORITY}/frequency/MONTHLY", N_("Every month")),
    Frequency.QUARTERLY: Term(f"{_AUTHORITY}/frequency/QUARTERLY", N_("Every quarter")),
    Frequency.ANNUAL: Term(f"{_AUTHORITY}/frequency/ANNUAL", N_("Every year")),
    Frequency.IRREGULAR: Term(f"{_AUTHORITY}/frequency/IRREG", N_("When something changes")),
    Frequency.UNKNOWN: Term(f"{_AUTHORITY}/frequency/UNKNOWN", N_("Do not know")),
}


class Licence(StrEnum):
    """Licences a dataset may be published under."""

    CC0 = "cc0"
    CC_BY = "cc-by"
    CC_BY_SA = "cc-by-sa"
    OTHER = "other"


LICENCES: dict[Licence, Term] = {
    Licence.CC0: Term("http://creativecommons.org/publicdomain/zero/1.0/", N_("CC0, free to use for anything")),
    Licence.CC_BY: Term("http://creativecommons.org/licenses/by/4.0/", N_("CC BY 4.0, name the source")),
    Licence.CC_BY_SA: Term(
        "http://creativecommons.org/licenses/by-sa/4.0/", N_("CC BY-SA 4.0, name the source and share alike")
    ),
    Licence.OTHER: Term("", N_("Other terms, stated where the data is")),
}


class Format(StrEnum):
    """File formats and interfaces (dcterms:format)."""

    CSV = "csv"
    JSON = "json"
    GEOJSON = "geojson"
    XML = "xml"
    XLSX = "xlsx"
    ODS = "ods"
    RDF = "rdf"
    API = "api"
    ZIP = "zip"
    PDF = "pdf"
    HTML = "html"
    OTHER = "other"


_IANA = "https://www.iana.org/assignments/media-types"

FORMATS: dict[Format, Term] = {
    Format.CSV: Term(f"{_IANA}/text/csv", N_("CSV (table as text)")),
    Format.JSON: Term(f"{_IANA}/application/json", N_("JSON")),
    Format.GEOJSON: Term(f"{_IANA}/application/geo+json", N_("GeoJSON (map data)")),
    Format.XML: Term(f"{_IANA}/application/xml", N_("XML")),
    Format.XLSX: Term(f"{_IANA}/application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", N_("Excel (xlsx)")),
    Format.ODS: Term(f"{_IANA}/application/vnd.oasis.opendocument.spreadsheet", N_("OpenDocument (ods)")),
    Format.RDF: Term(f"{_IANA}/application/rdf+xml", N_("RDF")),
    Format.API: Term("", N_("API (lets software fetch the data)")),
    Format.ZIP: Term(f"{_IANA}/application/zip", N_("Zip file")),
    Format.PDF: Term(f"{_IANA}/application/pdf", N_("PDF")),
    Format.HTML: Term(f"{_IANA}/text/html", N_("Web page")),
    Format.OTHER: Term("", N_("Other")),
}
