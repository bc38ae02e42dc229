#!/usr/bin/env python3
"""style: what a reader may rely on, checked. usage: style.py CHECK SOURCE-ROOT BUILD-ROOT | style.py self-test

Prints one line per finding and exits 1; exits 77 with the reason when a check cannot be made. `self-test` shows every
check a tiny tree that breaks it, and one that does not: a check that cannot fail proves nothing.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# Each is one program's room: it sees itself and common/. cli/ and tests/ may see several.
ROOMS = ("bpf", "sensor/decode", "sensor/camera", "sensor/uplink", "fusion", "hub", "enrol", "clock", "common")
FOLDERS = ("bpf", "sensor", "fusion", "hub", "enrol", "clock", "common", "cli", "systemd", "demo", "tests", "docs")
SKIP_DIRS = {"node_modules", "dist", "corpus", "__pycache__"}
BANNED = ("strcpy", "stpcpy", "strcat", "sprintf", "vsprintf", "gets", "strtok", "atoi", "atol", "atof", "alloca")
CLOCKS = ("clock_gettime", "gettimeofday", "time", "timespec_get", "ftime")
FILE_LINES, FUNCTION_LINES = 800, 80


class CannotCheck(Exception):
    pass


def debts(check):
    """What was there before the check: lines "CHECK PATH COUNT" in debts.txt. To be paid, never to be added to."""
    lines = (pathlib.Path(__file__).parent / "debts.txt").read_text().splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {path: int(count) for kind, path, count in rows if kind == check}


def beyond_debts(check, found):
    owed = debts(check)
    of = {path: [f for f in found if re.match(rf"{re.escape(path)}[: ]", f)] for path in owed}
    for path, count in owed.items():
        if len(of[path]) < count:
            print(f"paid: {check} {path}: {count} were known, {len(of[path])} are left; say so in debts.txt")
    known = {f for path, count in owed.items() if len(of[path]) <= count for f in of[path]}
    return [f for f in found if f not in known]


def files(root, suffixes):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            relative = path.relative_to(root)
            if path.suffix in suffixes and path.is_file() and not SKIP_DIRS & set(relative.parts):
                yield relative


def blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def tokens(path, keep_line_comments=False):
    """The text with strings, characters and comments blanked; lines stay where they are."""
    text = path.read_text(errors="replace")
    pattern = r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    if not keep_line_comments:
        return re.sub(pattern + r"|//[^\n]*", blank, text, flags=re.S)
    # A line comment must not be taken for the start of a string or of a block comment, so it is matched, but kept.
    return re.sub(pattern + r"|//[^\n]*", lambda m: m.group() if m.group().startswith("//") else blank(m), text,
                  flags=re.S)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def find_calls(root, names, exempt):
    call = re.compile(r"(?<![\w.])(?<!->)(" + "|".join(names) + r")\s*\(")
    for path in files(root, {".c", ".h"}):
        if exempt(path):
            continue
        text = tokens(root / path)
        for m in call.finditer(text):
            yield f"{path}:{line_of(text, m.start())}: calls {m[1]}()"


# --- the checks: each yields its findings ---

def names(root, build):
    """Every exported symbol of x.c starts with x_; so does one of x_y.c, the second file of a module."""
    commands = build / "compile_commands.json"
    if not commands.exists():
        raise CannotCheck("no compile_commands.json: not a meson build folder")
    sources = {}
    for entry in json.loads(commands.read_text()):
        source = (pathlib.Path(entry["directory"]) / entry["file"]).resolve()
        objects = pathlib.Path(entry["directory"]) / entry["output"]
        if source.is_relative_to(root) and source.name != "main.c" and objects.exists():
            relative = source.relative_to(root)
            if relative.parts[0] in FOLDERS and relative.parts[0] != "tests":
                sources[str(objects)] = relative
    if not sources:
        raise CannotCheck("nothing was built yet")
    # One nm for all: "OBJECT:ADDRESS TYPE SYMBOL".
    listing = subprocess.run(["nm", "-A", "--defined-only", "--extern-only", *sources], text=True, check=True,
                             stdout=subprocess.PIPE).stdout
    for line in listing.splitlines():
        objects, symbol = line.rsplit(":", 1)[0], line.split()[-1]
        noun = sources[objects].stem.split("_")[0]
        if not re.match(rf"{noun}(_|$)|__", symbol):
            yield f"{sources[objects]} exports {symbol}: must start with {noun}_"


def walls(root, build):
    """A room includes its own headers and common/'s, nobody else's; a bare name must be generated or its own."""
    include = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.M)
    for path in files(root, {".c", ".h"}):
        room = next((r for r in ROOMS if path.is_relative_to(r)), None)
        if not room:
            continue
        text = (root / path).read_text(errors="replace")
        for m in include.finditer(text):
            target = m[1]
            if target.startswith((room + "/", "common/")) or target.endswith(".skel.h"):
                continue
            if "/" not in target and (root / path.parent / target).exists():
                continue
            yield f'{path}:{line_of(text, m.start())}: includes "{target}" from behind a wall'


def clocks(root, build):
    """Only common/clock.c reads a clock; tests may time what they test."""
    return find_calls(root, CLOCKS, lambda p: p.as_posix() == "common/clock.c" or p.parts[0] == "tests")


def banned(root, build):
    """No function that cannot know its buffer's size, keeps state between calls, or cannot report an error. Tests may."""
    return find_calls(root, BANNED, lambda p: p.parts[0] == "tests")


