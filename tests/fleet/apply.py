#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""apply.py BUILD [CASE...]: evenkeel-fleet apply and run on clusters that are files: with Pacemaker's own cibadmin,
crm_diff, crm_simulate and crm_mon where they can be had, and with engine.py in their place, which misbehaves as told.
After each case whatever is not ours is as it was, and nothing is ever written that is not confirmed."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cibs  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(sys.argv[1])
PROGRAM = os.path.join(BUILD, "evenkeel-fleet")
DONE, REFUSED, MOVES, PARTLY = 0, 1, 2, 3
WORK = tempfile.mkdtemp(prefix="fleet-apply-")
FAKES = os.path.join(WORK, "fakes")
os.mkdir(FAKES)
for tool in ("cibadmin", "crm_mon", "crm_diff", "crm_simulate"):
    os.symlink(os.path.join(HERE, "engine.py"), os.path.join(FAKES, tool))
LIVE = os.path.join(WORK, "live.xml")


def cluster(**how):
    made = cibs.drifted(0, n_hosts=3, per_host=4)
    made.constraints = [one for one in made.constraints if "with-1" not in one]
    for name, value in how.items():
        setattr(made, name, value)
    return made


def write(text, path=LIVE):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def read(path=LIVE):
    with open(path, encoding="utf-8") as file:
        return file.read()


def put(document):
    if os.path.exists(LIVE + ".state"):
        os.unlink(LIVE + ".state")
    return write(document)


def patches():
    return json.loads(read(LIVE + ".state"))["patches"] if os.path.exists(LIVE + ".state") else 0


def environment(fake=""):
    return {"PATH": FAKES + ":/usr/bin:/bin", "FAKE_CIB": LIVE, "FAKE": fake, "TMPDIR": WORK}


def apply(*args, fake="", want=DONE, **env):
    made = subprocess.run([PROGRAM, "apply", "--json", "--wait", "8", *args], capture_output=True, text=True,
                          timeout=120, env={**environment(fake), **env})
    assert made.returncode == want, f"exit status {made.returncode}: {made.stderr}{made.stdout[:400]}"
    return json.loads(made.stdout)


def constraints(text):
    """As text, one by one; ours and all others."""
    of = [re.sub(rb">\s+<", b"><", ET.tostring(one).strip())
          for one in ET.fromstring(text).find("configuration/constraints")]
    ours = [one for one in of if b'id="evenkeel-v' in one]
    return ours, [one for one in of if one not in ours]


def others_are_as_before(document):
    assert constraints(read())[1] == constraints(document)[1], "a constraint of somebody else is not as it was"


def nothing_was_written(document):
    assert re.sub(' num_updates="[0-9]+"', "", read()) == re.sub(' num_updates="[0-9]+"', "", document), "written"


def refused(document, words, *args, fake="", sent=0):
    put(document)
    answer = apply(*args, fake=fake, want=REFUSED)
    assert answer["result"] == "refused" and words in answer["why"], answer["why"]
    assert patches() == sent, f"{patches()} patches were sent"
    assert not constraints(read())[0] and not answer["wishes_left"]
    others_are_as_before(document)


def guests_arrive():
    document = cluster().document()
    put(document)
    answer = apply()
    assert answer["result"] == "done" and len(answer["moves"]) >= 2, answer
    assert all(move["result"] == "arrived" for move in answer["moves"])
    assert patches() == 2, "one patch to and one fro"
    assert not constraints(read())[0]
    others_are_as_before(document)
    again = apply("--hold", "0")
    assert again["result"] == "nothing" and patches() == 2, again
    # A dry run writes nothing and says the same.
    put(document)
    dry = apply("--dry-run", want=MOVES)
    assert dry["result"] == "planned" and patches() == 0
    assert [move["guest"] for move in dry["moves"]] == [move["guest"] for move in answer["moves"]]
    nothing_was_written(document)


