/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/history.h"

#include <math.h>

/* Half as much again changes sigma by less than 0.3 points on recorded load. */
static const double HALF_LIFE_S = 60;
/* How long a plan is expected to last. Less follows noise, more follows slow load too late: 10 in
 * place of 8 costs 0.7 of sigma on PlanetLab's. */
static const double HORIZON_S = 7;
static const double OUTSIDE = 3;
static const double OUTSIDE_LEAST = 0.05;
/* Nobody is known to be calmer than this before it was seen. */
static const double NOISE_AT_FIRST = 0.03;
/* Guests that hold a level waver by up to 3 % of a pCPU, recorded load by 20 % and more. */
static const double WANDERS = 0.08;

void vcpu_history_begin(double observed, struct vcpu_history *ret)
{
    *ret = (struct vcpu_history){
        .n = 1, .mean = observed, .variance = NOISE_AT_FIRST * NOISE_AT_FIRST};
}

static void count(double observed, double elapsed_s, struct vcpu_history *history)
{
    double off = observed - history->mean;
    double share = fmax(1 / (history->n + 1), 1 - exp2(-elapsed_s / HALF_LIFE_S));

    history->n++;
    history->covariance = (1 - share) * history->covariance + share * history->off * off;
    history->variance = (1 - share) * (history->variance + share * off * off);
    history->mean += share * off;
    history->off = off;
}

/* How noisy it is stays known. */
static void start_anew(double first, double second, struct vcpu_history *history)
{
    history->n = 2;
    history->mean = (first + second) / 2;
    history->variance = fmax(history->variance, NOISE_AT_FIRST * NOISE_AT_FIRST);
    history->covariance = 0;
    history->off = second - history->mean;
    history->outside = 0;
}

static int side_of(const struct vcpu_history *history, double observed)
{
    double off = observed - history->mean;

    if (fabs(off) <= OUTSIDE * sqrt(history->variance) + OUTSIDE_LEAST)
        return 0;
    return off > 0 ? 1 : -1;
}

void vcpu_history_next(const struct vcpu_history *old, double observed, double elapsed_s,
                       struct vcpu_history *ret)
{
    int was = old->outside, side = side_of(old, observed);
    double waiting = old->waiting;

    *ret = *old;
    ret->seen_s += elapsed_s;
    if (side != 0 && side == was) {
        start_anew(waiting, observed, ret);
        return;
    }
    if (was != 0)
        count(waiting, elapsed_s, ret);
    if (side == 0)
        count(observed, elapsed_s, ret);
    ret->outside = side;
    ret->waiting = observed;
}

bool vcpu_history_wanders(const struct vcpu_history *history)
{
    return history->seen_s >= VCPU_HISTORY_WATCHED_S && history->variance > WANDERS * WANDERS;
}

/* As many observations as the mean is made of. */
static double observations(const struct vcpu_history *history, double elapsed_s)
{
    return fmin(history->n, 2 * HALF_LIFE_S / (log(2) * elapsed_s));
}

/* Lowered by so many of its standard errors. */
static double correlation(const struct vcpu_history *history, double elapsed_s, double errors)
{
    double rho = history->variance > 0 ? history->covariance / history->variance : 0;

    return fmin(1, fmax(0, rho - errors / sqrt(observations(history, elapsed_s))));
}

/* The mean of rho, rho^2, ... over so many intervals. */
static double follow(double rho, double intervals)
{
    return rho > 0.999 ? rho : rho * (1 - pow(rho, intervals)) / (intervals * (1 - rho));
}

double vcpu_history_follow(const struct vcpu_history *history, double elapsed_s)
{
    if (history->seen_s < VCPU_HISTORY_WATCHED_S)
        return 0;
    return follow(correlation(history, elapsed_s, 0), fmax(1, HORIZON_S / elapsed_s));
}

double vcpu_history_forecast(const struct vcpu_history *history, double observed, double elapsed_s)
{
    double share = follow(correlation(history, elapsed_s, 1), fmax(1, HORIZON_S / elapsed_s));

    return fmin(1, fmax(0, history->mean + share * (observed - history->mean)));
}

double vcpu_history_noise(const struct vcpu_history *history, double elapsed_s)
{
    double rho = correlation(history, elapsed_s, 1);

    return sqrt(history->variance * (1 - rho * rho));
}

double vcpu_history_error(const struct vcpu_history *history, double elapsed_s)
{
    return vcpu_history_noise(history, elapsed_s) / sqrt(observations(history, elapsed_s));
}
