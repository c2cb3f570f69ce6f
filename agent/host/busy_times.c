/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/busy_times.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/host/root_file.h"

/* The columns after "cpu7", in the order of the file. */
enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, N_COLUMNS };
/* Kernels before 2.6.11 tell no steal; without these there is nothing to go by. */
enum { MIN_COLUMNS = IDLE + 1 };

/* One line; false where it is about something else. */
static bool take_line(const char *line, uint64_t tick_ns, struct vcpu_sample *sample)
{
    uint64_t ticks[N_COLUMNS] = {0};
    unsigned id;
    int index;
    int n = sscanf(line,
                   "cpu%u %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
                   " %" SCNu64 " %" SCNu64,
                   &id, &ticks[USER], &ticks[NICE], &ticks[SYSTEM], &ticks[IDLE], &ticks[IOWAIT],
                   &ticks[IRQ], &ticks[SOFTIRQ], &ticks[STEAL]);

    if (strncmp(line, "cpu ", 4) == 0 || n < 1 + MIN_COLUMNS)
        return false;
    index = vcpu_sample_pcpu(sample, (int)id);
    if (index < 0)
        return false;
    ticks[IDLE] = ticks[IOWAIT] = 0;
    sample->pcpus[index].busy_ns = 0;
    for (size_t i = 0; i < N_COLUMNS; i++)
        sample->pcpus[index].busy_ns += ticks[i] * tick_ns;
    sample->pcpus[index].has_busy = true;
    return true;
}

int busy_times_read(const char *root, struct vcpu_sample *sample)
{
    uint64_t tick_ns = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
    char path[ROOT_PATH_SIZE], line[1024];
    size_t found = 0;
    FILE *file;

    if ((size_t)snprintf(path, sizeof(path), "%s/proc/stat", root) >= sizeof(path))
        return -ENAMETOOLONG;
    file = fopen(path, "re");
    if (!file)
        return -errno;
    /* The lines about pCPUs come first; the long ones behind them are not needed. */
    while (fgets(line, sizeof(line), file) && strncmp(line, "cpu", 3) == 0)
        found += take_line(line, tick_ns, sample);
    fclose(file);
    return found ? 0 : -EINVAL;
}

bool busy_times_is_busy(const char *field)
{
    return strcmp(field, "user") == 0 || strcmp(field, "kernel") == 0 || strcmp(field, "intr") == 0;
}
