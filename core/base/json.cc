#include "core/base/json.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace shardpipe {
namespace {

using Library = nlohmann::ordered_json;

constexpr std::size_t kMostLevels = 100;  // a document of brackets must not use up the stack

template <class Plain>
std::string spelled(const Plain& value) {
  return Library(value).dump(-1, ' ', false, Library::error_handler_t::replace);
}

// What is not seen in a text, as JSON says it: "\u202e"; beyond 16 bits as two halves.
std::string escape_of(char32_t code) {
  char words[16];
  if (code > 0xffff)
    std::snprintf(words, sizeof words, "\\u%04x\\u%04x",
                  static_cast<unsigned>(0xd7c0 + (code >> 10)),
                  static_cast<unsigned>(0xdc00 + (code & 0x3ff)));
  else
    std::snprintf(words, sizeof words, "\\u%04x", static_cast<unsigned>(code));
  return words;
}

// Letters stay; documents may be shown on a terminal as they are.
std::string spelled_word(const std::string& word) {
  const std::string all = spelled(word);
  if (printable(all) == all) return all;
  std::string out;
  for (std::string_view rest = all; !rest.empty();) {
    const Character c = first_character(rest);
    out += c.is_harmless ? std::string(rest.substr(0, c.bytes)) : escape_of(c.code);
    rest.remove_prefix(c.bytes);
  }
  return out;
}

// Puts what `each` writes of every item between brackets: on one line, or on a line each.
template <class Items, class Each>
void write_all(std::string& out, const char* brackets, const Items& items, int indent, int level,
               const Each& each) {
  const auto new_line = [&](int levels) {
    if (indent >= 0) out.append(1, '\n').append(static_cast<std::size_t>(indent * levels), ' ');
  };
  out += brackets[0];
  for (const auto& item : items) {
    if (&item != items.data()) out += ',';
    new_line(level + 1);
    each(item);
  }
  if (!items.empty()) new_line(level);
  out += brackets[1];
}

// What the library calls while it parses; true: go on.
class Sink : public nlohmann::json_sax<Library> {
 public:
  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // not of JSON
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::list()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    builder.key(name);
    return true;
  }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& error) override {
    const std::string what = error.what();  // "[json.exception.parse_error.101] parse error at ..."
    why = what.substr(what.find("] ") == std::string::npos ? 0 : what.find("] ") + 2);
    return false;
  }

  JsonBuilder builder;
  std::string why;

 private:
  bool add(Json value) {
    builder.add(std::move(value));
    return true;
  }
  bool open(Json container) {
    builder.open(std::move(container));
    return true;
  }
  bool close() {
    builder.close();
    return true;
  }
};

}  // namespace

Json::Json(std::string value) : value_(std::move(value)) {}
Json::Json(std::initializer_list<Member> members) : value_(Members(members)) {}
Json::Json(const Json&) = default;
Json::Json(Json&&) noexcept = default;
Json& Json::operator=(const Json&) = default;
Json& Json::operator=(Json&&) noexcept = default;
Json::~Json() = default;

Json Json::list(List values) {
  Json all;
  all.value_ = std::move(values);
  return all;
}

Json Json::object() {
  Json all;
  all.value_ = Members();
  return all;
}

Json& Json::push_back(Json value) { return std::get<List>(value_).emplace_back(std::move(value)); }

Json& Json::set(std::string key, Json value) {
  Members& members = std::get<Members>(value_);
  members.push_back({std::move(key), std::move(value)});
  return members.back().value;
}

double Json::number() const {
  if (const auto* whole = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*whole);
  if (const auto* whole = std::get_if<std::uint64_t>(&value_)) return static_cast<double>(*whole);
  if (!is_number()) usage_error(dump() + " is not a number");
  return std::get<double>(value_);
}

std::int64_t Json::integer() const {
  if (const auto* whole = std::get_if<std::int64_t>(&value_)) return *whole;
  if (!is_integer()) usage_error(dump() + " is not an integer");
  const std::uint64_t whole = std::get<std::uint64_t>(value_);
  if (whole > INT64_MAX) usage_error(dump() + " is out of range");
  return static_cast<std::int64_t>(whole);
}

const std::string& Json::string() const {
  if (!is_string()) usage_error(dump() + " is not a string");
  return std::get<std::string>(value_);
}

const Json::List& Json::elements() const {
  if (!is_list()) usage_error(dump() + " is not a list");
  return std::get<List>(value_);
}

const Json::Members& Json::members() const {
  if (!is_object()) usage_error(dump() + " is not an object");
  return std::get<Members>(value_);
}

std::vector<std::string> Json::strings() const {
  std::vector<std::string> all;
  for (const Json& value : elements()) all.push_back(value.string());
  return all;
}

const Json* Json::find(std::string_view key) const {
  if (!is_object()) return nullptr;
  for (auto member = members().rbegin(); member != members().rend(); ++member)
    if (member->key == key) return &member->value;
  return nullptr;
}

const Json& Json::at(std::string_view key) const {
  const Json* value = find(key);
  if (value == nullptr) usage_error(text("key '", key, "' is missing"));
  return *value;
}

void Json::write(std::string& out, int indent, int level) const {
  if (is_list())
    write_all(out, "[]", elements(), indent, level,
              [&](const Json& value) { value.write(out, indent, level + 1); });
  else if (is_object())
    write_all(out, "{}", members(), indent, level, [&](const Member& member) {
      out += spelled_word(member.key) + (indent < 0 ? ":" : ": ");
      member.value.write(out, indent, level + 1);
    });
  else if (is_string())
    out += spelled_word(string());
  else if (is<double>())
    out += spelled(number());
  else if (const auto* whole = std::get_if<std::uint64_t>(&value_))
    out += std::to_string(*whole);
  else if (is_integer())
    out += std::to_string(integer());
  else
    out += is_null() ? "null" : std::get<bool>(value_) ? "true" : "false";
}

std::string Json::dump(int indent) const {
  std::string out;
  write(out, indent, 0);
  return out;
}

Json* JsonBuilder::add(Json value) {
  if (++num_values_ > most_values_) usage_error(text("more than ", most_values_, " values"));
  if (open_.size() >= kMostLevels) usage_error(text("more than ", kMostLevels, " levels"));
  if (open_.empty()) return &(root_ = std::move(value));
  Json& container = *open_.back();
  return container.is_list() ? &container.push_back(std::move(value))
                             : &container.set(key_, std::move(value));
}

std::optional<Json> parse_json(std::string_view document, std::string* why) {
  if (const std::size_t at = document.find('\0'); at != std::string_view::npos) {
    if (why != nullptr) *why = text("byte ", at, " is NUL");  // the library takes it for the end
    return {};
  }
  Sink sink;
  bool is_whole = false;
  try {
    is_whole = Library::sax_parse(document, &sink);
  } catch (const Error& e) {
    sink.why = e.what();
  }
  if (why != nullptr) *why = sink.why;
  if (!is_whole) return {};
  return std::move(sink.builder.document());
}

}  // namespace shardpipe
