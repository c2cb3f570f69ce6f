/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/memory/yield.h"

#include "planner/base/units.h"

static bool has_lasted(const struct memory_settings *settings, uint64_t since_ns, uint64_t at_ns)
{
    double limit_s = settings->stuck_s;

    if (limit_s < 3 * settings->interval_s)
        limit_s = 3 * settings->interval_s;
    return seconds_from_ns(at_ns - since_ns) >= limit_s;
}

/* From here on: what a release that begins now is compared with. */
static void watch_from(const struct memory_yield_now *now, struct memory_yield *yield)
{
    yield->from_kib = now->actual_kib;
    yield->overhead_kib = now->overhead_kib;
    yield->host_kib = now->host_kib;
    yield->since_ns = 0;
}

/* By how much its process holds more than a guest of this size can. */
static int64_t kept_kib(const struct memory_yield_now *now, const struct memory_yield *yield)
{
    return now->rss_kib - now->actual_kib - yield->overhead_kib;
}

/* The balloon took most of what is kept, and the host's account has not grown by it either. */
static bool is_kept(const struct memory_settings *settings, const struct memory_yield_now *now,
                    const struct memory_yield *yield)
{
    int64_t kept = kept_kib(now, yield);
    int64_t taken = yield->from_kib - now->actual_kib;
    int64_t arrived = now->host_kib - yield->host_kib;

    return kept >= (int64_t)settings->max_kept_kib && kept >= taken / 2 && taken >= kept / 2 &&
           arrived < kept / 2;
}

void memory_yield_next(const struct memory_settings *settings, const struct memory_yield_now *now,
                       const struct memory_yield *old, struct memory_yield *ret)
{
    struct memory_yield yield = *old;

    if (now->rss_kib < 0) {
        yield.from_kib = 0;
        yield.since_ns = 0;
    } else if (yield.from_kib == 0 || memory_yield_is_keeping(&yield, now->at_ns) ||
               now->actual_kib > yield.from_kib ||
               kept_kib(now, &yield) < (int64_t)settings->max_kept_kib / 2) {
        watch_from(now, &yield);
    } else if (!is_kept(settings, now, &yield)) {
        yield.since_ns = 0;
    } else if (yield.since_ns == 0) {
        yield.since_ns = now->at_ns;
    } else if (has_lasted(settings, yield.since_ns, now->at_ns)) {
        yield.wanted_kib = yield.from_kib;
        backoff_fail(&yield.wait, now->at_ns, settings->retry_s);
        watch_from(now, &yield);
    }
    *ret = yield;
}

bool memory_yield_is_keeping(const struct memory_yield *yield, uint64_t at_ns)
{
    return backoff_is_waiting(&yield->wait, at_ns);
}
