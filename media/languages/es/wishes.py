"""Wishes to stop in Spanish, as patterns; see `media.languages.wish_patterns` for what each is."""

from media.languages.wish_patterns import WishPatterns, any_of, words

_VERB = (
    "(?:llamar|escribir|enviar|mandar|contactar|molestar|textear|mensajear|marcar|acosar"
    "|fastidiar|hostigar|hablar|buscar|insistir|joder)"
)
_ORDER = (
    "(?:llam(?:e|es|en|eis|ar)|escrib(?:a|as|an|ais|ir)|envi(?:e|es|en|ar)|mand(?:e|es|en|ar)"
    "|contact(?:e|es|en|ar)|molest(?:e|es|en|ar)|texte(?:e|es|en|ar)|habl(?:e|es|en|ar)"
    "|marqu(?:e|es|en)|busqu(?:e|es|en)|acos(?:e|es|en)|fastidi(?:e|es|en)|jod(?:a|as|an))"
)
_NOUN = (
    "(?:mensajes?|llamadas?|textos?|sms|correos?|emails?|mails?|publicidad|spam|comunicaciones"
    "|notificaciones|calls|texts)"
)
_PLEASE = "(?:por favor|porfavor|porfa|favor|ya|gracias|de una vez)"
_AFTER = (
    r"(?:$|mas\b|nunca\b|otra vez|nuevamente|de nuevo|por favor|porfa|a (?:este|esta|mi)|al\b|de\b"
    r"|gracias|ya\b|aqui|jamas|ni\b|y\b|porque|o\b|en\b|antes|despues|cuando|hoy|ahora|mientras|tan"
    rf"|sus\b|tus\b|estos|estas|{_NOUN}|nada|tarde|los\b|por\b)"
)
_NOT_INTERESTED = (
    r"\bno (?:me interesa|estoy interesad[oa]|nos interesa)"
    r"(?: (?:gracias|nada|esto|mas|por favor))*$"
)

