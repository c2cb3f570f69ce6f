/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_UNIT_RESTORE_FIXTURE_H
#define EVENKEEL_TESTS_UNIT_RESTORE_FIXTURE_H

#include "agent/restore.h"
#include "tests/unit/host_fixture.h"

/* Changes to the guests of a host that are to be put back. */
static const uint64_t MIB = 1024;

/* Remembers what a plan that pins guest i to a pCPU is about to change, and applies it. */
void pin(struct originals *originals, struct fake_host *fake, unsigned i, unsigned pcpu);
/* Remembers guest i's size and gives it another one. */
void resize(struct originals *originals, struct fake_host *fake, unsigned i, uint64_t to_kib);
/* Of 512 MiB each, 200 of them unused, on a host that has 1000 of 8192 free. */
struct fake_host four_guests(void);

#endif
