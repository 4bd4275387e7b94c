"""cfn-lint over every golden template. A finding that exceptions.json does not explain fails; so does an exception that explains nothing any more."""

import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
GOLDEN = HERE.parent.parent / "cdk" / "golden"


def findings():
    files = sorted(str(f) for f in GOLDEN.rglob("*.json"))
    run = subprocess.run([str(pathlib.Path(sys.executable).parent / "cfn-lint"), "-f", "json", "-t", *files], capture_output=True, text=True)
    if run.returncode & 1:  # a failure of the tool, not a finding
        sys.exit(run.stderr)
    for f in json.loads(run.stdout or "[]"):
        path = [str(p) for p in f["Location"]["Path"] or []]
        yield {
            "rule": f["Rule"]["Id"],
            "where": str(pathlib.Path(f["Filename"]).relative_to(GOLDEN).with_suffix("")) + ": " + ".".join(path) + f" (line {f['Location']['Start']['LineNumber']})",
            "message": f["Message"],
        }


def main():
    exceptions = json.loads((HERE / "exceptions.json").read_text())
    used, wrong, count = set(), 0, 0
    for finding in findings():
        count += 1
        known = [i for i, e in enumerate(exceptions) if e["rule"] == finding["rule"] and re.search(e["message"], finding["message"])]
        used.update(known)
        if not known:
            wrong += 1
            print("%(rule)s %(where)s: %(message)s" % finding)
    for i, exception in enumerate(exceptions):
        if i not in used:
            wrong += 1
            print("exceptions.json explains what is no longer found:", json.dumps(exception))
    print(f"{len(list(GOLDEN.rglob('*.json')))} templates, {count} findings, {wrong} that nothing explains")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