WISHES = WishPatterns(
    keywords=words(
        "parar para pare paren basta cancelar cancela cancele detener detente salir eliminar"
        " desuscribir desuscribirme desuscribirse alto fin no-mas parad"
    ),
    loud=words("baja desuscribir desuscribirme desuscripcion desuscriban"),
    fillers=words("por favor porfa gracias ya si no hola mensajes todo esto ahora mismo favor de los"
                  " me dame deme denme darme saludos buenas buenos dias tardes mi"),
    asked=any_of([
        rf"\b(?:puede[ns]?|podria[ns]?|(?:quiero|quisiera|necesito|pido|gustaria|agradeceria|preferiria) que|pueden|favor de)(?: por favor)?"
        rf" (?:dej|par|ces)\w+ de {_VERB}(?:me|nos)",
        rf"\b(?:puede[ns]?|podria[ns]?) (?:por favor )?no (?:volver a )?{_VERB}(?:me|nos)\b",
        rf"\bya (?:le|les|te|se lo) (?:dije|he dicho|pedi|he pedido|habia dicho) que (?:no (?:me |nos )\w+|dej\w+ de {_VERB}(?:me|nos))",
        rf"\b(?:quiero|pido|pedimos|exijo|prefiero|agradeceria|gustaria|deseo|ruego) que no (?:me |nos )"
        rf"(?:vuelvan? a )?{_ORDER}",
        r"\bcomo (?:me doy|darme|puedo darme|hago para darme|me doy) de baja(?: de (?:esta|este|esto"
        r"|su|sus|la lista|estos).*)?$|\bcomo (?:cancelo|paro|detengo) (?:esto|estos|los) ?\w*$",
    ]),
    never=any_of([
        r"\bno (?:me |nos )?(?:dej|par|ces)(?:a|e|as|es|an|en|o) ?(?:de\b|aqui|por favor|nunca|$).*",
        r"\b(?:dijo|dijeron|pidio|pidieron|dije|pedi)(?: a \w+(?: \w+)?)? que no\b.*",
        r"\bde baja (?:de |del |en )(?!esta|este|esto|su|sus|la lista|estos|todo)\w+.*",
        r"\bcancel\w+ (?:mi|la|una) (?:suscripcion|cuenta) (?:de|a|en|con) (?!ustedes|usted|esto|este|esta|su\b|sus\b)\w+.*",
        r"\b(?:dieron|dio|esta|estoy|estaba) de baja\b.*",
        r"\bno (?:me |nos )?(?:den|des|de|quiten|borren|saquen|eliminen) (?:de )?(?:baja|la lista).*",
        r"\bno (?:quiero|voy a|pienso|deseo|planeo|hace falta|necesito|tengo que|es necesario)"
        r" (?:parar|dejar|darme de baja|cancelar)\b.*|\bno me (?:doy|di|he dado|dare) de baja\b.*",
        r"\b(?:mi \w+|el|ella|ellos|nadie|yo|ustedes) (?:ya )?no me \w+.*",
    ]),
    refusals=any_of([
        rf"\b(?:dej(?:a|e|en|ad)|par(?:a|e|en|ad)|ces(?:a|e|en))(?: {_PLEASE})* de (?:estar )?"
        rf"(?:{_VERB}(?:me|nos|les)?(?:los|las)?|\w+ndo(?:me|nos))\b.*",
        rf"\bno (?:me |nos )(?:vuelva[ns]? a )?{_ORDER}(?: {_AFTER}.*|$)",
        rf"(?:^|\bque |\b{_PLEASE} )no (?:vuelva[ns]? a )?(?:{_ORDER}|llamarme|escribirme|contactarme"
        rf"|molestarme)(?:me|nos)?(?: {_AFTER}.*|$)",
        r"\bno vuelva[ns]? a \w+(?:me|nos)\b.*",
        r"\b(?:ya )?no (?:quiero|deseo|quisiera|necesito|queremos|deseamos)(?: mas)?"
        r" (?:recibir|seguir recibiendo|que me|que nos"
        rf"|(?:mas |sus |tus |estos |estas |esos |esas |de )+{_NOUN}|{_NOUN}|saber (?:nada )?(?:mas )?(?:de "
        r"(?:ustedes?|ti|usted))|hablar con (?:ustedes|usted|una maquina|un robot)|ser (?:contactad"
        r"|llamad|molestad)\w|nada (?:mas )?(?:de|con) (?:ustedes|usted|ti))",
        rf"\bno mas {_NOUN}|\bbasta de (?:\w+ )?{_NOUN}|\bni (?:un|una) {_NOUN} mas",
        r"\b(?:deje|dejen|deja|dejad|dejame|dejeme|dejenme|dejadme|dejenos)(?:me|nos)?"
        r" (?:en paz|tranquil[oa]|de joder)",
        r"\b(?:dar|den|deme|denme|dame|darme|darse|dese|doy|desen|dadme)(?: de)? baja\b",
        r"\b(?:borr|elimin|quit|sac|saqu|retir|remuev|suprim)(?:e|en|a|ar|an|es|ad)?(?:me|nos)?"
        r" (?:mi (?:numero|nombre|correo|telefono|email|direccion)|mis datos|este numero"
        r"|de (?:la|su|esta|tu|sus) (?:lista|base))",
        r"\b(?:quitenme|saquenme|eliminenme|borrenme|quiteme|saqueme|elimineme|borreme|quitame"
        r"|sacame)\b(?! (?:el|las?|los|una?|es[ea]) (?!lista|base|suscripcion))",
        r"^(?!.*\b(?:marque|dio|tengo|anote|llame a)\b).*\b(?:(?:numero|persona) equivocad[oa]"
        r"|equivoc\w+ (?:de|el) (?:numero|persona))",
        r"\b(?:cancele|cancelen|cancela|cancelar|cancelo|anulen|anular|terminen)"
        r" (?:mi|la|esta|el|este) (?:suscripcion|servicio|cuenta|lista|conversacion)",
        r"^(?:cancelar?|anular) suscripcion$",
        rf"^(?:{_PLEASE} |(?:me )?puede[ns]? |podria[ns]? |(?:yo )?(?:quiero|pido|exijo|necesito) que"
        r" )*bloque(?:a|e|en|es|ad|ar) (?:mi|este) numero\b(?! de (?:tarjeta|cuenta|serie))",
        r"(?<!\bno )\bbloque(?:a|e|en|ad|ar)(?:me|nos)\b(?! (?:la|el|las|los|mi|mis|una?|esta|este)\b)",
        rf"^(?:{_PLEASE} )*(?:yo )?(?:quiero|pido|exijo|prefiero) que me (?:bloqueen?|borren?"
        r"|eliminen?|quiten?|saquen?)\b(?! (?:la|el|las|los|una?)\b)",
        r"\b(?:pon|ponga|pongan|poner|anad[ae]n?|agregu?[ae]n?|met[ae]n?|incluya?n?)(?:me|nos)?"
        r"(?: (?:mi|este) numero)? (?:en|a) (?:la |su |tu |una |vuestra )?lista (?:negra|de (?:bloque\w+"
        r"|no (?:llamar|molestar|contactar)))\b",
        rf"^(?:{_PLEASE} )*(?:olviden|olvida|olvid[ae]te de|olvidese de|olvidense de|pierdan?|pierde)"
        r" (?:mi|este) numero\b",
        r"\b(?:vayase|larguese|largate|vete)\b(?! a (?:casa|dormir|ver))|\blargo de aqui\b",
        r"\b(?:solicito|pido|exijo|quiero|requiero) (?:la|mi) (?:baja\b"
        r"|(?:cancelacion|eliminacion|supresion) de mis (?:datos|correo)|desuscripcion)",
        r"\b(?:revoco|retiro) (?:mi|el) consentimiento|\bme opongo al? (?:tratamiento|uso) de mis\b",
    ]),
    limits=any_of([
        r"\b(?:al|en el) trabajo\b|\b(?:de|por la) (?:noche|manana|madrugada)\b|\b(?:antes|despues|cuando"
        r"|mientras|hasta|durante)\b|\b(?:los|el) (?:domingos?|sabados?|fin)\b|\b(?:hoy|ahora)$"
        r"|\btan (?:tarde|temprano|seguido)\b|\b(?:muy )?tarde$"
    ]),
    written=any_of([
        r"^(?:si )?ya no quiero(?: mas| nada| esto)*$|^(?:si |no )?(?:ya )?(?:no|nunca) mas(?: por favor| gracias| ya)*$|^quiero (?:cancelar|parar esto)(?: por favor)?$",
        _NOT_INTERESTED,
        r"\b(?:puede[ns]?|podria[ns]?) (?:parar|dejar|detenerse)(?: ya| por favor| esto)*$",
        r"^(?:ya )?(?:par(?:a|e|en)|deten(?:ga|gan|te)?) (?:ya|esto|eso|todo)(?: por favor| ya)*$",
    ]),
    doubts=any_of([
        _NOT_INTERESTED,
        r"^olvide (?:mi|este) numero$",  # an order, or "I forgot"
        r"^(?:ya basta|basta ya|suficiente|ya es suficiente|ya estuvo)(?: .*)?$",
        r"\b(?:es|esto es) (?:un )?(?:acoso|spam|estafa)\b|\bestoy hart[oa]\b",
        r"\b(?:yo )?(?:no|nunca) (?:me (?:suscribi|registre|inscribi)|pedi esto|di mi numero)",
        r"\bpor ?que (?:me|nos) (?:llam|escrib|mand|molest)\w+",
    ]),
)  # fmt: skip
