"""What offices put under every mail, and gateways above it. A paragraph is judged by the kinds of words in it."""

import re

from dialogue.mail.incoming.vocabulary.phrases import any_of, phrases


def _stems(table: str) -> re.Pattern[str]:
    """Finds a piece of a word anywhere: these languages put words together."""
    return re.compile(any_of(phrases(table)), re.IGNORECASE)


_MAIL = _stems(
    """
    sv: meddelande, mejl, e-?post
    en: e-?mail, message, communication
    nb: melding, besked
    de: nachricht
    fi: viesti, sähköposti
    fr: courriel
    pl: wiadomoś
    nl: bericht
    es: mensaje, correo
    it: messaggi
    pt: mensagem
    cs: zpráv
    et: kiri
    ru: сообщени
    """
)
_SECRET = _stems(
    """
    sv: konfidenti, sekretess, hemlig
    en: confidential, privileged
    nb: fortroli, taushet, tavshed
    de: vertraulich
    fi: luottamuksel, salassa
    fr: confidentiel
    pl: poufn, prawnie chronion
    nl: vertrouwelijk
    es: confidencial
    it: riservat
    cs: důvěrn
    et: konfidents
    ru: конфиденциальн
    """
)
_READER = _stems(
    """
    sv: mottagar, adressat
    en: recipient, addressee
    nb: mottaker
    da: modtager
    de: empfänger
    fi: vastaanottaj
    fr: destinataire
    pl: adresat, odbiorc
    nl: ontvanger, geadresseerde
    es: destinatari
    cs: příjemc
    et: adressaa
    ru: получател
    """
)
_MISTAKE = _stems(
    r"""
    sv: misstag, felaktigt, raderar?, förstör, ta bort
    en: by mistake, \bin error\b, delete, destroy
    nb: ved en feil, slett
    da: ved en fejl, fejlagtigt, \bslet
    de: irrtümlich, versehentlich, löschen, vernichten
    fi: vahingossa, erehdyks, poist
    fr: par erreur, détrui, supprim
    pl: pomyłk, omyłk, usun
    nl: per ongeluk, abusievelijk, verwijder
    es: por error, elimin, borr
    it: per errore, cancell
    pt: por engano, apag
    cs: omylem, smaž
    et: kustuta
    ru: удалит
    """
)
_PAPER = _stems(
    """
    sv: tänk på miljön, innan du skriver ut
    en: consider the environment, before printing this, think before you print
    nb: tenk på miljøet, før du skriver ut
    da: tænk på miljøet, før du printer
    de: an die umwelt, bevor sie diese e-?mail
    fi: ajattele ympäristöä, ennen tulostamista
    fr: pensez à l'environnement, avant d'imprimer
    pl: pomyśl o środowisku, zanim wydrukujesz
    nl: denk aan het milieu
    es: medio ambiente antes, antes de imprimir
    it: all'ambiente prima, prima di stampare
    pt: ambiente antes
    """
)
_PERSONAL = _stems(
    """
    sv: personuppgift, dataskyddsförordning
    en: personal data, gdpr, privacy
    nb: personopplysning
    da: personoplysning
    de: personenbezogen
    fi: henkilötie
    fr: données personnelles, données à caractère personnel
    pl: danych osobowych
    nl: persoonsgegevens
    es: datos personales
    it: dati personali
    pt: dados pessoais
    """
)
_CONTACTS_US = _stems(
    """
    sv: när (?:du|ni) (?:kontaktar|mejlar|e-?postar|skickar|kommunicerar|skriver till)
    sv: genom att (?:kontakta|skicka|mejla)
    en: when you (?:contact|e-?mail|write|communicate|send), by (?:contacting|e-?mailing)
    nb: når du (?:kontakter|sender|skriver)
    de: wenn sie (?:uns|mit uns)
    fi: kun (?:otat yhteyttä|lähetät)
    fr: lorsque vous nous
    pl: administratorem, klauzul
    nl: wanneer u
    """
)
#: The same in fewer words, with a link.
_READ_MORE = _stems(
    """
    sv: läs mer, så (?:här )?(?:behandlar|hanterar) vi, hur vi (?:behandlar|hanterar)
    en: read more, how we (?:process|handle|use)
    nb: l[eæ]s mere?
    de: so verarbeiten wir, weitere informationen
    fi: näin käsittelemme, lue lisää
    fr: en savoir plus
    pl: więcej informacji
    nl: hoe wij
    """
)
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
_CHECKED = _stems(
    r"""
    en: \bavast\b, virus-?free, (?:scanned|checked) (?:for|by) .{0,20}(?:virus|spam|mailscanner), mailscanner has
    sv: virusfri, (?:kontrollerats|genomsökts) .{0,40}virus
    de: auf viren (?:geprüft|untersucht)
    fr: absence de virus
    it: non infetto, analizzato con
    pl: sprawdzon\w{1,3} (?:przez|na obecność)
    """
)
_LIST = _stems(
    """
    en: you (?:have )?received this (?:message|e-?mail) because, to unsubscribe from this, you are receiving this
    en: to respond, reply to this e-?mail
    sv: du får (?:detta|det här) (?:mejlet|meddelandet|brevet) (?:för att|eftersom)
    de: diese (?:e-?mail|nachricht) erhalten sie
    """
)
_RULED_LIST = re.compile(r"\s{0,10}[_=-]{10,200}\s.{0,200}\bmailing list\b", re.IGNORECASE)
_OUTSIDE = _stems(
    r"""
    en: outside (?:of )?(?:the|your|our) organi[sz]ation, external (?:sender|e-?mail|source|address)
    sv: extern avsändare, utanför (?:organisationen|kommunen|\w{1,20} organisation)
    nb: ekstern (?:avsender|e-?post), utenfor (?:organisasjonen|virksomheten)
    da: ekstern (?:afsender|mail), uden ?for (?:organisationen|virksomheden)
    de: au(?:ß|ss)erhalb (?:der|ihrer|unserer), externe[nrm]? (?:absender|e-?mail|quelle)
    fi: organisaation ulkopuol
    fr: expéditeur externe, (?:extérieur|externe) (?:de|à) (?:l'|votre |notre )organisation
    pl: spoza organizacji, nadawc\w{1,3} zewnętrzn
    nl: externe afzender, buiten (?:de|uw|onze) organisatie
    es: remitente externo
    it: mittente esterno
    pt: remetente externo
    """
)
_WARNING = phrases(
    r"""
    en: external, caution, warning, notice, this (?:e-?mail|message)
    sv: extern\w{0,5}, varning, obs, detta (?:mejl|e-?post|meddelande)
    nb: advarsel
    de: achtung, warnung, vorsicht, diese (?:e-?mail|nachricht)
    fr: attention, avertissement
    fi: huom\w{0,8}, varoitus
    pl: uwaga
    nl: let op, waarschuwing
    es: precaución
    it: attenzione
    pt: atenção
    """
)
_WARNS = re.compile(rf"\W{{0,4}}(?:{any_of(_WARNING)})(?!\w)", re.IGNORECASE)
_NEWCOMER = _stems(
    """
    en: you don't often get e?-?mail from
    sv: du får inte ofta e-?post från
    """
)

