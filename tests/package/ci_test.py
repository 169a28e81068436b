"""The integrations for CI systems, run as their systems do: the pre-commit hook in a scratch repository,
the steps of the GitHub Action in bash with GitHub's files, the script of the GitLab job. Their YAML, and
that of docs/ci.md, is what those systems take: `validators` asks action-validator and gitlab-ci-local.
Usage: ci_test.py UNTRACK SOURCE_DIRECTORY pre_commit|action|gitlab|validators. Exit status 77: skipped,
with what is not there."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:
    print("skipped: no python3-yaml")
    sys.exit(77)

program, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()


def skip(what):
    print(f"skipped: no {what}")
    sys.exit(77)


TRACKED = "*filter\n:INPUT DROP [0:0]\n-A INPUT -m conntrack --ctstate NEW -j ACCEPT\nCOMMIT\n"
STATELESS = "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n"
FOREIGN = "*filter\n:INPUT DROP [0:0]\n-A INPUT -m nosuch --x -j ACCEPT\nCOMMIT\n"


def run(*words, cwd, **environment):
    path = f"{program.parent}:{os.environ['PATH']}"
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env={"PATH": path, "LC_ALL": "C.UTF-8", "HOME": str(cwd), **environment})


def rulesets(folder):
    for name, text in (("web1/rules.v4", TRACKED), ("web2/rules.v4", STATELESS), ("odd/my rules.v4", STATELESS),
                       ("foreign/rules.v4", FOREIGN), ("web2/notes.txt", "not a ruleset\n")):
        path = folder / "hosts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def examples():
    """{name of the file in the first line: text} of the YAML in docs/ci.md"""
    blocks = re.findall(r"^```yaml\n# ([^\n]+)\n(.*?)^```", (source / "docs/ci.md").read_text(), re.M | re.S)
    assert len(blocks) == 5, blocks
    return dict(blocks)


def check_pre_commit(folder):
    hooks = yaml.safe_load((source / ".pre-commit-hooks.yaml").read_text())
    for hook in hooks:
        assert {"id", "name", "entry", "language", "files"} <= set(hook), hook
    if not shutil.which("pre-commit") or not shutil.which("git"):
        skip("pre-commit")

    def git(where, *words):
        done = run("git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words, cwd=where)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    ours, theirs = folder / "ours", folder / "theirs"
    ours.mkdir()
    shutil.copy(source / ".pre-commit-hooks.yaml", ours)
    git(ours, "init", "-q")
    git(ours, "add", ".")
    git(ours, "commit", "-qm", "hooks")
    theirs.mkdir()
    rulesets(theirs)
    git(theirs, "init", "-q")

    def commit(host, args, example=".pre-commit-config.yaml"):
        config = examples()[example]
        config = config.replace("https://example.org/untrack", str(ours)).replace(
            "VERSION", git(ours, "rev-parse", "HEAD")).replace("hosts/web1/", f"hosts/{host}/").replace(
            "[--fail-on, warning]", args)
        (theirs / ".pre-commit-config.yaml").write_text(config)
        git(theirs, "add", ".")
        done = run("pre-commit", "run", "--all-files", "--verbose", cwd=theirs,
                   PRE_COMMIT_HOME=str(folder / "cache"))
        return done.returncode, done.stdout + done.stderr

    status, said = commit("web1", "[--fail-on, warning]")
    assert status == 1 and "UT301" in said and "hosts/web1/rules.v4:3" in said, said
    status, said = commit("web2", "[--fail-on, warning]")
    assert status == 0 and "Passed" in said and "not a ruleset" not in said, said
    status, said = commit("foreign", "[]")
    assert status == 1 and "exit code: 3" in said, said
    # Many hosts: each by itself, but for those that the configuration puts together.
    shutil.rmtree(theirs / "hosts/foreign")
    (theirs / "hosts/web2/rules.v6").write_text(STATELESS)
    (theirs / "untrack.toml").write_text('[[host]]\nname = "web two"\n'
                                         'rules = ["hosts/web2/rules.v4", "hosts/web2/rules.v6"]\n')
    many = "many hosts: .pre-commit-config.yaml"
    status, said = commit("", "[--fail-on, warning]", many)
    assert status == 1 and "hosts/web1/rules.v4:3" in said and re.search(r"^web two  +not forced", said, re.M), said
    assert "hosts/web2/rules.v6 " not in said and "3 hosts:" in said, said
    (theirs / "hosts/web1/rules.v4").write_text(STATELESS)
    status, said = commit("", "[--fail-on, warning]", many)
    assert status == 0 and "Passed" in said, said


def action_steps(inputs, folder):
    """Runs the steps of action.yml; (status, standard output, outputs, summary)."""
    action = yaml.safe_load((source / "action.yml").read_text())
    values = {name: row.get("default", "") for name, row in action["inputs"].items()}
    assert set(inputs) <= set(values), inputs
    values.update(inputs)
    outputs, summary = folder / "outputs", folder / "summary"
    said = ""
    for path in (outputs, summary):
        path.write_text("")

    def value_of(text):
        def known(found):
            name = found.group(1).removeprefix("inputs.")
            assert name in values, f"not known here: {found.group()}"
            return values[name]
        return re.sub(r"\$\{\{ ([\w.-]+) \}\}", known, str(text))

    for step in action["runs"]["steps"]:
        assert step["shell"] == "bash" and "${{" not in step["run"], step
        script = folder / "step.sh"
        script.write_text(step["run"])
        done = run("bash", "--noprofile", "--norc", "-eo", "pipefail", str(script), cwd=folder,
                   GITHUB_ACTION_PATH=str(source), GITHUB_OUTPUT=str(outputs), GITHUB_STEP_SUMMARY=str(summary),
                   RUNNER_TEMP=str(folder), **{name: value_of(v) for name, v in step.get("env", {}).items()})
        said += done.stdout
        assert not done.stderr or done.returncode, done.stderr
        if done.returncode:
            break
    told = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
    if told:
        assert set(told) == set(action["outputs"]), told
    return done.returncode, said, told, summary.read_text()


def check_action(folder):
    rulesets(folder)
    given = yaml.safe_load(examples()[".github/workflows/firewall.yml"])["jobs"]["audit"]["steps"][1]["with"]
    (folder / "hosts/web1/rules.v6").write_text(STATELESS)
    status, said, told, summary = action_steps(given, folder)
    assert status == 1 and "::error file=hosts/web1/rules.v4,line=3" in said, said
    assert told == {"status": "1", "sarif": "untrack.sarif"}, told
    assert "UT301" in summary and (folder / "untrack.sarif").is_file()
    assert action_steps({"rules": "hosts/web1/rules.v4", "fail-on": "never"}, folder)[0] == 0
    assert action_steps({"rules": "hosts/web2/*.v4\n\n", "fail-on": "note"}, folder)[0] == 0
    assert action_steps({"rules": "hosts/odd/my rules.v4\n", "fail-on": "note"}, folder)[0] == 0
    assert action_steps({"rules": "hosts/foreign/*", "fail-on": "never"}, folder)[0] == 3
    status, said, told, _ = action_steps({"rules": "hosts/nowhere/*\n"}, folder)
    assert status == 2 and "::error" in said and not told, said
    status, said, _, _ = action_steps({"rules": "$(touch gone)`touch gone`;touch gone"}, folder)
    assert status == 2 and not (folder / "gone").exists(), said
    status, said, _, _ = action_steps({"rules": "hosts/web1/rules.v4", "args": "--family\nipv4\n--each"}, folder)
    assert status == 1, said
    # Many hosts: a host that is not understood takes nothing from the others.
    given = yaml.safe_load(examples()["many hosts: action.yml"])[0]["with"]
    assert given["hosts"] is True, given
    status, said, _, summary = action_steps({**given, "hosts": "true"}, folder)
    assert status == 3 and "file=hosts/web1/rules.v4,line=3" in said, said
    assert "| hosts/web2 |" in summary and "| hosts/foreign |" in summary, summary
    assert action_steps({"rules": "hosts/web2\nhosts/odd/my rules.v4,hosts/web1/rules.v6", "hosts": "true",
                         "fail-on": "note"}, folder)[0] == 0
    status, said, _, _ = action_steps({"rules": "--live", "hosts": "true"}, folder)
    assert status == 3, said


# docs.gitlab.com, "CI/CD YAML syntax reference"
JOB_KEYWORDS = {"after_script", "allow_failure", "artifacts", "before_script", "cache", "coverage", "dependencies",
                "environment", "extends", "image", "interruptible", "needs", "parallel", "resource_group", "retry",
                "rules", "script", "services", "stage", "tags", "timeout", "trigger", "variables", "when"}


def check_gitlab(folder):
    rulesets(folder)
    template = yaml.safe_load((source / "packaging/ci/gitlab.yml").read_text())
    example = yaml.safe_load(examples()[".gitlab-ci.yml"])
    assert set(template) == {"variables", "untrack"} and set(template["untrack"]) <= JOB_KEYWORDS, template
    assert set(example["variables"]) <= set(template["variables"]), example
    assert example["include"][0]["local"], example

    def job(rules, fail_on, hosts=""):
        lines = template["untrack"]["script"]
        assert all(isinstance(line, str) for line in lines)
        return run("bash", "-eo", "pipefail", "-c", "\n".join(lines), cwd=folder,
                   UNTRACK_RULES=rules, UNTRACK_FAIL_ON=fail_on,
                   UNTRACK_HOSTS=hosts)

    (folder / "hosts/web1/rules.v6").write_text(STATELESS)
    done = job(example["variables"]["UNTRACK_RULES"], example["variables"]["UNTRACK_FAIL_ON"])
    assert done.returncode == 1 and "UT301" in done.stdout, done.stdout + done.stderr
    reports = template["untrack"]["artifacts"]["reports"]
    assert template["untrack"]["artifacts"]["when"] == "always"
    assert set(reports) == {"codequality", "junit"}
    for name in reports.values():
        assert (folder / name).stat().st_size > 2, name
    assert job("hosts/web2/rules.v4", "note").returncode == 0
    assert job("hosts/foreign/rules.v4", "error").returncode == 3
    assert job("", "error").returncode == 2, "no ruleset is no success"
    done = job("hosts/web1 hosts/web2", "error", "yes")
    assert done.returncode == 1 and "2 hosts: 1 tracked, 1 not forced" in done.stdout, done.stdout + done.stderr


def check_validators(folder):
    """npm: @action-validator/cli, gitlab-ci-local (node 22, rsync)"""
    action = os.environ.get("UNTRACK_ACTION_VALIDATOR") or shutil.which("action-validator")
    gitlab = os.environ.get("UNTRACK_GITLAB_CI_LOCAL") or shutil.which("gitlab-ci-local")
    if not action and not gitlab:
        skip("action-validator and no gitlab-ci-local (npm)")
    asked = []
    if action:
        workflow = folder / ".github/workflows/firewall.yml"
        workflow.parent.mkdir(parents=True)
        workflow.write_text(examples()[".github/workflows/firewall.yml"])
        shutil.copy(source / "action.yml", folder)
        for path in (folder / "action.yml", workflow):
            done = run(action, str(path), cwd=folder)
            assert done.returncode == 0, f"{path.name}: {done.stdout}{done.stderr}"
        workflow.write_text(workflow.read_text().replace("runs-on", "runs-in"))
        assert run(action, str(workflow), cwd=folder).returncode != 0, "the validator takes anything"
        asked.append("action-validator")
    if gitlab:
        (folder / "ci").mkdir()
        shutil.copy(source / "packaging/ci/gitlab.yml", folder / "ci/untrack.yml")
        (folder / ".gitlab-ci.yml").write_text(examples()[".gitlab-ci.yml"])
        run("git", "init", "-q", cwd=folder)
        run("git", "add", ".", cwd=folder)
        run("git", "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", "x", cwd=folder)
        run("git", "remote", "add", "origin", "git@example.org:x/y.git", cwd=folder)
        done = run(gitlab, "--list", cwd=folder, NODE_OPTIONS=os.environ.get("NODE_OPTIONS", ""))
        assert done.returncode == 0 and "schema validated" in done.stdout + done.stderr, done.stdout + done.stderr
        assert re.search(r"^untrack +", done.stdout, re.M), done.stdout
        asked.append("gitlab-ci-local")
    print("asked: " + ", ".join(asked))


with tempfile.TemporaryDirectory() as scratch:
    {"pre_commit": check_pre_commit, "action": check_action, "gitlab": check_gitlab,
     "validators": check_validators}[sys.argv[3]](pathlib.Path(scratch))
print(f"{sys.argv[3]}: as it should")
