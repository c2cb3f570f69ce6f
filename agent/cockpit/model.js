// SPDX-License-Identifier: GPL-3.0-or-later
// What both programs say, as the views want it.

import { printable } from "./draw.js";

// A vCPU is written guest/number, in characters that can be seen.
const guestOf = vcpu => vcpu.slice(0, vcpu.lastIndexOf("/"));

// [{name, level, load, background, demand, fair, guests: {name: vCPUs}}] of what is planned: pCPUs, or sets of them.
export function binsOf(vcpu) {
    const report = vcpu.report,
        latest = vcpu.latest();

    if (!report) return [];
    const known = report.sets || report.pcpus.filter(pcpu => pcpu.use === "usable" || pcpu.vcpus.length);

    return known.map(bin => {
        const name = report.sets ? bin.pcpus : String(bin.id),
            at = latest ? latest.bins.indexOf(name) : -1,
            guests = new Map();

        for (const one of bin.vcpus) guests.set(guestOf(one), (guests.get(guestOf(one)) || 0) + 1);
        return {
            name,
            guests,
            level: report.level,
            load: at >= 0 ? latest.load_permille[at] / 10 : report.sets ? null : bin.load_pct,
            background: at >= 0 ? latest.background_permille[at] / 10 : bin.background_pct,
            fair: at >= 0 ? latest.fair_permille[at] / 10 : null,
            demand: report.sets ? bin.demand_pct / Math.max(bin.worth_pcpus, 1e-9) : bin.demand_pct,
        };
    });
}

// Whether a guest gets too little, and of what: "" is no.
function suffers(guest, bins) {
    const says = [],
        full = bins.filter(bin => guest.bins.includes(bin.name) && bin.load >= 90);

    if (guest.waiting >= 10)
        says.push(
            `waits for a pCPU ${guest.waiting.toFixed(0)} % of the time that it runs` +
                (full.length
                    ? `, held on ${full.map(bin => `pCPU ${bin.name}, ${bin.load.toFixed(0)} % busy`).join("; ")}`
                    : ""),
        );
    if (guest.missing > 0) says.push(`${guest.missing} MiB under its floor`);
    return says.join(", ");
}

// Every guest that one of the programs knows, by name.
export function guestsOf(vcpu, memory) {
    const guests = new Map(),
        latest = vcpu.latest(),
        shown = new Map(),
        bins = binsOf(vcpu);
    const of = name => {
        if (!guests.has(name)) {
            guests.set(name, { name, bins: [], used: null, waiting: null, memory: null, missing: 0 });
            shown.set(printable(name), name);
        }
        return guests.get(name);
    };

    if (latest)
        latest.guests.forEach((name, k) => {
            of(name).used = latest.used_permille[k] / 10;
            of(name).waiting = latest.waiting_permille[k] / 10;
        });
    for (const bin of bins) for (const name of bin.guests.keys()) of(shown.get(name) || name).bins.push(bin.name);
    for (const one of memory.report ? memory.report.guests : []) {
        const guest = of(one.guest);

        guest.memory = {
            state: one.state,
            held: one.actual_kib / 1024,
            unused: one.unused_kib === null ? null : one.unused_kib / 1024,
            target: one.target_kib / 1024,
            floor: one.floor_kib / 1024,
            ceiling: one.ceiling_kib / 1024,
            explain: one.explain,
        };
        guest.missing = Math.max(0, Math.ceil(guest.memory.floor - guest.memory.held));
    }
    for (const guest of guests.values()) {
        guest.paused = vcpu.isPaused(guest.name) || memory.isPaused(guest.name);
        guest.suffers = suffers(guest, bins);
    }
    return [...guests.values()].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
}

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

// One sentence about a program, behind its name.
export function headline(program) {
    const status = program.status;

    if (!program.isRunning) return "does not run.";
    if (program.trouble) return `does not answer: ${program.trouble}`;
    if (!status || !status.verdict) return "runs and has not looked yet.";
    if (status.verdict === "waiting") return "waits for libvirt.";
    if (program.isPaused("")) return "is paused: nothing is changed.";
    if (status.dry_run && status.moves)
        return `only looks: it would make ${status.moves} ${status.moves === 1 ? "change" : "changes"}.`;
    return `${status.dry_run ? "only looks, and " : ""}${VERDICTS[status.verdict] || "says " + status.verdict}.`;
}

// What the plan is worth, and what proves it.
export function proof(program) {
    const report = program.report;

    if (!report || report.gap === null) return "";
    const figures = `objective ${report.objective.toFixed(3)}, bound ${report.bound.toFixed(3)}`;

    return report.gap < 1e-6
        ? `Proven: no plan is better (${figures}).`
        : `The best plan is at most ${(100 * report.gap).toFixed(1)} % better (${figures}).`;
}

// What a change did, would do or failed to do, in words. The emulator has the I/O thread 0.
export function changeText(change) {
    const fate = change.failed ? "failed: " : change.dry_run ? "would be: " : "";
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
    return `${fate}${who}${done}${change.from ? ` from pCPU ${change.from}` : ""}${change.to ? ` to pCPU ${change.to}` : ""}`;
}
