// Text from outside: names in files, words of a command line, what somebody else's program says. On
// a terminal it could move the cursor, ring, hide or reverse letters, or look like a line of ours;
// so it is shown escaped, in one of four ways of writing: \n, \x1b, \u202e, and \xff for a byte
// that is no UTF-8. Letters of all languages stay as they are.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace shardpipe {

// What stands first in some bytes.
struct Character {
  std::size_t bytes = 1;
  char32_t code = 0;
  bool is_utf8 = false;
  bool is_harmless = false;  // it may stand in a line of text: it is seen, and seen where it stands
};

Character first_character(std::string_view bytes);  // of one byte at least

// As one line. What has been escaped stays as it is when it is escaped again.
std::string printable(std::string_view words);
// The same but for line breaks, which stay.
std::string printable_lines(std::string_view words);

// How many bytes at the end begin a character of which the rest is missing.
std::size_t cut_off_at_end(std::string_view bytes);

}  // namespace shardpipe
