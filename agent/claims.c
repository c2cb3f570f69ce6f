/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/claims.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    const struct claim_cut *left = a, *right = b;
    int order = guest_compare(&left->guest, &right->guest);

    return order ? order : (left->kind > right->kind) - (left->kind < right->kind);
}

static void say(const struct session *session, const struct claim_cut *cut)
{
    static const struct {
        const char *name, *unit, *limit, *sum;
        double divisor;
    } kinds[] = {
        [CLAIM_FLOOR] = {"floor", " MiB", "--floor-limit", "--floor-sum", 1024},
        [CLAIM_SIZE] = {"size", " MiB", "--floor-limit", "--floor-sum", 1024},
        [CLAIM_WEIGHT] = {"weight", "", "--weight-limit", "--weight-sum", 1},
        [CLAIM_RESERVE] = {"reserve", " %", "--reserve-limit", "--reserve-sum", 10},
    };

    log_line(
        &session->log, LOG_WARNING,
        "guest '%s': the %s of %.6g%s in its definition counts as %.6g%s; %s says how much may",
        cut->guest.name, kinds[cut->kind].name, (double)cut->claimed / kinds[cut->kind].divisor,
        kinds[cut->kind].unit, (double)cut->counted / kinds[cut->kind].divisor,
        kinds[cut->kind].unit, cut->is_sum ? kinds[cut->kind].sum : kinds[cut->kind].limit);
}

static void forget_gone(struct claims *claims,
                        bool (*is_there)(const void *, const struct guest_id *), const void *sample)
{
    size_t kept = 0;

    for (size_t i = 0; i < claims->n_said; i++)
        if (is_there(sample, &claims->said[i].guest))
            claims->said[kept++] = claims->said[i];
    claims->n_said = kept;
}

/* Says what is new, and remembers it: of each guest the last of each kind. */
static int take(struct claims *claims, const struct session *session, const struct claim_cuts *cuts)
{
    size_t n_before = claims->n_said;
    struct claim_cut *grown = NULL;

    if (!cuts->n)
        return 0;
    grown = realloc(claims->said, (n_before + cuts->n) * sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    claims->said = grown;
    for (size_t i = 0; i < cuts->n; i++) {
        const struct claim_cut *cut = &cuts->list[i];
        struct claim_cut *said = bsearch(cut, grown, n_before, sizeof(*cut), compare);

        if (said && said->claimed == cut->claimed)
            continue;
        if (!said)
            said = &grown[claims->n_said++];
        *said = *cut;
        say(session, cut);
    }
    if (claims->n_said > n_before)
        qsort(grown, claims->n_said, sizeof(*grown), compare);
    return 0;
}

static int compare_guests(const void *a, const void *b)
{
    const struct memory_reading *left = a, *right = b;

    return guest_compare(&left->guest, &right->guest);
}

static bool has_memory_of(const void *sample, const struct guest_id *guest)
{
    const struct memory_sample *of = sample;
    const struct memory_reading key = {.guest = *guest};

    return of->n_guests && bsearch(&key, of->guests, of->n_guests, sizeof(key), compare_guests);
}

static int compare_vcpus(const void *a, const void *b)
{
    const struct vcpu_reading *left = a, *right = b;

    return guest_compare(&left->guest, &right->guest);
}

static bool has_vcpus_of(const void *sample, const struct guest_id *guest)
{
    const struct vcpu_sample *of = sample;
    const struct vcpu_reading key = {.guest = *guest};

    return of->n_vcpus && bsearch(&key, of->vcpus, of->n_vcpus, sizeof(key), compare_vcpus);
}

int claims_heed_memory(struct claims *claims, const struct session *session,
                       struct memory_sample *sample)
{
    const struct options *options = session->options;
    struct claim_cuts cuts = {0};
    int r;

    if (session->replay || options->metadata == METADATA_TRUST)
        return 0;
    for (size_t i = 0; options->metadata == METADATA_IGNORE && i < sample->n_guests; i++)
        sample->guests[i].policy = (struct memory_policy){0};
    r = claim_limit_memory(&options->claims, sample, &cuts);
    if (r == 0) {
        forget_gone(claims, has_memory_of, sample);
        r = take(claims, session, &cuts);
    }
    claim_cuts_done(&cuts);
    return r;
}

int claims_heed_vcpus(struct claims *claims, const struct session *session,
                      struct vcpu_sample *sample)
{
    const struct options *options = session->options;
    struct claim_cuts cuts = {0};
    int r;

    if (session->replay || options->metadata == METADATA_TRUST)
        return 0;
    for (size_t i = 0; options->metadata == METADATA_IGNORE && i < sample->n_vcpus; i++)
        sample->vcpus[i].reserve_permille = 0;
    r = claim_limit_vcpus(&options->claims, sample, &cuts);
    if (r == 0) {
        forget_gone(claims, has_vcpus_of, sample);
        r = take(claims, session, &cuts);
    }
    claim_cuts_done(&cuts);
    return r;
}

void claims_done(struct claims *claims)
{
    free(claims->said);
    *claims = (struct claims){0};
}
