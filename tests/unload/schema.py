"""What `untrack unload --output json` prints validates against its schema, for every sample and for
plans with a script; and the schema notices when it does not."""
import json
import pathlib
import subprocess
import sys
import tempfile

from world import MODULES, Checks, skip

untrack, schema_file, samples = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
try:
    import jsonschema
except ImportError:
    skip("no python3-jsonschema here")

check = Checks()
schema = json.loads(schema_file.read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)


def report(*arguments):
    done = subprocess.run([untrack, "unload", *arguments, "--output", "json"], capture_output=True,
                          text=True)
    value = json.loads(done.stdout)
    errors = [f"{list(error.absolute_path)}: {error.message}"
              for error in validator.iter_errors(value)]
    check(not errors, f"{' '.join(arguments)}: validates", "\n".join(errors))
    return value


for sample in sorted(samples.glob("*.rules")):
    report(str(sample))
with tempfile.TemporaryDirectory() as scratch:
    folder = pathlib.Path(scratch)
    (folder / "free.rules").write_text("*filter\n:INPUT DROP [0:0]\nCOMMIT\n")
    (folder / "modules").write_text(MODULES)
    (folder / "lsmod").write_text("Module Size Used by\n")
    (folder / "builtin").write_text("kernel/net/netfilter/nf_conntrack.ko\n")
    free = report(str(folder / "free.rules"))
    check(free["unloadable"] is True and free["script"].startswith("#!/bin/sh"), "free: a script")
    check([step["id"] for step in free["steps"]][-1] == "verify", "free: steps")
    given = report(str(folder / "free.rules"), "--modules", str(folder / "modules"), "--kernel", "6.1")
    check(given["status"] == "conditional", "the reference of iptable_nat is not explained",
          given["why"])
    unread = report(str(folder / "free.rules"), "--modules", str(folder / "lsmod"))
    check(unread["status"] == "unknown" and unread["script"] is None, "lsmod is not understood")
    built_in = report(str(folder / "free.rules"), "--modules-builtin", str(folder / "builtin"))
    check(built_in["unloadable"] is False and "no hooks" in built_in["why"], "built in")
    for key in ("holders", "steps", "script", "rollback", "unloadable", "why"):
        spoiled = dict(free)
        del spoiled[key]
        check(any(validator.iter_errors(spoiled)), f"the schema misses {key} when it is not there")
check.finish()
