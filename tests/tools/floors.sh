#!/bin/sh
# floors.sh SRC: holds the two tables of SRC/ARCHITECTURE.md. A file includes only headers of its own folder and of lower floors;
# a third-party header appears only in the files that its row names; every folder has a floor.
set -u
src=${1%/}
table=$src/ARCHITECTURE.md
find "$src" -name '*.[ch]' -o -name '*.inc' | sort | awk -v table="$table" -v src="$src" '
    function complain(what) {
        print what
        bad = 1
    }
    # The words in backticks of a table cell.
    function words(cell, list,    n) {
        n = 0
        while (match(cell, /`[^`]+`/)) {
            list[++n] = substr(cell, RSTART + 1, RLENGTH - 2)
            cell = substr(cell, RSTART + RLENGTH)
        }
        return n
    }
    function read_tables(    line, cells, list, n, i, name) {
        while ((getline line < table) > 0) {
            split(line, cells, "|")
            if (line ~ /^\| *[0-9]+ *\|/) {
                n = words(cells[3], list)
                for (i = 1; i <= n; i++) {
                    name = list[i]
                    sub(/^src\//, "", name)
                    sub(/\/$/, "", name)
                    floor[name] = cells[2] + 0
                }
            } else if (line ~ /^\| *`<[^>]+>` *\|/) {
                words(cells[2], list)
                header = list[1]
                third[header] = 1
                n = words(cells[3], list)
                for (i = 1; i <= n; i++)
                    allowed[header, list[i]] = 1
            }
        }
        close(table)
    }
    # The folder of a file below src, or the file itself where it stands in no folder.
    function room(path) {
        return path ~ /\// ? substr(path, 1, index(path, "/") - 1) : path
    }
    function check_file(path,    line, file, own, other, number, header) {
        file = substr(path, length(src) + 2)
        own = room(file)
        if (!(own in floor)) {
            complain("src/" file ": `" own "` has no floor in ARCHITECTURE.md")
            return
        }
        while ((getline line < path) > 0) {
            number++
            if (line !~ /^[ \t]*#[ \t]*include/)
                continue
            if (match(line, /<[^>]+>/)) {
                header = substr(line, RSTART, RLENGTH)
                if (header in third && !((header, "src/" file) in allowed))
                    complain("src/" file ":" number ": " header " belongs to other files")
            } else if (match(line, /"[^"]+"/)) {
                other = room(substr(line, RSTART + 1, RLENGTH - 2))
                if (other !~ /\./ && !(other in floor))
                    complain("src/" file ":" number ": `" other "` has no floor in ARCHITECTURE.md")
                else if (other in floor && other != own && floor[other] >= floor[own])
                    complain("src/" file ":" number ": `" own "` (floor " floor[own] ") includes from `" other "` (floor " floor[other] ")")
            }
        }
        close(path)
        files++
    }
    BEGIN {
        read_tables()
        if (!("support" in floor) || !("<zlib.h>" in third))
            complain("ARCHITECTURE.md: its tables were not found")
    }
    { check_file($0) }
    END {
        print files " files looked at"
        exit bad
    }'
