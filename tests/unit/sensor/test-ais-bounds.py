#!/usr/bin/env python3
"""The time for one datagram is bounded: 64 KiB of anything take at most LIMIT instructions, counted by callgrind.

usage: test-ais-bounds.py BOUNDS-AIS. Exits 77 with the reason when there is no valgrind.
"""
import concurrent.futures
import functools
import operator
import random
import re
import shutil
import subprocess
import sys
import tempfile

SIZE = 1 << 16
LIMIT = 4_000_000  # ais.h: 1 ms on a core that does four instructions a nanosecond


def sentence(body):
    return b"!%s*%02X" % (body, functools.reduce(operator.xor, body))


def tag(body):
    return b"\\%s*%02X\\" % (body, functools.reduce(operator.xor, body))


def armour(bits):
    bits += "0" * (-len(bits) % 6)
    values = [int(bits[i : i + 6], 2) for i in range(0, len(bits), 6)]
    return bytes(v + 48 if v < 40 else v + 56 for v in values)


def message(bits):
    return sentence(b"AIVDM,1,1,,A,%s,0" % armour(bits))


def fragments():
    """Each begins another message: the reassembly is always full, the oldest always gives way."""
    return b"".join(sentence(b"%c%cVDM,9,1,%d,%c,0,0" % (65 + i % 26, 65 + i // 26 % 26, i % 10, 65 + i % 50))
                    for i in range(SIZE // 22))


def head(kind):
    return f"{kind:06b}" + "00" + f"{211000001:030b}"


def random_of(alphabet, seed):
    pick = random.Random(seed)
    return bytes(pick.choice(alphabet) for _ in range(SIZE))


position = message(head(1) + "1" * 130)
area = message(head(8) + "00" + f"{1:010b}{22:06b}" + "0" * 55 + ("001" + "1" * 84) * 10)
weather = message(head(8) + "00" + f"{1:010b}{31:06b}" + "1" * 304)
sensors = message(head(8) + "00" + f"{1:010b}{26:06b}" + ("0010" + "1" * 108) * 8)
text = message(head(14) + "00" + "000001" * 160)
static = message(head(5) + "0" * 32 + "000001" * 58 + "000000")

INPUTS = {
    "bangs": b"!",
    "heads": b"!AIVDM,",
    "heads and lines": b"!AIVDM,\n",
    "heads and stars": b"!AIVDM,*",
    "lone heads": b"!AIVDM,1,1,,A,",
    "another's heads": b"!AITTD,",
    "longest without an end": b"!AIVDM," + b"x" * 505,
    "longer without an end": b"!AIVDM," + b"x" * 700,
    "backslashes": b"\\",
    "backslashes and bangs": b"\\!",
    "tags": tag(b"g:1-2-3"),
    "tags without an end": b"\\s:!AIVDM,",
    "tags and sentences": tag(b"c:1,c:1,c:1,c:1,c:1") + sentence(b"AIVDM,1,1,,A,0,0"),
    "short tags": tag(b"s:abc") + sentence(b"AIVDM,1,1,,A,0,0"),
    "dollars": b"$",
    "dollar lines": b"$\n",
    "dollar bang lines": b"$!\n",
    "line feeds": b"\n",
    "carriage returns": b"\r",
    "comments": b"#\n",
    "comments with bangs": b"#!\n",
    "one comment with bangs": b"#" + b"!" * 70000,
    "nothing": b"\0",
    "letters": b"x",
    "letter lines": b"x\n",
    "empty trailers": sentence(b"AIVDM,1,1,,A,0,0") + b",",
    "trailers": sentence(b"AIVDM,1,1,,A,0,0") + b",r" * 100 + b"\n",
    "one trailer": sentence(b"AIVDM,1,1,,A,0,0") + b",r" * 40000,
    "empty payloads": sentence(b"AIVDM,1,1,,A,,0"),
    "odd heads": sentence(b"AIVDM,01,01,001,A,0,0"),
    "wrong checksums": b"!AIVDM,1,1,,A,0,0*00",
    "types unknown": sentence(b"AIVDM,1,1,,A,0000000,0"),
    "fragments": fragments(),
    "same fragment": sentence(b"AIVDM,2,1,1,A,0,0"),
    "positions": position,
    "positions, lines": position + b"\r\n",
    "areas": area,
    "weather": weather,
    "sensors": sensors,
    "texts": text,
    "statics": static,
    "random": random.Random(1).randbytes(SIZE),
    "random structure": random_of(b"!*,$\\\r\n", 2),
    "random heads": b"".join(random.Random(3).choices([b"!AIVDM,", b"1,1,,A,", b"*", b"\\", b"\n", b"0*00", b","], k=SIZE // 3)),
}


def count(exe, data):
    with tempfile.NamedTemporaryFile() as f:
        f.write(data)
        f.flush()
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", exe, f.name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not found:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return int(found.group(1)), done.stdout.strip()


def main():
    if not shutil.which("valgrind"):
        print("skipped: no valgrind, nothing counts instructions")
        return 77
    empty, _ = count(sys.argv[1], b"")
    failed = False
    inputs = [(data * (SIZE // len(data) + 1))[:SIZE] for data in INPUTS.values()]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(functools.partial(count, sys.argv[1]), inputs))
    for name, (n, said) in zip(INPUTS, counts):
        over = n - empty > LIMIT
        failed |= over
        print(f"{'not ok' if over else 'ok'} - {name}: {n - empty} instructions ({said})")
    return failed


sys.exit(main())
