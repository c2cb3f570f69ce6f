// SPDX-License-Identifier: GPL-3.0-or-later
// One of the two programs, over the system's bus. All that is asked and told goes through here.
/* global cockpit */

const HOUR_S = 3600;
const PATIENCE_MS = 10000; // answers come at once, so whoever takes longer is stopped
const AGAIN_MS = 5000;
const IS_UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export const SETTINGS_FILE = "/etc/evenkeel/evenkeel.conf.d/50-cockpit.conf";

// What the bus says, as a person would.
export function sentence(error) {
    const name = error.name || error.problem || "";

    if (/AccessDenied|InteractiveAuthorizationRequired|access-denied|not-authorized|authentication/.test(name))
        return "You may look, but not change anything: turn on administrative access, or join the group libvirt.";
    if (/NameHasNoOwner|ServiceUnknown|not-found|disconnected/.test(name)) return "The program does not run.";
    if (/NoReply|Timeout|timeout/.test(name)) return `There was no answer within ${PATIENCE_MS / 1000} s.`;
    return error.message || String(error);
}

// How far ahead of UTC the clock is that shows "2026-11-30T04:19:05+01:00", in minutes; null where it does not say.
function zoneOf(at) {
    const [, sign, hours, minutes] = /([+-])(\d\d):?(\d\d)$/.exec(at || "") || [];

    return sign ? Number(sign + 1) * (60 * Number(hours) + Number(minutes)) : null;
}

// Lines of a history that are asked for again and again, each time from the last second on that is known.
class Reader {
    t = 0;
    n = 0; // how many lines of that second are known

    // Those that are new.
    take(lines) {
        let known = this.n;
        const fresh = lines.filter(line => line.t > this.t || (line.t === this.t && known-- <= 0));

        for (const line of fresh) {
            this.n = line.t === this.t ? this.n + 1 : 1;
            this.t = line.t;
        }
        return fresh;
    }
}

export class Program {
    // key is its section of the configuration, label what people call it. changed() is called whenever something is
    // new.
    constructor(key, label, name, changed) {
        Object.assign(this, { key, label, name, changed });
        this.path = "/" + name.replaceAll(".", "/");
        this.zone = -new Date().getTimezoneOffset(); // of the host, in minutes ahead of UTC; until it has told its own
        this.isBusLost = false;
        this.forget();
        this.listen();
        cockpit.addEventListener("visibilitychange", () => {
            if (this.isStale) this.refresh();
        });
    }

    forget() {
        this.life = {}; // what was asked in an earlier one is not answered in this one
        this.isRunning = false;
        this.toldAt = null;
        this.trouble = null; // why nothing is known, in a sentence
        this.status = null;
        this.report = null; // of the last interval; null where that is not how things are now
        this.intervals = []; // of the last hour: {t, bins, guests, ...}
        this.series = null; // the bins and guests that the newest intervals are about
        this.intervalsRead = new Reader();
        this.changes = []; // of 7 days, newest first
        this.changesRead = new Reader();
        this.areChangesKnown = false;
        this.isStale = false;
    }

    listen() {
        const bus = cockpit.dbus(this.name, { bus: "system" });

        this.bus = bus;
        bus.addEventListener("owner", (event, owner) => {
            if (this.bus === bus) this.owned(owner);
        });
        bus.addEventListener("close", (event, how) => {
            if (this.bus === bus) this.closed(how.problem);
        });
        bus.subscribe(
            { path: this.path, interface: "org.freedesktop.DBus.Properties", member: "PropertiesChanged" },
            () => this.told(),
        );
        bus.subscribe({ path: this.path, interface: this.name, member: "Changed" }, () => {
            this.areChangesKnown = false;
        });
    }

    owned(owner) {
        this.forget();
        this.isRunning = Boolean(owner);
        if (owner) {
            this.isBusLost = false;
            this.told();
        } else this.listenAgain();
        this.changed();
    }

    closed(problem) {
        this.forget();
        this.isBusLost = problem !== "not-found";
        this.listenAgain();
        this.changed();
    }

    // It tells of each interval. One that is late is asked, and then it answers or does not.
    told() {
        const at = performance.now(),
            pace = this.toldAt ? at - this.toldAt : AGAIN_MS;

        this.toldAt = at;
        this.wait(Math.max(PATIENCE_MS, 3 * pace));
        this.refresh();
    }

    wait(forMs) {
        clearTimeout(this.late);
        this.late = setTimeout(() => {
            if (!this.isRunning) return;
            this.wait(forMs);
            this.refresh();
        }, forMs);
    }

    // A bus that was restarted does not call back, and Cockpit keeps the lost one as long as anybody listens to it.
    listenAgain() {
        this.again =
            this.again ||
            setTimeout(() => {
                const bus = this.bus;

                this.again = null;
                if (cockpit.hidden) this.listenAgain();
                else if (!this.isRunning) {
                    this.bus = null;
                    bus.close();
                    this.listen();
                }
            }, AGAIN_MS);
    }

