#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <charconv>
#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/trace/byte_stream.h"
#include "core/trace/chrome_events.h"

namespace shardpipe {
namespace {

constexpr std::size_t kMostValues = 1'000'000;  // beside the events: far beyond any list of names

struct NamedKey {
  std::string_view name;
  EventKey key;
};

// Few, and most differ in length already: faster than a hash.
constexpr NamedKey kKeysOfEvent[] = {{"ph", EventKey::phase},  {"cat", EventKey::category},
                                     {"name", EventKey::name}, {"pid", EventKey::pid},
                                     {"tid", EventKey::tid},   {"ts", EventKey::time},
                                     {"dur", EventKey::length}};

constexpr NamedKey kKeysOfArgs[] = {{"Collective name", EventKey::collective},
                                    {"Process Group Name", EventKey::group},
                                    {"Process Group Description", EventKey::group_words},
                                    {"Process Group Ranks", EventKey::group_ranks},
                                    {"Seq", EventKey::sequence},
                                    {"In msg nelems", EventKey::elements_in},
                                    {"dtype", EventKey::dtype},
                                    {"name", EventKey::named},
                                    {"bytes", EventKey::bytes},
                                    {"flops", EventKey::flops},
                                    {"wait_ns", EventKey::wait},
                                    {"waits_for", EventKey::waits_for},
                                    {"step", EventKey::step},
                                    {"stage", EventKey::stage},
                                    {"microbatch", EventKey::microbatch},
                                    {"layer", EventKey::layer},
                                    {"phase", EventKey::part},
                                    {"shape", EventKey::shape}};

// The parser could look at each letter itself; most words have no letter that needs it.
bool is_utf8(std::string_view word) {
  struct Nowhere {
    void Put(char) {}
  } nowhere;
  unsigned char all = 0;
  for (const char c : word) all |= static_cast<unsigned char>(c);
  if (all < 0x80) return true;
  rapidjson::MemoryStream letters(word.data(), word.size());
  while (letters.Tell() < word.size())
    if (!rapidjson::UTF8<>::Validate(letters, nowhere)) return false;
  return true;
}

// What the parser calls. Depth counts open objects and arrays.
class Handler {
 public:
  using SizeType = rapidjson::SizeType;

  Handler(Pieces& pieces, ByteStream& bytes, ChromeSink& sink)
      : pieces_(pieces), bytes_(bytes), sink_(sink) {}

  bool Null() { return value(EventValue::Type::other, {}, nullptr); }
  bool Bool(bool v) { return value(EventValue::Type::other, {}, v); }
  bool String(const char* word, SizeType size, bool) {
    const std::string_view written(word, size);
    return is_utf8(written) && value(EventValue::Type::word, written, written);
  }
  // Numbers come as they are written, so that none loses a digit.
  bool RawNumber(const char* digits, SizeType size, bool) {
    const std::string_view number(digits, size);
    if (is_header_) return value(EventValue::Type::other, {}, parse_json(number).value_or(Json()));
    const auto [end, error] = std::from_chars(number.begin(), number.end(), integer_);
    const bool is_integer = error == std::errc() && end == number.end();
    return value(is_integer ? EventValue::Type::integer : EventValue::Type::real, number, nullptr);
  }

  bool StartObject() { return open(true); }
  bool StartArray() { return open(false); }
  bool EndObject(SizeType) { return close(); }
  bool EndArray(SizeType) { return close(); }

  bool Key(const char* name, SizeType size, bool) {
    const std::string_view key(name, size);
    if (depth_ == 1 && !in_events_) {
      section_ = key;
      is_header_ = key == "metadata" || key == "distributedInfo" || key == "baseTimeNanoseconds" ||
                   key == "schemaVersion";
      if (is_header_) header_ = JsonBuilder(kMostValues);
    } else if (is_header_) {
      header_.key(key);
    } else if (in_events_ && depth_ == event_depth_) {
      is_args_ = key == "args";
      find(key, kKeysOfEvent);
    } else if (in_events_ && is_args_ && depth_ == event_depth_ + 1) {
      find(key, kKeysOfArgs);
    }
    return true;
  }

