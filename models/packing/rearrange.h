/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PACKING_REARRANGE_H
#define EVENKEEL_MODELS_PACKING_REARRANGE_H

#include "models/packing/filling.h"

/* Cheap moves that make room: annealing from where everybody is. Bins may be overfull on the way, which
 * costs more and more, and everybody may be stopped, which costs most. bin_of [n] is a plan that keeps
 * all rules, and becomes a better one where one is found. Ends when no more than `enough` are stopped
 * and a few runs were made, or after so many thousand trials. 0 or -ENOMEM. */
int rearrange(struct filling *filling, size_t enough, int64_t max_ktrials, struct work *work,
              int *bin_of);

#endif
