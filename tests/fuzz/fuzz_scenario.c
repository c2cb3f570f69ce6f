/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scenario of the simulated host, played by both programs. The first byte chooses interval and level: "2"
 * is 2 s and pcpu, "7" core, "<" llc, "A" node, "F" auto. */
#include <math.h>
#include <stdlib.h>

#include "agent/simulated/scenario.h"
#include "agent/simulated/simulated.h"
#include "tests/fuzz/decide.h"
#include "tests/fuzz/fuzz.h"

enum { INTERVALS = 6, MOST_VCPUS = 48, MOST_PCPUS = 48, MOST_STEPS = 20000 };

/* Whether it is played within a moment. */
static bool is_small(const struct scenario *scenario, double interval_s)
{
    double until_ns = (double)scenario->first_sample_ns + INTERVALS * interval_s * 1e9;
    double step_ns = (double)scenario->step_ns;
    unsigned vcpus = 0;

    if (scenario->burst_ns > 0)
        step_ns = fmin(step_ns, scenario->burst_ns / 20);

    for (size_t i = 0; i < scenario->n_guests; i++) {
        if (scenario->guests[i].vcpus > MOST_VCPUS)
            return false;
        vcpus += scenario->guests[i].vcpus;
    }
    return vcpus <= MOST_VCPUS && cpuset_count(&scenario->present) <= MOST_PCPUS &&
           until_ns / step_ns <= MOST_STEPS;
}

static void play(const char *json, enum simulated_kind kind, double interval_s,
                 enum pin_level level)
{
    struct vcpu_settings vcpu;
    struct memory_settings memory;
    struct host host;
    struct ticker ticker;
    struct err err = {0};
    int r = simulated_open_text(json, kind, interval_s, &host, &ticker, &err);

    must(r >= 0 || err.text[0], "a refusal has a sentence");
    if (r < 0)
        return;
    vcpu_settings_default(&vcpu);
    memory_settings_default(&memory);
    vcpu.level = level;
    memory.interval_s = interval_s;
    memory.explain = true;
    decide_quickly(&vcpu.limits);
    if (kind == SIMULATED_VCPU)
        decide_vcpus(&host, &ticker, &vcpu, NULL, INTERVALS);
    else
        decide_memory(&host, &ticker, &memory, NULL, INTERVALS);
    ticker.close(ticker.self);
    host.close(host.self);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const double intervals_s[] = {2, 0.01, 0.5, 20, 600};
    struct bytes bytes = {data, size};
    unsigned first = (unsigned)take(&bytes, 1);
    double interval_s = intervals_s[first % 5];
    enum pin_level level = (enum pin_level)(first / 5 % 5);
    char *json = take_text(&bytes, '\0');
    struct scenario scenario;
    struct err err = {0};
    int r = scenario_parse(json, NULL, &scenario, &err);

    must(r >= 0 || err.text[0], "a refusal has a sentence");
    if (r >= 0) {
        bool plays = is_small(&scenario, interval_s);

        scenario_done(&scenario);
        if (plays) {
            play(json, SIMULATED_VCPU, interval_s, level);
            play(json, SIMULATED_MEMORY, interval_s, level);
        }
    }
    free(json);
    return 0;
}
