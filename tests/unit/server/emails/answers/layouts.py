"""Answers to one mail of ours as mail programs write them: the person's words and the quote."""

from server.emails.answers.quotes import Ours

SUBJECT = "Baking bread"
WORDS = """Hello Ann,

here is what I found about sourdough since we talked about it last week on the phone.
Feed the starter twice a day and keep it somewhere warm.

How do you want to stop the dough from sticking to the bowl?"""
LINK = "https://talk.example.com/unsubscribe/AbC_d-123456789"
FOOTER = """--
Talking App, an automated assistant, sent this because one of its users asked it to.
To get nothing more from us: https://talk.example.com/unsubscribe/AbC_d-123456789"""
MAIL = f"{WORDS}\n\n{FOOTER}"
PAGE = f"{WORDS}\nTalking App, an automated assistant, sent this because one of its users asked it to.\n" \
    "Get nothing more from us"  # fmt: skip
OURS = Ours(
    subject=SUBJECT, words=f"{SUBJECT}\n{MAIL}\n{PAGE}",
    names=("talking@example.com", "reply+ab12ab12ab12@replies.example.com", "talking app"),
    links=("/unsubscribe/abc_d-123456789",),
)  # fmt: skip
SENDER = "Talking App <talking@example.com>"
SAID = "I put flour on it.\nIt works on most days."
QUOTED = "\n".join(f"> {line}".rstrip() for line in MAIL.splitlines())
AS_PAGE = MAIL.replace(
    "To get nothing more from us: https", "Get nothing more from us<https"
).replace("789", "789>")  # fmt: skip

BARE = {
    "English": "Bob wrote:", "said": "Bob Miller said:", "perfect": "Bob Miller has written:",
    "the other way": "Schreef Bob Miller:", "German": "Bob Müller schreibt:", "du": "Du schriebst:",
    "Sie": "Sie schrieben:", "French": "Bob a écrit :", "imperfect": "Bob Miller écrivait :",
    "Spanish": "Usted escribió:", "Italian": "Bob scrive:", "Dutch": "Bob heeft geschreven:",
    "Swedish": "Skrev Bob:", "Danish": "Bob skrev følgende:", "Polish": "Użytkownik Bob napisał:",
    "Russian": "Боб Миллер пишет:", "Turkish": "Bob şunu yazdı:", "Japanese": "ボブさんは書きました：",
    "Chinese": "鲍勃写道：", "Arabic": "كتب بوب:", "bold": "*Bob wrote:*", "role": "Bob (Support) wrote:",
    "broken": "Bob Miller from the baking bread team of the city\nwrote:",
    "broken, German": "Bob Müller hat\ngeschrieben:", "broken within": "Bob Miller, who phones you about\n"
    "the bread wrote:", "broken, Spanish": "Bob Miller del equipo\nescribió:",
}  # fmt: skip
"""What introduces a quote without a date and an address."""

