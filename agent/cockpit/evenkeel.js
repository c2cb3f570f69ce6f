// SPDX-License-Identifier: GPL-3.0-or-later
// The page: which view is open, what is asked when, and what people press.
import { nameToTell, Program, sentence, SETTINGS_FILE, writeSwitch } from "./bus.js";
import { html, printable } from "./draw.js";
import { changeText, guestsOf, headline, inText } from "./model.js";
import { followTheme } from "./theme.js";
import * as past from "./past.js";
import * as views from "./views.js";
/* global cockpit */

const LONGEST_USE_MS = 30000;
const VIEWS = ["now", "guests", "memory", "hour", "changes", "settings"];
const state = {
    view: "now",
    guest: null,
    isDue: false,
    settings: null, // what they were drawn for
    usedSince: null, // the view, by who points at it
    now: { isWhole: false },
    guests: { by: "Guest", down: false, filter: "" },
    memory: { by: "Guest", down: false, filter: "" },
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

const shownNames = () => new Map(guestsOf(programs.vcpu, programs.memory).map(guest => [guest.name, guest.shown]));

// What settings are asked anew for.
const headOfSettings = program => `${program.isRunning} ${program.isBusLost} ${program.trouble}`;

const DRAW = {
    now: section => put(section, ...views.now(programs, state.now, openWhy, tell, draw)),
    guests: section => filtered(section, state.guests, views.guests(programs, state.guests, openWhy, draw)),
    memory: section => filtered(section, state.memory, views.memory(programs, state.memory, openWhy, draw)),
    hour: section => put(section, ...past.hour(programs)),
    changes: section =>
        filtered(section, state.changes, past.changes(both, shownNames(), state.changes, openWhy, draw)),
    settings: () => {
        const now = both.map(headOfSettings).join();

        if (now !== state.settings) drawSettings();
        state.settings = now;
    },
};

// Whether somebody is copying text, or reads at a place of a chart: a new one would take it from under his pointer. For a
// while, since what is shown gets old.
function isInUse(section) {
    const selection = document.getSelection(),
        isCopying = !selection.isCollapsed && section.contains(selection.anchorNode),
        isPointing = window.matchMedia("(hover: hover)").matches && section.querySelector(".chart:hover");

    state.usedSince = isCopying || isPointing ? (state.usedSince ?? performance.now()) : null;
    return state.usedSince !== null && performance.now() - state.usedSince < LONGEST_USE_MS;
}

// Once for all that came at the same time, and not while nobody looks.
function draw() {
    if (state.isDue || cockpit.hidden) return;
    state.isDue = true;
    requestAnimationFrame(() => {
        const section = at(state.view),
            text = both.map(program => `${program.label} ${headline(program)}`).join(" ");

        state.isDue = false;
        if (at("headline").textContent !== text) at("headline").textContent = text; // it is read out
        if (!section.hasChildNodes() || !isInUse(section)) DRAW[state.view](section);
        if (["hour", "changes"].includes(state.view)) askChanges();
    });
}

function askChanges() {
    for (const program of both)
        if (program.isRunning && !program.areChangesKnown && !program.listing)
            program.listChanges().then(draw, () => {});
}

function open(view) {
    state.view = view;
    document.body.dataset.view = view;
    for (const one of VIEWS) {
        const tab = at("tab-" + one);

        tab.setAttribute("aria-selected", String(one === view));
        tab.tabIndex = one === view ? 0 : -1;
        at(one).hidden = one !== view;
    }
    if (view === "settings") drawSettings();
    document.getSelection().removeAllRanges();
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

// The guest of that name, as far as it is known: {name, shown, uuid}.
function guestCalled(name) {
    return (
        guestsOf(programs.vcpu, programs.memory).find(guest => guest.name === name) || { name, shown: name, uuid: null }
    );
}

async function aboutGuest(program, guest) {
    const parts = [html("h3", {}, program.label)];

    if (!program.isRunning || program.trouble) return [...parts, html("p", {}, `It ${headline(program)}`)];
    try {
        const why = await program.why(guest),
            all = await program.listChanges().catch(() => program.changes),
            changes = all.filter(change => change.guest === guest.name).slice(0, 8);

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
                        html(
                            "li",
                            {},
                            `${past.whenOf(change, program.zone)} ${changeText(change)}: ${printable(change.reason)}`,
                        ),
                    ),
                ),
            );
    } catch (error) {
        parts.push(html("p", {}, printable(sentence(error))));
    }
    return parts;
}