def wishes_are_finite_and_end():
    document = cluster().document()
    put(document)
    before = time.time()
    process = subprocess.Popen([PROGRAM, "apply", "--wait", "60"], env=environment("never"),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not constraints(read())[0] and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    finally:
        process.wait()
    ours, _ = constraints(read())
    assert ours, "nothing was written"
    for one in ours:
        one = ET.fromstring(one)
        rule = one.find("rule")
        assert 0 < int(rule.get("score")) < 1000000 and rule.get("boolean-op") == "and"
        end = rule.find("date_expression")
        until = time.mktime(time.strptime(end.get("end"), "%Y-%m-%d %H:%M:%SZ")) - time.timezone
        assert end.get("operation") == "lt" and 150 < until - before < 200, until - before
        assert "node" not in one.attrib and "INFINITY" not in ET.tostring(one, encoding="unicode")
    others_are_as_before(document)
    # The next one takes away what a dead one has left, also where it has nothing else to do. Until the engine
    # has done it, it would be told to wait.
    time.sleep(0.5)
    answer = apply("--threshold", "100")
    assert answer["result"] == "nothing", answer
    assert not constraints(read())[0]
    others_are_as_before(document)


def what_is_called_like_ours_is_not_ours():
    made = cluster()
    made.constraints.append('<rsc_location id="evenkeel-fleet" rsc="v003" node="n3" score="-INFINITY"/>')
    document = made.document()
    put(document)
    apply()
    others_are_as_before(document)


def rules_of_the_cluster():
    quorum = cluster().document().replace('have-quorum="1"', 'have-quorum="0"')
    refused(quorum, "quorum")
    refused(cluster(properties={"maintenance-mode": "true"}).document(), "maintenance mode")
    refused(cluster(properties={"stop-all-resources": "true"}).document(), "stop-all")
    told = [('with_quorum="true"', 'with_quorum="false"', "quorum"),
            ('maintenance-mode="false"', 'maintenance-mode="true"', "maintenance"),
            ("<nodes/>", '<nodes><node name="n2" unclean="true" pending="false"/></nodes>', "'n2' is unclean"),
            ("<nodes/>", '<nodes><node name="n2" unclean="false" pending="true"/></nodes>', "'n2' is about to join"),
            ("<status", '<fence_history><fence_event status="pending" target="n3" action="reboot"/></fence_history>'
             "<status", "fencing of 'n3'"),
            ("<status", '<fence_history><fence_event status="failed" target="n3" action="reboot"/></fence_history>'
             "<status", "fencing of 'n3' has failed"),
            ("<status", '<fence_history status="1"/><status', "history of fencing"),
            ("<current_dc", "<nobody", "something else")]
    good = re.search('MON = """(.*?)"""', read(os.path.join(HERE, "engine.py")), re.DOTALL)[1]
    document = cluster().document()
    for old, new, words in told:
        assert old in good
        mon = write(good.replace(old, new), os.path.join(WORK, "mon.xml"))
        refused(document, words, fake="mon=" + mon)
    # The same answer without anything wrong in it rules nothing out: the cases above show something.
    made_good = good.replace("<status", '<fence_history><fence_event status="success" target="n3" action="reboot"/>'
                             '<fence_event status="failed" target="n3" action="reboot"/></fence_history><status')
    for text in (good, made_good):
        put(document)
        apply(fake="mon=" + write(text, os.path.join(WORK, "mon.xml")))


def rules_of_the_engines_work():
    history = cibs.Cluster.history

    def with_operation(guest, operation):
        made = cluster()
        document = made.document()
        old = history(guest, list(made.guests).index(guest) + 1, made.home[guest])
        assert old in document
        return document.replace(old, old.replace("</lrm_resource>", operation + "</lrm_resource>"))

    pending = '<lrm_rsc_op id="x" operation="migrate_to" call-id="-1" rc-code="193" op-status="-1" interval="0"/>'
    refused(with_operation("v005", pending), "'v005'")
    failing = ('<lrm_rsc_op id="x" operation="migrate_to" call-id="99" rc-code="1" op-status="4" interval="0" '
               'last-rc-change="7"/>')
    refused(with_operation("v005", failing), "'v005'")
    # A failure that the engine has got over keeps that guest where it is, and no other.
    over = failing + '<lrm_rsc_op id="y" operation="start" call-id="100" rc-code="0" op-status="0" interval="0"/>'
    put(with_operation("v002", over))
    moved = [move["guest"] for move in apply()["moves"]]
    assert moved and "v002" not in moved, moved
    put(cluster().document())
    assert "v002" in [move["guest"] for move in apply()["moves"]], "it is moved otherwise: else this shows nothing"
    # A guest that has just come is left alone, for as long as is said.
    recent = (f'<lrm_rsc_op id="x" operation="migrate_from" call-id="99" rc-code="0" op-status="0" interval="0" '
              f'last-rc-change="{int(time.time()) - 100}"/>')
    for hold, is_moved in (("600", False), ("50", True)):
        put(with_operation("v002", recent))
        moved = [move["guest"] for move in apply("--hold", hold)["moves"]]
        assert ("v002" in moved) == is_moved, (hold, moved)


def rules_of_stickiness():
    put(cluster(stickiness=0).document())
    assert apply()["result"] == "nothing" and patches() == 0
    made = cluster()
    made.constraints.append('<rsc_location id="likes" rsc="v002" node="n2" score="100"/>')
    put(made.document())
    assert "v002" not in [move["guest"] for move in apply()["moves"]]
    made.constraints[-1] = made.constraints[-1].replace('"100"', '"99"')
    put(made.document())
    assert "v002" in [move["guest"] for move in apply()["moves"]]


def what_is_worth_it():
    document = cluster().document()
    for option, low, high in (("--threshold", "60", "63"), ("--margin", "10", "100")):
        put(document)
        answer = apply(option, high)
        assert answer["result"] == "nothing" and option[2:] in answer["why"] and patches() == 0, answer
        put(document)
        assert apply(option, low)["result"] == "done"
    put(document)
    assert len(apply("--max-moves", "1")["moves"]) == 1


def the_document_changes_under_us():
    document = cluster().document()
    for word in ("status", "configuration"):
        put(document)
        answer = apply(fake=f"{word}:2")
        assert answer["result"] == "done" and answer["changed_under_us"] == 2 and patches() == 4, answer
        refused(document, "changed under us 5 times", fake=f"{word}:99", sent=5)
    refused(document, "permission denied", fake="refuses", sent=1)


def what_is_not_confirmed_is_not_sent():
    document = cluster().document()
    refused(document, "otherwise", fake="other")
    refused(document, "more than is planned: stop of 'ip'", fake="more")
    refused(document, "does not make the document", fake="bent")
    refused(document, "'crm_simulate' failed", fake="blind")
    for tool in ("crm_diff", "crm_mon", "crm_simulate"):
        os.rename(os.path.join(FAKES, tool), os.path.join(WORK, tool))
        try:
            refused(document, tool)
        finally:
            os.rename(os.path.join(WORK, tool), os.path.join(FAKES, tool))


def who_lies_is_found_out():
    document = cluster().document()
    put(document)
    # Taken, and said to have failed: the document tells. The second patch is the one that takes ours out.
    answer = apply(fake="lies")
    assert all(move["result"] == "arrived" for move in answer["moves"]) and answer["moves"]
    others_are_as_before(document)
    put(document)
    answer = apply("--wait", "3", fake="deaf", want=PARTLY)
    assert all("nothing has failed" in move["reason"] for move in answer["moves"])
    nothing_was_written(document)


def who_does_not_arrive():
    document = cluster().document()
    put(document)
    answer = apply("--wait", "3", fake="never", want=PARTLY)
    assert answer["result"] == "partly" and all(move["result"] == "under-way" for move in answer["moves"])
    assert not constraints(read())[0], "wishes of those who stayed are taken back"
    put(document)
    answer = apply(fake="fails", want=PARTLY)
    assert all("no route to" in move["reason"] and "migrate_to" in move["reason"] for move in answer["moves"]), answer
    assert not constraints(read())[0]
    others_are_as_before(document)


def machine(path, guests, mib=65536, inside=""):
    """A host of libvirt's test driver with such guests: {name: XML}."""
    inner = "".join(
        f"<domain type='test'><name>{name}</name><memory>1048576</memory><vcpu>1</vcpu>"
        f"<uuid>{int(name[1:]):08}-1111-1111-1111-111111111111</uuid><os><type>hvm</type></os>"
        f"<devices>{devices}</devices></domain>" for name, devices in guests.items())
    return write("<node><cpu><mhz>2000</mhz><model>x</model><active>8</active><nodes>1</nodes><sockets>1</sockets>"
                 f"<cores>8</cores><threads>1</threads></cpu><memory>{mib * 1024}</memory>{inside}{inner}</node>", path)


def hosts_have_the_last_word():
    made = cluster()
    document = made.document()
    device = ("<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0' bus='6' slot='2' "
              "function='0'/></source></hostdev>")

    def hosts(reserve, **guests):
        lines = []
        for host in made.hosts:
            on = {guest: guests.get(guest, "") for guest, home in made.home.items() if home == host}
            path = machine(os.path.join(WORK, host + ".xml"), on)
            lines.append(f"test://{path} name={host} reserve={reserve if host == 'n3' else 0}\n")
        return write("".join(lines), os.path.join(WORK, "hosts"))

    def moves(*args, **env):
        put(document)
        return apply("--stats", stats, *args, FREE_MIB="65536", ASAN_OPTIONS="verify_asan_link_order=0",
                     LD_PRELOAD=os.path.join(BUILD, "libstandin.so"), **env)

    stats = write(json.dumps({"guests": [{"guest": guest, "mean_cpus": cpus} for guest, (cpus, _) in
                                         made.guests.items()]}), os.path.join(WORK, "stats"))
    usual = moves()
    assert "no host was asked" in usual["not_asked"]
    answer = moves("--hosts", hosts(0))
    assert answer["moves"] and answer["not_asked"] is None, answer
    assert [move["guest"] for move in answer["moves"]] == [move["guest"] for move in usual["moves"]]
    guest = usual["moves"][0]["guest"]
    for answer in (moves("--hosts", hosts(0, **{guest: device})), moves("--hosts", hosts(0), JOB_OF=guest)):
        assert guest not in [move["guest"] for move in answer["moves"]], answer
    # Of 64 GiB that are free a host wants all but one guest's for itself, whatever the cluster thinks.
    answer = moves("--hosts", hosts(65536 - 1500))
    assert [move["to"] for move in answer["moves"]].count("n3") <= 1 and "'n3' is full" in answer["full"], answer


def start_run(*args, fake=""):
    """A cluster's service, whose watchdog and readiness we hear."""
    os.chmod(WORK, 0o700)
    return subprocess.Popen([PROGRAM, "run", "--wait", "8", *args], env=environment(fake), stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)


def ends_soon(process, seconds=10):
    begin = time.monotonic()
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=60)[0]
    assert time.monotonic() - begin < seconds, f"it took {time.monotonic() - begin:.1f} s to end"
    assert process.returncode == 0, said
    return said


