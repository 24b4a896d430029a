"""What a scan writes is what the JSON Schemas of `spec/` say, by a foreign validator."""

import json

import pytest
from jsonschema import Draft202012Validator

from conftest import ROOT


def validator(name):
    schema = json.loads((ROOT / "spec" / f"{name}.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def answers(folder):
    """The folder below `folder` that holds a scan's answer."""
    return next(folder.rglob("campaigns.json")).parent


def test_campaigns(demo):
    campaigns = json.loads((answers(demo) / "campaigns.json").read_text())
    assert campaigns
    validator("campaigns").validate(campaigns)


def test_flags(demo):
    lines = (answers(demo) / "flags.jsonl").read_text().splitlines()
    assert lines
    flags = validator("flags")
    for line in lines:
        flags.validate(json.loads(line))
    ids = {campaign["id"] for campaign in json.loads((answers(demo) / "campaigns.json").read_text())}
    assert {json.loads(line)["campaign"] for line in lines} <= ids


def test_record(demo):
    validator("scan").validate(json.loads((answers(demo) / "scan.json").read_text()))


@pytest.mark.parametrize("name", ["campaigns", "flags", "scan"])
def test_schema_refuses_what_is_not_an_answer(name):
    with_stranger = {"campaigns": [{"id": "x"}], "flags": {"account": "a", "score": 1}, "scan": {"rows": 1}}
    assert list(validator(name).iter_errors(with_stranger[name]))
