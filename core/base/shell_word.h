// Commands that the kit prints: one can paste them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace shardpipe {

// `word` as bash reads it: plain ones as they are, others in quotes, and what is not printable as
// $'a\nb'.
std::string shell_word(std::string_view word);
// The name of a file, where it must not be taken for a flag: "-x" is ./-x.
std::string shell_file(std::string_view file);
std::string shell_words(const std::vector<std::string>& words);  // with spaces between them

}  // namespace shardpipe
