# SPDX-License-Identifier: GPL-3.0-or-later
"""page.py BUILD [SCENE...] [--pictures FOLDER]: the page for Cockpit in a real browser, beside both programs.

Needs root, for users of its own in a namespace of its own, and Cockpit, Chromium and Selenium from Debian. Exit code
77 where it cannot be."""

import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import browser  # noqa: E402
import bus  # noqa: E402
from browser import Visit  # noqa: E402
from bus import must, within  # noqa: E402

HOSTILE = "<img src=x onerror=alert(1)>\u202egnp"
# Longer than what is shown of a name, so that only the programs know which is meant.
LONG = "database-of-the-accounting-department-first-replica"
VIEWS = {
    "now": "Who gets too little",
    "guests": "guests",
    "memory": "Host memory",
    "hour": "How uneven the pCPUs are",
    "changes": "changes of the last 7 days",
    "settings": "All settings of",
}
CPU = [
    {"name": "db", "vcpus": 2, "allowed": "0", "affinity": "0", "pct": 80},
    {"name": "web", "count": 3, "affinity": "1", "pct": 25, "noise_pct": 4},
    {"name": "batch", "count": 2, "pct": 45, "noise_pct": 8},
    {"name": HOSTILE, "pct": 10},
    {"name": LONG, "pct": 5},
]
# They have hardly what they use: floors do not fit, and somebody is under his own.
MEMORY = [
    {"name": "db", "actual_mib": 600, "used_mib": 560, "cache_mib": 20, "watermark_mib": 10, "maximum_mib": 2048},
    {"name": "web", "count": 3, "actual_mib": 600, "used_mib": 400, "maximum_mib": 1024},
    {"name": "batch", "count": 2, "actual_mib": 900, "used_mib": 300, "maximum_mib": 1536},
    {"name": HOSTILE},
    {"name": LONG},
]
EVENTS = [
    {"at_s": 24, "do": "load", "guest": "web-*", "pct": 55, "noise_pct": 5},
    {"at_s": 30, "do": "grow", "guest": "batch-1", "mib_per_s": 16},
    {"at_s": 48, "do": "load", "guest": "web-*", "pct": 20},
]
PACE = "0.5"  # seconds from one look to the next


