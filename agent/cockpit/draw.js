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

// What a colour or a line means.
export const key = (kind, text) => html("span", { class: "keyed" }, html("span", { class: "key " + kind }), " " + text);

// Characters that nobody sees, or that turn a line around, are shown as '?'.
export function printable(text) {
    return String(text).replace(/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu, "?");
}

export const UNKNOWN = "unknown";
const isNothing = value => value === null || value === undefined;
export const percent = (value, digits = 0) => (isNothing(value) ? UNKNOWN : value.toFixed(digits) + " %");
export const mib = value => (isNothing(value) ? UNKNOWN : Math.round(value).toLocaleString() + " MiB");

// Times are those of the host, whose clock is zone minutes ahead of UTC.
export const day = (seconds, zone) =>
    new Date((Math.floor(seconds) + zone * 60) * 1000).toISOString().slice(0, 19).replace("T", " ");
export const clock = (seconds, zone) => day(seconds, zone).slice(11);

// A bar of parts, [{of, kind}], beside a scale that ends at most; marks, [{at, kind}], are lines across it.
// What is beyond the end is shown as such. Without parts it is not known how far it goes.
export function bar(label, most, parts, marks = []) {
    const total = (parts || []).reduce((sum, part) => sum + Math.max(0, part.of), 0),
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
            svg("rect", { class: parts ? "trough" : "unknown", width: 100, height: 10 }),
        );
    const scale = most > 0 ? 100 / most : 0;
    let x = 0;

    for (const part of parts || []) {
        const width = Math.min(Math.max(0, part.of) * scale, 100 - x);

        box.append(svg("rect", { class: part.kind, x, width, height: 10 }));
        x += width;
    }
    if (total > most * 1.0001) box.append(svg("rect", { class: "beyond", x: 97, width: 3, height: 10 }));
    for (const mark of marks)
        if (!isNothing(mark.at)) {
            const at = Math.min(99.8, Math.max(0.2, mark.at * scale));

            box.append(svg("line", { class: "mark " + mark.kind, x1: at, x2: at, y1: 0, y2: 10 }));
        }
    return box;
}

// Columns of a chart, n of them: {mean, least, most} of what falls into each, null where nothing does.
function columns(points, span, n) {
    const slots = Array.from({ length: n }, () => []);

    for (const [t, value] of points)
        if (!isNothing(value) && t >= span.from && t <= span.to)
            slots[Math.min(n - 1, Math.floor(((t - span.from) / (span.to - span.from)) * n))].push(value);
    return slots.map(values =>
        values.length
            ? {
                  mean: values.reduce((sum, value) => sum + value, 0) / values.length,
                  least: Math.min(...values),
                  most: Math.max(...values),
              }
            : null,
    );
}

const HEIGHT = 160,
    TOP = 8,
    BOTTOM = 18,
    COLUMNS = 240,
    LETTER = 6.5; // the width of one, about

// So many that each has a point, where points come at about the same pace.
function columnsFor(series, span) {
    const longest = series.reduce((most, one) => (one.points.length > most.length ? one.points : most), []),
        known = longest.length > 1 ? longest.at(-1)[0] - longest[0][0] : 0,
        times = new Set(longest.map(([t]) => t)).size,
        n = known > 0 ? Math.floor(((times - 1) * (span.to - span.from)) / known / 1.5) : 2;

    return Math.max(2, Math.min(COLUMNS, n));
}

const axis = (value, unit) => `${value.toLocaleString(undefined, { maximumFractionDigits: 2 })} ${unit}`;

// Where an axis ends whose half can be read as well.
function round(most) {
    const power = 10 ** Math.floor(Math.log10(most));

    return [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].find(step => step * power >= most * 0.9999) * power;
}

