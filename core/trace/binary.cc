#include "core/trace/binary.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <vector>

#include "core/base/error.h"
#include "core/trace/metadata.h"

namespace shardpipe {
namespace {

static_assert(std::endian::native == std::endian::little,
              "columns are written as they lie in memory");

constexpr std::string_view kMagic("shardpipe-trace\0", 16);
constexpr std::uint32_t kVersion = 2, kColumns = 16;

// One field of a span, to and from the number that is stored.
template <class Value, class Get, class Set>
struct Column {
  using type = Value;
  Get get;
  Set set;
};

template <class Value, class Get, class Set>
constexpr Column<Value, Get, Set> column(Get get, Set set) {
  return {get, set};
}

// Calls f for each column, in the order of the file.
template <class F>
void each_column(F&& f) {
  const auto member = [&]<class Value>(Value Span::*field) {
    f(column<Value>([field](const Span& s) { return s.*field; },
                    [field](Span& s, Value v) { s.*field = v; }));
  };
  const auto tag = [&](std::int32_t Tags::*field) {
    f(column<std::int32_t>([field](const Span& s) { return s.tags.*field; },
                           [field](Span& s, std::int32_t v) { s.tags.*field = v; }));
  };
  // Lengths instead of moments: most waits are 0, and one value is enough where all are.
  const auto later = [](std::int64_t ns, std::int64_t by_ns) {
    std::int64_t sum = 0;
    return __builtin_add_overflow(ns, by_ns, &sum) ? INT64_MIN : sum;  // which fault_of refuses
  };
  member(&Span::posted_ns);
  f(column<std::int64_t>([](const Span& s) { return s.ready_ns - s.posted_ns; },
                         [&](Span& s, std::int64_t v) { s.ready_ns = later(s.posted_ns, v); }));
  f(column<std::int64_t>([](const Span& s) { return s.end_ns - s.ready_ns; },
                         [&](Span& s, std::int64_t v) { s.end_ns = later(s.ready_ns, v); }));
  member(&Span::sequence);
  member(&Span::bytes);
  member(&Span::flops);
  member(&Span::lane);
  member(&Span::name);
  member(&Span::group);
  tag(&Tags::step);
  tag(&Tags::stage);
  tag(&Tags::microbatch);
  tag(&Tags::layer);
  member(&Span::waits_for);
  member(&Span::shape);
  f(column<std::uint16_t>(
      [](const Span& s) {
        return static_cast<std::uint16_t>(static_cast<int>(s.kind) +
                                          256 * static_cast<int>(s.tags.phase));
      },
      [](Span& s, std::uint16_t v) {
        s.kind = static_cast<OpKind>(v % 256);
        s.tags.phase = static_cast<Phase>(v / 256);
      }));
}

class Writer {
 public:
  explicit Writer(OutputFile& out) : out_(out) {}

  template <class Value>
  void values(const Value* first, std::size_t count) {
    bytes({reinterpret_cast<const char*>(first), count * sizeof(Value)});
  }

  void bytes(std::string_view all) {
    out_.write(all);
    out_.write(std::string_view("\0\0\0\0\0\0\0", (8 - all.size() % 8) % 8));
  }

  void commit() { out_.commit(); }

 private:
  OutputFile& out_;
};

// Reads the file from its begin to its end.
class Reader {
 public:
  explicit Reader(InputFile& file) : file_(file), size_(file.size()) {}

  // Are the next `count` values there?
  template <class Value>
  void check(std::uint64_t count, const char* what) const {
    const std::uint64_t left = size_ - at_;
    if (count > left / sizeof(Value))
      bad(text(what, " needs ", count, " values and ", left, " bytes are left"));
    if (filled(count * sizeof(Value)) > left)
      bad(text(what, " is not filled to a multiple of 8 bytes"));
  }

  template <class Value>
  void read(Value* into, std::uint64_t count, const char* what) {
    check<Value>(count, what);
    file_.read_at(at_, into, count * sizeof(Value));
    at_ += filled(count * sizeof(Value));
  }

  std::string bytes(std::uint64_t count, const char* what) {
    check<char>(count, what);
    std::string all(count, '\0');
    read(all.data(), count, what);
    return all;
  }

