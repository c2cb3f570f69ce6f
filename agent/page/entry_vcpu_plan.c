/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "agent/page/entry.h"
#include "planner/base/plan.h"

enum { MAX_SETS = 512 };

struct sets {
    struct cpuset *list; /* [MAX_SETS], owned; NULL: level pcpu */
    size_t n;
};

static void take_sets(struct skim *skim, struct sets *ret)
{
    struct skim_part text;

    if (!skim_array(skim))
        return;
    if (!ret->list)
        ret->list = calloc(MAX_SETS, sizeof(*ret->list));
    while (skim_element(skim)) {
        char list[RUN_NAME_SIZE * 4];

        if (!skim_string(skim, &text) || !ret->list || ret->n == MAX_SETS)
            continue;
        snprintf(list, sizeof(list), "%.*s", (int)(text.n < sizeof(list) ? text.n : 0), text.at);
        if (cpuset_parse(list, &ret->list[ret->n]) == 0)
            ret->n++;
    }
}

static int bin_of(struct recording *recording, const struct sets *sets, uint64_t place)
{
    char name[RUN_NAME_SIZE];

    if (!sets->list && place < CPUSET_SIZE) {
        struct pcpu_now *pcpu = &recording->pcpus[place];

        if (pcpu->bin < 0) {
            snprintf(name, sizeof(name), "%" PRIu64, place);
            pcpu->bin = run_bin(recording->run, name);
        }
        return pcpu->bin;
    }
    if (!sets->list || place >= sets->n)
        return -1;
    cpuset_format(&sets->list[place], name, sizeof(name));
    return run_bin(recording->run, name);
}

/* Mean and variance of what bins carried. */
struct spread {
    double sum, squares;
    size_t n;
};

static void set_bin(struct recording *recording, int bin, double load, double background,
                    struct spread *spread)
{
    if (isnan(load))
        return;
    run_set_bin(recording->run, bin, RUN_LOAD, load);
    run_set_bin(recording->run, bin, RUN_BACKGROUND, fmax(0, background));
    spread->sum += load;
    spread->squares += load * load;
    spread->n++;
}

static void set_pcpus(struct recording *recording, const struct sets *sets, struct spread *spread)
{
    for (size_t p = 0; p < recording->n_pcpus; p++) {
        const struct pcpu_now *pcpu = &recording->pcpus[p];

        if (pcpu->is_there && pcpu->is_usable)
            set_bin(recording, bin_of(recording, sets, p), pcpu->load, pcpu->load - pcpu->guests,
                    spread);
    }
}

/* Those of the level come first, and wider ones are made of them. */
static void set_sets(struct recording *recording, const struct sets *sets, struct spread *spread)
{
    struct cpuset seen = {{0}};

    for (size_t s = 0; s < sets->n; s++) {
        double load = 0, guests = 0;
        size_t n = 0;

        for (unsigned c = cpuset_next(&sets->list[s], 0); c < CPUSET_SIZE;
             c = cpuset_next(&sets->list[s], c + 1)) {
            if (cpuset_has(&seen, c))
                return;
            load += recording->pcpus[c].is_there ? recording->pcpus[c].load : 0;
            guests += recording->pcpus[c].is_there ? recording->pcpus[c].guests : 0;
            n += recording->pcpus[c].is_there;
            cpuset_add(&seen, c);
        }
        if (n)
            set_bin(recording, bin_of(recording, sets, s), load / (double)n,
                    (load - guests) / (double)n, spread);
    }
}

/* "": it floats, or nobody says. */
static void name_place(const struct sets *sets, bool is_known, double place,
                       char ret[RUN_NAME_SIZE])
{
    if (is_known && place >= 0 && place < CPUSET_SIZE && !sets->list)
        snprintf(ret, RUN_NAME_SIZE, "%.0f", place);
    else if (is_known && place >= 0 && sets->list && place < (double)sets->n)
        cpuset_format(&sets->list[(size_t)place], ret, RUN_NAME_SIZE);
    else
        ret[0] = '\0';
}

/* [number, load before, load after] in permille: what the planner took it to be, where the kernel does not
 * tell how long pCPUs were busy. */
static void take_loads(struct recording *recording, struct skim skim)
{
    if (!skim_array(&skim))
        return;
    while (skim_element(&skim)) {
        uint64_t number = CPUSET_SIZE, load = 0;

        if (!skim_array(&skim))
            continue;
        for (int i = 0; skim_element(&skim); i++)
            if (i < 2)
                skim_count(&skim, i ? &load : &number);
            else
                skim_pass(&skim);
        if (number < CPUSET_SIZE && recording->pcpus[number].is_there &&
            !recording->pcpus[number].is_told)
            recording->pcpus[number].load = fmin(100, (double)load / 10);
    }
}

struct pin_read {
    struct skim_part uuid, reason, list;
    double from, to;
    uint64_t thread;
    bool has_from, has_to, is_helper;
};

