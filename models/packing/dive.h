/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PACKING_DIVE_H
#define EVENKEEL_MODELS_PACKING_DIVE_H

#include "models/packing/master.h"

/* Plans from the program of patterns: the pattern with the most weight is given a bin, and the program
 * asks for the rest, again and again, with chance in it after the first time. The last bins are filled
 * by trying everything. bin_of [n] is a plan that keeps all rules, and becomes a better one where one is
 * found. Ends when no more than `enough` stay out, after so many dives, or so many thousand cells. 0,
 * -ENOMEM, or what the solver says. */
int dive(struct master *master, size_t enough, int dives, int64_t max_kcells, int *bin_of);

#endif