def is_so(condition):
    try:
        return condition()
    except ET.ParseError:  # cibadmin writes the file while it is read
        return False


def wait_for(condition, what):
    until = time.monotonic() + 60
    while not is_so(condition):
        assert time.monotonic() < until, what
        time.sleep(0.05)


def it_runs_as_a_service():
    document = cluster().document()
    put(document)
    metrics = os.path.join(WORK, "fleet.prom")
    process = start_run("--every", "1", "--metrics-file", metrics)
    try:
        wait_for(lambda: os.path.exists(metrics) and 'result="nothing"} 1' in read(metrics), "no second round")
        told = read(metrics)
    finally:
        said = ends_soon(process)
    assert re.search(r'evenkeel_fleet_moves_total\{result="arrived"\} [1-9]', told), told
    assert re.search(r'evenkeel_fleet_host_load_ratio\{node="n1",resource="memory"\} 0\.\d', told), told
    assert "arrived" in said and not os.path.exists(metrics)
    assert patches() == 2 and not constraints(read())[0]
    others_are_as_before(document)


def it_ends_soon_whatever_hangs():
    document = cluster().document()
    for tool in ("cibadmin", "crm_mon", "crm_simulate", "crm_diff"):
        put(document)
        process = start_run(fake="hangs:" + tool)
        time.sleep(1)
        ends_soon(process)
        nothing_was_written(document)
    # While guests are waited for it takes its wishes back where nobody is on the way.
    put(document)
    process = start_run("--wait", "60", fake="never")
    wait_for(lambda: constraints(read())[0], "nothing was written")
    ends_soon(process)
    assert not constraints(read())[0]


