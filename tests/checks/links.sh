#!/usr/bin/env bash
# Links of pages lead somewhere: a file of the project is there, and so is the heading behind a "#" (as GitHub
# makes anchors of headings, or <a id="...">). Terms of docs/glossary.md are sorted, and in lower case.
. "$(dirname "$0")/lib.sh"

pages=$(files '\.md$')
tr '\n' '\0' <<<"$pages" | xargs -0 awk '
  function fail(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; bad = 1 }
  function anchor(heading) {
    heading = tolower(heading)
    gsub(/[^a-z0-9 _\200-\377-]/, "", heading)
    gsub(/ /, "-", heading)
    return heading
  }
  # "docs/../labs/x.md" is labs/x.md; what leads out of the project stays as it is.
  function plain(path) {
    gsub(/\/\.\//, "/", path)
    sub(/^\.\//, "", path)
    while (match(path, /(^|\/)[^\/.][^\/]*\/\.\.(\/|$)/)) {
      path = substr(path, 1, RSTART - 1) (RSTART > 1 ? "/" : "") substr(path, RSTART + RLENGTH)
    }
    return path
  }
  function there(path) {
    sub(/\/$/, "", path)
    if (!(path in known)) known[path] = system("test -e \"" path "\"") == 0
    return known[path]
  }
  FNR == 1 { is_code = 0; last = "" }
  /^[ \t]*```/ { is_code = !is_code; next }
  is_code { next }
  /^#+ / {
    heading = $0
    sub(/^#+ /, "", heading)
    has[FILENAME "#" anchor(heading)] = 1
    if (FILENAME == "docs/glossary.md" && /^## /) {
      if (heading != tolower(heading)) fail("a term is in lower case")
      if (heading != "letters" && last > heading) fail("stands behind \"" last "\"; terms are sorted")
      if (heading != "letters") last = heading
    }
  }
  {
    line = $0
    while (match(line, /<a id="[^"]*">/)) {
      has[FILENAME "#" substr(line, RSTART + 7, RLENGTH - 9)] = 1
      line = substr(line, RSTART + RLENGTH)
    }
    line = $0
    gsub(/`[^`]*`/, "", line)
    while (match(line, /\]\([^) ]*\)/)) {
      target = substr(line, RSTART + 2, RLENGTH - 3)
      line = substr(line, RSTART + RLENGTH)
      if (target ~ /^[a-z]+:/ || target == "") continue
      place = FILENAME ":" FNR
      folder = FILENAME
      sub(/[^\/]*$/, "", folder)
      path = target
      sub(/#.*/, "", path)
      path = path == "" ? FILENAME : plain(folder path)
      if (!there(path)) fail("links to " target ", which is not there")
      else if (target ~ /#/) { ++wants; place_of[wants] = place; to[wants] = path substr(target, index(target, "#")) }
    }
  }
  END {
    for (i = 1; i <= wants; ++i)
      if (to[i] ~ /\.md#/ && !(to[i] in has)) { printf "%s: links to %s, a heading that is not there\n", place_of[i], to[i]; bad = 1 }
    exit bad
  }' /dev/null
