// SPDX-License-Identifier: GPL-3.0-or-later
// Dark or light as Cockpit's own switch says: it keeps 'auto', 'light' or 'dark' in the browser's storage.

const dark = window.matchMedia("(prefers-color-scheme: dark)");

function set(style) {
    const wanted = style || localStorage.getItem("shell:style") || "auto";

    document.documentElement.classList.toggle("dark", wanted === "dark" || (wanted === "auto" && dark.matches));
}

export function followTheme() {
    window.addEventListener("storage", event => {
        if (event.key === "shell:style") set(event.newValue);
    });
    window.addEventListener("cockpit-style", event => set(event.detail && event.detail.style));
    dark.addEventListener("change", () => set());
    set();
}
