"""Wishes to stop in French, as patterns; see `media.languages.wish_patterns` for what each is."""

from media.languages.wish_patterns import WishPatterns, any_of, words

_VERB = (
    "(?:r?appeler|telephoner|ecrire|r?envoyer|(?:re)?contacter|texter|deranger|embeter|harceler"
    "|importuner|solliciter|spammer|joindre|parler|relancer|ennuyer|emmerder|messager)"
)
# "Rappelez-moi plus tard" asks for more.
_NO_MORE = r"plus(?! (?:tard|tot|souvent|fort|vite|longtemps|lentement|doucement|de |d'))"
_ORDER = (
    "(?:r?appele[zs]?|r?appelle[zs]?|(?:re)?contacte[zs]?|(?:re)?contactiez|ecri(?:s|vez|ve)"
    "|(?:r)?envoie[s]?|(?:r)?envoyez|telephone[zs]?|texte[zs]?|derange[zs]?|embete[zs]?|relance[zs]?"
    "|sollicite[zs]?|parle[zs]?|harcele[zs]?|importune[zs]?)"
)
_NOUN = "(?:messages?|appels?|textos?|sms|courriels?|mails?|emails?|publicites?|pubs?|spams?)"
_PLEASE = r"(?:svp|stp|s'il (?:vous|te) plait|merci|maintenant|donc|tout de suite|immediatement)"
_MINE = "(?:moi|nous|mon (?:numero|nom|adresse|email|mail|courriel)|mes (?:coordonnees|donnees))"
_NOT_INTERESTED = (
    r"\bpas (?:du tout |vraiment )?interesse(?:e|s)?(?: (?:merci|desole|du tout|svp))*$"
    r"|^(?:ca |cela )?(?:ne )?m'interesse (?:pas|plus)(?: du tout| merci)*$"
)

