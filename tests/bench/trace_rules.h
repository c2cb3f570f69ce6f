/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_BENCH_TRACE_RULES_H
#define EVENKEEL_TESTS_BENCH_TRACE_RULES_H

/* Rules of thumb that place n vCPUs of known demand (shares of a pCPU) on m pCPUs. place is changed;
 * they return how many vCPUs moved. */

/* Heaviest first onto the emptiest pCPU, as if nothing were placed (longest processing time first);
 * then the pCPUs' names are dealt so that what stays weighs most. */
int rule_longest_first(int n, int m, const double *demand, int *place);

/* Where the fullest pCPU has 10 points more than the emptiest: the heaviest vCPU that is lighter than
 * that difference goes from the one to the other. */
int rule_hysteresis(int n, int m, const double *demand, int *place);

/* The same again and again, until nothing is left to be done. */
int rule_hysteresis_repeated(int n, int m, const double *demand, int *place);

#endif
