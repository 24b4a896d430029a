"""The built program and one small simulated world, shared by the tests with foreign programs."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLES = ("exchanges", "accounts", "enforcements", "releases")


class Stillwatch:
    """Runs the program with a configuration folder of its own, so that one key serves the whole session."""

    def __init__(self, config: Path):
        self.binary = os.environ.get("STILLWATCH", str(ROOT / "target/release/stillwatch"))
        self.environment = {**os.environ, "STILLWATCH_CONFIG": str(config)}

    def __call__(self, *arguments, codes=(0, 1)):
        command = [self.binary, *map(str, arguments)]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        assert done.returncode in codes, f"{command} gave {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def scan(self, world: Path, out: Path, exchanges=None):
        """Scans the tables of a world; side tables may have any known ending."""
        arguments = ["scan", "--exchanges", *(exchanges or [table(world, "exchanges")])]
        for name in TABLES[1:]:
            arguments += [f"--{name}", table(world, name)]
        self(*arguments, "--out", out)
        return out


def table(world: Path, name: str) -> Path:
    """The file or folder of a world that holds a table."""
    found = sorted(world.glob(f"{name}*"))
    assert len(found) == 1, f"{name}: {found}"
    return found[0]


@pytest.fixture(scope="session")
def stillwatch(tmp_path_factory):
    return Stillwatch(tmp_path_factory.mktemp("config"))


@pytest.fixture(scope="session")
def world(stillwatch, tmp_path_factory):
    """A simulated platform with one campaign that is found: its `traffic/`, with the truth beside it."""
    out = tmp_path_factory.mktemp("world") / "world"
    size = ["--accounts", 300, "--days", 5, "--seed", 7]
    stillwatch("simulate", "--out", out, *size, "--campaign", "fixed-instruction:1:40")
    return out / "traffic"


@pytest.fixture(scope="session")
def demo(stillwatch, tmp_path_factory):
    """What the demo leaves behind."""
    out = tmp_path_factory.mktemp("demo") / "demo"
    stillwatch("demo", "--out", out)
    return out