// An empty chart as wide as there is room, so that its letters are as large as others; labels on its left are of so
// many letters. x() is where a time is.
function frame(label, span, height, letters) {
    const width = Math.max(300, Math.min(960, document.documentElement.clientWidth - 34)),
        left = Math.max(20, letters * LETTER + 8),
        steps = width < 500 ? 2 : 4,
        chart = svg(
            "svg",
            { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
            svg("title", {}, label),
        );
    const x = t => left + ((width - left - 4) * (t - span.from)) / (span.to - span.from);

    for (let k = 0; k <= steps; k++) {
        const t = span.from + ((span.to - span.from) * k) / steps;

        chart.append(
            svg("line", { class: "grid", x1: x(t), x2: x(t), y1: TOP, y2: height - BOTTOM }),
            svg(
                "text",
                {
                    class: "tick",
                    x: x(t),
                    y: height - 4,
                    "text-anchor": k === 0 ? "start" : k === steps ? "end" : "middle",
                },
                clock(t, span.zone).slice(0, span.to - span.from < 600 ? 8 : 5),
            ),
        );
    }
    return { chart, x, left, right: width - 4 };
}

// Lines over time: series, [{name, kind, points: [[t, value]]}]; span is {from, to, zone}; events, [{t, text}], are
// marked at the top.
export function lineChart(label, unit, span, series, events = []) {
    const n = columnsFor(series, span),
        lines = series.map(one => columns(one.points, span, n)),
        known = lines.flat().filter(Boolean),
        most = round(Math.max(1, ...known.map(slot => slot.mean))),
        ticks = [most, most / 2, 0].map(value => axis(value, unit)),
        { chart, x, left, right } = frame(label, span, HEIGHT, Math.max(...ticks.map(tick => tick.length))),
        plot = HEIGHT - BOTTOM - TOP;

    ticks.forEach((tick, k) => {
        const y = TOP + (plot * k) / 2;

        chart.append(
            svg("line", { class: "grid", x1: left, x2: right, y1: y, y2: y }),
            svg("text", { class: "tick", x: left - 4, y: y + 4, "text-anchor": "end" }, tick),
        );
    });
    lines.forEach((line, index) => {
        let path = "",
            isDown = false;

        line.forEach((slot, k) => {
            if (slot) {
                const t = span.from + ((span.to - span.from) * (k + 0.5)) / n;

                path += `${isDown ? "L" : "M"}${x(t).toFixed(1)} ${(TOP + plot * (1 - slot.mean / most)).toFixed(1)}`;
            }
            isDown = Boolean(slot);
        });
        chart.append(
            svg("path", { class: "line " + series[index].kind, d: path }, svg("title", {}, series[index].name)),
        );
    });
    mark(chart, x, span, events);
    return chart;
}

function mark(chart, x, span, events) {
    for (const event of events)
        if (event.t >= span.from && event.t <= span.to)
            chart.append(
                svg(
                    "path",
                    {
                        class: "event",
                        d: `M${x(event.t).toFixed(1)} 2l4 -6h-8z`,
                        transform: "translate(0 8)",
                    },
                    svg("title", {}, event.text),
                ),
            );
}

const MOST_ROWS = 64,
    MOST_SLOTS = 60;

// What a cell of a map is about: of whom, when, and between what.
function cellText(rows, span, slot, slots, values) {
    const [from, to] = [slot, slot + 1].map(k => clock(span.from + ((span.to - span.from) * k) / slots, span.zone)),
        least = Math.min(...values.map(value => value.least)).toFixed(0),
        most = Math.max(...values.map(value => value.most)).toFixed(0),
        who = rows.length > 1 ? `${rows[0].name} to ${rows.at(-1).name}` : rows[0].name;

    return `${who}, ${from} to ${to}: ${least === most ? "" : `${least} to `}${most} %`;
}

// A map of many lines: a row for each, a cell for each stretch of time, the darker the higher its mean. Of more rows
// than fit, neighbours share one, which shows the highest of them. What is above most is marked.
export function heatMap(label, span, rows, most, events = []) {
    const per = Math.ceil(rows.length / MOST_ROWS),
        n = Math.ceil(rows.length / per),
        cell = Math.max(6, Math.min(18, 320 / n)),
        slots = Math.min(MOST_SLOTS, columnsFor(rows, span)),
        letters = Math.min(24, Math.max(...rows.map(row => row.name.length))),
        { chart, x, left, right } = frame(label, span, n * cell + BOTTOM + 12, letters),
        width = (right - left) / slots;

    for (let r = 0; r < n; r++) {
        const own = rows.slice(r * per, (r + 1) * per),
            lines = own.map(row => columns(row.points, span, slots));

        if (r % Math.ceil(12 / cell) === 0)
            chart.append(
                svg("text", { class: "tick", x: left - 4, y: 8 + (r + 0.8) * cell, "text-anchor": "end" }, own[0].name),
            );
        for (let k = 0; k < slots; k++) {
            const values = lines.map(line => line[k]).filter(Boolean);

            if (!values.length) continue;
            const value = Math.max(...values.map(one => one.mean)),
                heat = Math.min(9, Math.floor((value / most) * 9));

            chart.append(
                svg(
                    "rect",
                    {
                        class: value > most ? "heat over" : "heat heat-" + heat,
                        x: (left + k * width).toFixed(1),
                        y: 8 + r * cell,
                        width: width.toFixed(1),
                        height: cell - 1,
                    },
                    svg("title", {}, cellText(own, span, k, slots, values)),
                ),
            );
        }
    }
    mark(chart, x, span, events);
    return chart;
}

// A table whose columns, [{name, title, kind, of, sort}], people may sort by. of() makes a cell's content, sort() what
// it is ordered by, kind is "text", "number" or another class of the style; state, {by, down}, is kept by whoever owns
// the table, and again() draws it anew. caption is a list of text and elements. A row's kind marks it.
export function table(caption, head, rows, state, again) {
    const by = head.find(column => column.name === state.by);
    const sorted =
        by && by.sort ? [...rows].sort((a, b) => compare(by.sort(a), by.sort(b), state.down ? -1 : 1)) : rows;

    return html(
        "table",
        {},
        html("caption", {}, ...caption),
        html("thead", {}, html("tr", {}, ...head.map(column => headCell(column, state, again)))),
        html(
            "tbody",
            {},
            ...sorted.map(row =>
                html(
                    "tr",
                    { class: row.kind || null },
                    ...head.map((column, index) => bodyCell(column, index === 0, column.of(row))),
                ),
            ),
        ),
    );
}

function headCell(column, state, again) {
    const isBy = column.name === state.by;

    return html(
        "th",
        {
            scope: "col",
            class: column.kind || "text",
            "aria-sort": isBy ? (state.down ? "descending" : "ascending") : null,
            title: column.title,
        },
        column.sort
            ? html(
                  "button",
                  { type: "button", class: "plain", onclick: () => sortBy(column, state, again) },
                  column.name,
              )
            : column.name,
    );
}

function bodyCell(column, isFirst, content) {
    return html(
        isFirst ? "th" : "td",
        {
            scope: isFirst ? "row" : null,
            class: (column.kind || "text") + (content === UNKNOWN ? " unknown" : ""),
            "data-name": column.name,
        },
        content,
    );
}

// What is not known comes last either way.
function compare(a, b, sign) {
    if (isNothing(a) || isNothing(b)) return isNothing(a) - isNothing(b);
    return sign * (typeof a === "string" ? a.localeCompare(b, undefined, { numeric: true }) : a - b);
}

// What one looks for in numbers is the largest.
function sortBy(column, state, again) {
    state.down = state.by === column.name ? !state.down : column.kind === "number";
    state.by = column.name;
    again();
}
