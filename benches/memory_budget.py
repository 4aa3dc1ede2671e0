#!/usr/bin/env python3
"""Does the program keep to its memory budget, whatever it is given to read?

  cargo build --release
  python benches/memory_budget.py [--memory 1G] [--threads 8] [--only gifs]

Makes bombs and has eight threads read them with `--memory`: GIFs of which one fits and eight do not, PNGs whose text chunks
inflate to a gigabyte each, an element of JSON of half a gigabyte, and twelve uploads of such GIFs to the desk at once. The
peak is what the system says that the process held (`ru_maxrss`, all of it and not pictures alone). One that is more than a
tenth above the budget fails the run, and so does a program that ends in any way but by skipping what is too large.
"""
import argparse
import http.client
import json
import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ADLINK = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release/adlink"
UNITS = {"M": 1 << 20, "G": 1 << 30}
# What the desk takes at most.
UPLOAD = 31 << 20
# Answers that tell what was wrong with an upload or that the desk is busy.
ANSWERED = (200, 413, 422, 429, 503)


def lzw(pixels: int) -> bytes:
    """So many pixels of colour 0: each code stands for one pixel more than the one before, until the table is full."""
    out, bits, held, size, free, left, first = bytearray(), 256, 9, 9, 258, pixels, True
    while left > 0:
        longest = 1 if first else min(free, 4095) - 256
        run = min(longest, left)
        bits |= (0 if run == 1 else 256 + run) << held
        held += size
        while held >= 8:
            out.append(bits & 255)
            bits, held = bits >> 8, held - 8
        if not first and free <= 4095:
            free += 1
            size += free == 1 << size and size < 12
        left, first = left - run, False
    bits |= 257 << held
    return bytes(out) + bits.to_bytes(4, "little")


