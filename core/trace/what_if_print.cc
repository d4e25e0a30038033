// The printed forms of a what-if table.
#include "core/base/error.h"
#include "core/trace/units.h"
#include "core/trace/what_if.h"

namespace shardpipe {
namespace {

constexpr int kNameWidth = 34;

double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

// Bounds so close are one figure.
bool is_one(const WallBounds& wall, std::int64_t wall_ns) {
  return (wall.most_ns - wall.least_ns) * 1000 <= wall_ns;
}

}  // namespace

std::string bounds_text(const WallBounds& wall) {
  if (is_one(wall, wall.most_ns)) return time_text(wall.most_ns);
  return time_text(wall.least_ns) + " to " + time_text(wall.most_ns);
}

std::string saving_text(const WallBounds& wall, std::int64_t wall_ns) {
  const std::string least = percent_text(wall_ns - wall.most_ns, wall_ns);
  if (is_one(wall, wall_ns)) return least;
  return text(least.substr(0, least.find(' ')), " to ",
              percent_text(wall_ns - wall.least_ns, wall_ns));
}

std::string to_text(const std::vector<WhatIfRow>& rows, const Trace& trace) {
  std::string out = text("what if it took no time? Now ", time_text(trace.wall_ns), ":\n",
                         pad("", -kNameWidth - 2), pad("busy, all ranks", 16), pad("wall then", 26),
                         pad("saved", 19), "\n");
  for (const WhatIfRow& row : rows)
    out += text("  ", pad(printable(row.what, kNameWidth), -kNameWidth),
                pad(time_text(row.busy_ns), 16), pad(bounds_text(row.wall), 26),
                pad(saving_text(row.wall, trace.wall_ns), 19), "\n");
  return out;
}

Json to_json(const std::vector<WhatIfRow>& rows, const Trace& trace) {
  Json list = Json::list();
  for (const WhatIfRow& row : rows)
    list.push_back(
        {{"what", row.what},
         {"busy_s", seconds(row.busy_ns)},
         {"wall_s", Json::list({seconds(row.wall.least_ns), seconds(row.wall.most_ns)})}});
  return {{"clock", trace.clock},
          {"hardware", trace.hardware},
          {"wall_s", seconds(trace.wall_ns)},
          {"if_free", list}};
}

}  // namespace shardpipe
