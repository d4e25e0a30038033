#!/usr/bin/env bash
# The top level holds the folders of docs/architecture.md and no other file or folder.
. "$(dirname "$0")/lib.sh"

allowed='CMakeLists.txt CMakePresets.json CONTRIBUTING.md README.md LICENSE lab cmake core data docs exercises labs solutions tests viz'
stray=$(files . | sed 's|/.*||' | sort -u | grep -vxF -f <(tr ' ' '\n' <<<"$allowed") | grep -v '^\.' || true)
[[ ! $stray ]] || while IFS= read -r name; do
  echo "$name:1: the top level holds only: $allowed, and dot files"
done <<<"$stray"
[[ ! $stray ]]
