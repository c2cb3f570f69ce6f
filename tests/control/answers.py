# SPDX-License-Identifier: GPL-3.0-or-later
"""answers.py BUILD [SECONDS]: what is answered about the past and about what would be done, and how fast.

1,000 questions a second are asked for SECONDS, 3 where none are given, and figures are printed. Needs
dbus-daemon; exit code 77 without."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bus  # noqa: E402
from bus import Scene, must, within  # noqa: E402


def guests(folder, n):
    """A host of libvirt's test driver with four pCPUs and so many guests of 1 GiB and two vCPUs."""
    path = f"{folder}/node.xml"
    domains = "".join(
        f"<domain type='test'><name>g{i}</name><uuid>6695eb01-f6a4-8304-79aa-{i:012}</uuid><memory>1048576</memory>"
        "<vcpu>2</vcpu><os><type>hvm</type></os></domain>" for i in range(n))
    with open(path, "w") as file:
        file.write("<node><cpu><nodes>1</nodes><sockets>1</sockets><cores>4</cores><threads>1</threads><active>4</active>"
                   f"<mhz>1000</mhz><model>i686</model><memory>67108864</memory></cpu>{domains}</node>")
    return f"test://{path}"


def answers(scene):
    return within(20, lambda: "interval" in scene.ctl("status")[1])


def json_of(scene, *words):
    status, out, err = scene.ctl(*words, "--json")
    must(f"{words} is answered", status == 0, err)
    return json.loads(out)[0] if status == 0 else {}


def page_of(scene, folder, *words):
    """The page that report makes of the history."""
    status, _, err = scene.ctl("report", "-o", f"{folder}/page.html", *words)
    must(f"report {words} makes a page", status == 0, err)
    with open(f"{folder}/page.html") as file:
        return file.read()


def past(build, folder):
    """What was done is known after a kill, and on a disk that takes nothing only as long as the program runs."""
    scene = Scene(build, folder)
    options = ("0.3", "--act", "--quiet", "--connect", "test:///default", "--state", folder)
    process = scene.start("memory_coordinator", *options)
    must("it runs", answers(scene))
    must("a change is in the history", within(10, lambda: "test shrunk from" in scene.ctl("history", "test")[1]))
    must("with its reason", "MiB: " in scene.ctl("history", "test")[1])
    must("and in why", "shrunk from" in scene.ctl("why", "test")[1])
    must("by its UUID as well", "shrunk from" in scene.ctl("history", "6695eb01-f6a4-8304-79aa-97f2502e193f")[1])
    must("and why too", scene.ctl("why", "6695EB01-f6a4-8304-79aa-97f2502e193f")[1].startswith("test, ") and
         "shrunk from" in scene.ctl("why", "6695eb01-f6a4-8304-79aa-97f2502e193f")[1])
    for words in (["nobody"], ["--since", "2099-01-01"]):
        status, out, _ = scene.ctl("history", *words)
        must(f"others' and later changes are not in {words}", status == 0 and "no change" in out and "shrunk" not in out, out)
    since = json_of(scene, "status")["history"]
    told = json_of(scene, "history")
    must("and told with the changes", {name: told.get(name) for name in since} == since, told.keys())
    must("how far back it goes is known", since["kept"] and time.time() - 60 < since["since"] <= time.time(), since)
    must("it is on disk", within(5, lambda: any(os.path.getsize(path) > 300 for path in files(folder, "changes"))))
    n = len(json_of(scene, "history", "test")["changes"])
    for words in ([], ["--from", "30m"]):
        page = page_of(scene, folder, *words)
        must(f"a page of it shows guest, change and reason {words}", "Memory of each guest" in page and
             "<td>test</td>" in page and " MiB</td><td>" in page and "hold" in page, page[-3000:])
    process.kill()
    process.wait()
    page = page_of(scene, folder)
    must("also while nobody runs, from its files", "<td>test</td>" in page and " MiB</td><td>" in page, page[-3000:])
    must("--from is before --to: 2", scene.ctl("report", "-o", "-", "--from", "1h", "--to", "2h")[0] == 2)
    must("without any history: 3", scene.ctl("report", "-o", "-", "--state", f"{folder}/none")[0] == 3)
    process = scene.start("memory_coordinator", *options)
    must("it runs", answers(scene))
    again = json_of(scene, "status")["history"]
    # Files begin with their first line, which comes with the first change or after a minute.
    must("it goes as far back as before", again["kept"] and 0 <= again["since"] - since["since"] <= 5, (since, again))
    must("killed and started, it knows", len(json_of(scene, "history", "test").get("changes", [])) >= n > 0)
    process.terminate()
    process.wait()
    for path in files(folder, "changes"):
        with open(path, "w") as file:
            file.write("something else\n" * 20)
    process = scene.start("memory_coordinator", *options)
    must("with a damaged file it runs", answers(scene))
    process.err.seek(0)
    must("which is set aside, and said", "are damaged and set aside" in process.err.read() and
         any(name.endswith(".damaged.1") for name in os.listdir(folder)))
    scene.end()
    must("it ends well", process.returncode == 0)


