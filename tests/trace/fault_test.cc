// What keeps a span from being one of a trace: one field at a time, each bound from both sides.
#include <functional>

#include "core/base/error.h"
#include "core/trace/trace.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

constexpr int kRanks = 3;
constexpr std::int64_t kFarthest = std::int64_t{1} << 61;

std::string fault_with(const std::function<void(Span&)>& change) {
  Trace trace{.names = {"a", "b"}, .shapes = {"[1]"}, .groups = {{.id = 0}}, .lanes = {{}, {}}};
  Span span{.posted_ns = 10, .ready_ns = 20, .end_ns = 30};
  change(span);
  return fault_of(span, trace, kRanks);
}

}  // namespace

TEST_CASE("a span on a bound is one of its trace") {
  CHECK(fault_with([](Span&) {}).empty());
  CHECK(fault_with([](Span& s) { s.lane = s.name = 1; }).empty());
  CHECK(fault_with([](Span& s) { s.group = s.shape = 0; }).empty());
  CHECK(fault_with([](Span& s) { s.group = s.shape = s.waits_for = -1; }).empty());
  CHECK(fault_with([](Span& s) { s.kind = OpKind::barrier; }).empty());
  CHECK(fault_with([](Span& s) { s.tags.phase = Phase::optimizer; }).empty());
  CHECK(fault_with([](Span& s) { s.waits_for = kRanks - 1; }).empty());
  CHECK(fault_with([](Span& s) { s.posted_ns = s.ready_ns = s.end_ns; }).empty());
  CHECK(fault_with([](Span& s) { s.posted_ns = -kFarthest, s.end_ns = kFarthest; }).empty());
}

TEST_CASE("a span one step beyond a bound is not, and the field is named") {
  const auto names = [](const std::string& what, const std::function<void(Span&)>& change) {
    INFO(what);
    return fault_with(change).find(what) != std::string::npos;
  };
  for (const std::int32_t beyond : {-1, 2}) {
    CHECK(names("lane", [&](Span& s) { s.lane = beyond; }));
    CHECK(names("name", [&](Span& s) { s.name = beyond; }));
  }
  for (const std::int32_t beyond : {-2, 1}) {
    CHECK(names("group", [&](Span& s) { s.group = beyond; }));
    CHECK(names("shape", [&](Span& s) { s.shape = beyond; }));
  }
  CHECK(names("kind", [](Span& s) {
    s.kind = static_cast<OpKind>(static_cast<int>(OpKind::barrier) + 1);
  }));
  CHECK(names("phase", [](Span& s) {
    s.tags.phase = static_cast<Phase>(static_cast<int>(Phase::optimizer) + 1);
  }));
  for (const std::int32_t beyond : {-2, kRanks})
    CHECK(names(text("rank ", beyond), [&](Span& s) { s.waits_for = beyond; }));
  CHECK(names("out of range", [](Span& s) { s.posted_ns = -kFarthest - 1; }));
  CHECK(names("out of range", [](Span& s) { s.end_ns = kFarthest + 1; }));
  CHECK(names("before it begins", [](Span& s) { s.posted_ns = s.ready_ns + 1; }));
  CHECK(names("before it begins", [](Span& s) { s.end_ns = s.ready_ns - 1; }));
}

}  // namespace shardpipe
