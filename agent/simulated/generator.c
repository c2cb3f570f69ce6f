/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/generator.h"

#include <math.h>
#include <stdlib.h>

#include "agent/simulated/random.h"

enum { GROUP = 8 };
static const double most_duty = 0.9, most_busy = 0.95, resting = 0.02, phase_s = 60;
/* By how much a group works more or less than usual. */
enum { N_PHASES = 4 };
static const double phases[N_PHASES] = {0.1, 0.4, 1, 2.5};

/* Works at `level` for a while, rests for a while. */
struct worker {
    double level, work_s, duty;
    bool works;
};

struct generator {
    struct generator_wish wish;
    struct random random;
    struct worker *workers; /* [n] */
    double *phases;         /* of each group: by how much more it works than usual */
};

/* Fourth powers: half of all want a sixteenth of what the largest does, or less. */
static struct worker worker_of(double mean, struct random *random)
{
    double u = random_uniform(random), wanted = mean * 5 * u * u * u * u;
    double level = fmin(1, fmax(0.3 + 0.7 * random_uniform(random), wanted / most_duty));

    return (struct worker){
        .level = level,
        .work_s = 2 + 4 * random_uniform(random),
        .duty = fmin(most_duty, wanted / level + 0.005),
    };
}

/* What it wants over all phases: who is busy most of the time cannot be more so. */
static double wanted_of(const struct worker *worker)
{
    double sum = 0;

    for (int k = 0; k < N_PHASES; k++)
        sum += fmin(most_busy, worker->duty * phases[k]);
    return worker->level * sum / N_PHASES;
}

/* Together they want what is wished, as nearly as that can be had. */
static void adjust(struct generator *generator)
{
    const struct generator_wish *wish = &generator->wish;

    for (int turn = 0; turn < 10; turn++) {
        double sum = 0;

        for (unsigned i = 0; i < wish->n; i++)
            sum += wanted_of(&generator->workers[i]);
        for (unsigned i = 0; i < wish->n && sum > 0; i++) {
            struct worker *worker = &generator->workers[i];

            worker->duty = fmin(most_duty, worker->duty * wish->mean * wish->n / sum);
        }
    }
}

struct generator *generator_new(const struct generator_wish *wish)
{
    struct generator *generator = calloc(1, sizeof(*generator));

    if (!generator)
        return NULL;
    generator->wish = *wish;
    generator->random = random_stream(wish->seed, 78);
    generator->workers = calloc(wish->n + 1, sizeof(*generator->workers));
    generator->phases = calloc(wish->n / GROUP + 1, sizeof(*generator->phases));
    if (!generator->workers || !generator->phases) {
        generator_free(generator);
        return NULL;
    }
    for (unsigned i = 0; i < wish->n; i++)
        generator->workers[i] = worker_of(wish->mean, &generator->random);
    adjust(generator);
    return generator;
}

void generator_free(struct generator *generator)
{
    if (!generator)
        return;
    free(generator->workers);
    free(generator->phases);
    free(generator);
}

static double next_phase(struct random *random)
{
    return phases[(int)(N_PHASES * random_uniform(random))];
}

/* The work lasts work_s on average, and the rest as long as the duty asks for. */
static double advance(struct generator *generator, struct worker *worker, double phase)
{
    double duty = fmin(most_busy, worker->duty * phase);
    double rest_s = worker->work_s * (1 - duty) / duty;
    double lasts_s = worker->works ? worker->work_s : rest_s;

    if (random_uniform(&generator->random) * lasts_s < generator->wish.step_s)
        worker->works = !worker->works;
    return worker->works ? fmin(1, worker->level * (0.8 + 0.4 * random_uniform(&generator->random)))
                         : fmin(resting, worker->duty);
}

void generator_step(struct generator *generator, double *ret_demand)
{
    struct random *random = &generator->random;

    for (unsigned g = 0; g <= generator->wish.n / GROUP; g++) {
        double *phase = &generator->phases[g];

        if (*phase <= 0 || random_uniform(random) * phase_s < generator->wish.step_s)
            *phase = next_phase(random);
    }
    for (unsigned i = 0; i < generator->wish.n; i++)
        ret_demand[i] = advance(generator, &generator->workers[i], generator->phases[i / GROUP]);
}
