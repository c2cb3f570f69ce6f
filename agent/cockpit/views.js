// SPDX-License-Identifier: GPL-3.0-or-later
// What the page shows of the present. A view is drawn from what is known and asks nobody.
import { bar, html, key, mib, percent, printable, table, UNKNOWN } from "./draw.js";
import { binsOf, facts, guestsOf, headline, proof, untilText, waitingShare, warnings, whatIsKnown } from "./model.js";

const MOST_BINS = 32; // at once: who has more of them looks for the uneven ones

const button = (text, onclick, attributes = {}) => html("button", { type: "button", onclick, ...attributes }, text);
const capital = text => text.charAt(0).toUpperCase() + text.slice(1);
const paragraphs = (texts, attributes = {}) => texts.map(text => html("p", attributes, printable(text)));
// A name, which says all of itself where it is shown cut.
const link = (guest, openWhy) =>
    button(printable(guest.shown), () => openWhy(guest.name), {
        class: "link",
        title: guest.name === guest.shown ? "Why is it where it is?" : printable(guest.name),
    });

// ---- Now ----

function actions(program, tell) {
    const report = program.report,
        isPaused = Boolean(program.pause()),
        when = report?.at ? `, ${report.at.slice(11, 19)}` : "";

    return html(
        "p",
        { class: "actions" },
        isPaused
            ? button("Resume", () => tell(program, "Resume", "s", ""), { "aria-label": `Resume ${program.label}` })
            : button("Pause", () => tell(program, "Pause", "st", "", 0), { "aria-label": `Pause ${program.label}` }),
        button("Reload settings", () => tell(program, "Reload"), {
            "aria-label": `Have ${program.label} read its configuration again`,
        }),
        html("small", {}, report ? `interval ${report.interval}${when}` : ""),
    );
}

// One program: what it does, why, the proof, and what one may tell it.
function card(program, tell) {
    const note = (program.report || program.status)?.note, // of one interval with what is proven
        alone = (program.status?.paused || []).filter(one => one.guest);

    return html(
        "article",
        { class: "card", "data-program": program.key },
        html("h2", {}, program.label),
        html("p", { class: "state" }, capital(headline(program))),
        program.isRunning || program.isBusLost
            ? null
            : html("p", {}, "Start it: ", html("code", {}, `systemctl start evenkeel-${program.key}`)),
        note ? html("p", {}, capital(printable(note)).replace(/\.?$/, ".")) : null,
        ...(program.isRunning ? paragraphs([proof(program)].filter(Boolean), { class: "proof" }) : []),
        alone.length
            ? html(
                  "p",
                  {},
                  "Left alone: ",
                  alone.map(one => `${printable(one.name || one.guest)} until ${untilText(one, program.zone)}`).join(", "),
                  ".",
              )
            : null,
        ...paragraphs(warnings(program), { class: "warning" }),
        ...paragraphs(facts(program), { class: "fact" }),
        program.isRunning ? actions(program, tell) : null,
    );
}

// Who gets too little, worst first, and of whom that is not known.
function sufferers(guests, known, openWhy) {
    const all = guests.filter(guest => guest.suffers).sort((a, b) => b.trouble - a.trouble),
        worst = all.slice(0, 8);
    const nobody = [
        known.waiting ? "no guest waits long for a pCPU" : "",
        known.memory ? "none is under its memory floor" : "",
    ].filter(Boolean);

    return html(
        "section",
        { class: "sufferers", "aria-label": "Guests that get too little" },
        html("h2", {}, "Who gets too little"),
        worst.length
            ? html("ul", {}, ...worst.map(guest => html("li", {}, link(guest, openWhy), ` ${guest.suffers}.`)))
            : nobody.length
              ? html("p", {}, `Nobody${known.gaps.length ? ", as far as is known" : ""}: ${nobody.join(", and ")}.`)
              : null,
        all.length > worst.length ? html("p", {}, `And ${all.length - worst.length} more: see Guests.`) : null,
        ...paragraphs(known.gaps, { class: "gap" }),
    );
}

const binTitle = bin => `${bin.level === "pcpu" ? "pCPU" : "pCPUs"} ${bin.name}`;

