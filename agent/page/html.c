/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/page/html.h"

#include <string.h>

void html_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strncmp(text, "\xef\xbf\xbe", 3) == 0 || strncmp(text, "\xef\xbf\xbf", 3) == 0) {
            fputc('?', out); /* no characters, says XML */
            text += 2;
            continue;
        }
        switch (*text) {
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\'':
            fputs("&#39;", out);
            break;
        default:
            fputc(*text, out);
        }
    }
}

/* Colours have one name each, and two values. Blue is in use, amber nearly full, red is what hurts. */
static const char *const style[] = {
    ":root{color-scheme:light dark;--back:#fff;--ink:#1c2126;--dim:#5d6873;--rule:#d5dbe1;"
    "--soft:#f3f5f7;--blue:#2b6cb0;--amber:#dd8a00;--red:#c8102e;--green:#2f855a;--mark:#111}\n",
    "@media(prefers-color-scheme:dark){:root{--back:#14181c;--ink:#e6e9ec;--dim:#9aa5b0;"
    "--rule:#343c45;--soft:#1d2329;--blue:#63a4e8;--amber:#f0a93b;--red:#ff5c6c;"
    "--green:#58c08a;--mark:#fff}}\n",
    "@media print{:root{--back:#fff;--ink:#000;--dim:#444;--rule:#bbb;--soft:#fff;--blue:#2b6cb0;"
    "--amber:#dd8a00;--red:#c8102e;--green:#2f855a;--mark:#000}"
    "*{print-color-adjust:exact;-webkit-print-color-adjust:exact}"
    "figure,li,tr,.row{break-inside:avoid}h2,h3{break-after:avoid}}\n",
    "*{box-sizing:border-box}body{margin:0 "
    "auto;max-width:72rem;padding:1rem;background:var(--back);"
    "color:var(--ink);font:15px/1.45 system-ui,sans-serif;overflow-wrap:anywhere}\n",
    "h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.15rem;margin:2rem 0 .3rem;"
    "border-top:1px solid var(--rule);padding-top:1rem}h3{font-size:1rem;margin:1.4rem 0 .2rem}\n",
    "p{margin:.3rem 0}.dim,figcaption,.x,.y{color:var(--dim);font-size:.85rem}\n",
    "ol.who{padding:0;list-style:none}.who li{border-left:4px solid "
    "var(--red);background:var(--soft);"
    "padding:.5rem .8rem;margin:.5rem 0}.who li.little{border-color:var(--amber)}"
    "p.well{border-left:4px solid var(--green);background:var(--soft);padding:.5rem .8rem}\n",
    "dl{display:flex;flex-wrap:wrap;gap:.4rem 1.6rem;margin:.6rem 0}dl div{min-width:6rem}"
    "dt{color:var(--dim);font-size:.85rem}dd{margin:0;font-size:1.2rem}\n",
    "figure{margin:.6rem 0}svg{display:block;width:100%}\n",
    ".row,.plot{display:grid;grid-template-columns:7.5rem minmax(0,1fr) 4.2rem;gap:.5rem}"
    ".row{align-items:center;margin:1px 0}.few .row,.plot{grid-template-columns:3.6rem "
    "minmax(0,1fr) "
    "4.2rem}.row>span{font-size:.85rem;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}"
    ".row>span:first-child,.y{text-align:right}\n",
    ".row svg{height:1.15rem;background:var(--soft)}.plot svg{height:11rem;border:solid "
    "var(--rule);"
    "border-width:0 0 1px 1px}.y{display:flex;flex-direction:column;justify-content:space-between}"
    ".x{display:flex;justify-content:space-between;min-width:0}\n",
    "@media(max-width:40rem){body{padding:.5rem}.row{grid-template-columns:6rem minmax(0,1fr) "
    "3.4rem}"
    ".few .row,.plot{grid-template-columns:2.8rem minmax(0,1fr) 3.4rem}"
    ".x span:nth-child(even){display:none}}\n",
    ".tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:.8rem}"
    ".tiles figure{margin:0;min-width:0}.tiles svg{height:4rem;background:var(--soft)}"
    ".tiles figcaption{color:var(--ink)}\n",
    ".l0{fill:none}.l1,.l2,.l3,.l4,.l5,.l6{fill:var(--blue)}.l1{opacity:.12}.l2{opacity:.28}"
    ".l3{opacity:.44}.l4{opacity:.6}.l5{opacity:.76}.l6{opacity:.92}.l7{fill:var(--amber)}"
    ".l8{fill:var(--red)}\n",
    ".w0{fill:none}.w1,.w2,.w3,.w4,.w5{fill:var(--red)}.w1{opacity:.15}.w2{opacity:.3}"
    ".w3{opacity:.5}.w4{opacity:.75}\n",
    ".v0{fill:none}.v1,.v2,.v3,.v4{fill:var(--blue)}.v1{opacity:.3}.v2{opacity:.55}.v3{opacity:.8}"
    "\n",
    ".mark{stroke:var(--mark);stroke-width:3;vector-effect:non-scaling-stroke;fill:none}"
    ".mark.would{stroke-dasharray:2 2}.mark.failed{stroke:var(--red)}\n",
    ".grid{stroke:var(--rule);stroke-width:1;vector-effect:non-scaling-stroke;fill:none}"
    ".line{fill:none;stroke-width:1.8;vector-effect:non-scaling-"
    "stroke;"
    "stroke-linejoin:round}.dash{stroke-dasharray:5 4}\n",
    ".c0{stroke:var(--blue)}.c1{stroke:var(--amber)}.c2{stroke:var(--green)}.c3{stroke:var(--red)}"
    ".c4{stroke:#8b5fbf}.c5{stroke:#0f9ba8}.c6{stroke:#b7791f}.c7{stroke:#d6569b}"
    ".band.c0{fill:var(--blue)}.band.c1{fill:var(--amber)}.band.c2{fill:var(--green)}"
    ".band.c3{fill:var(--red)}.band.c4{fill:#8b5fbf}.band.c5{fill:#0f9ba8}.band.c6{fill:#b7791f}"
    ".band.c7{fill:#d6569b}.band{stroke:none;opacity:.22}\n",
    ".key{display:inline-block;width:1.1rem;height:.7rem;margin:0 .3rem 0 "
    ".8rem;vertical-align:baseline}"
    ".key svg{height:.7rem}.say{white-space:nowrap}\n",
    "table{border-collapse:collapse;width:100%;font-size:.85rem}th,td{text-align:left;padding:."
    "2rem "
    ".5rem .2rem 0;vertical-align:top;border-bottom:1px solid var(--rule)}th{color:var(--dim);"
    "font-weight:500}td,th{overflow-wrap:break-word}td:first-child{min-width:5rem}td:last-child:"
    "not(.n){min-width:12rem}td.n,th.n{text-align:right;white-space:nowrap}td.t{white-space:nowrap}"
    "\n",
    ".wide{overflow-x:auto}details{margin:1.2rem 0}summary{cursor:pointer}\n"};

void html_begin(FILE *out, const char *title)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
          "'unsafe-inline'\"/>\n<title>",
          out);
    html_text(out, title);
    fputs("</title>\n<style>", out);
    for (size_t i = 0; i < sizeof(style) / sizeof(style[0]); i++)
        fputs(style[i], out);
    fputs("</style></head><body>\n", out);
}

void html_end(FILE *out)
{
    fputs("</body></html>\n", out);
}
