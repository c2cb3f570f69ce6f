/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/page/entry.h"

#include <inttypes.h>
#include <math.h>

#include "planner/base/units.h"

static double mib(uint64_t kib)
{
    return (double)kib / KIB_PER_MIB;
}

static void take_guest(struct recording *recording, struct skim *skim)
{
    struct skim_part uuid = {"", 0}, guest = {"", 0}, name;
    uint64_t actual = 0, unused = 0;
    bool has_actual = false, has_unused = false;
    int place;

    while (skim_member(skim, &name)) {
        if (skim_is(&name, "uuid"))
            skim_string(skim, &uuid);
        else if (skim_is(&name, "guest"))
            skim_string(skim, &guest);
        else if (skim_is(&name, "actual_kib"))
            has_actual = skim_count(skim, &actual);
        else if (skim_is(&name, "unused_kib"))
            has_unused = skim_count(skim, &unused);
        else
            skim_pass(skim);
    }
    place = has_actual ? entry_guest(recording, &uuid, &guest) : -1;
    if (place < 0)
        return;
    recording->guests[place] = (struct guest_now){.is_seen = true, .used = mib(actual)};
    if (!recording->is_inside)
        return;
    run_set_guest(recording->run, place, RUN_SIZE, mib(actual));
    if (has_unused && unused <= actual)
        run_set_guest(recording->run, place, RUN_IN_USE, mib(actual - unused));
}

void entry_memory_sample(struct recording *recording, struct skim *skim)
{
    uint64_t spare = 0, available = 0;
    struct skim_part name;
    bool is_told = false;

    for (size_t g = 0; g < recording->run->n_guests; g++)
        recording->guests[g].is_seen = false;
    while (skim_member(skim, &name)) {
        if (skim_is(&name, "host_free_kib")) {
            is_told |= skim_count(skim, &spare);
        } else if (skim_is(&name, "host_available_kib")) {
            is_told |= skim_count(skim, &available);
        } else if (skim_is(&name, "guests") && skim_array(skim)) {
            while (skim_element(skim))
                if (skim_object(skim))
                    take_guest(recording, skim);
        } else if (!skim_is(&name, "guests")) {
            skim_pass(skim);
        }
    }
    if (is_told && recording->is_inside)
        run_set_host(recording->run, RUN_FREE, mib(spare > available ? spare : available));
}

static void take_place(struct recording *recording, struct skim *skim)
{
    static const struct skim_part none = {"", 0};
    struct skim_part uuid = {"", 0}, name;
    uint64_t demand = 0, target = 0, wish = 0;
    bool has_demand = false, has_target = false;
    int place;

    while (skim_member(skim, &name)) {
        if (skim_is(&name, "uuid"))
            skim_string(skim, &uuid);
        else if (skim_is(&name, "demand_kib"))
            has_demand = skim_count(skim, &demand);
        else if (skim_is(&name, "target_kib"))
            has_target = skim_count(skim, &target);
        else if (skim_is(&name, "wish_kib"))
            skim_count(skim, &wish);
        else
            skim_pass(skim);
    }
    place = entry_guest(recording, &uuid, &none);
    if (place < 0 || !recording->guests[place].is_seen)
        return;
    if (has_target)
        run_set_guest(recording->run, place, RUN_TARGET, mib(target));
    /* What it needs now, and of what it needs soon the part that there was nothing for. */
    if (has_demand && has_target)
        run_set_guest(
            recording->run, place, RUN_LACKS,
            fmax(0, fmax(mib(demand) - recording->guests[place].used, mib(wish) - mib(target))));
}

static void take_places(struct recording *recording, struct skim *skim)
{
    if (!skim_array(skim))
        return;
    while (skim_element(skim))
        if (skim_object(skim))
            take_place(recording, skim);
}

static void take_steps(struct recording *recording, struct skim *skim)
{
    static const struct skim_part none = {"", 0};
    struct skim_part uuid = none, reason = none, name;
    uint64_t from, to;
    char what[100];

    if (!skim_array(skim))
        return;
    while (skim_element(skim)) {
        if (!skim_object(skim))
            continue;
        from = to = 0;
        uuid = reason = none;
        while (skim_member(skim, &name)) {
            if (skim_is(&name, "uuid"))
                skim_string(skim, &uuid);
            else if (skim_is(&name, "reason"))
                skim_string(skim, &reason);
            else if (skim_is(&name, "from_kib"))
                skim_count(skim, &from);
            else if (skim_is(&name, "to_kib"))
                skim_count(skim, &to);
            else
                skim_pass(skim);
        }
        snprintf(what, sizeof(what), "from %.0f to %.0f MiB", mib(from), mib(to));
        entry_change(recording, entry_guest(recording, &uuid, &none),
                     &(struct run_change){.bin = -1, .what = what}, &reason);
    }
}

void entry_memory_plan(struct recording *recording, struct skim *skim)
{
    static const struct {
        const char *name;
        int series;
    } figures[] = {{"host_reserve_kib", RUN_RESERVE},
                   {"host_promised_kib", RUN_PROMISED},
                   {"missing_kib", RUN_MISSING}};
    struct skim_part name, verdict;
    char text[60];

    while (skim_member(skim, &name)) {
        uint64_t value;

        if (!recording->is_inside) {
            skim_pass(skim);
            continue;
        }
        if (skim_is(&name, "places")) {
            take_places(recording, skim);
        } else if (skim_is(&name, "reclaims") || skim_is(&name, "grants")) {
            take_steps(recording, skim);
        } else if (skim_is(&name, "verdict")) {
            if (skim_string(skim, &verdict))
                run_decided(recording->run, skim_text(&verdict, text, sizeof(text)), 1);
        } else {
            size_t i = 0;

            while (i < 3 && !skim_is(&name, figures[i].name))
                i++;
            if (i == 3)
                skim_pass(skim);
            else if (skim_count(skim, &value))
                run_set_host(recording->run, figures[i].series, mib(value));
        }
    }
}
