/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/news.h"

#include "agent/base/hash.h"

static enum report_detail detail_of(struct news *news, bool is_verbose, enum verdict verdict,
                                    size_t n_actions, uint64_t hash,
                                    const struct interval *interval)
{
    const char *text = verdict_text(verdict);
    bool is_other = text != news->verdict;

    news->verdict = text;
    if (is_verbose)
        return REPORT_ALL;
    if (verdict != VERDICT_HOLD_OBSERVING && hash != news->hash) {
        news->hash = hash;
        return REPORT_TABLE;
    }
    if (n_actions > 0 && !interval->dry_run)
        return REPORT_CHANGES;
    return is_other ? REPORT_NOTE : REPORT_LINE;
}

enum report_detail news_of_vcpus(struct news *news, bool is_verbose,
                                 const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                                 const struct interval *interval)
{
    uint64_t hash = HASH_START;

    for (size_t i = 0; i < plan->n_places; i++) {
        const struct vcpu_place *place = &plan->places[i];
        const struct vcpu_reading *reading = &sample->vcpus[place->vcpu];

        hash_guest(&hash, &reading->guest);
        hash_bytes(&hash, &reading->vcpu, sizeof(reading->vcpu));
        hash_bytes(&hash, &reading->running, sizeof(reading->running));
        hash_bytes(&hash, &place->from_place, sizeof(place->from_place));
        hash_bytes(&hash, &place->to_place, sizeof(place->to_place));
    }
    for (size_t i = 0; i < plan->n_helper_pins; i++) {
        hash_guest(&hash, &plan->helper_pins[i].guest);
        hash_bytes(&hash, &plan->helper_pins[i].to, sizeof(plan->helper_pins[i].to));
    }
    return detail_of(news, is_verbose, plan->verdict, vcpu_plan_actions(plan), hash, interval);
}

enum report_detail news_of_memory(struct news *news, bool is_verbose,
                                  const struct memory_plan *plan, const struct interval *interval)
{
    uint64_t hash = HASH_START;

    for (size_t i = 0; i < plan->n_places; i++) {
        const struct memory_place *place = &plan->places[i];

        hash_guest(&hash, &place->guest);
        hash_bytes(&hash, &place->state, sizeof(place->state));
    }
    for (size_t i = 0; i < plan->n_reclaims + plan->n_grants; i++) {
        const struct balloon_step *step =
            i < plan->n_reclaims ? &plan->reclaims[i] : &plan->grants[i - plan->n_reclaims];

        hash_guest(&hash, &step->guest);
        hash_bytes(&hash, i < plan->n_reclaims ? "-" : "+", 1);
    }
    return detail_of(news, is_verbose, plan->verdict, plan->n_reclaims + plan->n_grants, hash,
                     interval);
}
