"""What mail servers say in words about mails that did not arrive."""

from dialogue.mail.incoming.vocabulary.phrases import anywhere

#: It goes on trying.
DELAYED = anywhere(
    r"""
    en: delayed, delivery delay, \(delay\), warning: (?:could not send|message), still being retried, temporary failure
    en: (?:not|has not) (?:yet )?been delivered, delivery attempts will continue, warning message only
    en: will (?:be retried|keep trying|continue trying|continue to|retry), this is a warning only
    en: (?:do not|no) need to resend
    sv: leverans(?:en)? (?:är )?(?:försenad|fördröjd), har ännu inte levererats, fortsätter att försöka
    nb: forsinket, ennå ikke (?:blitt )?levert
    da: forsinket, endnu ikke leveret
    fi: viivästy
    de: verzögert
    fr: retard(?:é|ée), n'a pas encore
    pl: opóźni
    nl: vertraag
    es: retrasad
    it: ritardat
    pt: atrasad
    """
)
#: It has given up.
FAILED = anywhere(
    r"""
    en: undeliver(?:ed|able), non ?-?deliver(?:y|able), not (?:be )?deliver(?:ed|able), wasn't delivered
    en: (?:mail|message) (?:delivery )?(?:has )?failed, delivery (?:has )?(?:to .{0,60})?fail(?:ed|ure)
    en: delivery (?:status notification|notification|error|problem|report), failure notice, returned mail
    en: returned to sender, mail system error, could not (?:be )?deliver, unable to deliver, wasn't able to deliver
    en: cannot be delivered, couldn't be delivered, user unknown, unknown user, no such user, address not found
    en: mailbox (?:is )?(?:full|unavailable|not found|disabled), did not reach (?:some or all|the following)
    en: permanent (?:fatal )?error, recipient (?:address )?rejected, unrouteable address, rejected:
    sv: (?:gick|kan|kunde) inte (?:att )?leverera, oleverer, inte (?:kunnat )?levereras, leveransfel
    sv: leveransen misslyckades
    nb: kan ikke leveres, kunne ikke lever, levering mislykk, leveringsfeil
    da: uleverlig, ikke leveret, leveringsfejl
    de: unzustellbar, nicht zugestellt, zustellung fehlgeschlagen, nicht zustellbar, zustellfehler
    fi: ei voi(?:tu|da)? toimittaa, toimittaminen epäonnistui, toimitus epäonnistui
    fr: non ?remis, non distribu, échec de (?:la )?(?:remise|distribution|livraison)
    fr: n'a pas pu être (?:remis|distribué|livré|délivré)
    pl: nie można dostarczyć, niedostarczon, nie dostarczono, nie zosta\w{1,3} dostarcz
    nl: onbestelbaar, niet (?:worden )?(?:afgeleverd|bezorgd)
    es: no se (?:puede|pudo) entregar, no entregado, devuelto
    it: non recapitabile, impossibile recapitare, mancato recapito, mancata consegna
    pt: não (?:é|foi) possível entregar, não entregue
    cs: nedoručiteln, nelze doručit
    ru: не доставлено, не удалось доставить
    """
)
#: Trying again is no use.
FOR_GOOD = anywhere(
    """
    en: permanent, unknown, no such, does not exist, doesn't exist, not found, address rejected, disabled, not listed
    en: invalid, unrouteable, given up
    sv: finns inte, hittades inte
    nb: finnes ikke
    da: findes ikke
    de: existiert nicht
    fi: ei löydy
    fr: n'existe pas
    pl: nie istnieje
    """
)