  // Calls f(value) for each of the next `count`, which are read by blocks.
  template <class Value, class F>
  void each(std::uint64_t count, const char* what, F&& f) {
    check<Value>(count, what);
    std::array<Value, kBlock / sizeof(Value)> block;
    for (std::uint64_t left = count; left > 0;) {
      const std::size_t n = std::min<std::uint64_t>(left, block.size());
      file_.read_at(at_ + (count - left) * sizeof(Value), block.data(), n * sizeof(Value));
      for (std::size_t i = 0; i < n; ++i) f(block[i]);
      left -= n;
    }
    at_ += filled(count * sizeof(Value));
  }

  void end() const {
    if (at_ < size_) bad(text(size_ - at_, " bytes too many"));
  }

  [[noreturn]] void bad(const std::string& what) const {
    usage_error(text(file_.name(), ": broken at byte ", at_, ": ", what));
  }

 private:
  static constexpr std::size_t kBlock = 1 << 16;  // bytes

  static std::uint64_t filled(std::uint64_t bytes) { return (bytes + 7) / 8 * 8; }

  InputFile& file_;
  const std::uint64_t size_;
  std::uint64_t at_ = 0;
};

}  // namespace

bool is_binary(InputFile& file) {
  char first[kMagic.size()] = {};
  return file.read_at(0, first, sizeof first) == sizeof first &&
         std::string_view(first, sizeof first) == kMagic;
}

void write_binary(const Trace& trace, OutputFile& file) {
  file.open();
  const std::string metadata = metadata_of(trace).dump();
  Writer out(file);
  out.bytes(kMagic);
  const std::uint32_t format[2] = {kVersion, kColumns};
  const std::uint64_t sizes[2] = {trace.spans.size(), metadata.size()};
  out.values(format, 2);
  out.values(sizes, 2);
  out.bytes(metadata);
  each_column([&](const auto& column) {
    using Value = typename std::decay_t<decltype(column)>::type;
    std::vector<Value> values;
    values.reserve(trace.spans.size());
    bool is_one = !trace.spans.empty();
    for (const Span& span : trace.spans) {
      values.push_back(column.get(span));
      is_one = is_one && std::memcmp(&values.back(), &values[0], sizeof(Value)) == 0;
    }
    const std::uint64_t count = is_one ? 1 : values.size();
    out.values(&count, 1);
    out.values(values.data(), count);
  });
  out.commit();
}

void write_binary(const Trace& trace, const std::string& file) {
  OutputFile out(file);
  write_binary(trace, out);
}

Trace read_binary(InputFile& file) {
  Reader in(file);
  if (in.bytes(kMagic.size(), "the name") != kMagic) in.bad("no binary trace of this kit");
  std::uint32_t format[2];
  in.read(format, 2, "the version");
  if (format[0] != kVersion || format[1] != kColumns)
    in.bad(text("version ", format[0], " with ", format[1], " columns; this kit reads version ",
                kVersion, " with ", kColumns));
  std::uint64_t sizes[2];
  in.read(sizes, 2, "the sizes");
  const std::uint64_t num_spans = sizes[0];
  const std::optional<Json> document = parse_json(in.bytes(sizes[1], "the metadata"));
  if (!document || !is_metadata(*document)) in.bad("its metadata is not that of a trace");
  Trace trace = trace_of_metadata(*document, file.name());
  each_column([&](const auto& column) {
    using Value = typename std::decay_t<decltype(column)>::type;
    std::uint64_t count = 0;
    in.read(&count, 1, "a column");
    if (count != num_spans && count != 1)
      in.bad(text("a column of ", count, " values for ", num_spans, " spans"));
    in.check<Value>(count, "a column");
    // The first column has a moment of each span, so the file is at least that large.
    if (trace.spans.empty()) {
      if (count != num_spans) in.bad(text("one moment for ", num_spans, " spans"));
      trace.spans.resize(num_spans);
    }
    auto span = trace.spans.begin();
    in.each<Value>(count, "a column", [&](Value value) {
      const auto end = count == num_spans ? span + 1 : trace.spans.end();
      for (; span != end; ++span) column.set(*span, value);
    });
  });
  in.end();
  const int ranks = trace.ranks();
  for (std::size_t i = 0; i < trace.spans.size(); ++i)
    if (const std::string fault = fault_of(trace.spans[i], trace, ranks); !fault.empty())
      usage_error(text(file.name(), ": span ", i, ": ", fault));
  trace.sort_spans();
  return trace;
}

}  // namespace shardpipe