function binRow(bin, openWhy) {
    const shown = bin.guests.slice(0, 12),
        isKnown = bin.load !== null,
        background = Math.min(bin.background, bin.load);
    const label = isKnown
        ? `${binTitle(bin)}: ${percent(bin.load)} busy, of which ${percent(background)} are other programs, fair share ${percent(bin.fair)}`
        : `${binTitle(bin)}: how busy is not known yet`;
    const parts = [
        { of: background, kind: "background" },
        { of: bin.load - background, kind: "load" },
    ];

    return html(
        "tr",
        {},
        html("th", { scope: "row" }, bin.name, bin.isPlanned ? "" : html("small", {}, " not planned on")),
        html(
            "td",
            { class: "wide" },
            bar(label, 100, isKnown ? parts : null, isKnown ? [{ at: bin.fair, kind: "fair" }] : []),
        ),
        html("td", { class: isKnown ? "number" : "number unknown" }, percent(bin.load)),
        html(
            "td",
            { class: "held" },
            ...shown.flatMap(guest => [
                guest.name === null ? printable(guest.shown) : link(guest, openWhy),
                guest.n > 1 ? `×${guest.n} ` : " ",
            ]),
            bin.guests.length > shown.length ? `and ${bin.guests.length - shown.length} more` : "",
        ),
    );
}

// Those that are furthest from their fair share, in their order, where there are too many of them.
function uneven(bins) {
    const distance = bin => Math.abs(bin.load - bin.fair),
        furthest = [...bins].sort((a, b) => distance(b) - distance(a)).slice(0, MOST_BINS);

    return bins.filter(bin => furthest.includes(bin));
}

function binTable(bins, state, openWhy, again) {
    const isCut = bins.length > MOST_BINS && !state.isWhole,
        shown = isCut ? uneven(bins) : bins,
        what = bins[0].level === "pcpu" ? "each pCPU" : "each group of pCPUs";

    return html(
        "div",
        {},
        html(
            "table",
            { class: "bins" },
            html(
                "caption",
                {},
                `Load of ${what}${isCut ? `; ${shown.length} of ${bins.length}, those furthest from their fair share` : ""}: `,
                ...[key("load", "guests"), " ", key("background", "other programs"), " ", key("fair", "fair share")],
            ),
            html(
                "thead",
                {},
                html(
                    "tr",
                    {},
                    html("th", { scope: "col" }, bins[0].level === "pcpu" ? "pCPU" : "pCPUs"),
                    html("th", { scope: "col" }, "load"),
                    html("th", { scope: "col", class: "number" }, "busy"),
                    html("th", { scope: "col" }, "guests held there"),
                ),
            ),
            html("tbody", {}, ...shown.map(bin => binRow(bin, openWhy))),
        ),
        bins.length > MOST_BINS
            ? button(state.isWhole ? "Show only the uneven ones" : `Show all ${bins.length}`, () => {
                  state.isWhole = !state.isWhole;
                  again();
              })
            : null,
    );
}

export function now(programs, state, openWhy, tell, again) {
    const { vcpu, memory } = programs,
        bins = binsOf(vcpu),
        guests = guestsOf(vcpu, memory);

    return [
        html("div", { class: "cards" }, card(vcpu, tell), card(memory, tell)),
        sufferers(guests, whatIsKnown(vcpu, memory, guests), openWhy),
        memory.report ? hostMemory(memory.report.host) : null,
        bins.length ? binTable(bins, state, openWhy, again) : null,
    ];
}

function hostMemory(host) {
    const [total, free, reserve, promised] = [host.total_kib, host.free_kib, host.reserve_kib, host.promised_kib].map(
        kib => kib / 1024,
    );
    const label = `Host memory: ${mib(free)} free of ${mib(total)}; ${mib(reserve)} are kept for the host, ${mib(promised)} are promised to guests`;

    return html(
        "figure",
        {},
        bar(
            label,
            total,
            [
                { of: total - free, kind: "load" },
                { of: Math.min(promised, free), kind: "promised" },
            ],
            [{ at: total - reserve, kind: "fair" }],
        ),
        html("figcaption", {}, label + "."),
        html(
            "p",
            { class: "legend" },
            ...[
                key("load", "used"),
                key("promised", "promised to guests"),
                key("fair", "where the host's part begins"),
            ],
        ),
    );
}

// ---- Guests ----

const isWanted = (guest, filter) =>
    [guest.name, guest.shown].some(name => name.toLowerCase().includes(filter.toLowerCase()));

function where(guest) {
    if (!guest.bins) return UNKNOWN;
    return guest.bins.length ? guest.bins.join(" ") : "floating";
}

// How a guest is, as far as that is known.
function wellness(guest, noCpu, noMemory) {
    const unknown = [
        !noCpu && guest.waiting === null ? "waiting" : "",
        !noMemory && guest.memory && guest.memory.unused === null ? "memory" : "",
    ].filter(Boolean);
    const says =
        guest.suffers ||
        (unknown.length ? `${unknown.join(" and ")} unknown` : noCpu || noMemory ? "as far as is known" : "yes");

    return [guest.paused, says].filter(Boolean).join("; ");
}

