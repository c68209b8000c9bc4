"""Replaces secrets in texts: the one function for contracts, errors, logs, `doctor` and the history.

It knows URLs of every form (`user:password@`, also with unescaped signs; `?password=`; tokens in the query, in
names that are percent-encoded too; `odbc_connect`; `options`), connection strings (`PWD=…;`, `password=… host=…`),
and addresses that are a secret as a whole, such as a webhook. When in doubt it hides.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote_plus

HIDDEN = "***"

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,40}://(?:\$\{[^}]*\}|[^\s'\"`<>])+")
_NAME = re.compile(
    r"passw|passphrase|pwd$|_pass$|\bpass$|_pw$|secret|token|credential|signature|^sig$|^auth$|^authorization$|"
    r"(?:api|access|account|private|shared|signing|encryption|master)[_ -]?key|^jaas|^sasl",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r"key$|^odbc_connect$|^code$", re.IGNORECASE)
_NAMED = (  # how the name of a secret ends
    r"(?:password|passwd|pass[ _-]?phrase|pwd|wachtwoord|secret|token|credential|signature|"
    r"(?:api|account|access|private|signing|encryption|master|audit)[._-]?key|secret[._-]?(?:access[._-]?)?key|"
    r"ketenwacht(?:_audit)?_keys)"
)
_PAIR = re.compile(
    rf"(?P<name>\b(?:[\w.-]{{0,80}}{_NAMED}|sig|sas|pass|pin|auth))(?P<is>\s*=\s*)"
    r"(?P<value>\{(?:[^}]|\}\})*\}|\$\{[^}]*\}|'(?:[^'\\]|\\.|'')*'|\"[^\"]*\"|[^\s;&,'\"]+)",
    re.IGNORECASE,
)
_DSN_PAIR = re.compile(  # between semicolons a value may hold spaces
    rf"(?P<name>;\s*[\w. -]*{_NAMED})(?P<is>\s*=\s*)(?P<value>[^\s;'\"{{$][^;'\"\n]*)", re.IGNORECASE
)
_QUOTED = re.compile(  # a member of a JSON document or of a Python dictionary
    rf"(?P<name>(?P<q>['\"])[\w.-]*{_NAMED}(?P=q))(?P<is>\s*:\s*)(?P<value>(?P<v>['\"])[^'\"]*(?P=v))",
    re.IGNORECASE,
)
_OPTION_VALUE = re.compile(rf"(?P<name>--[\w-]*{_NAMED})(?P<is> +)(?P<value>[^\s-]\S*)", re.IGNORECASE)
_HEADER = re.compile(
    r"(?P<name>\b(?:x-(?:api-key|auth-token|vault-token)|(?:proxy-)?authorization))(?P<is>: *)"
    r"(?P<value>(?:[a-z]+ +)?(?:\"[^\"]*\"|[^\s\"])+(?:(?<=,) *\w+=(?:\"[^\"]*\"|[^\s\"])+)*)",
    re.IGNORECASE,
)
_COOKIE = re.compile(  # a header holds several cookies: everything behind the name of the first is hidden
    r"(?P<name>\b(?:set-)?cookie['\"]?: *['\"]?[^\s=;'\"]+)(?P<is>=)"
    r"(?P<value>(?:\"[^\"]*\"|[^\s;'\"]+)(?:; *[^\s;'\"]+)*)",
    re.IGNORECASE,
)
_MEMBER = re.compile(  # of YAML: one word with a digit and nothing behind it, so that a sentence of ours stays
    rf"(?P<name>\b(?:[\w.-]{{0,80}}{_NAMED}|pass|pin))(?P<is>\s*[:\uff1a] *)(?P<value>(?=\S*\d)[^\s'\"{{$]{{6,}})"
    r"(?=\s*(?:$|[,}\n]))",
    re.IGNORECASE,
)
_BRACED = re.compile(  # a member of a document in braces, without quotes
    rf"(?P<name>[{{,]\s*[\w.-]{{0,80}}{_NAMED})(?P<is>\s*:\s*)(?P<value>[^\s,'\"{{}}$]+)(?=\s*[,}}])",
    re.IGNORECASE,
)
_CLIENT_OPTION = re.compile(
    r"(?P<name>\b(?:mysql|mariadb)[\w-]{0,30}(?: +(?!-p)\S+){0,20} +-p)(?P<is>)(?P<value>[^\s$]\S*)"
)
_CLIENT_LOGIN = re.compile(r"(?P<name>\bsqlplus(?: +-\S+){0,9} +\w+)(?P<is>/)(?P<value>[^\s@/]+)")
_PSEUDONYM_KEY = re.compile(  # as in a file of keys; a checksum is none
    r"(?P<name>\b(?!sha|md5|blake|crc)[A-Za-z][\w.-]{0,30})(?P<is>:)(?P<value>[0-9a-f]{48,})\b"
)
_LOGIN_OPTION = re.compile(r"(?P<name>(?:\s-u|--user) *[^\s:]+)(?P<is>:)(?P<value>\S+)")
_PEM = re.compile(
    r"(?P<name>-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----)(?P<is>\s*)(?P<value>.*?)(?=-----END|$)", re.DOTALL
)
_SPACED = re.compile(  # spaces around user or password, which a URL should not have; a port ends no password
    r"(?P<name>\b[A-Za-z][A-Za-z0-9+.-]{0,60}://\s*[^/@:'\"`<>\n${]*)(?P<is>\s*:\s*)(?!\d+(?:[\s/]|$))"
    r"(?P<value>[^@/'\"`<>\n]{1,200}?)(?=\s*@)"
)
_WITHOUT_SCHEME = (
    re.compile(  # `user:password@host/path`, `user:password@host:port`, and Oracle's `user/password@`
        r"(?P<name>(?<![\w/$}])(?://)?[\w.+-]{1,200})(?P<is>:)(?P<value>[^\s:@/'\"]+)"
        r"(?=@(?:\[[0-9a-fA-F:]+\]|[\w.-]+)(?::\d|/))"
    )
)
_ORACLE = re.compile(
    r"(?P<name>(?:\boracle[\w+:]*://|:|\b)\w+)(?P<is>/)(?P<value>[^\s@/]+)(?=@(?://[\w.-]+|[\w.-]+:\d))"
)
_SIGNS = ("=", ":", "\uff1a", "@", "-p", "--", "%")
"""A text without any of these holds no secret that has a name or a place."""
_ENCODED = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]{0,60}%3A%2F%2F\S+", re.IGNORECASE)
_TOKEN_SCHEMES = frozenset(
    {
        "slack",
        "discord",
        "tgram",
        "telegram",
        "msteams",
        "workflows",
        "ntfy",
        "ntfys",
        "gotify",
        "gotifys",
        "matrix",
        "matrixs",
        "pover",
        "pbul",
        "opsgenie",
        "pagerduty",
        "mailgun",
        "sendgrid",
        "signal",
        "signals",
        "zulip",
        "rocket",
        "rockets",
        "mmost",
        "mmosts",
        "webex",
        "wxteams",
        "pushy",
    }
)
"""Schemes of apprise whose whole address is a token."""
_BEARER = re.compile(r"(?P<name>\b(?:bearer|basic))(?P<is> +)(?P<value>[A-Za-z0-9._~+/=-]{8,})", re.IGNORECASE)
_TOKEN = re.compile(r"\b(?:xox[a-z]-|xapp-|gh[a-z]_|github_pat_|glpat-|sk-|AKIA|eyJ)[A-Za-z0-9._-]{6,}")
_WEBHOOK = re.compile(
    r"^(?:hooks\.slack(?:-gov)?\.com|discord(?:app)?\.com/api/webhooks|hc-ping\.com|[\w.-]*\.webhook\.office\.com|"
    r"api\.telegram\.org|[\w.-]*\.logic\.azure\.com|chat\.googleapis\.com)",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"\$\{[A-Za-z_]\w*(?::-)?\}")
_PLAIN_OPTIONS = {"search_path", "statement_timeout", "lock_timeout", "timezone", "datestyle", "application_name"}
_OPTION = re.compile(r"(?:-c\s*|--)([\w.]+)\s*=")


def names_secret(name: str) -> bool:
    """Return whether a setting or parameter of this name holds a secret."""
    return _NAME.search(unquote_plus(name)) is not None


def hide_secrets(text: str, hidden: str = HIDDEN) -> str:
    """Return a text with every secret replaced; a variable (`${NAME}`) is none.

    Args:
        text: of any kind; what is hidden once stays as it is.
        hidden: stands for a secret.
    """
    if not any(sign in text for sign in _SIGNS) and not (_TOKEN.search(text) or _BEARER.search(text)):
        return text

    def hide(value: str) -> str:
        return value if not value or _VARIABLE.fullmatch(value) or value == hidden else hidden

    def hide_match(found: re.Match[str]) -> str:
        return f"{found['name']}{found['is']}{hide(found['value'])}"

    for pattern in (_SPACED, _ORACLE):
        text = pattern.sub(hide_match, text)
    text = _ENCODED.sub(lambda found: _hide_encoded(found[0], hidden), text)
    parts: list[str] = []
    end = 0
    for url in _URL.finditer(text):
        parts += _hide_pairs(text[end : url.start()], hide), _hide_in_url(url[0], hide)
        end = url.end()
    return "".join((*parts, _hide_pairs(text[end:], hide)))


def _hide_pairs(text: str, hide: Callable[[str], str]) -> str:
    for pattern in _PATTERNS:
        text = pattern.sub(lambda found: f"{found['name']}{found['is']}{hide(found['value'])}", text)
    return _TOKEN.sub(lambda found: hide(found[0]), text)


_PATTERNS = (
    _DSN_PAIR,
    _PAIR,
    _QUOTED,
    _OPTION_VALUE,
    _BRACED,
    _LOGIN_OPTION,
    _CLIENT_OPTION,
    _CLIENT_LOGIN,
    _PSEUDONYM_KEY,
    _PEM,
    _HEADER,
    _COOKIE,
    _MEMBER,
    _WITHOUT_SCHEME,
    _BEARER,
)


def _hide_encoded(url: str, hidden: str) -> str:
    """Return a URL that is percent-encoded as a whole: its scheme alone, when there is a secret in it."""
    plain = unquote_plus(url)
    return url if hide_secrets(plain, hidden) == plain else f"{plain.partition('://')[0]}%3A%2F%2F{hidden}"


def _hide_in_url(url: str, hide: Callable[[str], str]) -> str:
    scheme, _, rest = url.partition("://")
    if scheme.lower() in _TOKEN_SCHEMES:
        return f"{scheme}://{hide(rest)}"
    user, at, place = _split_user(rest)
    if at:
        name, colon, password = _split_outside(user, ":")
        is_token = not colon and scheme.lower().rpartition("+")[2] in {"http", "https"}
        user = f"{name}{colon}{hide(password)}" if colon else hide(user) if is_token else _hide_pairs(user, hide)
    place, mark, query = _split_outside(place, "?")
    found = _WEBHOOK.match(place)
    if found is not None and len(place) > found.end() + 1:
        place = f"{found[0]}/{hide(place[found.end() + 1 :])}"
    for sign in (";", "#"):
        path, found_sign, more = _split_outside(place, sign)
        place = f"{path}{found_sign}{_hide_pairs(more, hide)}"
    hidden = "&".join(_hide_parameter(part, hide) for part in re.split("[&]", query))
    return f"{scheme}://{user}{at}{place}{mark}{hidden}"


def _split_user(rest: str) -> tuple[str, str, str]:
    """Return user part, `@` and what follows it; a password may hold unescaped `@`, `/`, `?` and `#`."""
    head = _split_outside(rest, "?")[0]
    if "@" in head:
        user, at, place = head.rpartition("@")
        if "/" not in user.partition(":")[0]:
            return user, at, f"{place}{rest[len(head) :]}"
    first, colon, second = _split_outside(head, ":")
    if colon and "@" in rest and "/" not in first and not re.match(r"\d+(?:/|$)", second):
        user, at, place = rest.rpartition("@")
        return user, at, place
    return "", "", rest


def _split_outside(text: str, sign: str) -> tuple[str, str, str]:
    """Return `text.partition(sign)`, passing over signs inside a variable such as `${NAME:-default}`."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (text[at : at + 2] == "${") - (letter == "}" and depth > 0)
        if letter == sign and depth == 0:
            return text[:at], sign, text[at + 1 :]
    return text, "", ""


def _hide_parameter(part: str, hide: Callable[[str], str]) -> str:
    name, equals, value = part.partition("=")
    if not equals:
        return part
    if names_secret(name) or _PARAMETER.search(name):
        return f"{name}={hide(value)}"
    decoded = unquote_plus(value)
    if name.lower() == "options" and not set(_OPTION.findall(decoded)) <= _PLAIN_OPTIONS:
        return f"{name}={hide(value)}"
    if decoded != _hide_pairs(decoded, hide):
        return f"{name}={hide(value)}" if decoded != value else f"{name}={_hide_pairs(value, hide)}"
    return part