WISHES = WishPatterns(
    keywords=words("fin annuler annulez resilier arreter cesser cessez assez arrete"),
    loud=words(
        "arret arretez desabonner desabonnement desabonnez desinscrire desinscription"
        " desinscrivez stoppez stopper"
    ),
    fillers=words("svp stp merci s'il vous te plait si oui non de suite tout maintenant bonjour"
                  " tous les messages sms immediatement ca cela moi la texte cordialement bonsoir"),
    asked=any_of([
        rf"\b(?:que vous|pouvez[- ]vous|pourriez[- ]vous|voulez[- ]vous|veuillez|merci d[e']|priere"
        rf" d[e']|(?:demande|prie) d[e']|vous devez|il faut) ?(?:arreter|arretiez|cesser|cessiez)"
        rf" (?:de |d')(?:me |m'|nous )?{_VERB}",
        r"\b(?:veuillez|merci de|priere de|je (?:vous |te )?(?:demande|prie)|souhaite|veux|voudrais"
        r"|aimerais|desire|prefere)\b.{0,40}?\bne (?:plus|pas|jamais)(?: jamais)? (?:me |m'|nous )?"
        rf"(?:{_VERB}|recevoir|etre)",
        rf"\b(?:il )?ne faut plus (?:me |m'|nous ){_VERB}\b(?! (?:monsieur|madame|comme|ainsi))",
        rf"\bje (?:vous |t')(?:ai|avais) (?:\w+ ){{0,2}}(?:dit|demande) (?:\w+ ){{0,2}}?d(?:e |')(?:ne (?:plus|pas)|arreter de|cesser de)"
        rf" (?:me |m'|nous ){_VERB}\b",
        r"\bj'(?:ai|avais) (?:\w+ )?demande a ne plus etre (?:r?appele|(?:re)?contacte|derange|sollicite)",
        r"\bque vous ne m(?:e |')\w+ (?:plus|pas|jamais)",
    ]),
    never=any_of([
        r"\bn(?:e |')(?:vous |t'|te )?arrete[zsrn]?t? (?:pas|jamais|surtout pas)\b.*",
        r"\b(?:j'|je|tu|il|elle|on|ils|elles|nous|qui|mon \w+|ma \w+|mes \w+|vous|a|pour|de|faut"
        r"|dois|doit|peux|peut|vais|va|pas|veux|veut|voudrais|d'|qu'il|qu'elle) ?"
        r"(?:(?:s'|l'|ai |a )?arret(?:e|es|er|ent|ons|ez)|cesse[rz]?)\b.*",
        r"\b(?:je|tu|il|elle|on|ils|elles|qui|vous|mon \w+|ma \w+|mes \w+) n(?:e |')(?!veux|suis p|souhaite"
        r"|desire|voudrais|veut).*",
        r"\b(?:dit|demande|ordonne|supplie) (?:a \w+ )?de (?:ne|cesser|arreter)\b.*(?<!plait)$"
        r"(?<!moi)(?!)|\b(?:m'a|lui ai|l'a|lui a|t'a|leur ai|nous a) (?:dit|demande) d[e'].*",
        r"\b(?:me |m'|se |nous )?(?:desabonn\w+|desinscri\w+) (?:de |d'|du |des )(?!cette|vos|ces"
        r"|votre|tout|la liste|vous|ce\b|ca\b)\w+.*",
        r"\b(?:(?:ne |n')(?:veux|voudrais|souhaite|vais|compte|desire|prevois) (?:pas|nullement|jamais)"
        r"|(?:pas|aucune?|nulle?|sans) (?:besoin|envie|question|raison|l'intention)(?: de)?) (?:de |d')?(?:me |m'|nous )?"
        r"(?:desabonner|desinscrire|arreter|resilier)\b.*",
        r"\b(?:annule|resilie)[zr]? (?:mon|cet|l'|le) ?(?:abonnement|inscription|service)"
        r" (?!(?:a|de) (?:vos?|cette|ces|ce)\b|chez vous\b|svp|s'il|stp|merci|maintenant|tout de|immediatement|et\b)\w+.*",
        r"\bne me (?:retire|supprime|enleve|desabonne|desinscri)\w* (?:pas|surtout).*",
        r"\b(?:plus|pas) de (?:messages?|nouvelles|appels?) (?:de (?:mon|ma|lui|elle|mes)|d'elle).*",
    ]),
    refusals=any_of([
        rf"\b(?:arrete[zrs]?|cesse[zr]?|stoppe[zr]?|stop)(?: {_PLEASE})* (?:de |d'|avec |aux? |les? |"
        rf"vos |ces |tous |l'|a |la )+(?:(?:me |m'|nous |les )?(?:vos |ces )?(?:{_VERB}|{_NOUN}))\b.*",
        rf"\bn(?:e |')(?:(?:me |m'|nous |l') ?)?{_ORDER}(?:[- ]moi)? (?:plus|pas|jamais|rien)\b"
        r"(?! (?:monsieur|madame|mademoiselle|docteur|comme|ainsi|cheri)).*",
        rf"^(?:{_PLEASE} )*(?:de )?ne (?:plus|pas|jamais)(?: jamais)? (?:me |m'|nous )?{_VERB}\b.*",
        rf"^(?:{_PLEASE} )*(?:(?:me |m'|nous )){_ORDER} (?:{_NO_MORE}|pas|jamais)\b.*",
        rf"^(?:{_PLEASE} )*{_ORDER}(?:[- ]moi|[- ]nous)? (?:{_NO_MORE}|pas)\b.*",
        r"\b(?:je |on |nous )?(?:ne |n')?(?:veux|souhaite|desire|voudrais|voulons|souhaitons)"
        r" (?:plus|pas)(?: du tout| jamais)? (?:(?:rien )?recevoir|etre (?:re)?(?:contacte|appele"
        r"|derange|sollicite|sur)|de vos|de ces|de (?:messages|sms|textos|courriels|mails)"
        r"|d'(?:appels|emails)|vos|entendre parler de vous|que vous|qu'on m'|vous (?:parler|entendre)"
        r"|parler (?:a|avec) (?:vous|un robot|une machine))",
        rf"^(?:{_PLEASE} )*(?:plus|pas|fini) (?:jamais )?(?:de |d'|aucun |les )(?:ces |vos )?{_NOUN}\b"
        rf"(?: {_PLEASE})*$",
        r"\b(?:laisse[zs]?|foute[zs]?|fiche[zs]?|fou[ts]|fichez|lache[zs]?)[- ](?:moi|nous)"
        r"(?: (?!\w+(?:er|ir|re)\b)\w+)?(?: tranquilles?| en paix| la paix| les baskets|$)",
        rf"\b(?:retire|supprime|enleve|efface|raye|ote|desabonne|sorte|sor|desinscrive|desinscri|vire)"
        rf"[zs]?[- ]{_MINE}\b(?! (?:ce|cette|une?|les?|la) (?!liste|fichier|base))",
        r"\b(?:me|nous) (?:retirer|supprimer|enlever|desinscrire|desabonner|rayer|effacer|desabonne"
        r"|desinscris|desinscrit)\b(?! (?:du|de la|de l'|des) (?:projet|groupe|equipe|jeu|cours|tache|reunion))",
        r"\b(?:retirer|supprimer|enlever|effacer|rayer|retirez|supprimez|enlevez|effacez)"
        r" (?:mon|mes|ce) (?:numero|nom|adresse|email|mail|courriel|coordonnees|donnees)\b",
        r"^(?!.*\b(?:j'ai (?:fait|compose|appele)|je me suis|il|elle|donne)\b).*\b(?:(?:mauvais|faux) numero"
        r"|mauvaise personne|tromp\w+ de (?:numero|personne)|erreur de (?:numero|personne))",
        r"\b(?:allez[- ]vous[- ]en|va[- ]t'?[- ]?en|degage[zs]?|casse[zs]?[- ](?:toi|vous)"
        r"|fou(?:s|tez) le camp)\b",
        r"\b(?:retire|revoque) (?:mon|tout) consentement",
        r"\bdemande (?:(?:la suppression|l'effacement|le retrait) de (?:mes|mon)|mon desabonnement"
        r"|ma desinscription)\b",
        r"\bm'oppose a (?:l'utilisation|l'usage) de mes|\bm'oppose (?:au|a tout) (?:traitement|demarchage)\b",
        r"\b(?:annule[zr]|resilie[zr]|mettre fin a|arreter|stopper)(?: a)? (?:mon|cet|l'|cette|le)"
        r" ?(?:abonnement|inscription|service)",
        rf"\bfin (?:de|des) {_NOUN}",
        rf"^(?:{_PLEASE} |veuillez |merci de |pouvez[- ]vous |pourriez[- ]vous |il faut |vous devez )*"
        r"(?:bloque[zrs]?|blackliste[zrs]?)(?:[- ](?:moi|nous)\b(?! (?:la|le|les|ma|mon|mes|une?|des)\b)"
        r"| (?:mon|ce) numero\b(?! de\b))",
        rf"^(?:{_PLEASE} |veuillez |merci de |pouvez[- ]vous |pourriez[- ]vous )*(?:me|nous)"
        r" (?:bloquer|blacklister|oublier)\b(?! (?:la|le|les|ma|mon|mes|une?|des)\b)",
        r"\b(?:mettez|mets|mettre|inscrivez|inscris|ajoutez|ajoute|placez|place)"
        r"(?:[- ](?:moi|nous)| (?:mon|ce) numero)(?: \w+){0,3} liste (?:noire|rouge|d'opposition"
        r"|de blocage)\b",
        rf"^(?:{_PLEASE} |veuillez )*(?:oublie[zsr]?|perde[zs]|perds|perdre) (?:mon|ce) numero\b",
        r"\bje (?:veux|souhaite|voudrais|desire|demande a|aimerais) etre (?:bloque|retire|supprime"
        r"|enleve|efface|raye|blackliste|desinscrit|desabonne)e?\b",
        r"(?<!pas )\bque vous (?:bloquiez|supprimiez|effaciez|retiriez|enleviez) (?:mon numero"
        r"|mes (?:donnees|coordonnees)|ce numero)\b",
        r"\b(?:interdis|interdisons) de (?:me|nous|m')",
    ]),
    limits=any_of([
        r"au (?:travail|bureau)\b|\b(?:le|ce) (?:soir|matin|dimanche|samedi|week-?end)\b|\bla nuit\b"
        r"|\b(?:avant|apres|pendant|quand|lorsque|tant que)\b|\baujourd'hui\b|\bdemain\b"
        r"|\bsi (?:tard|tot|souvent)\b"
    ]),
    written=any_of([
        _NOT_INTERESTED,
        r"^(?:oui |non )?(?:plus jamais|jamais plus)(?: svp| merci| s'il vous plait)*$",
        r"\b(?:veuillez|merci d[e']|pouvez[- ]vous|pourriez[- ]vous|vous) ?(?:arreter|cesser"
        r"|arretiez|cessiez)\b(?: svp| s'il vous plait| tout)*$",
        r"\barrete[zs]? (?:ca|cela|tout|tout ca)\b(?: \w+)?$",
    ]),
    doubts=any_of([
        _NOT_INTERESTED,
        r"\bbloctel\b",  # the register of those who want no calls
        r"\b(?:ca suffit|ca va comme ca|c'est assez|j'en ai (?:marre|assez)|ras[- ]le[- ]bol)\b",
        r"\bc'est (?:du |un )?(?:harcelement|spam|arnaque)\b",
        r"\bje ne me suis (?:pas|jamais) (?:inscrit|abonne)",
        r"\bje n'ai (?:pas|jamais|rien) (?:demande|donne mon (?:accord|numero))",
        r"\bpourquoi (?:vous )?(?:m'|me )?(?:appel|ecriv|contact|harcel)\w+",
    ]),
)  # fmt: skip
