# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test of the page needs: both programs on a private bus, Cockpit on the loopback address, and a real browser.

A local session of Cockpit serves one browser, so each visit has a Cockpit of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/../control")
import bus  # noqa: E402

PAGE = f"{HERE}/../../agent/cockpit"


def why_not():
    """What is missing, or None."""
    for tool in ("dbus-daemon", "busctl", "setpriv", "unshare", "mount", "chromium", "chromedriver"):
        if not shutil.which(tool):
            return f"needs {tool}"
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "needs python3-selenium"
    return None


def cockpit(build):
    """The folder where Debian's Cockpit is unpacked, or None."""
    done = subprocess.run([f"{HERE}/../tools/cockpit.sh", build], capture_output=True, text=True)
    if done.returncode:
        print(done.stderr.strip())
    return done.stdout.strip() or None


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Visit:
    """A person who looks at the page: a Cockpit session as that user, and a browser."""

    def __init__(self, scene, cockpit_folder, user="root", size=(1280, 900), pictures=None, zone=None, ahead_s=0):
        """zone and ahead_s: the browser's clock, which need not be the host's."""
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        self.scene, self.pictures = scene, pictures
        share = f"{scene.folder}/share/cockpit"
        if not os.path.exists(share):
            os.makedirs(share)
            shutil.copytree(PAGE, f"{share}/evenkeel")
        home = f"{scene.folder}/home-{user}"
        os.makedirs(home, exist_ok=True)
        if user != "root":
            os.chown(home, bus.USERS[user], bus.USERS[user])
        port = free_port()
        environment = {
            **scene.environment,
            "LC_ALL": "C.UTF-8",
            "HOME": home,
            "XDG_CONFIG_HOME": home,
            "XDG_DATA_DIRS": f"{scene.folder}/share:{cockpit_folder}/usr/share",
            "XDG_RUNTIME_DIR": home,
        }
        self.log = open(f"{scene.folder}/cockpit-{port}", "w+")
        self.cockpit = subprocess.Popen(
            [
                *bus.as_user(user),
                f"{cockpit_folder}/usr/lib/cockpit/cockpit-ws",
                "--no-tls",
                "--address",
                "127.0.0.1",
                "--port",
                str(port),
                f"--local-session={cockpit_folder}/usr/bin/cockpit-bridge",
            ],
            env=environment,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        scene.started.append(self.cockpit)
        bus.within(10, lambda: is_listening(port))
        self.origin = f"http://127.0.0.1:{port}"
        options = webdriver.ChromeOptions()
        for word in (
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--lang=en",
            "--disable-background-networking",
            "--enable-blink-features=ComputedAccessibilityInfo",
            "--disable-component-update",
            f"--window-size={size[0]},{size[1]}",
        ):
            options.add_argument(word)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.browser = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        self.browser.set_page_load_timeout(60)
        # A window has a least width of its own, a page has not.
        self.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False},
        )
        if zone:
            self.browser.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": zone})
        if ahead_s:
            self.browser.execute_cdp_cmd(
                "Page.addScriptToEvaluateOnNewDocument",
                {"source": f"{{ const now = Date.now; Date.now = () => now() + {1000 * ahead_s}; }}"},
            )
        self.browser.get(f"{self.origin}/cockpit/@localhost/evenkeel/index.html")

    def all(self, selector):
        from selenium.webdriver.common.by import By

        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.all(selector)[0]

    def js(self, code, *arguments):
        return self.browser.execute_script(f"return {code}", *arguments)

    def text(self, selector="body"):
        return self.js("[...document.querySelectorAll(arguments[0])].map(one => one.innerText).join('\\n')", selector)

    def sees(self, text, selector="body", seconds=30):
        return bus.within(seconds, lambda: text in self.text(selector))

    def open(self, view):
        self.one(f"#tab-{view}").click()

    def press(self, text, selector="button"):
        """Clicks the button with that text or name, wherever a redraw has put it."""
        return self.js(
            "(one => one ? (one.click(), true) : false)([...document.querySelectorAll(arguments[0])]"
            ".find(one => [one.textContent, one.ariaLabel].includes(arguments[1])))",
            selector,
            text,
        )

    def picture(self, name):
        if self.pictures:
            os.makedirs(self.pictures, exist_ok=True)
            self.browser.save_screenshot(f"{self.pictures}/{name}.png")

    def console(self):
        """Errors of the page's own; those of Cockpit's shell are not ours."""
        return [
            entry["message"]
            for entry in self.browser.get_log("browser")
            if entry["level"] == "SEVERE" and "/evenkeel/" in entry["message"]
        ]

    def others_asked(self):
        """Addresses that were asked beside the page's own origin."""
        import json

        asked = []
        for entry in self.browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if not url.startswith((self.origin, "data:", "chrome", "about:")):
                    asked.append(url)
        return asked

    def hide(self, is_hidden):
        """As if another tab were in front of the page."""
        self.js(
            "(Object.defineProperty(document, 'hidden', {value: arguments[0], configurable: true}),"
            " document.dispatchEvent(new Event('visibilitychange')))",
            is_hidden,
        )

    def overhear(self):
        """From now on calls() has what the page asks the programs."""
        self.js(
            "(window.calls = [], cockpit.transport.filter(message => {"
            " const text = String(message).split('\\n')[1] || '';"
            " const call = text.startsWith('{') && JSON.parse(text).call;"
            " if (call) window.calls.push(call.slice(2)); }, true))"
        )

    def calls(self):
        """[[member, arguments]] since it was asked last."""
        return self.js("window.calls.splice(0)")

    def freeze(self, is_frozen):
        """Stops the browser, or lets it go on."""
        for process in children_of(self.browser.service.process.pid):
            os.kill(process, signal.SIGSTOP if is_frozen else signal.SIGCONT)

    def end(self):
        self.browser.quit()
        if self.cockpit.poll() is None:
            os.killpg(self.cockpit.pid, signal.SIGTERM)
            self.cockpit.wait(10)


def is_listening(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def children_of(pid):
    found = []
    for line in subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True).stdout.splitlines():
        child, parent = map(int, line.split())
        if parent == pid:
            found += [child, *children_of(child)]
    return found
