/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_WAITING_H
#define EVENKEEL_PLANNER_VCPU_WAITING_H

#include <stddef.h>

/* How long vCPUs wait for pCPUs that they share.
 *
 * A vCPU sleeps and works by turns, and alone it would run for the share d of the time. Those that
 * want to run share their pCPUs fairly, and meanwhile their sleep does not pass. This is a closed
 * network of two stations, sleep and shared processors, whose distribution has a product form
 * (Baskett, Chandy, Muntz and Palacios, "Open, closed, and mixed networks of queues with different
 * classes of customers", JACM 1975): with odds r = d / (1 - d), so many of them are runnable with
 * probability
 *
 *     P(k) ~ e_k(r_1 .. r_n) * prod_{j <= k} j / rate(j)
 *
 * e_k is the elementary symmetric polynomial, and rate(k) the work that k of them get done together,
 * in pCPUs. How long bursts last does not matter. Who is runnable and gets less than a pCPU waits for
 * the rest: W = sum P(k) (k - rate(k)), while R = sum P(k) rate(k) run. */
struct waiting {
    double waiting, running; /* pCPUs' worth, on average */
    /* Of those that are runnable, how many stand in line for a pCPU and how many are on one: what a
     * hypervisor measures. Beside a busy sibling or on a slow core work takes longer, and nobody sees
     * that. */
    double in_line, on_pcpus;
};

/* Pcpus that a group of vCPUs shares. The second thread of a core adds less than the first one. */
struct waiting_pool {
    double pcpus;         /* cores, or pCPUs that have no sibling; 0.5 is one that is half taken */
    double siblings;      /* second threads of them; 0: none */
    double sibling_share; /* of a pCPU, what each of those adds */
    double threads;       /* on which vCPUs run; 0: the two together */
};

/* The most that are worked out together: 0.1 s of work. */
enum { WAITING_MOST = 10000 };

/* Adds what vCPUs with these demands (0..1, alone) wait and run on the pool; O(n^2). More than
 * WAITING_MOST make the sums NAN. 0 or -ENOMEM. */
int waiting_add(struct waiting *sum, const struct waiting_pool *pool, const double *demand,
                size_t n);

void waiting_join(struct waiting *sum, const struct waiting *one);

/* Waiting per unit of running: 0.05 is a twentieth of the time that they run; 0 where nobody runs. */
double waiting_share(const struct waiting *waiting);
/* The same of what can be measured. */
double waiting_share_in_line(const struct waiting *waiting);

#endif
