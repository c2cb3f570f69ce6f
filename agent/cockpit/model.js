// SPDX-License-Identifier: GPL-3.0-or-later
// What both programs say, as the views want it. What is not known is null here, and no view shows it as 0.
import { day, mib } from "./draw.js";

// What is worth a word: less is noise of readings. evenkeelctl top has the same.
const LEAST_WAITING_PCT = 5,
    LEAST_WAITING_SHARE = 0.2,
    LEAST_MISSING_SHARE = 0.02;

const inMib = kib => kib / 1024;
const mean = values => (values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null);

export const byName = (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true });
export const count = (n, one, many = one + "s") => `${n} ${n === 1 ? one : many}`;

// "0-3,8" as numbers.
function members(pcpus) {
    return pcpus.split(",").flatMap(range => {
        const [from, to] = range.split("-").map(Number);

        return Array.from({ length: (to ?? from) - from + 1 }, (_, k) => from + k);
    });
}

// ---- pCPUs ----

// Whom the scheduler's report means by a name as it is shown. Long names are cut, and two may look alike.
function whoIsShown(report) {
    const guests = new Map();

    for (const guest of report.guests || []) guests.set(guest.name, guests.has(guest.name) ? null : guest.guest);
    return guests;
}

// Those vCPUs by guest: [{name, shown, n}]; name is null where two guests are shown as one. A vCPU is written
// guest/number.
function held(vcpus, who) {
    const guests = new Map();

    for (const vcpu of vcpus) {
        const shown = vcpu.slice(0, vcpu.lastIndexOf("/"));

        guests.set(shown, (guests.get(shown) || 0) + 1);
    }
    return [...guests].map(([shown, n]) => ({ name: who.get(shown) ?? null, shown, n }));
}

// Loads are what pCPUs ran, each mean over those of a set, and the fair share is its part by what it is worth.
function share(bins) {
    const load = bins.reduce((sum, bin) => sum + bin.load * bin.size, 0),
        worth = bins.reduce((sum, bin) => sum + bin.worth, 0);

    for (const bin of bins) bin.fair = worth > 0 ? ((load / worth) * bin.worth) / bin.size : null;
}

// [{name, level, size, load, background, fair, guests}] of what guests are planned on: pCPUs, or sets of them. What
// guests may not use, and what is wider than the level, is there where somebody is held on it.
export function binsOf(vcpu) {
    const report = vcpu.report;

    if (!report) return [];
    const who = whoIsShown(report),
        loads = new Map(report.pcpus.map(pcpu => [pcpu.id, pcpu.load_pct])),
        all = report.sets
            ? report.sets.map(set => ({ ...set, isPlanned: set.level === report.level, worth: set.worth_pcpus }))
            : report.pcpus.map(pcpu => ({
                  ...pcpu,
                  pcpus: String(pcpu.id),
                  level: "pcpu",
                  isPlanned: pcpu.use === "usable",
                  worth: 1,
              }));
    const isKnown = report.verdict !== "hold-observing"; // before that nothing was measured
    const bins = all
        .filter(one => one.isPlanned || one.vcpus.length)
        .map(one => {
            const own = members(one.pcpus);

            return {
                name: one.pcpus,
                level: one.level,
                isPlanned: one.isPlanned,
                size: own.length,
                worth: one.worth,
                load: isKnown ? mean(own.map(id => loads.get(id)).filter(load => load !== undefined)) : null,
                background: isKnown ? one.background_pct : null,
                fair: null,
                guests: held(one.vcpus, who),
            };
        });

    if (isKnown) share(bins.filter(bin => bin.isPlanned));
    return bins;
}

// ---- Guests ----

// What a guest waits, of the time in which it wants a pCPU.
export function waitingShare(guest) {
    return guest.waiting === null || guest.used === null || guest.waiting + guest.used <= 0
        ? null
        : guest.waiting / (guest.waiting + guest.used);
}

// What of its floor a guest lacks.
const missingShare = guest => (guest.missing > 0 ? guest.missing / guest.memory.floor : 0);
const waitsLong = guest => guest.waiting >= LEAST_WAITING_PCT && waitingShare(guest) >= LEAST_WAITING_SHARE;
const lacksMemory = guest => missingShare(guest) > LEAST_MISSING_SHARE;

// Whether a guest gets too little, and of what: "" is no, as far as is known.
function suffers(guest, bins) {
    const says = [],
        full = bins.filter(bin => guest.bins?.includes(bin.name) && bin.load >= 90);

    if (waitsLong(guest))
        says.push(
            `waits for a pCPU ${(100 * waitingShare(guest)).toFixed(0)} % of the time in which it wants one` +
                (full.length
                    ? `, held on ${full.map(bin => `pCPU ${bin.name}, ${bin.load.toFixed(0)} % busy`).join("; ")}`
                    : ""),
        );
    if (lacksMemory(guest)) says.push(`lacks ${mib(guest.missing)} of its floor of ${mib(guest.memory.floor)}`);
    return says.join(", and ");
}

