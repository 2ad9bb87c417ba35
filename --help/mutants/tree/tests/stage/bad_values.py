"""Classes of bad values, and what each kind of field must say to each: written down, not asked of the code under test."""

# What is no text: in JSON the body cannot be read, in a form the field is named.
BROKEN_TEXT = {
    "invalid UTF-8": b"\xff\xfe", "overlong": b"\xc0\xaf", "surrogate": b"\xed\xa0\x80", "cut short": b"a\xe5\xb1",
    "beyond Unicode": b"\xf4\x90\x80\x80", "Shift JIS": "山田".encode("shift_jis"), "UTF-16": "\ufeff山".encode("utf-16-be"),
}
CONTROLS = {
    "NUL": "a\0b", "bell": "a\x07b", "tab": "a\tb", "escape": "a\x1b[31mb", "delete": "a\x7fb", "next line": "a\u0085b",
    "line separator": "a\u2028b", "paragraph separator": "a\u2029b", "turned around": "\u202eab", "embedding": "\u202aab",
    "isolate": "\u2066ab", "left to right": "\u202dab",
}
LINES = {"CR LF": "a\r\nBcc: x@example.jp", "line feed": "a\nb"}  # text of several lines is a note's right
NOTHING = {"empty": "", "blanks": "  ", "wide blanks": " \u3000", "of no width": "\u200b\u2060", "byte order mark": "\ufeff",
           "Hangul filler": "\u3164", "soft hyphens": "\u00ad\u00ad"}
HUGE = {"30,000 letters": "a" * 30_000}
VISIBLE = {  # wrong wherever the shape matters, and a rightful text elsewhere
    "astral": "𠮷😀", "combining": "e\u0301\u0302\u0303", "right to left": "שלום", "Arabic digits": "١٢", "wide digits and letters": "１２ａ",
    "half-width kana": "ﾔﾏﾀﾞ", "homoglyphs": "Уamada1", "script": "<script>alert(1)</script>", "image": "<img src=x onerror=alert(1)>",
    "entity": "&lt;b&gt;", "SQL": "'; DROP TABLE ticket; --", "SQL or": "1' OR '1'='1", "formula": "=1+1", "formula at": "@SUM(1)",
    "shell": "$(id)", "backticks": "`id`", "path": "../../etc/passwd", "template": "{{7*7}}", "format": "%s%n", "LDAP": "*)(uid=*",
    "JSON": '{"a":1}', "XML": "<?xml version=\"1.0\"?>", "address list": "a,b;c", "URL": "https://x.example/?q=1",
    "negative": "-1_0", "decimal": "1.5e3!", "hexadecimal": "0x1F", "thousands": "1,000", "two numbers": "1 2", "question": "?",
    "not a number": "NaN_", "quote": '"', "brackets": "[]", "colon": "a:b", "pipe": "a|b",
}
TYPES = {"number": 1, "true": True, "null": None, "list": ["a"], "object": {"a": "b"}, "float": 1.5}  # JSON only

# kind of field: (its name in the form, code for what can be seen and is wrong; None: any text is right)
KINDS = {
    "roman": ("roman", "invalid_format"), "kana": ("kana", "invalid_format"), "pattern": ("plate", "invalid_format"),
    "text": ("motto", None), "note": ("wish", None), "email": ("email", "invalid_format"), "choice": ("grade", "not_in_list"),
    "dependent choice": ("class", "not_in_list"), "number": ("number", "invalid_format"), "quantity": ("count", "invalid_format"),
    "guest": ("guestName1", None), "consent": ("photos", "not_in_list"),
}
LENGTH_FIRST = {"roman", "kana", "pattern", "text", "note", "email", "guest"}

FORM = """
slug = "bad"
name = { ja = "悪", en = "Bad" }
contact = "festival@example.jp"
[[day]]
number = 1
date = "2027-06-12"
opens = "09:00"
closes = "16:30"
name = { ja = "1", en = "1" }
[[kind]]
id = "guest"
name = { ja = "客", en = "Guest" }
layout = "musicfes"
[[gate]]
number = 1
id = "main"
name = { ja = "門", en = "Gate" }
[[form]]
id = "all"
name = { ja = "全", en = "All" }
kind = "guest"
applicant = "{email}"
""" + "".join(f"""
[[form.field]]
name = "{name}"
label = {{ ja = "{name}", en = "{name}" }}
{rest}
""" for name, rest in {
    "roman": 'type = "roman"', "kana": 'type = "kana"', "plate": 'type = "text"\npattern = "[A-Z]{2}-[0-9]+"', "motto": 'type = "text"',
    "wish": 'type = "note"', "email": 'type = "email"',
    "grade": 'type = "choice"\nchoices = [{ value = "1", label = { ja = "1", en = "1" } }]',
    "class": 'type = "choice"\ndepends_on = "grade"\nchoices = [{ value = "A", label = { ja = "A", en = "A" }, when = ["1"] }]',
    "number": 'type = "number"', "photos": 'type = "consent"', "count": 'type = "quantity"\nmax = 2',
    "guests": 'type = "guests"\nmax = 60'}.items())

GOOD = {"roman": "Yamada", "kana": "やまだ", "plate": "AB-1", "motto": "もぎり", "wish": "一\n二", "email": "a@example.jp", "grade": "1",
        "class": "A", "number": "7", "photos": "yes", "count": "1", "guestName1": "花子"}


def pairs() -> list[tuple[str, str, object, str]]:
    """Kind of field, class of badness, value, and the code that the field must be given."""
    found = []
    for kind, (_, wrong) in KINDS.items():
        classes = [(BROKEN_TEXT, "invalid_encoding"), (CONTROLS, "control_character"), (NOTHING, "missing"), (TYPES, "not_a_string")]
        if kind != "note":
            classes.append((LINES, "control_character"))
        if kind in LENGTH_FIRST:
            classes.append((HUGE, "too_long"))
        if wrong:
            classes.append((VISIBLE if kind in LENGTH_FIRST else {**VISIBLE, **HUGE}, wrong))
        found += [(kind, badness, value, code) for values, code in classes for badness, value in values.items()]
    return found