static void add_pin(struct recording *recording, const struct sets *sets,
                    const struct pin_read *pin, bool is_release)
{
    static const char quoted[] = "\"pins are not worth it\"";
    static const struct skim_part none = {"", 0}, released = {&quoted[1], sizeof(quoted) - 3};
    char what[3 * RUN_NAME_SIZE], from[RUN_NAME_SIZE], to[RUN_NAME_SIZE], who[40];
    int guest = entry_guest(recording, &pin->uuid, &none);

    name_place(sets, pin->has_from, pin->from, from);
    name_place(sets, pin->has_to, pin->to, to);
    if (pin->list.n > 0 && pin->list.n < sizeof(to))
        snprintf(to, sizeof(to), "%.*s", (int)pin->list.n, pin->list.at);
    if (pin->is_helper)
        plan_helper_name((unsigned)pin->thread, who);
    else
        snprintf(who, sizeof(who), "vCPU %" PRIu64, pin->thread);
    if (is_release)
        to[0] = '\0';
    snprintf(what, sizeof(what), "%s%s%s%s%s", who, from[0] ? " from pCPU " : "", from,
             to[0] ? " to pCPU " : ", to float", to); /* as change_text() has it */
    entry_change(recording, guest,
                 &(struct run_change){.bin = pin->has_to && pin->to >= 0 && !is_release
                                                 ? bin_of(recording, sets, (uint64_t)pin->to)
                                                 : -1,
                                      .is_helper = pin->is_helper,
                                      .thread = (unsigned)pin->thread,
                                      .what = what},
                 is_release ? &released : &pin->reason);
}

static void take_pins(struct recording *recording, struct skim skim, const struct sets *sets,
                      bool is_release)
{
    struct skim_part name;

    if (!skim_array(&skim))
        return;
    while (skim_element(&skim)) {
        struct pin_read pin = {.uuid = {"", 0}, .reason = {"", 0}, .list = {"", 0}};

        if (!skim_object(&skim))
            continue;
        while (skim_member(&skim, &name)) {
            if (skim_is(&name, "uuid"))
                skim_string(&skim, &pin.uuid);
            else if (skim_is(&name, "reason"))
                skim_string(&skim, &pin.reason);
            else if (skim_is(&name, "from"))
                pin.has_from = skim_number(&skim, &pin.from);
            else if (skim_is(&name, "vcpu"))
                skim_count(&skim, &pin.thread);
            else if (skim_is(&name, "iothread"))
                pin.is_helper = skim_count(&skim, &pin.thread);
            else if (skim_is(&name, "pcpus") || (pin.is_helper && skim_is(&name, "to")))
                skim_string(&skim, &pin.list);
            else if (skim_is(&name, "to"))
                pin.has_to = skim_number(&skim, &pin.to);
            else
                skim_pass(&skim);
        }
        add_pin(recording, sets, &pin, is_release);
    }
}

static void finish(struct recording *recording, const struct sets *sets, double least)
{
    struct spread spread = {0};
    double mean, sigma;

    if (sets->list)
        set_sets(recording, sets, &spread);
    else
        set_pcpus(recording, sets, &spread);
    if (spread.n == 0)
        return;
    mean = spread.sum / (double)spread.n;
    sigma = sqrt(fmax(0, spread.squares / (double)spread.n - mean * mean));
    run_set_host(recording->run, RUN_SIGMA, sigma);
    run_set_host(recording->run, RUN_LEAST, least);
}

void entry_vcpu_plan(struct recording *recording, struct skim *skim)
{
    struct skim pins = {"", "", true}, releases = pins, helpers = pins, loads = pins;
    struct skim_part name, verdict = {"", 0};
    struct sets sets = {NULL, 0};
    double least = NAN;
    char text[60];

    while (skim_member(skim, &name)) {
        if (skim_is(&name, "verdict") && skim_string(skim, &verdict) && recording->is_inside)
            run_decided(recording->run, skim_text(&verdict, text, sizeof(text)), 1);
        else if (skim_is(&name, "sigma_bound_pct"))
            skim_number(skim, &least);
        else if (skim_is(&name, "sets"))
            take_sets(skim, &sets);
        else if (!skim_is(&name, "verdict")) {
            if (skim_is(&name, "pins"))
                pins = *skim;
            else if (skim_is(&name, "releases"))
                releases = *skim;
            else if (skim_is(&name, "helper_pins"))
                helpers = *skim;
            else if (skim_is(&name, "pcpus"))
                loads = *skim;
            skim_pass(skim);
        }
    }
    if (recording->is_inside && !skim->failed) {
        take_loads(recording, loads);
        finish(recording, &sets, least);
        take_pins(recording, pins, &sets, false);
        take_pins(recording, releases, &sets, true);
        take_pins(recording, helpers, &sets, false);
    }
    free(sets.list);
}
