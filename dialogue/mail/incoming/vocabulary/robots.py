"""What programs write in place of people who are away, and of themselves."""

import re

from dialogue.mail.incoming.vocabulary.phrases import any_of, anywhere, phrases

_AUTOMATIC = r"""
    en: auto(?:matic|mated|matisk)?[ -]?(?:reply|response|answer|responder), vacation reply, ooo
    en: out[ -]of[ -](?:the )?office
    sv: auto(?:matiskt )?svar, auto svar, automatiskt (?:meddelande|mejl), frånvaro(?:meddelande|besked|svar)
    sv: semester(?:meddelande|svar)
    nb: automatisk (?:svar|melding|besked), fravær(?:smelding|sbesked|smeddelelse|sassistent)?(?=\s?:)
    nb: fraværsmelding, fraværsbesked, fraværsmeddelelse
    fi: automaattinen (?:vastaus|viesti|poissaoloviesti), automaattivastaus, poissaolo(?:viesti|ilmoitus|vastaus)
    fi: lomavastaus
    et: automaat(?:ne )?vastus
    de: automatische (?:antwort|abwesenheitsnotiz|nachricht|rückmeldung), abwesenheit(?=\s?:)
    de: abwesenheits(?:notiz|meldung|nachricht|benachrichtigung)
    nl: automatisch (?:antwoord|bericht), afwezigheids(?:bericht|melding), afwezig(?=\s?:)
    fr: réponse automatique, message (?:automatique|d'absence), absence du bureau, notification d'absence
    es: respuesta automática, fuera de (?:la )?oficina
    it: risposta automatica, fuori ufficio
    pt: resposta automática, fora do escritório
    ro: răspuns automat
    pl: odpowiedź automatyczna, automatyczna odpowiedź, auto(?:matyczna)?odpowiedź, poza biurem
    cs: automatická odpov[eě]ď
    hu: automatikus válasz
    lt: automatinis atsakymas
    lv: automātiska atbilde
    ru: автоответ, автоматический ответ
    uk: автоматична відповідь
    el: αυτόματη απάντηση
    tr: otomatik yanıt
    zh: 自动回复, 自動回覆
    ja: 自動返信, 自動応答
    ko: 자동 ?회신, 자동 ?응답
    """
#: A subject that begins so. A person who answers it has "Re:" in front; one who asks about automatic answers goes on.
AUTOMATIC_SUBJECT = re.compile(
    rf"\W{{0,3}}(?:{any_of(phrases(_AUTOMATIC))})(?:\s{{0,3}}(?:[:：;|(\[–—-]|$)|(?<=office) |(?<=reply) (?=from|re|to))",
    re.IGNORECASE,
)
#: A subject that may be a robot's, when the text says so too.
AWAY_SUBJECT = anywhere(
    _AUTOMATIC
    + r"""
    en: away, absen[ct], vacation, holiday, on leave
    sv: frånvar, semester, ledig, ej (?:på plats|anträffbar), inte på plats
    nb: fravær, ikke til stede, ferie, bortreist
    fi: poissa, lomalla
    de: abwesen, urlaub, nicht im büro
    fr: congés?, vacances
    pl: nieobecn, urlop
    nl: afwezig, vakantie
    es: vacaciones, ausen
    it: assen
    pt: férias
    """
)

