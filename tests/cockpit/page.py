# SPDX-License-Identifier: GPL-3.0-or-later
"""page.py BUILD [SCENE...] [--pictures FOLDER]: the page for Cockpit in a real browser, beside both programs.

Needs root, for users of its own in a namespace of its own, and Cockpit, Chromium and Selenium from Debian. Exit code
77 where it cannot be."""

import argparse
import contextlib
import json
import os
import re
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
]
# They have hardly what they use: floors do not fit, and somebody is under his own.
MEMORY = [
    {"name": "db", "actual_mib": 600, "used_mib": 560, "cache_mib": 20, "watermark_mib": 10, "maximum_mib": 2048},
    {"name": "web", "count": 3, "actual_mib": 600, "used_mib": 400, "maximum_mib": 1024},
    {"name": "batch", "count": 2, "actual_mib": 900, "used_mib": 300, "maximum_mib": 1536},
    {"name": HOSTILE},
]
EVENTS = [
    {"at_s": 24, "do": "load", "guest": "web-*", "pct": 55, "noise_pct": 5},
    {"at_s": 30, "do": "grow", "guest": "batch-1", "mib_per_s": 16},
    {"at_s": 48, "do": "load", "guest": "web-*", "pct": 20},
]
PACE = "0.5"  # seconds from one look to the next