@contextlib.contextmanager
def host(build, cpu=CPU, memory=MEMORY, pcpus=4, events=EVENTS, options=(), **scenario):
    """Both programs on simulated hosts of these guests, a look each half second. options are the scheduler's; scenario
    has further members of its scenario."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        scene = bus.Scene(build, folder)
        for program, guests in (("vcpu_scheduler", cpu), ("memory_coordinator", memory)):
            path = f"{folder}/{program}.json"
            with open(path, "w") as file:
                is_cpu = program == "vcpu_scheduler"
                mine = [one for one in events if (one["do"] == "load") == is_cpu]
                whole = {"name": "page", "duration_s": 7200, "host": {}, "guests": guests, "events": mine}
                whole.update(scenario if is_cpu else {})
                if "topology" not in whole:
                    whole["host"] = {"pcpus": pcpus, **whole["host"]}
                json.dump(whole, file)
            run(scene, program, "--simulate", path, "--pace", PACE, *(options if is_cpu else ()))
        must(
            "both programs run", within(20, lambda: scene.ctl("status")[1].count("interval ") == 2), scene.ctl("status")
        )
        try:
            yield scene
        finally:
            scene.end()


def run(scene, program, *options):
    process = subprocess.Popen(
        [f"{scene.build}/{program}", "2", "--quiet", *options],
        stdout=subprocess.DEVNULL,
        stderr=open(f"{scene.folder}/err-{len(scene.started)}", "w"),
        env=scene.environment,
    )
    process.program, process.options = program, options
    scene.started.append(process)
    return process


@contextlib.contextmanager
def visit(scene, **how):
    one = Visit(scene, browser.cockpit(scene.build), **how)
    try:
        yield one
        must("the page has no error", not one.console(), one.console())
        must("nobody is asked but the page's own origin", not (asked := one.others_asked()), asked)
    finally:
        one.end()


def report_of(scene, name):
    """The Report of the program that is called so on the bus."""
    words = ["busctl", f"--address=unix:path={scene.folder}/socket", "--json=short", "call", f"dev.evenkeel.{name}"]
    words += [f"/dev/evenkeel/{name}", f"dev.evenkeel.{name}", "Report"]
    return json.loads(json.loads(subprocess.run(words, capture_output=True, check=True).stdout)["data"][0])


def status_of(scene):
    return {one["program"]: one for one in json.loads(scene.ctl("status", "--json")[1])}


def every_view(build, pictures):
    """What is shown is what evenkeelctl says; a guest is paused and resumed by clicking; who suffers is seen at once."""
    with host(build) as scene, visit(scene, pictures=pictures) as one:
        must("the page comes up", one.sees("Who gets too little"))
        must("who waits is named first", one.sees("db waits for a pCPU", ".sufferers"), one.text(".sufferers"))
        for view, shown in VIEWS.items():
            one.open(view)
            must(f"{view} is shown", one.sees(shown, f"#{view}"), one.text(f"#{view}"))
            must(f"{view} alone is", one.js("document.querySelectorAll('[role=tabpanel]:not([hidden])').length") == 1)
            time.sleep(0.7)
            one.picture(view)
        one.open("hour")
        must(
            "the hour has charts",
            within(20, lambda: len(one.all("#hour svg.chart")) == 4),
            len(one.all("#hour svg.chart")),
        )
        must(
            "and changes with their reasons",
            within(
                20,
                lambda: "pinned to pCPU"
                in one.js("[...document.querySelectorAll('#hour .event title')].map(t => t.textContent).join()"),
            ),
            one.js("[...document.querySelectorAll('#hour .event title')].map(t => t.textContent)"),
        )
        figures(scene, one)
        hostile(one)
        by_clicking(scene, one)
        a_long_name(scene, one)
        sorted_memory(one)
        only_what_is_new(one)
        one.open("hour")
        time.sleep(6 if pictures else 0)
        one.picture("hour")


def figures(scene, one):
    """The figures of the page are those of the interval that it names."""
    one.open("now")
    told, wrong = {}, []

    def agrees():
        status, text = status_of(scene)["vcpu_scheduler"], one.text("[data-program=vcpu]")
        told[status["interval"]] = f"objective {status['objective']:.3f}, bound {status['bound']:.3f}"
        named = re.search(r"interval (\d+)", text)
        known = told.get(int(named[1])) if named else None  # the page may be behind
        if known and known not in text:
            wrong.append((known, text))
        return known

    must("objective and bound are evenkeelctl's", within(60, agrees) and not wrong, (told, wrong, one.text("#now")))
    one.open("guests")
    must("all guests are there", one.sees("8 of 8 guests"), one.text("#guests")[:80])
    one.one("#guests input").send_keys("web")
    must("a filter leaves some out", one.sees("3 of 8 guests"))
    one.one("#guests input").send_keys("\b\b\b")
    must(
        "the keyboard stays where it was", one.js("document.activeElement === document.querySelector('#guests input')")
    )
    one.press("Runs")
    must(
        "guests are sorted by clicking",
        within(20, lambda: one.text("#guests tbody tr:first-child").startswith("db")),
        one.text("#guests"),
    )


def hostile(one):
    """A guest's name is text, whatever is in it."""
    must(
        "a hostile name is text",
        one.js("!document.querySelector('img')") and "<img src=x onerror=alert(1)>?gnp" in one.text("#guests"),
    )


def by_clicking(scene, one):
    one.open("guests")
    must("a guest's why opens", within(20, lambda: one.press("web-2")) and one.sees("Why web-2", "dialog"))
    must(
        "it says where and what would change it",
        one.sees("may run on pCPU", "dialog") and one.sees("What would change it", "dialog"),
    )
    one.picture("why")
    one.overhear()
    one.press("Pause this guest")
    asked = []
    must("a pause is asked", within(20, lambda: asked.extend(one.calls()) or len(asked) > 2), asked)
    must("both are asked at once", [member for member, _ in asked[:2]] == ["Pause", "Pause"], asked)
    must(
        "the programs know of the pause",
        within(
            20,
            lambda: all(
                [pause["guest"] for pause in program["paused"]] == ["web-2"] for program in status_of(scene).values()
            ),
        ),
        status_of(scene),
    )
    must("and the page", one.sees("Resume this guest", "dialog"))
    one.press("Resume this guest")
    must(
        "it is resumed",
        within(20, lambda: not any(program["paused"] for program in status_of(scene).values())),
        status_of(scene),
    )
    one.press("Close")
    time.sleep(1)  # an answer that was asked for before may come
    must("the dialog closes and stays so", one.js("!document.querySelector('dialog').open"))


