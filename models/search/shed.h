/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SEARCH_SHED_H
#define EVENKEEL_MODELS_SEARCH_SHED_H

#include "models/search/search_state.h"

/* Plans for problems so large that looking at exchanges one by one takes too long. From where
 * everybody costs least (anchors.h), each bin above a band sheds what exceeds it, the most weight for
 * the cost first, and the roomiest bins take it, the heaviest first (longest processing time; Graham
 * 1969). Where bins below the band need more, the others shed more. With hundreds of items for each
 * bin that leaves next to nothing. Bands become narrower and narrower, and the best plan is kept; it is
 * in now too, the heaviest items of each bin first. 0 or -ENOMEM. */
int shed(struct search_state *search);

#endif
