#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster that is a file, as the tools that ask it: called as cibadmin, crm_mon, crm_diff or crm_simulate, each a
link to this file in a folder of PATH. FAKE_CIB is the document; FAKE says, as words, how it misbehaves:

status:N, configuration:N   the document changes before each of the first N patches is taken
never, fails, slow          guests do not move; their migration fails; they move 3 s after the patch
lies, deaf                  a patch is taken and said to have failed; is not taken and said to have been
other, more, blind          crm_simulate would do otherwise; more; gives no answer
bent                        crm_diff's patch makes something else
refuses                     a patch fails though nothing has changed
hangs:TOOL                  that tool never ends
mon=FILE                    what crm_mon prints
"""
import base64
import json
import os
import re
import sys
import time
import xml.etree.ElementTree as ET

PATH = os.environ["FAKE_CIB"]
WORDS = dict((word.replace("=", ":", 1).split(":", 1) + [""])[:2] for word in os.environ.get("FAKE", "").split())
STATE = PATH + ".state"
MON = """<pacemaker-result api-version="2.25" request="crm_mon"><summary><current_dc present="true" with_quorum="true"/>
<cluster_options maintenance-mode="false" stop-all-resources="false"/></summary><nodes/><status code="0"/></pacemaker-result>
"""


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(text, path=PATH):
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def state():
    return json.loads(read(STATE)) if os.path.exists(STATE) else {"patches": 0, "at": 0}


def version(text):
    return tuple(re.search(f' {name}="(\\d+)"', text)[1] for name in ("admin_epoch", "epoch", "num_updates"))


def raised(text, name):
    return re.sub(f' {name}="(\\d+)"', lambda match: f' {name}="{int(match[1]) + 1}"', text, count=1)


def wishes(root):
    """guest: host of our constraints, if there are any."""
    found = {}
    for one in root.iter("rsc_location"):
        if one.get("id") == "evenkeel-" + one.get("rsc", "") and one.find("rule") is not None:
            found[one.get("rsc")] = one.find("rule/expression").get("value")
    return found


def homes(root):
    return {one.get("id"): node.get("uname") for node in root.iter("node_state") for one in node.iter("lrm_resource")}


def operation(one, number, name, rc=0, reason=""):
    ET.SubElement(one, "lrm_rsc_op", {"id": f"{one.get('id')}_op_{number}", "operation": name, "call-id": str(number),
                                      "rc-code": str(rc), "op-status": "0" if rc == 0 else "4", "interval": "0",
                                      "last-rc-change": str(int(time.time())), "exit-reason": reason})


def carry_out(text):
    """What the engine does about wishes."""
    root, at = ET.fromstring(text), homes(ET.fromstring(text))
    places = {node.get("uname"): node.find("lrm/lrm_resources") for node in root.iter("node_state")}
    changed = False
    for guest, host in wishes(root).items():
        home = at.get(guest)
        if home == host:
            continue
        changed = True
        one = next((one for one in places[home] if one.get("id") == guest), None) if home else None
        if "fails" in WORDS:
            if one.get("failed"):
                changed = False
                continue
            operation(one, 900, "migrate_to", 1, "no route to " + host)
            operation(one, 901, "start")
            one.set("failed", "1")
            continue
        if one is not None:
            places[home].remove(one)
        one = ET.SubElement(places[host], "lrm_resource", {"id": guest})
        operation(one, 902, "migrate_from" if home else "start")
    return raised(ET.tostring(root, encoding="unicode"), "num_updates") if changed else text


def query():
    text, now = read(PATH), state()
    if now["at"] and "never" not in WORDS and time.time() - now["at"] >= (3 if "slow" in WORDS else 0.3):
        text = carry_out(text)
        write(text)
    print(text)


def patch():
    now, asked = state(), json.loads(sys.stdin.read())
    now["patches"] += 1
    write(json.dumps(now), STATE)
    if "refuses" in WORDS:
        sys.exit("cibadmin: permission denied")
    if now["patches"] <= int(WORDS.get("status") or 0):
        write(raised(read(PATH), "num_updates"))
    if now["patches"] <= int(WORDS.get("configuration") or 0):
        write(raised(read(PATH), "epoch"))
    if "deaf" in WORDS:
        return
    if tuple(asked["from"]) != version(read(PATH)):
        print("Call failed: Update was older than existing configuration", file=sys.stderr)
        sys.exit(103)
    write(base64.b64decode(asked["text"]).decode())
    now["at"] = time.time()
    write(json.dumps(now), STATE)
    if "lies" in WORDS:
        sys.exit(70)


def cibadmin():
    query() if "--query" in sys.argv else patch()


def crm_mon():
    print(read(WORDS["mon"]) if "mon" in WORDS else MON)


def crm_diff():
    given = sys.argv[sys.argv.index("--original") + 1]
    old = read(given)
    if "--patch" in sys.argv:
        asked = json.loads(read(sys.argv[sys.argv.index("--patch") + 1]))
        assert tuple(asked["from"]) == version(old)
        print(base64.b64decode(asked["text"]).decode())
        return
    new = read(sys.argv[sys.argv.index("--new") + 1])
    if "bent" in WORDS:
        new = new.replace('score="', 'score="1', 1)
    print(json.dumps({"from": version(old), "text": base64.b64encode(new.encode()).decode()}))
    sys.exit(1)


def crm_simulate():
    text = sys.stdin.read()
    root = ET.fromstring(text)
    at, lines = homes(root), []
    # Wishes that are about to be sent are rules, those of a plan that is only asked about are not.
    for guest, host in wishes(root).items():
        if at.get(guest) == host:
            continue
        target = at[guest] if "other" in WORDS else host
        if target != at.get(guest):
            lines.append(f'<rsc_action action="{"migrate" if at.get(guest) else "start"}" resource="{guest}" '
                         f'node="{at.get(guest, target)}" dest="{target}"/>')
        if "more" in WORDS:
            lines.append('<rsc_action action="stop" resource="ip" node="n1"/>')
    for one in root.iter("rsc_location"):
        if one.get("id") == "evenkeel-" + one.get("rsc", "") and one.get("node") and at.get(one.get("rsc")) != one.get("node"):
            home = at.get(one.get("rsc"))
            lines.append(f'<rsc_action action="{"migrate" if home else "start"}" resource="{one.get("rsc")}" '
                         f'node="{home or one.get("node")}" dest="{one.get("node")}"/>')
    print("<pacemaker-result><actions>" + "".join(lines) + "</actions></pacemaker-result>")


def main():
    tool = os.path.basename(sys.argv[0])
    if WORDS.get("hangs") == tool:
        time.sleep(1000)
    if "blind" in WORDS and tool == "crm_simulate":
        sys.exit("no")
    {"cibadmin": cibadmin, "crm_mon": crm_mon, "crm_diff": crm_diff, "crm_simulate": crm_simulate}[tool]()


main()
