#include "core/base/shell_word.h"

#include <algorithm>
#include <cstdio>

#include "core/base/printable.h"

namespace shardpipe {
namespace {

// Of these no shell thinks anything, wherever they stand.
bool is_plain(char c) {
  const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return is_letter || (c >= '0' && c <= '9') || (static_cast<unsigned char>(c) & 0x80U) != 0 ||
         std::string_view("_-./,:+@%=").find(c) != std::string_view::npos;
}

std::string in_quotes(std::string_view word) {
  std::string out = "'";
  for (const char c : word)
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  return out + "'";
}

// Byte for byte, so that it is the same in any locale.
std::string in_escapes(std::string_view word) {
  std::string out = "$'";
  while (!word.empty()) {
    const Character c = first_character(word);
    for (std::size_t i = 0; i < c.bytes; ++i) {
      char words[8];
      std::snprintf(words, sizeof words, "\\x%02x", static_cast<unsigned char>(word[i]));
      if (word[i] == '\n')
        out += "\\n";
      else if (word[i] == '\'' || word[i] == '\\')
        out.append("\\").append(1, word[i]);
      else if (c.is_harmless && word[i] != '!')  // "!": an older line, where one types
        out += word[i];
      else
        out += words;
    }
    word.remove_prefix(c.bytes);
  }
  return out + "'";
}

}  // namespace

std::string shell_word(std::string_view word) {
  if (printable(word) != word) return in_escapes(word);
  const bool is_bare =
      !word.empty() && word[0] != '=' && std::all_of(word.begin(), word.end(), is_plain);
  return is_bare ? std::string(word) : in_quotes(word);
}

std::string shell_file(std::string_view file) {
  return shell_word(file.starts_with("-") ? "./" + std::string(file) : std::string(file));
}

std::string shell_words(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + shell_word(word);
  return line;
}

}  // namespace shardpipe
