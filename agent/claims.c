/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/claims.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static bool was_said(const struct claims *claims, const struct claim_cut *cut)
{
    for (size_t i = 0; i < claims->n_said; i++) {
        const struct claim_cut *said = &claims->said[i];

        if (said->kind == cut->kind && said->claimed == cut->claimed &&
            guest_compare(&said->guest, &cut->guest) == 0)
            return true;
    }
    return false;
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

/* Says what is new, and remembers it. */
static int take(struct claims *claims, const struct session *session, const struct claim_cuts *cuts)
{
    struct claim_cut *grown = NULL;

    for (size_t i = 0; i < cuts->n; i++) {
        if (was_said(claims, &cuts->list[i]))
            continue;
        grown = realloc(claims->said, (claims->n_said + 1) * sizeof(*grown));
        if (!grown)
            return -ENOMEM;
        claims->said = grown;
        claims->said[claims->n_said++] = cuts->list[i];
        say(session, &cuts->list[i]);
    }
    return 0;
}

static bool has_memory_of(const void *sample, const struct guest_id *guest)
{
    const struct memory_sample *of = sample;

    for (size_t i = 0; i < of->n_guests; i++)
        if (guest_compare(&of->guests[i].guest, guest) == 0)
            return true;
    return false;
}

static bool has_vcpus_of(const void *sample, const struct guest_id *guest)
{
    const struct vcpu_sample *of = sample;

    for (size_t i = 0; i < of->n_vcpus; i++)
        if (guest_compare(&of->vcpus[i].guest, guest) == 0)
            return true;
    return false;
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
