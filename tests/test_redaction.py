"""No form of a secret comes through; texts without one stay as they are."""

from __future__ import annotations

from time import process_time

import pytest

from ketenwacht.redaction import hide_secrets

MARK = "hunter2"
SECRET = [
    ("a password in a URL", "postgresql://app:hunter2@db/x"),
    ("a password with an unescaped @", "postgresql://app:hun@hunter2@db/x"),
    ("a password with an unescaped /", "postgresql://app:a/hunter2@db/x"),
    ("a password with an unescaped ?", "postgresql://app:a?hunter2@db/x"),
    ("a password with an unescaped # and :", "postgresql://app:a#:hunter2@db/x"),
    ("a password in the query", "postgresql://db/x?user=a&password=hunter2"),
    ("another name of it", "postgresql://db/x?sslpassword=hunter2&sslmode=require"),
    ("a name that is encoded", "postgresql://db/x?p%61ssword=hunter2"),
    ("options of the server", "postgresql://db/x?options=-c%20my.pass=hunter2"),
    ("options of the server, encoded", "postgresql://db/x?options=-c%20my.pass%3Dhunter2"),
    ("odbc in a parameter", "mssql+pyodbc:///?odbc_connect=DRIVER%3D%7BX%7D%3BUID%3Da%3BPWD%3Dhunter2"),
    ("an encoded string in another parameter", "x:///?dsn=UID%3Da%3BPWD%3Dhunter2"),
    ("an odbc string", "DRIVER={X};SERVER=db;UID=a;PWD=hunter2;DATABASE=x"),
    ("an odbc string with braces", "SERVER=db;PWD={a;hunter2};DATABASE=x"),
    ("an odbc string that begins with it", "Pwd=hunter2;UID=a"),
    ("a keyword string", "host=db password=hunter2 dbname=x"),
    ("a keyword string in quotes", "host=db password='a hunter2' dbname=x"),
    ("jdbc with semicolons", "jdbc:sqlserver://db:1433;user=a;password=hunter2;database=x"),
    ("a token in the query", "https://x/y?access_token=hunter2"),
    ("a signature", "https://x.blob.core.windows.net/y?sv=1&sig=hunter2"),
    ("an amazon signature", "https://x/y?X-Amz-Signature=hunter2&X-Amz-Date=1"),
    ("an amazon credential", "https://x/y?X-Amz-Credential=hunter2"),
    ("an account key", "AccountName=a;AccountKey=hunter2;EndpointSuffix=x"),
    ("a key file's password", "postgresql://db/x?sslkey=/k.pem&sslpassword=hunter2"),
    ("an api key", "https://x/y?api_key=hunter2"),
    ("a spark token", "sc://host:443/;token=hunter2;user_id=a"),
    ("a webhook", "https://hooks.slack.com/services/T1/B1/hunter2"),
    ("a dead-man's switch", "https://hc-ping.com/hunter2"),
    ("a Slack token in a sentence", "the token xoxb-hunter2-hunter2 is refused"),
    ("a header", "Authorization: Bearer hunter2hunter2"),
    ("a proxy", "http://me:hunter2@proxy:3128"),
    ("in the middle of a sentence", "cannot reach postgresql://app:hunter2@db/x: is it on?"),
    ("two of them", "postgresql://a:hunter2@db/x and https://x/y?token=hunter2"),
]
ODD = [
    ("spaces around user and password", "postgresql://user : hunter2 @ host/db"),
    ("a space before the password", "postgresql://user: hunter2@host/db"),
    ("a space after the scheme", "postgresql:// user:hunter2 @host/db"),
    ("a space in the user", "postgresql://us er:hunter2@host/db"),
    ("a space in the password", "postgresql://user:my hunter2@host/db"),
    ("spaces around the URL", " postgresql://user:hunter2@host/db "),
    ("no scheme", "user:hunter2@host/db"),
    ("no scheme, but a port", "user:hunter2@host:5432"),
    ("no scheme, and an IPv6 address", "user:hunter2@[::1]:5432"),
    ("two slashes alone", "//user:hunter2@host/db"),
    ("a colon without slashes", "postgresql:user:hunter2@host/db"),
    ("encoded as a whole", "postgresql%3A%2F%2Fuser%3Ahunter2%40host%2Fdb"),
    ("several @", "postgresql://user:a@b@hunter2@host/db"),
    ("an IPv6 host", "postgresql://user:hunter2@[fe80::1%25eth0]:5432/db"),
    ("a token in place of the user", "https://hunter2@git.example.org/x"),
    ("a code of a function", "https://x.example.org/api?code=hunter2"),
    ("a doubled brace in an odbc string", "Server=h;Pwd={a}}hunter2};X=1"),
    ("a password with spaces in an odbc string", "Server=h;Password=a b hunter2;X=1"),
    ("... at its end", "Server=h;Password=a hunter2"),
    ("an escaped quote in a keyword string", r"host=h password='a\'hunter2' dbname=x"),
    ("jdbc of Oracle", "jdbc:oracle:thin:u/hunter2@//host:1521/s"),
    ("jdbc of Oracle with a SID", "jdbc:oracle:thin:u/hunter2@host:1521:s"),
    ("an access key of storage", "spark.hadoop.fs.s3a.secret.key=hunter2"),
    ("a signature in a signature", "SharedAccessSignature=sv=1&sig=hunter2"),
    ("a member of JSON", '{"password": "hunter2"}'),
    ("a member of a Python dictionary", "{'slack_token': 'hunter2'}"),
    ("an option", "psql --password hunter2"),
    ("a header with a key", "X-Api-Key: hunter2"),
    ("an address of apprise that is a token", "tgram://hunter2/123"),
    ("another one", "discord://1234/hunter2"),
]
PLACES = [
    ("a member of YAML", "password: hunter2"),
    ("a member of YAML by another name", "clientSecret: hunter2"),
    ("a variable in YAML", "PGPASSWORD: hunter2"),
    ("the same in Dutch", "wachtwoord=hunter2"),
    ("a short name of it", "user=a pass=hunter2 host=b"),
    ("a private key by name", "private_key=hunter2"),
    ("the keys of pseudonyms", "KETENWACHT_KEYS=k1:hunter2"),
    ("the keys of the audit log", "KETENWACHT_AUDIT_KEYS=k1:hunter2"),
    ("a private key", "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----"),
    ("a private key that is cut off", "-----BEGIN RSA PRIVATE KEY-----\nhunter2"),
    ("a fragment", "https://x/y#access_token=hunter2"),
    ("a header of another scheme", "Authorization: Token hunter2"),
    ("a header without a scheme", "authorization: hunter2"),
    ("a header for a proxy", "Proxy-Authorization: Basic hunter2hunter2"),
    ("a cookie", "Cookie: session=hunter2"),
    ("a cookie that is set", "Set-Cookie: sid=hunter2; Path=/"),
    ("a cookie behind another", "Cookie: lang=nl; session=hunter2; theme=dark"),
    ("a cookie in a dictionary", "{'Cookie': 'lang=nl; session=hunter2'}"),
    ("a header with several parts", 'Authorization: Digest username="u", realm="a b", response="hunter2"'),
    ("a key of PGP", "-----BEGIN PGP PRIVATE KEY BLOCK-----\nhunter2\n-----END PGP PRIVATE KEY BLOCK-----"),
    ("a login of curl", "curl -u user:hunter2 https://x"),
    ("a token of GitHub", "github_pat_hunter2hunter2 is refused"),
    ("a key of a model", "sk-hunter2hunter2hunter2 is refused"),
    ("a password stuck to its option", "mysqldump -h db -u app -phunter2 feed"),
    ("a login of a client", "sqlplus -S app/hunter2@db"),
    ("a member without quotes", "{user: app, password: hunter2, host: db}"),
    ("a shared signature by its short name", "https://x and sas=hunter2"),
    ("a code of a card", "pin=hunter2"),
    ("a short name of it in YAML", "pass: hunter2"),
    ("a full-width colon", "password\uff1ahunter2"),
    ("a doubled quote", "host=h pwd='a''hunter2' dbname=x"),
]
SECRET += ODD + PLACES
PLAIN = [
    "config.yaml:12:3: `feeds.x.source.url`: is no URL — write it as postgresql://host/db",
    "https://example.org: see page 12",
    "mail a@example.org, or call 12:30",
    "postgresql://host:5432 refused the user a@b",
    "a/b@c",
    "use --token-file NAME",
    "postgresql://db:5432/x",
    "postgresql://app@db/x",
    "postgresql://app:${PG}@db/x",
    "postgresql://db/x?options=-csearch_path=one",
    "https://host/path?a=1&mail=me@example.org",
    "sqlite:///var/history.db",
    "1 = 1; key = value",
    "the password is wrong — correct the user and password",
    "cron=0 7 * * mon-fri",
    "a token is refused",
    "SLACK_BOT_TOKEN: is not set — set it",
    "slack.token: missing",
    "the password: wrong",
    "task-force and risk-averse",
    "cookie: no",
    "set KETENWACHT_KEYS or KETENWACHT_KEYS_FILE",
    f"sha256:{'ab' * 32}",
    "passed: 12, failed: 3",
    "opinion=3; spin: 123456",
    "mysql -h db -p",
    "2,070 (category: A, token: missing)",
]


@pytest.mark.parametrize(("sentence", "text"), SECRET, ids=[one[0] for one in SECRET])
def test_a_secret_is_hidden_once_and_stays_so(sentence, text):
    shown = hide_secrets(text)
    assert MARK not in shown
    assert "***" in shown
    assert hide_secrets(shown) == shown


def test_a_key_of_pseudonyms_is_hidden_also_without_its_name():
    assert hide_secrets(f"line 1: k1:{'ab' * 32}") == "line 1: k1:***"


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_no_secret_stays(text):
    assert hide_secrets(text) == text


@pytest.mark.parametrize(
    "text",
    ["a" * 200_000 + ": x = y", "secret" * 20_000 + ": x", "a://" * 20_000 + "@", "mysql-" * 20_000 + "-p"],
    ids=["letters", "names", "addresses", "clients"],
)
def test_a_long_text_takes_no_long_time(text):
    began = process_time()
    hide_secrets(text)
    assert process_time() - began < 20
