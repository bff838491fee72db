"""Wishes to stop in English, as patterns; see `media.languages.wish_patterns` for what each is."""

from media.languages.wish_patterns import WishPatterns, any_of, words

_VERB = (
    "text|message|call|contact|phone|ring|email|mail|write|bother|bug|spam|pester|harass|annoy"
    "|disturb|hound|ping|dm|sms|dial|telephone|solicit|send|reach|hit|robocall|keep|continue"
    "|reply|respond|speak|talk"
)
_DOING = (
    r"(?:text|messag|call|contact|phon|ring|e?mail|writ|bother|bugg|spamm?|pester|harass|annoy"
    r"|disturb|hound|ping|dm|diall?|telephon|solicit|send|reach|hitt|robocall|blow|ringt)in[g']?"
)
_NOUN = (
    "(?:texts?|messages?|calls?|emails?|mails?|mailings?|sms|communications?|contact|newsletters?"
    "|notifications?|spam|robocalls?|voicemails?|letters?|reminders?|calling|texting|messaging"
    "|emailing|crap|junk|subscriptions?)"
)
_OURS = (
    r"(?:me|us|here|this (?:number|address|phone|line|house|person)"
    r"|my (?:number|phone|cell|mobile|house|home|office|work|line|email|inbox|place))"
)
_DET = (
    "all|any|the|these|this|those|your|my|our|with|of|further|future|sending|getting|me|us|text|sms"
    "|email|phone|anymore|unsolicited|unwanted|stupid|damn|fucking|spam|marketing|from|you|more|it|such"
)
_STOP = "(?:stop|quit|cease|halt|discontinue)"
_THIRD = (
    r"(?:him|her|them|his|their|it|each|people|someone|everyone|one another|names|myself|yourself"
    rf"|(?!{_OURS})my)\b"
)
_AUXILIARY = (
    "to|i|we|they|he|she|it|who|people|kids|won't|wouldn't|can't|cannot|couldn't|didn't|doesn't"
    "|don't|not|never|would|will|could|should|may|might|must|did|does|do|i'll|they'll|he'll|she'll"
    "|i'd|he'd|she'd|we'll|let's|let us|than|ever|when you|if you|once you|since you|after you|do you"
    "|did you|don't you|have you|you never|why you"
)
_POLITE = r"(?:please |just |really |all |now |kindly |guys |people |ever |immediately |fucking )*"
_LIST = (
    "(?:lists?|database|system|records|contacts|here|this|everything|it|books|directory|lot|these)"
)
_WHOM = (
    r"(?:me|us|my (?:name|number|no(?=$| )|phone number|phone|address|email|email address|contact|details"
    r"|info|information|data|cell|mobile)|this (?:number|address|phone|contact))"
)
_NUMBER = r"(?:me|us|(?:my|this) (?:(?:phone|cell|mobile) )?number|my (?:name|contact))"
_TO_YOU = (
    r"^(?:please |just |now |ok |so |and |then |kindly |no |go ahead and |(?:can|could|would|will)"
    r" you |you (?:can|could|need to|should|must|may|have to) |i (?:want|need|would like) you to"
    r" |i'd like you to |i (?:ask|asked|told) you to )*"
)
_OF_OURS = (
    r"(?:this|these|you|your|all|any|everything|here|future|further|receiving|getting|it|that list"
    r"|the (?:list|texts?|messages?|calls?|emails?|mailing))\b"
)
_AFTER_CALL_ME = (
    "again|anymore|no|ever|back|here|on|at|about|for|from|with|please|thanks|unless|until|till|before"
    "|after|when|while|if|or|and|but|so|because|today|tonight|tomorrow|this|these|any|now|later|man"
    "|bro|dude|you|fucking|late|early|in|during|every|to|too|more|sir|there|as|i|im|between"
)
_NOT_INTERESTED = (
    r"(?<!was )(?<!were )(?<!he's )(?<!she's )(?<!they're )\b(?:not|no longer|never) (?:at all |really |even |that )?"
    r"interested(?: (?:in (?:receiv|gett|hear|talk)ing.*|anymore|at all|thanks|thank you|please|sorry|bye|ok|now|in (?:this|these|it"
    r"|talking|any(?:thing)?|your \w+|any of (?:this|it)|what you.*)))*$"
    r"|\bno interest(?: in (?:this|these|talking|it|your \w+|any of (?:this|it)))?$"
)

