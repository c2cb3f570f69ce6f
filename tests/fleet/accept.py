#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""accept.py BUILD [CASE...]: evenkeel-fleet on generated clusters, offline, with Pacemaker's own crm_simulate as the
second word on every plan, and CBC or glpsol on emitted models. Without those tools, what needs them is left out."""
import difflib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cibs  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(sys.argv[1])
PROGRAM = os.path.join(BUILD, "evenkeel-fleet")
NOTHING, REFUSED, MOVES, UNCONFIRMED = 0, 1, 2, 4


def pacemaker():
    """The folder of Pacemaker's tools, or None."""
    made = subprocess.run([os.path.join(HERE, "..", "tools", "pacemaker.sh"), BUILD], capture_output=True, text=True)
    sys.stderr.write(made.stderr)
    return made.stdout.strip() if made.returncode == 0 else None


TOOLS = pacemaker()
RUN = os.path.join(TOOLS, "run") if TOOLS else None
ENVIRONMENT = {**os.environ, "PATH": "/usr/bin:/bin"}
WORK = tempfile.mkdtemp(prefix="fleet-")


def write(text, name="cib.xml"):
    path = os.path.join(WORK, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def fleet(*args, stdin=None, engine=True, env=None):
    command = ([RUN] if engine and RUN else []) + [PROGRAM, *args]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=300,
                          env={**ENVIRONMENT, **(env or {})})


def plan(document, *args, want=(NOTHING, MOVES)):
    """The plan as JSON and the document that has it in it."""
    out = os.path.join(WORK, "planned.xml")
    made = fleet("plan", "--cib", write(document), "--json", "--out", out, *args)
    assert made.returncode in want, f"exit status {made.returncode}: {made.stderr}{made.stdout[:300]}"
    answer = json.loads(made.stdout)
    assert made.returncode == (MOVES if answer["moves"] else NOTHING), "the exit status says whether there are moves"
    with open(out, encoding="utf-8") as file:
        return answer, file.read()


def simulate(document, *args):
    """What Pacemaker would do: sets of (action, guest, from, to)."""
    said = subprocess.run([RUN, "crm_simulate", "--xml-pipe", "--run", *args], input=document, capture_output=True,
                          text=True, timeout=300, check=True, env=ENVIRONMENT).stdout
    actions = set()
    for line in said.split("Transition Summary")[1].splitlines() if "Transition Summary" in said else []:
        match = re.match(r" *\* (\w+) +(\S+) +\( *(.*?) *\)", line)
        if match:
            where = match[3].split(" -> ")
            actions.add((match[1], match[2], where[0] if len(where) == 2 else None, where[-1]))
    return actions


def moves_of(answer):
    return {("Migrate" if move["from"] else "Start", move["guest"], move["from"], move["to"])
            for move in answer["moves"]}


def executes(document, answer, planned, *args):
    """Exactly the plan, and foreign lines as before."""
    for line in difflib.ndiff(document.splitlines(), planned.splitlines()):
        if line[:2] in ("- ", "+ "):
            assert line.startswith("+ <?xml ") or "evenkeel-" in line or "constraints" in line, line
    assert json.dumps(answer).count('"as_planned": true') == (1 if RUN else 0), answer["engine"]
    if not RUN:
        return
    would, meant = simulate(planned, *args), moves_of(answer)
    assert would == meant, f"Pacemaker would also {would - meant}, and not {meant - would}"
    subprocess.run([RUN, "crm_verify", "--xml-file", write(planned, "verify.xml")], check=True, env=ENVIRONMENT)


def inside(cluster, answer):
    """Nothing is overfull, by our own sums."""
    used = {host: [0, 0] for host in cluster.hosts}
    for one in answer["placements"]:
        if one["host"]:
            for k in range(2):
                used[one["host"]][k] += cluster.guests[one["guest"]][k]
    for host, (cpus, mib) in used.items():
        assert cpus <= cluster.hosts[host][0] and mib <= cluster.hosts[host][1], f"{host} is overfull"


def the_manuals_example():
    cluster = cibs.manual()
    document = cluster.document()
    answer, planned = plan(document)
    assert not answer["stopped"] and len(answer["moves"]) == 3, answer
    executes(document, answer, planned)
    if RUN:
        assert len(simulate(document)) == 2, "the engine alone leaves one stopped: else this shows nothing"


