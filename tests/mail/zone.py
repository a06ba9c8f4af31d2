"""DNS as a test writes it down: a record a line, `name TYPE value`."""

from ipaddress import ip_address

from dialogue.mail.domain.findings import Address, NoAnswer


class Zone:
    """Answers from `records`. A name with the record `name SILENT` gets no answer at all."""

    def __init__(self, records: str) -> None:
        self._records = [line.split(maxsplit=2) for line in records.strip().splitlines()]
        #: Every question, in order.
        self.asked: list[str] = []

    def __call__(self) -> "Zone":
        return self

    def knows(self, name: str) -> bool:
        return any(f".{record[0]}".endswith(f".{name}") for record in self._records)

    def texts(self, name: str) -> list[str]:
        return self._values(name, "TXT")

    def mail_hosts(self, name: str) -> list[tuple[int, str]]:
        found = (value.split() for value in self._values(name, "MX"))
        return sorted((int(preference), host.rstrip(".")) for preference, host in found)

    def addresses(self, name: str) -> list[Address]:
        return [ip_address(value) for value in self._values(name, "A") + self._values(name, "AAAA")]

    def _values(self, name: str, kind: str) -> list[str]:
        self.asked.append(f"{name} {kind}")
        if [name, "SILENT"] in self._records:
            raise NoAnswer(name)
        return [record[2] for record in self._records if record[:2] == [name.lower(), kind]]
