/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/accept/cpu_judge.h"

#include <math.h>
#include <stdlib.h>

#include "tests/accept/best.h"

/* Second at which the test acts, and in case 7 the one before the step. */
enum { TEST_S = 5 };
enum { STEP_S = 30 };
/* Standard deviation at which the exercise calls pCPUs balanced; what is won on top of the
 * noise. */
static const double BALANCED = 5;
static const double SIGMA_LIMIT = 1.5;
enum { LAST = 5 };

struct judging {
    int number;
    double interval_s;
    const struct cpu_record *record, *reference;
    size_t loaded;  /* first sample in which every program runs */
    size_t settled; /* first sample in which every program does what it will do */
    struct case_verdict *verdict;
};

static bool changed(const struct cpu_record *record, size_t sample)
{
    size_t at = sample * record->n_vcpus;

    for (size_t v = 0; sample > 0 && v < record->n_vcpus; v++)
        if (record->demand[at + v] != record->demand[at - record->n_vcpus + v])
            return true;
    return false;
}

size_t cpu_last_change(const struct cpu_record *record, size_t before)
{
    size_t last = 0;

    for (size_t s = 1; s < before && s < record->n_samples; s++)
        if (changed(record, s))
            last = s;
    return last;
}

size_t cpu_first_loaded(const struct cpu_record *record)
{
    size_t s = TEST_S;

    /* demand is read at the end of a sample: the next one is the first full one */
    for (; s < record->n_samples; s++) {
        size_t at = s * record->n_vcpus, busy = 0;

        for (size_t v = 0; v < record->n_vcpus; v++)
            busy += record->demand[at + v] > 100;
        if (busy == record->n_vcpus)
            return s + 1;
    }
    return TEST_S + 2;
}

/* Sigma up to which the pCPUs count as balanced: five, or five more than the best placement has
 * where that has no balance either. */
static double sigma_limit(const struct judging *judging, size_t sample)
{
    double best = cpu_record_sigma(judging->reference, sample);

    return best <= BALANCED / 2 ? BALANCED : best + BALANCED;
}

/* How far a sample is beyond its limit; while programs change from one load to another within the
 * sample, they do so one after the other, and no placement has an even load. */
static double excess(const struct judging *judging, size_t sample)
{
    if (changed(judging->record, sample))
        return 0;
    return fmax(cpu_record_sigma(judging->record, sample) - sigma_limit(judging, sample), 0);
}

/* First sample from which three in a row are balanced. */
static size_t balanced_from(const struct judging *judging, size_t from)
{
    const struct cpu_record *record = judging->record;

    for (size_t s = from; s + 3 <= record->n_samples; s++)
        if (excess(judging, s) + excess(judging, s + 1) + excess(judging, s + 2) <= 0)
            return s;
    return record->n_samples;
}

static double mean_sigma(const struct cpu_record *record, size_t from, size_t to)
{
    double sum = 0;

    for (size_t s = from; s < to; s++)
        sum += cpu_record_sigma(record, s);
    return sum / (double)(to - from);
}

/* Largest distance of a pCPU's mean load from the mean of all, in percent of it. */
static double distance_pct(const struct cpu_record *record, size_t from, size_t to)
{
    double mean = 0, far = 0;

    for (size_t s = from; s < to; s++)
        mean += cpu_record_mean(record, s) / (double)(to - from);
    for (size_t p = 0; p < record->n_pcpus; p++) {
        double load = 0;

        for (size_t s = from; s < to; s++)
            load += cpu_record_load(record, s, p) / (double)(to - from);
        far = fmax(far, fabs(load - mean));
    }
    return 100 * far / mean;
}

static double uneven_samples(const struct judging *judging, size_t from, size_t to)
{
    double n = 0;

    for (size_t s = from; s < to && s < judging->record->n_samples; s++)
        n += excess(judging, s) > 0;
    return n;
}

/* Fewest moves from where everything is pinned at the end of a sample. */
static double fewest_moves(const struct judging *judging, size_t sample)
{
    const struct cpu_record *record = judging->record;
    const int *demand = &record->demand[(record->n_samples - 1) * record->n_vcpus];
    struct best best;
    double moves;

    best_placement(demand, &record->pinned[sample * record->n_vcpus], record->n_vcpus,
                   record->n_pcpus, &best);
    moves = (double)best.moves;
    best_done(&best);
    return moves;
}

static double most_pins_of_one(const struct judging *judging, size_t from, size_t to)
{
    const struct cpu_record *record = judging->record;
    unsigned most = 0;

    for (size_t v = 0; v < record->n_vcpus; v++) {
        unsigned pins = 0;

        for (size_t s = from; s < to && s < record->n_samples; s++)
            pins += record->pin_calls[s * record->n_vcpus + v];
        most = pins > most ? pins : most;
    }
    return most;
}

