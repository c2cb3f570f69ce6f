// SPDX-License-Identifier: GPL-3.0-or-later
// Elements, bars and charts. Every string becomes text, never HTML.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes))
        if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
        else if (value !== null && value !== undefined && value !== false)
            element.setAttribute(name, value === true ? "" : value);
    element.append(...children.filter(child => child !== null && child !== undefined));
    return element;
}

export function html(name, attributes = {}, ...children) {
    return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
    return fill(document.createElementNS(SVG, name), attributes, children);
}

// Characters that nobody sees, or that turn a line around, are shown as '?'.
export function printable(text) {
    return String(text).replace(/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu, "?");
}

export const number = (value, digits = 0) => (value === null || value === undefined ? "–" : value.toFixed(digits));
export const percent = (value, digits = 0) =>
    value === null || value === undefined ? "–" : value.toFixed(digits) + " %";
export const mib = value => (value === null || value === undefined ? "–" : value.toLocaleString() + " MiB");
export const clock = seconds =>
    new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const day = seconds => new Date(seconds * 1000).toLocaleString([], { dateStyle: "short", timeStyle: "medium" });

// A bar of parts, [{of, kind}], beside a scale that ends at most; marks, [{at, kind}], are lines across it.
// What is beyond the end is shown as such.
export function bar(label, most, parts, marks = []) {
    const total = parts.reduce((sum, part) => sum + Math.max(0, part.of), 0),
        box = svg(
            "svg",
            {
                class: "bar",
                viewBox: "0 0 100 10",
                preserveAspectRatio: "none",
                role: "img",
                "aria-label": label,
            },
            svg("title", {}, label),
            svg("rect", { class: "trough", width: 100, height: 10 }),
        );
    const scale = most > 0 ? 100 / most : 0;
    let x = 0;

    for (const part of parts) {
        const width = Math.min(Math.max(0, part.of) * scale, 100 - x);

        box.append(svg("rect", { class: part.kind, x, width, height: 10 }));
        x += width;
    }
    if (total > most * 1.0001) box.append(svg("rect", { class: "beyond", x: 97, width: 3, height: 10 }));
    for (const mark of marks)
        if (mark.at !== null && mark.at !== undefined)
            box.append(
                svg("rect", {
                    class: "mark " + mark.kind,
                    x: Math.min(99.4, Math.max(0, mark.at * scale - 0.3)),
                    width: 0.6,
                    height: 10,
                }),
            );
    return box;
}

// Columns of a chart: means of what falls into each.
function columns(points, from, to, n) {
    const sums = Array.from({ length: n }, () => ({ sum: 0, count: 0 }));

    for (const [t, value] of points)
        if (value !== null && value !== undefined && t >= from && t <= to) {
            const slot = sums[Math.min(n - 1, Math.floor(((t - from) / (to - from)) * n))];

            slot.sum += value;
            slot.count++;
        }
    return sums.map(slot => (slot.count ? slot.sum / slot.count : null));
}

const WIDTH = 720,
    HEIGHT = 160,
    LEFT = 58,
    BOTTOM = 18,
    COLUMNS = 240;

// So many that each has a point, where points come at about the same pace.
function columnsFor(series, from, to) {
    const longest = series.reduce((most, one) => (one.points.length > most.length ? one.points : most), []);
    const span = longest.length > 1 ? longest.at(-1)[0] - longest[0][0] : 0;

    return span > 0 ? Math.max(2, Math.min(COLUMNS, Math.floor(((longest.length - 1) * (to - from)) / span / 1.5))) : 2;
}

const axis = (value, unit) =>
    `${value >= 10 ? Math.round(value).toLocaleString() : value.toFixed(value ? 1 : 0)} ${unit}`;