def complete_packings_are_found():
    alone = 0
    for fill in (80, 90, 100):
        for seed in range(2):
            cluster = cibs.packed(fill, seed, n_hosts=6)
            document = cluster.document()
            answer, planned = plan(document)
            assert not answer["stopped"], f"{fill} %, seed {seed}: {answer['stopped']}"
            inside(cluster, answer)
            executes(document, answer, planned)
            alone += len(cluster.guests) - len(simulate(document)) if RUN else 1
    assert alone > 0, "the engine alone leaves some stopped: else this shows nothing"


def moves_are_exactly_those():
    for seed in range(6):
        cluster = cibs.drifted(seed)
        document = cluster.document()
        answer, planned = plan(document)
        inside(cluster, answer)
        assert answer["deviation_after"] < answer["deviation_before"] and answer["moves"]
        assert answer["gap"] == 0 and answer["status"] == "optimal", answer["status"]
        executes(document, answer, planned)
        # Sets are of two guests at most: half of a host.
        if sum(cpus for cpus, _ in cluster.guests.values()) > len(cluster.hosts) * 16:
            assert "more than a fair share" not in answer["note"], answer["note"]
        assert planned.count("ours-to-keep") == 1
        # Carried out, there is nothing more to do.
        cluster.home = {one["guest"]: one["host"] for one in answer["placements"]}
        again, _ = plan(cluster.document())
        assert not again["moves"], again["moves"]


def a_wrong_move_is_noticed():
    if not RUN:
        return
    cluster = cibs.drifted(0)
    cluster.constraints = []  # nobody is pulled along
    document = cluster.document()
    answer, planned = plan(document)
    move = answer["moves"][0]
    wrong = planned.replace(f'rsc="{move["guest"]}" node="{move["to"]}" score=',
                            f'rsc="{move["guest"]}" node="{move["from"]}" score=')
    assert wrong != planned
    try:
        executes(document, answer, wrong)
    except AssertionError:
        return
    raise AssertionError("another document than the plan's passes for it")


def losses_are_told_twice():
    n_lines = 0
    for seed, cluster in enumerate([cibs.packed(90, 3, n_hosts=5, run=True), cibs.drifted(2)]):
        document = cluster.document()
        made = fleet("check", "--cib", write(document), "--json")
        assert made.returncode == 0, made.stderr
        answer = json.loads(made.stdout)
        possible = {one["host"]: one for one in answer["n1"]}
        assert set(possible) == set(cluster.hosts)
        for host in cluster.hosts:
            if RUN:
                would = simulate(document, f"--node-down={host}")
                started = {guest for action, guest, _, to in would if to != host and action != "Stop"}
                stopped = {guest for guest, at in cluster.home.items() if at == host} - started
                stopped |= {guest for action, guest, _, _ in would if action == "Stop" and cluster.home[guest] != host}
                said = [one["stopped"] for one in answer["engine"]["n1"] if one["host"] == host]
                assert [sorted(stopped)] == said, f"{host}: {sorted(stopped)} and not {said}"
                n_lines += 1
            lost, planned = plan(document, "--lost", host)
            if possible[host]["answer"] == "safe":
                assert not lost["stopped"], f"cluster {seed}, {host} is safe, and yet: {lost['stopped']}"
            if RUN:
                assert lost["engine"]["as_planned"], lost["engine"]
    assert n_lines or not RUN


