#!/usr/bin/env python3
"""asterix-captures: every capture decodes without a fault, but those known to be damaged; values known from jASTERIX.

usage: asterix-captures.py VEDETTE CAPTURES
"""
import json
import pathlib
import subprocess
import sys

EDITIONS = {"cat021ed0.26.bin": ["--edition", "21=0.26"]}
# Not at an edition that we have: name to the faults it must give.
FAULTS = {
    "asterix.pcap": {"bad_fspec", "unknown_item", "truncated"},  # CAT062 as it was before edition 1.0
    "cat010ed0.24_sensis.bin": {"unknown_item", "truncated", "bad_fspec"},  # a maker's own CAT010
    "cat004ed1.4.bin": {"unknown_category"},
    "cat019ed1.3.bin": {"unknown_category"},
    "cat020ed1.5.bin": {"unknown_category"},
    "cat030ed7.0.bin": {"unknown_category"},
    "cat252ed7.0.bin": {"unknown_category"},
}
# From jASTERIX's own unit tests. Its latitudes are off by its rounded LSB: those are computed.
KNOWN = {
    "cat021ed0.26.bin": {
        "010/SIC": 5, "020": 21, "030": 14418.484375, "040/ARC": 2, "040/ATP": 1, "040/GBS": 1, "040/DCR": 0, "080": "496C2E",
        "090/PA": 8, "090/AC": 0, "130/LAT": 7228617 * 180 / 2**25, "130/LON": -1702186 * 180 / 2**25, "170": "FM012",
        "200": 0, "210/MDS": 1, "210/VDL": 0},
    "cat048ed1.23.bin": {
        "020/TYP": 5, "020/ERR": 1, "020/MI": 1, "020/RDP": 1, "040/RHO": 255.99609375, "040/THETA": 16324 * 360 / 65536,
        "070/MODE3A": "0470", "070/L": 1, "090/FL": 370, "130/SAM": -63, "140": 33499.8359375, "161/TRN": 919, "170/RAD": 2,
        "200/GSP": 2108 / 2**14, "220": "AB4CBD", "230/B1B": 13, "240": "RYR5XW", "RE/ERR": 257},
    "cat062ed1.12.bin": {
        "015": 225, "040": 5086, "060/MODE3A": "7621", "070": 33502.5, "080/SRC": 3, "100/X": 260661, "100/Y": -220711.5,
        "135/CTB": 349.75, "136": 349.75, "185/VX": 207.5, "290/ES": 63.75, "290/MDS": 2, "295/MHG": 2, "340/MDC/LMC": 349.75,
        "340/POS/RHO": 126.45703125, "380/ADR": "663CA6", "380/BVR": -31.25, "380/FSS/ALT": 35000, "380/IAR": 266,
        "380/MAC": 0.784, "390/CFL": 350, "390/DEP": "EDDF", "390/IFI/NBR": 63256965},
}


def run(vedette, path, *options):
    arguments = [vedette, "decode", "--format", "asterix", *EDITIONS.get(path.name, []), *options, path]
    return subprocess.run(arguments, check=True, text=True, stdout=subprocess.PIPE).stdout


def value_at(record, path):
    for name in path.split("/"):
        record = record[name]
    return record


def check_known(name, line):
    items = json.loads(line)["items"]
    for path, value in KNOWN.get(name, {}).items():
        found = value_at(items, path)
        good = found == value if isinstance(value, str) else abs(found - value) <= 1e-9 * max(1, abs(value))
        assert good, f"{name}: {path} is {found}, not {value}"


def main(vedette, captures):
    if not captures.is_dir():
        print(f"no captures at {captures}: skipped")
        sys.exit(77)
    files = sorted(p for p in captures.rglob("*") if p.suffix in (".pcap", ".raw", ".ast", ".ff", ".bin", ".gps") and
                   p.parent.name in (captures.name, "jasterix-unit"))
    assert set(FAULTS) | set(KNOWN) <= {p.name for p in files}
    for path in files:
        summary = json.loads(run(vedette, path, "--stats"))
        print(path.name, summary["records"], "records", summary["errors"])
        if path.name in FAULTS:
            assert summary["errors"] and set(summary["errors"]) <= FAULTS[path.name], path.name
        else:
            assert summary["records"] > 0 and not summary["errors"], path.name
        if path.name in KNOWN:
            check_known(path.name, run(vedette, path).splitlines()[0])


main(sys.argv[1], pathlib.Path(sys.argv[2]))