WISHES = WishPatterns(
    keywords=words(
        "end quit cancel revoke remove stoo stol stpp stlp stip sto dtop wtop xtop srop syop sgop sto0 stahp"
    ),
    loud=words(
        "stop stopall unsubscribe unsub optout stopp sotp stpo tsop stp stopit desist"
    ),
    fillers=words(
        "please thanks thank you now ok okay hi hello hey yes no just it this that these all"
        " everything already immediately right sorry sir madam guys dude man bro i said me us again"
        " kindly fucking damn dammit cease and the-hell texts messages msgs cheers best regards"
        " yours sincerely at once asap nope nah w with text reply answer bye goodbye"
        " wtf omg bruh lol ugh"
    ),
    asked=any_of([
        rf"\b(?:would|do|don't) you mind not (?:ever )?{_DOING}\b(?! {_THIRD})",
        rf"\btime (?:that )?(?:i'm |i am |i've |i have |we're )?(?:asking|asked|telling|told|ask|tell) you to"
        rf" {_POLITE}{_STOP} {_DOING}\b(?! {_THIRD})",
        rf"{_TO_YOU}(?:mark|flag|list|register|tag|set) {_NUMBER} (?:down )?(?:as )?(?:a )?"
        r"(?:do not|don't|no|never) (?:call|contact|text|disturb)\b",
        rf"\b(?:asked|told|begged|warned) you(?: \w+){{0,3}}? to {_POLITE}{_STOP} {_DOING}\b(?! {_THIRD})",
        # said to our face: "can you stop calling me", "I want you to stop"
        rf"\b(?:can|could|will|would|won't|can't|couldn't|wouldn't) (?:you|y'all)(?: all)? {_POLITE}"
        rf"(?:{_STOP} {_POLITE}(?:\w+ )?{_DOING}\b(?! {_THIRD})|leave (?:me|us) )",
        rf"\b(?:want|like|wish|need) to stop (?:receiving|getting|hearing)(?: (?:{_DET}))*"
        rf" (?:{_NOUN}|from you|these|this|them)\b(?! from (?!you))",
        r"\b(?:you've|you have|you were) (?:\w+ ){0,3}?(?:told|asked|warned) (?:\w+ )?to "
        rf"{_POLITE}{_STOP} {_DOING}\b(?! {_THIRD})",
        r"\b(?:can|could|will|would) you (?:please |maybe |just )?(?:not|never) (?:ever )?"
        rf"(?:{_VERB}) {_OURS}\b",
        r"\b(?:appreciate|prefer|like|love|rather)(?: it)?(?: if)? you (?:would )?(?:stopped|stop|quit"
        rf"|didn't|did not|don't|wouldn't|not)(?: ever)? (?:{_VERB}|{_DOING})\b(?! {_THIRD})",
        r"\byou(?: guys| people| all| lot| folks)? (?:need|have|ought|better|must|should) (?:to )?"
        rf"{_POLITE}{_STOP} {_POLITE}{_DOING}\b(?! {_THIRD})",
        r"(?:(?<!\bif )(?<!\bwhen )\bi\b|\bi'[a-z]+|\bwe\b|^)(?: \w+){0,5}? ?\b(?:want|need|like|ask|asked|asking|told"
        r"|tell|telling|beg|begging|demand|order|wish|request|prefer|expect|appreciate it if)"
        r" (?:that )?(?:you|y'all|your \w+)(?: guys| people| all)?(?: (?!to\b|not\b)\w+){0,3}?(?: to| would| could|'d)*"
        rf" {_POLITE}(?:{_STOP} {_POLITE}(?:\w+ ){{0,4}}{_DOING}\b(?! {_THIRD})|leave (?:me|us) )",
        rf"\b(?:want|need|like) (?:(?:all |these |this |the |your )*{_NOUN}|this|it|all (?:of )?this)"
        r" to (?:stop|end|cease)\b",
        r"\bhow (?:do|can|could|would|to)(?: i| we)? (?:stop|end|cancel|get rid of|turn off|block"
        r"|get off|avoid)(?: getting| receiving)?(?: these| this| your| the| all| of)*"
        rf" (?:{_NOUN}|list)\b(?! callers?\b)",
        rf"\bhow (?:do|can|could|would|to)(?: i| we)? (?:unsubscribe|opt out)(?: (?:of|from)"
        rf" {_OF_OURS}.*)?$",
    ]),
    never=any_of([
        r"\b(?!(?:(?<=^you need )|(?<=^you have ))to\b)"
        rf"(?:{_AUXILIARY})(?: \w+ly| just| ever| please| all| want to| wanna)? {_STOP}\b.*",
        r"\b(?:my|the|his|her|our|their|some|most) (?!god\b|goodness\b)\w+ (?:quit|stop|cease)"
        r" \w+ing\b.*",
        # "my kids don't text", "you never write": no order
        r"\b(?:i|we|they|you|people|kids|he|she|it|who|nobody|(?!guys|folks|thanks|yes|this)\w+s)"
        r" (?:really |just |usually |still |often |almost |will |would |can |could )*"
        r"(?:don't|do not|never|won't|didn't|doesn't|did not|cannot|can't)"
        r"(?! (?:\w+ly )?(?:want|wish|care|like|consent|agree|ever want|wanna|sign|remember sign|subscribe|opt|ask|request))\b.*",
        r"\b(?:don't|do not|never|not|won't|didn't) (?:want (?:you )?to |going to |gonna |you )?"
        r"(?:ever )?(?:unsubscribe|opt out|remove me|take me off|delete my|go away)\b.*",
        r"\b(?:not|never|no|without|instead of)(?: \w+ly)? (?:be )?(?:opting ?-?out|unsubscribing)\b.*",
        r"\b(?:no|any) (?:need|reason|point|wish|plans?|intention)(?: \w+){0,3} (?:to|in|of)"
        r" (?:unsubscribe|unsubscribing|opt|opting|stop|stopping)\b.*",
        r"\bwhy (?:would|should|did) (?:i|we|anyone|anybody|you) (?:ever )?(?:want to )?(?:unsubscribe|opt)\b.*",
        r"\b(?:unsubscribing|opting out) (?:is|was|isn't|wasn't) (?:not |never |no )?\w+.*",
        rf"\b(?:unsubscrib(?:ed?|ing)|opt(?:ed|ing|s)? ?out) (?:from|of) (?!{_OF_OURS})\w+.*",
        r"\b(?:he|she|they|who|people|\w+s) (?:\w+ )?(?:unsubscribed?|opt(?:ed|s)? out)\b.*",
        r"\bopt(?:ed|s) out\b.*|\b(?:they|he|she|who) (?:\w+ ){0,3}be (?:removed|taken off)\b.*",
        rf"\b{_NOUN} from (?!you\b|your|this|these|here)\w+.*",
        r"\bbothering (?:with|about|to)\b.*",
        r"\b(?:he|she|they|who|it|(?:my|our|his|her|their) (?!number|phone|line|cell|name|home|house)\w+)(?:'s|'re| is| are| was| were) on the (?:do not|don't) call\b.*",
        r"\b(?:i|always|to|never|don't|might|will|i'll) (?:lose|forget) my number\b",
        r"\b(?:won't|wouldn't|didn't|doesn't|don't|not|never|they|he|she|would|will|could)"
        r" (?:\w+ )?leave (?:me|us)\b.*",
        r"\b(?:told|asked|tell|tells) (?:me|him|her|them|us) (?:to|not to)\b.*",
        r"\b(?:don't|do not) \w+ (?:me|us)\b.*\byet\b.*",
        r"\b(?:he|she) (?:just |then )?(?:said|yelled|wrote|texted) (?:that )?(?:do|don't|never|stop|please)\b.*",
        r"\b(?:do|should|would) i (?:have to |need to )?(?:opt ?-?out|unsubscribe)\b.*",
        r"\btext and drive\b|\bcall it\b|\bwrit\w+ (?:this|that|it|me|him|her|us) off\b",
        r"\b(?:do not|don't) (?:\w+ly )?(?:reply|respond)(?: \w+ly)? to (?:this|the) (?:email|message|address)\b.*",
        r"\b(?:there are|there're|i have|i've|have|has|had|got|are|were|is|was|with|see|if) no"
        r" (?:more|further|other)\b.*",
    ]),
    refusals=any_of([
        rf"\b{_STOP} {_POLITE}(?:\w+ )?{_DOING}\b(?! {_THIRD})(?: (?:\w+ ){{0,8}}\w+)?",
        r"\b(?:don't|do not|never|not to|no not)(?: (?:ever|even|you|dare|bother to|please|try to"
        r"|fucking|want you to|wish you to|again))*"
        rf" (?:(?:text|message|call|contact|phone|ring|email|mail|write|dial|sms|dm|telephone)"
        rf"(?: (?:to )?{_OURS}| again| anymore| any| back| ever| more| these| your| please| thanks"
        rf"| at| before| after| so| on| until| till| during| while| when|$"
        r"| or (?:text|call|email|write|phone|message|mail)\b)"
        rf"|(?:{_VERB})(?:ing)?(?: out)? (?:to )?(?:{_DOING} )?{_OURS}\b"
        rf"|send (?:(?:{_DET}) )+{_NOUN}|send (?:more|anything)|contact$)"
        rf"(?<!call me)(?: (?:\w+ ){{0,8}}\w+)?",
        r"\b(?:don't|do not|never|not to)(?: (?:ever|you|dare|please))* (?:call|phone) me(?:$|"
        rf" (?:{_AFTER_CALL_ME})\b(?: (?:\w+ ){{0,8}}\w+)?)",
        r"(?:^|\b(?:i|we|i'd|we'd|and|so|but)\b)(?: would| really| just| also| absolutely| honestly"
        r"| please| sorry)*"
        r" ?(?:don't|do not|no longer|never|rather not|prefer not|not)(?: \w+ly| ever| even)?"
        r"(?: want| wish| need| desire| ever want)?(?: to)?"
        r" (?:(?:get|getting|receive|receiving|be|being|hear|hearing|have|see|read|continue)"
        rf" (?:\w+ ){{0,5}}?(?:{_NOUN}|contacted|called(?=$| (?:by|{_AFTER_CALL_ME})\b)|texted|messaged|emailed|bothered"
        r"|disturbed|phoned|from (?:you|this|y'all)|on (?:your|this|the|any)(?: \w+)? list)\b"
        r"|(?:(?:any|anymore|more|these|this|those|your|such|further|of|all|to get|unsolicited) )+"
        rf"(?:\w+ )?{_NOUN}\b(?! (?:about|with|to)\b)"
        rf"|you (?:to )?(?:keep |ever )?(?:{_VERB}|{_DOING})(?: {_OURS}| anymore| again|$)"
        r"|(?:talk|speak|chat|talking|speaking) (?:to|with) (?:you|a (?:robot|machine|bot|computer)"
        r"|robots|ai|an ai)\b|anything (?:more )?from you)",
        rf"\bno (?:more|further|additional|other)(?: of)?(?: (?:{_DET}))* {_NOUN}\b",
        rf"^(?:please )?no {_NOUN}(?: please| thanks| thank you)?$",
        rf"^(?:\w+ ){{0,3}}?{_STOP}(?: with| w)?(?: (?:{_DET}))* {_NOUN}\b(?! {_THIRD})",
        r"^(?:please |just |ok |so |and |kindly |i want to |i'd like to |i would like to |i need to "
        r"|can you |could you |would you |will you )*(?:cancel|end|terminate|suspend|deactivate"
        rf"|turn off)(?: (?:{_DET}))* (?:{_NOUN}|subscription|service|membership)"
        r"(?! (?:with|to|for|from (?!you))\b)",
        r"\b(?:unsubscribe|unsubscribing|unsub|un subscribe|opt(?:ing)? ?-?out|opt (?:me|us|my number) out)\b",
        r"\b(?:be|get|me|already|i) unsubscribed\b",
        rf"\b(?:take|get|cross|scratch|strike|drop|pull) {_WHOM} (?:off|from|out of)"
        r"(?! (?:\w+ )?(?:(?:guest|waiting|wait|invit\w+|reservation|shopping|player|team|class) ?list|b?cc)\b)"
        rf"(?: (?:\w+ ){{0,4}}{_LIST}\b|$)",
        r"^(?:please |just |kindly )*(?:delete|close|erase) my account\b",
        rf"\b(?:remove|delete|erase|scrub) (?:all (?:of )?)?{_WHOM}\b(?! from the (?:team|project|group|game))",
        rf"\b(?:purge|wipe|unlist|delist) {_NUMBER}\b",
        rf"{_TO_YOU}(?:block|ban|black ?-?list|block ?-?list) {_NUMBER}(?=$| (?:please|now|thanks"
        r"|thank you|already|and|or|so|from (?:your|this|the|all|any|calling|contact)|(?:on|in) your"
        r"|right|immediately|at once|forever|for good|permanently|because|as|then|too)\b)"
        r"(?! and (?:my|the|a)\b)",
        rf"{_TO_YOU}(?:put|place|add|stick|get) {_NUMBER} (?:down )?(?:on|to|in|onto|into)"
        r" (?:your |the |a |that |every |all )*(?:black|block) ?-?lists?\b",
        r"\b(?:i|we)(?:'d| would)? (?:just |really )?(?:want|need|like|demand) (?:my|this) (?:\w+ )?"
        r"number (?:to be |be )?(?:blocked|removed|deleted|erased|blacklisted|taken off|wiped)\b",
        r"\b(?:don't|do not|never|not|stop|quit) (?:ever |you )?us(?:e|ing) (?:my|this) number\b"
        r"(?! (?:for|to|as)\b)",
        r"\b(?:i|we)(?:'d|'m)?(?: \w+){0,3} (?:to be|to have my \w+) (?:\w+ )?(?:removed|taken off"
        r"|unsubscribed|deleted|left alone|opted out|blocked|blacklisted|erased)",
        r"\b(?:lose|forget|erase|throw away) (?:my|this) number\b",
        r"^(?!.*\b(?:i(?! (?:think|guess|believe|fear)|'m)|he|she|they|we|is this|is that|dial\w*|gave|typed?|wrote|form|is wrong)\b)"
        r"(?:\w+(?:'\w+)? ){0,5}wrong (?:number|person|guy|girl|lady|man|woman|phone)(?: (?:here|sorry"
        r"|please|stop|buddy|pal|dude|man|mate|bro|friend|thanks|again|now|i think|for.*|to.*))*$",
        r"^(?:sorry |hi |hey )?wrong (?:number|person)\b(?! of\b)",
        r"\bleave (?:me|us) (?:the \w+ |fucking )?(?:alone|be|in peace)\b",
        r"^(?:please |just |no |ok |oh |so |would you |can you |you can |you should )*go away\b"
        r"(?! (?:for|on|to|this|with|next)\b)",
        r"\b(?:get lost|piss off|bugger off|buzz off|f(?:u?c?k)?(?:ing)? off|shove it)\b",
        r"\b(?:revoke|withdraw|rescind|retract) (?:my |all |any )?(?:\w+ )?consent\b",
        r"\bdo(?:n't| not) consent\b",
        r"\b(?:object to|stop|cease|halt) (?:the |any |all )?(?:processing|using|use|storing|storage|sharing)"
        r" (?:of )?my (?:\w+ )?(?:data|details|information|info|number|email)\b|\bobject to (?:any |all )?direct marketing\b",
        r"^(?:\w+ ){0,2}(?:do not|don't) (?:call|contact|text|disturb) (?:list|registry|register)"
        r"(?: please| thanks| now)*$",
        r"\b(?:put|add|place|am|i'm|on)\b.* (?:do not|don't) (?:call|contact|text|disturb)"
        r" (?:list|registry|register)\b",
        r"\bcease and desist\b",
        rf"\b(?:refrain|desist|abstain) from (?:\w+ )?{_DOING}\b|\blay off (?:the |these |with |the )*{_NOUN}",
        r"\b(?:be|get) (?:taken off|removed from|unsubscribed from|deleted from)"
        r" (?:this|your|the|all)(?: \w+)? (?:list|lists|database|system)",
        r"\bwant(?: any| to get| more| your)?(?: (?:phone|text|sales|marketing|spam|sms))?"
        rf" {_NOUN} (?:from you|from this|anymore)",
        r"\b(?:don't|do not|not|no longer)(?: want| wish)?(?: to)? (?:receive|receiving|getting)"
        r" (?:any of )?(?:these|this|them|any|anything|more)(?: \w+){0,2}$",
        r"\b(?:don't|do not|no longer) want to get (?:any of )?(?:these|them|anything)"
        r"(?: (?:anymore|again|please|thanks|from you))*$",
    ]),
    limits=any_of([
        r"\bat (?:work|night|home|dinner|lunch|\d+|noon|midnight|school|this (?:hour|time)|the"
        r" (?:office|weekend))\b|\b(?:before|after|until|till|during|while|when|between|unless)\b"
        r"|\bon (?:sundays?|saturdays?|weekends?|mondays?|weekdays?|fridays?|the weekend|holidays)\b"
        r"|\b(?:today|tonight|tomorrow|for now)\b|\bso (?:late|early|often|much|many|soon)\b"
        r"|\bthis (?:late|early|often|week|morning|evening|month)\b"
        r"|\bin the (?:morning|evening|afternoon|night|middle)\b|(?:(?:call|phone|ring) me) now\b"
        r"|\bthat (?:often|much|late|early)\b|\bi(?:'ll| will) (?:call|text|ring|write)\b"
    ]),
    written=any_of([
        # on the phone these may only stop who is speaking, or turn a subject down
        r"^(?:ok |so |and |no |hi |hello |oh |just |can you |could you |would you |i said |well |now "
        rf"|but |hey |sorry )*please {_STOP}(?: (?:it|this|that|now|all))*(?: please| thanks)?$",
        rf"^{_POLITE}{_STOP}(?: (?:it|this|that|now|all|please|immediately|already|everything))+(?: or .*)?$",
        rf"\b(?:can|could|will|would) you {_POLITE}{_STOP}(?: (?:it|this|that|now|please))*$",
        r"(?:\bi\b|\bi'\w+|\bwe\b|^)(?: \w+){0,2}? ?\b(?:want|need|like|ask|asked|asking|told"
        r"|telling|beg|demand|wish|request) you(?: \w+ly)?(?: guys"
        rf"| people| all)?(?: to| would| could|'d)* {_POLITE}{_STOP}(?: (?:it|this|now|please))*$",
        rf"^{_POLITE}{_STOP} or (?:i|we|i'll|we'll|else|i'm)\b.*",
        r"^i (?:just )?want out(?: of (?:this|it|here))?(?: now| please)?$",
        r"^(?:i |we )?(?:want|need|would like|'d like) to (?:cancel|quit|opt out|end this|stop this)"
        r"(?: now| please| thanks)*$",
        rf"^{_POLITE}{_STOP} (?:this|that|these|the|your) (?:\w+ )?(?:nonsense|bullshit|bs|crap|shit"
        r"|harassment|madness)$",
        r"^never again(?: please)?$|\b(?:so|then) (?:please |just )?stop(?: it| please| now| that)?$",
        r"\bmake (?:this|it|all of this|all this) stop\b",
        _NOT_INTERESTED,
        r"^(?:please )?(?:do not|don't) disturb$|^(?:please |ok )*no more(?: please| thanks| of this)*$",
        r"\b(?:knock it off|cut it out|cut that out)\b",
    ]),
    doubts=any_of([
        _NOT_INTERESTED,
        rf"\b{_STOP} {_DOING} my \w+",
        r"^(?:that's |that is |this is |it's |ok |okay |i said )*enough"
        r"(?: already| now| please| is enough| of this| with .*)*$",
        r"\bhad (?:quite )?enough(?: of (?:this|you|it|your .*|these .*))?$",
        r"^i'm done(?: with (?:this|you|these.*))?$|^(?:i'm )?sick of (?:this|you|these|your).*",
        r"\b(?:this|it|that)(?: is|'s) (?:\w+ )?(?:harassment|harassing|spam|illegal|a scam)\b|^spam$",
        r"\breport(?:ing)? you\b|\bmy lawyer\b|\bsue you\b|\bblock(?:ing)? (?:you|this number)\b",
        r"\b(?:i'll|i will|i'm|we'll|going to)(?: \w+){0,3} (?:call|calling|contact) the (?:police|cops|authorities|fcc|ftc)\b",
        rf"\byou(?: guys| people| all)? (?:keep|kept|are always|always) (?:on )?{_DOING}(?: (?:me|us)\b|$)",
        rf"\b(?:last|final) time you(?: ever|'ll| will)* (?:{_VERB})(?:ed)? (?:me|us)\b",
        rf"\bwhy (?:do|are|did|would) you (?:\w+ )?(?:{_VERB}|{_DOING}) (?:{_DOING} )?(?:me|us)\b",
        r"\b(?:never|didn't|did not|don't|do not) (?:remember )?(?:sign(?:ed|ing)? up|subscribed?"
        r"|opt(?:ed)? in|agreed?(?: to this)?|ask(?:ed)? for (?:this|these)|requested?) ?"
        r"(?:for|to)? ?(?:(?:this|these|that|it|any|your)\b.*)?$|\b(?:never|didn't|did not) consent(?:ed)?\b",
        r"^you(?: guys| people| all)? (?:need to|have to|must|gotta) (?:\w+ )?stop"
        r"(?: (?:this|it|that|now|please))*$",
        r"^(?:i'm out|count me out|deactivate me|discontinue (?:the |this |your |my )?service)$",
        r"^(?:reported|marked|flagged) (?:as|for) spam$|^(?:scam|spam) blocked$",
        r"^(?:fuck|screw) you\b|^go to hell\b|^shut up$|^(?:please )?back off$",
        r"\bno(?: one|body) (?:here )?by that name\b",
        r"\bdon't want (?:this|any of this|it) anymore$|\bdon't want to (?:talk|speak|chat)"
        r"(?: anymore| any longer)?$",
    ]),
)  # fmt: skip
