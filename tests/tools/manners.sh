#!/bin/sh
# manners.sh SRC: functions that libraries do not call. Below the faces nothing prints or ends the program, allocation goes through
# support/memory.h, and what C offers for trouble (strcpy, atoi, strtok, …) is not used anywhere.
set -u
src=${1%/}
find "$src" -name '*.[ch]' -o -name '*.inc' | sort | awk -v src="$src" '
    BEGIN {
        heap = "malloc|calloc|realloc|free|aligned_alloc|posix_memalign|strdup|strndup|asprintf|vasprintf"
        print_or_end = "printf|vprintf|puts|putchar|perror|exit|_exit|quick_exit|abort"
        never = "strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|rand|srand|random|drand48|system|alloca"
        face["main.c"] = face["repl"] = 1
        # memory.c is the allocator; realpath answers with a block of the C library.
        own_heap["support/memory.c"] = own_heap["support/file.c"] = 1
    }
    function look(file, number, line, names, why) {
        if (match(line, "(^|[^A-Za-z0-9_.>])(" names ")[ \t]*\\(")) {
            print "src/" file ":" number ": " why ": " substr(line, RSTART, RLENGTH)
            bad = 1
        }
    }
    function plain(line,    before, behind) {
        gsub(/\\./, "", line)
        gsub(/"[^"]*"/, "\"\"", line)
        if (in_comment) {
            if (!match(line, /\*\//))
                return ""
            line = substr(line, RSTART + 2)
            in_comment = 0
        }
        while (match(line, /\/\*/)) {
            before = substr(line, 1, RSTART - 1)
            behind = substr(line, RSTART + 2)
            if (!match(behind, /\*\//)) {
                in_comment = 1
                return before
            }
            line = before " " substr(behind, RSTART + 2)
        }
        sub(/\/\/.*/, "", line)
        return line
    }
    {
        path = $0
        file = substr(path, length(src) + 2)
        folder = file ~ /\// ? substr(file, 1, index(file, "/") - 1) : file
        in_comment = number = 0
        while ((getline line < path) > 0) {
            number++
            line = plain(line)
            look(file, number, line, never, "not used here")
            if (!(file in own_heap))
                look(file, number, line, heap, "allocation belongs to support/memory.h")
            if (!(folder in face))
                look(file, number, line, print_or_end, "libraries do not print or exit")
        }
        close(path)
    }
    END { exit bad }'
