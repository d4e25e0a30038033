#include "core/trace/chrome_events.h"

#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/error.h"

namespace shardpipe {
namespace {

using nlohmann::json;

constexpr int kMostHeaderValues = 1'000'000;  // far beyond any list of names or lanes

// The bytes of a file as one sequence for the parser, which reads them through iterators.
class ByteStream {
 public:
  explicit ByteStream(FileBytes& file) : file_(file) {}

  bool at_end() { return at_ == end_ && !refill(); }
  char present() const { return *at_; }
  void advance() { ++at_; }
  std::int64_t byte() const { return before_ + (at_ - begin_); }
  const std::string& failed() const { return failed_; }  // why it ended early, "" if it did not

 private:
  bool refill() {
    before_ += end_ - begin_;
    begin_ = at_ = end_ = nullptr;
    if (is_over_) return false;
    try {
      const std::string_view piece = file_.next();
      begin_ = at_ = piece.data();
      end_ = begin_ + piece.size();
    } catch (const Error& e) {
      failed_ = e.what();
    }
    is_over_ = begin_ == end_;
    return !is_over_;
  }

  FileBytes& file_;
  const char *begin_ = nullptr, *at_ = nullptr, *end_ = nullptr;
  std::int64_t before_ = 0;
  bool is_over_ = false;
  std::string failed_;
};

class ByteIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  explicit ByteIterator(ByteStream* stream = nullptr) : stream_(stream) {}
  char operator*() const { return stream_->present(); }
  ByteIterator& operator++() {
    stream_->advance();
    return *this;
  }
  // The end is an iterator without a stream.
  bool operator==(const ByteIterator&) const { return stream_->at_end(); }
  bool operator!=(const ByteIterator&) const { return !stream_->at_end(); }

 private:
  ByteStream* stream_;
};

EventKey key_of(const std::string& key, bool in_args, bool* is_known) {
  using Table = std::unordered_map<std::string_view, EventKey>;
  static const Table top = {{"ph", EventKey::phase},  {"cat", EventKey::category},
                            {"name", EventKey::name}, {"pid", EventKey::pid},
                            {"tid", EventKey::tid},   {"ts", EventKey::time},
                            {"dur", EventKey::length}};
  static const Table args = {{"Collective name", EventKey::collective},
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
                             {"phase", EventKey::part}};
  const Table& table = in_args ? args : top;
  const auto at = table.find(key);
  *is_known = at != table.end();
  return *is_known ? at->second : EventKey::phase;
}

// "[json.exception.parse_error.101] parse error at line 1, column 5: ..." without what says where.
std::string reason(const std::string& what) {
  constexpr std::size_t kLongest = 160;
  const std::size_t column = what.find(", column ");
  const std::size_t colon = column == std::string::npos ? column : what.find(": ", column);
  const std::string words = colon == std::string::npos ? what : what.substr(colon + 2);
  return words.size() <= kLongest ? words : words.substr(0, kLongest) + "...";
}

// Small values beside the events, built into documents.
class HeaderBuilder {
 public:
  void begin() {
    root_ = json();
    open_.clear();
  }
  void key(const std::string& key) { key_ = key; }
  void open(json container) {
    json* placed = add(std::move(container));
    open_.push_back(placed);
  }
  void close() { open_.pop_back(); }
  json* add(json value) {
    if (++num_values_ > kMostHeaderValues)
      usage_error(text("more than ", kMostHeaderValues, " values beside the events"));
    if (open_.empty()) return &(root_ = std::move(value));
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return &open_.back()->back();
    }
    return &((*open_.back())[key_] = std::move(value));
  }
  bool is_done() const { return open_.empty(); }
  const json& document() const { return root_; }

 private:
  json root_;
  std::vector<json*> open_;
  std::string key_;
  int num_values_ = 0;
};

// What the parser calls. Depth counts open objects and arrays.
class Handler : public nlohmann::json_sax<json> {
 public:
  Handler(ByteStream& bytes, ChromeSink& sink) : bytes_(bytes), sink_(sink) {}

