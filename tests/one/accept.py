#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""evenkeel-one on documents of the benches' fleets: accept.py BUILD [FAMILY:HOSTSxGUESTS...]. Each answer is
validated against the published schema where xmllint is there, and counted again (judge.py). Fleets that are
named are evened out beside the others, with the engine's own limits and without any."""
import os
import shutil
import subprocess
import sys
import tempfile

import judge

build = sys.argv[1]
here = os.path.dirname(os.path.abspath(__file__))
program = os.path.join(build, "evenkeel-one")
bad = 0
AS_PROMISED = 1.05  # so much dearer may later rounds find what an earlier one has begun
FOR_A_WHILE = 1.1  # hosts may be so much more uneven while rounds are under way


def complain(what, *told):
    global bad
    bad += 1
    print(what, *told, file=sys.stderr)


def document(family, hosts, guests, seed):
    made = subprocess.run([os.path.join(build, "one_document"), family, str(hosts), str(guests), str(seed)],
                          capture_output=True, check=True)
    return made.stdout


def validate(answer, name):
    """oned writes and reads no namespace, and the schema has one; and it foresees no plan without an action."""
    if "<ACTION>" not in answer:
        if not answer.startswith("<PLAN><ID>") or not answer.endswith("</ID></PLAN>\n"):
            complain(name, "an empty plan is", answer)
        return
    if not shutil.which("xmllint"):
        return
    text = answer.replace("<PLAN>", '<PLAN xmlns="http://opennebula.org/XMLSchema">', 1)
    done = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", os.path.join(here, "xsd/plan.xsd"), "-"],
                          input=text.encode(), capture_output=True, check=False)
    if done.returncode:
        complain(name, "is not valid:", done.stderr.decode()[:500])


def conf(folder, per_host, per_cluster, live):
    path = os.path.join(folder, f"oned-{per_host}-{per_cluster}-{live}.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"MAX_ACTIONS_PER_HOST = {per_host}\nMAX_ACTIONS_PER_CLUSTER = {per_cluster}\n"
                   f"LIVE_RESCHEDS = {live}\n")
    return path


def even_out(folder, family, hosts, guests, per_host, per_cluster, live, seed=1, may_hold=False):
    name = f"{family} {hosts}x{guests} {per_host}/{per_cluster}:"
    text = document(family, hosts, guests, seed)
    options = ("--oned-conf", conf(folder, per_host, per_cluster, live))
    status, answer, said = judge.run(program, "optimize", text, *options)
    if status:
        complain(name, "status", status, said)
        return None
    validate(answer, name)
    seen = judge.Document(text)
    for fault in judge.faults(seen, answer, per_host, per_cluster):
        complain(name, fault)
    at = judge.after(seen, judge.actions_of(answer))
    if may_hold and not judge.actions_of(answer):
        return text, answer
    worst = seen.deviation(seen.home()) * (FOR_A_WHILE if "is the first of" in said else 1)
    if not judge.actions_of(answer) or seen.deviation(at) > worst + 1e-9:
        complain(name, "evens out nothing")
    if abs(seen.deviation(at) - (judge.told(said, "points, then") or 0)) > 0.06:
        complain(name, "says another deviation than", seen.deviation(at), said)
    if ("COLD MIGRATION" in said) == (live == 1):
        complain(name, "LIVE_RESCHEDS is", live, "and it says", said)
    if judge.run(program, "optimize", text, *options) != (status, answer, said):
        complain(name, "says something else when asked again")
    return text, answer


def converge(folder, family, hosts, guests, seed):
    """Round after round ends, at a plan as good as the first one said, and each one is safe: what the engine would
    do is done to the document."""
    text = document(family, hosts, guests, seed).decode()
    promised, paid = None, 0
    path = conf(folder, 1, 30, 1)
    first = None
    for _ in range(30):
        status, answer, said = judge.run(program, "optimize", text.encode(), "--oned-conf", path)
        seen = judge.Document(text)
        if status or judge.faults(seen, answer, 1, 30):
            complain(family, "rounds:", said)
            return
        actions = judge.actions_of(answer)
        deviation = seen.deviation(seen.home())
        if first is not None and deviation > first * FOR_A_WHILE + 1e-9:
            complain(family, "rounds: the deviation grows from", first, "to", deviation)
        first = first or deviation
        value = judge.told(said, "objective")
        promised = promised or value
        if paid + value > promised * AS_PROMISED:
            complain(family, "rounds: promised were", promised, "and it is", paid + value)
        if not actions:
            return
        paid += seen.prices(judge.after(seen, actions))
        text = judge.moved(text, seen, actions)
    complain(family, "rounds: no end after 30")