  // Of a parser that converts numbers; this one does not.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  bool has_events() const { return has_events_; }
  // The array form may end without its "]".
  bool may_end_here() const {
    return in_events_ && event_depth_ == 2 && depth_ == 1 && bytes_.at_end();
  }

 private:
  template <std::size_t N>
  void find(std::string_view name, const NamedKey (&keys)[N]) {
    field_ = nullptr;
    for (const NamedKey& one : keys)
      if (one.name.size() == name.size() && one.name[0] == name[0] && one.name == name)
        field_ = &event_[one.key];
  }

  template <class Value>
  bool value(EventValue::Type type, std::string_view written, Value&& v) {
    pieces_.value_ends();
    if (is_header_) {
      header_.add(Json(std::forward<Value>(v)));
      if (depth_ == 1) header_ends();
    } else if (field_ != nullptr) {
      field_->type = type;
      field_->integer = integer_;
      if (type == EventValue::Type::word || type == EventValue::Type::real) field_->text = written;
    }
    return true;
  }

  bool open(bool is_object) {
    if (is_header_) {
      header_.open(is_object ? Json::object() : Json::list());
    } else if (!in_events_) {
      in_events_ = !is_object && (depth_ == 0 || (depth_ == 1 && section_ == "traceEvents"));
      if (in_events_) event_depth_ = depth_ + 2;
      has_events_ = has_events_ || in_events_;
    } else if (is_object && depth_ + 1 == event_depth_) {
      event_.clear();
      is_args_ = false;
    }
    field_ = nullptr;
    ++depth_;
    return true;
  }

  bool close() {
    pieces_.value_ends();
    --depth_;
    field_ = nullptr;
    if (is_header_) {
      header_.close();
      if (depth_ == 1) header_ends();
    } else if (in_events_ && depth_ + 1 == event_depth_) {
      event_.byte = static_cast<std::int64_t>(bytes_.Tell()) + 1;  // its "}" is taken afterwards
      sink_.event(event_);
      ++event_.number;
    } else if (in_events_ && depth_ + 2 == event_depth_) {
      in_events_ = false;
    }
    return true;
  }

  void header_ends() {
    is_header_ = false;
    sink_.header(section_, header_.document());
  }

  Pieces& pieces_;
  ByteStream& bytes_;
  ChromeSink& sink_;
  int depth_ = 0, event_depth_ = 0;  // event_depth_: inside an event
  bool in_events_ = false, has_events_ = false, is_args_ = false, is_header_ = false;
  EventValue* field_ = nullptr;  // what the next value is for, if it is looked at
  std::int64_t integer_ = 0;
  std::string section_;
  JsonBuilder header_;
  ChromeEvent event_;
};

}  // namespace

// Iterative: a file of open brackets must not use up the stack.
ChromeEnd read_chrome_events(FileBytes& file, ChromeSink& sink) {
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  Pieces pieces(file);
  ByteStream bytes(pieces);
  for (const char mark : {'\xEF', '\xBB', '\xBF'})  // UTF-8, as some editors say it
    if (bytes.Peek() == mark) bytes.Take();
  Handler handler(pieces, bytes, sink);
  rapidjson::Reader reader;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(bytes, handler);
  ChromeEnd end{.has_events = handler.has_events()};
  const bool is_parsed = !result.IsError() && bytes.at_end();
  end.is_whole = pieces.failed().empty() && (is_parsed || handler.may_end_here());
  if (end.is_whole) return end;
  // A file that goes on after a byte of 0 ended there for the parser; what the handler refuses is
  // bad UTF-8.
  auto code = result.IsError() ? result.Code() : rapidjson::kParseErrorDocumentRootNotSingular;
  if (code == rapidjson::kParseErrorTermination) code = rapidjson::kParseErrorStringInvalidEncoding;
  end.broken = pieces.failed().empty() ? text("not JSON at byte ", bytes.Tell(), ": ",
                                              rapidjson::GetParseError_En(code))
                                       : pieces.failed().substr(file.file().size() + 2);
  return end;
}

}  // namespace shardpipe
