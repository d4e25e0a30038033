#include "core/trace/binary.h"

#include <filesystem>
#include <string>

#include "core/trace/chrome_json.h"
#include "core/trace/read.h"
#include "tests/support/catch.h"
#include "tests/trace/files.h"
#include "tests/trace/made_up.h"

namespace shardpipe {
namespace {

bool holds_binary(const std::string& file) {
  InputFile in(file, {.what = "a trace file", .most_bytes = kGiB});
  return is_binary(in);
}

}  // namespace

TEST_CASE("a binary trace is read back as it was written, in every field") {
  const Folder folder("binary");
  const std::string file = folder / "t.sptrace";
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    INFO("seed " << seed);
    const Trace trace = random_trace(seed);
    write_binary(trace, file);
    CHECK(holds_binary(file));
    CHECK(equal(read_trace({file}).trace, trace));
  }
  const Trace empty{.names = {}, .lanes = {{0, 0, "compute"}}};
  write_binary(empty, file);
  CHECK(equal(read_trace({file}).trace, empty));
  const Trace step = mlp_trace(true);
  write_binary(step, file);
  write_chrome_json(step, folder / "t.json");
  CHECK(equal(read_trace({file}).trace, step));
  CHECK_FALSE(holds_binary(folder / "t.json"));
  CHECK(3 * std::filesystem::file_size(file) < std::filesystem::file_size(folder / "t.json"));
}

TEST_CASE("a binary trace that is cut while it is read is refused with one line") {
  const Folder folder("binary_cut");
  const std::string file = folder / "t.sptrace";
  write_binary(random_trace(1), file);
  const auto size = std::filesystem::file_size(file);
  for (const auto left : {size - 8, size / 2, std::uintmax_t{40}, std::uintmax_t{0}}) {
    write_binary(random_trace(1), file);
    InputFile in(file, {.what = "a trace file", .most_bytes = kGiB});
    std::filesystem::resize_file(file, left);
    CHECK(contains(refusal([&] { read_binary(in); }), "it was cut while it was read"));
  }
}

TEST_CASE("a binary trace that is broken anywhere is refused with one line, or is a trace") {
  const Folder folder("binary_broken");
  const std::string file = folder / "t.sptrace";
  Trace few = mlp_trace(false);
  few.spans.resize(24);
  write_binary(few, file);
  const std::string good = bytes_of(file);
  for (std::size_t size = 16; size < good.size(); ++size) {
    write(file, good.substr(0, size));
    INFO("cut to " << size << " of " << good.size());
    CHECK(contains(refusal([&] { read_trace({file}); }), file + ": broken at byte "));
  }
  write(file, good + "12345678");
  CHECK(contains(refusal([&] { read_trace({file}); }), "8 bytes too many"));
  // Every byte changed in turn: what is still a trace has only indices that are in its tables.
  int refused = 0;
  for (std::size_t i = 16; i < good.size(); ++i) {
    std::string bytes = good;
    bytes[i] = static_cast<char>(bytes[i] ^ 0x80);
    write(file, bytes);
    try {
      const Trace trace = read_trace({file}).trace;
      for (const Span& span : trace.spans) CHECK(fault_of(span, trace, trace.ranks()) == "");
    } catch (const Error& e) {
      CHECK(e.code() == ExitCode::usage);
      ++refused;
    }
  }
  CHECK(refused > static_cast<int>(good.size()) / 4);
  const auto changed = [&](std::size_t at, char value) {
    std::string bytes = good;
    bytes[at] = value;
    write(file, bytes);
    return refusal([&] { read_trace({file}); });
  };
  CHECK(contains(changed(16, 1), "version 1 with 16 columns; this kit reads version 2"));
  CHECK(contains(changed(31, 0x7f), "a column of"));  // spans: more than bytes
  CHECK(contains(changed(39, 0x7f), "the metadata needs"));
  CHECK(contains(changed(40, '['), "metadata is not that of a trace"));
}

}  // namespace shardpipe
