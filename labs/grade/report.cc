#include "labs/grade/report.h"

#include <cmath>

#include "core/base/error.h"
#include "core/base/json.h"

namespace shardpipe {

int GradeReport::score() const {
  double sum = 0;
  for (const RegionReport& region : regions) sum += region.points;
  return static_cast<int>(std::floor(sum + 1e-9));  // 8 x 12.5 is 100, and 99.99 is not
}

// What is wrong comes before what is not there yet.
std::string GradeReport::code() const {
  for (const RegionReport& region : regions)
    if (region.code != "PASS" && region.exit != ExitCode::not_written) return region.code;
  for (const RegionReport& region : regions)
    if (region.code != "PASS") return region.code;
  return "PASS";
}

ExitCode GradeReport::exit() const {
  const std::string first = code();
  for (const RegionReport& region : regions)
    if (region.code == first) return region.exit;
  return ExitCode::success;
}

std::string to_json(const GradeReport& report) {
  Json regions = Json::list();
  for (const RegionReport& r : report.regions)
    regions.push_back({{"region", r.region},
                       {"code", r.code},
                       {"exit", static_cast<int>(r.exit)},
                       {"points", r.points},
                       {"say", r.say},
                       {"findings", r.findings},
                       {"picture", r.picture},
                       {"also", r.also}});
  return Json({{"checks", report.checks},
               {"known_runs", report.known_runs},
               {"device", report.device},
               {"regions", regions}})
      .dump();
}

GradeReport grade_report_of(const std::string& text_of_it) try {
  const Json document = parse_json(text_of_it).value_or(Json());
  GradeReport report{.checks = static_cast<int>(document.at("checks").integer()),
                     .known_runs = static_cast<int>(document.at("known_runs").integer()),
                     .device = document.at("device").string()};
  for (const Json& r : document.at("regions").elements())
    report.regions.push_back({.region = static_cast<int>(r.at("region").integer()),
                              .code = r.at("code").string(),
                              .exit = static_cast<ExitCode>(r.at("exit").integer()),
                              .points = r.at("points").number(),
                              .say = r.at("say").string(),
                              .findings = r.at("findings").strings(),
                              .picture = r.at("picture").strings(),
                              .also = r.at("also").strings()});
  return report;
} catch (const Error& e) {
  fail(ExitCode::fault, text("what the grading process says cannot be read: ", e.what()));
}

}  // namespace shardpipe
