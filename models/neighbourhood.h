/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_NEIGHBOURHOOD_H
#define EVENKEEL_MODELS_NEIGHBOURHOOD_H

#include "models/local_search.h"

/* A few bins at a time are solved to the optimum (or to the best that a little work finds) while all
 * others stay as they are: the same question on a smaller host, whose deviation is at least that of
 * the bins outside (README.md, "Neighbourhoods"). The incumbent only gets better; bounds are not touched.
 *
 * Goes on until so many in a row have brought nothing or the work is used up. Hosts too small for it
 * are left alone. 0 or -ENOMEM. */
int search_neighbourhoods(struct local_search *search, int most_failures);

#endif
