#include "core/trace/metadata.h"

#include <limits>

#include "core/base/error.h"
#include "core/trace/limits.h"

namespace shardpipe {
namespace {

constexpr const char* kSchema = "shardpipe-trace-1";
constexpr int kLastRank = 999999;  // far beyond any trace, and its tid fits into 32 bits
constexpr int kLastStream = 9999;
constexpr std::int64_t kMostNs = std::int64_t{1} << 62;

int small_integer(const Json& value) {
  const std::int64_t wide = value.integer();
  if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max())
    usage_error(value.dump() + " is out of range");
  return static_cast<int>(wide);
}

}  // namespace

Json metadata_of(const Trace& trace) {
  Json lanes = Json::list(), groups = Json::list();
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

bool is_metadata(const Json& metadata) {
  const Json* schema = metadata.find("schema");
  return schema != nullptr && schema->is_string() && schema->string() == kSchema;
}

Trace trace_of_metadata(const Json& metadata, const std::string& file) {
  const auto bad = [&](const std::string& what) { usage_error(file + ": metadata: " + what); };
  Trace trace;
  try {
    trace.clock = metadata.at("clock").string();
    trace.hardware = metadata.at("hardware").string();
    trace.wall_ns = metadata.at("wall_ns").integer();
    if (const Json* error = metadata.find("clock_error_ns"))
      trace.clock_error_ns = error->integer();
    trace.names = metadata.at("names").strings();
    if (const Json* shapes = metadata.find("shapes")) trace.shapes = shapes->strings();
    for (const Json& lane : metadata.at("lanes").elements())
      trace.lanes.push_back({small_integer(lane.at("rank")), small_integer(lane.at("stream")),
                             lane.at("name").string()});
    for (const Json& group : metadata.at("groups").elements()) {
      trace.groups.push_back({small_integer(group.at("id")), group.at("axis").string(), {}});
      for (const Json& rank : group.at("ranks").elements())
        trace.groups.back().ranks.push_back(small_integer(rank));
    }
  } catch (const Error& e) {
    bad(e.what());
  }
  const auto check_length = [&](const std::string& name) {
    if (name.size() > kMostName)
      bad(text("a name of ", name.size(), " bytes; at most ", kMostName));
  };
  for (const auto* words : {&trace.names, &trace.shapes})
    for (const std::string& word : *words) check_length(word);
  if (trace.wall_ns < 0 || trace.wall_ns > kMostNs) bad(text("wall_ns is ", trace.wall_ns));
  for (const Lane& lane : trace.lanes)
    if (lane.rank < 0 || lane.rank > kLastRank || lane.stream < 0 || lane.stream > kLastStream)
      bad(text("lane of rank ", lane.rank, " stream ", lane.stream, ": ranks are 0..", kLastRank,
               ", streams 0..", kLastStream));
  for (const Lane& lane : trace.lanes) check_length(lane.name);
  for (const Group& group : trace.groups) check_length(group.axis);
  // Each rank has a lane, so that a rank far off cannot ask for a million empty ones.
  if (static_cast<std::size_t>(trace.ranks()) > trace.lanes.size())
    bad(text(trace.ranks(), " ranks, but only ", trace.lanes.size(), " lanes"));
  for (std::size_t i = 1; i < trace.lanes.size(); ++i)
    if (trace.lanes[i].rank < trace.lanes[i - 1].rank) bad("lanes are not ordered by rank");
  return trace;
}

}  // namespace shardpipe
