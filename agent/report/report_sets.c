/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/report_sets.h"

#include <string.h>

#include "agent/base/text.h"
#include "agent/report/report.h"

enum { BAR_WIDTH = 20, NAME_WIDTH = 16, LIST_WIDTH = 88, SET_WIDTH = 24 };
enum { FLOATS = -1 };

/* What the set's pCPUs ran, on average, or would run. */
static double ran(const struct vcpu_plan *plan, const struct plan_set *set, bool after)
{
    double sum = 0;

    for (size_t p = 0; p < plan->n_pcpus; p++)
        if (cpuset_has(&set->pcpus, plan->pcpus[p].id))
            sum += after ? plan->pcpus[p].ran_after_permille : plan->pcpus[p].ran_permille;
    return sum / (double)set->n_pcpus / 1000;
}

static bool is_of_guest(const struct vcpu_sample *sample, const struct vcpu_plan *plan, size_t i,
                        size_t k)
{
    return guest_compare(&sample->vcpus[plan->places[i].vcpu].guest,
                         &sample->vcpus[plan->places[k].vcpu].guest) == 0;
}

static bool is_at(const struct vcpu_sample *sample, const struct vcpu_plan *plan, size_t i,
                  int place)
{
    return sample->vcpus[plan->places[i].vcpu].running && plan->places[i].from_pcpu == place;
}

/* Its guests, each with the number of its vCPUs there: " web(4) db(2) +3 more". */
static void print_guests(FILE *out, bool all, const struct vcpu_sample *sample,
                         const struct vcpu_plan *plan, int place)
{
    size_t used = 0, hidden = 0;

    for (size_t i = 0, n; i < plan->n_places; i += n) {
        char name[4 * NAME_WIDTH + 1], item[sizeof(name) + 16];
        size_t here = 0;

        for (n = 0; i + n < plan->n_places && is_of_guest(sample, plan, i, i + n); n++)
            here += is_at(sample, plan, i + n, place);
        if (here == 0)
            continue;
        text_column(sample->vcpus[plan->places[i].vcpu].guest.name, NAME_WIDTH, 0, name,
                    sizeof(name));
        snprintf(item, sizeof(item), "%s(%zu)", name, here);
        if (!all && used + strlen(item) + 1 > LIST_WIDTH) {
            hidden++;
            continue;
        }
        used += strlen(item) + 1;
        fprintf(out, " %s", item);
    }
    if (hidden)
        fprintf(out, " +%zu more", hidden);
}

static bool is_any_at(const struct vcpu_sample *sample, const struct vcpu_plan *plan, int place)
{
    for (size_t i = 0; i < plan->n_places; i++)
        if (is_at(sample, plan, i, place))
            return true;
    return false;
}

static void print_set(FILE *out, bool verbose, const struct vcpu_sample *sample,
                      const struct vcpu_plan *plan, size_t s)
{
    const struct plan_set *set = &plan->sets[s];
    char pcpus[SET_WIDTH + 1], bar[BAR_WIDTH + 1], after[16] = "";
    bool is_plan = plan->n_pins + plan->n_releases > 0;

    cpuset_format(&set->pcpus, pcpus, sizeof(pcpus));
    text_bar(ran(plan, set, false), ran(plan, set, true), BAR_WIDTH, bar);
    if (is_plan)
        snprintf(after, sizeof(after), "%6.1f", 100 * ran(plan, set, true));
    fprintf(out, "  %-4s %-*s %6.1f %6.1f %6.1f |%s| %6s ",
            topology_level_text(s < plan->n_bins ? plan->grain : TOPOLOGY_LEVEL_NODE), SET_WIDTH,
            pcpus, 100 * ran(plan, set, false), set->before_permille / 10.0,
            set->background_permille / 10.0, bar, after);
    print_guests(out, verbose, sample, plan, (int)s);
    fputc('\n', out);
}

void report_sets(FILE *out, bool verbose, const struct vcpu_sample *sample,
                 const struct vcpu_plan *plan)
{
    bool is_plan = plan->n_pins + plan->n_releases > 0;

    fprintf(out, "  set  %-*s load %%  wants  other |0%*s| %6s  guests (vCPUs)\n", SET_WIDTH,
            "pCPUs", BAR_WIDTH - 1, "100", is_plan ? "after" : "");
    for (size_t s = 0; s < plan->n_sets; s++)
        if (s < plan->n_bins || is_any_at(sample, plan, (int)s))
            print_set(out, verbose, sample, plan, s);
    if (is_any_at(sample, plan, FLOATS)) {
        fputs("  floating:", out);
        print_guests(out, verbose, sample, plan, FLOATS);
        fputc('\n', out);
    }
}

