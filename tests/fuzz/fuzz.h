/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_FUZZ_FUZZ_H
#define EVENKEEL_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One input, of any bytes; the name is libFuzzer's. Each fuzz_*.c has one. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process where the claim does not hold, which counts as a crash. */
void must(bool holds, const char *claim);

/* What is left of an input. Once nothing is, all that is taken is 0: a short input is a whole one. */
struct bytes {
    const uint8_t *at;
    size_t left;
};
uint64_t take(struct bytes *bytes, unsigned n);
/* Low for a byte of 0: a range of more than 256 numbers takes two bytes, or four. */
int take_between(struct bytes *bytes, int low, int high);
/* Counters as no host should tell them: near 0, near 2^31, 2^32, 2^63 and 2^64, or any. */
uint64_t take_strange(struct bytes *bytes);
/* Up to `end` or the end of all, malloc'ed. A zero byte becomes a blank. */
char *take_text(struct bytes *bytes, uint8_t end);

#endif
