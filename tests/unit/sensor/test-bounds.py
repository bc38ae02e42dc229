#!/usr/bin/env python3
"""The time for one datagram is bounded: 64 KiB of anything take at most LIMIT instructions, counted by callgrind.

usage: test-bounds.py BOUNDS CORPUS FORMAT...   CORPUS/FORMAT/*: each file, again and again, is one datagram; so are single bytes and
noise; of nmea also those of nmea_worst.h. Exits 77 with the reason when there is no valgrind. (AIS and ASTERIX have tests of their own, with worse inputs.)
"""
import concurrent.futures
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

SIZE = 1 << 16
LIMIT = 180 * SIZE  # instructions, as ASTERIX: 1 ms on a core that does twelve a nanosecond


def inputs(folder):
    for path in sorted(folder.iterdir()):
        if data := path.read_bytes():
            yield path.name, data
    for byte in (b"\x1a", b"*", b";", b"$", b"!", b"\\", b"\n", b",", b"\x47", b"\x06", b"\x00", b"\xff", b"\x1a3", b"*;", b"$*"):
        yield repr(byte), byte
    yield "noise", random.Random(1).randbytes(SIZE)


def count(exe, form, data):
    with tempfile.NamedTemporaryFile() as f:
        f.write((data * (SIZE // len(data) + 1))[:SIZE] if data else b"")
        f.flush()
        return count_file(exe, form, f.name)


def count_file(exe, form, path):
    """None when there is no such datagram."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", exe, form, path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode == 3:
        return None
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not found:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return int(found.group(1))


def main():
    exe, corpus, *forms = sys.argv[1:]
    if not shutil.which("valgrind"):
        print("skipped: no valgrind, nothing counts instructions")
        return 77
    failed = False
    for form in forms:
        start = count(exe, form, b"")
        named = list(inputs(pathlib.Path(corpus) / form))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            counts = list(pool.map(lambda one: count(exe, form, one[1]) - start, named))
        found = list(zip(counts, (name for name, _ in named)))
        while form == "nmea" and (n := count_file(exe, form, f"@{len(found) - len(named)}")) is not None:
            made = count_file(exe, "nothing", f"@{len(found) - len(named)}")
            found.append((n - made, f"nmea_worst {len(found) - len(named)}"))
        dearest = sorted(found, reverse=True)
        failed |= dearest[0][0] > LIMIT
        print(f"{form}: {len(dearest)} datagrams of {SIZE} bytes, limit {LIMIT} instructions, the dearest:")
        print("\n".join(f"  {n:10} {name}" for n, name in dearest[:4]))
    return failed


sys.exit(main())
