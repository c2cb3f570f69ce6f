// SPDX-License-Identifier: GPL-3.0-or-later
// One of the two programs, over the system's bus. All that is asked and told goes through here.
/* global cockpit */

const HOUR_S = 3600;
export const SETTINGS_FILE = "/etc/evenkeel/evenkeel.conf.d/50-cockpit.conf";

// What the bus says, as a person would.
export function sentence(error) {
    const name = error.name || error.problem || "";

    if (/AccessDenied|InteractiveAuthorizationRequired|access-denied|not-authorized|authentication/.test(name))
        return "You may look, but not change anything: turn on administrative access, or join the group libvirt.";
    if (/NameHasNoOwner|ServiceUnknown|not-found|disconnected/.test(name)) return "The program does not run.";
    return error.message || String(error);
}

export class Program {
    // label: what people call it. changed() is called whenever something is new.
    constructor(key, label, name, changed) {
        Object.assign(this, { key, label, name, changed });
        this.path = "/" + name.replaceAll(".", "/");
        this.forget();
        this.listen();
    }

    forget() {
        this.isRunning = false;
        this.status = this.report = this.config = null;
        this.intervals = []; // of the last hour: {t, bins, guests, ...}
        this.series = null; // the bins and guests that the newest intervals are about
        this.changes = []; // of 7 days
        this.areChangesKnown = false;
        this.isStale = false;
    }

    listen() {
        this.bus = cockpit.dbus(this.name, { bus: "system" });
        this.bus.addEventListener("owner", (event, owner) => this.owned(owner));
        this.bus.addEventListener("close", () => this.owned(null));
        this.bus.subscribe(
            { path: this.path, interface: "org.freedesktop.DBus.Properties", member: "PropertiesChanged" },
            () => this.refresh(),
        );
        this.bus.subscribe({ path: this.path, interface: this.name, member: "Changed" }, () => {
            this.areChangesKnown = false;
        });
    }

    owned(owner) {
        this.forget();
        this.isRunning = Boolean(owner);
        this.changed();
        if (owner) this.refresh();
    }

    async ask(member, types, ...values) {
        const answer = await this.bus.call(this.path, this.name, member, values, types ? { type: types } : {});

        return answer;
    }

    async askJson(member, types, ...values) {
        return JSON.parse((await this.ask(member, types, ...values))[0]);
    }

    // Changes what the program does. Whoever has no administrative access asks with his own rights; it may
    // have been turned on since the last time.
    async tell(member, types, ...values) {
        const control = cockpit.dbus(this.name, { bus: "system", superuser: "try" });

        try {
            return await control.call(this.path, this.name + ".Control", member, values, types ? { type: types } : {});
        } finally {
            control.close();
        }
    }

    // One at a time: what comes while it asks is asked for once more after it. Ends when all is known.
    refresh() {
        this.isStale = true;
        this.asking =
            this.asking ||
            this.askAll().finally(() => {
                this.asking = null;
                this.changed();
            });
        return this.asking;
    }

    async askAll() {
        while (this.isStale && this.isRunning) {
            this.isStale = false;
            try {
                this.status = await this.askJson("Status");
                this.report = await this.askJson("Report").catch(() => null);
                this.take(await this.pages("intervals", this.newest()));
                this.trouble = null;
            } catch (error) {
                this.trouble = sentence(error);
            }
        }
    }

    newest() {
        const since = Math.floor(Date.now() / 1000) - HOUR_S;

        return this.intervals.length ? Math.max(since, this.intervals.at(-1).t) : since;
    }

    // Objects of a history, oldest first.
    async pages(kind, since) {
        const objects = [];
        let cursor = "";

        do {
            const [lines, next] = await this.ask("History", "sxs", kind, since, cursor);

            for (const line of lines.split("\n")) if (line) objects.push(JSON.parse(line));
            cursor = next;
        } while (cursor);
        return objects;
    }

    // Lines that name bins and guests are about those that follow.
    take(lines) {
        const last = this.intervals.length ? this.intervals.at(-1) : { t: 0, n: 0 };

        for (const line of lines)
            if (line.guests) this.series = line;
            else if (this.series && (line.t > last.t || (line.t === last.t && line.n > last.n)))
                this.intervals.push({ ...line, bins: this.series.bins, guests: this.series.guests });
        const since = Date.now() / 1000 - HOUR_S;
        while (this.intervals.length && this.intervals[0].t < since) this.intervals.shift();
    }

    latest() {
        return this.intervals.length ? this.intervals.at(-1) : null;
    }

    // Of 7 days, newest first, as the history has them, each with its line's t, at and dry_run.
    async listChanges() {
        if (!this.areChangesKnown) {
            this.areChangesKnown = true; // or are being asked for
            const lines = await this.pages("changes", 0);

            this.changes = lines
                .flatMap(line =>
                    line.changes.map(change => ({ ...change, t: line.t, at: line.at, dry_run: line.dry_run })),
                )
                .reverse();
        }
        return this.changes;
    }

    why(guest) {
        return this.askJson("Why", "s", guest);
    }

    settings() {
        return this.askJson("Config");
    }

    isPaused(guest) {
        const pauses = this.status ? this.status.paused : [];

        return pauses.some(pause => !pause.guest || pause.guest === guest);
    }
}

// What the page has switched, of its own file: {vcpu: true, memory: false}.
export function readSwitches(text) {
    const switches = {};
    let section = "";

    for (const line of (text || "").split("\n")) {
        const name = line.match(/^\[(\w+)\]/),
            act = line.match(/^act\s*=\s*(\w+)/);

        if (name) section = name[1];
        else if (act) switches[section] = act[1] === "yes";
    }
    return switches;
}

// Writes what is switched and has the programs read it. Where one refuses, the file is as it was.
export async function writeSwitches(switches, programs) {
    const file = cockpit.file(SETTINGS_FILE, { superuser: "require" });

    try {
        const before = await file.read();
        const sections = Object.entries(switches).map(
            ([section, acts]) => `[${section}]\nact = ${acts ? "yes" : "no"}\n`,
        );

        await file.replace("# Written by Evenkeel's page in Cockpit.\n" + sections.join(""));
        try {
            for (const program of programs) if (program.isRunning) await program.tell("Reload");
        } catch (error) {
            await file.replace(before);
            throw error;
        }
    } finally {
        file.close();
    }
}
