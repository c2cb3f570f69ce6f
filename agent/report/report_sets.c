/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/report_sets.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/text.h"
#include "agent/report/fold.h"
#include "agent/report/order.h"
#include "agent/report/report.h"

enum { NAME_WIDTH = 16, SET_WIDTH = 13, PLACE_SIZE = 25, LIST_SIZE = 4 * CPUSET_SIZE };
enum { LIST_COLUMNS = 3 * FOLD_COLUMNS, INDENT = 9, SENTENCE_INDENT = 6 };
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

static bool is_at(const struct vcpu_sample *sample, const struct vcpu_plan *plan, size_t i,
                  int place)
{
    return sample->vcpus[plan->places[i].vcpu].running && plan->places[i].from_place == place;
}

/* Its guests, each with the number of its vCPUs there: " web(4) db(2) +3 more". */
static void print_guests(struct fold *fold, bool all, const struct vcpu_sample *sample,
                         const struct vcpu_plan *plan, const struct order_row *rows, int place)
{
    size_t used = 0, hidden = 0;

    for (size_t i = 0, n; rows && i < plan->n_places; i += n) {
        char name[4 * NAME_WIDTH + 1], item[sizeof(name) + 16];
        size_t here = 0;

        for (n = 0; i + n < plan->n_places && guest_compare(rows[i].guest, rows[i + n].guest) == 0;
             n++)
            here += is_at(sample, plan, rows[i + n].at, place);
        if (here == 0)
            continue;
        text_column(rows[i].guest->name, NAME_WIDTH, 0, name, sizeof(name));
        snprintf(item, sizeof(item), " %s(%zu)", name, here);
        if (!all && used + strlen(item) > LIST_COLUMNS) {
            hidden++;
            continue;
        }
        used += strlen(item);
        fold_text(fold, item);
    }
    if (hidden)
        fold_print(fold, " +%zu more", hidden);
}

static bool is_any_at(const struct vcpu_sample *sample, const struct vcpu_plan *plan, int place)
{
    for (size_t i = 0; i < plan->n_places; i++)
        if (is_at(sample, plan, i, place))
            return true;
    return false;
}

/* All of what did not fit, broken at commas. */
static void print_list(struct fold *fold, const struct cpuset *pcpus)
{
    char list[LIST_SIZE], *rest = list, *one;
    const char *before = "; pCPUs";

    cpuset_format(pcpus, list, sizeof(list));
    for (; (one = strtok_r(rest, ",", &rest)) != NULL; before = ",")
        fold_print(fold, "%s %s", before, one);
}

static void print_set(FILE *out, bool all, const struct vcpu_sample *sample,
                      const struct vcpu_plan *plan, const struct order_row *rows, size_t s)
{
    const struct plan_set *set = &plan->sets[s];
    char pcpus[SET_WIDTH + 1], bar[REPORT_BAR_SIZE];
    bool is_plan = plan->n_pins + plan->n_releases > 0;
    int ran_permille = (int)(1000 * ran(plan, set, false) + 0.5);
    int after_permille = (int)(1000 * ran(plan, set, true) + 0.5);
    struct fold fold;
    int column;

    cpuset_format(&set->pcpus, pcpus, sizeof(pcpus));
    report_load_bar(ran_permille, set->before_permille, is_plan ? after_permille : 0, bar);
    column = fprintf(out, "  %-4s %-*s %6.1f %6.1f %6.1f |%s|",
                     topology_level_text(s < plan->n_bins ? plan->grain : TOPOLOGY_LEVEL_NODE),
                     SET_WIDTH, pcpus, ran_permille / 10.0, set->before_permille / 10.0,
                     set->background_permille / 10.0, bar);
    if (is_plan)
        column += fprintf(out, " %6.1f", after_permille / 10.0);
    fold = fold_begin(out, column > 0 ? (size_t)column : 0, INDENT);
    print_guests(&fold, all, sample, plan, rows, (int)s);
    if (all && strstr(pcpus, "..."))
        print_list(&fold, &set->pcpus);
    fold_end(&fold);
}

