"""Wishes to stop in German, as patterns; see `media.languages.wish_patterns` for what each is."""

from media.languages.wish_patterns import WishPatterns, any_of, words

_ORDER = (
    "(?:schreib(?:e|en|t)?|kontaktier(?:e|en|t)?|belastig(?:e|en|t)?|text(?:e|en|et)"
    "|stor(?:e|en|t)?|meld(?:e|en|et)?|nerv(?:e|en|t)?|simst?|mailen|maile?)"
)
_VERB = (
    "(?:an(?:zu)?rufen|(?:zu )?schreiben|an(?:zu)?schreiben|(?:zu )?kontaktieren|(?:zu )?belastigen"
    "|(?:zu )?storen|(?:zu )?nerven|(?:zu )?senden|(?:zu )?schicken|(?:zu )?texten|(?:zu )?mailen"
    "|zuzuschicken|zuzusenden|(?:zu )?melden|(?:zu )?telefonieren|(?:zu )?sprechen|(?:zu )?reden)"
)
_NOUN = (
    "(?:anrufe?n?|nachrichten?|sms|textnachrichten?|mails?|e-?mails?|emails?|werbung|werbeanrufe"
    "|spam|post|newsletter|mitteilungen|kontakt(?:aufnahme|versuche)?|texte?|benachrichtigungen|messages?)"
)
_WHOM = "(?:mich|mir|uns|hier|bei mir|bei uns|diese nummer|unter dieser nummer|meine nummer)"
_PLEASE = (
    "(?:bitte|doch|endlich|sofort|ab sofort|ab jetzt|jetzt|einfach|mal|danke|sie|ihr|also|und|ok|nein"
    "|wirklich|nun)"
)
_TIME = "(?:heute|morgen|abends|nachts|morgens|mittags|sonntags|samstags|gerade|tagsuber)"
_NO_MORE = (
    "(?:nicht|nie|niemals|nimmer|keinesfalls|auf keinen fall)(?: (?:mehr|wieder|noch ?mal"
    "|noch einmal|langer|weiter))*"
)
_NUMBER = r"(?:mich|uns|(?:meine|diese) (?:telefon|handy|ruf|mobil)?nummer)"
_BLACKLIST = r"(?:(?:sperr|block|blockier|robinson)-?liste|black ?-?list|schwarze liste)"
_NOT_INTERESTED = (
    r"\b(?:kein(?:erlei)? interesse|nicht (?:mehr )?interessiert)"
    rf"(?: (?:mehr|danke|bitte|daran|dran|sorry|an (?:(?:ihr|eur|dies|solch|weiter|so)\w*|{_NOUN})\b.*))*$"
)
_STOPPING = (
    r"(?:hor(?:e|en|t)?(?: sie)?(?: (?:bitte|endlich|sofort|doch|jetzt))*"
    r" (?:bitte |endlich |sofort )?auf|unterlass(?:en|t)?(?: sie)?(?: (?:bitte|endlich|sofort|doch|jetzt))*)"
)

