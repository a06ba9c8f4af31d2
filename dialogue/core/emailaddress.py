"""E-mail addresses as people type them, in the one form that is stored, compared and sent to."""

from email_validator import EmailNotValidError, validate_email

#: The longest address a mail server takes (RFC 5321, 4.5.3.1.3, less the angle brackets).
MAX_LENGTH = 254

# Pasted along with an address and not seen: zero-width spaces, direction marks, byte order mark.
_UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"


class InvalidEmail(ValueError):
    """Not an address that mail can be sent to."""


def normalise(text: str) -> str:
    """The address in lower case, its domain in ASCII (IDNA), so that equal addresses are equal strings.

    Only ASCII is taken before the @: few mail servers deliver anything else. Nothing is asked of the
    network. The domain .test, kept for trials by RFC 6761, is taken. Raises InvalidEmail.
    """
    candidate = text.strip().strip(_UNSEEN).strip()
    if len(candidate) > MAX_LENGTH:
        raise InvalidEmail("too long")
    try:
        checked = validate_email(
            candidate, check_deliverability=False, allow_smtputf8=False, test_environment=True, strict=True
        )
    except EmailNotValidError as error:
        raise InvalidEmail(str(error)) from error
    address = f"{checked.local_part}@{checked.ascii_domain}".lower()
    if "." not in checked.ascii_domain or len(address) > MAX_LENGTH:
        raise InvalidEmail("no mail is delivered there")
    return address


def mask(address: str) -> str:
    """An address in a form that tells whose it is only to those who know it: a…@example.se."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}" if local else "…"