  bool null() override { return value(EventValue::Type::other, json()); }
  bool boolean(bool v) override { return value(EventValue::Type::other, v); }
  bool number_integer(number_integer_t v) override {
    integer_ = v;
    return value(EventValue::Type::integer, v);
  }
  bool number_unsigned(number_unsigned_t v) override {
    integer_ = v > INT64_MAX ? INT64_MAX : static_cast<std::int64_t>(v);
    return value(EventValue::Type::integer, v);
  }
  bool number_float(number_float_t v, const string_t& digits) override {
    word_ = &digits;
    return value(EventValue::Type::real, v);
  }
  bool string(string_t& v) override {
    word_ = &v;
    return value(EventValue::Type::word, v);
  }
  bool binary(binary_t&) override { return true; }

  bool start_object(std::size_t) override { return open(true); }
  bool start_array(std::size_t) override { return open(false); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& key) override {
    if (depth_ == 1 && !in_events_) {
      section_ = key;
      is_header_ = key == "metadata" || key == "distributedInfo" || key == "baseTimeNanoseconds" ||
                   key == "schemaVersion";
      if (is_header_) header_.begin();
    } else if (is_header_) {
      header_.key(key);
    } else if (in_events_ && depth_ == event_depth_) {
      is_args_ = key == "args";
      key_ = key_of(key, false, &is_known_);
    } else if (in_events_ && is_args_ && depth_ == event_depth_ + 1) {
      key_ = key_of(key, true, &is_known_);
    }
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& e) override {
    broken_ = reason(e.what());
    return false;
  }

  bool has_events() const { return has_events_; }
  // The array form may end without its "]".
  bool may_end_here() const {
    return in_events_ && event_depth_ == 2 && depth_ == 1 && bytes_.at_end();
  }
  const std::string& broken() const { return broken_; }

 private:
  bool in_event_fields() const {
    return in_events_ && (depth_ == event_depth_ || (is_args_ && depth_ == event_depth_ + 1));
  }

  template <class Value>
  bool value(EventValue::Type type, Value&& v) {
    if (is_header_) {
      header_.add(json(std::forward<Value>(v)));
      if (depth_ == 1) header_ends();
    } else if (is_known_ && in_event_fields()) {
      EventValue& field = event_[key_];
      field.type = type;
      field.integer = integer_;
      if (type == EventValue::Type::word || type == EventValue::Type::real) field.text = *word_;
    }
    return true;
  }

  bool open(bool is_object) {
    if (is_header_) {
      header_.open(is_object ? json::object() : json::array());
    } else if (!in_events_) {
      in_events_ = !is_object && (depth_ == 0 || (depth_ == 1 && section_ == "traceEvents"));
      if (in_events_) event_depth_ = depth_ + 2;
      has_events_ = has_events_ || in_events_;
    } else if (is_object && depth_ + 1 == event_depth_) {
      event_.clear();
      is_args_ = false;
    }
    is_known_ = false;
    ++depth_;
    return true;
  }

  bool close() {
    --depth_;
    is_known_ = false;
    if (is_header_) {
      header_.close();
      if (depth_ == 1) header_ends();
    } else if (in_events_ && depth_ + 1 == event_depth_) {
      event_.byte = bytes_.byte();
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

  ByteStream& bytes_;
  ChromeSink& sink_;
  int depth_ = 0, event_depth_ = 0;  // event_depth_: inside an event
  bool in_events_ = false, has_events_ = false, is_args_ = false, is_known_ = false;
  bool is_header_ = false;
  EventKey key_ = EventKey::phase;
  std::int64_t integer_ = 0;
  const std::string* word_ = nullptr;
  std::string section_, broken_;
  HeaderBuilder header_;
  ChromeEvent event_;
};

}  // namespace

ChromeEnd read_chrome_events(FileBytes& file, ChromeSink& sink) {
  ByteStream bytes(file);
  Handler handler(bytes, sink);
  const bool is_parsed = json::sax_parse(ByteIterator(&bytes), ByteIterator(), &handler);
  ChromeEnd end{.has_events = handler.has_events()};
  end.is_whole = bytes.failed().empty() && (is_parsed || handler.may_end_here());
  if (!end.is_whole)
    end.broken = bytes.failed().empty()
                     ? text("not JSON at byte ", bytes.byte(), ": ", handler.broken())
                     : bytes.failed().substr(file.file().size() + 2);
  return end;
}

}  // namespace shardpipe
