"""How mail programs introduce the mail that is answered, in the languages that people write to us in and those around
them.
"""

import re

from dialogue.mail.incoming.vocabulary.phrases import any_of, phrases

#: "wrote", as it stands in "On such a day somebody wrote:".
_WROTE = phrases(
    r"""
    en: wrote, writes
    sv: skrev, skriver
    is: skrifaði
    de: schrieb, schreibt, geschrieben
    nl: schreef, geschreven
    fi: kirjoitti, kirjoittaa
    et: kirjutas
    hu: írta
    fr: a écrit, écrivait
    es: escribió, ha escrito
    ca: va escriure
    it: ha scritto
    pt: escreveu
    ro: a scris
    pl: napisał, napisała, napisał\(a\), pisze, napisana przez
    cs: napsal, napsala, napsal\(a\)
    sk: napísal, napísal\(a\)
    sl: je napisal, je napisala, je napisao
    ru: написал, написала, написал\(а\), пишет, писал
    uk: написав, написала, пише
    bg: написа
    sr: је написао
    lv: rakstīja
    lt: rašė
    el: έγραψε
    tr: yazdı
    ar: كتب
    he: כתב
    """
)
#: The same in languages that write words without spaces.
_WROTE_UNSPACED = phrases(
    """
    zh: 写道, 寫道
    ja: のメール, 書きました
    ko: 작성
    """
)

#: Words that such a line begins with.
_OPENERS = phrases(
    """
    en: on, at
    sv: den, på, kl
    de: am
    fr: le, message de
    nl: op
    es: el, mensaje de
    it: il, il giorno
    pt: em, a, no dia, em data
    pl: dnia, w dniu, wiadomość napisana, z dnia
    cs: dne
    sk: dňa
    ro: pe
    """
)

#: Texts between dashes that say: below is the original, or the forwarded mail.
SEPARATORS = frozenset(
    phrases(
        """
        en: original message, original e-mail, original email, original mail, original appointment, forwarded message
        en: forwarded mail, forwarded by, reply message, original message follows
        sv: ursprungligt meddelande, ursprungligt medd., originalmeddelande, ursprungligt mejl, ursprungligt brev
        sv: vidarebefordrat meddelande, vidarebefordrat brev, vidarebefordrat mejl
        nb: opprinnelig melding, original melding, originalmelding, opprinnelig e-post, videresendt melding
        da: oprindelig meddelelse, original meddelelse, videresendt meddelelse, oprindelig besked, videresendt besked
        da: oprindelig mail
        de: ursprüngliche nachricht, originalnachricht, original-nachricht, original nachricht, urspr. nachricht
        de: ursprüngliche e-mail, ursprüngliche mail, weitergeleitete nachricht
        fi: alkuperäinen viesti, alkup. viesti, välitetty viesti, edelleenlähetetty viesti, lähetetty edelleen
        fr: message d'origine, message original, message initial, message transféré, message réexpédié
        fr: e-mail d'origine, courriel original
        pl: wiadomość oryginalna, oryginalna wiadomość, wiadomość pierwotna, pierwotna wiadomość, przekazana wiadomość
        pl: wiadomość przekazana dalej, treść przekazanej wiadomości, oryginalna wiadomość e-mail
        nl: oorspronkelijk bericht, oorspronkelijke bericht, origineel bericht, doorgestuurd bericht
        es: mensaje original, mensaje reenviado, mensaje inicial, correo original
        it: messaggio originale, messaggio inoltrato, messaggio originario
        pt: mensagem original, mensagem encaminhada, mensagem reencaminhada, mensagem de origem
        cs: původní zpráva, původní e-mail, přeposlaná zpráva
        sk: pôvodná správa
        hu: eredeti üzenet, továbbított üzenet
        ru: исходное сообщение, пересылаемое сообщение, пересланное сообщение, оригинальное сообщение
        uk: оригінальне повідомлення, переслане повідомлення
        tr: orijinal mesaj, özgün ileti
        ro: mesaj original, mesaj redirecționat
        et: algne kiri, edastatud kiri
        lv: sākotnējais ziņojums
        lt: originalus pranešimas
        sl: izvorno sporočilo
        hr: originalna poruka
        el: αρχικό μήνυμα
        zh: 原始邮件, 原始郵件, 转发的邮件, 轉寄郵件
        ja: 元のメッセージ, 転送されたメッセージ
        ko: 원본 메시지, 전달된 메시지
        """
    )
)

#: The same, as a line of its own that ends in a colon.
BEGINNINGS = frozenset(
    phrases(
        """
        en: begin forwarded message
        sv: vidarebefordrat brev, vidarebefordrat mejl, vidarebefordrat meddelande, början på vidarebefordrat brev
        sv: början på vidarebefordrat meddelande
        nb: videresendt melding, begynnelse på videresendt melding, start på videresendt melding, videresendt e-post
        da: videresendt besked, start på videresendt besked
        de: anfang der weitergeleiteten nachricht, anfang der weitergeleiteten e-mail
        fi: välitetty viesti, välitetty viesti alkaa, edelleenlähetetty viesti alkaa, alkaa välitetty viesti
        fr: début du message réexpédié, début du message transféré, début du message renvoyé
        pl: początek przekazywanej wiadomości, początek przekazanej wiadomości
        nl: begin doorgestuurd bericht
        es: inicio del mensaje reenviado
        it: inizio messaggio inoltrato
        pt: início da mensagem reencaminhada, início da mensagem encaminhada
        cs: začátek přeposlané zprávy
        ru: начало переадресованного сообщения
        """
    )
)

_VERB = rf"(?<!\w)(?:{any_of(_WROTE)})(?!\w)|(?:{any_of(_WROTE_UNSPACED)})"
_HAS_WROTE = re.compile(_VERB, re.IGNORECASE)
_WORD = re.compile(r"\w+")
#: One word of each verb: a text without any of them need not be searched, which takes long.
_TELLING = frozenset(max(_WORD.findall(verb.replace("\\", " ")), key=len) for verb in _WROTE)
ENDS_IN_WROTE = re.compile(rf"(?:{_VERB})\s{{0,3}}[:：]?\s{{0,3}}[-–—]{{0,20}}$", re.IGNORECASE)
#: A line that may begin with a date: a figure, a word as above, or the day of the week before a figure.
OPENS = re.compile(
    rf"(?:\W{{0,10}}\d|(?:{any_of(_OPENERS)})(?!\w)|\w{{2,12}}[.,]?\s{{1,3}}(?:den\s)?\d)", re.IGNORECASE
)


def end_of_wrote(text: str) -> int:
    """Where the last "wrote" ends in `text`; -1 for none."""
    is_possible = not _TELLING.isdisjoint(_WORD.findall(text.casefold()))
    if not is_possible and not any(verb in text for verb in _WROTE_UNSPACED):
        return -1
    return max((matched.end() for matched in _HAS_WROTE.finditer(text)), default=-1)