function frame(label, from, to, height) {
    const chart = svg(
        "svg",
        { class: "chart", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": label },
        svg("title", {}, label),
    );

    for (let k = 0; k <= 4; k++) {
        const x = LEFT + ((WIDTH - LEFT - 4) * k) / 4;

        chart.append(
            svg("line", { class: "grid", x1: x, x2: x, y1: 4, y2: height - BOTTOM }),
            svg(
                "text",
                { class: "tick", x, y: height - 4, "text-anchor": k === 0 ? "start" : k === 4 ? "end" : "middle" },
                new Date((from + ((to - from) * k) / 4) * 1000).toLocaleTimeString([], {
                    hour: "2-digit",
                    minute: "2-digit",
                    ...(to - from < 600 ? { second: "2-digit" } : {}),
                }),
            ),
        );
    }
    return chart;
}

// Lines over time: series, [{name, kind, points: [[t, value]]}]; events, [{t, text}], are marked at the top.
export function lineChart(label, unit, from, to, series, events = []) {
    const n = columnsFor(series, from, to),
        lines = series.map(one => columns(one.points, from, to, n));
    const most = Math.max(1e-9, ...lines.flat().filter(value => value !== null)) * 1.08;
    const chart = frame(label, from, to, HEIGHT),
        plot = HEIGHT - BOTTOM - 4;

    for (let k = 0; k <= 2; k++) {
        const y = 4 + (plot * k) / 2;

        chart.append(
            svg("line", { class: "grid", x1: LEFT, x2: WIDTH - 4, y1: y, y2: y }),
            svg("text", { class: "tick", x: LEFT - 4, y: y + 4, "text-anchor": "end" }, axis(most * (1 - k / 2), unit)),
        );
    }
    lines.forEach((line, index) => {
        let path = "",
            isDown = false;

        line.forEach((value, k) => {
            if (value !== null)
                path += `${isDown ? "L" : "M"}${(LEFT + ((WIDTH - LEFT - 4) * (k + 0.5)) / n).toFixed(1)} ${(4 + plot * (1 - value / most)).toFixed(1)}`;
            isDown = value !== null;
        });
        chart.append(
            svg("path", { class: "line " + series[index].kind, d: path }, svg("title", {}, series[index].name)),
        );
    });
    mark(chart, from, to, events);
    return chart;
}

function mark(chart, from, to, events) {
    for (const event of events)
        if (event.t >= from && event.t <= to)
            chart.append(
                svg(
                    "path",
                    {
                        class: "event",
                        d: `M${(LEFT + ((WIDTH - LEFT - 4) * (event.t - from)) / (to - from)).toFixed(1)} 2l4 -6h-8z`,
                        transform: "translate(0 8)",
                    },
                    svg("title", {}, event.text),
                ),
            );
}

const MOST_ROWS = 64,
    MOST_SLOTS = 60;

// A map of many lines: a row for each, a cell for each stretch of time, the darker the higher. Of more rows than
// fit, neighbours share one, which shows the highest of them.
export function heatMap(label, from, to, rows, most, events = []) {
    const per = Math.ceil(rows.length / MOST_ROWS),
        n = Math.ceil(rows.length / per),
        cell = Math.max(6, Math.min(18, 320 / n));
    const slots = Math.min(MOST_SLOTS, columnsFor(rows, from, to));
    const height = n * cell + BOTTOM + 12,
        chart = frame(label, from, to, height),
        width = (WIDTH - LEFT - 4) / slots;

    for (let r = 0; r < n; r++) {
        const lines = rows.slice(r * per, (r + 1) * per).map(row => columns(row.points, from, to, slots));

        if (r % Math.ceil(12 / cell) === 0)
            chart.append(
                svg(
                    "text",
                    { class: "tick", x: LEFT - 4, y: 8 + (r + 0.8) * cell, "text-anchor": "end" },
                    rows[r * per].name,
                ),
            );
        for (let k = 0; k < slots; k++) {
            const values = lines.map(line => line[k]).filter(value => value !== null);

            if (!values.length) continue;
            const value = Math.max(...values),
                heat = Math.min(9, Math.floor((value / most) * 9));

            chart.append(
                svg(
                    "rect",
                    {
                        class: value > most ? "heat over" : "heat heat-" + heat,
                        x: (LEFT + k * width).toFixed(1),
                        y: 8 + r * cell,
                        width: width.toFixed(1),
                        height: cell - 1,
                    },
                    svg("title", {}, `${rows[r * per].name}: ${value.toFixed(0)} %`),
                ),
            );
        }
    }
    mark(chart, from, to, events);
    return chart;
}

// A table whose columns, [{name, title, of, sort}], people may sort by. of() makes a cell's content, sort() what it is
// ordered by; state, {by, down}, is kept by whoever owns the table, and again() draws it anew.
export function table(caption, head, rows, state, again) {
    const by = head.find(column => column.name === state.by);
    const sorted =
        by && by.sort ? [...rows].sort((a, b) => compare(by.sort(a), by.sort(b), state.down ? -1 : 1)) : rows;

    return html(
        "table",
        {},
        html("caption", {}, caption),
        html(
            "thead",
            {},
            html(
                "tr",
                {},
                ...head.map(column =>
                    html(
                        "th",
                        {
                            scope: "col",
                            "aria-sort": column.name === state.by ? (state.down ? "descending" : "ascending") : null,
                            title: column.title,
                        },
                        column.sort
                            ? html(
                                  "button",
                                  { type: "button", class: "plain", onclick: () => sortBy(column, state, again) },
                                  column.name,
                              )
                            : column.name,
                    ),
                ),
            ),
        ),
        html(
            "tbody",
            {},
            ...sorted.map(row =>
                html(
                    "tr",
                    { class: row.kind || null },
                    ...head.map((column, index) =>
                        html(
                            index ? "td" : "th",
                            { scope: index ? null : "row", "data-name": column.name },
                            column.of(row),
                        ),
                    ),
                ),
            ),
        ),
    );
}

// What is not known comes last either way.
function compare(a, b, sign) {
    const isUnknown = [a, b].map(value => value === null || value === undefined);

    if (isUnknown[0] || isUnknown[1]) return isUnknown[0] - isUnknown[1];
    return sign * (typeof a === "string" ? a.localeCompare(b, undefined, { numeric: true }) : a - b);
}

function sortBy(column, state, again) {
    state.down = state.by === column.name ? !state.down : column.name !== "Guest";
    state.by = column.name;
    again();
}