    ask(member, types, ...values) {
        return this.bus.call(this.path, this.name, member, values, {
            timeout: PATIENCE_MS,
            ...(types ? { type: types } : {}),
        });
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

    // One at a time: what comes while it asks is asked for once more after it. Ends when all is known. While nobody
    // looks nothing is asked, and all of it afterwards.
    refresh() {
        this.isStale = true;
        this.asking =
            this.asking ||
            this.askAll().finally(() => {
                this.asking = null;
            });
        return this.asking;
    }

    async askAll() {
        while (this.isStale && this.isRunning && !cockpit.hidden) {
            const life = this.life;

            this.isStale = false;
            try {
                const status = await this.askJson("Status"),
                    report = status.interval ? await this.askJson("Report") : null,
                    lines = await this.pages("intervals", this.intervalsRead.t);

                if (life !== this.life) continue;
                Object.assign(this, { status, report, trouble: null, zone: zoneOf(status.at) ?? this.zone });
                this.take(lines);
            } catch (error) {
                if (life === this.life) Object.assign(this, { status: null, report: null, trouble: sentence(error) });
            }
            this.changed(); // at once: where answers take longer than an interval there is always more to ask
        }
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
        const fresh = new Set(this.intervalsRead.take(lines.filter(line => !line.guests)));

        for (const line of lines)
            if (line.guests) this.series = line;
            else if (this.series && fresh.has(line))
                this.intervals.push({ ...line, bins: this.series.bins, guests: this.series.guests });
        while (this.intervals.length && this.intervals[0].t < this.intervalsRead.t - HOUR_S) this.intervals.shift();
    }

    // The last interval, or null where that is not how things are now.
    latest() {
        return this.report && this.intervals.length ? this.intervals.at(-1) : null;
    }

    // What time it is where the program runs, in seconds; null where it has not said.
    now() {
        const said = Date.parse(this.status?.at) / 1000;

        return said || this.intervalsRead.t || null;
    }

    // Of 7 days, newest first, as the history has them, each with its line's t, at and dry_run. Only what is new is
    // asked for.
    listChanges() {
        this.listing =
            this.listing ||
            this.askChanges().finally(() => {
                this.listing = null;
            });
        return this.listing;
    }

    async askChanges() {
        while (this.isRunning && !this.areChangesKnown) {
            const life = this.life;

            this.areChangesKnown = true; // or are being asked for
            try {
                const lines = await this.pages("changes", this.changesRead.t);

                if (life !== this.life) continue;
                const fresh = this.changesRead
                    .take(lines)
                    .flatMap(line =>
                        line.changes.map(change => ({ ...change, t: line.t, at: line.at, dry_run: line.dry_run })),
                    );
                this.changes = [...fresh.reverse(), ...this.changes];
            } catch (error) {
                if (life === this.life) this.areChangesKnown = false;
                throw error;
            }
        }
        return this.changes;
    }

    // Of a guest, {name, uuid}: a name may read like another one's UUID.
    why(guest) {
        return this.askJson("Why", "s", guest.uuid || guest.name);
    }

    settings() {
        return this.askJson("Config");
    }

    // The pause of everything, or null.
    pause() {
        return this.status?.paused.find(pause => !pause.guest) || null;
    }

    // The pause of that guest alone, {name, uuid}, or null.
    pauseOf(guest) {
        return this.status?.paused.find(pause => pause.guest && isCalled(guest, pause.guest)) || null;
    }

    isPaused(guest) {
        return Boolean(this.pause() || this.pauseOf(guest));
    }
}

// What reads as a UUID is one, whoever else is named so.
function isCalled(guest, name) {
    return IS_UUID.test(name) ? name.toLowerCase() === guest.uuid : name === guest.name;
}

// What a program is told about a guest: people know it by its name.
export function nameToTell(guest) {
    return IS_UUID.test(guest.name) && guest.uuid ? guest.uuid : guest.name;
}

// The page's own file with that switch in it; all else in it stays.
export function withSwitch(text, section, acts) {
    const act = `act = ${acts ? "yes" : "no"}`,
        lines = (text || "# Written by Evenkeel's page in Cockpit.\n").replace(/\n$/, "").split("\n"),
        head = lines.findIndex(line => line.trim() === `[${section}]`);

    if (head < 0) return [...lines, `[${section}]`, act, ""].join("\n");
    const behind = lines.slice(head + 1).findIndex(line => /^\s*\[/.test(line)),
        own = lines.slice(head + 1, behind < 0 ? lines.length : head + 1 + behind),
        at = own.findIndex(line => /^\s*act\s*[=:]/.test(line));

    lines.splice(head + 1 + Math.max(at, 0), at < 0 ? 0 : 1, act);
    return [...lines, ""].join("\n");
}

// Writes what is switched and has that program read it, and no other. Where it refuses, or holds() says that
// something else counts, the file is as it was.
export async function writeSwitch(program, acts, holds) {
    const file = cockpit.file(SETTINGS_FILE, { superuser: "require" });
    let before = null;

    try {
        await file.modify(text => {
            before = text;
            return withSwitch(text, program.key, acts);
        });
        try {
            await program.tell("Reload");
            await holds();
        } catch (error) {
            await file.replace(before);
            throw error;
        }
    } finally {
        file.close();
    }
}
