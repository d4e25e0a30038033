#include "core/trace/binary.h"

#include <bit>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/error.h"
#include "core/trace/mapped_file.h"
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

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file), mapped_(file), left_(mapped_.bytes()) {}

  // The next `count` values, where they lie in the file.
  template <class Value>
  const Value* values(std::uint64_t count, const char* what) {
    if (count > left_.size() / sizeof(Value))
      bad(text(what, " needs ", count, " values and ", left_.size(), " bytes are left"));
    const std::size_t size = count * sizeof(Value), filled = (size + 7) / 8 * 8;
    const auto* first = reinterpret_cast<const Value*>(left_.data());
    if (filled > left_.size()) bad(text(what, " is not filled to a multiple of 8 bytes"));
    left_.remove_prefix(filled);
    return first;
  }

  void end() const {
    if (!left_.empty()) bad(text(left_.size(), " bytes too many"));
  }

  [[noreturn]] void bad(const std::string& what) const {
    usage_error(
        text(file_, ": broken at byte ", mapped_.bytes().size() - left_.size(), ": ", what));
  }

 private:
  const std::string file_;
  MappedFile mapped_;
  std::string_view left_;
};

}  // namespace

bool is_binary(const std::string& file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(file.c_str(), "rb"),
                                                           std::fclose);
  char first[kMagic.size()] = {};
  return in != nullptr && std::fread(first, 1, sizeof first, in.get()) == sizeof first &&
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

Trace read_binary(const std::string& file) {
  Reader in(file);
  if (std::string_view(in.values<char>(kMagic.size(), "the name"), kMagic.size()) != kMagic)
    in.bad("no binary trace of this kit");
  const std::uint32_t* format = in.values<std::uint32_t>(2, "the version");
  if (format[0] != kVersion || format[1] != kColumns)
    in.bad(text("version ", format[0], " with ", format[1], " columns; this kit reads version ",
                kVersion, " with ", kColumns));
  const std::uint64_t* sizes = in.values<std::uint64_t>(2, "the sizes");
  const std::uint64_t num_spans = sizes[0];
  const char* metadata = in.values<char>(sizes[1], "the metadata");
  const std::optional<Json> document = parse_json({metadata, sizes[1]});
  if (!document || !is_metadata(*document)) in.bad("its metadata is not that of a trace");
  Trace trace = trace_of_metadata(*document, file);
  each_column([&](const auto& column) {
    using Value = typename std::decay_t<decltype(column)>::type;
    const std::uint64_t count = *in.values<std::uint64_t>(1, "a column");
    if (count != num_spans && count != 1)
      in.bad(text("a column of ", count, " values for ", num_spans, " spans"));
    const Value* values = in.values<Value>(count, "a column");
    // The first column has a moment of each span, so the file is at least that large.
    if (trace.spans.empty()) {
      if (count != num_spans) in.bad(text("one moment for ", num_spans, " spans"));
      trace.spans.resize(num_spans);
    }
    for (std::uint64_t i = 0; i < num_spans; ++i)
      column.set(trace.spans[i], values[count == 1 ? 0 : i]);
  });
  in.end();
  const int ranks = trace.ranks();
  for (std::size_t i = 0; i < trace.spans.size(); ++i)
    if (const std::string fault = fault_of(trace.spans[i], trace, ranks); !fault.empty())
      usage_error(text(file, ": span ", i, ": ", fault));
  trace.sort_spans();
  return trace;
}

}  // namespace shardpipe