export function guests(programs, state, openWhy, again) {
    const { vcpu, memory } = programs,
        all = guestsOf(vcpu, memory),
        known = whatIsKnown(vcpu, memory, all);
    const rows = all
        .filter(guest => isWanted(guest, state.filter))
        .map(guest => ({ ...guest, kind: guest.suffers ? "suffers" : "" }));
    const figure = (name, title, of, show) => ({
        name,
        title,
        kind: "number",
        of: guest => show(of(guest)),
        sort: of,
    });
    const head = [
        { name: "Guest", of: guest => link(guest, openWhy), sort: guest => guest.name },
        {
            name: "Held on",
            title: "pCPUs; floating is anywhere",
            of: where,
            sort: guest => guest.bins && guest.bins.join(" "),
        },
        figure("Runs", "in percent of one pCPU", guest => guest.used, percent),
        figure(
            "Waits",
            "for a pCPU, in percent of the time in which it wants one",
            guest => (waitingShare(guest) === null ? guest.waiting : 100 * waitingShare(guest)),
            percent,
        ),
        figure("Wants", "in percent of one pCPU", guest => guest.wants, percent),
        figure("Holds", "memory", guest => guest.memory && guest.memory.held, mib),
        figure("Lacks", "memory, under its floor", guest => guest.missing, mib),
        {
            name: "Is well",
            kind: "long",
            of: guest => wellness(guest, !vcpu.report, !memory.report),
            sort: guest => -guest.trouble,
        },
    ];

    return [
        ...paragraphs(known.gaps, { class: "gap" }),
        table([`${rows.length} of ${all.length} guests`], head, rows, state, again),
    ];
}

// ---- Memory ----

const STATES = {
    ok: "ok",
    learning: "too new to judge",
    slow: "moves, but late",
    stuck: "does not move when asked",
    silent: "reports nothing believable",
    refused: "its balloon refused",
    keeping: "shrank, and kept its pages",
    left: "somebody else sets its size",
    fixed: "not ours to change",
};

function memoryBar(guest, most) {
    const it = guest.memory,
        sizes = `floor ${mib(it.floor)}, target ${mib(it.target)}, ceiling ${mib(it.ceiling)}`,
        used = it.used === null ? "how much of it is used is not known" : `${mib(it.used)} used`;

    return bar(
        `${printable(guest.shown)}: holds ${mib(it.held)}, ${used}, ${sizes}`,
        most,
        it.used === null
            ? [{ of: it.held, kind: "unknown" }]
            : [
                  { of: it.used, kind: guest.missing > 0 && guest.suffers ? "over" : "load" },
                  { of: it.unused, kind: "unused" },
              ],
        [
            { at: it.floor, kind: "floor" },
            { at: it.target, kind: "target" },
            { at: it.ceiling, kind: "ceiling" },
        ],
    );
}

export function memory(programs, state, openWhy, again) {
    const report = programs.memory.report,
        all = guestsOf(programs.vcpu, programs.memory).filter(guest => guest.memory),
        rows = all.filter(guest => isWanted(guest, state.filter)),
        known = whatIsKnown(programs.vcpu, programs.memory, all);

    if (!report) return [html("p", { class: "gap" }, known.gaps.at(-1))];
    const most = Math.max(1, ...all.map(guest => guest.memory.ceiling));
    const size = (name, title, of) => ({
        name,
        title,
        kind: "number",
        of: guest => (of(guest.memory) === null ? UNKNOWN : Math.round(of(guest.memory)).toLocaleString()),
        sort: guest => of(guest.memory),
    });
    const head = [
        { name: "Guest", of: guest => link(guest, openWhy), sort: guest => guest.name },
        { name: "Memory", kind: "wide", of: guest => memoryBar(guest, most) },
        size("Holds", "MiB", it => it.held),
        size("Used", "MiB, as the guest reports", it => it.used),
        size("Target", "MiB, to which it is brought", it => it.target),
        size("Floor", "MiB, the least that it is given", it => it.floor),
        size("Ceiling", "MiB, the most that it is given", it => it.ceiling),
        {
            name: "State",
            of: guest =>
                html(
                    "span",
                    { title: printable(guest.memory.explain || "") },
                    STATES[guest.memory.state] || guest.memory.state,
                ),
            sort: guest => guest.memory.state,
        },
    ];
    const caption = [
        `${rows.length} of ${all.length} guests, in MiB: `,
        ...[
            ["load", "used"],
            ["unused", "unused"],
            ["unknown", "not known"],
            ["floor", "floor"],
            ["target", "target"],
            ["ceiling", "ceiling"],
        ].flatMap(([kind, text]) => [key(kind, text), " "]),
        "A bar ends at the largest ceiling.",
    ];

    return [hostMemory(report.host), table(caption, head, rows, state, again)];
}
