#include "core/base/printable.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>

namespace shardpipe {
namespace {

unsigned byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

// Of the sequence that begins with this byte; 0: none does.
std::size_t length_of(unsigned first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

struct Range {
  char32_t first, last;
};

// What cannot be seen, or changes the place or the order of what can be: controls, separators of
// lines, marks of direction and of joining, fillers, variation selectors, tags, and what is no
// character. (Unicode 15: Cc, Zl, Zp, of Cf what draws nothing, and Default_Ignorable.)
constexpr Range kHidden[] = {
    {0x00, 0x1f},       {0x7f, 0x9f},      {0xad, 0xad},     {0x34f, 0x34f},   {0x61c, 0x61c},
    {0x70f, 0x70f},     {0x115f, 0x1160},  {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f},
    {0x2028, 0x202e},   {0x2060, 0x206f},  {0x3164, 0x3164}, {0xfdd0, 0xfdef}, {0xfe00, 0xfe0f},
    {0xfeff, 0xfeff},   {0xffa0, 0xffa0},  {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};

bool is_hidden(char32_t code) {
  if (code > 0xffff && (code & 0xfffe) == 0xfffe) return true;  // no character, in any plane
  const auto* range = std::lower_bound(std::begin(kHidden), std::end(kHidden), code,
                                       [](const Range& r, char32_t c) { return r.last < c; });
  return range != std::end(kHidden) && range->first <= code;
}

std::string escape_of(const Character& c, std::string_view bytes) {
  if (c.code == '\n') return "\\n";
  if (c.code == '\r') return "\\r";
  if (c.code == '\t') return "\\t";
  char words[16];
  const auto number = static_cast<unsigned>(c.is_utf8 ? c.code : byte_at(bytes, 0));
  const char* format = !c.is_utf8 || number < 0x80 ? "\\x%02x"
                       : number <= 0xffff          ? "\\u%04x"
                                                   : "\\U%08x";
  std::snprintf(words, sizeof words, format, number);
  return words;
}

bool is_plain(char c) { return c >= ' ' && c <= '~'; }

std::string shown(std::string_view words, bool keeps_lines) {
  if (std::all_of(words.begin(), words.end(), is_plain)) return std::string(words);
  std::string out;
  while (!words.empty()) {
    const Character c = first_character(words);
    if (c.is_harmless || (keeps_lines && c.code == '\n'))
      out += words.substr(0, c.bytes);
    else
      out += escape_of(c, words);
    words.remove_prefix(c.bytes);
  }
  return out;
}

}  // namespace

Character first_character(std::string_view bytes) {
  const unsigned first = byte_at(bytes, 0);
  const std::size_t length = length_of(first);
  if (length == 0 || length > bytes.size()) return {};
  char32_t code = length == 1 ? first : first & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(bytes, i) & 0xc0U) != 0x80) return {};
    code = code << 6 | (byte_at(bytes, i) & 0x3fU);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};  // shorter ones would do for less
  const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < kLeast[length] || code > 0x10ffff || is_surrogate) return {};
  return {.bytes = length, .code = code, .is_utf8 = true, .is_harmless = !is_hidden(code)};
}

std::string printable(std::string_view words) { return shown(words, false); }

std::string printable_lines(std::string_view words) { return shown(words, true); }

std::size_t cut_off_at_end(std::string_view bytes) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, bytes.size()); ++back) {
    const unsigned byte = byte_at(bytes, bytes.size() - back);
    if ((byte & 0xc0U) != 0x80) return length_of(byte) > back ? back : 0;
  }
  return 0;
}

}  // namespace shardpipe
