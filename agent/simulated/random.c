/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/random.h"

static uint64_t next(struct random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

struct random random_stream(uint64_t seed, uint64_t which)
{
    struct random random = {.state = seed * UINT64_C(0x2545f4914f6cdd1d) + which};

    random.state = next(&random);
    return random;
}

double random_uniform(struct random *random)
{
    return (double)(next(random) >> 11) / 9007199254740992.0; /* 2^53 */
}

/* The sum of twelve uniforms: no tail beyond six sigma and the same bits on every libm. */
double random_normal(struct random *random)
{
    double sum = -6;

    for (int i = 0; i < 12; i++)
        sum += random_uniform(random);
    return sum;
}
