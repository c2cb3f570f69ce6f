/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/base/text.h"
#include "agent/client/client.h"
#include "agent/client/past.h"

/* A member's text as a terminal may see it; "" where there is none. Valid until the next call. */
static const char *text_of(const json_t *object, const char *name)
{
    static char shown[4096];
    const char *text = json_string_value(json_object_get(object, name));

    return text_shown(text ? text : "", shown, sizeof(shown));
}

static double number_of(const json_t *object, const char *name)
{
    return json_number_value(json_object_get(object, name));
}

const char *client_at(const char *before, const json_t *answer, char ret[CLIENT_AT_SIZE])
{
    const char *at = text_of(answer, "at");

    snprintf(ret, CLIENT_AT_SIZE, "%s%.60s", at[0] ? before : "", at);
    return ret;
}

static void show_pauses(const json_t *pauses)
{
    for (size_t i = 0; i < json_array_size(pauses); i++) {
        const json_t *pause = json_array_get(pauses, i);
        const char *guest = text_of(pause, "guest");
        time_t until = (time_t)json_integer_value(json_object_get(pause, "until"));
        struct tm parts;
        char when[40] = "it is resumed";

        if (until && localtime_r(&until, &parts))
            strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &parts);
        printf("  paused: %s, until %s\n", guest[0] ? guest : "everything", when);
    }
}

/* What else moves guests. */
static void show_others(const json_t *others)
{
    for (size_t i = 0; i < json_array_size(others); i++) {
        const json_t *other = json_array_get(others, i);

        printf("  beside it: %s", text_of(other, "name"));
        printf(": %s\n", text_of(other, "advice"));
    }
}

/* Memory on other nodes than vCPUs. */
static void show_far(const json_t *status)
{
    double far_pct = number_of(status, "far_pct"), n_unknown = number_of(status, "far_unknown");

    if (far_pct > 0)
        printf("  memory on other nodes costs %.1f %% of running\n", far_pct);
    if (n_unknown > 0)
        printf("  of %.0f guests nobody tells where their memory lies: counted as near\n",
               n_unknown);
}

void client_show_status(const json_t *status)
{
    bool has_interval = json_object_get(status, "interval") != NULL;
    char since[100], at[CLIENT_AT_SIZE];

    printf("%s: ", text_of(status, "program"));
    printf("%s", text_of(status, "verdict"));
    if (has_interval) {
        printf(", %.0f guests, %.0f changes%s", number_of(status, "guests"),
               number_of(status, "moves"),
               json_is_true(json_object_get(status, "dry_run")) ? " that are not made" : "");
        printf(", interval %.0f%s", number_of(status, "interval"), client_at(" at ", status, at));
        if (json_object_get(status, "sigma_pct"))
            printf("\n  sigma %.2f %%", number_of(status, "sigma_pct"));
        else
            printf("\n  %.0f MiB free", number_of(status, "free_kib") / 1024);
        printf(", objective %.3f, bound %.3f, gap %.2f %%", number_of(status, "objective"),
               number_of(status, "bound"), 100 * number_of(status, "gap"));
    }
    printf("\n");
    show_far(status);
    if (text_of(status, "note")[0])
        printf("  %s\n", text_of(status, "note"));
    if (number_of(status, "unasked") > 0)
        printf("  %.0f running guests are not asked to report their memory: 'evenkeelctl doctor' "
               "says how%s\n",
               number_of(status, "unasked"),
               json_is_true(json_object_get(status, "asks")) ? ""
                                                             : ", and 'observe = yes' does it");
    if (json_object_get(status, "not_kept"))
        printf("  nothing is changed: %s\n", text_of(status, "not_kept"));
    if (text_of(status, "reload_trouble")[0])
        printf("  the configuration was not read again, the one before is in force: %s\n",
               text_of(status, "reload_trouble"));
    past_since(json_object_get(status, "history"), since, sizeof(since));
    if (since[0])
        printf("  changes are known%s\n", since);
    show_others(json_object_get(status, "others"));
    show_pauses(json_object_get(status, "paused"));
}

void client_show_why(enum program program, const json_t *why)
{
    const json_t *about = json_object_get(why, "about"), *lines = json_object_get(about, "lines");
    char at[CLIENT_AT_SIZE];

    printf("%s, %s", text_of(why, "guest"), program_name(program));
    printf("%s: %s\n", client_at(" at ", why, at), text_of(why, "verdict"));
    for (size_t i = 0; i < json_array_size(lines); i++) {
        char shown[600];

        printf("  %s\n",
               text_shown(json_string_value(json_array_get(lines, i)), shown, sizeof(shown)));
    }
    if (text_of(about, "note")[0])
        printf("  %s\n", text_of(about, "note"));
    if (text_of(about, "change")[0])
        printf("  what would change it: %s\n", text_of(about, "change"));
}

int client_duration(const char *text, uint64_t *ret_s)
{
    static const char units[] = "smhd";
    static const uint64_t seconds[] = {1, 60, 3600, 86400};
    const char *unit;
    char *end;
    unsigned long long value;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || errno || value < 1 || value > 1000000000)
        return -EINVAL;
    unit = *end ? strchr(units, *end) : units;
    if (!unit || (*end && end[1]))
        return -EINVAL;
    *ret_s = value * seconds[unit - units];
    return 0;
}