async function pauseGuest(guest, isPaused) {
    // Both at once: over a slow link the second one would go on changing the guest meanwhile.
    await Promise.all(
        both
            .filter(program => program.isRunning && Boolean(program.pauseOf(guest)) === isPaused)
            .map(program =>
                isPaused
                    ? tell(program, "Resume", "s", program.pauseOf(guest).guest)
                    : tell(program, "Pause", "st", nameToTell(guest), 0),
            ),
    );
    if (at("why").open) openWhy(guest.name);
}

async function openWhy(name) {
    const dialog = at("why"),
        guest = guestCalled(name);

    state.guest = name;
    const parts = (await Promise.all(both.map(program => aboutGuest(program, guest)))).flat(),
        isPaused = both.some(program => program.pauseOf(guest)),
        areAll = both.filter(program => program.pause());
    if (state.guest !== name) return;
    dialog.replaceChildren(
        html("h2", { id: "why-name" }, "Why ", html("bdi", {}, printable(name))),
        ...parts,
        ...areAll.map(program => html("p", {}, `All guests are paused by ${inText(program)}: resume that in Now.`)),
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

const actOf = config => config.settings.find(one => one.key === "act");

// What was switched has to be in force: an option or a later file may say otherwise.
async function checkActing(program, acts) {
    const act = actOf(await program.settings());

    if ((act.value === "yes") !== acts)
        throw new Error(`'act = ${act.value}' of ${act.origin} counts, not ${SETTINGS_FILE}.`);
}

async function switchActing(program, acts) {
    const isSure =
        !acts || window.confirm(`${program.label} will change guests as soon as it has read this. Let it act?`);

    say("");
    if (isSure)
        try {
            await writeSwitch(program, acts, () => checkActing(program, acts));
        } catch (error) {
            say(`${program.label} goes on as before: ${sentence(error)}`);
        }
    await program.refresh();
    drawSettings();
}

function actingOf(program, config) {
    const act = actOf(config),
        isActing = act.value === "yes";

    return html(
        "p",
        { class: "acting" },
        html("strong", {}, isActing ? "It acts" : "It only looks"),
        `${isActing ? ": it changes what its plans say" : ": it changes nothing"} (${printable(act.origin)}). `,
        html(
            "button",
            {
                type: "button",
                "aria-label": `Let ${inText(program)} ${isActing ? "only look" : "act"}`,
                onclick: () => switchActing(program, !isActing),
            },
            isActing ? "Let it only look" : "Let it act",
        ),
    );
}

async function settingsOf(program) {
    if (program.isBusLost || program.trouble)
        return [html("p", {}, `Its settings are not known: it ${headline(program)}`)];
    if (!program.isRunning)
        return [
            html(
                "p",
                {},
                "It does not run, so its settings are not known. Start it: ",
                html("code", {}, `systemctl start evenkeel-${program.key}`),
            ),
        ];
    try {
        const config = await program.settings();

        return [actingOf(program, config), past.settings(program, config)];
    } catch (error) {
        return [html("p", {}, sentence(error))];
    }
}

async function drawSettings() {
    const opened = [...at("settings").querySelectorAll("details[open]")].map(one => one.dataset.program),
        parts = await Promise.all(both.map(settingsOf));

    put(at("settings"), ...both.flatMap((program, k) => [html("h2", {}, program.label), ...parts[k]]));
    for (const one of at("settings").querySelectorAll("details")) one.open = opened.includes(one.dataset.program);
}

// Whoever has closed it does not want an answer that is still to come.
at("why").addEventListener("close", () => {
    state.guest = null;
});
cockpit.addEventListener("visibilitychange", draw);
followTheme();
listenToTabs();
open(VIEWS.includes(cockpit.location.path[0]) ? cockpit.location.path[0] : "now");
