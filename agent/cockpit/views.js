// SPDX-License-Identifier: GPL-3.0-or-later
// What the page shows of the present. A view is drawn from what is known and asks nobody.
import { bar, clock, html, mib, number, percent, printable, table } from "./draw.js";
import { binsOf, guestsOf, headline, proof } from "./model.js";

const button = (text, onclick, attributes = {}) => html("button", { type: "button", onclick, ...attributes }, text);
const capital = text => text.charAt(0).toUpperCase() + text.slice(1);
const name = text => html("bdi", {}, printable(text));

function hands(program) {
    const others = program.status && program.status.others ? program.status.others : [];

    return others.map(one =>
        html("p", { class: "warning" }, `${one.name} also moves guests on this host: ${one.advice}`),
    );
}

// One program: what it does, why, the proof, and what one may tell it.
function card(program, tell) {
    const status = program.status || {},
        paused = program.isPaused("");

    return html(
        "article",
        { class: "card", "data-program": program.key },
        html("h2", {}, program.label),
        html("p", { class: "state" }, capital(headline(program))),
        status.note ? html("p", {}, printable(capital(status.note)) + ".") : null,
        program.isRunning ? html("p", { class: "proof" }, proof(program)) : null,
        status.reload_trouble ? html("p", { class: "warning" }, printable(status.reload_trouble)) : null,
        status.not_kept ? html("p", { class: "warning" }, printable(status.not_kept)) : null,
        ...hands(program),
        program.isRunning
            ? html(
                  "p",
                  { class: "actions" },
                  paused
                      ? button("Resume", () => tell(program, "Resume", "s", ""), {
                            "aria-label": `Resume ${program.label}`,
                        })
                      : button("Pause", () => tell(program, "Pause", "st", "", 0), {
                            "aria-label": `Pause ${program.label}`,
                        }),
                  button("Reload settings", () => tell(program, "Reload"), {
                      "aria-label": `Have ${program.label} read its configuration again`,
                  }),
                  html(
                      "small",
                      {},
                      status.interval
                          ? ` interval ${status.interval}${status.at ? `, ${clock(Date.parse(status.at) / 1000)}` : ""}`
                          : "",
                  ),
              )
            : null,
    );
}

// Who gets too little, worst first.
function sufferers(guests, openWhy) {
    const worst = guests
        .filter(guest => guest.suffers)
        .sort((a, b) => b.missing - a.missing || b.waiting - a.waiting)
        .slice(0, 8);

    return html(
        "section",
        { class: "sufferers", "aria-label": "Guests that get too little" },
        html("h2", {}, "Who gets too little"),
        worst.length
            ? html(
                  "ul",
                  {},
                  ...worst.map(guest =>
                      html(
                          "li",
                          {},
                          button(printable(guest.name), () => openWhy(guest.name), { class: "link" }),
                          " ",
                          guest.suffers,
                          ".",
                      ),
                  ),
              )
            : html(
                  "p",
                  {},
                  guests.length
                      ? "Nobody: no guest waits long for a pCPU, and none is under its memory floor."
                      : "No guest is known yet.",
              ),
    );
}

function binRow(bin, openWhy) {
    const guests = [...bin.guests.entries()],
        shown = guests.slice(0, 12),
        load = bin.load === null ? bin.demand : bin.load;
    const label = `${bin.level === "pcpu" ? "pCPU" : "pCPUs"} ${bin.name}: ${number(load)} % busy, of which ${number(bin.background)} % are other programs, fair share ${number(bin.fair)} %`;

    return html(
        "tr",
        {},
        html("th", { scope: "row" }, bin.name),
        html(
            "td",
            { class: "wide" },
            bar(
                label,
                100,
                [
                    { of: bin.background, kind: "background" },
                    { of: load - bin.background, kind: load > 100 ? "over" : "load" },
                ],
                [{ at: bin.fair, kind: "fair" }],
            ),
        ),
        html("td", { class: "figure" }, percent(load)),
        html(
            "td",
            {},
            ...shown.flatMap(([guest, n]) => [
                button(printable(guest), () => openWhy(guest), { class: "link" }),
                n > 1 ? `×${n} ` : " ",
            ]),
            guests.length > shown.length ? `and ${guests.length - shown.length} more` : "",
        ),
    );
}

export function now(programs, openWhy, tell) {
    const bins = binsOf(programs.vcpu),
        guests = guestsOf(programs.vcpu, programs.memory),
        report = programs.memory.report;
    const host = report ? report.host : null;

    return [
        html("div", { class: "cards" }, card(programs.vcpu, tell), card(programs.memory, tell)),
        sufferers(guests, openWhy),
        bins.length
            ? html(
                  "table",
                  { class: "bins" },
                  html(
                      "caption",
                      {},
                      `Load of ${bins[0].level === "pcpu" ? "each pCPU" : "each group of pCPUs"}: guests, `,
                      html("span", { class: "key background" }),
                      " other programs, ",
                      html("span", { class: "key fair" }),
                      " fair share",
                  ),
                  html(
                      "thead",
                      {},
                      html(
                          "tr",
                          {},
                          ...["pCPUs", "load", "", "guests that are held there"].map(text =>
                              html("th", { scope: "col" }, text),
                          ),
                      ),
                  ),
                  html("tbody", {}, ...bins.map(bin => binRow(bin, openWhy))),
              )
            : html("p", {}, "What pCPUs do is known while vcpu_scheduler runs."),
        host ? hostMemory(host) : null,
    ];
}

