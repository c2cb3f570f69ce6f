// SPDX-License-Identifier: GPL-3.0-or-later
// What the page shows of the past, and of settings. A view is drawn from what is known and asks nobody.
import { clock, day, heatMap, html, lineChart, printable, table } from "./draw.js";
import { changeText } from "./model.js";

const MOST_LINES = 8; // of a chart; more are a map
const name = text => html("bdi", {}, printable(text));

// What each bin, or each guest, was over the hour.
function seriesOf(intervals, names, member, scale) {
    const points = new Map();

    for (const line of intervals)
        line[names].forEach((one, k) => {
            if (!points.has(one)) points.set(one, []);
            points.get(one).push([line.t, line[member][k] / scale]);
        });
    return [...points.entries()].map(([label, list]) => ({ name: printable(label), kind: "plain", points: list }));
}

export function hour(programs) {
    const to = Date.now() / 1000,
        intervals = programs.vcpu.intervals,
        sizes = programs.memory.intervals,
        parts = [];
    const first = Math.min(intervals.length ? intervals[0].t : to, sizes.length ? sizes[0].t : to),
        from = Math.max(to - 3600, Math.min(first, to - 20));
    const events = program =>
        program.changes.map(change => ({
            t: change.t,
            text: `${clock(change.t)} ${printable(change.guest)} ${changeText(change)}: ${printable(change.reason)}`,
        }));

    if (intervals.length) {
        const loads = seriesOf(intervals, "bins", "load_permille", 10);

        parts.push(
            html("h2", {}, "How uneven the pCPUs are"),
            lineChart(
                "Sigma, the spread of the pCPUs' loads, and the least that any placement could have",
                "%",
                from,
                to,
                [
                    { name: "sigma", kind: "first", points: intervals.map(line => [line.t, line.sigma_pct]) },
                    { name: "proven least", kind: "second", points: intervals.map(line => [line.t, line.least_pct]) },
                ],
                events(programs.vcpu),
            ),
            html("h2", {}, "Load of each bin"),
            loads.length > MOST_LINES
                ? heatMap("Load of each bin over the last hour", from, to, loads, 100, events(programs.vcpu))
                : lineChart(
                      "Load of each bin over the last hour",
                      "%",
                      from,
                      to,
                      loads.map((one, k) => ({ ...one, kind: "shade-" + k })),
                      events(programs.vcpu),
                  ),
            loads.length > MOST_LINES
                ? null
                : html(
                      "p",
                      { class: "legend" },
                      "pCPUs: ",
                      ...loads.flatMap((one, k) => [html("span", { class: "key shade-" + k }), ` ${one.name} `]),
                  ),
            html("h2", {}, "Waiting"),
            lineChart(
                "Waiting for a pCPU, in percent of running: measured, and expected if all floated",
                "%",
                from,
                to,
                [
                    { name: "measured", kind: "first", points: intervals.map(line => [line.t, line.waiting_pct]) },
                    { name: "floating", kind: "second", points: intervals.map(line => [line.t, line.floating_pct]) },
                ],
            ),
        );
    }
    if (sizes.length)
        parts.push(
            html("h2", {}, "Host memory"),
            lineChart(
                "Free memory of the host, and what is kept for it",
                "MiB",
                from,
                to,
                [
                    { name: "free", kind: "first", points: sizes.map(line => [line.t, line.free_mib]) },
                    { name: "reserve", kind: "second", points: sizes.map(line => [line.t, line.reserve_mib]) },
                ],
                events(programs.memory),
            ),
        );
    return parts.length
        ? [
              html(
                  "p",
                  { class: "legend" },
                  "A solid line is what was; a dashed one is the least, or the reserve. Triangles are changes: point at one to read why.",
              ),
              ...parts,
          ]
        : [html("p", {}, "There is nothing of the last hour yet.")];
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
