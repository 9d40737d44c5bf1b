# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that nobody declared: found by the name, the option or the statement before them.

Each repetition after which a match can still fail is bounded, so the time is proportional to the length of the text.
"""

from __future__ import annotations

import re

MASK = "********"
SECRET = r"(?:pass(?:word|wd|phrase)|_pass|pwd|secret|token|credentials?|(?:private|access|api)_?key)"  # nosec B105
# Only as the end of a name: these letters begin and end other words, too.
SHORT = r"\w(?:pass|pw)(?![\w.$-])"
ALONE = r"(?<![\w.$-])(?-i:pass|pw)(?![\w.$-])"
SECRET_KEY = re.compile(rf"(?i){SECRET}|{SHORT}|^{ALONE}$")

# JSON inside JSON: the quotes that end a text have as many backslashes as those that begin it.
ESCAPED = r"(?P<escape>\\{1,16})(?P<quote>[\"'])[\s\S]*?(?<!\\)(?P=escape)(?P=quote)"
QUOTES = r"\"[^\"\\]*(?:(?:\\[\s\S]|\"\")[^\"\\]*)*\"|'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'"
# A shell joins what follows a quote without a blank.
QUOTED = rf"(?:{QUOTES})(?:\\['\"]|{QUOTES}|[^\s,;&'\")\]}}:=\\])*"
LISTED = r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]|\{(?:[^{}]|\{[^{}]*\})*\}"
ORDINARY = r"[^\s,;&'\")\]}]"
# A bracket or a quote ends a bare value unless the value continues. A separator does if another name follows.
BRACKET = rf"[)\]}}'\"](?={ORDINARY})(?![:=\\])"
SEPARATOR = rf"[,;&](?={ORDINARY})(?!\\{{0,16}}[\"'])(?![\w.$-]{{1,64}}\s{{0,4}}[=:])"
BARE = rf"(?![\[{{]|\\{{1,16}}[\"'])(?:{ORDINARY}|{BRACKET}|{SEPARATOR})(?:{ORDINARY}|{BRACKET}|{SEPARATOR})*"
# It was cut off, so all that follows may belong to it.
UNFINISHED = r"\\{0,16}[\"'\[{][\s\S]*"
VALUE = rf"(?:{ESCAPED}|{QUOTED}|{LISTED}|(?![\"']){BARE}|{UNFINISHED})"

ASSIGN = r"\s{0,16}(?::=|=>|=|:)\s{0,16}"
OPTION = rf"(?<![\w.$-])--?[\w.$-]{{0,64}}(?:{SECRET}[\w.$-]{{0,64}}|(?<=\w)(?:pass|pw)|(?<=-)(?:pass|pw))"
SQL_SECRET = (  # nosec B105
    r"\bidentified\s{1,16}(?:with\s{1,16}\S{1,64}\s{1,16})?(?:by|as)\s{1,16}(?:(?:password|values)\s{1,16})?"
    r"|\bpassword\s{1,16}for\s{1,16}\S{1,128}\s{0,16}=\s{0,16}"
)
HEADERS = r"\b(?:authorization|x-ocs-(?:agent-)?(?:header|auth))"
UP_TO_AT = r"(?:[^\s\"'@]{1,256}@){0,8}[^\s\"'@]{1,256}(?P<end>@)"
NOT_A_PORT = r"(?!\d{1,5}(?:[/?#\s\"',]|$))"
NAMES = ("passw", "passphrase", "_pass", "pwd", "secret", "token", "credential", "key")
SHORT_NAMES = ("pass", "pw")
ASSIGNS = (":", "=")
# What a text must contain in lower case, one word and one sign, and what then precedes the secret. Most texts contain
# neither, so that most patterns are never compiled, which takes longer than to read a DAG.
PATTERNS: list[tuple[tuple[str, ...], tuple[str, ...], str]] = [
    (NAMES, (*ASSIGNS, "("), rf"((?:{SECRET}[\w.$-]{{0,64}}\\*[\"']?(?:{ASSIGN}|\()){{1,4}}){VALUE}"),
    (SHORT_NAMES, ASSIGNS, rf"({SHORT}\\*[\"']?{ASSIGN}){VALUE}"),
    (SHORT_NAMES, ASSIGNS, rf"({ALONE}(?:\\*[\"']{ASSIGN}|\s{{0,16}}=\s{{0,16}})){VALUE}"),
    (
        (*NAMES, *SHORT_NAMES),
        ("-",),
        rf"({OPTION}(?:\\*[\"']\s{{0,16}},?\s{{0,16}}|\s{{1,16}}|\s{{0,16}},\s{{0,16}})){VALUE}",
    ),
    (
        ("mysql", "mariadb", "obclient"),
        ("-p",),
        rf"(\b(?:mysql|mariadb|obclient)[^\n]{{0,512}}?[\s\"',\[](?-i:-p)){VALUE}",
    ),
    (("identified", "password"), ("by", "as", "for"), rf"({SQL_SECRET}){VALUE}"),
    (
        ("authorization", "x-ocs-"),
        ASSIGNS,
        rf"({HEADERS}\\*[\"']?[:=]\s{{0,16}})(?:{ESCAPED}|{QUOTED}|{LISTED}|[^\n']+)",
    ),
    (("://",), ("@",), rf"(://[^/\s:@\"']{{0,128}}:){NOT_A_PORT}{UP_TO_AT}"),
    (("@tcp(", "@unix("), (":",), rf"(\w:){UP_TO_AT}(?=(?:tcp|unix)\()"),
]
KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----")
KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----")


def mask_undeclared(text: str) -> str:
    """Replace what follows a name, an option or a statement by which a secret is given."""
    lower = text.lower()
    for words, signs, pattern in PATTERNS:
        if any(word in lower for word in words) and any(sign in lower for sign in signs):
            text = re.sub(pattern, _mask, text, flags=re.IGNORECASE)
    return text


def mask_private_keys(lines: list[str]) -> list[str]:
    """Replace private keys (PEM), also over several lines of a log; one without an end reaches to the last line."""
    masked, inside = [], False
    for line in lines:
        kept = ""
        while line:
            found = (KEY_END if inside else KEY_BEGIN).search(line)
            kept += MASK if inside else line[: found.start()] if found else line
            line = line[found.end() :] if found else ""
            inside = inside != bool(found)
        masked.append(kept + MASK if inside and not kept.endswith(MASK) else kept)
    return masked


def _mask(match: re.Match[str]) -> str:
    return match[1] + MASK + (match.groupdict().get("end") or "")