function hostMemory(host) {
    const total = host.total_kib / 1024,
        free = host.free_kib / 1024,
        reserve = host.reserve_kib / 1024,
        promised = host.promised_kib / 1024;
    const label = `Host memory: ${mib(Math.round(free))} free of ${mib(Math.round(total))}; ${mib(Math.round(reserve))} are kept for the host, ${mib(Math.round(promised))} are promised to guests`;

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
    );
}

export function guests(programs, state, openWhy, again) {
    const all = guestsOf(programs.vcpu, programs.memory),
        wanted = state.filter.toLowerCase();
    const rows = all
        .filter(guest => guest.name.toLowerCase().includes(wanted))
        .map(guest => ({ ...guest, kind: guest.suffers ? "suffers" : "" }));
    const head = [
        {
            name: "Guest",
            of: guest => button(printable(guest.name), () => openWhy(guest.name), { class: "link", title: "Why?" }),
            sort: guest => guest.name,
        },
        {
            name: "pCPUs",
            title: "where it is held; floating is anywhere",
            of: guest => (guest.bins.length ? guest.bins.join(" ") : guest.used === null ? "–" : "floating"),
            sort: guest => guest.bins.join(" "),
        },
        { name: "CPU used", title: "of one pCPU", of: guest => percent(guest.used), sort: guest => guest.used },
        {
            name: "Waits",
            title: "for a pCPU, in percent of the time that it runs",
            of: guest => percent(guest.waiting, 1),
            sort: guest => guest.waiting,
        },
        {
            name: "Memory",
            of: guest => (guest.memory ? mib(Math.round(guest.memory.held)) : "–"),
            sort: guest => (guest.memory ? guest.memory.held : null),
        },
        {
            name: "Missing",
            title: "under its floor",
            of: guest => (guest.memory ? mib(guest.missing) : "–"),
            sort: guest => guest.missing,
        },
        {
            name: "Is well",
            of: guest => (guest.paused ? "paused; " : "") + (guest.suffers || "yes"),
            sort: guest => guest.suffers,
        },
    ];

    return [table(`${rows.length} of ${all.length} guests`, head, rows, state, again)];
}

export function memory(programs) {
    const all = guestsOf(programs.vcpu, programs.memory).filter(guest => guest.memory),
        report = programs.memory.report;

    if (!report) return [html("p", {}, "Guests' memory is known while memory_coordinator runs.")];
    const most = Math.max(1, ...all.map(guest => guest.memory.ceiling));

    return [
        hostMemory(report.host),
        html(
            "table",
            { class: "bins" },
            html(
                "caption",
                {},
                "Memory of each guest: used, ",
                html("span", { class: "key unused" }),
                " unused, ",
                html("span", { class: "key floor" }),
                " floor, ",
                html("span", { class: "key target" }),
                " target; a bar ends at the largest ceiling",
            ),
            html(
                "thead",
                {},
                html(
                    "tr",
                    {},
                    ...["guest", "memory", "holds", "target", "floor", "ceiling", "state"].map(text =>
                        html("th", { scope: "col" }, text),
                    ),
                ),
            ),
            html("tbody", {}, ...all.map(guest => memoryRow(guest, most))),
        ),
    ];
}

function memoryRow(guest, most) {
    const it = guest.memory,
        used = it.unused === null ? it.held : it.held - it.unused;
    const label = `${printable(guest.name)}: ${mib(Math.round(used))} used of ${mib(Math.round(it.held))}, floor ${mib(Math.round(it.floor))}, target ${mib(Math.round(it.target))}, ceiling ${mib(Math.round(it.ceiling))}`;

    return html(
        "tr",
        { title: it.explain ? printable(it.explain) : null },
        html("th", { scope: "row" }, name(guest.name)),
        html(
            "td",
            { class: "wide" },
            bar(
                label,
                most,
                [
                    { of: used, kind: guest.missing ? "over" : "load" },
                    { of: it.held - used, kind: "unused" },
                ],
                [
                    { at: it.floor, kind: "floor" },
                    { at: it.target, kind: "target" },
                    { at: it.ceiling, kind: "ceiling" },
                ],
            ),
        ),
        ...[it.held, it.target, it.floor, it.ceiling].map(size =>
            html("td", { class: "figure" }, Math.round(size).toLocaleString()),
        ),
        html("td", {}, it.state),
    );
}