void report_sets(FILE *out, bool verbose, const struct vcpu_sample *sample,
                 const struct vcpu_plan *plan, const struct order_row *rows)
{
    bool is_plan = plan->n_pins + plan->n_releases > 0;
    struct fold fold = fold_begin(out, 0, SENTENCE_INDENT);

    fprintf(out, "  set  %-*s load %%  wants  other |0      100|+     200|%s guests\n", SET_WIDTH,
            "pCPUs", is_plan ? "  after" : "");
    for (size_t s = 0; s < plan->n_sets; s++)
        if (s < plan->n_bins || is_any_at(sample, plan, (int)s))
            print_set(out, verbose, sample, plan, rows, s);
    if (is_any_at(sample, plan, FLOATS)) {
        fold_text(&fold, "  floating:");
        print_guests(&fold, verbose, sample, plan, rows, FLOATS);
        fold_end(&fold);
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
    return guest_compare(&a->guest, &b->guest) == 0 && a->from_place == b->from_place &&
           cpuset_is_equal(&a->to, &b->to);
}

static void print_move(FILE *out, const char *what, const struct guest_id *guest, size_t n,
                       const char *from, const char *to, int demand_permille, const char *reason)
{
    char name[4 * NAME_WIDTH + 1], who[sizeof(name) + 24];

    text_column(guest->name, NAME_WIDTH, 0, name, sizeof(name));
    snprintf(who, sizeof(who), "%s(%zu)", name, n);
    fold_line(out, SENTENCE_INDENT, "  %s %s %s -> %s, %.1f %%%s%s", what, who, from, to,
              demand_permille / 10.0, reason[0] ? ": " : "", reason);
}

static void print_pins(FILE *out, const struct vcpu_plan *plan, bool dry_run)
{
    struct order_row *rows = order_pins(plan->pins, plan->n_pins);

    for (size_t i = 0, n; rows && i < plan->n_pins; i += n) {
        const struct vcpu_pin *pin = &plan->pins[rows[i].at];
        char from[PLACE_SIZE], to[PLACE_SIZE], reason[sizeof(pin->reason)];
        int demand_permille = 0;

        for (n = 0; i + n < plan->n_pins && are_alike(pin, &plan->pins[rows[i + n].at]); n++)
            demand_permille += plan->pins[rows[i + n].at].demand_permille;
        place_text(plan, pin->from_place, from, sizeof(from));
        cpuset_format(&pin->to, to, sizeof(to));
        print_move(out, dry_run ? "would pin" : "pin", &pin->guest, n, from, to, demand_permille,
                   text_shown(pin->reason, reason, sizeof(reason)));
    }
    free(rows);
}

void report_sets_pins(FILE *out, const struct vcpu_plan *plan, bool dry_run)
{
    struct order_row *rows = order_releases(plan->releases, plan->n_releases);

    print_pins(out, plan, dry_run);
    for (size_t i = 0, n; rows && i < plan->n_releases; i += n) {
        const struct vcpu_release *first = &plan->releases[rows[i].at];
        char from[PLACE_SIZE];
        int demand_permille = 0;

        for (n = 0; i + n < plan->n_releases; n++) {
            const struct vcpu_release *release = &plan->releases[rows[i + n].at];

            if (guest_compare(&release->guest, &first->guest) != 0 ||
                release->from_place != first->from_place)
                break;
            demand_permille += release->demand_permille;
        }
        place_text(plan, first->from_place, from, sizeof(from));
        print_move(out, dry_run ? "would free" : "free", &first->guest, n, from, "floating",
                   demand_permille, "");
    }
    free(rows);
}

void report_sets_helpers(FILE *out, const struct vcpu_plan *plan, bool dry_run)
{
    for (size_t i = 0; i < plan->n_helper_pins; i++) {
        const struct helper_pin *pin = &plan->helper_pins[i];
        char name[4 * NAME_WIDTH + 1], who[sizeof(name) + 32], reason[sizeof(pin->reason)];
        char thread[HELPER_NAME_SIZE];
        char from[PLACE_SIZE], to[PLACE_SIZE];

        text_column(pin->guest.name, NAME_WIDTH, 0, name, sizeof(name));
        snprintf(who, sizeof(who), "%s(%s)", name, plan_helper_name(pin->iothread, thread));
        cpuset_format(&pin->from, from, sizeof(from));
        cpuset_format(&pin->to, to, sizeof(to));
        fold_line(out, SENTENCE_INDENT, "  %s%s %s %s -> %s, %.1f %%: %s", dry_run ? "would " : "",
                  helper_pin_verb(pin), who, from, to, pin->demand_permille / 10.0,
                  text_shown(pin->reason, reason, sizeof(reason)));
    }
}
