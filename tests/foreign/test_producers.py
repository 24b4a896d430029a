"""Logs of real producers, made by their own programs, are read as they are and every call is counted."""

import json
import os
import subprocess
import sys

import pytest

CALLS = 60
LITELLM = """
import json, sys, time, litellm
from litellm.integrations.custom_logger import CustomLogger
rows, target = [], sys.argv[1]
class Log(CustomLogger):
    def log_success_event(self, kwargs, response_obj, start_time, end_time):
        rows.append(kwargs["standard_logging_object"])
litellm.callbacks = [Log()]
for call in range(int(sys.argv[2])):
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": f"What is number {call}?"}]
    litellm.completion(model="gpt-4o-mini", messages=messages, mock_response="A number.", temperature=0.5,
                       metadata={"user_api_key_hash": f"key-{call % 5}"})
until = time.monotonic() + 60
while len(rows) < int(sys.argv[2]) and time.monotonic() < until:
    time.sleep(0.05)
open(target, "w").write("".join(json.dumps(row, default=str) + "\\n" for row in rows))
"""


@pytest.fixture(scope="module")
def litellm_log(tmp_path_factory):
    """Written by LiteLLM itself, with a mocked model; nothing is fetched."""
    target = tmp_path_factory.mktemp("litellm") / "calls.ndjson"
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    subprocess.run([sys.executable, "-c", LITELLM, target, str(CALLS)], env=environment, check=True, timeout=300)
    return target


@pytest.fixture(scope="module")
def otlp_log(tmp_path_factory):
    """Spans of the real SDK in the Collector's file format: one export request a line, ids in hexadecimal."""
    from google.protobuf.json_format import MessageToDict
    from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult

    target = tmp_path_factory.mktemp("otlp") / "traces.jsonl"

    def hexadecimal(value):
        if isinstance(value, dict):
            ids = ("traceId", "spanId", "parentSpanId")
            return {key: _hex(part) if key in ids else hexadecimal(part) for key, part in value.items()}
        return [hexadecimal(part) for part in value] if isinstance(value, list) else value

    class File(SpanExporter):
        def export(self, spans):
            line = json.dumps(hexadecimal(MessageToDict(encode_spans(spans), use_integers_for_enums=True)))
            with target.open("a") as file:
                file.write(line + "\n")
            return SpanExportResult.SUCCESS

    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(File()))
    tracer = provider.get_tracer("tests")
    for call in range(CALLS):
        with tracer.start_as_current_span("invoke_agent", attributes={"gen_ai.operation.name": "invoke_agent"}):
            messages = [{"role": "user", "parts": [{"type": "text", "content": f"What is number {call}?"}]}]
            attributes = {
                "gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 7,
                "gen_ai.input.messages": json.dumps(messages), "gen_ai.response.finish_reasons": ("stop",),
                "enduser.id": f"user-{call % 5}", "tenant.id": call % 3, "client.address": "192.0.2.7",
            }
            with tracer.start_as_current_span("chat m", attributes=attributes):
                with tracer.start_as_current_span("tool", attributes={"gen_ai.operation.name": "execute_tool"}):
                    pass
    return target


def _hex(text):
    import base64

    return base64.b64decode(text).hex()


def scanned(stillwatch, log, out, *more):
    stillwatch("scan", "--exchanges", log, "--out", out, *more)
    return json.loads((out / "scan.json").read_text())


def filled(stillwatch, log, *more):
    """Columns that every row fills, as `inspect` tells them."""
    answer = stillwatch("inspect", log, "--json", *more)
    file, = json.loads(answer.stdout)["files"]
    return file["format"], {column["name"] for column in file["columns"] if column["filled"] == CALLS}


def test_litellm(stillwatch, litellm_log, tmp_path):
    record = scanned(stillwatch, litellm_log, tmp_path / "out")
    assert (record["read"]["rows_used"], record["read"]["rows_rejected"]) == (CALLS, 0)
    form, columns = filled(stillwatch, litellm_log)
    assert form.startswith("LiteLLM")
    wanted = {"id", "time", "account", "model", "prompt", "system", "response", "turn", "temperature", "input_tokens"}
    assert wanted <= columns, columns


def test_litellm_one_file_a_call(stillwatch, litellm_log, tmp_path):
    for number, line in enumerate(litellm_log.read_text().splitlines()):
        (tmp_path / f"{number}.json").write_text(line)
    record = scanned(stillwatch, tmp_path, tmp_path.parent / "one-a-call")
    assert record["read"]["rows_used"] == CALLS


def test_opentelemetry(stillwatch, otlp_log, tmp_path):
    record = scanned(stillwatch, otlp_log, tmp_path / "out")
    assert (record["read"]["rows_used"], record["read"]["rows_rejected"]) == (CALLS, 0), "inference spans only"
    form, columns = filled(stillwatch, otlp_log)
    assert form.startswith("OpenTelemetry")
    assert {"id", "time", "account", "model", "prompt", "turn", "input_tokens", "finish_reason", "ip"} <= columns


def test_the_account_is_the_attribute_that_the_user_names(stillwatch, otlp_log, tmp_path):
    scanned(stillwatch, otlp_log, tmp_path / "named", "--account-field", "tenant.id")
    stillwatch("scan", "--exchanges", otlp_log, "--out", tmp_path / "absent", "--account-field", "nobody", codes=(2,))