def cell(one, view, guest, column):
    """The text of a table's cell; of a guest by what is shown of its name."""
    return one.js(
        "[...document.querySelectorAll(`#${arguments[0]} tbody tr`)]"
        ".filter(row => row.querySelector('th').innerText.trim() === arguments[1])"
        ".map(row => row.querySelector(`[data-name='${arguments[2]}']`).innerText.trim()).join()",
        view,
        guest,
        column,
    )


def a_long_name(scene, one):
    """Whom a cut name means the programs say: figures, places and pauses are brought together by the true one."""
    guests = {guest["guest"]: guest for guest in report_of(scene, "VcpuScheduler1")["guests"]}
    shown, uuid = guests[LONG]["name"], guests[LONG]["uuid"]
    must("a long name is shown cut", ".." in shown, shown)
    one.open("guests")
    must("it is there once", one.sees("8 of 8 guests") and cell(one, "guests", shown, "Is well") == "yes")
    must("with what it runs", within(20, lambda: re.match(r"[1-9]\d* %", cell(one, "guests", shown, "Runs"))))
    must("and where it is held", within(20, lambda: cell(one, "guests", shown, "Held on").isdigit()))
    one.press(shown)
    must("its why opens with the whole name", one.sees(f"Why {LONG}", "dialog") and one.sees("may run on", "dialog"))
    one.press("Pause this guest")
    must("it is paused", one.sees("Resume this guest", "dialog"), one.text("dialog"))
    one.press("Close")
    must("its row says so", within(20, lambda: "paused" in cell(one, "guests", shown, "Is well")))
    must("no other one", one.text("#guests tbody").count("paused") == 1, one.text("#guests tbody"))
    scene.ctl("resume", LONG)
    must("it is resumed", within(20, lambda: "paused" not in one.text("#guests tbody")))
    scene.ctl("pause", uuid)
    must("a pause by its UUID is its own", within(20, lambda: "paused" in cell(one, "guests", shown, "Is well")))
    scene.ctl("resume", uuid)


def sorted_memory(one):
    one.open("memory")
    must("memory has all guests", one.sees("8 of 8 guests", "#memory"), one.text("#memory"))
    one.press("Ceiling", "#memory button")
    must(
        "sorted by a number, the largest is first",
        within(
            20,
            lambda: one.text("#memory tbody tr:first-child th") == "db"
            or "2,048" in one.text("#memory tbody tr:first-child"),
        ),
        one.text("#memory tbody"),
    )
    one.press("Guest", "#memory button")
    one.one("#memory input").send_keys("batch")
    must("and filtered", one.sees("2 of 8 guests", "#memory"), one.text("#memory"))
    one.one("#memory input").send_keys("\b\b\b\b\b")
    must(
        "numbers stand below each other",
        one.js("getComputedStyle(document.querySelector('#memory td.number')).textAlign") == "end",
    )


def only_what_is_new(one):
    """Nobody is asked twice for the same, and while nobody looks nobody is asked."""
    one.overhear()
    one.open("changes")
    time.sleep(3)
    asked = [call for call in one.calls() if call[0] == "History"]
    must("intervals are asked for", any(call[1][0] == "intervals" for call in asked), asked)
    must("and none from the beginning", all(call[1][1] > 0 for call in asked), asked)
    one.hide(True)
    time.sleep(1)  # what was under way
    one.calls()
    time.sleep(3)
    must("nothing is asked while nobody looks", not (calls := one.calls()), calls)
    one.hide(False)
    must("and at once when somebody does", within(20, lambda: ["Report", []] in one.calls()))


def as_an_ordinary_user(build, pictures):
    """He reads all, and what he would change ends in one plain sentence."""
    with host(build) as scene, visit(scene, user="stranger", pictures=pictures) as one:
        for view, shown in VIEWS.items():
            one.open(view)
            must(f"a stranger sees {view}", one.sees(shown, f"#{view}"), one.text(f"#{view}"))
        one.open("now")
        one.press("Pause")
        must(
            "a pause is refused in a sentence",
            one.sees("You may look, but not change anything", "#message"),
            one.text("#message"),
        )
        must("and nothing is paused", not any(program["paused"] for program in status_of(scene).values()))
        one.picture("stranger")
        one.open("settings")
        must("settings are shown", one.sees("only look", "#settings button"))
        one.press("Let the scheduler of vCPUs only look")
        must("and cannot be changed", one.sees("goes on as before: You may look", "#message"), one.text("#message"))
        must("no file was written", not os.path.exists("/etc/evenkeel/evenkeel.conf.d/50-cockpit.conf"))


