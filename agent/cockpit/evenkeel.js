// SPDX-License-Identifier: GPL-3.0-or-later
// The page: which view is open, what is asked when, and what people press.
import { Program, readSwitches, sentence, SETTINGS_FILE, writeSwitches } from "./bus.js";
import { clock, html, printable } from "./draw.js";
import { changeText, headline } from "./model.js";
import { followTheme } from "./theme.js";
import * as past from "./past.js";
import * as views from "./views.js";
/* global cockpit */

const VIEWS = ["now", "guests", "memory", "hour", "changes", "settings"];
const state = {
    view: "now",
    guest: null,
    isDue: false,
    guests: { by: "Guest", down: false, filter: "" },
    changes: { by: "When", down: true, filter: "" },
};
const at = id => document.getElementById(id);

const programs = {
    vcpu: new Program("vcpu", "The scheduler of vCPUs", "dev.evenkeel.VcpuScheduler1", draw),
    memory: new Program("memory", "The coordinator of memory", "dev.evenkeel.MemoryCoordinator1", draw),
};
const both = Object.values(programs);

function say(text) {
    at("message").textContent = text;
    at("message").hidden = !text;
}

async function tell(program, member, types, ...values) {
    say("");
    try {
        await program.tell(member, types, ...values);
    } catch (error) {
        say(`${program.label}: ${sentence(error)}`);
    }
    await program.refresh();
}

// Puts new content in without losing the keyboard's place.
function put(section, ...content) {
    const focused = section.contains(document.activeElement) ? document.activeElement : null;
    const inSection = [...section.querySelectorAll("button, input, summary")],
        place = inSection.indexOf(focused);

    section.replaceChildren(...content.filter(one => one !== null));
    if (place >= 0) {
        const candidates = [...section.querySelectorAll("button, input, summary")];
        const same = candidates.filter(
            one => one.textContent === focused.textContent && one.tagName === focused.tagName,
        );

        (same.length === 1 ? same[0] : candidates[Math.min(place, candidates.length - 1)])?.focus({
            preventScroll: true,
        });
    }
}

// A filter stays while what it filters is drawn anew.
function filtered(section, of, content) {
    if (!section.querySelector(".filter"))
        section.replaceChildren(
            html(
                "label",
                { class: "filter" },
                "Filter by name ",
                html("input", {
                    type: "search",
                    value: of.filter,
                    oninput: event => {
                        of.filter = event.target.value;
                        draw();
                    },
                }),
            ),
            html("div", { class: "content" }),
        );
    put(section.querySelector(".content"), ...content);
}

const DRAW = {
    now: section => put(section, ...views.now(programs, openWhy, tell)),
    guests: section => filtered(section, state.guests, views.guests(programs, state.guests, openWhy, draw)),
    memory: section => put(section, ...views.memory(programs)),
    hour: section => put(section, ...past.hour(programs)),
    changes: section =>
        filtered(
            section,
            state.changes,
            past.changes(
                both.map(program => program.changes),
                state.changes,
                draw,
            ),
        ),
    settings: () => {}, // drawn when it is opened: people are typing in it
};

// Once for all that came at the same time, and not while nobody looks.
function draw() {
    if (state.isDue) return;
    state.isDue = true;
    requestAnimationFrame(() => {
        state.isDue = false;
        at("headline").textContent = both.map(program => `${program.label} ${headline(program)}`).join(" ");
        DRAW[state.view](at(state.view));
        if (["hour", "changes"].includes(state.view)) askChanges();
    });
}

async function askChanges() {
    for (const program of both)
        if (program.isRunning && !program.areChangesKnown) await program.listChanges().then(draw, () => {});
}

function open(view) {
    state.view = view;
    for (const one of VIEWS) {
        const tab = at("tab-" + one);

        tab.setAttribute("aria-selected", String(one === view));
        tab.tabIndex = one === view ? 0 : -1;
        at(one).hidden = one !== view;
    }
    if (view === "settings") drawSettings();
    draw();
}

function listenToTabs() {
    VIEWS.forEach((view, k) => {
        at("tab-" + view).addEventListener("click", () => {
            cockpit.location.go([view]);
            open(view);
        });
        at("tab-" + view).addEventListener("keydown", event => {
            const to = { ArrowRight: k + 1, ArrowLeft: k - 1, Home: 0, End: VIEWS.length - 1 }[event.key];

            if (to !== undefined) {
                const next = VIEWS[(to + VIEWS.length) % VIEWS.length];

                event.preventDefault();
                at("tab-" + next).focus();
                open(next);
            }
        });
    });
    cockpit.addEventListener("locationchanged", () =>
        open(VIEWS.includes(cockpit.location.path[0]) ? cockpit.location.path[0] : "now"),
    );
}

