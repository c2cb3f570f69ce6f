/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_SIMULATED_H
#define EVENKEEL_AGENT_SIMULATED_SIMULATED_H

#include "agent/base/host.h"
#include "agent/base/stop.h"
#include "agent/base/ticker.h"
#include "planner/base/err.h"

/* A KVM host in virtual time: the second implementation of struct host and of struct ticker. Same
 * scenario, same seed, same calls: the same numbers to the last bit (README.md: the file format and
 * what is modelled). */

/* Which program asks; a scenario made for the other one is refused. */
enum simulated_kind { SIMULATED_VCPU, SIMULATED_MEMORY };

/* name_or_file: a built-in scenario (builtin_list()), or a JSON file. The ticker's wait() advances
 * virtual time by interval_s and answers 0 once the scenario is over; the first wait() goes to the
 * scenario's first sample. A stop, which may be NULL, is asked while the file is read and while
 * time passes; it is borrowed. The host owns the world: close it after the ticker's last use. 0,
 * -ENOENT (neither a name nor a file), -EINVAL (the sentence names the member) or -ENOMEM. */
int simulated_open(const char *name_or_file, enum simulated_kind kind, double interval_s,
                   const struct stop *stop, struct host *ret_host, struct ticker *ret_ticker,
                   struct err *err);
/* The same from the text of a scenario. */
int simulated_open_text(const char *json, enum simulated_kind kind, double interval_s,
                        struct host *ret_host, struct ticker *ret_ticker, struct err *err);

struct simulated;
struct simulated *simulated_of(const struct host *host);
/* How much of its time is over, of 1. */
double simulated_share(const struct simulated *world);

#endif