def programs_come_and_go(build, pictures):
    with host(build) as scene, visit(scene, pictures=pictures) as one:
        must(
            "both are there",
            one.sees("Who gets too little") and within(20, lambda: "does not run" not in one.text("#headline")),
        )
        scheduler = scene.started[0]
        scheduler.kill()
        must(
            "one that died is said to",
            one.sees("The scheduler of vCPUs does not run", "#headline"),
            one.text("#headline"),
        )
        must("what the other knows stays", one.sees("Host memory", "#now"), one.text("#now"))
        one.picture("one-is-gone")
        run(scene, scheduler.program, *scheduler.options)
        must(
            "and is there again by itself",
            within(20, lambda: "does not run" not in one.text("#headline")),
            one.text("#headline"),
        )
        must("what it knows is there", one.sees("db", ".bins"), one.text("#now"))
        scene.restart_bus()
        must(
            "a bus that is lost is said",
            one.sees("the system's bus cannot be reached", "#headline"),
            one.text("#headline"),
        )
        must("and nothing that was before it", "objective" not in one.text("#now"), one.text("#now"))
        must("it is found again", within(30, lambda: one.text("#now").count("objective") == 2), one.text("#now"))
        for process in scene.started[1:]:
            if getattr(process, "program", None) == "memory_coordinator":
                process.kill()
        one.browser.refresh()
        must(
            "a program that is not there is said to",
            one.sees("memory does not run", "#headline"),
            one.text("#headline"),
        )
        run(scene, "memory_coordinator", *scene.started[1].options)
        must("and found when it comes", one.sees("Host memory", "#now", 20), one.text("#now"))


def what_is_not_known(build, pictures):
    """It is said to be unknown, and is no 0: waiting that the host does not tell, memory that a guest does not report,
    and whatever a program knew that waits or stands still."""
    memory = [{**guest, "balloon_driver": guest["name"] != LONG} for guest in MEMORY]
    with host(build, memory=memory, events=[], host={"run_delay": False}) as scene:
        shown = {guest["guest"]: guest["name"] for guest in report_of(scene, "VcpuScheduler1")["guests"]}[LONG]
        with visit(scene, pictures=pictures) as one:
            must(
                "waiting is not known",
                one.sees("How long guests waited for a pCPU is not known", ".sufferers"),
                one.text(".sufferers"),
            )
            must("nobody is said not to wait", "no guest waits" not in one.text(".sufferers"), one.text(".sufferers"))
            must("nor its memory", one.sees(f"What {shown} uses of its memory is not known", ".sufferers"))
            one.open("guests")
            must("waiting is unknown", one.sees("8 of 8") and cell(one, "guests", "db", "Waits") == "unknown")
            must("and the rest is known", within(20, lambda: "%" in cell(one, "guests", "db", "Runs")))
            must("what it lacks is unknown", cell(one, "guests", shown, "Lacks") == "unknown")
            one.open("memory")
            must("what it uses is", one.sees("8 of 8", "#memory") and cell(one, "memory", shown, "Used") == "unknown")
            must("its bar too", within(20, lambda: len(one.all("#memory .bar rect.unknown")) == 1))
            one.picture("unknown")
            one_that_waits(scene, one)
            scene.started[0].send_signal(signal.SIGSTOP)
            must("one that stands still is said to", one.sees("vCPUs does not answer", "#headline", 40))
            one.open("now")
            must("and nothing that it knew", one.sees("Who waits for a pCPU is not known", ".sufferers"))
            must("nor loads", not one.all("table.bins"), one.text("#now"))
            scene.started[0].send_signal(signal.SIGCONT)
            must("and is there again", one.sees("db", "table.bins"), one.text("#now"))


def one_that_waits(scene, one):
    """The coordinator, begun anew on a host whose hypervisor is gone for a while after the first looks."""
    coordinator = scene.started[1]
    path = f"{scene.folder}/outage.json"
    with open(coordinator.options[1]) as file:
        scenario = json.load(file)
    write(path, json.dumps({**scenario, "events": [{"at_s": 10, "do": "outage", "for_s": 120}]}))
    coordinator.terminate()
    coordinator.wait(20)
    run(scene, coordinator.program, "--simulate", path, *coordinator.options[2:])
    must("a program that waits says so", one.sees("memory waits, and changes nothing", "#headline", 40))
    must("what it knew before is not shown", one.sees("Who lacks memory is not known", "#memory"))
    must("nor are sizes", not one.all("#memory table"), one.text("#memory"))
    must("it is there again", one.sees("8 of 8", "#memory", 60), one.text("#memory"))


