#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/trace/metadata.h"

namespace shardpipe {
namespace {

using nlohmann::json;

constexpr const char* kSchema = "shardpipe-trace-1";
constexpr int kLastRank = 999999;  // far beyond any trace, and its tid fits into 32 bits
constexpr int kLastStream = 9999;
constexpr std::int64_t kMostNs = std::int64_t{1} << 62;

}  // namespace

json metadata_of(const Trace& trace) {
  json lanes = json::array(), groups = json::array();
  for (const Lane& lane : trace.lanes)
    lanes.push_back({{"rank", lane.rank}, {"stream", lane.stream}, {"name", lane.name}});
  for (const Group& group : trace.groups)
    groups.push_back({{"id", group.id}, {"axis", group.axis}, {"ranks", group.ranks}});
  return {{"schema", kSchema},
          {"clock", trace.clock},
          {"hardware", trace.hardware},
          {"wall_ns", trace.wall_ns},
          {"clock_error_ns", trace.clock_error_ns},
          {"lanes", lanes},
          {"groups", groups},
          {"names", trace.names}};
}

bool is_metadata(const json& metadata) {
  return metadata.is_object() && metadata.value("schema", json()) == kSchema;
}

Trace trace_of_metadata(const json& metadata, const std::string& file) {
  const auto bad = [&](const std::string& what) { usage_error(file + ": metadata: " + what); };
  Trace trace;
  try {
    trace.clock = metadata.at("clock");
    trace.hardware = metadata.at("hardware");
    trace.wall_ns = metadata.at("wall_ns");
    trace.clock_error_ns = metadata.value("clock_error_ns", std::int64_t{0});
    trace.names = metadata.at("names").get<std::vector<std::string>>();
    for (const json& lane : metadata.at("lanes"))
      trace.lanes.push_back({lane.at("rank"), lane.at("stream"), lane.at("name")});
    for (const json& group : metadata.at("groups"))
      trace.groups.push_back({group.at("id"), group.at("axis"), group.at("ranks")});
  } catch (const json::exception& e) {
    const std::string what = e.what();  // "[json.exception.type_error.302] type must be ..."
    bad(what.substr(what.find("] ") == std::string::npos ? 0 : what.find("] ") + 2));
  }
  if (trace.wall_ns < 0 || trace.wall_ns > kMostNs) bad(text("wall_ns is ", trace.wall_ns));
  for (const Lane& lane : trace.lanes)
    if (lane.rank < 0 || lane.rank > kLastRank || lane.stream < 0 || lane.stream > kLastStream)
      bad(text("lane of rank ", lane.rank, " stream ", lane.stream, ": ranks are 0..", kLastRank,
               ", streams 0..", kLastStream));
  // Each rank has a lane, so that a rank far off cannot ask for a million empty ones.
  if (static_cast<std::size_t>(trace.ranks()) > trace.lanes.size())
    bad(text(trace.ranks(), " ranks, but only ", trace.lanes.size(), " lanes"));
  for (std::size_t i = 1; i < trace.lanes.size(); ++i)
    if (trace.lanes[i].rank < trace.lanes[i - 1].rank) bad("lanes are not ordered by rank");
  return trace;
}

}  // namespace shardpipe
