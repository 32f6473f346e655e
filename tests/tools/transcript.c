/* transcript INPUT COMMAND…: runs a command on a pseudo-terminal of 80 columns, types the lines of INPUT, each once the prompt stands
   there, and prints what a person would have seen. `^C` in a line types Ctrl-C, `^I` a Tab; a line that ends in `\` is left open, with
   no newline; a line that begins with `~` is typed without waiting for a prompt, a moment after the one before. */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCREEN_BYTES (1 << 20)
#define PATIENCE     30000 /* milliseconds without output that are a failure */
#define MOMENT       700   /* milliseconds before a `~` line */

static char seen[SCREEN_BYTES];
static size_t seen_count;

/* Keeps what is text: no escape sequences, no carriage returns; a backspace takes a character back. */
static void keep(const char *bytes, size_t count)
{
    static int escape; /* 0: text, 1: after ESC, 2: in ESC [ … */
    for (size_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (escape == 1)
            escape = c == '[' ? 2 : 0;
        else if (escape == 2)
            escape = c >= '@' && c <= '~' ? 0 : 2;
        else if (c == 0x1b)
            escape = 1;
        else if (c == '\b')
            seen_count -= seen_count > 0;
        else if (c != '\r' && c != '\a' && seen_count + 1 < SCREEN_BYTES)
            seen[seen_count++] = (char)c;
    }
}

/* Reads for `wait` milliseconds or until `enough` says so; false at the end of output or when patience ends. */
static bool read_until(int terminal, int wait, bool (*enough)(void))
{
    char bytes[4096];
    for (;;) {
        struct pollfd ready = {.fd = terminal, .events = POLLIN};
        if (poll(&ready, 1, enough && enough() ? 150 : wait) == 0)
            return !enough || enough();
        ssize_t count = read(terminal, bytes, sizeof bytes);
        if (count <= 0)
            return false;
        keep(bytes, (size_t)count);
    }
}

static bool at_prompt(void)
{
    return seen_count >= 5 && (memcmp(seen + seen_count - 5, "nel> ", 5) == 0 || memcmp(seen + seen_count - 5, "...> ", 5) == 0);
}

static void type(int terminal, const char *line)
{
    for (; *line && *line != '\n' && *line != '\\'; line++) {
        char c = *line;
        if (c == '^' && (line[1] == 'C' || line[1] == 'I'))
            c = (char)(*++line - '@');
        if (write(terminal, &c, 1) != 1)
            return;
    }
}

int main(int argc, char **argv)
{
    struct winsize size = {.ws_row = 50, .ws_col = 80};
    FILE *input = argc > 2 ? fopen(argv[1], "r") : NULL;
    int terminal;
    if (!input)
        return fputs("transcript INPUT COMMAND…\n", stderr), 2;
    setenv("TERM", "dumb", 1);
    pid_t child = forkpty(&terminal, NULL, NULL, &size);
    if (child < 0) { /* and never a signal to it: kill(-1, …) reaches every process there is */
        perror("skipped: no pseudo-terminal");
        return 77;
    }
    if (child == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    char line[1024];
    bool well = true;
    while (well && fgets(line, sizeof line, input)) {
        bool at_once = line[0] == '~';
        well = at_once ? read_until(terminal, MOMENT, NULL) : read_until(terminal, PATIENCE, at_prompt);
        type(terminal, line + at_once);
        if (well && !strstr(line, "^C") && !strchr(line, '\\'))
            well = write(terminal, "\n", 1) == 1;
    }
    if (well && read_until(terminal, PATIENCE, at_prompt) && write(terminal, "\4", 1) == 1) /* Ctrl-D */
        read_until(terminal, 2000, NULL);
    kill(child, SIGHUP);
    waitpid(child, NULL, 0);
    fwrite(seen, 1, seen_count, stdout);
    fclose(input);
    return well ? 0 : 1;
}
