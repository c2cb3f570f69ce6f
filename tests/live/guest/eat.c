/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A memory eater inside a guest: takes and touches memory at a rate, holds it, gives it back at
 * once.
 *   eat LIMIT_MIB RATE_MIB_PER_S HOLD_S KEEP_MIB
 * It waits rather than take what would leave the guest less than KEEP_MIB available, as a program
 * does that reads the same figures. SIGTERM gives everything back. Each line on standard output is
 * "<held MiB> <growing|waiting|holding|freed>". */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static const long MIB = 1024L * 1024L;

static volatile sig_atomic_t stop;

static void on_term(int signum)
{
    (void)signum;
    stop = 1;
}

static long available_mib(void)
{
    char line[128];
    long kib = 0;
    FILE *file = fopen("/proc/meminfo", "r");

    while (file && fgets(line, sizeof(line), file))
        if (sscanf(line, "MemAvailable: %ld", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib / 1024;
}

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void rest(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static void say(long held, const char *what)
{
    printf("%ld %s\n", held, what);
    fflush(stdout);
}

/* Grows to the limit, a MiB at a time on an absolute schedule that does not run up arrears. */
static long grow(char *memory, long limit, double rate, long keep)
{
    double due = now_s();
    long held = 0;

    while (held < limit && !stop) {
        if (available_mib() <= keep) {
            say(held, "waiting");
            rest(200);
            due = now_s();
            continue;
        }
        memset(memory + held * MIB, 0x5a, MIB);
        held++;
        if (held % 16 == 0)
            say(held, "growing");
        due += 1 / rate;
        while (now_s() < due && !stop)
            rest((long)((due - now_s()) * 1000) + 1);
    }
    return held;
}

int main(int argc, char **argv)
{
    long limit, keep, held;
    char *memory;
    double end;

    if (argc != 5)
        return 2;
    limit = strtol(argv[1], NULL, 10);
    keep = strtol(argv[4], NULL, 10);
    signal(SIGTERM, on_term);
    memory = mmap(NULL, (size_t)(limit * MIB), PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return 1;
    held = grow(memory, limit, strtod(argv[2], NULL), keep);
    say(held, "holding");
    end = now_s() + strtod(argv[3], NULL);
    while (!stop && now_s() < end)
        rest(100);
    munmap(memory, (size_t)(limit * MIB));
    say(0, "freed");
    return 0;
}
