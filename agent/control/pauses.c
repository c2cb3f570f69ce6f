/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/control/pauses.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/guest_name.h"
#include "agent/base/json_values.h"

static bool is_same(const char *left, const char *right)
{
    unsigned char a[16], b[16];

    if (guest_uuid_parse(left, a) == 0 && guest_uuid_parse(right, b) == 0)
        return memcmp(a, b, sizeof(a)) == 0;
    return strcmp(left, right) == 0;
}

static bool is_meant(const struct pause *pause, const char *guest, const struct guest_id *known)
{
    return is_same(pause->guest, guest) || (known && guest_is_called(known, pause->guest));
}

/* Ends those of one guest, or of all (""). */
static size_t drop(struct pauses *pauses, const char *guest, const struct guest_id *known)
{
    size_t before = pauses->n;

    for (size_t i = pauses->n; i-- > 0;) {
        if (is_meant(&pauses->list[i], guest, known))
            pauses->list[i] = pauses->list[--pauses->n];
    }
    return before - pauses->n;
}

static int64_t ends(int64_t until_s, struct pause_clock now)
{
    if (until_s <= now.real_s)
        return now.steady_s;
    return until_s == INT64_MAX || until_s - now.real_s > INT64_MAX - now.steady_s
               ? INT64_MAX
               : until_s - now.real_s + now.steady_s;
}

int pauses_add(struct pauses *pauses, const char *guest, const struct guest_id *known,
               int64_t until_s, struct pause_clock now)
{
    struct pause *pause;

    if (strlen(guest) >= PAUSE_NAME_SIZE)
        return -ENAMETOOLONG;
    drop(pauses, guest, known);
    if (pauses->n == MAX_PAUSES)
        return -ENOSPC;
    pause = &pauses->list[pauses->n++];
    snprintf(pause->guest, sizeof(pause->guest), "%s", guest);
    pause->until_s = until_s;
    pause->ends_s = ends(until_s, now);
    return 0;
}

bool pauses_remove(struct pauses *pauses, const char *guest, const struct guest_id *known)
{
    size_t n = pauses->n;

    if (guest[0])
        return drop(pauses, guest, known) > 0;
    pauses->n = 0;
    return n > 0;
}

void pauses_expire(struct pauses *pauses, int64_t steady_s)
{
    for (size_t i = pauses->n; i-- > 0;) {
        if (pauses->list[i].ends_s <= steady_s)
            pauses->list[i] = pauses->list[--pauses->n];
    }
}

static const struct pause *find_all(const struct pauses *pauses)
{
    for (size_t i = 0; i < pauses->n; i++) {
        if (!pauses->list[i].guest[0])
            return &pauses->list[i];
    }
    return NULL;
}

bool pauses_have_all(const struct pauses *pauses)
{
    return find_all(pauses) != NULL;
}

const struct pause *pauses_find(const struct pauses *pauses, const struct guest_id *guest)
{
    const struct pause *found = find_all(pauses);

    for (size_t i = 0; !found && i < pauses->n; i++)
        if (guest_is_called(guest, pauses->list[i].guest))
            found = &pauses->list[i];
    return found;
}

bool pauses_have(const struct pauses *pauses, const struct guest_id *guest)
{
    return pauses_find(pauses, guest) != NULL;
}

json_t *pauses_to_json(const struct pauses *pauses)
{
    json_t *array = json_array();
    int failures = 0;

    for (size_t i = 0; i < pauses->n; i++) {
        const struct pause *pause = &pauses->list[i];
        json_t *until = pause->until_s == INT64_MAX ? json_null() : json_integer(pause->until_s);
        json_t *guest = pause->guest[0] ? json_string(pause->guest) : json_null();

        failures +=
            json_array_append_new(array, json_members("guest", guest, "until", until, NULL)) < 0;
    }
    return json_unless(array, failures);
}

static int read_one(const json_t *object, struct pause_clock now, struct pauses *pauses)
{
    const json_t *guest = json_object_get(object, "guest");
    const json_t *until = json_object_get(object, "until");
    bool has_end = json_is_integer(until);

    if (!json_is_object(object) || !(json_is_null(guest) || json_is_string(guest)) ||
        !(has_end || json_is_null(until)))
        return -EINVAL;
    return pauses_add(pauses, json_is_null(guest) ? "" : json_string_value(guest), NULL,
                      has_end ? json_integer_value(until) : INT64_MAX, now) < 0
               ? -EINVAL
               : 0;
}

int pauses_from_json(const json_t *array, struct pause_clock now, struct pauses *ret)
{
    struct pauses pauses = {.n = 0};
    int r = json_is_array(array) ? 0 : -EINVAL;

    for (size_t i = 0; r == 0 && i < json_array_size(array); i++)
        r = read_one(json_array_get(array, i), now, &pauses);
    if (r == 0)
        *ret = pauses;
    return r;
}
