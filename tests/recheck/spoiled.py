"""Certificates that are spoiled have to be refused, or called not understood, and nothing that is read
may end the program otherwise: claims made stronger, texts and hashes changed, rules of the rewrite taken
away or added, witnesses moved, assumptions left out, members gone or of another kind, cut short.
spoiled.py UNTRACK [STEP]: of the members of a certificate, one in STEP."""
import copy
import hashlib
import json
import pathlib
import sys
import tempfile

from certificates import ROOT, run

CLEAN, REFUSED, NOT_KNOWN = 0, 1, 3
CASES = ROOT / "tests/cases/verify"
count = 0


class Bench:
    def __init__(self, untrack, scratch):
        self.untrack, self.place = untrack, pathlib.Path(scratch)

    def made(self, *arguments, folder=ROOT):
        target = self.place / "made.json"
        target.unlink(missing_ok=True)
        said = run(self.untrack, [*arguments, "--certificate", str(target)], folder)
        assert target.exists(), (arguments, said.stderr)
        return json.loads(target.read_text())

    def case(self, name):
        return self.made(*(CASES / name / "args").read_text().splitlines(), folder=CASES / name)

    def recheck(self, certificate, *more):
        text = certificate if isinstance(certificate, str) else json.dumps(certificate)
        (self.place / "spoiled.json").write_text(text)
        return run(self.untrack, ["recheck", "spoiled.json", *more], self.place)

    def results(self, certificate, family="ipv4"):
        said = self.recheck(certificate, "--output", "json")
        assert said.returncode in (CLEAN, REFUSED, NOT_KNOWN), said.stderr
        families = json.loads(said.stdout)["families"]
        return {row["id"]: row["result"] for row in families[family]["claims"]} if families else {}

    def wants(self, status, certificate, what, *more, says=""):
        global count
        count += 1
        said = self.recheck(certificate, *more)
        if said.returncode != status or says not in said.stdout + said.stderr:
            raise SystemExit(f"{what}: exit status {said.returncode} in place of {status}\n"
                             f"{said.stdout}{said.stderr}")


def claims(certificate, family="ipv4"):
    return {row["id"]: row for row in certificate["families"][family]["obligations"]}


