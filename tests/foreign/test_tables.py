"""Foreign readers of Parquet find in a simulated world what the input contract says."""

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import TABLES, table

TIME = pa.timestamp("us", tz="UTC")
TEXT = pa.string()
EXCHANGES = {
    "id": TEXT, "time": TIME, "account": TEXT, "model": TEXT, "prompt": TEXT, "system": TEXT, "response": TEXT,
    "conversation": TEXT, "turn": pa.int32(), "credential": TEXT, "channel": TEXT, "reasoning_signature": TEXT,
    "input_tokens": pa.int32(), "output_tokens": pa.int32(), "temperature": pa.float32(), "top_p": pa.float32(),
    "max_tokens": pa.int32(), "n": pa.int32(), "tools": pa.int32(), "logprobs": pa.bool_(), "stream": pa.bool_(),
    "seed": pa.int64(), "finish_reason": TEXT, "status": pa.int32(), "ip": TEXT, "asn": pa.int64(),
    "user_agent": TEXT, "ja4": TEXT,
}
COLUMNS = {
    "exchanges": EXCHANGES,
    "accounts": {
        "account": TEXT, "organization": TEXT, "created": TIME, "plan": TEXT, "payment": TEXT, "email_domain": TEXT,
        "device": TEXT, "verified": pa.bool_(), "agreement": TEXT,
    },
    "enforcements": {"account": TEXT, "time": TIME, "action": TEXT},
    "releases": {"model": TEXT, "time": TIME},
}


@pytest.mark.parametrize("name", TABLES)
def test_pyarrow_reads_the_columns_of_the_contract(world, name):
    schema = pq.read_table(table(world, name)).schema
    assert {field.name: field.type for field in schema} == COLUMNS[name]


def test_truth_stands_apart(world):
    assert not list(world.rglob("*truth*")), "a scan of the folder must not meet it"
    truth = pq.read_table(world.parent / "truth.parquet").schema
    assert truth.names == ["id", "account", "campaign", "kind", "strength"]
    assert not set(truth.names[2:]) & set(EXCHANGES)


def test_duckdb_counts_what_pyarrow_counts(world):
    exchanges = f"{world}/exchanges/*.parquet"
    accounts, truth = table(world, "accounts"), world.parent / "truth.parquet"
    rows = pq.read_table(table(world, "exchanges")).num_rows
    with duckdb.connect() as engine:
        one = lambda sql: engine.execute(sql).fetchone()
        assert one(f"SELECT count(*), count(DISTINCT id) FROM '{exchanges}'") == (rows, rows)
        assert one(f"SELECT count(*) - count(DISTINCT account) FROM '{accounts}'") == (0,)
        strangers = f"SELECT count(*) FROM '{exchanges}' WHERE account NOT IN (SELECT account FROM '{accounts}')"
        assert one(strangers) == (0,)
        paired = f"SELECT count(*) FROM '{exchanges}' JOIN '{truth}' USING (id, account)"
        assert one(paired) == (rows,)
        assert one(f"SELECT count(*) FROM '{exchanges}' WHERE prompt IS NULL OR time IS NULL")[0] < rows
        first, last = one(f"SELECT min(time), max(time) FROM '{exchanges}'")
        assert 3 <= (last - first).days <= 5
