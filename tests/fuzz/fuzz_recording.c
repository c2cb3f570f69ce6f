/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording, replayed by the program that the first byte names: "0" is the scheduler, "1"
 * the coordinator. */
#define _GNU_SOURCE /* memfd_create */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/decide.h"
#include "tests/fuzz/fuzz.h"

enum { INTERVALS = 8 };

static void replay_text(const char *path, enum program program)
{
    struct options options = {.program = program, .replay = path, .explain = true};
    struct replay *replay;
    struct host host;
    struct ticker ticker;
    struct err err = {0};
    int r;

    vcpu_settings_default(&options.vcpu);
    memory_settings_default(&options.memory);
    r = replay_open(path, &options, &replay, &host, &ticker, &err);
    must(r >= 0 || err.text[0], "a refusal has a sentence");
    if (r < 0)
        return;
    decide_quickly(&options.vcpu.limits);
    if (program == PROGRAM_VCPU)
        decide_vcpus(&host, &ticker, &options.vcpu, replay, INTERVALS);
    else
        decide_memory(&host, &ticker, &options.memory, replay, INTERVALS);
    ticker.close(ticker.self);
    host.close(host.self);
    replay_free(replay);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    enum program program = take(&bytes, 1) % 2 ? PROGRAM_MEMORY : PROGRAM_VCPU;
    int fd = memfd_create("recording", 0);
    char path[64];

    must(fd >= 0 && write(fd, bytes.at, bytes.left) == (ssize_t)bytes.left, "there is room");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    replay_text(path, program);
    close(fd);
    return 0;
}
