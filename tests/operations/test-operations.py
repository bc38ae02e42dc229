#!/usr/bin/env python3
"""operations - the files an operator watches with are about this program, and not about one that was.

usage: test-operations.py BUILD_ROOT SOURCE_ROOT. TAP on stdout. promtool(1) (Debian: prometheus) is skipped where it is not.

What processes export is read from their object files: a counter's name is a string there, whatever macro made it.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

BUILD, SOURCE = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
OPERATIONS = SOURCE / "docs/operations"
RULES, DASHBOARD = OPERATIONS / "vedette.rules.yml", OPERATIONS / "grafana-dashboard.json"
RULES_TEST = SOURCE / "tests/operations/rules.test.yml"
NAME = re.compile(rb"\bvedette_[a-z0-9_%]+(?=[{\0])")
UNITS = (("_ms_total", "_seconds_total"), ("_ms", "_seconds"), ("_per_s", "_per_second"), ("_mm", "_metres"))
PREFIXES = ("vedette_", "vedette_hub_", "vedette_filter_", "vedette_host_", "vedette_sensor_", "vedette_sensor_bad_")


class Skip(Exception):
    pass


def shown(name):
    for counted, base in UNITS:
        if name.endswith(counted):
            return name[:-len(counted)] + base
    return name


def names_in(*folders):
    """The metrics' names in the objects of some folders; %s where a name is put together at run time."""
    found = set()
    for folder in folders:
        source = "".join(p.read_text() for p in (SOURCE / folder).rglob("*.c"))
        for path in (BUILD / folder).rglob("*.o"):
            if path.name == "metric_family.c.o":
                continue
            names = {m.decode() for m in NAME.findall(path.read_bytes())}
            # A compiler may lay the halves of a text side by side, in any order. Only the hub's are made by a macro.
            found |= {shown(n) for n in names if folder == "hub" or n in source}
    # What only looks like one: the beginning of a name that is looked for.
    return {n for n in found if n not in PREFIXES and not n.endswith("_")}


def catalogue():
    text = (SOURCE / "common/metric_family.c").read_text()
    return dict(re.findall(r'(?:COUNTER|GAUGE)\("(vedette_[a-z0-9_*]+)", "([^"]+)"\)', text))


def covers(pattern, name):
    return bool(re.fullmatch(pattern.replace("*", ".*").replace("%s", "[a-z0-9_]+"), name))


def exported():
    return names_in("bpf", "sensor", "fusion", "hub", "common")


def is_exported(name, known):
    base = re.sub(r"_(bucket|sum|count)$", "", name)
    return any(covers(k, name) for k in known) or base in known


def used_in(expression):
    """The names in a PromQL expression, regular expressions over names left out (they are tried apart)."""
    plain = re.sub(r'"[^"]*"', '""', expression)
    return set(re.findall(r"\bvedette_[a-z0-9_]+", plain))


def regexes_in(expression):
    return re.findall(r'__name__=~"([^"]+)"', expression)


def alerts():
    """[{alert, expr, severity, summary, type}] of the rules: one key a line, as the file is written."""
    found = []
    for line in RULES.read_text().splitlines():
        m = re.match(r"\s+(?:- )?(alert|expr|summary|type): (.*)$", line)
        if m and m[1] == "alert":
            found.append({})
        if m:
            found[-1][m[1]] = m[2].strip('"')
        m = re.match(r"\s+labels: \{severity: (\w+)\}$", line)
        if m:
            found[-1]["severity"] = m[1]
    return found


def panels():
    return [p for p in json.loads(DASHBOARD.read_text())["panels"] if p["type"] != "row"]


def what_processes_export_is_in_the_catalogue():
    known = catalogue()
    for name in sorted(names_in("bpf", "sensor", "fusion", "common")):
        assert any(covers(k, name) or k == name.replace("%s_total", "*") for k in known), f"{name} has no HELP"


def what_is_in_the_catalogue_is_exported():
    names = exported()
    for known in catalogue():
        stem = known.replace("*", "%s_total")
        assert stem in names or any(covers(n, known) for n in names if "%s" in n), f"{known}: nobody exports it"


def what_the_dashboard_shows_is_exported():
    names = exported()
    for panel in panels():
        for target in panel["targets"]:
            used = used_in(target["expr"])
            assert used or regexes_in(target["expr"]), (panel["title"], target)
            for name in used:
                assert is_exported(name, names), f"{panel['title']}: {name}: nobody exports it"
    assert len(panels()) > 20


def what_the_rules_ask_is_exported():
    names = exported()
    for alert in alerts():
        for name in used_in(alert["expr"]):
            assert is_exported(name, names), f"{alert['alert']}: {name}: nobody exports it"