static void place_text(const struct vcpu_plan *plan, int place, char *ret, size_t size)
{
    struct cpuset set = vcpu_plan_pcpus(plan, place);

    if (place < 0)
        snprintf(ret, size, "floating");
    else
        cpuset_format(&set, ret, size);
}

static bool are_alike(const struct vcpu_pin *a, const struct vcpu_pin *b)
{
    return guest_compare(&a->guest, &b->guest) == 0 && a->from_pcpu == b->from_pcpu &&
           cpuset_is_equal(&a->to, &b->to);
}

static void print_move(FILE *out, const char *what, const struct guest_id *guest, size_t n,
                       const char *from, const char *to, int demand_permille, const char *reason)
{
    char name[4 * NAME_WIDTH + 1], who[sizeof(name) + 24];

    text_column(guest->name, NAME_WIDTH, 0, name, sizeof(name));
    snprintf(who, sizeof(who), "%s(%zu)", name, n);
    fprintf(out, "  %s %-*s %8s -> %s %5.1f %%  %s\n", what, NAME_WIDTH + 4, who, from, to,
            demand_permille / 10.0, reason);
}

static void print_pins(FILE *out, const struct vcpu_plan *plan, bool dry_run)
{
    for (size_t i = 0, n; i < plan->n_pins; i += n) {
        const struct vcpu_pin *pin = &plan->pins[i];
        char from[SET_WIDTH + 1], to[SET_WIDTH + 1], reason[sizeof(pin->reason)];
        int demand_permille = 0;

        for (n = 0; i + n < plan->n_pins && are_alike(pin, &plan->pins[i + n]); n++)
            demand_permille += plan->pins[i + n].demand_permille;
        place_text(plan, pin->from_pcpu, from, sizeof(from));
        cpuset_format(&pin->to, to, sizeof(to));
        print_move(out, dry_run ? "would pin" : "pin", &pin->guest, n, from, to, demand_permille,
                   text_shown(pin->reason, reason, sizeof(reason)));
    }
}

void report_sets_pins(FILE *out, const struct vcpu_plan *plan, bool dry_run)
{
    print_pins(out, plan, dry_run);
    for (size_t i = 0, n; i < plan->n_releases; i += n) {
        const struct vcpu_release *first = &plan->releases[i];
        char from[SET_WIDTH + 1];
        int demand_permille = 0;

        for (n = 0; i + n < plan->n_releases &&
                    guest_compare(&plan->releases[i + n].guest, &first->guest) == 0 &&
                    plan->releases[i + n].from_pcpu == first->from_pcpu;
             n++)
            demand_permille += plan->releases[i + n].demand_permille;
        place_text(plan, first->from_pcpu, from, sizeof(from));
        print_move(out, dry_run ? "would free" : "free", &first->guest, n, from, "floating",
                   demand_permille, "");
    }
}

void report_sets_helpers(FILE *out, const struct vcpu_plan *plan, bool dry_run)
{
    for (size_t i = 0; i < plan->n_helper_pins; i++) {
        const struct helper_pin *pin = &plan->helper_pins[i];
        char name[4 * NAME_WIDTH + 1], who[sizeof(name) + 32], reason[sizeof(pin->reason)];
        char thread[HELPER_NAME_SIZE];
        char from[SET_WIDTH + 1], to[SET_WIDTH + 1];

        text_column(pin->guest.name, NAME_WIDTH, 0, name, sizeof(name));
        snprintf(who, sizeof(who), "%s(%s)", name, plan_helper_name(pin->iothread, thread));
        cpuset_format(&pin->from, from, sizeof(from));
        cpuset_format(&pin->to, to, sizeof(to));
        fprintf(out, "  %s%s %-*s %8s -> %s %5.1f %%  %s\n", dry_run ? "would " : "",
                helper_pin_verb(pin), NAME_WIDTH + 4, who, from, to, pin->demand_permille / 10.0,
                text_shown(pin->reason, reason, sizeof(reason)));
    }
}
