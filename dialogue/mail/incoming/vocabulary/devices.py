"""What telephones and free mail programs put under a mail."""

import re

from dialogue.mail.incoming.vocabulary.phrases import any_of, phrases

_SENT = phrases(
    """
    en: sent, posted, composed, written
    sv: skickat, skickades, sänt, skrivet
    nb: sendt, skrevet
    de: gesendet, geschrieben
    nl: verzonden, verstuurd
    fi: lähetetty, lähetetty minun
    fr: envoyé, envoyée
    es: enviado
    it: inviato
    ro: trimis
    pl: wysłano, wysłane, wysłana
    cs: odesláno
    sk: odoslané
    et: saadetud
    lv: sūtīts
    lt: išsiųsta
    ru: отправлено
    uk: надіслано
    """
)
_BY = phrases(
    """
    en: from, with, via, using, on, by, through
    sv: från, med
    nb: fra
    de: von, vom, mit, aus, über
    nl: met, vanaf
    fr: de, depuis, du, avec, par, à partir de, à partir d'
    es: desde, con
    it: da, dal, dalla
    pt: do, com, a partir do, pelo, pela
    pl: z, ze
    cs: přes
    ru: с, из
    uk: з
    ro: din
    lv: no
    """
)
_MINE = phrases(
    """
    en: my, our, your, a, the
    sv: min, mitt, mina, en, appen
    de: mein, meine, meinem, meiner
    fi: minun
    fr: mon, ma, l', la messagerie, l'appli, l'application
    es: mi
    it: mio
    nl: mijn, app
    pt: meu, minha
    pl: moje, mojego, mojej
    cs: mého, můj
    et: minu
    ru: моего
    uk: мого
    """
)
_THING = (
    "iphone|ipad|ipod|ios|android|outlook|samsung|galaxy|huawei|sony|nokia|blackberry|windows|mailbox|mail|gmail|yahoo"
    "|proton|tuta|spark|airmail|k-9|thunderbird|e-post|mobil|mobile|telefon|phone|puheli|handy|web|aol|gmx|pixel"
    "|oneplus|xiaomi|motorola|surface|zoho|cell|tablet|device|smartphone|superhuman|hey|fairphone|htc|alcatel|webmail"
)
_GET = phrases(
    """
    en: get, download
    sv: hämta, skaffa
    nb: hent, få
    fi: hanki, lataa
    fr: obtenir, obtenez, télécharger, téléchargez
    pl: pobierz
    it: scarica, ottieni
    es: obtener, descargar, descarga
    pt: obter, obtenha, baixe
    cs: stáhnout
    de: holen sie sich, laden sie
    ru: получите
    et: hankige
    ro: obțineți
    """
)
_WAYS = (
    # Sent from my …, whatever it is; sent from an iPhone, with Airmail
    rf"(?:{any_of(_SENT)}) (?:{any_of(_BY)})?\W{{0,2}}(?:(?:{any_of(_MINE)})\W{{0,2}})?(?:\w{{1,20}} )?(?:{_THING}).{{0,70}}",
    r"sent from my .{1,80}",
    # … from my telephone
    r"(?:\w{1,20} )?(?:from|från|fra|von|de|desde|dal) (?:(?:my|min|mein|meinem|mon|mi|mio) )?(?:mobile?|iphone|ipad|cell)"
    r"(?!\w).{0,30}",
    # Get Outlook for iOS
    rf"(?:{any_of(_GET)}) (?:\S{{1,20}} ){{0,2}}\[?outlook(?!\w).{{0,120}}",
    r"outlook (?:für|voor|for|för|til|till) (?:ios|android|mac)(?!\w).{0,80}",
    # German and others put the verb last
    r"von mein\w{0,3} .{2,40} gesendet",
    r"(?:diese|dieses) (?:nachricht|mail|e-mail|email) wurde (?:von|mit) .{3,80} gesendet",
    r"(?:detta|dette|denne|dit|ce|cet) (?:meddelande|melding|mejl|mail|message|bericht|besked) (?:skickades|er sendt"
    r"|ble sendt|blev sendt|is verzonden|a été envoyé) (?:från|fra|med|vanaf|met|depuis|avec) .{3,60}",
    r"(?:从|從)我的.{1,20}(?:发送|傳送)|发自我的.{1,20}|.{1,20}から送信|.{1,20}에서 보냄|\S{1,20}['’][dt][ae]n gönderildi",
    rf"küldve .{{0,30}}(?:{_THING}).{{0,20}}",
)
#: A whole line that says from what a mail was sent. A word of excuse may follow.
_DEVICE = re.compile(
    rf"[\W_]{{0,4}}(?:{'|'.join(_WAYS)})(?:[.,;!]? ?(?:please|excuse|ursäkta|sorry)\W.{{0,60}})?[\W_]{{0,4}}",
    re.IGNORECASE,
)
#: Where a picture stands.
_PICTURE = re.compile(
    r"\[(?:cid|image|bild|inline image|kuva|billede|obraz)[: ].{0,120}\]|<?cid:\S{1,120}>?", re.IGNORECASE
)
#: A longer line says something else.
_LONGEST = 160


def is_device(line: str) -> bool:
    """Whether the line only says from what the mail was sent, or where a picture stands."""
    line = line.strip()
    return len(line) <= _LONGEST and any(what.fullmatch(line) for what in (_DEVICE, _PICTURE))
