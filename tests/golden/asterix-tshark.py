#!/usr/bin/env python3
"""asterix-tshark: tshark finds in every capture the records and values that we find, item by item, in order.

usage: asterix-tshark.py VEDETTE CAPTURES [BLOCKS-A-CAPTURE]

One block a datagram on ASTERIX's port, so that both see the same. What is excused here is proven in docs/decoders.md,
"Where peers differ".
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from asterix_blocks import blocks, write_pcap

PORT = 8600
BLOCKS = 300
# File to edition where the newest is not meant; None: tshark has no table for it.
EDITIONS = {"cat021ed0.26.bin": None, "cat010ed0.24_sensis.bin": None, "cat004ed1.4.bin": None, "cat019ed1.3.bin": None,
            "cat020ed1.5.bin": None, "cat030ed7.0.bin": None, "cat252ed7.0.bin": None, "asterix.pcap": None}
PHANTOM = {"cat062ed1.16.bin"}  # an empty FSPEC octet at the end: tshark breaks I062/340 and finds a second record


def is_object(value):
    return isinstance(value, list) and (not value or isinstance(value[0], tuple))


def their_leaves(key, value):
    if is_object(value):
        return [leaf for k, v in value for leaf in their_leaves(k, v)]
    if isinstance(value, list):
        return [leaf for v in value for leaf in their_leaves(key, v)]
    return [] if key in ("asterix.FX", "asterix.fspec", "asterix.counter") else [value]


def our_leaves(value):
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return [value]
    return [leaf for v in value for leaf in our_leaves(v)]


def readings(value):
    """A leaf as a number, as a hexadecimal or octal one, or as its text: we print codes as strings, they as numbers."""
    text = str(value)
    found = {text.strip(" \0").upper()}
    for read in (float, lambda t: float(int(t.replace(":", ""), 16)), lambda t: float(int(t, 8))):
        try:
            found.add(read(text))
        except (ValueError, OverflowError):
            pass
    return found


def same(theirs, ours):
    a, b = readings(theirs), readings(ours)
    numbers = [(x, y) for x in a for y in b if isinstance(x, float) and isinstance(y, float)]
    return bool(a & b) or any(abs(x - y) <= 1e-6 * max(1, abs(x)) for x, y in numbers)


def excused(category, item, theirs, ours):
    if item == "RE":
        return theirs == [""]  # not decoded
    if (category, item) in ((1, "130"), (1, "030"), (1, "210"), (2, "050"), (2, "060"), (2, "080"), (48, "030")):
        return all(same(t, o) for t, o in zip(theirs, ours))  # only the first of those that repeat is shown
    if (category, item) == (48, "090"):
        return float(theirs[-1]) - ours[-1] == 4096  # the sign is not read
    return False


def run(arguments):
    return subprocess.run(arguments, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def their_records(capture):
    packets = json.loads(run(["tshark", "-r", capture, "-d", f"udp.port=={PORT},asterix", "-T", "json"]),
                         object_pairs_hook=lambda pairs: pairs)
    for packet in packets:
        for layer, value in dict(dict(packet)["_source"])["layers"]:
            if layer == "asterix":
                category = int(dict(value)["asterix.category"])
                yield from ((category, v) for k, v in value if k == "asterix.message")


def items_of(category, record):
    found = {}
    prefix = f"asterix.{category:03}_"
    for key, value in record:
        if key.startswith(prefix):
            found.setdefault(key[len(prefix):], []).extend(their_leaves("RE" if key.endswith("_RE") else key, value))
    return found


def compare(name, ours, theirs):
    agree = excuses = 0
    assert len(ours) == len(theirs), f"{name}: {len(ours)} records, tshark finds {len(theirs)}"
    for mine, (category, record) in zip(ours, theirs):
        assert mine["cat"] == category
        other = items_of(category, record)
        assert set(other) == set(mine["items"]), f"{name}: {sorted(set(other) ^ set(mine['items']))} in one only"
        for item, value in mine["items"].items():
            leaves = our_leaves(value)
            if len(leaves) == len(other[item]) and all(map(same, other[item], leaves)):
                agree += len(leaves)
            else:
                assert excused(category, item, other[item], leaves), \
                    f"{name}: CAT{category:03} {item}: tshark {other[item]}, ours {leaves}"
                excuses += 1
    print(f"{name}: {len(ours)} records, {agree} values agree, {excuses} items excused")
    return agree


def main(vedette, captures, limit):
    if not shutil.which("tshark"):
        print("no tshark: skipped")
        sys.exit(77)
    if not captures.is_dir():
        print(f"no captures at {captures}: skipped")
        sys.exit(77)
    files = sorted(p for p in captures.rglob("*") if p.suffix in (".pcap", ".raw", ".ast", ".ff", ".bin") and
                   p.parent.name in (captures.name, "jasterix-unit") and EDITIONS.get(p.name, "") is not None)
    total = 0
    with tempfile.TemporaryDirectory() as folder:
        capture = f"{folder}/blocks.pcap"
        for path in files:
            taken = [b for b, _ in zip(blocks(path), range(limit))]
            if not taken or path.name in PHANTOM:
                continue
            write_pcap(capture, taken, PORT)
            ours = [json.loads(line) for line in run([vedette, "decode", "--format", "asterix", capture]).splitlines()]
            total += compare(path.name, ours, list(their_records(capture)))
    print(f"{total} values agree")
    assert total > 20000


main(sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else BLOCKS)
