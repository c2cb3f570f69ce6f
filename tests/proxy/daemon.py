# SPDX-License-Identifier: GPL-3.0-or-later
"""A libvirtd of our own without any hypervisor: the test driver is built into it, and no other one is loaded.
It runs as a user without rights, and everything of it is in one folder."""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import time

NOBODY = 65534


def find(build):
    """(libvirtd, folder of its libraries or None), or None; the live lab may have unpacked one."""
    lab = os.path.join(build, "lab/packages/usr")
    for folder in ("/usr/sbin", "/usr/local/sbin"):
        if os.access(f"{folder}/libvirtd", os.X_OK):
            return f"{folder}/libvirtd", None
    if os.access(f"{lab}/sbin/libvirtd", os.X_OK):
        return f"{lab}/sbin/libvirtd", ":".join(glob.glob(f"{lab}/lib/*-linux-gnu"))
    return None


def bindings(build):
    """libvirt's Python module, or None."""
    sys.path.append(os.path.join(build, "lab/packages/usr/lib/python3/dist-packages"))
    try:
        import libvirt
    except ImportError:
        return None
    libvirt.registerErrorHandler(lambda *_: None, None)
    return libvirt


class Daemon:
    """with Daemon(build) as daemon: daemon.socket answers, daemon.connection sees all guests."""

    def __init__(self, build):
        self.folder = tempfile.mkdtemp(prefix="proxy-")
        self.program, self.libraries = find(build)
        self.libvirt = bindings(build)
        self.socket = os.path.join(self.folder, "run/libvirt/libvirt-sock")
        self.process = None
        self.connection = None

    def _start(self):
        user = NOBODY if os.geteuid() == 0 else None
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": self.folder,
            "XDG_RUNTIME_DIR": f"{self.folder}/run",
            "XDG_CONFIG_HOME": f"{self.folder}/config",
            "XDG_CACHE_HOME": f"{self.folder}/cache",
            "LIBVIRT_DRIVER_DIR": f"{self.folder}/none",
        }
        if self.libraries:
            environment["LD_LIBRARY_PATH"] = self.libraries
        for name in ("run", "config", "cache", "none"):
            os.mkdir(f"{self.folder}/{name}", 0o700)
        if user:
            for name in ("", "run", "config", "cache", "none"):
                os.chown(os.path.join(self.folder, name), user, user)
        with open(f"{self.folder}/log", "w") as log:
            self.process = subprocess.Popen(
                [self.program], env=environment, stderr=log, user=user, group=user, cwd=self.folder
            )

    def __enter__(self):
        self._start()
        end = time.monotonic() + 30
        while not self.connection:
            try:
                self.connection = self.libvirt.open(self.uri(self.socket))
            except self.libvirt.libvirtError:
                if time.monotonic() > end or self.process.poll() is not None:
                    with open(f"{self.folder}/log") as log:
                        raise RuntimeError(f"libvirtd does not start: {log.read()[-2000:]}") from None
                time.sleep(0.1)
        return self

    def __exit__(self, *_):
        if self.connection:
            self.connection.close()
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    @staticmethod
    def uri(path):
        return f"test+unix:///default?socket={path}"
