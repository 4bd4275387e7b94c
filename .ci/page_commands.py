"""Tries the commands of AWS's and CDK's command lines that the pages for users show: the AWS CLI must take each as far as the wire, and CDK's
help must know each option. Trailkeeper's own commands are tried by the tests of lambda/trailkeeper.

Usage: page_commands.py AWS CDK, the two programs; CDK may have arguments. Run it in the repository's root.
"""

import functools
import os
import re
import shlex
import subprocess
import sys

PAGES = ["README.md", "cdk/README.md", "lambda/README.md", "rules/README.md", "events/README.md"]
NOBODY = "http://127.0.0.1:9"  # nothing listens there
REACHED = "Could not connect to the endpoint URL"
ENVIRONMENT = {
    **os.environ,
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLEOPERATOR1",
    "AWS_SECRET_ACCESS_KEY": "example",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_MAX_ATTEMPTS": "1",
}
CDK = r"npx --yes aws-cdk@[0-9.]+"


def commands(page, start):
    """The commands of a page's code that start so, each as one line."""
    text = page.replace("\\\n", " ")
    # In a block of code, a quoted text may have several lines.
    text = re.sub(r"^ {4}.*$", lambda line: line[0] + "\0" * (line[0].count("'") % 2), text, flags=re.M)
    text = re.sub(r"\0\n([^\0`]*)\0", lambda rest: " " + rest[1].replace("\n", " "), text)
    return [m.strip() for m in re.findall(rf"(?:`|^ +)((?:[a-z]+=\$\()?{start} [^`\n]*)", text, flags=re.M) if "…" not in m]


def parts(command):
    """The programs of a pipeline or list, substituted ones included, with their arguments. What a variable has is any JSON."""
    words = shlex.shlex(command.replace('"$new"', "{}"), posix=True, punctuation_chars="|&()")
    words.whitespace_split = True
    words.commenters = ""
    found = [[]]
    for word in words:
        if set(word) <= set("|&()"):
            found.append([])
        else:
            found[-1].append(word)
    return [args for args in found if args]


def aws_problem(aws, command):
    """Why the AWS CLI does not take the command, or one of its pipeline, or nothing."""
    problems = []
    for args in parts(command):
        if args[0] == "aws":
            done = subprocess.run([aws, "--endpoint-url", NOBODY, *args[1:]], input="{}", capture_output=True, text=True, env=ENVIRONMENT)
            if REACHED not in done.stderr:
                problems.append(done.stderr.strip())
    return "\n".join(problems)


@functools.cache
def cdk_help(cdk, name):
    """What CDK's command line says about its command."""
    return subprocess.run([*shlex.split(cdk), name, "--help"], capture_output=True, text=True).stdout


def cdk_problem(cdk, command):
    """Why CDK's command line does not take the command, or nothing."""
    words = shlex.split(re.sub(f"^{CDK} ", "", command))
    options = [w for w in words if w.startswith("--")]
    text = cdk_help(cdk, words[0])
    known = set(re.findall(r"--[a-z-]+", text))
    if not re.search(rf"^cdk {words[0]}\b", text, flags=re.M):
        return "no such command"
    return " ".join(f"no option {o}" for o in options if o not in known)


def main(aws, cdk):
    failed, tried = [], 0
    for name in PAGES:
        with open(name, encoding="utf-8") as f:
            page = f.read()
        for command in commands(page, "aws"):
            tried += 1
            if problem := aws_problem(aws, command):
                failed.append(f"{name}: {command}\n  {problem}")
        for command in commands(page, CDK):
            tried += 1
            if problem := cdk_problem(cdk, command):
                failed.append(f"{name}: {command}\n  {problem}")
    # What each of the two must find.
    if not aws_problem(aws, "aws cloudtrail stop-logging --trail x") or not aws_problem(aws, "aws cloudtrail stop-logging"):
        failed.append("a command with wrong options was taken by the AWS CLI")
    if not aws_problem(aws, "old=$(aws s3api get-bucket-policy) && new=$(printf %s \"$old\" | jq .)"):
        failed.append("a substituted command without its options was taken by the AWS CLI")
    if not cdk_problem(cdk, "npx --yes aws-cdk@1.0.0 deploy --regions x") or not cdk_problem(cdk, "npx --yes aws-cdk@1.0.0 undeploy"):
        failed.append("a command that CDK does not have was taken")
    if tried < 20:
        failed.append(f"only {tried} commands were found in the pages")
    print("\n".join(failed) or f"{tried} commands of the pages are taken")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
