#!/usr/bin/env python3
"""The service under half load for a while: its memory must stay flat, and every answer must be right.

  cargo build --release
  python benches/soak.py PHOTOS [--minutes 30] [--entries 100000] [--adlink target/release/adlink]

PHOTOS is a folder of pictures of some 500 pixels. First the clients ask as fast as they are answered for 20 seconds, then at
half that rate: look-ups of hashes (of ten, six), pictures on banks and posts (two), an ad that is there already posted
again, and one of an entry that is added and removed, a list, a request that is refused. Nothing that stays is added, so memory
that grows is lost.

One JSON line: rates, times, resident memory at the start and the end of the measured part (medians of a fifth of it each) and
at its peak. The exit code is 1 when memory grew by more than 3 % and 8 MiB, or an answer was not what it must be.

The trap: allocators keep what they once had, so the first fifth of the time only warms up and is not measured.
"""
import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROBE = 20
CLIENTS = 4


class Client:
    """A connection that is kept; what is answered is held against what it must be."""

    def __init__(self, address: str, photos: list[bytes], entries: int, seed: int) -> None:
        self.connection = http.client.HTTPConnection(address, timeout=60)
        self.photos, self.entries, self.random = photos, entries, random.Random(seed)
        self.times: list[float] = []

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json", status: int = 200):
        begun = time.perf_counter()
        self.connection.request(method, path, body, {"Content-Type": kind} if body is not None else {})
        answer = self.connection.getresponse()
        told = json.loads(answer.read())
        self.times.append(time.perf_counter() - begun)
        if answer.status != status:
            raise RuntimeError(f"{method} {path.split('?')[0]}: {answer.status} for {status}: {told}")
        return told

    def one(self) -> None:
        draw = self.random.randrange(10)
        if draw < 6:
            number = self.random.randrange(self.entries)
            told = self.ask("GET", f"/m/raw_lookup?signal_type=pdq&signal={made_up(number)}")
            assert told["matches"], f"entry {number} is not found"
        elif draw < 8:
            place = self.random.randrange(len(self.photos))
            told = self.ask("POST", "/v1/match", self.photos[place], "image/jpeg")
            assert told["verdict"] == "match" and told["posts"]["found"] >= 1, f"photo {place} is not found"
        elif draw < 9:
            self.ask("POST", "/v1/ads", ad(self.random.randrange(len(self.photos))))
        else:
            self.seldom()

    def seldom(self) -> None:
        kind = self.random.randrange(3)
        if kind == 0:
            entry = json.dumps({"pdq": made_up(self.entries + 1), "note": "comes and goes"}).encode()
            told = self.ask("POST", "/v1/banks/SOAK/entries", entry, status=201)
            self.ask("DELETE", f"/v1/banks/SOAK/entries/{told['id']}")
        elif kind == 1:
            assert self.ask("GET", "/v1/banks")["banks"]
        else:
            self.ask("POST", "/v1/match", b"<html>no picture</html>", "image/jpeg", status=400)


def made_up(number: int) -> str:
    return random.Random(number).randbytes(32).hex()


def ad(number: int) -> bytes:
    image = {"path": "x.jpg", "pdq": made_up(10**9 + number)}
    return json.dumps({"site": "soak.example", "ad_id": str(number), "images": [image]}).encode()


def fill(address: str, photos: list[bytes]) -> None:
    client = Client(address, photos, 1, 0)
    for number in range(len(photos)):
        client.ask("POST", "/v1/ads", ad(number), status=201)
    for number, photo in enumerate(photos):
        record = json.dumps({"site": "photos.example", "ad_id": str(number)})
        head = '--x\r\nContent-Disposition: form-data; name="ad"\r\n\r\n' + record
        head += '\r\n--x\r\nContent-Disposition: form-data; name="p"; filename="p.jpg"\r\n\r\n'
        body = head.encode() + photo + b"\r\n--x--\r\n"
        client.ask("POST", "/v1/ads", body, "multipart/form-data; boundary=x", status=201)


def load(clients: list[Client], seconds: float, rate: float | None, faults: list[str]) -> float:
    """Requests a second that were answered; as fast as can be without a rate."""
    end = time.monotonic() + seconds

    def run(client: Client) -> None:
        due = time.monotonic()
        try:
            while time.monotonic() < end and not faults:
                client.one()
                if rate:
                    due = max(due + CLIENTS / rate, time.monotonic() - 1)
                    time.sleep(max(0.0, due - time.monotonic()))
        except Exception as fault:
            faults.append(f"{type(fault).__name__}: {fault}")

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return sum(len(client.times) for client in clients) / seconds


def resident(pid: int) -> int:
    """KiB of memory that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def watched(pid: int, work) -> list[int]:
    samples, done = [], threading.Event()

    def watch() -> None:
        while not done.wait(1):
            samples.append(resident(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    work()
    done.set()
    watcher.join()
    return samples


def served(adlink: Path, case: Path):
    command = [adlink, "serve", "--case", case, "--listen", "127.0.0.1:0", "--quiet"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return running, running.stdout.readline().strip().removeprefix("http://")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--entries", type=int, default=100_000)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    parser.add_argument("--adlink", type=Path, default=target / "release/adlink")
    given = parser.parse_args()
    photos = [file.read_bytes() for file in sorted(given.photos.glob("*.jpg"))[:100]]
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        case, listed = Path(folder) / "case.adlink", Path(folder) / "list.txt"
        listed.write_text("".join(f"pdq {made_up(number)}\n" for number in range(given.entries)))
        imported = [given.adlink, "bank", "import", listed, "--name", "SOAK", "--case", case]
        subprocess.run(imported, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        running, address = served(given.adlink, case)
        try:
            fill(address, photos)
            clients = [Client(address, photos, given.entries, seed) for seed in range(CLIENTS)]
            most = load(clients, PROBE, None, faults)
            [client.times.clear() for client in clients]
            samples = watched(running.pid, lambda: load(clients, 60 * given.minutes, most / 2, faults))
        finally:
            running.terminate()
            ended = running.wait(60)
    fifth = max(1, len(samples) // 5)
    start, end = (statistics.median(part) for part in (samples[fifth : 2 * fifth] or samples, samples[-fifth:]))
    times = sorted(time for client in clients for time in client.times)
    grew = end - start > max(0.03 * start, 8 << 10)
    told = {
        "minutes": given.minutes,
        "most_per_second": round(most),
        "per_second": round(len(times) / (60 * given.minutes)),
        "p50_ms": round(1000 * times[len(times) // 2], 2),
        "p99_ms": round(1000 * times[len(times) * 99 // 100], 2),
        "requests": len(times),
        "start_mib": round(start / 1024, 1),
        "end_mib": round(end / 1024, 1),
        "peak_mib": round(max(samples) / 1024, 1),
        "flat": not grew,
        "faults": faults,
    }
    print(json.dumps(told))
    return 1 if grew or faults or ended != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