// What the coordinator knows of a guest's memory, in MiB. A guest that can be believed has some unused.
function memoryOf(one) {
    const size = inMib(one.actual_kib),
        unused = one.unused_kib > 0 ? inMib(one.unused_kib) : null;

    return {
        state: one.state,
        held: size,
        unused,
        used: unused === null ? null : size - unused,
        target: inMib(one.target_kib),
        floor: inMib(one.floor_kib),
        ceiling: inMib(one.ceiling_kib),
        explain: one.explain,
    };
}

// Every guest that one of the programs knows, by name: the true one, and shown as people read it.
export function guestsOf(vcpu, memory) {
    const guests = new Map(),
        latest = vcpu.latest(),
        bins = binsOf(vcpu);

    for (const { name, guest, uuid } of [...(vcpu.report?.guests || []), ...(memory.report?.guests || [])])
        guests.set(guest, {
            name: guest,
            shown: name,
            uuid,
            ...{ bins: null, used: null, waiting: null, wants: null, memory: null, missing: null },
        });
    latest?.guests.forEach((name, k) => {
        const guest = guests.get(name),
            figure = values => (values[k] === null ? null : values[k] / 10);

        if (guest)
            Object.assign(guest, {
                used: figure(latest.used_permille),
                waiting: figure(latest.waiting_permille),
                wants: figure(latest.demand_permille),
            });
    });
    for (const [shown, name] of vcpu.report ? whoIsShown(vcpu.report) : []) if (name) guests.get(name).bins = [];
    for (const bin of bins) for (const { name } of bin.guests) guests.get(name)?.bins.push(bin.name);
    for (const one of memory.report?.guests || []) {
        const guest = guests.get(one.guest);

        guest.memory = memoryOf(one);
        // Without its word a guest's floor is what it holds.
        guest.missing = guest.memory.unused === null ? null : Math.max(0, guest.memory.floor - guest.memory.held);
    }
    for (const guest of guests.values()) {
        guest.paused = pausedBy(vcpu, memory, guest);
        guest.suffers = suffers(guest, bins);
        guest.trouble = (waitsLong(guest) ? guest.waiting : 0) + (lacksMemory(guest) ? 100 * missingShare(guest) : 0);
    }
    return [...guests.values()].sort(byName);
}

function pausedBy(vcpu, memory, guest) {
    const by = [vcpu.isPaused(guest) ? "vCPUs" : "", memory.isPaused(guest) ? "memory" : ""].filter(Boolean);

    return by.length === 2 || (by.length && vcpu.isRunning !== memory.isRunning)
        ? "paused"
        : by.length
          ? `${by[0]} paused`
          : "";
}

// ---- What is known ----

// The first few of them by name.
function some(guests) {
    const names = guests.slice(0, 3).map(guest => guest.shown);

    return names.join(", ") + (guests.length > names.length ? ` and ${guests.length - names.length} more` : "");
}

// Within a sentence.
export const inText = program => program.label.charAt(0).toLowerCase() + program.label.slice(1);

// Why the program has nothing to tell, or "" where it has.
function whyNothing(program) {
    if (program.isBusLost) return "the system's bus cannot be reached";
    if (!program.isRunning) return `${inText(program)} does not run`;
    if (program.trouble) return `${inText(program)} does not answer`;
    if (!program.report) return `${inText(program)} has not looked yet, or waits`;
    return program.report.verdict === "hold-observing" ? `${inText(program)} has looked only once` : "";
}

// Whether all that matters is known of all guests, and if not, in plain words what is not: {waiting, memory, gaps}.
export function whatIsKnown(vcpu, memory, guests) {
    const gaps = [],
        noCpu = whyNothing(vcpu),
        noMemory = whyNothing(memory),
        mute = guests.filter(guest => guest.used !== null && guest.waiting === null),
        silent = guests.filter(guest => guest.memory && guest.memory.unused === null);

    if (noCpu) gaps.push(`Who waits for a pCPU is not known: ${noCpu}.`);
    else if (mute.length)
        gaps.push(
            `How long ${mute.length === guests.length ? "guests" : some(mute)} waited for a pCPU is not known: ` +
                "the host does not tell it.",
        );
    if (noMemory) gaps.push(`Who lacks memory is not known: ${noMemory}.`);
    else if (silent.length === 1)
        gaps.push(`What ${silent[0].shown} uses of its memory is not known, so its size is left alone.`);
    else if (silent.length)
        gaps.push(
            `What these guests use of their memory is not known, so their sizes are left alone: ${some(silent)}.`,
        );
    return { waiting: !noCpu && !mute.length, memory: !noMemory && !silent.length, gaps };
}

