/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/client/what_if.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/text.h"
#include "agent/client/ask.h"
#include "planner/base/plan.h"

int what_if_floor(const char *text, struct floor_asked *ret)
{
    const char *sign = strrchr(text, '=');
    struct floor_asked floor;
    char *end;

    if (!sign || sign == text || (size_t)(sign - text) >= sizeof(floor.guest) || sign[1] < '0' ||
        sign[1] > '9')
        return -EINVAL;
    memcpy(floor.guest, text, (size_t)(sign - text));
    floor.guest[sign - text] = '\0';
    errno = 0;
    floor.mib = strtoull(sign + 1, &end, 10);
    if (errno || *end)
        return -EINVAL;
    *ret = floor;
    return 0;
}

/* ---- Showing ---- */

static double number(const json_t *object, const char *name)
{
    return json_number_value(json_object_get(object, name));
}

/* Valid until it is called with the same slot again. */
static const char *shown(const json_t *object, const char *name, int slot)
{
    static char texts[3][4096];
    const json_t *value = json_object_get(object, name);
    char digits[32];

    snprintf(digits, sizeof(digits), "%lld", (long long)json_integer_value(value));
    return text_shown(json_is_string(value)    ? json_string_value(value)
                      : json_is_integer(value) ? digits
                                               : "",
                      texts[slot], sizeof(texts[slot]));
}

static void show_moves(const json_t *moves)
{
    for (size_t i = 0; i < json_array_size(moves); i++) {
        const json_t *move = json_array_get(moves, i);
        const char *from = shown(move, "from", 1), *to = shown(move, "to", 2);

        printf("  %s vCPU %.0f: ", shown(move, "guest", 0), number(move, "vcpu"));
        if (to[0])
            printf("from %s%s to pCPU %s", from[0] ? "pCPU " : "where it floats", from, to);
        else
            printf("floats again");
        printf(", %s\n", shown(move, "reason", 0));
    }
}

/* Of threads beside the vCPUs. */
static void show_helpers(const json_t *moves)
{
    for (size_t i = 0; i < json_array_size(moves); i++) {
        const json_t *move = json_array_get(moves, i);
        unsigned iothread = (unsigned)json_integer_value(json_object_get(move, "iothread"));
        char name[HELPER_NAME_SIZE];

        printf("  %s %s: ", shown(move, "guest", 0), plan_helper_name(iothread, name));
        printf("from pCPU %s to pCPU %s, ", shown(move, "from", 1), shown(move, "to", 2));
        printf("%s\n", shown(move, "reason", 0));
    }
}

static void show_steps(const json_t *steps)
{
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);

        printf("  %s: ", shown(step, "guest", 0));
        printf("%s %.0f to %.0f MiB, ", shown(step, "kind", 1), number(step, "from_kib") / 1024,
               number(step, "to_kib") / 1024);
        printf("%s\n", shown(step, "reason", 2));
    }
}

/* What of the host is before and after. */
static void show_hosts(const json_t *plan)
{
    const json_t *host = json_object_get(plan, "host"), *guests = json_object_get(plan, "guests");
    double before = 0, after = 0;

    if (!host) {
        printf("  sigma %.2f %% now, %.2f %% after, no less than %.2f %%\n",
               number(plan, "sigma_pct"), number(plan, "sigma_after_pct"),
               number(plan, "sigma_bound_pct"));
        return;
    }
    for (size_t i = 0; i < json_array_size(guests); i++) {
        before += number(json_array_get(guests, i), "actual_kib") / 1024;
        after += number(json_array_get(guests, i), "target_kib") / 1024;
    }
    printf("  guests hold %.0f MiB now, %.0f after; %.0f MiB of the host are free now\n", before,
           after, number(host, "free_kib") / 1024);
}

static void show(const json_t *answer)
{
    const json_t *plan = json_object_get(answer, "plan");
    const json_t *moves = json_object_get(plan, "moves"), *steps = json_object_get(plan, "steps");
    const json_t *helpers = json_object_get(plan, "helper_moves");
    char at[CLIENT_AT_SIZE];

    printf("%s%s: ", shown(answer, "program", 0),
           client_at(", from what was seen at ", answer, at));
    printf("%s, %zu changes\n", shown(plan, "verdict", 0),
           json_array_size(moves) + json_array_size(helpers) + json_array_size(steps));
    if (shown(plan, "note", 0)[0])
        printf("  %s\n", shown(plan, "note", 0));
    show_moves(moves);
    show_helpers(helpers);
    show_steps(steps);
    show_hosts(plan);
    printf("  objective %.3f, %.3f without changes, bound %.3f, gap %.2f %%\n",
           number(plan, "objective"), number(plan, "hold_objective"), number(plan, "bound"),
           100 * number(plan, "gap"));
}

/* ---- Asking ---- */

static int append(sd_bus_message *message, const struct request_line *line, enum program program)
{
    bool is_memory = program == PROGRAM_MEMORY;
    int r = sd_bus_message_open_container(message, 'a', "s");

    for (size_t i = 0; r >= 0 && i < line->n_without; i++)
        r = sd_bus_message_append(message, "s", line->without[i]);
    if (r >= 0)
        r = sd_bus_message_close_container(message);
    if (r >= 0)
        r = sd_bus_message_append(message, "s", line->reserve && !is_memory ? line->reserve : "");
    if (r >= 0)
        r = sd_bus_message_open_container(message, 'a', "{st}");
    for (size_t i = 0; r >= 0 && is_memory && i < line->n_floors; i++)
        r = sd_bus_message_append(message, "{st}", line->floors[i].guest, line->floors[i].mib);
    return r < 0 ? r : sd_bus_message_close_container(message);
}

static void refuse(struct asking *asking, enum program program, const char *option)
{
    asking->n_failed++;
    asking_say(asking, "%s does not run, so nobody answers %s", program_name(program), option);
}

/* The memory coordinator is asked last. Where neither runs, that is said. */
static void one_plan(struct asking *asking, enum program program)
{
    const struct request_line *line = asking->line;
    size_t before = asking->n_running;
    json_t *answer = asking_json(asking_call_with(asking, program, true, "Plan", append));

    if (program == PROGRAM_MEMORY && asking->n_running > 0) {
        if (line->reserve && before == 0)
            refuse(asking, PROGRAM_VCPU, "--reserve");
        if (line->n_floors && asking->n_running == before)
            refuse(asking, PROGRAM_MEMORY, "--floor");
    }
    if (answer && line->json)
        json_array_append(asking->all, answer);
    else if (answer)
        show(answer);
    json_decref(answer);
}

int what_if_run(const struct request_line *line)
{
    return asking_run(line, 0, one_plan);
}
