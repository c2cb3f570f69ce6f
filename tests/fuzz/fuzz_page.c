/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording, or a file of the history, made into a page: no text in it becomes markup, and every drawn
 * number is one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/page/chronicle.h"
#include "agent/page/page.h"
#include "agent/page/recording.h"
#include "tests/fuzz/fuzz.h"

/* Every tag that a page may have. */
static bool is_ours(const char *tag)
{
    static const char *const ours[] = {
        "!DOCTYPE", "b",          "body",   "br", "dd",   "details", "div",   "dl",
        "dt",       "figcaption", "figure", "h1", "h2",   "h3",      "head",  "html",
        "li",       "meta",       "ol",     "p",  "path", "span",    "style", "summary",
        "svg",      "table",      "tbody",  "td", "th",   "thead",   "title", "tr"};
    size_t n = strcspn(tag, " />");

    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (strlen(ours[i]) == n && strncmp(ours[i], tag, n) == 0)
            return true;
    return false;
}

static void look_at(const char *text)
{
    for (const char *at = strchr(text, '<'); at; at = strchr(at + 1, '<'))
        must(is_ours(at + 1 + (at[1] == '/')), "text stays text");
    /* A guest may be called "x d=": only what stands in a path is drawn. */
    for (const char *path = strstr(text, "<path "); path; path = strstr(path + 1, "<path ")) {
        const char *at = strstr(path, " d=\""), *drawn = at ? at + 4 : "";

        must(at && at < strchr(path, '>'), "a path has a drawing");
        must(drawn[strspn(drawn, "MLhvz0123456789. -")] == '"', "what is drawn is numbers");
    }
}

static void write_and_look(struct run *run)
{
    const struct run *const runs[] = {run};
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);

    must(out && page_write(out, "a page", runs, 1) == 0 && fclose(out) == 0, "a page is made");
    look_at(text);
    free(text);
    run_free(run);
}

/* The first byte says whether a part of the time is wanted, and whether figures come as they come. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    uint64_t how = take(&bytes, 1);
    double from_s = how % 2 ? 3 : -INFINITY;
    char *line = take_text(&bytes, '\n');
    struct recording *recording = NULL;
    struct chronicle *chronicle = NULL;
    enum program program;
    struct err err = {0};

    if (recording_is_one(line, strlen(line)))
        recording_open("input", line, strlen(line), from_s, INFINITY, &recording, &err);
    else if (chronicle_is_one(line, strlen(line), &program))
        chronicle = chronicle_new(program, -INFINITY, INFINITY);
    free(line);
    if (chronicle && how % 4 >= 2)
        chronicle_expect(chronicle, -INFINITY, INFINITY, 0);
    while (bytes.left > 0 && (recording || chronicle)) {
        line = take_text(&bytes, '\n');
        if (recording)
            recording_take(recording, line, strlen(line));
        else
            chronicle_take(chronicle, line, strlen(line));
        free(line);
    }
    if (recording)
        write_and_look(recording_close(recording));
    if (chronicle)
        write_and_look(chronicle_close(chronicle));
    return 0;
}
