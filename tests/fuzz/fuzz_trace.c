/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of recorded load, or a recording, played by either program. The first byte chooses program and manner. */
#define _GNU_SOURCE /* memfd_create() */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/simulated/load_file.h"
#include "agent/simulated/simulated.h"
#include "tests/fuzz/decide.h"
#include "tests/fuzz/fuzz.h"

enum { INTERVALS = 6, MOST_VCPUS = 48 };

static int write_memory(const void *text, size_t size, char path[64])
{
    int fd = memfd_create("load", 0);

    must(fd >= 0 && write(fd, text, size) == (ssize_t)size, "there is room");
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

/* Whether it is read, and played within a moment. */
static bool is_small(const char *path)
{
    struct load load = {0};
    struct err err = {0};
    size_t vcpus = 0, at;
    const json_t *guest;
    struct recorded recorded;
    int r = load_file_read(path, NULL, &load, &recorded, &err);

    must(r >= 0 || err.text[0], "a refusal has a sentence");
    for (size_t g = 0; g < load.n_guests; g++)
        vcpus += load.guests[g].n_vcpus + 1;
    json_array_foreach(recorded.guests, at, guest) vcpus +=
        (size_t)json_integer_value(json_object_get(guest, "vcpus"));
    must(r < 0 || (load.n_points > 0 && load_length_s(&load) >= 0), "it tells something");
    recorded_done(&recorded);
    load_done(&load);
    return r >= 0 && vcpus <= MOST_VCPUS;
}

static void play(const char *path, enum simulated_kind kind)
{
    struct vcpu_settings vcpu;
    struct memory_settings memory;
    struct host host;
    struct ticker ticker;
    struct err err = {0};
    int r = simulated_open(path, kind, 2, NULL, &host, &ticker, &err);

    must(r >= 0 || err.text[0], "a refusal has a sentence");
    if (r < 0)
        return;
    vcpu_settings_default(&vcpu);
    memory_settings_default(&memory);
    memory.interval_s = 2;
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
    struct bytes bytes = {data, size};
    unsigned manner = (unsigned)take(&bytes, 1);
    char trace[64], scenario[64], json[256];
    int fd = write_memory(bytes.at, bytes.left, trace), second;

    snprintf(
        json, sizeof(json),
        "{\"step_ms\": 100, \"trace\": {\"file\": \"%s\", \"repeat\": %s, \"interpolate\": %s, "
        "\"noise\": \"%s\", \"speed\": %d}}",
        trace, manner & 2 ? "true" : "false", manner & 4 ? "true" : "false",
        manner & 8 ? "trace" : "none", manner & 16 ? 1000 : 1);
    second = write_memory(json, strlen(json), scenario);
    if (is_small(trace))
        play(scenario, manner & 1 ? SIMULATED_MEMORY : SIMULATED_VCPU);
    close(fd);
    close(second);
    return 0;
}
