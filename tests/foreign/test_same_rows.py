"""The same rows, written by a foreign program in other files, formats and types, give the same bytes of answer."""

import gzip
import json
import random

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import zstandard

from conftest import TABLES, table

MICROSECONDS = pa.timestamp("us", tz="UTC")


def whole_milliseconds(rows: pa.Table) -> pa.Table:
    """Cuts every time to milliseconds, so that a coarser type loses nothing."""
    for at, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type):
            cut = pc.floor_temporal(rows.column(at), unit="millisecond").cast(MICROSECONDS)
            rows = rows.set_column(at, field.name, cut)
    return rows


@pytest.fixture(scope="module")
def plain(world, tmp_path_factory):
    """The world with whole milliseconds, one Parquet file a table; the other forms are compared with it."""
    folder = tmp_path_factory.mktemp("plain")
    for name in TABLES:
        pq.write_table(whole_milliseconds(pq.read_table(table(world, name))), folder / f"{name}.parquet")
    return folder


@pytest.fixture(scope="module")
def expected(stillwatch, plain, tmp_path_factory):
    answer = stillwatch.scan(plain, tmp_path_factory.mktemp("expected") / "out")
    assert json.loads((answer / "campaigns.json").read_text()), "a world without a campaign would prove nothing"
    return answer


def same(answer, expected):
    for name in ("campaigns.json", "flags.jsonl"):
        assert (answer / name).read_bytes() == (expected / name).read_bytes(), name


def shuffled(plain, seed):
    rows = pq.read_table(plain / "exchanges.parquet")
    order = list(range(rows.num_rows))
    random.Random(seed).shuffle(order)
    return rows.take(order)


def parts(rows, count):
    edges = [rows.num_rows * at // count for at in range(count + 1)]
    return [rows.slice(a, b - a) for a, b in zip(edges, edges[1:])]


def lines(rows, style):
    """JSON Lines; style 0 writes times as RFC 3339 and leaves nulls out, style 1 as microseconds with nulls, style 2
    as RFC 3339 of another zone."""
    out = []
    for row in rows.to_pylist():
        for key, value in list(row.items()):
            if hasattr(value, "isoformat"):
                micros = round(value.timestamp() * 1000) * 1000
                zone = value.isoformat().replace("+00:00", "Z")
                row[key] = [zone, micros, value.isoformat()][style]
        if style == 0:
            row = {key: value for key, value in row.items() if value is not None}
        out.append(json.dumps(row, ensure_ascii=style == 2))
    return ("\n".join(out) + "\n").encode()


def test_json_lines_plain_gzip_and_zstd_shuffled_over_files(stillwatch, plain, expected, tmp_path):
    folder = tmp_path / "exchanges"
    folder.mkdir()
    first, second, third = (lines(rows, style) for style, rows in enumerate(parts(shuffled(plain, 1), 3)))
    (folder / "b.jsonl").write_bytes(first)
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(second))
    (folder / "c.jsonl.zst").write_bytes(zstandard.compress(third))
    for name in TABLES[1:]:
        rows = pq.read_table(plain / f"{name}.parquet")
        (tmp_path / f"{name}.jsonl").write_bytes(lines(rows, 0))
    same(stillwatch.scan(tmp_path, tmp_path / "out"), expected)


def other_types(rows, style):
    """The same values in other physical types that Parquet readers meet."""
    def other(kind):
        if pa.types.is_string(kind):
            return [pa.large_string(), pa.dictionary(pa.int32(), pa.string()), pa.string_view()][style]
        if pa.types.is_timestamp(kind):
            return [pa.timestamp("ms", tz="UTC"), pa.timestamp("ns", tz="UTC"), MICROSECONDS][style]
        return pa.int64() if pa.types.is_int32(kind) and style == 0 else kind
    return rows.cast(pa.schema([(field.name, other(field.type)) for field in rows.schema]))


def test_parquet_of_other_types_shuffled_over_files(stillwatch, plain, expected, tmp_path):
    folder = tmp_path / "exchanges"
    folder.mkdir()
    codecs = ("zstd", "snappy", "none")
    for style, rows in enumerate(parts(shuffled(plain, 2), 3)):
        columns = rows.column_names
        random.Random(style).shuffle(columns)
        rows = other_types(rows.select(columns), style)
        pq.write_table(rows, folder / f"{2 - style}.parquet", compression=codecs[style], row_group_size=700)
    for name in TABLES[1:]:
        pq.write_table(other_types(pq.read_table(plain / f"{name}.parquet"), 0), tmp_path / f"{name}.parquet")
    same(stillwatch.scan(tmp_path, tmp_path / "out"), expected)


def test_rows_given_twice_in_two_formats_count_once(stillwatch, plain, expected, tmp_path):
    again = tmp_path / "again.jsonl"
    again.write_bytes(lines(pq.read_table(plain / "exchanges.parquet").slice(100, 500), 0))
    answer = stillwatch.scan(plain, tmp_path / "out", exchanges=[plain / "exchanges.parquet", again])
    same(answer, expected)


def test_a_mapping_reads_foreign_names(stillwatch, plain, expected, tmp_path):
    rows = pq.read_table(plain / "exchanges.parquet")
    renamed = {"id": "call", "time": "at", "account": "tenant", "prompt": "user_text"}
    pq.write_table(rows.rename_columns([renamed.get(name, name) for name in rows.column_names]), tmp_path / "log.parquet")
    others = ", ".join(name for name in rows.column_names if name not in renamed)
    names = ", ".join(f"{own} AS {name}" for name, own in renamed.items())
    mapping = tmp_path / "ours.sql"
    mapping.write_text(f"SELECT {names}, {others} FROM '{tmp_path / 'log.parquet'}'\n")
    arguments = ["scan", "--mapping", mapping]
    for name in TABLES[1:]:
        arguments += [f"--{name}", table(plain, name)]
    stillwatch(*arguments, "--out", tmp_path / "out")
    same(tmp_path / "out", expected)
