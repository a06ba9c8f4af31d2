"""What mail programs call the fields of a mail that they show above it: From, Sent, To, Subject."""

import re
from enum import Enum

from dialogue.mail.incoming.vocabulary.phrases import phrases


class Role(Enum):
    """What a field tells."""

    FROM = "from"
    DATE = "date"
    TO = "to"
    SUBJECT = "subject"
    OTHER = "other"


_LABELS = {
    Role.FROM: """
        en: from
        sv: från, avsändare
        nb: fra, avsender
        da: afsender
        is: frá
        de: von, absender
        fi: lähettäjä, keneltä
        fr: de, expéditeur, émetteur
        es: remitente
        pt: remetente
        it: da, mittente
        pl: od, nadawca
        nl: van, afzender
        cs: odesílatel
        sk: odosielateľ
        hu: feladó
        et: saatja, kellelt
        lv: no
        lt: nuo, siuntėjas
        tr: kimden, gönderen
        ro: expeditor, de la
        hr: pošiljatelj, šalje
        ru: от, от кого, отправитель
        uk: від, від кого
        el: από
        zh: 发件人, 寄件者
        ja: 差出人
        ko: 보낸 사람, 보낸사람
        he: מאת
        ar: من
        """,
    Role.DATE: """
        en: sent, date, sent on, received
        sv: skickat, skickades, datum, sänt, mottaget
        nb: sendt, dato
        da: sendt den, modtaget
        de: gesendet, gesendet am, datum/uhrzeit, empfangen
        fi: lähetetty, päivämäärä, päiväys, pvm
        fr: envoyé, envoyé le, envoyée, reçu
        es: enviado, enviado el, enviada, fecha, fecha de envío
        pt: enviada em, enviado em, data
        it: inviato, inviato il, data invio
        pl: wysłano, wysłane, data wysłania
        nl: verzonden, verzonden op
        cs: odesláno
        sk: odoslané
        hu: elküldve, dátum
        et: saadetud, kuupäev
        lv: nosūtīts
        lt: išsiųsta
        tr: tarih, gönderildi, gönderme tarihi
        ro: trimis, trimis la, data trimiterii
        hr: poslano
        ru: дата, отправлено
        uk: надіслано
        el: στάλθηκε, ημερομηνία
        zh: 发送时间, 日期, 寄件日期
        ja: 送信日時, 日時
        ko: 날짜, 보낸 날짜
        he: נשלח
        ar: تاريخ
        """,
    Role.TO: """
        en: to
        sv: till, mottagare
        nb: til, mottaker
        da: modtager
        de: an, empfänger
        fi: vastaanottaja, kenelle
        fr: à, a, destinataire, pour
        es: para, destinatario
        it: destinatari
        pl: do, adresat, odbiorca
        nl: aan
        cs: komu
        sl: za
        hu: címzett
        et: adressaat, kellele
        lv: kam
        lt: kam, gavėjas
        tr: kime, alıcı
        ro: către
        hr: prima
        ru: кому, получатель
        el: προς
        zh: 收件人, 收件者
        ja: 宛先
        ko: 받는 사람, 받는사람
        he: אל
        ar: إلى
        """,
    Role.SUBJECT: """
        en: subject
        sv: ämne, rubrik
        nb: emne
        is: efni
        de: betreff, betr., betrifft
        fi: aihe
        fr: objet, sujet
        es: asunto
        it: oggetto
        pt: assunto
        pl: temat
        nl: onderwerp, betreft
        cs: předmět
        sk: predmet
        sl: zadeva
        hr: naslov
        hu: tárgy
        et: teema
        lv: temats, tēma
        lt: tema
        tr: konu
        ro: subiect
        ru: тема
        el: θέμα
        zh: 主题, 主旨
        ja: 件名
        ko: 제목
        he: נושא
        ar: الموضوع
        """,
    Role.OTHER: """
        en: cc, bcc, reply-to, reply to, importance, priority, attachments, attachment, organization, organisation
        en: sent by, on behalf of, list-id, message-id, resent-from, x-mailer, mailing-list, reply message
        sv: kopia, kopia till, svara till, prioritet, bifogat, bifogade filer, bilaga, bilagor, skickat av
        nb: kopi, svar til, vedlegg
        da: vedhæftede filer
        de: kopie, antwort an, wichtigkeit, anlagen, anhang
        fi: kopio, vastaa, tärkeys, liitteet, liite
        fr: copie, copie à, répondre à, pièces jointes, pièce jointe, envoyé par
        es: copia, responder a, datos adjuntos
        it: rispondi a, risposta, allegati
        pt: cópia, anexos
        pl: dw, udw, odpowiedz do, załączniki
        nl: antwoord aan, bijlagen, bijlage
        sk: kópia
        lv: kopija
        hu: másolat
        tr: bilgi
        ru: копия
        uk: копія
        zh: 抄送, 副本
        ko: 참조
        """,
}

_ROLES = {label: role for role, table in _LABELS.items() for label in phrases(table)}

#: A label and what it labels. Bold ones have stars around them when HTML was made plain.
_FIELD = re.compile(
    r"\s{0,12}[*_]{0,2}([^\W\d_][\w .'/()-]{0,30}?)[*_]{0,2}\s{0,3}[:：][*_]{0,2}\s{0,40}(.*)", re.DOTALL
)


def field_of(text: str) -> tuple[Role, str] | None:
    """What the line tells, when it is a field that mail programs show."""
    matched = _FIELD.fullmatch(text[:2_000])
    if matched is None:
        return None
    role = _ROLES.get(matched[1].strip().casefold())
    return None if role is None else (role, matched[2].strip())