def comments(root, build):
    """/* */ is for keeps; the other kind is a note to oneself."""
    for path in files(root, {".c", ".h"}):
        text = tokens(root / path, keep_line_comments=True)
        for m in re.finditer("//", text):
            yield f"{path}:{line_of(text, m.start())}: line comment"


def length(root, build):
    """A file that outgrew a sitting."""
    for path in files(root, {".c", ".h", ".py", ".sh", ".ts", ".css"}):
        n = (root / path).read_text(errors="replace").count("\n")
        if n > FILE_LINES:
            yield f"{path}: {n} lines, more than {FILE_LINES}"


def functions(root, build):
    """A function that outgrew a screen or two."""
    if not shutil.which("ctags") or "Universal" not in subprocess.run(["ctags", "--version"], text=True,
                                                                      stdout=subprocess.PIPE).stdout:
        raise CannotCheck("no universal-ctags")
    paths = list(files(root, {".c", ".h"}))
    tags = subprocess.run(["ctags", "--output-format=json", "--languages=C", "--langmap=C:.c.h", "--kinds-C=f",
                           "--fields=+ne", "-L", "-", "-f", "-"], cwd=root, input="\n".join(map(str, paths)), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if '"line"' not in tags.stdout and paths and tags.returncode:
        raise CannotCheck("this ctags has no JSON output")
    for line in tags.stdout.splitlines():
        tag = json.loads(line)
        n = tag.get("end", tag["line"]) - tag["line"] + 1
        if n > FUNCTION_LINES:
            yield f"{tag['path']}:{tag['line']}: {tag['name']}() has {n} lines, more than {FUNCTION_LINES}"


CHECKS = {f.__name__: f for f in (names, walls, clocks, banned, comments, length, functions)}


# --- the checks, checked ---

# check -> files that break it once each; and files it must let pass.
BAD = {
    "names": {"fusion/gate.c": "int stray(void);\nint stray(void) { return 0; }\n", "hub/a_b.c": "int b_table[2];\n"},
    "walls": {"fusion/gate.c": '#include "hub/store.h"\n', "sensor/decode/ais.c": '#include "sensor/uplink/outbox.h"\n',
              "common/geo.h": '#include "fusion/gate.h"\n', "bpf/filter.c": '  #  include "store.h"\n'},
    "clocks": {"fusion/gate.c": "long f(void) { return time(0); }\n", "hub/a.c": "x = clock_gettime (0, 0);\n",
               "cli/b.c": "gettimeofday(&tv, NULL);\n"},
    "banned": {f"common/{name}.c": f"x = {name}(a, b);\n" for name in BANNED},
    "comments": {"common/a.c": 'char *u = "http://x"; // why\n', "common/b.h": "int a; /* a */ // b\n"},
    "length": {"common/a.c": "\n" * (FILE_LINES + 1), "hub/web/b.ts": "\n" * (FILE_LINES + 1)},
    "functions": {"common/a.c": "int a(void)\n{\n" + "\t;\n" * (FUNCTION_LINES - 2) + "}\n"},
}
GOOD = {
    "common/clock.c": "long clock_now(void) { return clock_gettime(0, 0); }\n",
    "common/wire_plot.c": "int wire_put(void);\nint wire_put(void) { return 0; }\n",
    "common/wire.h": '/* http://x */\n#define U "http://x/*"\nint at; /* see time(2): strcpy(a, b) */\n',
    "common/quote.c": "char quote_c = '\"'; int quote_a = 1; /* \" // \" */ char *quote_s = \"sprintf(x)\";\n",
    "fusion/main.c": '#include "fusion/gate.h"\n#include "common/wire.h"\nint main(void) { return x->time(1); }\n',
    "bpf/load.c": '#include "filter.skel.h"\n#include "load.h"\n#include <time.h>\n', "bpf/load.h": "int run_time(int);\n",
    "cli/track.c": '#include "fusion/gate.h"\n', "tests/unit/test-a.c": "strcpy(a, time(b));\n",
    "hub/long.c": "int long_a(void)\n{\n" + "\t;\n" * (FUNCTION_LINES - 3) + "}\n" + "\n" * 700,
}

# Of both: the ones that a compiler takes, for the check that reads objects.
COMPILES = ("fusion/gate.c", "hub/a_b.c", "common/wire_plot.c", "common/quote.c", "hub/long.c")


def build_tree(root, tree):
    for name, text in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def compile_tree(root, build, names_of_files):
    build.mkdir()
    commands = []
    for n, name in enumerate(names_of_files):
        subprocess.run(["cc", "-c", "-o", build / f"{n}.o", root / name], check=True)
        commands.append({"directory": str(build), "file": str(root / name), "output": f"{n}.o"})
    (build / "compile_commands.json").write_text(json.dumps(commands))


def findings(check, tree):
    with tempfile.TemporaryDirectory() as tmp:
        root, build = pathlib.Path(tmp).resolve() / "source", pathlib.Path(tmp).resolve() / "build"
        build_tree(root, tree)
        if check == "names":
            compile_tree(root, build, [name for name in tree if name in COMPILES])
        return list(CHECKS[check](root, build))


def self_test():
    failed = 0
    for check in CHECKS:
        try:
            found = findings(check, BAD[check])
            quiet = findings(check, GOOD)
        except CannotCheck as why:
            print(f"SKIP {check}: {why}")
            continue
        missed = [name for name in BAD[check] if not any(f.startswith(name) for f in found)]
        failed += bool(missed or quiet)
        print(f"{'FAIL' if missed or quiet else 'ok'} {check}: {len(found)} findings"
              + "".join(f"\n  not found: {m}" for m in missed) + "".join(f"\n  wrongly found: {q}" for q in quiet))
    return 1 if failed else 0


def main():
    if sys.argv[1:] == ["self-test"]:
        return self_test()
    if len(sys.argv) != 4 or sys.argv[1] not in CHECKS:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        found = list(CHECKS[sys.argv[1]](pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve()))
    except CannotCheck as why:
        print(f"SKIP: {why}")
        return 77
    found = beyond_debts(sys.argv[1], found)
    print("\n".join(found) if found else f"{sys.argv[1]}: nothing new")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