#: A text that says itself that no person wrote it.
SAYS_AUTOMATIC = anywhere(
    r"""
    en: this is an? (?:auto(?:matic|mated|matically[ -]generated|-?generated|-?reply)|system[ -]generated)
    en: this (?:e-?mail|message) (?:is|was|has been) (?:sent |generated )?automatic(?:ally)?
    en: (?:please )?do not (?:reply|respond) (?:directly )?to this (?:e-?mail|message|address|mail)
    en: replies to this (?:e-?mail|message|address) (?:are|will) not
    sv: (?:detta|det här) är (?:ett )?auto(?:matiskt|matgenererat|svar), (?:går|kan) (?:inte|ej) (?:att )?svaras? på
    sv: (?:detta|det här) (?:meddelande|mejl|mail|e-?post)\w{0,4} (?:har |är )?(?:skickats?|genererats?|skapats?) automatiskt
    sv: svara (?:inte|ej) på (?:detta|det här)
    nb: dette er e[tn] auto(?:matisk|svar), ikke svar på denne, kan ikke besvares
    nb: (?:e-posten|meldingen|beskeden|mailen) er (?:automatisk )?(?:generert|genereret|sendt automatisk)
    de: dies ist eine automatisch, bitte antworten sie nicht auf diese, bitte nicht auf diese
    de: diese (?:nachricht|e-?mail|mail|antwort) w(?:urde|ird) automatisch
    fr: ceci est une? (?:message|réponse|e-mail|courriel|mail) (?:automatique|généré)
    fr: (?:merci de|veuillez) ne pas (?:y )?répondre, ce (?:message|courriel) (?:est|a été) (?:généré |envoyé )?automatique
    fi: tämä on automaatti, älä vastaa tähän, tähän viestiin ei voi vastata
    pl: to jest (?:automatyczna|wiadomość automatyczna), (?:prosimy|proszę) nie odpowiadać
    pl: wiadomość (?:ta )?(?:została )?(?:wygenerowana|wysłana) automatycznie
    nl: dit is een automatisch, (?:gelieve )?niet (?:te )?(?:antwoorden|reageren) op (?:dit|deze)
    es: este (?:es un )?(?:mensaje|correo) (?:es |fue |ha sido )?(?:generado |enviado )?autom
    it: questo è un messaggio autom, messaggio (?:generato |inviato )?automatic
    pt: esta é uma (?:mensagem|resposta) autom
    cs: toto je automatick
    """
)
#: Somebody is away.
SAYS_AWAY = anywhere(
    r"""
    en: out of (?:the |my )?office, away (?:from (?:my|the) (?:desk|office|e-?mail)|until|on), currently away
    en: on (?:annual |parental |sick |maternity )?leave, on (?:vacation|holiday)
    sv: (?:inte|ej) (?:på|i) (?:kontoret|tjänst|plats), på semester, har semester, är ledig, ledig (?:till|från|t\.?o\.?m)
    sv: (?:semester|tjänst|föräldra|barn|sjuk)ledig, frånvarande, på tjänsteresa, på konferens, läser (?:inte|ej)
    nb: ikke på kontor(?:et)?, på ferie, har ferie, fraværende, bortreist, permisjon, orlov, ikke til stede
    da: ude af huset
    fi: en ole (?:paikalla|töissä|tavoitettavissa), lomalla, vuosilomalla, poissa, työmatkalla, virkavapaalla
    de: nicht im (?:büro|haus), im urlaub, abwesend, außer haus, nicht (?:persönlich )?erreichbar, elternzeit
    fr: absente?, en congés?, en vacances, en déplacement
    pl: na urlopie, nieobecn, poza biurem
    nl: afwezig, niet aanwezig, op vakantie, met verlof, buiten kantoor
    es: fuera de la oficina, de vacaciones, ausente
    it: fuori ufficio, in ferie, assente
    pt: fora do escritório, de férias
    """
)
#: What somebody who is away tells everybody: who else can be asked, and when they answer.
SAYS_INSTEAD = anywhere(
    r"""
    en: urgent, emergency, limited access, in my absence, in the meantime, not (?:be )?(?:forwarded|monitored|read)
    en: (?:reply|respond|answer|get back to you|be back).{0,40}(?:return|back|as soon)
    sv: brådskande, akuta? , under tiden, i min frånvaro, (?:vidarebefordras|läses|bevakas) (?:inte|ej), förrän den
    sv: (?:återkommer|svarar|besvarar|läser).{0,60}(?:tillbaka|åter|när jag|efter)
    nb: haste, det haster, i mitt fravær, under mit fravær, tilba(?:ke|ge) (?:den |igen |i |på )?\d
    fi: kiireelli, palaan, poissaoloni aikana
    de: dringend, in eiligen, wieder (?:erreichbar|für sie|im), nach meiner rückkehr, nicht weitergeleitet, vertretung
    fr: urgence, à mon retour
    pl: piln[aeiy], pod moją nieobecność, wracam
    nl: spoed, dringende
    es: urgente, a mi regreso
    it: urgenza, al mio rientro
    pt: no meu regresso
    """
)
