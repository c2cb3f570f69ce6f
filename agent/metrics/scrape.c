/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/scrape.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/guest_name.h"
#include "agent/base/text.h"
#include "agent/metrics/families.h"

/* From a millisecond, of which a small decision takes a part, to the time after which a call is given
 * up. */
const double scrape_steps_s[SCRAPE_STEPS] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                             0.25,  0.5,    1,     2.5,  5,     10};

void scrape_durations_add(struct scrape_durations *durations, double s)
{
    size_t i = 0;

    while (i < SCRAPE_STEPS && s > scrape_steps_s[i])
        i++;
    durations->of[i]++;
    durations->sum_s += s;
}

void scrape_done(struct scrape *scrape)
{
    free(scrape->guests);
    free(scrape->vcpus);
    free(scrape->bins);
    *scrape = (struct scrape){0};
}

/* What may have been cut by guest_name_set() is at least that long. */
enum { WHOLE_NAME_BYTES = GUEST_NAME_SIZE - 4 };
static const char replacement[] = "\xef\xbf\xbd";

void page_guest(struct page *page, const struct guest_id *guest)
{
    const char *name = guest_name_true(guest);
    char shown[GUEST_NAME_SIZE], uuid[GUEST_UUID_SIZE];

    snprintf(shown, sizeof(shown), "%s", name);
    text_printable(shown);
    page_escaped(page, shown);
    if (strcmp(shown, name) == 0 && strlen(name) < WHOLE_NAME_BYTES && !strstr(name, replacement))
        return;
    guest_uuid_text(guest, uuid);
    fprintf(page->out, "%s%s", replacement, uuid);
}

void page_escaped(struct page *page, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\' || *text == '"')
            putc('\\', page->out);
        putc(*text, page->out);
    }
}

void page_line(struct page *page, const char *labels, double value)
{
    if (!isfinite(value))
        return;
    fprintf(page->out, "evenkeel_%s", page->family->name);
    if (labels)
        fprintf(page->out, "{%s}", labels);
    fprintf(page->out, " %.15g\n", value);
}

void page_own(struct page *page, const char *more, const char *of, double value)
{
    char labels[160];

    snprintf(labels, sizeof(labels), "program=\"%s\"%s%s%s%s%s",
             program_name(page->scrape->program), more ? "," : "", more ? more : "",
             more ? "=\"" : "", more ? of : "", more ? "\"" : "");
    page_line(page, labels, value);
}

void page_guest_line(struct page *page, const struct scrape_guest *guest, const char *state,
                     double value)
{
    fprintf(page->out, "evenkeel_%s{domain=\"", page->family->name);
    page_guest(page, &guest->id);
    fprintf(page->out, "\"%s%s%s} %.15g\n", state ? ",state=\"" : "", state ? state : "",
            state ? "\"" : "", value);
}

static void write_table(struct page *page, const struct family_table *table)
{
    for (size_t i = 0; i < table->n; i++) {
        page->family = &table->list[i];
        fprintf(page->out, "# HELP evenkeel_%s %s\n# TYPE evenkeel_%s %s\n", page->family->name,
                page->family->help, page->family->name, page->family->type);
        page->family->write(page);
    }
}

char *scrape_text(const struct scrape *scrape)
{
    char *text = NULL;
    size_t n = 0;
    struct page page = {.out = open_memstream(&text, &n), .scrape = scrape};
    bool is_whole;

    if (!page.out)
        return NULL;
    write_table(&page, &families_of_both);
    write_table(&page, scrape->program == PROGRAM_VCPU ? &families_of_vcpu : &families_of_memory);
    is_whole = !ferror(page.out);
    if (fclose(page.out) != 0 || !is_whole) {
        free(text);
        return NULL;
    }
    return text;
}