WISHES = WishPatterns(
    keywords=words(
        "stopp ende abbrechen schluss kundigen aufhoren beenden halt aufhoeren streichen loschen"
        " stornieren widerruf aus kundigung loschung"
    ),
    loud=words("stopp abmelden abbestellen austragen abmeldung abbestellung"),
    fillers=words(
        "bitte danke hallo guten tag abend morgen ja nein jetzt sofort alles alle endlich mich mir"
        " nachrichten sms anrufe und gruss grusse liebe viele freundliche mit freundlichen grussen"
        " das damit ihr euch sie uns newsletter"
    ),
    asked=any_of([
        rf"\b(?:konn(?:en|ten|t)|wurd(?:en|et)|woll(?:en|t)) (?:sie|ihr)(?: {_PLEASE})*"
        rf" (?:damit )?aufhoren(?: {_WHOM})?(?: standig| immer| dauernd)* (?:{_VERB}|damit)\b",
        rf"\b(?:konn(?:en|ten|t)|wurd(?:en|et)) (?:sie|ihr)(?: {_PLEASE})*(?: {_WHOM})?"
        rf"(?: {_PLEASE})* {_NO_MORE} (?:{_VERB}|kontaktieren)\b",
        r"\b(?:will|mochte|bitte|wunsche|verlange|bestehe darauf|ware froh|hatte gerne?|fordere)\b"
        rf".{{0,30}}?\b(?:dass|wenn) (?:sie|ihr|du)(?: {_WHOM})?(?: {_PLEASE})*(?: {_WHOM})?"
        rf" {_NO_MORE} \w+",
        rf"\b(?:will|mochte|wunsche|wollen)(?: \w+)? nicht dass (?:sie|ihr|du)(?: \w+){{0,4}}"
        rf" (?:{_VERB}|anruft|anrufst|schreibt|schreibst)\b",
        rf"\b(?:sie|ihr) soll(?:en|t)(?: {_WHOM})?(?: {_PLEASE})*(?: {_WHOM})? {_NO_MORE} {_VERB}\b",
        rf"\b(?:ich|wir) (?:hab|habe|haben|hatte|hatten)(?: \w+){{0,4}} gesagt dass (?:sie|ihr|du)(?: {_WHOM})?"
        rf" {_NO_MORE} (?:{_VERB}) soll",
        rf"\bdass (?:sie|ihr)(?: {_PLEASE})* (?:damit )?aufhoren(?: {_WHOM})?\b",
        r"\bwie (?:kann|konnte) (?:ich|man) (?:mich |das |diese[n]? \w+ |den \w+ )?(?:abmelden"
        r"|abbestellen|austragen|stoppen|beenden)\b|\bwie (?:melde|trage) ich mich (?:hier |davon )?"
        r"(?:ab|aus)$|\bwie bestelle ich (?:das|diese \w+|den newsletter) ab$",
    ]),
    never=any_of([
        r"\b(?:hor(?:e|en|t)?|stopp(?:e|en|t)?)(?: sie| bitte| mir)* nicht auf\b.*|\bnicht aufhoren\b.*",
        r"\b(?:meine?|unsere?|seine?|ihre?|die|der|das|mein \w+) (?:(?!nummer|daten)\w+)"
        r" (?:ruft|schreibt|meldet|schickt|hort|will|sagt|sagte|mochte|kontaktiert)\b.*",
        r"\b(?:er|sie|man|niemand|keiner|wer|jemand) (?:ruft|schreibt|meldet|schickt|hort|will"
        r"|mochte|hat|sagte?|kontaktiert)\b.*",
        r"\b(?:hat|habe|haben|hatte) (?:mir|ihm|ihr|ihnen|uns|er|sie|ich)\b.{0,20}\bgesagt\b.*",
        r"\b(?:warum|wieso|weshalb) (?:rufen|schreiben|melden|kontaktieren)\b(?! sie (?:mich|mir|uns|hier)).*",
        r"^(?:ich|wir) (?:rufe?n?|schreibe?n?|melde?n?|kontaktiere?n?|store?n?)\b.*",
        r"^(?:sie|ihr|du) (?:ruf\w*|schreib\w*|meld\w*|schick\w*) .*",
        r"\b(?:anrufe?|nachrichten?|mails?) (?:von|vom) (?!ihnen|euch|dir|diesem|dieser)\w+.*",
        r"\bnicht (?:abmelden|abbestellen|austragen|loschen|streichen)\b.*",
        r"\b(?:abgemeldet|abbestellt|austragen|abmelden|abbestellen) (?:von|vom|bei|beim|aus)"
        r" (?!ihr|ihnen|euch|diese|der liste|allem|hier)\w+.*",
        r"\b(?:vom|beim|im) \w+ (?:ab|aus)gemeldet\b.*|\b(?:die|eine|der) (?:zeitung|zeitschrift)\b.*",
        r"\b(?:bus|zug|auto|motor|regen|musik)\b.*",
    ]),
    refusals=any_of([
        rf"^(?:{_PLEASE} )*{_ORDER}(?: (?:{_WHOM}|{_PLEASE}|{_TIME}))* {_NO_MORE}\b.*",
        rf"^(?:{_PLEASE} )*ruf(?:e|en|t)?(?: (?:{_WHOM}|{_PLEASE}|{_TIME}))* {_NO_MORE}"
        r"(?:$|(?: \w+){0,6}? an\b.*)",
        rf"^(?:{_PLEASE} )*meld(?:e|en|et) (?:sie sich|dich|euch)(?: {_PLEASE})* {_NO_MORE}\b.*",
        r"^(?:bitte )?aus (?:dem|ihrem|eurem) (?:verteiler|system)(?: \w+)? (?:nehmen|loschen|streichen)$",
        rf"^(?:{_PLEASE} )*(?:schick|send)(?:e|en|et|t)?(?: (?:{_WHOM}|{_PLEASE}))* (?:nichts|nicht|nie)"
        r" (?:mehr|wieder)\b.*",
        rf"^(?:{_PLEASE} )*(?:{_ORDER}|(?:schick|send)(?:e|en|et|t)?)(?: (?:{_WHOM}|{_PLEASE}))* (?:keine?|keinerlei)"
        rf"(?: (?:weiteren?|mehr|solche[nr]?))* {_NOUN}\b.*",
        rf"\b(?:dass|damit) (?:sie|ihr)(?: {_WHOM})? {_NO_MORE} {_VERB}\b",
        rf"^(?:{_PLEASE} )*(?:{_WHOM} )?(?:{_PLEASE} )*{_NO_MORE} (?:{_TIME} |am \w+ )?{_VERB}(?: {_PLEASE})*\b",
        rf"\b{_STOPPING}(?: mit| damit)?(?: (?:{_WHOM}|standig|immer|dauernd|weiter))*"
        rf" (?:{_VERB}|(?:den|das|diesen|ihren|der|weitere|solche|die|diese)?(?: standigen)? ?{_NOUN})\b.*",
        rf"\b(?:stopp(?:en|t|e)?|beend(?:en|et|e)|stell(?:en|t|e)?)(?: sie)?(?: {_PLEASE})*"
        rf" (?:(?:die|diese|ihre|eure|alle|jegliche|weitere|den|jeden)(?: \w+)? )?{_NOUN}\b.*",
        rf"\b(?:ich|wir) (?:will|wollen|mochten?|wunschen?|brauchen?|verzichte auf)(?: {_PLEASE})*"
        rf" (?:(?:keine?n?|keinerlei)(?: (?:weiteren?|solche[nr]?|mehr|ihrer))* {_NOUN}"
        r"|(?:von (?:ihnen|euch|dir) )?nichts (?:mehr )?(?:von (?:ihnen|euch|dir) |mehr )?(?:(?:mehr )?(?:horen|bekommen|erhalten"
        r"|lesen|wissen)|mit (?:ihnen|euch) zu tun)"
        rf"|(?:von (?:ihnen|euch) )?{_NO_MORE} (?:von (?:ihnen|euch) )?(?:angerufen|kontaktiert|belastigt|gestort"
        r"|angeschrieben|benachrichtigt)|nicht (?:mehr )?mit (?:ihnen|euch|einem computer|einer maschine|einem roboter|einer ki)"
        r" (?:sprechen|reden|telefonieren))\b",
        rf"^(?:{_PLEASE} )*(?:keine?|keinerlei|schluss mit)(?: (?:weiteren?|mehr|den|diesen))*"
        rf" {_NOUN}(?: (?:mehr|bitte|danke|an diese (?:nummer|(?:e?-?mail-?)?adresse)|an mich|von ihnen|von euch|senden|schicken))*$",
        r"\blass(?:en|t|e)?(?: sie)? (?:mich|uns)(?: \w+){0,2} (?:in ruhe|in frieden|zufrieden)\b"
        r"(?! (?:\w+ ){0,3}(?:reden|sprechen|nachdenken|uberlegen|planen|anfangen|essen|schauen)\b)",
        r"\b(?:nehm(?:en|t)?|nimm|streich(?:en|t|e)?|losch(?:en|t|e)?|entfern(?:en|t|e)?|trag(?:en|t|e)?"
        rf"|meld(?:en|et|e)?|werf(?:en|t))(?: sie)?(?: {_PLEASE})* (?:alle )?(?:mich|uns|meine? (?:\w+ )?(?:nummer|daten"
        r"|telefonnummer|handynummer|adresse|kontakt\w*|namen?|e-?mail\w*)|meinen namen|diese nummer)"
        rf"(?:(?: {_PLEASE})* (?:vom|von|aus|ab|heraus|raus|hier|gemass|nach|laut)\b.*|(?: {_PLEASE})*$)",
        r"\b(?:meine? (?:nummer|daten|telefonnummer|adresse)|meinen namen|mich)(?: {0}| aus \w+ \w+"
        r"| von \w+ \w+)* (?:loschen|streichen|entfernen|austragen|abmelden)\b(?! lassen)"
        .replace("{0}", _PLEASE),
        r"\b(?:ich|wir) (?:mochten?|will|wollen|wurden?) (?:mich|uns|das|diese \w+|den newsletter)"
        r"(?: (?:gerne?|hier|davon|bitte|von ihnen|vom newsletter|von (?:dieser|der|ihrer) liste"
        r"|von diesen \w+|aus (?:dem|ihrem) verteiler))* (?:abmelden|austragen|abbestellen|kundigen)\b",
        r"\b(?:bestell(?:en|e)?|meld(?:en|e)?)(?: sie)? (?:mich|das|den newsletter|alles)(?: bitte)? ab\b"
        r"|\bich bestelle (?:das|diese \w+|den newsletter|hiermit) .*ab$|\bich melde mich (?:hiermit )?ab$",
        r"^(?!.*\b(?:ich habe|ich hab|er|ihm|notiert|aufgeschrieben|gewahlt)\b).*\b(?:falsche (?:nummer"
        r"|person)|falsch verbunden|(?:haben|hast|habt) sich verwahlt|die falsche)\b",
        r"\b(?:verschwind(?:en|e)(?: sie)?|hau(?:en)?(?: sie)? ab|verpiss\w*(?: dich| euch| sie sich)?"
        r"|zieh(?:en)? (?:sie )?leine|geh(?:en)? (?:sie )?weg)\b",
        rf"^(?:{_PLEASE} )*(?:blockier|sperr)(?:e|en|t)?(?: {_PLEASE})* {_NUMBER}(?: {_PLEASE}"
        r"| (?:bei|in|fur|aus) (?:ihnen|euch|ihrem|eurem|dem|der|ihrer?|eure|alle|weitere|kunftige) ?\w*)*$",
        rf"^(?:(?:konn(?:en|ten|t)|wurd(?:en|et)|soll(?:en|t)) (?:sie|ihr) |{_PLEASE} )+{_NUMBER}"
        rf"(?: {_PLEASE})* (?:blockieren|sperren|vergessen)$",
        rf"\b(?:setz|nehm|schreib|pack|trag)(?:en|t|e)?(?: {_PLEASE})* {_NUMBER}(?: {_PLEASE})*"
        rf" (?:auf|in) \w+ {_BLACKLIST}",
        rf"\b{_NUMBER}(?: {_PLEASE})* auf \w+ {_BLACKLIST} (?:setzen|nehmen)\b",
        rf"^(?:{_PLEASE} )*(?:vergess(?:en|t)|vergiss|verlier(?:en|t|e)?)(?: {_PLEASE})*"
        r" (?:meine|diese) \w*nummer\b",
        rf"\b{_NUMBER}(?: {_PLEASE})* (?:von|aus) \w+ (?:\w*(?:liste|verteiler|datenbank|system|kartei"
        r"|datei)\w*) (?:nehmen|rausnehmen|herausnehmen|werfen|loschen)\b(?! lassen)",
        r"\b(?:ich|wir) (?:mochten?|will|wollen|wunschen?)(?: (?!nicht\b)\w+){0,4} (?:blockiert|geloscht"
        r"|gesperrt|gestrichen|entfernt|ausgetragen|abgemeldet) werden\b",
        r"^(?:\w+ ){0,2}(?:bitte|bitten|beantrage|verlange|fordere)(?: \w+){0,2} (?:abmeldung|austragung"
        r"|abbestellung|loschung|streichung)\b",
        r"^(?:abmeldung|austragung|abbestellung|loschung|streichung) (?:vom|des|aus|von|meine[rs])"
        r" (?:\w+ )?(?:newsletters?|verteilers?|liste|daten|nummer|\w*adresse|namens)\b",
        r"\b(?:meinen namen|meine \w+|mich) (?:bitte )?(?:aus|von) \w+ (?:\w*verteiler|\w*liste|datenbank)"
        r" (?:raus|heraus)?nehmen\b",
        rf"^(?:{_PLEASE} )*(?:nichts mehr (?:schicken|senden|schreiben|zusenden)|raus aus (?:der|eurer"
        r"|ihrer|dieser) liste)\b",
        r"\bwiderspr(?:eche|icht|echen)\b.*\b(?:nutzung|verwendung|verarbeitung|speicherung|weitergabe"
        r"|zusendung|kontaktaufnahme|werbung|direktwerbung)\b",
        r"\b(?:widerrufe|entziehe|ziehe)\b.{0,20}\b(?:einwilligung|zustimmung|einverstandnis"
        r"|erlaubnis)\b",
        rf"\b(?:untersage|verbiete|verbitte)(?:n)? (?:ich |wir )?(?:ihnen |euch |mir |uns )?"
        rf"(?:hiermit )?(?:jede\w*|jegliche\w*|weitere\w*|die|diese)?\b.*\b(?:{_NOUN}|kontaktaufnahme"
        r"|anzurufen)\b",
    ]),
    limits=any_of([
        r"\b(?:bei der|auf der|auf) arbeit\b|\bim (?:buro|dienst|urlaub|unterricht)\b|\b(?:nachts|abends"
        r"|morgens|mittags|fruh|heute|heut|morgen|am wochenende|sonntags|samstags|vormittags"
        r"|nachmittags)\b|\b(?:am|an) (?:sonn|sams|feier|mon|werk|frei)\w*tag\w*\b|\b(?:vor|nach|ab|gegen|zwischen) "
        r"(?:\d+|acht|neun|zehn|sieben|sechs|zwanzig|dem essen|mittag)\b|\bso (?:spat|fruh|oft|haufig|viel)\b"
        r"|\b(?:wahrend|wenn|bis|bevor|solange|wahrend|sondern)\b|\bum diese (?:zeit|uhrzeit)\b"
        r"|\bdiese woche\b|\bin der (?:nacht|fruh|woche|mittagspause)\b|\bmitten in\b"
        r"|(?:mich|mir) (?:gerade|jetzt) nicht\b"
    ]),
    written=any_of([
        rf"^(?:{_PLEASE} )*{_STOPPING}(?: (?:damit|jetzt|bitte|sofort|endlich))*$",
        r"^(?:bitte )?(?:nicht|nichts|nie) (?:mehr|wieder)(?: bitte| danke)*$|^(?:bitte )?(?:das )?beenden$",
        rf"^(?:bitte )?stopp? (?:mit dem )?{_VERB}(?: bitte| danke)*$",
        r"^(?:bitte )?(?:mit )?(?:dem|diesem) (?:unsinn|quatsch|mist|terror) aufhoren$",
        r"^(?:bitte )*(?:telefon|handy)?(?:nummer|daten) (?:bitte )?(?:loschen|streichen|entfernen)(?: bitte| danke)*$",
        r"^(?:konn(?:en|ten) sie |bitte )+(?:damit |jetzt )*aufhoren$",
        _NOT_INTERESTED,
        r"^(?:ich )?(?:mochte|will) (?:das )?(?:beenden|abbestellen|kundigen)(?: bitte)?$",
    ]),
    doubts=any_of([
        _NOT_INTERESTED,
        r"^(?:jetzt |es |das |mir )*(?:reicht(?:'s| es| mir)?|genug)(?: .*)?$|\bich habe (?:es |das )?satt\b",
        r"\b(?:das|dies|es) (?:ist|grenzt an) (?:ja )?(?:\w+ )?(?:belastigung|spam|betrug|terror|abzocke)\b"
        r"|^spam$",
        r"\b(?:nie|niemals|nicht) (?:angemeldet|zugestimmt|eingewilligt|bestellt|darum gebeten)\b",
        r"\b(?:warum|wieso|weshalb) (?:rufen|schreiben|belastigen|kontaktieren) sie (?:mich|mir|uns|hier)"
        r"(?: (?:standig|immer|dauernd|schon wieder|an|eigentlich|uberhaupt))*$",
        r"\bwoher haben sie (?:meine|diese) nummer\b|\b(?:anwalt|anzeige|verbraucherzentrale)\b|\b(?:rufe|hole|informiere) (?:jetzt )?die polizei\b",
        r"^(?:ich )?(?:will|mochte|mag) (?:das |so ?was )?nicht mehr(?: reden| sprechen| telefonieren)?$",
    ]),
)  # fmt: skip
