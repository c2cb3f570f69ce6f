// SPDX-License-Identifier: GPL-3.0-or-later
// What the page shows of the past, and of settings. A view is drawn from what is known and asks nobody.
import { clock, day, heatMap, html, key, lineChart, printable, table } from "./draw.js";
import { changeText, headline, inText } from "./model.js";

const MOST_LINES = 8; // of a chart; more are a map
const MOST_CHANGES = 500; // of a table

// What each bin was over the hour.
function loadsOf(intervals) {
    const points = new Map();

    for (const line of intervals)
        line.bins.forEach((bin, k) => {
            const load = line.load_permille[k];

            if (!points.has(bin)) points.set(bin, []);
            points.get(bin).push([line.t, load === null ? null : load / 10]);
        });
    return [...points.entries()].map(([bin, list], k) => ({ name: printable(bin), kind: "shade-" + k, points: list }));
}

// Two members of the intervals beside each other, [name, member] each; the second one is dashed.
function pair(title, label, unit, span, intervals, solid, dashed, events) {
    const series = [solid, dashed].map(([name, member], k) => ({
        name,
        kind: k ? "second" : "first",
        points: intervals.map(line => [line.t, line[member]]),
    }));

    return [
        html("h2", {}, title),
        lineChart(label, unit, span, series, events),
        html("p", { class: "legend" }, ...series.map(one => key(one.kind, one.name))),
    ];
}

function loadsChart(span, intervals, events) {
    const loads = loadsOf(intervals),
        isOfSets = loads.some(one => /[,-]/.test(one.name)),
        title = html("h2", {}, isOfSets ? "Load of each group of pCPUs" : "Load of each pCPU"),
        label = `${title.textContent} over the last hour`;

    if (loads.length > MOST_LINES)
        return [
            title,
            heatMap(label, span, loads, 100, events),
            html("p", { class: "legend" }, "The darker, the busier. Point at a place to read its figures."),
        ];
    return [
        title,
        lineChart(label, "%", span, loads, events),
        html("p", { class: "legend" }, ...loads.map(one => key(one.kind, one.name))),
    ];
}

function eventsOf(program, from) {
    return program.changes
        .filter(change => change.t >= from)
        .map(change => ({
            t: change.t,
            text: `${clock(change.t, program.zone)} ${printable(change.guest)} ${changeText(change)}: ${printable(change.reason)}`,
        }));
}

// UTC+01:00
function zoneText(zone) {
    const of = minutes => String(minutes).padStart(2, "0");

    return `UTC${zone < 0 ? "-" : "+"}${of(Math.floor(Math.abs(zone) / 60))}:${of(Math.abs(zone) % 60)}`;
}

// The last hour by the clock of the programs.
function spanOf(both) {
    const known = both.filter(program => program.intervals.length),
        to = Math.max(...known.map(program => program.now())),
        first = Math.min(...known.map(program => program.intervals[0].t));

    return known.length ? { from: Math.max(to - 3600, Math.min(first, to - 20)), to, zone: known[0].zone } : null;
}

export function hour(programs) {
    // The first look of a program measures nothing.
    const vcpus = programs.vcpu.intervals.filter(line => line.verdict !== "hold-observing"),
        sizes = programs.memory.intervals,
        span = spanOf([programs.vcpu, programs.memory]);

    if (!span)
        return [html("p", { class: "gap" }, "Nothing is known of the last hour: no program has told of it yet.")];
    const moves = eventsOf(programs.vcpu, span.from),
        steps = eventsOf(programs.memory, span.from),
        parts = [];

    if (vcpus.length)
        parts.push(
            ...pair(
                "How uneven the pCPUs are",
                "Sigma, the spread of the pCPUs' loads, and the least that any placement could have",
                "%",
                span,
                vcpus,
                ["sigma, the spread of the pCPUs' loads", "sigma_pct"],
                ["proven least", "least_pct"],
                moves,
            ),
            ...loadsChart(span, vcpus, moves),
            ...pair(
                "Waiting",
                "Waiting for a pCPU, in percent of running: measured, and expected if all floated",
                "%",
                span,
                vcpus,
                ["waited for a pCPU, in percent of running", "waiting_pct"],
                ["expected if all floated", "floating_pct"],
            ),
        );
    if (sizes.length)
        parts.push(
            ...pair(
                "Host memory",
                "Free memory of the host, and what is kept for it",
                "MiB",
                span,
                sizes,
                ["free", "free_mib"],
                ["kept for the host", "reserve_mib"],
                steps,
            ),
        );
    return [
        html(
            "p",
            { class: "legend" },
            `Triangles are changes: point at one to read why. Times are the host's, ${zoneText(span.zone)}.`,
        ),
        ...parts,
    ];
}

// Of both programs. shown is guests' names as people read them, by the true ones.
export function changes(both, shown, state, openWhy, again) {
    const wanted = state.filter.toLowerCase(),
        all = both
            .flatMap(program => program.changes.map(change => ({ ...change, when: whenOf(change, program.zone) })))
            .filter(change => change.guest.toLowerCase().includes(wanted))
            .sort((a, b) => b.t - a.t),
        rows = all.slice(0, MOST_CHANGES).map(change => ({ ...change, kind: change.failed ? "suffers" : "" }));
    const head = [
        { name: "When", kind: "when", of: change => change.when, sort: change => change.t },
        {
            name: "Guest",
            of: change =>
                html(
                    "button",
                    {
                        type: "button",
                        class: "link",
                        title: printable(change.guest),
                        onclick: () => openWhy(change.guest),
                    },
                    printable(shown.get(change.guest) || change.guest),
                ),
            sort: change => change.guest,
        },
        { name: "What", kind: "what", of: changeText },
        { name: "Why", kind: "long", of: change => printable(change.reason) },
    ];
    const unknown = both.filter(program => !program.isRunning || program.trouble);

    return [
        ...unknown.map(program =>
            html("p", { class: "gap" }, `Changes of ${inText(program)} are not known: it ${headline(program)}`),
        ),
        table(
            [
                rows.length < all.length
                    ? `The newest ${rows.length} of ${all.length} changes`
                    : `${all.length} changes of the last 7 days`,
                `; times are the host's, ${zoneText(both[0].zone)}`,
            ],
            head,
            rows,
            state,
            again,
        ),
    ];
}

// As the host's clock showed it then.
export const whenOf = (change, zone) => (change.at ? change.at.slice(0, 19).replace("T", " ") : day(change.t, zone));

export function settings(program, config) {
    return html(
        "details",
        { "data-program": program.key },
        html("summary", {}, `All settings of ${inText(program)}`),
        html(
            "table",
            {},
            html("caption", {}, "What is in force, and where it is from"),
            html(
                "thead",
                {},
                html("tr", {}, ...["setting", "value", "from"].map(text => html("th", { scope: "col" }, text))),
            ),
            html(
                "tbody",
                {},
                ...config.settings.map(one =>
                    html(
                        "tr",
                        {},
                        html("th", { scope: "row" }, one.key),
                        html("td", {}, printable(one.value ?? "–")),
                        html("td", {}, printable(one.origin)),
                    ),
                ),
            ),
        ),
    );
}
