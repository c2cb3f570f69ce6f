/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>

#include "tests/soak/soak.h"

/* How far a guest may be brought down and up, by what it told and by what is true of the host. */

/* What the kernel of a simulated guest does not count as its total. */
static const double kernel_kib = 28 * KIB_OF_MIB;
static const double least_kib = 200 * KIB_OF_MIB, unused_kib = 100 * KIB_OF_MIB;
static const double reserve_kib = 200 * KIB_OF_MIB, max_step_kib = 128 * KIB_OF_MIB;

static const struct memory_reading *reading_of(const struct soak *soak, const struct guest_id *id)
{
    for (size_t i = 0; i < soak->memory->n_guests; i++)
        if (guest_compare(&soak->memory->guests[i].guest, id) == 0)
            return &soak->memory->guests[i];
    return NULL;
}

static double cap_kib(const struct memory_reading *reading, const struct guest_state_now *guest)
{
    double cap = (double)reading->maximum_kib;

    if (reading->policy.has_ceiling)
        cap = fmin(cap, (double)reading->policy.ceiling_kib);
    if (reading->limit_kib)
        cap = fmin(cap, (double)reading->limit_kib - guest->spec->overhead_kib);
    return cap;
}

/* A guest tells the truth unless it lies, and then nothing of it is to be built on. */
static bool is_truthful(const struct memory_reading *reading, const struct guest_state_now *guest)
{
    return (guest->statistics == STATISTICS_OK || guest->statistics == STATISTICS_FROZEN) &&
           (reading->has & MEMORY_HAS_UNUSED) && guest->report.told;
}

/* The least that it may be left with, in full; today's size where that is less. */
static double floor_kib(const struct memory_reading *reading, const struct guest_state_now *guest)
{
    const struct memory_report *report = &guest->report;
    double used = report->available_kib + kernel_kib - report->unused_kib;
    double floor = fmax((double)reading->beside_kib + least_kib, used + unused_kib);

    if (reading->policy.has_pin)
        return fmin(fmin((double)reading->policy.pin_kib, cap_kib(reading, guest)),
                    (double)reading->actual_kib);
    if (reading->policy.has_floor)
        floor = fmax(floor, (double)reading->policy.floor_kib);
    floor = fmin(floor, cap_kib(reading, guest));
    return fmin(floor, (double)reading->actual_kib);
}

static void judge_down(struct soak *soak, const struct memory_reading *reading,
                       const struct guest_state_now *guest, double target)
{
    double actual = (double)reading->actual_kib, floor = floor_kib(reading, guest);
    double step = fmin(max_step_kib, actual / 4);

    if (!reading->policy.has_pin && !is_truthful(reading, guest))
        soak_refuse(soak, "'%s' is asked for %.0f KiB and has told nothing that is true",
                    reading->guest.name, actual - target);
    if (target + PAGE < floor)
        soak_refuse(soak, "'%s' is brought to %.0f KiB, below its floor of %.0f KiB",
                    reading->guest.name, target, floor);
    if (actual - target > step + PAGE)
        soak_refuse(soak, "'%s' is asked for %.0f KiB at once, more than %.0f KiB",
                    reading->guest.name, actual - target, step);
}

/* What a guest holds or may take without a further word of the program. What others asked for is
 * not the program's to know before the guest holds it. */
static double may_hold_kib(const struct soak *soak, size_t g)
{
    const struct guest_state_now *guest = &soak->world->guests[g];
    double target = guest->balloon.target_kib, most = guest->actual_kib;

    if (!guest->present)
        return 0;
    if (fabs(target - (double)soak->asked_kib[g]) < 1)
        most = fmin(fmax(most, target), guest->maximum_kib);
    return fmax(most, guest->touched_kib) + guest->spec->overhead_kib;
}

/* Free if everyone took all that they may. */
static double left_kib(const struct soak *soak)
{
    const struct simulated *world = soak->world;
    double left = world->scenario.total_kib - world->other_kib - world->scenario.arc_kib;

    for (size_t g = 0; g < world->n_guests; g++)
        left -= may_hold_kib(soak, g);
    return left;
}

static void judge_up(struct soak *soak, const struct memory_reading *reading,
                     const struct guest_state_now *guest, double target)
{
    size_t g = (size_t)(guest - soak->world->guests);
    double held = may_hold_kib(soak, g) - guest->spec->overhead_kib;
    double left = left_kib(soak) - fmax(0, target - held);

    if (target > (double)reading->actual_kib + PAGE && target > cap_kib(reading, guest) + PAGE)
        soak_refuse(soak, "'%s' is given %.0f KiB, beyond its %.0f KiB", reading->guest.name,
                    target, cap_kib(reading, guest));
    if (target > held && left < reserve_kib - PAGE)
        soak_refuse(soak, "'%s' is given %.0f KiB more, which leaves the host %.0f KiB",
                    reading->guest.name, target - held, left);
}

void soak_judge_balloon(struct soak *soak, const struct guest_id *id, uint64_t target_kib)
{
    const struct memory_reading *reading = reading_of(soak, id);
    const struct guest_state_now *guest = soak_guest(soak, id);

    if (!reading || !guest) {
        soak_refuse(soak, "a size for '%s', which no sample had", id->name);
        return;
    }
    if (!reading->has_balloon || reading->locked || reading->policy.excluded ||
        reading->run != GUEST_RUNNING)
        soak_refuse(soak, "a size for '%s', which is to be left alone", id->name);
    if (target_kib < reading->actual_kib)
        judge_down(soak, reading, guest, (double)target_kib);
    else
        judge_up(soak, reading, guest, (double)target_kib);
}
