/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_RESPONSE_H
#define EVENKEEL_PLANNER_MEMORY_RESPONSE_H

#include <stdbool.h>
#include <stdint.h>

#include "planner/memory/settings.h"

/* libvirt counts in KiB, the balloon in pages of 4 KiB, and some drivers round to MiB: a size this
 * near to what was asked for is what was asked for. */
enum { MEMORY_ARRIVED_KIB = 1024 };

/* Whether the balloon does what it is asked. A guest that stops short is taken at its word: its
 * size is planned around, and it is asked again later. */
struct memory_refusal {
    int64_t at_kib;    /* it does not go further than this */
    uint64_t until_ns; /* asked again then; 0: never refused, or forgotten */
    unsigned times;
};
struct memory_response {
    int64_t asked_kib;    /* still under way; 0: nothing is */
    int64_t before_kib;   /* what was under way before the last request */
    uint64_t last_ask_ns; /* when that request was made */
    uint64_t asked_ns;    /* since when, in this direction, without a pause */
    uint64_t moved_ns;    /* last progress */
    int64_t moved_kib;    /* and the size it led to */
    bool asked_again; /* once before it is called stuck: someone else may have set the balloon */
    bool withdraw;    /* this interval has to take the request back */
    bool repeat;      /* this interval has to ask again */
    bool disturbed;   /* the size changed and it was not our doing */
    int64_t released_kib; /* the last size it was brought down to; 0: none */
    unsigned reverts;     /* times it came back up from there by itself */
    uint64_t reverted_ns;
    struct memory_refusal down, up;
};
/* may_move: the guest runs; one that is paused is not late. */
void memory_response_next(const struct memory_settings *settings, uint64_t at_ns,
                          int64_t actual_kib, int64_t last_actual_kib, bool may_move,
                          const struct memory_response *old, struct memory_response *ret);
/* The plan asks for to_kib; asking for the actual size takes a request back. */
void memory_response_ask(struct memory_response *response, uint64_t at_ns, int64_t actual_kib,
                         int64_t to_kib);

/* The last request never reached the guest: what was under way before it still is. */
void memory_response_retract(struct memory_response *response, uint64_t at_ns);

#endif
