"""How people end a mail, and begin one."""

import re

from dialogue.mail.incoming.vocabulary.phrases import any_of, phrases

_LONG = phrases(
    r"""
    sv: (?:med )?(?:vänliga?|bästa|varma|hjärtliga|soliga|goda|många) hälsning(?:ar|en)?, hälsningar, m ?v ?h
    sv: allt gott, högaktningsfullt
    en: (?:with )?(?:kind|best|warm|many)(?:est)? regards, regards, best wishes, all the best
    en: (?:yours )?(?:sincerely|faithfully|truly)(?: yours)?, respectfully
    nb: (?:med )?(?:vennlig|beste|mange|kjærlig) hils(?:en|ner), hilsen, ha en fin dag
    da: (?:med )?(?:venlig|bedste|de bedste|kærlig) hils(?:en|ner)
    is: (?:með )?kveðju, kveðja
    de: mit (?:freundlich|best|herzlich|lieb|viel|sonnig)e[nm] gr(?:ü|ue)(?:ß|ss)(?:en)?, m\.?f\.?g\.?
    de: (?:viele|beste|liebe|herzliche|freundliche|schöne|sonnige) gr(?:ü|ue)(?:ß|ss)e, gr(?:ü|ue)(?:ß|ss)e
    de: hochachtungsvoll
    fi: (?:ystävällisin|parhain|lämpimin|aurinkoisin)(?: \w{2,20})? ?terveisin, terveisin, (?:yst\.? ?)?terv\.?
    fi: kunnioittaen
    fr: (?:bien |très )?cordialement, bien à vous, (?:sincères|meilleures|cordiales) salutations, respectueusement
    fr: salutations(?: distinguées)?, amicalement
    pl: z poważaniem, (?:serdecznie )?pozdrawiam(?:y)?, z wyrazami szacunku, pozdrowienia
    pl: łączę (?:pozdrowienia|wyrazy szacunku)
    nl: (?:met )?(?:vriendelijke )?groet(?:en|jes)?, mvg, hoogachtend
    es: (?:un )?(?:cordial )?saludos?(?: cordiales)?, atentamente
    it: (?:cordiali |distinti )?saluti, cordialmente
    pt: atenciosamente, (?:com os )?(?:melhores )?cumprimentos
    cs: s pozdravem
    et: lugupidamisega, parimat
    """
)
#: Those that are also the beginning of something else, unless they stand alone.
_SHORT = phrases(
    r"""
    sv: vänligen, vh, hälsar, hälsning
    en: best, cheers, br, kr, yours
    de: lg, vg, gru(?:ß|ss)
    fi: yt
    fr: cdt
    pt: att\.?
    """
)
_THANKS = phrases(
    r"""
    sv: (?:stort |många )?tack(?: så mycket| på förhand| för hjälpen)?
    en: (?:many )?thanks(?: in advance| again| and regards)?, thank you(?: in advance| very much)?
    nb: (?:på forhånd |mange )?takk?(?: på forhånd| for hjelpen| for hjælpen)?
    de: (?:vielen |besten |herzlichen )?dank(?: im voraus)?, danke(?: im voraus)?
    fi: kiitos(?: etukäteen)?, kiitoksia
    fr: merci(?: d'avance| beaucoup)?
    pl: dzięk(?:uję|ujemy|i)(?: z góry)?
    nl: (?:alvast )?bedankt
    es: (?:muchas )?gracias
    it: grazie(?: mille)?
    pt: obrigad[oa]
    """
)
_AFTER = r"[\s,.!/|–—-]{0,4}"

#: The whole line before a name; the name may stand in it. What follows may be a signature.
CLOSING = re.compile(
    rf"(?:(?:{any_of(_LONG)})(?!\w)(?:[ ,/|–—-]{{1,3}}.{{0,40}})?|(?:{any_of(_SHORT)})){_AFTER}", re.IGNORECASE
)
#: Thanks, a line of their own, are something said: they stay, and what may be a signature begins after them.
THANKS = re.compile(rf"(?:{any_of(_THANKS)}){_AFTER}", re.IGNORECASE)

_HELLO = phrases(
    """
    sv: hej, hejsan, hallå, tjena, god dag, god morgon
    en: hi, hello, hey, dear, good morning, good afternoon, good day
    nb: hei, god morgen
    fi: moi
    de: hallo, guten tag
    fr: bonjour, salut
    pl: cześć, dzień dobry, witam
    es: hola
    it: ciao, buongiorno
    pt: olá, bom dia
    cs: ahoj
    et: tere
    """
)
#: A greeting by itself, with the name of who is greeted: nobody writes only that.
GREETING = re.compile(rf"(?:{any_of(_HELLO)})(?: [^\s.!?]{{1,30}}){{0,3}}\s{{0,3}}[,.!]{{0,5}}", re.IGNORECASE)
