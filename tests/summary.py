#!/usr/bin/env python3
"""summary: the closing line of `./run test`, counted from meson's JUnit reports.

usage: summary.py BUILD_DIR...
A TAP sub-test counts as one test; a test that meson killed or that crashed counts as failed.
Lists what was skipped and what failed, then "N passed, N failed, N skipped". Exit 1 when anything failed.
"""
import pathlib
import sys
import xml.etree.ElementTree as ET


def outcome(case):
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    if case.find("skipped") is not None:
        return "skipped"
    return "passed"


def main(builds):
    count = {"passed": 0, "failed": 0, "skipped": 0}
    for build in builds:
        report = pathlib.Path(build) / "meson-logs" / "testlog.junit.xml"
        if not report.exists():
            print(f"FAILED {build}: no test report at {report}")
            count["failed"] += 1
            continue
        for suite in ET.parse(report).getroot().iter("testsuite"):
            for case in suite.iter("testcase"):
                kind = outcome(case)
                count[kind] += 1
                if kind != "passed":
                    print(f"{kind.upper()} {build}: {suite.get('name')} {case.get('name')}")
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**count))
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
