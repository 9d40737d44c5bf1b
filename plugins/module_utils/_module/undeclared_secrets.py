# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that nobody declared: found by the name, the option or the statement before them.

Each repetition after which a match can still fail is bounded, so the time is proportional to the length of the text.
"""

from __future__ import annotations

import re
import typing as t

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


class Pattern(t.NamedTuple):
    """What precedes a secret, in the first group, and the secret. A text without a word and a sign is not searched.

    Most texts have none, so most patterns are never compiled, which takes longer than to read a DAG.
    """

    words: tuple[str, ...]
    signs: tuple[str, ...]
    text: str

    def may_match(self, lower: str) -> bool:
        """Whether a text, in lower case, has one of the words and one of the signs."""
        return any(word in lower for word in self.words) and any(sign in lower for sign in self.signs)


PATTERNS = [
    Pattern(NAMES, (*ASSIGNS, "("), rf"((?:{SECRET}[\w.$-]{{0,64}}\\*[\"']?(?:{ASSIGN}|\()){{1,4}}){VALUE}"),
    Pattern(SHORT_NAMES, ASSIGNS, rf"({SHORT}\\*[\"']?{ASSIGN}){VALUE}"),
    Pattern(SHORT_NAMES, ASSIGNS, rf"({ALONE}(?:\\*[\"']{ASSIGN}|\s{{0,16}}=\s{{0,16}})){VALUE}"),
    Pattern(
        (*NAMES, *SHORT_NAMES),
        ("-",),
        rf"({OPTION}(?:\\*[\"']\s{{0,16}},?\s{{0,16}}|\s{{1,16}}|\s{{0,16}},\s{{0,16}})){VALUE}",
    ),
    Pattern(
        ("mysql", "mariadb", "obclient"),
        ("-p",),
        rf"(\b(?:mysql|mariadb|obclient)[^\n]{{0,512}}?[\s\"',\[](?-i:-p)){VALUE}",
    ),
    Pattern(("identified", "password"), ("by", "as", "for"), rf"({SQL_SECRET}){VALUE}"),
    Pattern(
        ("authorization", "x-ocs-"),
        ASSIGNS,
        rf"({HEADERS}\\*[\"']?[:=]\s{{0,16}})(?:{ESCAPED}|{QUOTED}|{LISTED}|[^\n']+)",
    ),
    Pattern(("://",), ("@",), rf"(://[^/\s:@\"']{{0,128}}:){NOT_A_PORT}{UP_TO_AT}"),
    Pattern(("@tcp(", "@unix("), (":",), rf"(\w:){UP_TO_AT}(?=(?:tcp|unix)\()"),
]
KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----")
KEY_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----")


def mask_undeclared(lines: list[str]) -> list[str]:
    """Replace what follows a name, an option or a statement by which a secret is given."""
    together = "\n".join(lines).lower()
    patterns = [pattern for pattern in PATTERNS if pattern.may_match(together)]
    return [_mask_line(line, patterns) for line in lines] if patterns else lines


def mask_private_keys(lines: list[str]) -> list[str]:
    """Replace private keys (PEM), also over several lines of a log.

    One without a beginning began before the first line, which may have been left out; one without an end reaches to the
    last line.
    """
    text = "\n".join(lines)
    begin, end = KEY_BEGIN.search(text), KEY_END.search(text)
    inside = end is not None and (begin is None or end.start() < begin.start())
    masked = []
    for line in lines:
        kept = ""
        while line:
            found = (KEY_END if inside else KEY_BEGIN).search(line)
            kept += MASK if inside else line[: found.start()] if found else line
            line = line[found.end() :] if found else ""
            inside = inside != bool(found)
        masked.append(kept + MASK if inside and not kept.endswith(MASK) else kept)
    return masked


def _mask_line(line: str, patterns: list[Pattern]) -> str:
    lower = line.lower()
    for pattern in patterns:
        if pattern.may_match(lower):
            line = re.sub(pattern.text, _mask, line, flags=re.IGNORECASE)
    return line


def _mask(match: re.Match[str]) -> str:
    return match[1] + MASK + (match.groupdict().get("end") or "")