def files(folder, kind):
    return [f"{folder}/{name}" for name in os.listdir(folder) if f"-{kind}-" in name and name.endswith(".jsonl")]


def after_a_restart(build, folder):
    """Intervals are known since the start, and the minutes before it from the disk: a page has both."""
    scene = Scene(build, folder)
    now = int(time.time()) // 60 * 60
    stem = "history-vcpus-minutes"
    lines = [{"t": 0, "format": "evenkeel-history", "version": 1, "of": stem},
             {"t": now - 2400, "bins": ["0", "1"], "guests": ["old"], "vcpus": [1]}]
    lines += [{"t": at, "n": 200, "verdict": "hold-optimal", "load_permille": [500, 500], "used_permille": [500]}
              for at in range(now - 2400, now - 60, 60)]
    with open(f"{folder}/{stem}-{now - 2400}.jsonl", "w") as file:
        file.writelines(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    scene.start("vcpu_scheduler", "0.3", "--quiet", "--state", folder)
    must("it runs", answers(scene))
    time.sleep(1)
    page = page_of(scene, folder, "--from", "45m")
    intervals = int(re.search(r"<dt>intervals</dt><dd>(\d+)", page)[1])
    must("a page begins before the start", re.search(r"<dt>time</dt><dd>(39|40|41) min", page), page[:3000])
    must("with what came after it", "<td>old</td>" in page and "<td>test</td>" in page and intervals > 39 * 200, intervals)
    of_day = int(re.search(r"<dt>intervals</dt><dd>(\d+)", page_of(scene, folder))[1])
    must("no interval counts twice", max(intervals, of_day) < 39 * 200 + 200, (intervals, of_day))
    page = page_of(scene, folder, "--from", "20s")
    must("a page of less has intervals alone", "<td>old</td>" not in page and "<td>test</td>" in page, page[:3000])
    scene.end()


def in_memory_only(build, folder):
    scene = Scene(build, folder)
    del scene.environment["STATE_DIRECTORY"]
    scene.environment["HOME"] = folder
    scene.start("memory_coordinator", "0.3", "--quiet")
    must("it runs", answers(scene))
    must("in the foreground there is a history", within(10, lambda: "would be" in scene.ctl("history", "test")[1]))
    must("which says how far back it goes", "known since 20" in scene.ctl("history")[1] and
         "in memory only:\n" in scene.ctl("history")[1], scene.ctl("history"))
    must("and so does status", "changes are known since 20" in scene.ctl("status")[1], scene.ctl("status"))
    must("and no file of it", not files(folder, "changes") and not files(folder, "minutes"), os.listdir(folder))
    scene.end()


def supposed(build, folder):
    """What would be done, without doing it."""
    scene = Scene(build, folder)
    uri = guests(folder, 3)
    must("where neither runs that is said: 3", scene.ctl("plan", "--floor", "g0=500", "--reserve", "0")[0] == 3)
    scene.start("vcpu_scheduler", "0.3", "--quiet", "--connect", uri)
    must("it runs", answers(scene))
    status, out, err = scene.ctl("plan", "--without", "g1")
    must("a plan without a guest", status == 0 and "objective " in out and "g1" not in out, (out, err))
    plan = json_of(scene, "plan", "--without", "g0", "--without", "g1", "--reserve", "0")
    must("says what was asked", plan["if"] == {"without": ["g0", "g1"], "reserve": "0", "floors_mib": {}}, plan)
    status, out, err = scene.ctl("plan", "--floor", "g0=500")
    must("what nobody answers is a mistake", status == 1 and
         "memory_coordinator does not run, so nobody answers --floor" in err, (out, err))
    must("is about the host that would be", [one["use"] for one in plan["plan"]["pcpus"]][:2] == ["reserved", "usable"])
    must("the interval's time is known", within(5, lambda: json_of(scene, "plan")["plan"]["t_s"] > 0), plan["plan"])
    status, out, err = scene.ctl("plan", "--without", "nobody")
    must("a guest that is not there is a mistake", status == 1 and "no guest 'nobody'" in err and not out, (out, err))
    scene.start("memory_coordinator", "0.3", "--quiet")
    must("both run", within(20, lambda: scene.ctl("status")[1].count("interval ") == 2))
    status, out, _ = scene.ctl("plan", "--json", "--floor", "test=1500")
    floors = [one["floor_kib"] for one in json.loads(out)[-1]["plan"]["guests"]]
    must("the floor is the guest's", floors == [1500 * 1024], out)
    status, out, err = scene.ctl("plan", "--floor", "g0=1500")
    must("what one program does not know is said beside the other's plan", status == 1 and
         "memory_coordinator: there was no guest 'g0'" in err and "vcpu_scheduler, from what was seen" in out, (out, err))
    must("who is known to one of them is known", scene.ctl("why", "g0")[0] == 0 and scene.ctl("why", "nobody")[0] == 1)
    for words in (["plan", "--floor", "g0"], ["plan", "--reserve", "x"], ["status", "--without", "g0"],
                  ["why", "g0", "--since", "2h"], ["history", "--since", "soon"]):
        must(f"{words} is a mistake: 2", scene.ctl(*words)[0] == 2)
    words = [f"{build}/evenkeelctl", "plan"]
    many = [subprocess.Popen(words, env=scene.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(8)]
    said = [one.communicate(timeout=60) for one in many]
    must("several at once are answered or told to wait", all(
        one.returncode == 0 or "a plan is being made" in err for one, (_, err) in zip(many, said)), said)
    must("and each program answers one of them", all(
        any(f"{name}, from what was seen" in out for out, _ in said) for name in ("vcpu_scheduler", "memory_coordinator")),
         said)
    scene.end()


def while_it_hangs(build, folder):
    """None of it waits for a call to libvirt that does not come back."""
    hang = f"{folder}/hang"
    scene = Scene(build, folder)
    scene.start("vcpu_scheduler", "0.3", "--quiet", LD_PRELOAD=f"{build}/libfaults.so", HANG_FILE=hang,
                ASAN_OPTIONS="verify_asan_link_order=0")
    must("it runs", answers(scene))
    open(hang, "w").close()
    time.sleep(1)
    began = time.monotonic()
    must("a plan is made", scene.ctl("plan", "--reserve", "0")[1].count("objective ") == 1)
    must("the past is known", "vcpu_scheduler, known since 20" in scene.ctl("history")[1])
    must("and why", "what would change it: " in scene.ctl("why", "test")[1])
    must("at once", time.monotonic() - began < 3, time.monotonic() - began)
    os.unlink(hang)
    scene.end()


def ask(scene, build, rate, seconds):
    words = [f"{build}/ask_often", "VcpuScheduler1", str(rate), str(seconds)]
    return subprocess.Popen(words, env=scene.environment, stdout=subprocess.PIPE, text=True)


def many_questions(build, folder, seconds):
    """A thousand questions a second, beside somebody who never reads an answer: intervals stay on time."""
    scene = Scene(build, folder)
    scene.start("vcpu_scheduler", "0.5", "--quiet", "--connect", guests(folder, 50))
    must("it runs", answers(scene))
    before = json_of(scene, "status")
    deaf, often = ask(scene, build, 0, seconds), ask(scene, build, 1000, seconds)
    times = []
    while often.poll() is None:
        began = time.monotonic()
        must("others are answered", scene.ctl("status")[0] == 0)
        times.append(time.monotonic() - began)
        time.sleep(0.1)
    figures = json.loads(often.communicate(timeout=60)[0])
    deaf.wait(60)
    after = json_of(scene, "status")
    times.sort()
    print(f"{figures['asked']} questions in {seconds:.0f} s: median {figures['median_ms']} ms, p99 {figures['p99_ms']} ms; "
          f"evenkeelctl beside them: median {1000 * times[len(times) // 2]:.0f} ms, most {1000 * times[-1]:.0f} ms; "
          f"{after['interval'] - before['interval']} intervals, {after['overruns'] - before['overruns']} late")
    must("each question is answered", figures["answered"] == figures["asked"] and not figures["failed"], figures)
    must("there were so many", figures["asked"] > 900 * seconds, figures)
    must("no interval is late", after["overruns"] == before["overruns"], after["overruns"])
    must("intervals go on", after["interval"] - before["interval"] >= 1.8 * seconds - 2, after["interval"])
    must("answers take no longer than 100 ms in 99 of 100", figures["p99_ms"] < 100, figures)
    scene.end()


def main(build, seconds):
    for tool in ("dbus-daemon", "busctl"):
        if not shutil.which(tool):
            bus.skip(f"needs {tool}")
    for scene in (past, after_a_restart, in_memory_only, supposed, while_it_hangs, lambda *where: many_questions(*where, seconds)):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            scene(build, folder)
    print("lost" if bus.lost else "all won")
    return 1 if bus.lost else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 3))
