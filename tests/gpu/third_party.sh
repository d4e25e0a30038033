#!/usr/bin/env bash
# third_party.sh [FOLDER]: copies the header-only libraries that the kit needs from this machine's packages
# into FOLDER (third_party/, which git ignores), for a machine that has none. CMake looks there.
set -euo pipefail
to=${1:-$(dirname "${BASH_SOURCE[0]}")/../../third_party}

# copy NAME HEADER PACKAGE: the folder NAME of the include folder that holds NAME/HEADER.
copy() {
  local from
  for from in ${CPATH//:/ } /usr/local/include /usr/include; do
    [[ -f $from/$1/$2 ]] || continue
    mkdir -p "$to"
    rm -rf "${to:?}/$1"
    cp -rL "$from/$1" "$to/$1"
    echo "$to/$1, from $from"
    return
  done
  echo "third_party.sh: $1/$2 is not on this machine (package $3, so named on Debian and Ubuntu)" >&2
  return 1
}

CPATH=${CPATH-}
missing=0
copy nlohmann json.hpp nlohmann-json3-dev || missing=1
copy rapidjson reader.h rapidjson-dev || missing=1
copy CLI CLI.hpp libcli11-dev || missing=1
copy toml++ toml.h libtomlplusplus-dev || missing=1
exit $missing
