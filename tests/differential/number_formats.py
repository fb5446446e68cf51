"""Number formats, and what each makes of a number: number, date, date_time, time or duration."""

import functools
import re

# Only the section for positive numbers counts.
KINDS = {
    "number": [
        "General", "0", "0.00", "#,##0", "#,##0.00", "0%", "0.00%", "0.00E+00", "# ?/?", "# ??/??", "@", "##0.0E+0",
        "#,##0_);(#,##0)", "#,##0_);[Red](#,##0)", '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
        "[Red]0.00", '"day" 0', '0" days"', '"m/d/yy" 0', r"\d0", r"0\ \h", "0_d", "*d0", "[>100]0.0;0", "0;[Red]-0",
        ";;;", "General;[Red]-General", "[Blue][<=5]0;General", "[$€-407] #,##0.00", "[DBNum1]0", "[Color10]0",
        "[$-1010409]General", '_-* #,##0.00\\ "DM"_-', "[Magenta]0", "[Yellow]0", "[$CHF] #,##0", "0;yyyy",
        '0 "second"', "000-00-0000", '"Quality" 0', "0.000000000000000",
    ],
    "date": [
        "m/d/yy", "mm-dd-yy", "d-mmm-yy", "d-mmm", "mmm-yy", "yyyy-mm-dd", r"yyyy\-mm\-dd", "dd/mm/yyyy;@",
        'yyyy"年"m"月"', 'yyyy"年"m"月"d"日"', "[$-409]d/mmm/yyyy", "[$-F800]dddd, mmmm dd, yyyy", "mmmm", "mmmmm", "ddd",
        "yyyy", "m", "dd.mm.", r"[$-409]mmmm\ d\,\ yyyy;@", "[Red]yyyy", "DD/MM/YYYY", '"on" d', "[$-411]ggge",
    ],
    "date_time": [
        "m/d/yy h:mm", "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd hh:mm:ss.000", r"yyyy\-mm\-dd\Thh:mm:ss",
        r"yyyy/mm/dd\ hh:mm", "d/m h AM/PM", "[$-409]m/d/yy h:mm AM/PM;@", "dd hh",
    ],
    "time": [
        "h:mm AM/PM", "h:mm:ss AM/PM", "h:mm", "h:mm:ss", "mm:ss", "mm:ss.0", "[$-F400]h:mm:ss AM/PM",
        'h "o\'clock"', "h", "s", 'h"時"mm"分"', "[Red]h:mm", "HH:MM",
    ],
    "duration": ["[h]:mm:ss", "[mm]:ss", "[ss].00", "[hh]:mm", "[h]", '[h]" hours"', "[Red][h]:mm"],
}  # fmt: skip
# Those that a file may name by number only; 27-36 and 50-58 are East Asian.
BUILTIN_KINDS = {
    "number": [0, 1, 2, 3, 4, 9, 10, 11, 12, 13, 37, 38, 39, 40, 48, 49],
    "date": [14, 15, 16, 17, 27, 28, 29, 30, 31, 34, 35, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58],
    "date_time": [22],
    "time": [18, 19, 20, 21, 32, 33, 45, 47],
    "duration": [46],
}
BUILTIN = "builtin "  # before the number, where our own writers take it for a code
BUILTIN_KIND_OF = {f"{BUILTIN}{number}": kind for kind, numbers in BUILTIN_KINDS.items() for number in numbers}
KIND_OF = {code: kind for kind, codes in KINDS.items() for code in codes}
ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.I)


@functools.cache
def kind_of(code):
    """Of any format, such as one that a writer made of ours."""
    return BUILTIN_KIND_OF.get(code) or KIND_OF.get(code) or classify(code)


def builtin_number(code):
    """None for what is no number of a built-in format."""
    return int(code.removeprefix(BUILTIN)) if code.startswith(BUILTIN) else None


def classify(code):
    bare = re.sub(r'"[^"]*("|$)|\\.|_.|\*.', " ", code).split(";")[0]
    bare = re.sub(r"General", " ", bare, flags=re.I)
    elapsed = ELAPSED.search(bare)
    bare = re.sub(r"\[[^\]]*\]", "", ELAPSED.sub(lambda found: found[1], bare))
    bare = re.sub(r"E[+-]", " ", re.sub(r"AM/PM|A/P", "h", bare, flags=re.I)).lower()
    # Of `m` and `mm` it is the neighbours that tell minutes from months.
    letters = re.sub(r"[^ymdhsegb]", "", bare)
    minutes = re.search(r"h(m{1,2})(?!m)|(?<!m)(m{1,2})s", letters)
    months = re.sub(r"h(m{1,2})(?!m)|(?<!m)m{1,2}s", "", letters)
    date = re.search("[ydegb]", letters) or ("m" in months and not elapsed)
    time = elapsed or minutes or re.search("[hs]", letters)
    if date and time:
        return "date_time"
    if date:
        return "date"
    return "duration" if elapsed else "time" if time else "number"


def check():
    """That the rule by which other formats are judged agrees with the table."""
    wrong = [(code, kind, classify(code)) for code, kind in KIND_OF.items() if classify(code) != kind]
    assert not wrong, f"classify() is wrong about {wrong}"