LAYOUTS = {
    "gmail": f"{SAID}\n\nOn Mon, Jan 5, 2026 at 10:00 AM {SENDER}\nwrote:\n\n{QUOTED}",
    "apple": f"{SAID}\n\n> On 5 Jan 2026, at 10:00, {SENDER} wrote:\n> \n{QUOTED}",
    "outlook, German": f"{SAID}\n\n________________________________\nVon: {SENDER}\n"
    f"Gesendet: Montag, 5. Januar 2026 10:00\nAn: Ann <ann@example.org>\nBetreff: {SUBJECT}\n\n{AS_PAGE}",
    "outlook, Polish": f"{SAID}\n\nOd: {SENDER}\nWysłano: poniedziałek, 5 stycznia 2026 10:00\n"
    f"Do: Ann <ann@example.org>\nTemat: {SUBJECT}\n\n{AS_PAGE}",
    "outlook, Hungarian": f"{SAID}\n\nFeladó: {SENDER}\nElküldve: 2026. január 5., hétfő 10:00\n"
    f"Címzett: Ann <ann@example.org>\nTárgy: {SUBJECT}\n\n{AS_PAGE}",
    "outlook, Japanese": f"{SAID}\n\n差出人: {SENDER}\n送信日時: 2026年1月5日 10:00\n"
    f"宛先: Ann <ann@example.org>\n件名: {SUBJECT}\n\n{AS_PAGE}",
    "outlook, Greek": f"{SAID}\n\nΑπό: {SENDER}\nΣτάλθηκε: Δευτέρα, 5 Ιανουαρίου 2026 10:00\n"
    f"Προς: Ann <ann@example.org>\nΘέμα: {SUBJECT}\n\n{AS_PAGE}",
    "bold labels": f"{SAID}\n\n*From:* {SENDER}\n*Sent:* Monday, January 5, 2026 10:00 AM\n"
    f"*To:* Ann <ann@example.org>\n*Subject:* {SUBJECT}\n\n{AS_PAGE}",
    "yahoo mobile": f"{SAID}\n\nSent from Yahoo Mail on Android\n\n  On Mon, Jan 5, 2026 at 10:00 AM, "
    f"Talking App<talking@example.com> wrote:   {AS_PAGE}",
    "zoho": f"{SAID}\n\n\n\n---- On Mon, 05 Jan 2026 10:00:00 +0100 {SENDER} wrote ----\n\n{AS_PAGE}",
    "iso date": f"{SAID}\n\n2026-01-05 10:00 GMT+01:00, {SENDER}:\n\n{QUOTED}",
    "gmx": f"{SAID}\n\nGesendet: Montag, 05. Januar 2026 um 10:00 Uhr\nVon: \"Talking App\" "
    f"<talking@example.com>\nAn: ann@example.org\nBetreff: {SUBJECT}\n{AS_PAGE}",
    "over four lines": f"{SAID}\n\nLe lun. 5 janv. 2026\nà 10:00, Talking App\n<talking@example.com>\n"
    f"a écrit :\n\n{QUOTED}",
    "no mark at all": f"{SAID}\n\n{AS_PAGE}",
    "wrapped anew": f"{SAID}\n\n{AS_PAGE.replace(' since ', chr(10) + 'since ').replace(' talked ', chr(10) + 'talked ')}",
    "finnish, unmarked": f"{SAID}\n\nTalking App (talking@example.com) kirjoitti maanantai 5.1.2026 "
    f"klo 10.00:\n{AS_PAGE}",
    "thunderbird, Czech": f"{SAID}\n\nDne 05.01.26 v 10:00 Talking App napsal(a):\n{QUOTED}",
    "qq": f"{SAID}\n\n------------------ 原始邮件 ------------------\n发件人: {SENDER}\n"
    f"发送时间: 2026年1月5日(星期一) 上午10:00\n收件人: ann\n主题: {SUBJECT}\n\n{AS_PAGE}",
    "gmail, Hebrew": f"{SAID}\n\n\u202bבתאריך 5 בינו׳ 2026 ב-10:00 מאת \u202aTalking App\u202c\u200f "
    f"<\u202atalking@example.com\u202c\u200f>:\u202c\n\n{QUOTED}",
    "mail.ru": f"{SAID}\n\nПонедельник, 5 января 2026, 10:00 +03:00 от {SENDER}:\n{QUOTED}",
    "gmail, Chinese": f"{SAID}\n\n{SENDER} 于2026年1月5日周一 10:00写道：\n{QUOTED}",
    "outlook, Arabic": f"{SAID}\n\nمن: {SENDER}\nتم الإرسال: الاثنين، 5 يناير 2026 10:00\nإلى: ann\n"
    f"الموضوع: {SUBJECT}\n\n{AS_PAGE}",
    "lotus": f"{SAID}\n\n-----{SENDER} wrote: -----\nTo: ann@example.org\nFrom: {SENDER}\n"
    f"Date: 01/05/2026 10:00AM\nSubject: {SUBJECT}\n\n{AS_PAGE}",
    "bars": f"{SAID}\n\nTalking App:\n{QUOTED.replace('>', '|')}",
    "proton": f"{SAID}\n\n‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nOn Monday, January 5th, 2026 at 10:00, "
    f"{SENDER} wrote:\n\n{QUOTED}",
    "thunderbird, Catalan": f"{SAID}\n\nEl 5/1/26 a les 10:00, Talking App ha escrit:\n{QUOTED}",
    "original message": f"{SAID}\n\n-----Original Message-----\nFrom: {SENDER}\n"
    f"Sent: Monday, January 5, 2026 10:00\nTo: ann@example.org\nSubject: {SUBJECT}\n\n{AS_PAGE}",
}  # fmt: skip
