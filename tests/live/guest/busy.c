/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A load inside a guest: count, sleep, repeat. The work between two sleeps is a number of loops and
 * not a span of time, so that a guest which has to wait for its pCPU gets less done and shows it.
 *   busy calibrate              prints nanoseconds per million loops, best of many tries
 *   busy KILOLOOPS SLEEP_US     never ends; SLEEP_US 0 never sleeps */
#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void count(uint64_t loops)
{
    for (volatile uint64_t i = 0; i < loops; i++)
        ;
}

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void calibrate(void)
{
    int64_t best = INT64_MAX;

    for (int i = 0; i < 60; i++) {
        int64_t start = now_ns();

        count(1000000);
        if (now_ns() - start < best)
            best = now_ns() - start;
    }
    printf("%lld\n", (long long)best);
}

int main(int argc, char **argv)
{
    struct timespec pause;
    uint64_t loops;
    long sleep_us;

    if (argc == 2 && strcmp(argv[1], "calibrate") == 0) {
        calibrate();
        return 0;
    }
    if (argc != 3)
        return 2;
    loops = strtoull(argv[1], NULL, 10) * 1000;
    sleep_us = strtol(argv[2], NULL, 10);
    pause = (struct timespec){.tv_sec = sleep_us / 1000000, .tv_nsec = sleep_us % 1000000 * 1000};
    for (;;) {
        count(loops);
        if (sleep_us > 0)
            nanosleep(&pause, NULL);
    }
}