@contextlib.contextmanager
def host(build, cpu=CPU, memory=MEMORY, pcpus=4, events=EVENTS):
    """Both programs on simulated hosts of these guests, a look each half second."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        scene = bus.Scene(build, folder)
        for program, guests in (("vcpu_scheduler", cpu), ("memory_coordinator", memory)):
            path = f"{folder}/{program}.json"
            with open(path, "w") as file:
                mine = [one for one in events if (one["do"] == "load") == (program == "vcpu_scheduler")]
                host_of = {"pcpus": pcpus}
                json.dump({"name": "page", "duration_s": 7200, "host": host_of, "guests": guests, "events": mine}, file)
            run(scene, program, "--simulate", path, "--pace", PACE)
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
            within(10, lambda: len(one.all("#hour svg.chart")) == 4),
            len(one.all("#hour svg.chart")),
        )
        must(
            "and changes with their reasons",
            within(
                10,
                lambda: "pinned to pCPU"
                in one.js("[...document.querySelectorAll('#hour .event title')].map(t => t.textContent).join()"),
            ),
            one.js("[...document.querySelectorAll('#hour .event title')].map(t => t.textContent)"),
        )
        figures(scene, one)
        hostile(one)
        by_clicking(scene, one)
        one.open("hour")
        time.sleep(6 if pictures else 0)
        one.picture("hour")


def figures(scene, one):
    """The figures of the page are those of an interval around."""
    one.open("now")

    def agrees():
        before, text, after = status_of(scene), one.text("#now"), status_of(scene)
        shown = [
            bool(re.search(rf"interval {n}\b", text))
            for n in range(before["vcpu_scheduler"]["interval"], after["vcpu_scheduler"]["interval"] + 1)
        ]
        known = (before if any(shown[:1]) else after)["vcpu_scheduler"]
        return any(shown) and f"objective {known['objective']:.3f}, bound {known['bound']:.3f}" in text

    must("objective and bound are evenkeelctl's", within(20, agrees), (one.text("#now"), status_of(scene)))
    one.open("guests")
    must("all guests are there", one.sees("7 of 7 guests"), one.text("#guests")[:80])
    one.one("#guests input").send_keys("web")
    must("a filter leaves some out", one.sees("3 of 7 guests"))
    one.one("#guests input").send_keys("\b\b\b")
    must(
        "the keyboard stays where it was", one.js("document.activeElement === document.querySelector('#guests input')")
    )
    one.press("CPU used")
    must(
        "guests are sorted by clicking",
        within(5, lambda: one.text("#guests tbody tr:first-child").startswith("db")),
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
    must("a guest's why opens", within(5, lambda: one.press("web-2")) and one.sees("Why web-2", "dialog"))
    must(
        "it says where and what would change it",
        one.sees("may run on pCPU", "dialog") and one.sees("What would change it", "dialog"),
    )
    one.picture("why")
    one.press("Pause this guest")
    must(
        "the programs know of the pause",
        within(
            10,
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
        within(10, lambda: not any(program["paused"] for program in status_of(scene).values())),
        status_of(scene),
    )
    one.press("Close")
    time.sleep(1)  # an answer that was asked for before may come
    must("the dialog closes and stays so", one.js("!document.querySelector('dialog').open"))


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
        one.press("Let The scheduler of vCPUs only look")
        must("and cannot be changed", one.sees("goes on as before: You may look", "#message"), one.text("#message"))
        must("no file was written", not os.path.exists("/etc/evenkeel/evenkeel.conf.d/50-cockpit.conf"))


def programs_come_and_go(build, pictures):
    with host(build) as scene, visit(scene, pictures=pictures) as one:
        must(
            "both are there",
            one.sees("Who gets too little") and within(10, lambda: "does not run" not in one.text("#headline")),
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
        scene.restart_bus()
        must(
            "a bus that is lost is said",
            one.sees("does not run", "#headline", 20) or one.sees("does not answer", "#headline", 1),
            one.text("#headline"),
        )


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
    with host(build, guests, guests, 64, []) as scene, visit(scene, pictures=pictures) as one:
        one.open("guests")
        must("500 guests are listed", one.sees("500 of 500 guests", seconds=40), one.text("#guests")[:100])
        one.open("hour")
        must("64 pCPUs are a map", within(20, lambda: one.js("document.querySelectorAll('.heat').length") > 60))
        one.picture("many")
        began = one.js("performance.now()")
        one.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        took = one.js("performance.now()") - began
        must("drawing does not take seconds", took < 3000, took)
        moving = late_within(scene, 6)
        one.freeze(True)
        still = late_within(scene, 6)
        one.freeze(False)
        print(f"late intervals in 6 s: {moving} while a browser looks, {still} while it stands still")
        must("a browser that stands still makes none late", still <= moving + 1, (moving, still))
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


def acting(build, pictures):
    """Dry run and acting are switched by a file of the page's own, and a program that refuses it has the old one back."""
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
        switched = f"{folder}/evenkeel.conf.d/50-cockpit.conf"
        for program in bus.PROGRAMS.values():
            run(scene, program, "--connect", "test:///default", "--config", f"{folder}/evenkeel.conf")
        must("both run", within(20, lambda: scene.ctl("status")[1].count("interval ") == 2), scene.ctl("status"))
        with visit(scene, pictures=pictures) as one:
            one.open("settings")
            must(
                "that it only looks is said",
                one.sees("The scheduler of vCPUs only looks", "#settings"),
                one.text("#settings"),
            )
            one.js("window.confirm = () => true")
            one.press("Let The scheduler of vCPUs act")
            must(
                "it acts",
                one.sees("The scheduler of vCPUs acts", "#settings"),
                (one.text("#settings"), one.text("#message")),
            )
            must("the file says so", open(switched).read().endswith("[vcpu]\nact = yes\n"), open(switched).read())
            must(
                "the program knows it",
                within(10, lambda: not status_of(scene)["vcpu_scheduler"]["dry_run"]),
                status_of(scene),
            )
            with open(f"{folder}/evenkeel.conf.d/60-wrong.conf", "w") as file:
                file.write("[vcpu]\nnonsense = 1\n")
            one.press("Let The scheduler of vCPUs only look")
            must("a refusal is told", one.sees("nonsense", "#message"), one.text("#message"))
            must("the file is as it was", "act = yes" in open(switched).read())
            one.picture("refused")
        scene.end()
        subprocess.run(["umount", folder], check=True)
        if is_new:
            os.rmdir(folder)


SCENES = (every_view, as_an_ordinary_user, programs_come_and_go, many_guests, small_and_dark, acting)


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