def place(family, hosts, guests, expected):
    name = f"{family} {hosts}x{guests}:"
    text = document(family, hosts, guests, 1)
    status, answer, said = judge.run(program, "place", text)
    if status:
        complain(name, "status", status, said)
        return
    validate(answer, name)
    seen = judge.Document(text)
    for fault in judge.faults(seen, answer, 1, 1):
        complain(name, fault)
    left = len(seen.wanted) - len(judge.actions_of(answer))
    if left > expected or said.count("ERROR: ") != left:
        complain(name, left, "are left out of", len(seen.wanted), said)


def refuse(text, what, command="optimize", *options):
    status, answer, said = judge.run(program, command, text, *options)
    lines = said.splitlines()
    if status != 1 or answer or len(lines) != 1 or what not in said:
        complain("refused:", what, status, answer[:100], said[:500])


def harm():
    text = document("drift", 8, 60, 1)
    for cut in range(0, len(text), len(text) // 23):
        refuse(text[:cut], "base64" if cut == 0 else "not what oned hands")
    refuse(text.replace(b"<MAX_CPU>", b"<MAX_CPU>\xff\xfe"), "not what oned hands")
    refuse(text.replace(b"<MAX_CPU>", b"<MAX_CPU>-"), "makes no sense")
    refuse(text.replace(b"<ID>3</ID><NAME>h0003", b"<ID>2</ID><NAME>h0002"), "two of host 2")
    refuse(text.replace(b"BALANCE", b"PACK"), "POLICY=PACK")
    refuse(text, "cluster 7 is asked about", "optimize", "7")
    refuse(text, "cannot be read", "optimize", "--oned-conf", "/nowhere")
    refuse(b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]>" + text, "not what oned hands")
    refuse(text.replace(b"<REQUIREMENTS>", b"<X>").replace(b"</REQUIREMENTS>", b"</X>"), "no REQUIREMENTS")
    done = subprocess.run([program, "optimize"], input=text, capture_output=True, check=False)
    if done.returncode != 1 or done.stdout or b"base64" not in done.stderr:
        complain("what is not base64 is taken", done.stderr)
    name = text.replace(b"<NAME>g00007</NAME>", b"<NAME><![CDATA[\xe2\x80\xae\nERROR: 9 ]]></NAME>")
    status, _, said = judge.run(program, "optimize", name)
    if status or "\u202e" in said or "\nERROR: 9 " in said:
        complain("a hostile name", status, said)


def can_fail(text, answer):
    """The judge sees what is wrong."""
    seen = judge.Document(text)
    first = judge.actions_of(answer)[0]
    wrong = [answer.replace("migrate", "deploy", 1), answer.replace("<PLAN><ID>100", "<PLAN><ID>99"),
             answer.replace(f"<HOST_ID>{first['host']}<", f"<HOST_ID>{seen.vm[first['vm']]['host']}<", 1),
             answer.replace("</PLAN>", answer[answer.index("<ACTION>"):answer.index("</ACTION>")] + "</ACTION></PLAN>")]
    for one in wrong:
        if not judge.faults(seen, one, 1, 30):
            complain("the judge takes", one[:200])
    crowd = "".join(f"<ACTION><VM_ID>{vm}</VM_ID><OPERATION>migrate</OPERATION><HOST_ID>0</HOST_ID><DS_ID>0</DS_ID>"
                    "</ACTION>" for vm, one in seen.vm.items() if one["host"] != 0)
    if "overfull" not in str(judge.faults(seen, f"<PLAN><ID>100</ID>{crowd}</PLAN>", 99, 99)):
        complain("the judge sees no overfull host")


def main():
    with tempfile.TemporaryDirectory() as folder:
        kept = even_out(folder, "drift", 8, 60, 1, 30, 0)
        for family in ("tight", "uneq", "aff", "grow"):
            even_out(folder, family, 8, 60, 1, 30, 1)
        even_out(folder, "drift", 16, 80, 2, 7, 1)
        even_out(folder, "aff", 16, 80, 100, 1000, 0)
        even_out(folder, "drift", 32, 170, 1, 30, 1)
        # What found no room in one plan is part of another one, which is the better one.
        even_out(folder, "tight", 8, 40, 1, 30, 1, seed=5)
        even_out(folder, "uneq", 8, 40, 1, 30, 1, seed=4)
        for fleet in sys.argv[2:]:
            family, hosts, guests = fleet.replace("x", ":").split(":")
            even_out(folder, family, int(hosts), int(guests), 1, 30, 1, may_hold=True)
            even_out(folder, family, int(hosts), int(guests), 1000, 100000, 1, may_hold=True)
        for family in ("drift", "aff", "ret"):
            converge(folder, family, 8, 60, 2)
        converge(folder, "grow", 16, 80, 1)
        for family in ("pack90", "lost90"):
            place(family, 8, 60, 0)
        harm()
        if kept:
            can_fail(*kept)
    print("xmllint is not there: no answer was validated" if not shutil.which("xmllint") else "answers are valid")
    return bad > 0


sys.exit(main())