def with_text(certificate, side, text):
    spoiled = copy.deepcopy(certificate)
    spoiled[side][0]["text"] = text
    spoiled[side][0]["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    return spoiled


def changed(certificate, change):
    spoiled = copy.deepcopy(certificate)
    change(spoiled)
    assert spoiled != certificate
    return spoiled


def by_hand(bench):
    proven = bench.case("web-stateless")
    failed = bench.case("web-new-port")
    notrack = bench.case("web-notrack")
    for name, good in (("web-stateless", proven), ("web-new-port", failed), ("web-notrack", notrack)):
        bench.wants(CLEAN, good, name)

    def set_claim(identity, member, value):
        def change(certificate):
            claims(certificate)[identity][member] = value
        return change

    def witness_of(certificate):
        return next(row["witness"] for row in claims(certificate).values() if row["witness"])

    for row in claims(failed).values():
        if row["status"] == "failed":
            for better in ("proven", "proven_under_assumptions"):
                bench.wants(REFUSED, changed(failed, set_claim(row["id"], "status", better)),
                            f"a failed {row['id']} as {better}")
    for row in claims(proven).values():
        if row["status"] == "proven_under_assumptions":
            bench.wants(REFUSED, changed(proven, set_claim(row["id"], "status", "proven")),
                        f"{row['id']} without its assumptions")
        if row["status"] != "not_checked":
            spoiled = set_claim(row["id"], "status", "failed")
            if row["id"] == "O4":
                bench.wants(REFUSED, changed(proven, spoiled), "a proven O4 as failed")
            else:
                bench.wants(NOT_KNOWN, changed(proven, spoiled), "a failure that nothing shows",
                            says="no packet that shows it")
    # Witnesses.
    packet = witness_of(failed)["packet"]
    assert packet.startswith("in ")

    def move(certificate):
        witness_of(certificate)["packet"] = packet.replace("in ", "out ", 1).replace("iif", "oif")
    bench.wants(REFUSED, changed(failed, move), "a witness moved to the other way")

    def swap(certificate):
        witness = witness_of(certificate)
        witness["before"], witness["after"] = witness["after"], witness["before"]
    bench.wants(REFUSED, changed(failed, swap), "a witness decided the other way round")

    def condition(certificate):
        witness_of(certificate)["conditions"] = ["-m made --up"]
    bench.wants(REFUSED, changed(failed, condition), "a condition that nobody has")

    def harmless(certificate):
        witness = witness_of(certificate)
        witness["packet"] = "in tcp 192.0.2.1:40000 > 198.51.100.2:80 syn iif eth0 state new"
        witness["before"] = witness["after"] = "accept"
    bench.wants(REFUSED, changed(failed, harmless), "a witness that breaks nothing",
                says="which does not break")

    # Texts and hashes.
    for side in ("original", "rewritten"):
        def other_hash(certificate, side=side):
            digest = certificate[side][0]["sha256"]
            certificate[side][0]["sha256"] = ("0" if digest[0] != "0" else "1") + digest[1:]
        bench.wants(REFUSED, changed(proven, other_hash), f"another hash of the {side}", says="hash")

        def other_text(certificate, side=side):
            certificate[side][0]["text"] += "# more\n"
        bench.wants(REFUSED, changed(proven, other_text), f"another text of the {side}", says="hash")
        bench.wants(REFUSED, proven, "a file that it is not about", f"--{side}",
                    str(ROOT / "samples/dns-server.rules"), says="is not the")
        name = "before.rules" if side == "original" else "after.rules"
        bench.wants(CLEAN, proven, "the file that it is about", f"--{side}",
                    str(CASES / "web-stateless" / name))

        def no_text(certificate, side=side):
            certificate[side][0]["text"] = None
        bench.wants(NOT_KNOWN, changed(proven, no_text), f"no text of the {side}", says="give it with")
        bench.wants(CLEAN, changed(proven, no_text), f"no text of the {side}, but a file", f"--{side}",
                    str(CASES / "web-stateless" / name))
    text = proven["rewritten"][0]["text"]
    opened = text.replace("COMMIT", "-A INPUT -p tcp -m tcp --dport 23 -j ACCEPT\nCOMMIT")
    bench.wants(REFUSED, with_text(proven, "rewritten", opened), "a rule more", says="O1 ")
    tracks = text.replace("COMMIT", "-A INPUT -m state --state NEW -j DROP\nCOMMIT")
    bench.wants(REFUSED, with_text(proven, "rewritten", tracks), "a rule that tracks", says="track")

    # What stands around the claims.
    for member in ("tracked_before", "tracked_after"):
        def flip(certificate, member=member):
            family = certificate["families"]["ipv4"]
            family[member] = not family[member]
        bench.wants(REFUSED, changed(proven, flip), f"{member} turned round", says="track")
    for index in range(len(proven["families"]["ipv4"]["obligations"])):
        def gone(certificate, index=index):
            del certificate["families"]["ipv4"]["obligations"][index]
        bench.wants(REFUSED, changed(proven, gone), f"obligation {index} left out", says="does not name it")
    exposure = proven["families"]["ipv4"]["exposure"]
    assert exposure
    for index in range(len(exposure)):
        def hidden(certificate, index=index):
            del certificate["families"]["ipv4"]["exposure"][index]
        bench.wants(REFUSED, changed(proven, hidden), "an exposure left out", says="is not listed")

        def renamed(certificate, index=index):
            certificate["families"]["ipv4"]["exposure"][index]["kind"] = "other-reply"
        bench.wants(REFUSED, changed(proven, renamed), "an exposure renamed", says="is listed as exposed")
    for version in (0, 2, 10**30, -1, "1", None):
        def other(certificate, version=version):
            certificate["schema_version"] = version
        bench.wants(NOT_KNOWN, changed(proven, other), f"version {version}", says="schema_version")
    return proven


def against_the_engine(bench):
    """Rules taken away from rewrites, assumptions from certificates: refused where `verify` finds a fault."""
    names = ("web-server.rules", "dns-server.rules", "workstation.sh", "web-server.nft")
    refused = kept = 0
    for name in names:
        good = bench.made("rewrite", "--mode", "stateless", str(ROOT / "samples" / name))
        before = bench.place / f"before{pathlib.Path(name).suffix}"
        after = bench.place / f"after{pathlib.Path(name).suffix}"
        before.write_text(good["original"][0]["text"])
        lines = good["rewritten"][0]["text"].splitlines(True)
        variants = []
        for number, line in enumerate(lines):
            words = line.split("#")[0]
            if "accept" in words or "-j ACCEPT" in words or "drop" in words or "-j DROP" in words:
                if not words.startswith(":") and "policy" not in words and "vmap" not in words:
                    variants.append(("", "".join(lines[:number] + lines[number + 1:])))
        variants += [(assumption, "".join(lines)) for assumption in good["assumptions"]]
        for assumption, text in variants:
            after.write_text(text)
            options = ["--assume", f"no-{assumption}"] if assumption else []
            said = run(bench.untrack, ["verify", "--mode", "stateless", *options, "--output", "json",
                                       str(before), str(after)], bench.place)
            report = json.loads(said.stdout)
            spoiled = with_text(good, "rewritten", text)
            spoiled["assumptions"] = [each for each in good["assumptions"] if each != assumption]
            for family, certificate in report["certificate"].items():
                results = bench.results(spoiled, family)
                claimed = claims(spoiled, family)
                for row in certificate["obligations"]:
                    identity = row["id"]
                    if identity not in ("O1", "O2", "O3") or row["status"] == "not_checked":
                        continue
                    holds = row["status"] == "proven" or (
                        row["status"] == "proven_under_assumptions" and
                        claimed[identity]["status"] == "proven_under_assumptions")
                    result = results[identity]
                    what = f"{name} {family} {identity} without {assumption or 'a rule'}: {result}\n{text}"
                    if not holds:
                        assert result == "refused", what
                        refused += 1
                    elif identity != "O3":  # whose list of what is exposed has changed, too
                        assert result == "rechecked", what
                        kept += 1
    assert refused > 20 and kept > 20, (refused, kept)
    return refused, kept


def of_entries(bench):
    """What works on entries, and translates: rules of the rewrite taken away or changed, more of it untracked."""
    def refuses(certificate, identity, what, family="ipv4"):
        global count
        count += 1
        result = bench.results(certificate, family)[identity]
        assert result == "refused", (what, identity, result)

    router = bench.made("rewrite", "--mode", "notrack", str(ROOT / "samples/router-masquerade.rules"))
    bench.wants(CLEAN, router, "a router")
    text = router["rewritten"][0]["text"]
    masquerade = next(line for line in text.splitlines(True) if "-j MASQUERADE" in line)
    refuses(with_text(router, "rewritten", text.replace(masquerade, "")), "O2", "no MASQUERADE")
    narrowed = masquerade.replace("-j MASQUERADE", "-m mark --mark 0x77 -j MASQUERADE")
    refuses(with_text(router, "rewritten", text.replace(masquerade, narrowed)), "O2", "less MASQUERADE")
    untracks = "-A PREROUTING -j CT --notrack\n"
    if "*raw\n" in text:
        end = text.index("COMMIT", text.index("*raw\n"))
        more = text[:end] + untracks + text[end:]
    else:
        more = f"*raw\n:PREROUTING ACCEPT [0:0]\n{untracks}COMMIT\n{text}"
    refuses(with_text(router, "rewritten", more), "O4", "all of it untracked")

    containers = bench.made("rewrite", "--mode", "notrack", "--only", "tcp/443", str(ROOT / "samples/container-host.rules"))
    bench.wants(CLEAN, containers, "a host of containers")
    text = containers["rewritten"][0]["text"]
    line = next(line for line in text.splitlines(True) if "-j DNAT" in line)
    refuses(with_text(containers, "rewritten", text.replace(line, "")), "O2", "no DNAT")
    address = line.split("--to-destination ")[1].split(":")[0]
    refuses(with_text(containers, "rewritten", text.replace(line, line.replace(address, "192.0.2.77"))), "O2",
            "DNAT to elsewhere")

    helper = bench.case("helper-unused")
    bench.wants(CLEAN, helper, "a helper that nobody needs")

    def needed(certificate):
        certificate["assumptions"].remove("helpers_unused")
    refuses(changed(helper, needed), "O2", "a helper that somebody needs")

    inside = bench.case("nft-stateless-nat")
    bench.wants(CLEAN, inside, "translation without state")

    def proven(certificate):
        claims(certificate)["O1"]["status"] = "proven"
    refuses(changed(inside, proven), "O1", "translation that rests on nothing")
    text = inside["rewritten"][0]["text"]
    setting = next(line for line in text.splitlines(True) if " set " in line)
    address = setting.split(" set ")[1].split()[0]
    refuses(with_text(inside, "rewritten", text.replace(f"set {address}", "set 10.99.0.1")), "O2",
            "translation to elsewhere")

    def with_state(certificate):
        certificate["stateless_nat"] = False
    refuses(changed(inside, with_state), "O2", "translation that is not put aside")


def every_member(bench, good, step):
    """Each value of the document in turn (of `step` of them one) as something else, gone, or the document cut
    short."""
    global count
    said_nothing = ("explanation", "path", "version", "why_not", "cure", "pattern")

    def leaves(value, place):
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from leaves(inner, place + [key])
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                yield from leaves(inner, place + [index])
        yield place

    def replaced(place, value):
        spoiled = copy.deepcopy(good)
        at = spoiled
        for step in place[:-1]:
            at = at[step]
        if value is Ellipsis:
            del at[place[-1]]
        else:
            at[place[-1]] = value
        return spoiled

    for place in list(leaves(good, []))[::step]:
        if not place:
            continue
        for value in (None, True, [], {}, -5, 1e300, "x\u0000\u202e", [[[[]]]], Ellipsis):
            spoiled = replaced(place, value)
            if spoiled == good:
                continue
            count += 1
            said = bench.recheck(spoiled)
            kinds = (CLEAN, REFUSED, NOT_KNOWN)
            assert said.returncode in kinds, (place, value, said.returncode, said.stderr)
            if said.returncode != CLEAN:
                continue
            is_text_for_people = place[-1] in said_nothing and isinstance(value, str)
            # A list that is longer than it need be; what is null where it need not be there.
            may_go = (isinstance(place[-1], int) and value is Ellipsis) or \
                (place[-1] in ("outbound", "ip_version") and value is None) or \
                place == ["stateless_nat"]  # says nothing of texts without translation
            assert is_text_for_people or may_go, (place, value, said.stdout)
    text = json.dumps(good)
    for length in range(0, len(text), max(1, len(text) // 120)):
        bench.wants(NOT_KNOWN, text[:length], f"cut after {length} bytes")
    for hostile in ("", "null", "[]", "{}", "[" * 200_000, "{\"a\":" * 100_000, "\xff\xfe", "1e999",
                    text.replace("\"certificate\"", "\"verify\"")):
        bench.wants(NOT_KNOWN, hostile, f"hostile {hostile[:20]!r}")


def main():
    untrack = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(untrack, scratch)
        good = by_hand(bench)
        of_entries(bench)
        refused, kept = against_the_engine(bench)
        every_member(bench, good, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    print(f"{count} spoiled certificates, and {refused + kept} claims of spoiled rewrites, of which verify "
          f"refuses {refused}: all as they should be")


if __name__ == "__main__":
    main()