def gif(width: int, height: int, frames: int) -> bytes:
    """Frames of one colour, each as large as the canvas."""
    codes = lzw(width * height)
    blocks = b"".join(bytes([len(codes[i : i + 255])]) + codes[i : i + 255] for i in range(0, len(codes), 255))
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x08" + blocks + b"\0"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF7, 0, 0) + bytes(768) + frame * frames + b";"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(text: bytes) -> bytes:
    """A small picture with compressed texts before and behind its pixels."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + bytes(range(row, row + 64)) for row in range(64))))
    texts = chunk(b"zTXt", b"a\0\0" + text) + chunk(b"iTXt", b"b\0\1\0\0\0" + text) + chunk(b"iCCP", b"c\0\0" + text)
    return b"\x89PNG\r\n\x1a\n" + head + texts + pixels + texts + chunk(b"IEND", b"")


def inflating(size: int) -> bytes:
    deflate = zlib.compressobj(9)
    block = bytes(1 << 20)
    return b"".join([deflate.compress(block) for _ in range(size >> 20)] + [deflate.flush()])


def element(path: Path, size: int) -> None:
    """One record among two that are well, as deep and as wide as it gets."""
    good = json.dumps({"site": "s", "ad_id": "1", "images": ["0.jpg"]})
    with open(path, "w") as out:
        out.write(f"[{good},")
        out.write('{"site":"s","ad_id":"2","text":[')
        block = ",".join(f'{{"k{i}":[{i},"{i}"]}}' for i in range(20_000))
        written = 0
        while written < size:
            out.write(block + ",")
            written += len(block)
        out.write('0],"images":["0.jpg"]},' + good.replace('"1"', '"3"') + "]")


class Run:
    """A process of adlink, and the most that it held."""

    def __init__(self, args: argparse.Namespace, *words: object):
        flags = ["--memory", args.memory, "--progress", "never", "--color", "never"]
        if words[0] != "review":
            flags += ["--threads", args.threads]
        command = list(map(str, [ADLINK, *words, *flags]))
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def peak(self) -> tuple[int, int, str]:
        """Bytes, how it ended, and what it said."""
        said: list[str] = []
        reader = threading.Thread(target=lambda: said.append(self.process.stderr.read()))
        reader.start()
        self.process.stdout.read()
        reader.join()
        _, status, used = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return used.ru_maxrss << 10, self.process.returncode, said[0]


def pictures(args: argparse.Namespace, folder: Path, name: str, content: bytes) -> Run:
    ads = folder / "ads"
    shutil.copytree(ROOT / "fixtures/ads/images/lakeside.example", ads / "well")
    for number in range(args.threads):
        (ads / str(number)).mkdir(parents=True)
        # Bytes of its own, so that each is decoded.
        (ads / str(number) / name).write_bytes(content + bytes([number]))
    return Run(args, "ingest", ads, "--case", folder / "case.adlink")


def json_element(args: argparse.Namespace, folder: Path) -> Run:
    element(folder / "ads.json", 512 << 20)
    shutil.copy(next((ROOT / "fixtures/ads/images/lakeside.example").iterdir()), folder / "0.jpg")
    return Run(args, "ingest", folder / "ads.json", "--case", folder / "case.adlink")


def uploads(args: argparse.Namespace, folder: Path, content: bytes) -> Run:
    case = folder / "case.adlink"
    ads = ROOT / "fixtures/ads/ads.jsonl"
    subprocess.run([ADLINK, "ingest", ads, "--case", case, "--quiet"], check=False)
    desk = Run(args, "review", "--case", case, "--reviewer", "R")
    address = urllib.parse.urlsplit(desk.process.stdout.readline().split(": ", 1)[1].strip())
    entrance = get(address.netloc, f"{address.path}?{address.query}", {})
    cookie = entrance.headers["set-cookie"].split(";")[0]
    page = get(address.netloc, "/", {"cookie": cookie}).text
    form = page.split('data-form="', 1)[1].split('"', 1)[0]
    headers = {"cookie": cookie, "x-adlink-form": form, "origin": f"http://{address.netloc}", "content-type": "application/octet-stream"}
    body, answers = content + bytes(UPLOAD - len(content)), []

    def upload() -> None:
        connection = http.client.HTTPConnection(address.netloc, timeout=300)
        connection.request("POST", "/search/image", body, headers)
        answers.append(connection.getresponse().status)

    threads = [threading.Thread(target=upload) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(answers) != 12 or any(status not in ANSWERED for status in answers):
        sys.exit(f"uploads were answered {answers}")
    desk.process.send_signal(signal.SIGTERM)
    return desk


class Got:
    def __init__(self, response: http.client.HTTPResponse):
        self.headers, self.text = response.headers, response.read().decode()


def get(host: str, path: str, headers: dict[str, str]) -> Got:
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.request("GET", path, headers=headers)
    return Got(connection.getresponse())


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--memory", default="1G")
    asked.add_argument("--threads", type=int, default=8)
    asked.add_argument("--only", help="one of the bombs, by its name")
    args = asked.parse_args()
    budget = int(args.memory[:-1]) * UNITS[args.memory[-1]]
    canvas = gif(6_000, 6_000, 3)
    bombs = {
        "gifs": lambda folder: pictures(args, folder, "a.gif", canvas),
        "png texts": lambda folder: pictures(args, folder, "a.png", png(inflating(1 << 30))),
        "json element": lambda folder: json_element(args, folder),
        "uploads": lambda folder: uploads(args, folder, canvas),
    }
    failed = False
    for name, bomb in bombs.items():
        if args.only and args.only != name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            started = time.monotonic()
            peak, code, said = bomb(Path(folder)).peak()
        well = peak <= budget * 1.1 and code in (0, 3)
        failed |= not well
        share = f"{peak >> 20} MiB of {budget >> 20}"
        print(f"{name:14} {share:22} exit {code}, {time.monotonic() - started:.0f} s  {'' if well else 'FAILED'}", flush=True)
        if code not in (0, 3):
            print(said[-2000:])
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