def who_hangs_on_another_follows_it():
    never, unmanaged = "-INFINITY", ('<meta_attributes id="x"><nvpair id="y" name="is-managed" value="false"/>'
                                     "</meta_attributes>")
    cases = [(cibs.beside(), [], []), (cibs.beside(("ip", "b", never)), [], []),
             (cibs.beside(("ip", "b", never), ("ip", "c", never)), ["v1"], []),
             (cibs.beside(("ip", "b", never), ("v1", "c", never)), ["v1"], []),
             (cibs.beside(("v1", "ip2"), ("ip", "b", never)), [], ["v1"]),
             (cibs.beside(("ip", "a", "INFINITY")), [], []), (cibs.beside(("v2", "a", "INFINITY")), [], []),
             (cibs.beside(inside=unmanaged), ["v1"], []),
             (cibs.beside(("ip", "c", never), rooms=(8192, 3000, 2100)), ["v1"], []),
             (cibs.beside(("v2", "ip")), [], []),
             (cibs.beside(("ip2", "v1")), [], []), (cibs.beside(("ip", "ip2")), [], ["v1"])]
    for k, (cluster, unprotected, unjudged) in enumerate(cases):
        document = cluster.document()
        made = fleet("check", "--cib", write(document), "--json")
        assert made.returncode == 0, made.stderr
        answer = json.loads(made.stdout)
        loss = next(one for one in answer["n1"] if one["host"] == "a")
        assert loss["unprotected"] == unprotected, f"case {k}: {loss}"
        assert [one["guest"] for one in loss["unjudged"]] == unjudged, f"case {k}: {loss}"
        if not RUN:
            continue
        said = next(one["stopped"] for one in answer["engine"]["n1"] if one["host"] == "a")
        assert unjudged or said == unprotected, f"case {k}: Pacemaker would leave stopped {said}"
        if not unjudged:
            lost, _ = plan(document, "--lost", "a")
            assert lost["stopped"] == unprotected, f"case {k}: {lost}"
            assert lost["engine"]["as_planned"], f"case {k}: {lost['engine']}"
    shown = fleet("check", "--cib", write(cases[-1][0].document())).stdout
    assert "not judged: v1" in shown and "hangs on others itself" in shown, shown


def colocated(*sets, score="INFINITY"):
    inside = "".join(f'<resource_set id="s{k}" sequential="{"false" if names[0] == "-" else "true"}">'
                     + "".join(f'<resource_ref id="{name}"/>' for name in names.strip("-").split()) + "</resource_set>"
                     for k, names in enumerate(sets))
    return f'<rsc_colocation id="sets" score="{score}">{inside}</rsc_colocation>'


