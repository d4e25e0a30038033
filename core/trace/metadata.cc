#include <limits>
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

// The library would turn any number into any type, also one that does not fit.
template <class Integer>
Integer integer(const json& value) {
  if (!value.is_number_integer()) usage_error(value.dump() + " is not an integer");
  const auto wide = value.get<std::int64_t>();
  const bool is_beyond = value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX;
  if (is_beyond || wide < std::numeric_limits<Integer>::min() ||
      wide > std::numeric_limits<Integer>::max())
    usage_error(value.dump() + " is out of range");
  return static_cast<Integer>(wide);
}

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
          {"names", trace.names},
          {"shapes", trace.shapes}};
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
    trace.wall_ns = integer<std::int64_t>(metadata.at("wall_ns"));
    trace.clock_error_ns = integer<std::int64_t>(metadata.value("clock_error_ns", json(0)));
    trace.names = metadata.at("names").get<std::vector<std::string>>();
    trace.shapes = metadata.value("shapes", json::array()).get<std::vector<std::string>>();
    for (const json& lane : metadata.at("lanes"))
      trace.lanes.push_back({integer<std::int32_t>(lane.at("rank")),
                             integer<std::int32_t>(lane.at("stream")), lane.at("name")});
    for (const json& group : metadata.at("groups")) {
      trace.groups.push_back({integer<int>(group.at("id")), group.at("axis"), {}});
      for (const json& rank : group.at("ranks"))
        trace.groups.back().ranks.push_back(integer<int>(rank));
    }
  } catch (const json::exception& e) {
    const std::string what = e.what();  // "[json.exception.type_error.302] type must be ..."
    bad(what.substr(what.find("] ") == std::string::npos ? 0 : what.find("] ") + 2));
  } catch (const Error& e) {
    bad(e.what());
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
