/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/top/screen.h"

#include <ncurses.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "agent/top/keys.h"

struct screen {
    SCREEN *terminal;
    attr_t styles[STYLES];
};

enum { PAIR_GOOD = 1, PAIR_BUSY, PAIR_BAD };
enum { ESCAPE_MS = 25 }; /* what follows an escape in that time is a key's code */

static bool has_colours(void)
{
    const char *text = getenv("NO_COLOR");

    return (!text || !text[0]) && has_colors() && start_color() == OK && use_default_colors() == OK;
}

static void choose_styles(struct screen *screen)
{
    attr_t *styles = screen->styles;

    styles[STYLE_HEAD] = A_BOLD;
    styles[STYLE_BAR] = styles[STYLE_CHOSEN] = A_REVERSE;
    styles[STYLE_BUSY] = A_BOLD;
    styles[STYLE_BAD] = A_BOLD;
    if (!has_colours())
        return;
    init_pair(PAIR_GOOD, COLOR_GREEN, -1);
    init_pair(PAIR_BUSY, COLOR_YELLOW, -1);
    init_pair(PAIR_BAD, COLOR_RED, -1);
    styles[STYLE_GOOD] = COLOR_PAIR(PAIR_GOOD);
    styles[STYLE_BUSY] |= COLOR_PAIR(PAIR_BUSY);
    styles[STYLE_BAD] |= COLOR_PAIR(PAIR_BAD);
    styles[STYLE_FAINT] = A_DIM;
}

struct screen *screen_open(void)
{
    struct screen *screen = calloc(1, sizeof(*screen));

    if (screen && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        screen->terminal = newterm(NULL, stdout, stdin);
    if (!screen || !screen->terminal) {
        free(screen);
        return NULL;
    }
    set_term(screen->terminal);
    set_escdelay(ESCAPE_MS);
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    curs_set(0);
    choose_styles(screen);
    return screen;
}

void screen_close(struct screen *screen)
{
    if (!screen)
        return;
    endwin();
    delscreen(screen->terminal);
    free(screen);
}

void screen_size(struct screen *screen, int *ret_rows, int *ret_columns)
{
    struct winsize size;

    (void)screen;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col &&
        (size.ws_row != LINES || size.ws_col != COLS))
        resizeterm(size.ws_row, size.ws_col);
    *ret_rows = LINES;
    *ret_columns = COLS;
}

void screen_show(struct screen *screen, const struct canvas *canvas)
{
    erase();
    for (int row = 0; row < canvas->rows; row++)
        for (int column = 0; column < canvas->columns; column++) {
            const struct cell *cell = canvas_cell(canvas, row, column);

            if (!cell->text[0] || (cell->style == STYLE_PLAIN && cell->text[0] == ' '))
                continue;
            attrset((int)screen->styles[cell->style]);
            mvaddstr(row, column, cell->text);
        }
    attrset((int)A_NORMAL);
    refresh();
}

int screen_key(struct screen *screen)
{
    static const struct {
        int from, to;
    } keys[] = {{KEY_UP, KEY_OF_UP},
                {KEY_DOWN, KEY_OF_DOWN},
                {KEY_PPAGE, KEY_OF_PAGE_UP},
                {KEY_NPAGE, KEY_OF_PAGE_DOWN},
                {KEY_HOME, KEY_OF_HOME},
                {KEY_END, KEY_OF_END},
                {KEY_BACKSPACE, KEY_OF_BACKSPACE},
                {0x7f, KEY_OF_BACKSPACE},
                {'\b', KEY_OF_BACKSPACE},
                {KEY_ENTER, '\n'},
                {0x1b, KEY_OF_ESCAPE}};
    int key = getch();

    (void)screen;
    if (key == ERR)
        return -1;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (key == keys[i].from)
            return keys[i].to;
    return key > 0xff ? 0 : key;
}
