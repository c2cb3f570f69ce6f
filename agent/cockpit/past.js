// SPDX-License-Identifier: GPL-3.0-or-later
// What the page shows of the past, and of settings. A view is drawn from what is known and asks nobody.
import { clock, day, heatMap, html, lineChart, printable, table } from "./draw.js";
import { changeText } from "./model.js";

const MOST_LINES = 8; // of a chart; more are a map
const name = text => html("bdi", {}, printable(text));

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

    return [html("h2", {}, title), lineChart(label, unit, span.from, span.to, series, events)];
}

function loadsChart(span, intervals, events) {
    const loads = loadsOf(intervals),
        title = html("h2", {}, "Load of each bin"),
        label = "Load of each bin over the last hour";

    if (loads.length > MOST_LINES) return [title, heatMap(label, span.from, span.to, loads, 100, events)];
    return [
        title,
        lineChart(label, "%", span.from, span.to, loads, events),
        html(
            "p",
            { class: "legend" },
            "pCPUs: ",
            ...loads.flatMap(one => [html("span", { class: "key " + one.kind }), ` ${one.name} `]),
        ),
    ];
}

function eventsOf(program, from) {
    return program.changes
        .filter(change => change.t >= from)
        .map(change => ({
            t: change.t,
            text: `${clock(change.t)} ${printable(change.guest)} ${changeText(change)}: ${printable(change.reason)}`,
        }));
}

export function hour(programs) {
    const vcpus = programs.vcpu.intervals,
        sizes = programs.memory.intervals,
        to = Date.now() / 1000,
        first = Math.min(...[vcpus, sizes].map(lines => (lines.length ? lines[0].t : to))),
        span = { from: Math.max(to - 3600, Math.min(first, to - 20)), to },
        moves = eventsOf(programs.vcpu, span.from),
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
                ["sigma", "sigma_pct"],
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
                ["measured", "waiting_pct"],
                ["floating", "floating_pct"],
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
                ["reserve", "reserve_mib"],
                steps,
            ),
        );
    if (!parts.length) return [html("p", {}, "There is nothing of the last hour yet.")];
    return [
        html(
            "p",
            { class: "legend" },
            "A solid line is what was; a dashed one is the least, what floating would bring, or the reserve. " +
                "Triangles are changes: point at one to read why.",
        ),
        ...parts,
    ];
}

export function changes(lists, state, again) {
    const wanted = state.filter.toLowerCase(),
        all = lists
            .flat()
            .filter(change => change.guest.toLowerCase().includes(wanted))
            .sort((a, b) => b.t - a.t),
        rows = all.slice(0, 500);
    const head = [
        { name: "When", of: change => day(change.t), sort: change => change.t },
        { name: "Guest", of: change => name(change.guest), sort: change => change.guest },
        { name: "What", of: changeText },
        { name: "Why", of: change => printable(change.reason) },
    ];

    return [
        table(
            rows.length < all.length
                ? `The newest ${rows.length} of ${all.length} changes`
                : `${all.length} changes of the last 7 days`,
            head,
            rows,
            state,
            again,
        ),
    ];
}

export function settings(program, config) {
    return html(
        "details",
        {},
        html("summary", {}, `All settings of ${program.label}`),
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
