/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a program takes to end after SIGTERM, in each state that it may be in: bench_stop
 * [STOPS] [--quiet]. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/pace.h"
#include "tests/libvirt/stop_states.h"

enum { MAX_STOPS = 1000 };

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The least value that so many percent do not exceed. */
static double rank(const double *sorted, int n, int pct)
{
    return n ? sorted[(n * pct + 99) / 100 - 1] : -1;
}

static void measure(const struct stop_state *state, int stops, struct pace *pace)
{
    double took_s[MAX_STOPS] = {0};
    int status, odd = 0, n = 0;

    for (int i = 0; i < stops; i++) {
        double s = stop_state_play(state, 20, &status);

        odd += s < 0 || status != 0;
        if (s >= 0)
            took_s[n++] = s;
        pace_did(pace, 1);
    }
    pace_clear(pace);
    qsort(took_s, (size_t)n, sizeof(*took_s), compare);
    printf("%-42s %5d %8.3f %8.3f %8.3f %5d\n", state->name, stops, rank(took_s, n, 50),
           rank(took_s, n, 99), rank(took_s, n, 100), odd);
    fflush(stdout);
    pace_did(pace, 0);
}

int main(int argc, char **argv)
{
    bool is_quiet = argc > 1 && strcmp(argv[argc - 1], "--quiet") == 0;
    int stops = argc - is_quiet > 1 ? atoi(argv[1]) : 100;
    pid_t busy = fork();
    struct pace pace;

    if (stops < 1 || stops > MAX_STOPS)
        return 2;
    if (busy == 0) {
        for (volatile unsigned n = 0;; n++)
            ;
    }
    printf("%-42s %5s %8s %8s %8s %5s   (s, beside one busy process)\n", "state", "stops", "median",
           "p99", "most", "odd");
    pace_begin(&pace, argv[0], is_quiet, (double)n_stop_states * stops);
    for (size_t i = 0; i < n_stop_states; i++)
        measure(&stop_states[i], stops, &pace);
    pace_clear(&pace);
    kill(busy, SIGKILL);
    waitpid(busy, NULL, 0);
    return 0;
}