def patterns_of_names_match_some():
    """A format's own counters are named by its table (format.h): KEY -> vedette_sensor_KEY_total."""
    keys = set()
    for path in (SOURCE / "sensor/decode").rglob("*.c"):
        keys |= set(re.findall(r'\{\s*"([a-z_]+)",\s*(?:"[^"]*",\s*)?offsetof', path.read_text()))
    names = exported() | {f"vedette_sensor_{k}_total" for k in keys}
    expressions = [a["expr"] for a in alerts()] + [t["expr"] for p in panels() for t in p["targets"]]
    patterns = [r for e in expressions for r in regexes_in(e)]
    assert patterns
    for pattern in patterns:
        for part in re.sub(r"\((.*?)\)", lambda m: "(" + m[1].replace("|", "\0") + ")", pattern).split("|"):
            part = part.replace("\0", "|")
            assert any(re.fullmatch(part, n) for n in names), f"{part}: matches nothing"


def verbs_of_the_command():
    return set(re.findall(r'\{ "([a-z-]+)",', (SOURCE / "cli/main.c").read_text()))


def the_guide_names_what_there_is():
    guide = (SOURCE / "docs/operating.md").read_text()
    commands = re.findall(r"^(?:sh -c )?vedette ([a-z-]+)", guide, re.M) + re.findall(r"`vedette ([a-z-]+)[^`]*`", guide)
    assert "doctor" in commands and set(commands) <= verbs_of_the_command(), set(commands) - verbs_of_the_command()
    named = set(re.findall(r"\bVedette[A-Z]\w+", guide))
    assert named <= {a["alert"] for a in alerts()}, named - {a["alert"] for a in alerts()}
    known = [k for k in exported()]
    for name in re.findall(r"`(vedette_[a-z_]+)", guide):
        assert is_exported(name, known), name
    keys = set(re.findall(r"`([A-Z][A-Za-z]+)=`", guide))
    samples = "".join(p.read_text() for p in (SOURCE / "systemd/samples").rglob("*.conf"))
    for key in keys:
        assert re.search(rf"^#?{key}=", samples, re.M), f"{key}=: in no sample"


def every_alert_says_what_to_type():
    verbs = verbs_of_the_command()
    assert "doctor" in verbs, verbs
    for alert in alerts():
        assert set(alert) == {"alert", "expr", "severity", "summary", "type"}, alert
        assert alert["severity"] in ("page", "ticket"), alert
        for verb in re.findall(r"\bvedette ([a-z-]+)", alert["type"]):
            assert verb in verbs, f"{alert['alert']}: vedette {verb}: no such command"
    assert len(alerts()) > 20


def every_alert_is_tried():
    tried = set(re.findall(r"Vedette\w+", RULES_TEST.read_text()))
    assert {a["alert"] for a in alerts()} == tried, {a["alert"] for a in alerts()} ^ tried


def the_dashboard_is_one():
    board = json.loads(DASHBOARD.read_text())
    ids = [p["id"] for p in board["panels"]]
    assert len(ids) == len(set(ids))
    taken = set()
    for p in board["panels"]:
        g = p["gridPos"]
        cells = {(x, y) for x in range(g["x"], g["x"] + g["w"]) for y in range(g["y"], g["y"] + g["h"])}
        assert g["x"] + g["w"] <= 24 and not cells & taken, p["title"]
        taken |= cells


def promtool(*args):
    if not shutil.which("promtool"):
        raise Skip("no promtool; Debian has it in prometheus")
    with tempfile.TemporaryDirectory() as d:
        for path in (RULES, RULES_TEST):
            shutil.copy(path, d)
        done = subprocess.run(["promtool", *args], cwd=d, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def promtool_takes_the_rules():
    promtool("check", "rules", RULES.name)


def alerts_fire_for_what_they_are_meant_for_and_keep_still_otherwise():
    promtool("test", "rules", RULES_TEST.name)


def main():
    tests = [f for name, f in globals().items() if callable(f) and getattr(f, "__module__", "") == "__main__"
             and "_" in name and name not in ("names_in", "is_exported", "used_in", "regexes_in", "verbs_of_the_command")]
    print(f"1..{len(tests)}")
    failed = False
    for n, test in enumerate(tests, 1):
        try:
            test()
            print(f"ok {n} {test.__name__}", flush=True)
        except Skip as why:
            print(f"ok {n} {test.__name__} # SKIP {why}", flush=True)
        except Exception:
            failed = True
            print(f"not ok {n} {test.__name__}")
            print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()), end="", flush=True)
    sys.exit(failed)


main()