def groups_of_pcpus(build, pictures):
    """Above level pcpu a load is the mean of the pCPUs of its set."""
    cpu = [{"name": "more-than-there-is", "count": 12, "pct": 90}]
    with host(build, cpu, options=("--level", "node"), topology="node:2 core:4", events=[]) as scene:
        with visit(scene, pictures=pictures) as one:
            must("nodes are shown", one.sees("0-3", ".bins tbody"), one.text("#now"))

            def agrees():
                before, text = report_of(scene, "VcpuScheduler1"), one.text(".bins tbody")
                shown = re.findall(r"(\d+-\d+)\s+(\d+) %", text)
                loads = [pcpu["load_pct"] for pcpu in before["pcpus"]]
                wanted = [("0-3", sum(loads[:4]) / 4), ("4-7", sum(loads[4:]) / 4)]
                return [name for name, _ in shown] == ["0-3", "4-7"] and all(
                    abs(float(is_[1]) - was[1]) < 0.6 for is_, was in zip(shown, wanted)
                )

            must("loads are means", within(15, agrees), (one.text(".bins tbody"), report_of(scene, "VcpuScheduler1")))


def late_within(scene, seconds):
    before = status_of(scene)
    time.sleep(seconds)
    return sum(one["overruns"] - before[name]["overruns"] for name, one in status_of(scene).items())


def many_guests(build, pictures):
    """500 guests on 64 pCPUs are shown, and a browser that stands still makes no interval late."""
    guests = [
        {
            "name": "guest",
            "count": 500,
            "pct": 8,
            "used_mib": 80,
            "cache_mib": 20,
            "watermark_mib": 10,
            "actual_mib": 256,
            "maximum_mib": 256,
        }
    ]
    with host(build, guests, guests, 64, []) as scene:
        alone = late_within(scene, 6)
        with visit(scene, pictures=pictures) as one:
            many_in(scene, one, alone)


def many_in(scene, one, alone):
    one.open("guests")
    must("500 guests are listed", one.sees("500 of 500 guests", seconds=40), one.text("#guests")[:100])
    one.open("hour")
    must("64 pCPUs are a map", within(20, lambda: one.js("document.querySelectorAll('.heat').length") > 60))
    told = one.js("document.querySelector('.heat title').textContent")
    clock = r"\d\d:\d\d:\d\d"
    must("which tells of each place", re.fullmatch(rf"0, {clock} to {clock}: (\d+ to )?\d+ %", told), told)
    one.picture("many")
    began = one.js("performance.now()")
    one.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    took = one.js("performance.now()") - began
    must("drawing does not take seconds", took < 3000, took)
    moving = late_within(scene, 6)
    one.freeze(True)
    still = late_within(scene, 6)
    one.freeze(False)
    print(f"late intervals in 6 s: {alone} without a page, {moving} with one, {still} while its browser stands still")
    must("a page makes none late", moving <= alone + 3, (alone, moving))
    must("nor does a browser that stands still", still <= max(alone, moving) + 3, (alone, moving, still))
    must("it goes on", one.sees("How uneven"))


def small_and_dark(build, pictures):
    """From 360 px on nothing is cut off, colours follow Cockpit's switch, and everything has a name."""
    with host(build) as scene, visit(scene, size=(360, 740), pictures=pictures) as one:
        must("it comes up", one.sees("Who gets too little"))
        for view in VIEWS:
            one.open(view)
            time.sleep(0.4)
            must(
                f"{view} is no wider than the window",
                one.js("document.documentElement.scrollWidth <= window.innerWidth"),
                view,
            )
        one.open("hour")
        must(
            "letters of charts are as large as others",
            within(20, lambda: len(one.all("#hour svg.chart")) == 4)
            and one.js(
                "[...document.querySelectorAll('#hour svg.chart')].every(one =>"
                " one.getBoundingClientRect().width > 0.9 * one.viewBox.baseVal.width)"
            ),
        )
        one.open("now")
        one.picture("small")
        one.js("window.dispatchEvent(new CustomEvent('cockpit-style', {detail: {style: 'dark'}}))")
        must("dark is dark", one.js("getComputedStyle(document.body).backgroundColor") == "rgb(21, 21, 21)")
        one.picture("dark")
        one.js("window.dispatchEvent(new CustomEvent('cockpit-style', {detail: {style: 'light'}}))")
        must("and light is light", one.js("getComputedStyle(document.body).backgroundColor") == "rgb(245, 245, 245)")
        by_keyboard(one)