// ---- Why ----

async function aboutGuest(program, guest) {
    const parts = [html("h3", {}, program.label)];

    if (!program.isRunning) return [...parts, html("p", {}, "It does not run.")];
    try {
        const why = await program.why(guest),
            changes = (await program.listChanges()).filter(change => change.guest === guest).slice(0, 8);

        parts.push(
            html("ul", {}, ...why.about.lines.map(line => html("li", {}, printable(line.trim())))),
            html(
                "p",
                {},
                "What would change it: ",
                html("span", { class: "change" }, printable(why.about.change)),
                ".",
            ),
        );
        if (changes.length)
            parts.push(
                html("h4", {}, "Last changes"),
                html(
                    "ul",
                    {},
                    ...changes.map(change =>
                        html("li", {}, `${clock(change.t)} ${changeText(change)}: ${printable(change.reason)}`),
                    ),
                ),
            );
    } catch (error) {
        parts.push(html("p", {}, printable(sentence(error))));
    }
    return parts;
}

async function pauseGuest(guest, isPaused) {
    for (const program of both)
        if (program.isRunning && program.isPaused(guest) === isPaused)
            await (isPaused ? tell(program, "Resume", "s", guest) : tell(program, "Pause", "st", guest, 0));
    if (at("why").open) openWhy(guest);
}

async function openWhy(guest) {
    const dialog = at("why"),
        isPaused = both.some(program => program.isPaused(guest));

    state.guest = guest;
    const parts = (await Promise.all(both.map(program => aboutGuest(program, guest)))).flat();
    if (state.guest !== guest) return;
    dialog.replaceChildren(
        html("h2", { id: "why-name" }, "Why ", html("bdi", {}, printable(guest))),
        ...parts,
        at("message").hidden ? "" : html("p", { class: "warning" }, at("message").textContent),
        html(
            "p",
            { class: "actions" },
            html(
                "button",
                { type: "button", onclick: () => pauseGuest(guest, isPaused) },
                isPaused ? "Resume this guest" : "Pause this guest",
            ),
            html("button", { type: "button", onclick: () => dialog.close() }, "Close"),
        ),
    );
    if (!dialog.open) dialog.showModal();
}

// ---- Settings ----

async function switchActing(program, acts) {
    const isSure =
        !acts || window.confirm(`${program.label} will change guests as soon as it has read this. Let it act?`);

    say("");
    if (isSure)
        try {
            const file = cockpit.file(SETTINGS_FILE, { superuser: "try" });
            const switches = readSwitches(await file.read().finally(() => file.close()));

            await writeSwitches({ ...switches, [program.key]: acts }, both);
        } catch (error) {
            say(`${program.label} goes on as before: ${sentence(error)}`);
        }
    await program.refresh();
    drawSettings();
}

function actingOf(program, config) {
    const acts = config.settings.find(one => one.key === "act"),
        isActing = Boolean(acts) && acts.value === "yes";

    return html(
        "p",
        {},
        `${program.label} ${isActing ? "acts: it changes what its plans say" : "only looks: it changes nothing"} (${printable(acts ? acts.origin : "")}). `,
        html(
            "button",
            { type: "button", onclick: () => switchActing(program, !isActing) },
            isActing ? `Let ${program.label} only look` : `Let ${program.label} act`,
        ),
    );
}

async function drawSettings() {
    const parts = [];

    for (const program of both) {
        parts.push(html("h2", {}, program.label));
        if (!program.isRunning) {
            parts.push(
                html(
                    "p",
                    {},
                    "It does not run, so its settings are not known. Start it with 'systemctl start evenkeel.target'.",
                ),
            );
            continue;
        }
        try {
            const config = await program.settings();

            parts.push(actingOf(program, config), past.settings(program, config));
        } catch (error) {
            parts.push(html("p", {}, sentence(error)));
        }
    }
    put(at("settings"), ...parts);
}

// Whoever has closed it does not want an answer that is still to come.
at("why").addEventListener("close", () => {
    state.guest = null;
});
followTheme();
listenToTabs();
open(VIEWS.includes(cockpit.location.path[0]) ? cockpit.location.path[0] : "now");