#: Of a longer paragraph only the beginning is looked at.
_LOOKED_AT = 3_000
#: Words of a notice that a mail is not for everybody.
_FEWEST_WORDS = 10
#: A warning is short.
_LONGEST_BANNER = 600


def is_footer(paragraph: str) -> bool:
    """Whether an office or a program, not a person, wrote the paragraph below this mail."""
    text = paragraph[:_LOOKED_AT]
    if _RULED_LIST.match(text) or any(words.search(text) for words in (_PAPER, _CHECKED, _LIST)):
        return True
    if _PERSONAL.search(text) and (_CONTACTS_US.search(text) or (_READ_MORE.search(text) and _LINK.search(text))):
        return True
    # People write about secrets and readers too, in fewer words and with questions.
    if "?" in text or len(text.split()) < _FEWEST_WORDS or _MAIL.search(text) is None:
        return False
    is_secret, names_reader, tells_mistake = (words.search(text) for words in (_SECRET, _READER, _MISTAKE))
    if is_secret:
        return bool(names_reader or tells_mistake)
    return bool(names_reader and tells_mistake) and len(text.split()) >= 2 * _FEWEST_WORDS


def is_banner(paragraph: str) -> bool:
    """Whether a gateway wrote the paragraph above this mail, to warn of those outside."""
    text = paragraph[:_LOOKED_AT]
    if _NEWCOMER.search(text):
        return True
    return len(text) <= _LONGEST_BANNER and _WARNS.match(text) is not None and _OUTSIDE.search(text) is not None