def nameless_in(one):
    """What is seen and has no name for who cannot see it, by the browser's own reckoning."""
    return one.js(
        "[...document.querySelectorAll('button, input, svg[role=img], table, summary, [role=tabpanel]')]"
        ".filter(element => element.checkVisibility() && !element.computedName).map(element => element.outerHTML)"
    )


def by_keyboard(one):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    one.one("#tab-now").click()
    one.one("#tab-now").send_keys(Keys.ARROW_RIGHT)
    must(
        "arrows go to the next view",
        one.js("document.activeElement.id") == "tab-guests" and one.js("!document.getElementById('guests').hidden"),
    )
    one.one("#tab-guests").send_keys(Keys.END)
    must("End to the last one", one.js("document.activeElement.id") == "tab-settings")
    one.open("now")
    order = []
    one.js("document.getElementById('tab-now').focus()")
    for _ in range(4):
        ActionChains(one.browser).send_keys(Keys.TAB).perform()
        order.append(one.js("document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"))
    must(
        "Tab goes through in the order that one reads",
        order[:4]
        == [
            "Pause The scheduler of vCPUs",
            "Have The scheduler of vCPUs read its configuration again",
            "Pause The coordinator of memory",
            "Have The coordinator of memory read its configuration again",
        ],
        order,
    )
    for view in VIEWS:
        one.open(view)
        time.sleep(0.5)
        nameless = nameless_in(one)
        must(f"everything in {view} has a name", not nameless, nameless[:3])


@contextlib.contextmanager
def configured(build):
    """Both programs by a configuration in /etc, on libvirt's test driver; with the page's file and where it is."""
    folder = "/etc/evenkeel"
    with tempfile.TemporaryDirectory() as own:
        os.chmod(own, 0o755)
        os.makedirs(f"{own}/evenkeel/evenkeel.conf.d")
        with open(f"{own}/evenkeel/evenkeel.conf", "w") as file:
            file.write("[vcpu]\nact = no\n[memory]\nact = no\n")
        is_new = not os.path.exists(folder)
        os.makedirs(folder, exist_ok=True)
        subprocess.run(["mount", "--bind", f"{own}/evenkeel", folder], check=True)
        scene = bus.Scene(build, own)
        for program in bus.PROGRAMS.values():
            run(scene, program, "--connect", "test:///default", "--config", f"{folder}/evenkeel.conf")
        must("both run", within(20, lambda: scene.ctl("status")[1].count("interval ") == 2), scene.ctl("status"))
        yield scene, f"{folder}/evenkeel.conf.d"
        scene.end()
        subprocess.run(["umount", folder], check=True)
        if is_new:
            os.rmdir(folder)


def text_of(path):
    with open(path) as file:
        return file.read()


def write(path, text, how="w"):
    with open(path, how) as file:
        file.write(text)


def acting(build, pictures):
    """Dry run and acting are switched by a file of the page's own, of one program at a time, and where that is refused
    or does not count the file is as it was."""
    with configured(build) as (scene, folder), visit(scene, pictures=pictures) as one:
        switched = f"{folder}/50-cockpit.conf"
        one.open("now")
        must("who is not asked to report is counted", one.sees("1 running guest is not asked to report", "#now"))
        one.open("settings")
        must("that they only look is said", within(20, lambda: one.text("#settings").count("It only looks") == 2))
        one.js("window.confirm = () => true")
        one.press("Let the scheduler of vCPUs act")
        must("it acts", one.sees("It acts", "#settings"), (one.text("#settings"), one.text("#message")))
        must("the other does not", one.text("#settings").count("It only looks") == 1, one.text("#settings"))
        must("the file says so", text_of(switched).endswith("[vcpu]\nact = yes\n"), text_of(switched))
        must("the program knows it", within(20, lambda: not status_of(scene)["vcpu_scheduler"]["dry_run"]))
        write(f"{folder}/60-wrong.conf", "[vcpu]\nnonsense = 1\n")
        one.press("Let the scheduler of vCPUs only look")
        must("a refusal is told", one.sees("nonsense", "#message"), one.text("#message"))
        must("the file is as it was", text_of(switched).endswith("[vcpu]\nact = yes\n"), text_of(switched))
        one.picture("refused")
        write(f"{folder}/60-wrong.conf", "[vcpu]\nact = yes\n")
        one.press("Let the scheduler of vCPUs only look")
        must("what counts more is told", one.sees("60-wrong.conf", "#message"), one.text("#message"))
        must("and the file is as it was", text_of(switched).endswith("[vcpu]\nact = yes\n"), text_of(switched))
        os.unlink(f"{folder}/60-wrong.conf")
        a_mistake_of_the_other(scene, one, switched)