// ---- Programs ----

const VERDICTS = {
    apply: "changes what its plan says",
    "hold-balanced": "leaves all as it is, which is even enough",
    "hold-idle": "leaves all as it is: there is no load worth balancing",
    "hold-observing": "is looking, and knows more from the next interval on",
    "hold-settling": "waits until what is new has settled",
    "hold-optimal": "leaves all as it is, which no plan betters",
    "hold-stopped": "leaves all as it is: it was told to stop",
    "hold-infeasible": "leaves all as it is: there is no plan that keeps every rule",
    "hold-floating": "lets vCPUs float: pins would have them wait longer",
    "hold-harmful": "leaves all as it is: its plan would harm somebody",
    "hold-unsafe": "leaves all as it is: its plan did not pass the check",
};

export const untilText = (pause, zone) => (pause.until ? day(pause.until, zone) : "it is resumed");

// One sentence about a program, behind its name.
export function headline(program) {
    const status = program.status;

    if (program.isBusLost) return "cannot be asked: the system's bus cannot be reached.";
    if (!program.isRunning) return "does not run.";
    if (program.trouble) return `does not answer: ${program.trouble}`;
    if (!status) return "is being asked.";
    if (program.pause()) return `is paused until ${untilText(program.pause(), program.zone)}: nothing is changed.`;
    if (status.verdict === "waiting") return "waits, and changes nothing.";
    if (!status.interval) return "runs and has not looked yet.";
    if (status.dry_run && status.moves) return `only looks: it would make ${count(status.moves, "change")}.`;
    return `${status.dry_run ? "only looks, and " : ""}${VERDICTS[status.verdict] || "says " + status.verdict}.`;
}

// What the plan is worth, and what proves it; "" where there is none.
export function proof(program) {
    const report = program.report;

    if (!report || report.gap === null || report.verdict === "hold-observing") return "";
    const figures = `objective ${report.objective.toFixed(3)}, bound ${report.bound.toFixed(3)}`;

    return report.gap < 1e-6
        ? `Proven: no plan is better (${figures}).`
        : `The best plan is at most ${(100 * report.gap).toFixed(1)} % better (${figures}).`;
}

// What else the program says of an interval, in plain words.
export function facts(program) {
    const status = program.status || {},
        says = [];

    if (status.far_pct > 0)
        says.push(`Memory on other nodes than vCPUs costs ${status.far_pct.toFixed(1)} % of running.`);
    if (status.far_unknown > 0)
        says.push(`Of ${count(status.far_unknown, "guest")} nobody tells where their memory lies: it counts as near.`);
    if (status.interval && status.others === null)
        says.push("Whether something else moves guests on this host is not known.");
    return says;
}

// What somebody has to look at.
export function warnings(program) {
    const status = program.status || {},
        says = [];

    if (status.failed > 0)
        says.push(
            `${count(status.failed, "change")} of the last interval failed: Changes has them, with their reason.`,
        );
    if (status.not_kept) says.push(`Nothing is changed: ${status.not_kept}`);
    if (status.reload_trouble)
        says.push(`The configuration was not read again, and the one before is in force: ${status.reload_trouble}`);
    if (status.unasked > 0)
        says.push(
            (status.unasked === 1
                ? "1 running guest is not asked to report its memory: "
                : `${status.unasked} running guests are not asked to report their memory: `) +
                `'evenkeelctl doctor' says how${status.asks ? "" : ", and the setting 'observe = yes' does it"}.`,
        );
    for (const other of status.others || []) says.push(`${other.name} also moves guests on this host: ${other.advice}`);
    return says;
}

// What a change did, would do or failed to do, in words. The emulator has the I/O thread 0.
export function changeText(change) {
    const fate = change.failed ? "could not be " : change.dry_run ? "would be " : "";
    const done =
        { pin: "pinned", free: "set free", "put-back": "put back", reclaim: "shrunk", grant: "grown" }[change.do] ||
        change.do;
    const who =
        change.vcpu !== undefined
            ? `vCPU ${change.vcpu} `
            : change.iothread === undefined
              ? ""
              : change.iothread === 0
                ? "emulator "
                : `I/O thread ${change.iothread} `;

    if (change.to_mib !== undefined) return `${fate}${done} from ${change.from_mib} to ${change.to_mib} MiB`;
    return `${who}${fate}${done}${change.from ? ` from pCPU ${change.from}` : ""}${change.to ? ` to pCPU ${change.to}` : ""}`;
}
