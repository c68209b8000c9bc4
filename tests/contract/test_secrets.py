"""No secret leaves in a contract."""

import contract_samples as samples
import pytest

from ketenwacht.contract import format_yaml, to_odcs
from ketenwacht.contract.trees import PLACEHOLDER, remove_secrets

TEXTS = [
    ("a password in a URL", "postgresql://app:hunter2@db/x", f"postgresql://app:{PLACEHOLDER}@db/x"),
    ("a password with a sign in it", "postgresql://app:hun#t:er2@db/x", f"postgresql://app:{PLACEHOLDER}@db/x"),
    ("a variable is no secret", "postgresql://app:${PG}@db/x", "postgresql://app:${PG}@db/x"),
    ("user and password as variables", "p://${U:-app}:${PG}@db/x", "p://${U:-app}:${PG}@db/x"),
    ("a default with a password", "${DB:-postgresql://app:hunter2@db/x}", "${DB}"),
    ("a default without", "${DB:-sqlite:///x.db}", "${DB:-sqlite:///x.db}"),
    ("a token in a query", "https://x/y?sig=hunter2&a=1", f"https://x/y?sig={PLACEHOLDER}&a=1"),
    ("a password in a query", "p://db/x?user=a&password=hunter2", f"p://db/x?user=a&password={PLACEHOLDER}"),
]


@pytest.mark.parametrize(("sentence", "text", "expected"), TEXTS, ids=[t[0] for t in TEXTS])
def test_in_text(sentence, text, expected):
    assert remove_secrets({"a": [text]}) == {"a": [expected]}


def test_by_the_name_of_a_setting():
    assert remove_secrets({"api_key": "hunter2", "key": "number"}) == {"api_key": PLACEHOLDER, "key": "number"}


def test_what_was_hidden_once_stays_as_it_is():
    once = remove_secrets({"url": "postgresql://app:hunter2@db/x?token=t", "token": "t"})
    assert remove_secrets(once) == once


def test_no_part_of_a_document_holds_it(small):
    small["settings"]["source"] = {
        "kind": "table",
        "url": "postgresql://app:hunter2@db:5432/x",
        "table": "t",
        "period_column": "day",
    }
    small["settings"]["environments"] = {"staging": {"source": {"url": "postgresql://app:hunter2@other/x"}}}
    small["settings"]["plugin"] = {"token": "hunter2"}
    text = format_yaml(to_odcs(samples.built(small)))
    assert "hunter2" not in text
    assert "host: db" in text