def a_mistake_of_the_other(scene, one, switched):
    """What somebody has written for the other program keeps nobody from switching this one, and is not lost."""
    write(switched, "[memory]\nnonsense = 2\n", "a")
    one.press("Let the scheduler of vCPUs only look")
    must("one is switched", within(20, lambda: status_of(scene)["vcpu_scheduler"]["dry_run"]), one.text("#message"))
    must("the other's lines stay", text_of(switched).endswith("[vcpu]\nact = no\n[memory]\nnonsense = 2\n"))
    one.open("now")
    must("the page is there", one.sees("The coordinator of memory", "#now"))
    one.press("Have The coordinator of memory read its configuration again")
    must("a mistake is told", one.sees("nonsense", "#message"), one.text("#message"))
    must(
        "and shown until it is mended",
        one.sees("was not read again, and the one before is in force", "[data-program=memory]"),
        one.text("#now"),
    )
    must("not as the scheduler's", "nonsense" not in one.text("[data-program=vcpu]"), one.text("#now"))


def another_clock(build, pictures):
    """Times are the programs', whatever the browser thinks that it is."""
    with configured(build) as (scene, _), visit(scene, pictures=pictures, zone="Asia/Tokyo", ahead_s=10800) as one:

        def is_told(text_of_page, of):
            return within(20, lambda: any(of(program["at"]) in text_of_page() for program in status_of(scene).values()))

        def ticks():
            return one.js(
                "[...document.querySelectorAll('#hour .chart:first-of-type .tick')].map(one => one.textContent).join()"
            )

        must(
            "an interval's time is the host's", is_told(lambda: one.text(".actions"), lambda at: at[11:16]), one.text()
        )
        one.open("hour")
        must("the last hour has something", one.sees("How uneven", "#hour"), one.text("#hour"))
        must("charts end now", is_told(ticks, lambda at: at[11:16]), ticks())
        must("and say whose time it is", is_told(lambda: one.text("#hour"), lambda at: f"the host's, UTC{at[19:]}"))


SCENES = (
    every_view,
    as_an_ordinary_user,
    programs_come_and_go,
    what_is_not_known,
    groups_of_pcpus,
    many_guests,
    small_and_dark,
    acting,
    another_clock,
)


def main():
    ask = argparse.ArgumentParser(description="The page for Cockpit in a real browser.")
    ask.add_argument("build")
    ask.add_argument("scene", nargs="*", help="some of " + ", ".join(scene.__name__ for scene in SCENES))
    ask.add_argument("--pictures", metavar="FOLDER", help="where pictures of every view go")
    told = ask.parse_args()
    build = os.path.abspath(told.build)
    why = browser.why_not() or (os.geteuid() != 0 and "needs root")
    if why or not browser.cockpit(build):
        bus.skip(why or "needs Cockpit")
    if "PAGE_TEST_INSIDE" not in os.environ:
        if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
            bus.skip("this machine does not let root make namespaces")
        os.environ["PAGE_TEST_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, "-B", *sys.argv])
    with tempfile.TemporaryDirectory() as users:
        os.chmod(users, 0o755)
        bus.make_users(users)
        for scene in SCENES:
            if told.scene and scene.__name__ not in told.scene:
                continue
            began, lost = time.monotonic(), bus.lost
            scene(build, told.pictures)
            print(
                f"{scene.__name__}: {'lost' if bus.lost > lost else 'won'}, {time.monotonic() - began:.0f} s",
                flush=True,
            )
        subprocess.run(["umount", "/etc/passwd", "/etc/group"], check=True)
    print("lost" if bus.lost else "all won")
    return 1 if bus.lost else 0


if __name__ == "__main__":
    sys.exit(main())