def rounds_that_are_refused_are_told():
    put(cluster().document().replace('have-quorum="1"', 'have-quorum="0"'))
    process = start_run("--every", "1")
    time.sleep(2.5)
    said = ends_soon(process)
    assert "nothing was done: the cluster has no quorum" in said, said
    assert patches() == 0


# With Pacemaker's own tools, on a document that is a file.

def pacemaker():
    made = subprocess.run([os.path.join(HERE, "..", "tools", "pacemaker.sh"), BUILD], capture_output=True, text=True)
    sys.stderr.write(made.stderr)
    return os.path.join(made.stdout.strip(), "run") if made.returncode == 0 else None


def real(*words, want=DONE, front=None, **how):
    """Whatever stands in front is found before Pacemaker's own."""
    env = {"PATH": "/usr/bin:/bin", "CIB_file": LIVE, "TMPDIR": WORK}
    command = [RUN, "env", f"PATH={front}:{os.path.dirname(RUN)}/usr/sbin:/usr/bin:/bin"] if front else [RUN]
    made = subprocess.run([*command, *words], capture_output=True, text=True, timeout=120, env=env, **how)
    assert want is None or made.returncode == want, f"exit status {made.returncode}: {made.stderr}{made.stdout[:400]}"
    return made


def engine_runs():
    """What the engine would do, done: crm_simulate writes the document that comes of it."""
    made = os.path.join(WORK, "done.xml")
    real("crm_simulate", "--simulate", "--xml-file", LIVE, "--save-output", made)
    os.replace(made, LIVE)


