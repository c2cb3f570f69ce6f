/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/history/change_text.h"

#include <stdio.h>
#include <string.h>

#include "agent/base/text.h"
#include "planner/base/plan.h"

enum { PLACE_SIZE = 150 }; /* what fits in both places of a text */

static const char *text_of(const json_t *change, const char *name, char *ret, size_t size)
{
    const char *text = json_string_value(json_object_get(change, name));

    return text_shown(text ? text : "", ret, size);
}

bool change_has_failed(const json_t *change)
{
    return json_is_true(json_object_get(change, "failed"));
}

static bool is_done(const json_t *change, const char *what)
{
    const char *done = json_string_value(json_object_get(change, "do"));

    return done && strcmp(done, what) == 0;
}

const char *change_how(const json_t *change, bool is_dry_run, char ret[CHANGE_HOW_SIZE])
{
    static const char *const words[][2] = {{"pin", "pinned"},
                                           {"free", "set free"},
                                           {"grant", "grown"},
                                           {"reclaim", "shrunk"},
                                           {"put-back", "put back"}};
    const char *would = change_has_failed(change) ? "could not be " : is_dry_run ? "would be " : "";
    char other[40];
    size_t i = 0;

    while (i < sizeof(words) / sizeof(words[0]) && !is_done(change, words[i][0]))
        i++;
    snprintf(ret, CHANGE_HOW_SIZE, "%s%s", would,
             i < sizeof(words) / sizeof(words[0]) ? words[i][1]
                                                  : text_of(change, "do", other, sizeof(other)));
    return ret;
}

static void size_text(const json_t *change, const char *how, char ret[CHANGE_TEXT_SIZE])
{
    snprintf(ret, CHANGE_TEXT_SIZE, "%s%sfrom %.0f to %.0f MiB", how ? how : "", how ? " " : "",
             json_number_value(json_object_get(change, "from_mib")),
             json_number_value(json_object_get(change, "to_mib")));
}

/* Who is set free is not told again to float. */
const char *change_text(const json_t *change, const char *how, char ret[CHANGE_TEXT_SIZE])
{
    const json_t *vcpu = json_object_get(change, "vcpu"),
                 *iothread = json_object_get(change, "iothread");
    char from[PLACE_SIZE], to[PLACE_SIZE], who[40];

    if (!vcpu && !iothread) {
        size_text(change, how, ret);
        return ret;
    }
    if (vcpu)
        snprintf(who, sizeof(who), "vCPU %lld", (long long)json_integer_value(vcpu));
    else
        plan_helper_name((unsigned)json_integer_value(iothread), who);
    text_of(change, "from", from, sizeof(from));
    text_of(change, "to", to, sizeof(to));
    snprintf(ret, CHANGE_TEXT_SIZE, "%s%s%s%s%s%s%s", who, how ? " " : "", how ? how : "",
             from[0] ? " from pCPU " : "", from,
             to[0]                            ? " to pCPU "
             : how && is_done(change, "free") ? ""
                                              : ", to float",
             to);
    return ret;
}
