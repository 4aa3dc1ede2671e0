"""Where cargo put a measuring program of `benches/measure`: built when it is not, and named by its path.

Benchmarks have no fixed place: their file names end in a hash, so cargo is asked.
"""

import functools
import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@functools.cache
def program(name: str) -> str:
    """The path of a measuring program, built with the release profile."""
    command = ["cargo", "bench", "--no-run", "--quiet", "--bench", name, "--message-format", "json"]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == name:
            return message["executable"]
    raise RuntimeError(f"cargo built no {name}")