def front(text):
    """A cibadmin that does something first."""
    folder = tempfile.mkdtemp(dir=WORK)
    path = os.path.join(folder, "cibadmin")
    write(f"#!/bin/bash\nlive={LIVE}\n{text}\nexec {os.path.dirname(RUN)}/usr/sbin/cibadmin \"$@\"\n", path)
    os.chmod(path, 0o755)
    return folder


def the_real_tools_carry_it_out():
    if not RUN:
        return
    document = cluster().document()
    put(document)
    process = subprocess.Popen([RUN, PROGRAM, "apply", "--json", "--wait", "30"], stdout=subprocess.PIPE, text=True,
                               env={"PATH": "/usr/bin:/bin", "CIB_file": LIVE, "TMPDIR": WORK})
    wait_for(lambda: constraints(read())[0], "nothing was written")
    real("crm_verify", "--xml-file", LIVE)
    engine_runs()
    answer = json.loads(process.communicate(timeout=60)[0])
    assert answer["result"] == "done" and len(answer["moves"]) >= 2, answer
    assert not constraints(read())[0]
    others_are_as_before(document)
    # Stickiness holds them: the engine does nothing about it.
    before = read()
    engine_runs()
    homes = [(node.get("uname"), one.get("id")) for text in (before, read()) for node in
             ET.fromstring(text).iter("node_state") for one in node.iter("lrm_resource")
             if one.find("lrm_rsc_op[@rc-code='0']") is not None]
    assert homes[:len(homes) // 2] == homes[len(homes) // 2:]


def the_real_cib_refuses():
    if not RUN:
        return
    document = cluster().document()
    once = 'if [ "$1" = --patch ] && [ ! -e $live.once ]; then touch $live.once; sed -i "1s/{0}/{1}/" $live; fi'
    changes = [('num_updates=\\"3\\"', 'num_updates=\\"4\\"'), ('epoch=\\"7\\"', 'epoch=\\"9\\"')]
    for old, new in changes:
        put(document)
        if os.path.exists(LIVE + ".once"):
            os.unlink(LIVE + ".once")
        made = real(PROGRAM, "apply", "--json", "--wait", "2", front=front(once.format(old, new)), want=PARTLY)
        assert json.loads(made.stdout)["changed_under_us"] == 1, made.stdout
        assert os.path.exists(LIVE + ".once") and not constraints(read())[0]
        others_are_as_before(document)
    # Something else under the same version, which numbers do not show: the digest does.
    os.unlink(LIVE + ".once")
    put(document)
    content = front('if [ "$1" = --patch ]; then sed -i "s/stonith-enabled\\" value=\\"false/stonith-enabled\\" '
                    'value=\\"0/" $live; fi')
    made = real(PROGRAM, "apply", "--json", "--wait", "2", front=content, want=None)
    assert json.loads(made.stdout)["changed_under_us"] >= 1, made.stdout
    others_are_as_before(document)


CASES = [guests_arrive, wishes_are_finite_and_end, what_is_called_like_ours_is_not_ours, rules_of_the_cluster,
         rules_of_the_engines_work, rules_of_stickiness, what_is_worth_it, the_document_changes_under_us,
         what_is_not_confirmed_is_not_sent, who_lies_is_found_out, who_does_not_arrive, hosts_have_the_last_word, it_runs_as_a_service,
         it_ends_soon_whatever_hangs, rounds_that_are_refused_are_told, the_real_tools_carry_it_out,
         the_real_cib_refuses]


def main():
    wanted, failures = sys.argv[2:], 0
    for case in CASES:
        if wanted and case.__name__ not in wanted:
            continue
        begin = time.monotonic()
        print(case.__name__, end=" ", flush=True)
        try:
            case()
        except AssertionError as error:
            failures += 1
            print(f"\n  failed: {error}", end=" ")
        print(f"{time.monotonic() - begin:.1f} s", flush=True)
    shutil.rmtree(WORK)
    print(f"{failures} failed" + ("" if RUN else "; without Pacemaker's tools"))
    return 1 if failures else 0


RUN = pacemaker()
sys.exit(main())