def sets_are_pairs():
    """As many as there are hosts, each with two guests; and then all as the sets say."""
    cases = [(("v1 v3 v5",), "INFINITY", [("v1", "v3"), ("v3", "v5")], []),
             (("v1 v3 v5",), "-INFINITY", [], [("v1", "v3"), ("v3", "v5"), ("v1", "v5")]),
             (("- v1 v2", "v3 v5"), "INFINITY", [("v1", "v5"), ("v2", "v5"), ("v3", "v5")], []),
             (("v1 v2", "- v3"), "-INFINITY", [], [("v1", "v3"), ("v1", "v2")]),
             (("- v1 v2", "- v3"), "-INFINITY", [], [("v1", "v3"), ("v2", "v3")]),
             (("- v1 v3 v5",), "INFINITY", [], [])]
    for k, (sets, score, together, apart) in enumerate(cases):
        for spread in (True, False):
            home = {f"v{i}": "abc"[(i - 1) // 2 if spread else 0] for i in range(1, 7)}
            cluster = cibs.Cluster({host: (16, 16384) for host in "abc"}, {name: (1, 1024) for name in home}, home)
            cluster.constraints = [colocated(*sets, score=score)]
            document = cluster.document()
            answer, planned = plan(document)
            at = {one["guest"]: one["host"] for one in answer["placements"]}
            assert all(at[a] == at[b] for a, b in together) or answer["conflicts"], f"case {k}: {at}"
            assert all(at[a] != at[b] for a, b in apart), f"case {k}: {at}"
            assert not answer["stopped"], answer
            executes(document, answer, planned)
            if not spread and not together and not apart:
                assert any(at[a] == "a" for a in home)


def dates_are_evaluated():
    for end, bound in (("2001-01-01", False), ("2999-01-01 00:00:00Z", True)):
        cluster = cibs.Cluster({host: (4, 8192) for host in "abc"}, {"v1": (1, 1024), "v2": (1, 1024)},
                               {"v1": "a", "v2": "b"})
        cluster.constraints = ['<rsc_location id="dated" rsc="v1"><rule id="r" score="-INFINITY" boolean-op="and">'
                               '<expression id="e" attribute="#uname" operation="eq" value="a"/>'
                               f'<date_expression id="d" operation="lt" end="{end}"/></rule></rsc_location>']
        document = cluster.document()
        answer, planned = plan(document)
        assert bool(answer["moves"]) == bound, answer
        executes(document, answer, planned)
    often = document.replace(f'operation="lt" end="{end}"/>',
                             'operation="date_spec"><date_spec id="s" years="1999"/></date_expression>')
    answer, planned = plan(often)
    assert not answer["moves"], answer
    executes(often, answer, planned)
    assert "is about dates" in fleet("plan", "--cib", write(often)).stdout


def a_host_is_emptied():
    cluster = cibs.packed(60, 1, n_hosts=5, run=True)
    answer, _ = plan(cluster.document(), "--maintenance", "n2", want=(MOVES,))
    assert all(one["host"] not in (None, "n2") for one in answer["placements"])
    cluster.node["n2"] = ('<instance_attributes id="n2-i"><nvpair id="n2-s" name="standby" value="on"/>'
                          "</instance_attributes>")
    document = cluster.document()
    standby, planned = plan(document, want=(MOVES,))
    assert all(one["host"] not in (None, "n2") for one in standby["placements"])
    executes(document, standby, planned)


def other_solvers_agree():
    asked = 0
    for seed in range(3):
        cluster = cibs.drifted(seed, n_hosts=3, per_host=4)
        path = write(cluster.document())
        lp = os.path.join(WORK, "fleet.lp")
        made = fleet("plan", "--cib", path, "--json", "--emit-lp", lp, engine=False)
        assert made.returncode in (NOTHING, MOVES), made.stderr
        answer = json.loads(made.stdout)
        for command, pattern in ((["cbc", lp, "solve"], r"Objective value: +(\S+)"),
                                 (["glpsol", "--lp", lp, "--tmlim", "60"], r"mip = +(\S+) ")):
            if not shutil.which(command[0]):
                continue
            said = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
            found = re.findall(pattern, said)
            assert found, f"{command[0]} says {said[-400:]}"
            assert abs(float(found[-1]) - answer["objective"]) < 1e-4, (command[0], found[-1], answer["objective"])
            asked += 1
    print(f"  asked {asked} times")


def refused(path, words, *args, stdin=None):
    for command in ("plan", "check"):
        made = fleet(command, "--cib", path, *args, stdin=stdin, engine=False)
        assert made.returncode == REFUSED and not made.stdout, f"{command}: {made.returncode} {made.stdout[:200]}"
        assert made.stderr.count("\n") == 1 and words in made.stderr, made.stderr
        assert made.stderr.isprintable() or made.stderr[:-1].isprintable(), made.stderr


def harm_is_refused():
    whole = cibs.drifted(1).document()
    for n in range(0, len(whole) - 8, len(whole) // 40):
        refused(write(whole[:n]), "no cluster document")
    refused("-", "no cluster document", stdin=whole[:1000])
    entities = "".join(f'<!ENTITY e{k} "{f"&e{k - 1};" * 10}">' for k in range(1, 12))
    refused(write(f'<!DOCTYPE cib [<!ENTITY e0 "laugh">{entities}]>' + whole.replace('value="balanced"', 'value="&e11;"')),
            "document type")
    refused(write('<!DOCTYPE cib SYSTEM "file:///etc/passwd">' + whole), "document type")
    refused(write("<a>" * 100000 + "</a>" * 100000), "no cluster document")
    refused(write(whole.replace('uname="n2"', 'uname="n1"')), "two nodes are called 'n1'")
    refused(write(whole.replace('id="v001"', f'id="{"v" * 300}"')), "too long")
    refused("/nowhere", "No such file")
    huge = os.path.join(WORK, "huge.xml")
    with open(huge, "wb") as file:
        file.truncate(65 << 20)
    refused(huge, "larger than 64 MiB")


def plan_refused(document, words):
    made = fleet("plan", "--cib", write(document), engine=False)
    assert made.returncode == REFUSED and not made.stdout and words in made.stderr, made.stderr
    made = fleet("check", "--cib", write(document))
    assert made.returncode == 0 and "A plan is refused:" in made.stdout, made.stderr


def what_is_not_understood_is_refused():
    whole = cibs.drifted(1).document()
    plan_refused(whole.replace('have-quorum="1"', 'have-quorum="0"'), "no quorum")
    plan_refused(whole.replace('operation="eq"', 'operation="lt"'), "'ours-to-keep'")
    plan_refused(whole.replace('score="-INFINITY"/>', 'score="never"/>', 1), "'apart-0'")
    plan_refused(whole.replace('name="stonith-enabled" value="false"', 'name="maintenance-mode" value="true"'),
                 "maintenance mode")
    made = fleet("plan", "--cib", write(whole), "--lost", "n9\033[31m")
    assert made.returncode == REFUSED and "there is no host 'n9?[31m'" in made.stderr, made.stderr


def one_is_one():
    """No "1 hosts" in what people read."""
    one = cibs.Cluster({"n1": (2, 2048)}, {"only": (1, 1024)}, {"only": "n1"})
    two = cibs.Cluster({"n1": (4, 4096), "n2": (4, 4096)}, {"a": (2, 1024), "b": (2, 1024)}, {"a": "n1", "b": "n1"})
    two.constraints = ['<rsc_colocation id="beside" rsc="a" with-rsc="b" score="3"/>']
    for cluster in (one, two):
        for command in ("check", "plan"):
            said = fleet(command, "--cib", write(cluster.document()), engine=False).stdout
            found = re.search(r"\b1 (running )?(?!points|loss\b)\w+s\b", said)
            assert said and not found, said


def long_names_are_told_apart():
    """People number at the end: what is cut keeps it, in lists as in tables."""
    hosts = {f"a-host-of-the-cluster-{k}": (8, 2048) for k in (1, 2)}
    guests = {f"a-guest-with-a-long-name-{k}": (1, 2048) for k in (1, 2)}
    cluster = cibs.Cluster(hosts, guests, dict(zip(guests, hosts)))
    said = fleet("check", "--cib", write(cluster.document()), engine=False).stdout
    told = re.findall(r"^  (\S+): these stay stopped: (\S+)$", said, re.M)
    assert [(host[-2:], guest[-2:]) for host, guest in told] == [("-1", "-1"), ("-2", "-2")], said


def a_document_is_written_once_or_not_at_all():
    """An engine that starts the guest nowhere whatever it is told: there is no plan, and nothing of one."""
    stub = os.path.join(WORK, "engine")
    os.makedirs(stub, exist_ok=True)
    with open(os.path.join(stub, "crm_simulate"), "w", encoding="utf-8") as file:
        file.write('#!/bin/sh\ncat >/dev/null\necho "<pacemaker-result><actions><rsc_action action=\'migrate\' '
                   'resource=\'a\' source=\'n1\' dest=\'n3\'/></actions></pacemaker-result>"\n')
    os.chmod(os.path.join(stub, "crm_simulate"), 0o755)
    hosts = {name: (8, 8192) for name in ("n1", "n2", "n3")}
    cluster = cibs.Cluster(hosts, {"a": (4, 1024), "b": (4, 1024)}, {"a": "n1", "b": "n1"})
    path = write(cluster.document())
    env = {"PATH": stub + ":/usr/bin:/bin"}
    made = fleet("plan", "--cib", path, "--out", "-", engine=False, env=env)
    assert made.stdout.count("<cib ") == (made.returncode != REFUSED), (made.returncode, made.stdout.count("<cib "))
    made = fleet("plan", "--cib", path, "--out", "/dev/full", engine=False, env={"PATH": "/nowhere"})
    assert made.returncode == REFUSED and "No space left" in made.stderr, made.stderr


def an_engine_that_refuses_confirms_nothing():
    """A plan is printed, says that nobody has confirmed it, and has an exit status of its own."""
    stub = os.path.join(WORK, "refuses")
    os.makedirs(stub, exist_ok=True)
    with open(os.path.join(stub, "crm_simulate"), "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\ncat >/dev/null\necho schema >&2\nexit 78\n")
    os.chmod(os.path.join(stub, "crm_simulate"), 0o755)
    path = write(cibs.Cluster({"n1": (8, 8192), "n2": (8, 8192)}, {"a": (4, 1024), "b": (4, 1024)},
                              {"a": "n1", "b": "n1"}).document())
    made = fleet("plan", "--cib", path, engine=False, env={"PATH": stub + ":/usr/bin:/bin"})
    assert made.returncode == UNCONFIRMED and "NOT CONFIRMED" in made.stdout, (made.returncode, made.stdout)
    for env, status, confirmed in (({"PATH": stub + ":/usr/bin:/bin"}, UNCONFIRMED, False),
                                   ({"PATH": "/nowhere"}, MOVES, None)):
        made = fleet("plan", "--cib", path, "--json", engine=False, env=env)
        answer = json.loads(made.stdout)
        assert made.returncode == status and answer["confirmed"] is confirmed, (made.returncode, answer["confirmed"])
        assert answer["moves"], answer
    if RUN:  # the real one, with a document of no schema
        made = fleet("plan", "--cib", write(open(path, encoding="utf-8").read().replace("<tags", "<nonsense").replace(
            "<constraints>", "<nonsense/><constraints>")), "--json")
        assert made.returncode == UNCONFIRMED and json.loads(made.stdout)["confirmed"] is False, made.stderr


def contradictions_are_named_and_the_others_planned():
    cluster = cibs.Cluster({"n1": (8, 8192), "n2": (8, 8192)}, {name: (2, 1024) for name in "abcd"},
                           {name: "n1" for name in "abcd"})
    cluster.constraints = ['<rsc_colocation id="with" rsc="a" with-rsc="b" score="INFINITY"/>',
                           '<rsc_colocation id="not" rsc="a" with-rsc="b" score="-INFINITY"/>']
    path = write(cluster.document())
    checked = fleet("check", "--cib", path)
    assert checked.returncode == NOTHING and "'a' and 'b' are to be together and apart" in " ".join(
        checked.stdout.split()), checked.stdout + checked.stderr
    made = fleet("plan", "--cib", path, "--json")
    answer = json.loads(made.stdout)
    assert len(answer["conflicts"]) == 1 and answer["moves"], made.stderr + made.stdout
    assert {one["guest"] for one in answer["moves"]} <= {"c", "d"}, answer["moves"]


def who_comes_after_a_stopped_one_stays_so():
    cluster = cibs.Cluster({"n1": (8, 8192), "n2": (8, 8192)}, {name: (2, 1024) for name in "abc"}, {"c": "n1"})
    cluster.constraints = ['<rsc_order id="order" first="a" then="b"/>']
    document = cluster.document().replace(
        '<meta_attributes id="a-meta">',
        '<meta_attributes id="a-meta"><nvpair id="a-role" name="target-role" value="Stopped"/>')
    answer, _ = plan(document)
    assert not answer["moves"], answer["moves"]
    # for which there is no room
    cluster.guests["a"] = (2, 9000)
    answer, _ = plan(cluster.document())
    assert not answer["moves"] and answer["stopped"] == ["a"], answer
    assert any("it is started after 'a'" in note for note in answer["notes"]), answer["notes"]


def an_engine_of_3_0_means_the_same():
    """Its schema, its feature set, and the times since when nodes are members, after its documentation: no such
    engine has read these documents."""
    for seed in range(2):
        old = cibs.drifted(seed).document()
        new = old
        for was, now in (('validate-with="pacemaker-3.9"', 'validate-with="pacemaker-4.0"'),
                         ('crm_feature_set="3.16.1"', 'crm_feature_set="3.20.0"'),
                         ('in_ccm="true"', 'in_ccm="1764540000"'), ('crmd="online"', 'crmd="1764540003"')):
            assert was in new, was
            new = new.replace(was, now)
        for command in ("check", "plan"):
            one, other = (fleet(command, "--cib", write(text), "--json", engine=False, env={"PATH": "/nowhere"})
                          for text in (old, new))
            assert one.stdout and (one.returncode, one.stdout) == (other.returncode, other.stdout), other.stderr


def names_are_shown_without_harm():
    """What XML allows in a name: a terminal's commands, another direction of text, a line of its own."""
    evil = "\x9b31m\u202e\nq"
    hosts = {"n1" + evil: (2, 2048), "n2" + evil: (2, 2048)}
    guests = {"a" + evil: (2, 2048), "b" + evil: (1, 2048), "c" + evil: (1, 2048)}
    full = cibs.Cluster(hosts, guests, {"a" + evil: "n1" + evil})
    torn = cibs.Cluster(hosts, guests, {"a" + evil: "n1" + evil})
    torn.constraints = [f'<rsc_colocation id="{k}{evil}" rsc="a{evil}" with-rsc="b{evil}" score="{k}INFINITY"/>'
                        for k in ("-", "+")]
    for cluster in (full, torn):
        document = cluster.document().replace(evil, "&#x9b;31m&#x202e;&#10;q")
        for command in ("check", "plan"):
            for more in ((), ("--json",), ("--lost", "n1" + evil), ("--lost", "n" + evil)):
                made = fleet(command, "--cib", write(document), *more, engine=False)
                text = made.stdout + made.stderr
                assert text and all(line.isprintable() for line in text.split("\n")), (command, more, text)
                assert not any(line.startswith("q") for line in text.split("\n")), (command, more, text)


def machine(path, *domains):
    """A host of libvirt's test driver; its domains as (name, XML in it)."""
    inner = "".join(f"<domain type='test'><name>{name}</name><memory>2097152</memory><vcpu>2</vcpu>"
                    f"<uuid>{k:08}-1111-1111-1111-111111111111</uuid><os><type>hvm</type></os>{more}</domain>"
                    for k, (name, more) in enumerate(domains, 1))
    return write("<node><cpu><mhz>2000</mhz><model>x</model><active>8</active><nodes>1</nodes><sockets>1</sockets>"
                 f"<cores>8</cores><threads>1</threads></cpu><memory>16777216</memory>{inner}</node>", path)


def floors_count_without_a_cluster():
    floor = ("<metadata><evenkeel:guest xmlns:evenkeel='tag:evenkeel.dev,2026:guest'><evenkeel:memory floor='512'/>"
             "</evenkeel:guest></metadata><devices><memballoon model='virtio'/></devices>")
    full = machine("floors.xml", ("with", floor), ("without", ""))
    hosts = write(f"test://{full} name=full\n", "hosts")
    sizes = {}
    for how in ("", "maximum", "floors"):
        made = fleet("check", "--hosts", hosts, "--window", "1", "--json", *(("--memory", how) if how else ()))
        if made.returncode == REFUSED and "answers" in made.stderr:
            print("  no libvirt with its test driver here")
            return
        answer = json.loads(made.stdout)
        sizes[how] = {one["guest"]: one["size"]["memory"] for one in answer["guests"]}
    assert sizes[""] == sizes["floors"] == {"with": 512, "without": 2048}, sizes
    assert sizes["maximum"] == {"with": 2048, "without": 2048}, sizes
    # Where Pacemaker places by utilization, that is law.
    cluster = cibs.Cluster({"n1": (8, 8192)}, {"with": (2, 2048)}, {"with": "n1"})
    made = fleet("check", "--cib", write(cluster.document()), "--hosts", hosts, "--memory", "floors", "--window", "1")
    assert made.returncode == REFUSED and "places guests by their utilization" in made.stderr, made.stderr
    cluster.strategy = "default"
    made = fleet("check", "--cib", write(cluster.document()), "--hosts", hosts, "--memory", "floors", "--window", "1",
                 "--json", engine=False)
    assert json.loads(made.stdout)["guests"][0]["size"]["memory"] == 512, made.stdout + made.stderr


def silent_hosts_are_waited_for_at_once():
    """Three that take a call and never speak, and one that answers: 20 seconds and not 60."""
    doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    lines = [f"qemu+tcp://127.0.0.1:{door.getsockname()[1]}/system name=silent{k}" for k, door in enumerate(doors)]
    hosts = write("\n".join([*lines, f"test://{machine('answers.xml', ('only', ''))} name=answers"]) + "\n", "hosts")
    begin = time.monotonic()
    made = fleet("check", "--hosts", hosts, "--window", "1")
    took = time.monotonic() - begin
    for door in doors:
        door.close()
    if "silent0" not in made.stdout:
        print("  no libvirt with its test driver here")
        return
    assert made.stdout.count("does not answer") >= 3, made.stdout
    assert took < 50, f"it took {took:.0f} s"
    print(f"  {took:.0f} s")


def without_an_engine_commands_are_printed():
    """Names that mean harm, run by a real sh with a virsh that only tells what it was given."""
    names = ["web'; touch OWNED; '$(touch OWNED)", "-all `touch OWNED`", 'two "words" & more', "back\\slash", "plain"]
    def machine(path, guests):
        inner = "".join(
            f"<domain type='test'><name>{name.replace('&', '&amp;')}</name><memory>2097152</memory><vcpu>2</vcpu>"
            f"<uuid>{k:08}-1111-1111-1111-111111111111</uuid><os><type>hvm</type></os></domain>"
            for k, name in enumerate(guests, 1))
        return write("<node><cpu><mhz>2000</mhz><model>x</model><active>8</active><nodes>1</nodes><sockets>1</sockets>"
                     f"<cores>8</cores><threads>1</threads></cpu><memory>16777216</memory>{inner}</node>", path)
    full, empty = machine("full.xml", names), machine("empty.xml", [])
    hosts = write(f"# hosts\ntest://{full} name=full\n\ntest://{empty} name=empty reserve=512 # idle\n", "hosts")
    made = fleet("plan", "--hosts", hosts, "--window", "1",
                 env={"LD_PRELOAD": os.path.join(BUILD, "libstandin.so"), "LOAD": "1",
                      "ASAN_OPTIONS": "verify_asan_link_order=0"})
    if "none of 2 hosts answers" in made.stderr or "cannot connect" in made.stdout:
        print("  no libvirt with its test driver here")
        return
    assert made.returncode == MOVES, made.stderr + made.stdout
    commands = [line for line in made.stdout.splitlines() if line.startswith("virsh ")]
    assert commands, made.stdout
    stub = os.path.join(WORK, "bin")
    os.makedirs(stub, exist_ok=True)
    with open(os.path.join(stub, "virsh"), "w", encoding="utf-8") as file:
        file.write('#!/bin/sh\nprintf "%s\\n" "$#" "$@" >>"$TOLD"\n')
    os.chmod(os.path.join(stub, "virsh"), 0o755)
    told = os.path.join(WORK, "told")
    # All names, whatever the plan moves: by words of the same form.
    quoted = [re.search(r"--domain ('.*') --desturi", line)[1] for line in commands]
    subprocess.run(["/bin/sh", "-e"], input="\n".join(commands) + "\n", text=True, check=True, cwd=WORK,
                   env={"PATH": stub + ":/usr/bin:/bin", "TOLD": told})
    assert not os.path.exists(os.path.join(WORK, "OWNED")), "a name was run"
    with open(told, encoding="utf-8") as file:
        lines = file.read().splitlines()
    assert len(lines) == 11 * len(commands), lines
    for k in range(len(commands)):
        words = lines[11 * k + 1:11 * k + 11]
        assert words[:2] == ["-c", f"test://{full}"] and words[2:4] == ["migrate", "--live"], words
        assert words[7] in names and words[9] == f"test://{empty}", words
    print(f"  {len(quoted)} commands")


CASES = [the_manuals_example, complete_packings_are_found, moves_are_exactly_those, a_wrong_move_is_noticed,
         losses_are_told_twice, who_hangs_on_another_follows_it, sets_are_pairs, dates_are_evaluated,
         a_host_is_emptied, other_solvers_agree, harm_is_refused,
         what_is_not_understood_is_refused, one_is_one, long_names_are_told_apart,
         a_document_is_written_once_or_not_at_all, an_engine_that_refuses_confirms_nothing,
         an_engine_of_3_0_means_the_same, contradictions_are_named_and_the_others_planned,
         who_comes_after_a_stopped_one_stays_so, names_are_shown_without_harm,
         floors_count_without_a_cluster, silent_hosts_are_waited_for_at_once,
         without_an_engine_commands_are_printed]


def main():
    wanted, failures = sys.argv[2:], 0
    for case in CASES:
        if wanted and case.__name__ not in wanted:
            continue
        print(case.__name__, flush=True)
        try:
            case()
        except AssertionError as error:
            failures += 1
            print(f"  failed: {error}")
    shutil.rmtree(WORK)
    print(f"{failures} failed" + ("" if RUN else "; without Pacemaker's tools"))
    return 1 if failures else 0


sys.exit(main())
