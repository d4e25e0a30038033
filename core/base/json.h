// A JSON value: documents are built from these and read into them. How JSON is spelled is known to
// json.cc, the one file that includes a library for it: that is slow to compile.
//
//   Json document = {{"rank", 0}, {"names", names}};   // an object; keys stay in this order
//   document.at("rank").integer();
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace shardpipe {

class Json {
 public:
  struct Member;
  using List = std::vector<Json>;
  using Members = std::vector<Member>;

  Json(std::nullptr_t = nullptr);
  template <std::same_as<bool> Bool>  // and no pointer
  Json(Bool value) : value_(value) {}
  template <std::signed_integral Integer>
  Json(Integer value) : value_(std::in_place_type<std::int64_t>, value) {}
  template <std::unsigned_integral Integer>
  requires(!std::same_as<Integer, bool>) Json(Integer value)
      : value_(std::in_place_type<std::uint64_t>, value) {}
  Json(double value);
  Json(const char* value);
  Json(std::string value);
  Json(std::string_view value) : Json(std::string(value)) {}
  template <class T>
  Json(const std::vector<T>& values)
      : value_(std::in_place_type<List>, values.begin(), values.end()) {}
  Json(std::initializer_list<Member> members);  // an object
  Json(const Json&);
  Json(Json&&) noexcept;
  Json& operator=(const Json&);
  Json& operator=(Json&&) noexcept;
  ~Json();

  static Json list(List values = {});
  static Json object();

  // As the last of a list or an object.
  Json& push_back(Json value);
  Json& set(std::string key, Json value);

  bool is_null() const { return is<std::monostate>(); }
  bool is_string() const { return is<std::string>(); }
  bool is_list() const { return is<List>(); }
  bool is_object() const { return is<Members>(); }
  bool is_integer() const { return is<std::int64_t>() || is<std::uint64_t>(); }
  bool is_number() const { return is_integer() || is<double>(); }

  // The value as what it must be: usage_error "12.5 is not an integer" if it is something else.
  double number() const;
  std::int64_t integer() const;  // "... is out of range" beyond 64 bits
  const std::string& string() const;
  const List& elements() const;
  const Members& members() const;
  std::vector<std::string> strings() const;

  // The last member of that key: null, or usage_error, if there is none.
  const Json* find(std::string_view key) const;
  const Json& at(std::string_view key) const;

  // One line, or with `indent` spaces a level. No UTF-8: replaced; what one cannot see: escaped.
  std::string dump(int indent = -1) const;

 private:
  template <class T>
  bool is() const {
    return std::holds_alternative<T>(value_);
  }
  void write(std::string& out, int indent, int level) const;

  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, List,
               Members>
      value_;
};

struct Json::Member {
  std::string key;
  Json value;
};

// Where Member is complete, as clang 14 wants it; the templates above are compiled where they are
// used.
inline Json::Json(std::nullptr_t) {}
inline Json::Json(double value) : value_(value) {}
inline Json::Json(const char* value) : value_(std::string(value)) {}

// Builds a document from what a parser meets, one value after another.
class JsonBuilder {
 public:
  explicit JsonBuilder(std::size_t most_values = SIZE_MAX) : most_values_(most_values) {}

  void key(std::string_view key) { key_ = key; }
  void open(Json container) { open_.push_back(add(std::move(container))); }
  void close() { open_.pop_back(); }
  Json* add(Json value);  // usage_error if there are too many, or too many containers are open
  Json& document() { return root_; }

 private:
  std::size_t num_values_ = 0, most_values_;
  std::vector<Json*> open_;
  std::string key_;
  Json root_;
};

// Nothing if it is no JSON; `why` then says what is wrong where.
std::optional<Json> parse_json(std::string_view document, std::string* why = nullptr);

}  // namespace shardpipe
