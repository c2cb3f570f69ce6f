/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What oned hands to a scheduler, without its base64. The first byte says which job. */
#include <stdlib.h>
#include <string.h>

#include "agent/one/base64.h"
#include "agent/one/picture.h"
#include "agent/one/storage.h"
#include "tests/fuzz/fuzz.h"

static char *encode(const uint8_t *data, size_t n)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *ret = calloc(n / 3 + 2, 4), *at = ret;

    must(ret, "there is memory");
    for (size_t k = 0; k < n; k += 3) {
        unsigned bits = 0;

        for (size_t j = 0; j < 3; j++)
            bits = bits << 8 | (k + j < n ? data[k + j] : 0U);
        for (size_t j = 0; j < 4; j++)
            *at++ = j <= n - k ? letters[bits >> (18 - 6 * j) & 63] : '=';
    }
    return ret;
}

static void check_guest(const struct fleet *fleet, const struct fleet_guest *guest)
{
    must(guest->home >= FLEET_NOWHERE && guest->home < (int)fleet->n_hosts, "a home is a host");
    must(guest->price >= 1 && guest->price <= FLEET_MOST_PRICE, "a price is one");
    must(guest->together >= FLEET_NOWHERE && guest->together < (int)fleet->n_guests,
         "who is together has a number");
    must(!guest->is_fixed == !guest->why_fixed, "who stays has a reason");
    must(guest->load_milli >= 0, "no load is negative");
    for (size_t d = 0; d < fleet->n_resources; d++)
        must(guest->size[d] >= 0, "no size is negative");
}

static void check(const struct fleet *fleet)
{
    for (size_t p = 0; p < fleet->n_hosts; p++) {
        must(!fleet->hosts[p].is_open == !!fleet->hosts[p].why_closed,
             "who is closed has a reason");
        must(fleet->hosts[p].cpu_milli > 0, "a host has CPUs");
        for (size_t d = 0; d < fleet->n_resources; d++)
            must(fleet->hosts[p].room[d] >= 0, "no room is negative");
    }
    for (size_t i = 0; i < fleet->n_guests; i++)
        check_guest(fleet, &fleet->guests[i]);
    for (size_t s = 0; s < fleet->n_apart; s++) {
        must(fleet->apart_first[s + 1] - fleet->apart_first[s] >= 2, "two are apart");
        for (int k = fleet->apart_first[s]; k < fleet->apart_first[s + 1]; k++)
            must(fleet->apart_guest[k] >= 0 && fleet->apart_guest[k] < (int)fleet->n_guests,
                 "who is apart is a guest");
    }
}

static void choose(const struct one_document *document)
{
    struct one_storage *storage = one_storage_new(document);

    for (size_t k = 0; storage && k < document->n_vms && k < 8; k++)
        for (size_t p = 0; p < document->n_hosts && p < 8; p++) {
            struct one_choice choice;

            if (one_storage_choose(storage, &document->vms[k], &document->hosts[p], &choice))
                must(one_find_store(document, choice.store) >= 0, "a datastore is one");
        }
    one_storage_free(storage);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum one_job job = size > 0 && data[0] == 'p' ? ONE_PLACE : ONE_OPTIMIZE;
    char *text = encode(size > 0 ? data + 1 : data, size > 0 ? size - 1 : 0);
    struct one_document document;
    struct one_picture picture;
    struct err err = {0};

    if (one_document_read(text, strlen(text), job == ONE_OPTIMIZE, &document, &err) < 0) {
        must(err.text[0], "a refusal has a sentence");
        free(text);
        return 0;
    }
    if (one_picture_new(&document, job, &picture, &err) == 0) {
        check(&picture.cluster.fleet);
        choose(&document);
        one_picture_done(&picture);
    } else {
        must(err.text[0], "a refusal has a sentence");
    }
    one_document_done(&document);
    free(text);
    return 0;
}
