/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/core_speed.h"

double core_speed(const struct pcpu_reading *pcpu)
{
    return pcpu->place.speed_permille > 0 ? pcpu->place.speed_permille / 1000.0 : 1;
}

bool core_speed_is_mixed(const struct vcpu_sample *sample)
{
    for (size_t p = 1; sample->has_shape && p < sample->n_pcpus; p++)
        if (sample->pcpus[p].place.speed_permille != sample->pcpus[0].place.speed_permille)
            return true;
    return false;
}

double core_speed_of_mask(const struct vcpu_sample *sample, const struct background *backgrounds,
                          const struct cpuset *mask)
{
    double busy = 0, work = 0, sum = 0, n = 0;

    for (size_t p = 0; p < sample->n_pcpus; p++) {
        double speed = core_speed(&sample->pcpus[p]);

        if (!cpuset_has(mask, sample->pcpus[p].id))
            continue;
        sum += speed;
        n++;
        if (backgrounds[p].known) {
            busy += backgrounds[p].busy;
            work += backgrounds[p].busy * speed;
        }
    }
    return busy > 0 ? work / busy : n > 0 ? sum / n : 1;
}