static void add(const struct judging *judging, const char *name, double value,
                enum relation relation, double limit)
{
    case_verdict_add(judging->verdict, name, value, relation, limit);
}

static void add_pins_from(const struct judging *judging, const char *name, size_t from)
{
    add(judging, name, cpu_record_pins(judging->record, from, judging->record->n_samples), AT_MOST,
        0);
}

/* Cases 1 and 2: pinned badly. */
static void judge_repair(const struct judging *judging)
{
    size_t n = judging->record->n_samples;
    size_t balanced = balanced_from(judging, judging->loaded);

    add(judging, "pins", cpu_record_pins(judging->record, 0, n), EXACTLY,
        fewest_moves(judging, TEST_S));
    add(judging, "balanced after s", (double)(balanced - judging->loaded), AT_MOST,
        judging->interval_s);
    add_pins_from(judging, "pins after", judging->loaded + (size_t)ceil(judging->interval_s));
    add(judging, "uneven", uneven_samples(judging, balanced, n), AT_MOST, 0);
}

/* Cases 4, 5 and 7 up to its step: floating. The deadline counts from the moment at which the
 * programs show what they will do. */
static void judge_floating(const struct judging *judging, size_t to)
{
    size_t deadline = judging->settled + (size_t)ceil(2 * judging->interval_s);
    size_t balanced = balanced_from(judging, judging->settled);

    add(judging, "pins", cpu_record_pins(judging->record, 0, to), AT_MOST,
        (double)judging->record->n_vcpus);
    add(judging, "pins of one vCPU", most_pins_of_one(judging, 0, to), AT_MOST, 1);
    add(judging, "balanced after s", (double)(balanced - judging->settled), AT_MOST,
        2 * judging->interval_s);
    add(judging, "pins after", cpu_record_pins(judging->record, deadline, to), AT_MOST, 0);
    add(judging, "uneven", uneven_samples(judging, deadline, to), AT_MOST, 0);
}

static void judge_step(const struct judging *judging)
{
    size_t n = judging->record->n_samples;
    size_t step = cpu_last_change(judging->record, n) + 1;
    size_t deadline = step + (size_t)ceil(2 * judging->interval_s);
    size_t balanced = balanced_from(judging, step);

    judge_floating(judging, STEP_S);
    add(judging, "step: pins", cpu_record_pins(judging->record, STEP_S, n), AT_MOST,
        fewest_moves(judging, STEP_S - 1));
    add(judging, "step: balanced after s", (double)(balanced - step), AT_MOST,
        2 * judging->interval_s);
    add_pins_from(judging, "step: pins after", deadline);
    add(judging, "step: uneven", uneven_samples(judging, deadline, n), AT_MOST, 0);
}

/* The last five samples, against what noise alone does to the best placement: measured over four
 * times as many, so that the limit does not hang on a lucky draw. */
static void judge_end(const struct judging *judging)
{
    size_t n = judging->record->n_samples;
    double sigma = mean_sigma(judging->reference, n - 4 * LAST, n);
    double far = 0;

    for (size_t i = 0; i < 4; i++)
        far += distance_pct(judging->reference, n - (i + 1) * LAST, n - i * LAST) / 4;
    add(judging, "last sigma", mean_sigma(judging->record, n - LAST, n), AT_MOST,
        SIGMA_LIMIT + sigma);
    if (judging->number != 6)
        add(judging, "last distance %", distance_pct(judging->record, n - LAST, n), AT_MOST,
            5 + far);
}

/* Where no placement comes within 5 % of the mean, the program says so. */
static void judge_word(const struct judging *judging, const char *note)
{
    const struct cpu_record *record = judging->record;
    struct best best;

    if (judging->number == 6)
        return;
    best_placement(&record->demand[(record->n_samples - 1) * record->n_vcpus],
                   &record->pinned[(record->n_samples - 1) * record->n_vcpus], record->n_vcpus,
                   record->n_pcpus, &best);
    if (best.deviation_permille > 0.05 * best.mean_permille)
        add(judging, "says so", note[0] != '\0', EXACTLY, 1);
    best_done(&best);
}

void cpu_judge(int number, double interval_s, const struct cpu_record *record,
               const struct cpu_record *reference, const char *note, struct case_verdict *ret)
{
    struct judging judging = {.number = number,
                              .interval_s = interval_s,
                              .record = record,
                              .reference = reference,
                              .loaded = cpu_first_loaded(record),
                              .settled = cpu_last_change(record, STEP_S) + 1,
                              .verdict = ret};

    if (number == 1 || number == 2)
        judge_repair(&judging);
    else if (number == 3 || number == 6)
        add_pins_from(&judging, "pins", 0);
    else if (number == 7)
        judge_step(&judging);
    else
        judge_floating(&judging, record->n_samples);
    judge_end(&judging);
    judge_word(&judging, note);
}
