#!/usr/bin/env bash
# Makes the pictures of the pages again and compares each pixel with what docs/images holds. Letters are
# ImGui's and the font's: where these are others than those that painted the pictures, nothing is compared.
# A change that is meant: docs/images/make.sh
# Usage: pictures.sh PATH/TO/BUILD
set -eu
build=$(cd "$1" && pwd -P)
images=$(cd "$(dirname "$0")/../../docs/images" && pwd -P)
here=$("$build/same_pictures" --made-with)
then=$(cat "$images/made_with.txt")
if [[ $here != "$then" ]]; then
  echo "not compared: made with $then; here is $here"
  exit 77
fi

# Kept, to be looked at, if one differs.
made=$build/pictures
rm -rf "$made"
mkdir "$made"
"$images/make.sh" "$build" "$made"
"$build/same_pictures" "$images" "$made"

# A comparison that sees nothing would pass, too.
cp "$made/view_gpipe.png" "$made/view_1f1b.png"
if "$build/same_pictures" "$images" "$made" >/dev/null; then
  echo "another picture in place of view_1f1b.png is not seen"
  exit 1
fi
rm -r "$made"
