#include "labs/grade/report.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace shardpipe {

using nlohmann::json;

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
  json document = {{"checks", report.checks}, {"device", report.device}};
  for (const RegionReport& r : report.regions)
    document["regions"].push_back({{"region", r.region},
                                   {"code", r.code},
                                   {"exit", static_cast<int>(r.exit)},
                                   {"points", r.points},
                                   {"say", r.say},
                                   {"findings", r.findings},
                                   {"picture", r.picture},
                                   {"also", r.also}});
  // What a learner's code made of its strings need not be UTF-8.
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

GradeReport grade_report_of(const std::string& text_of_it) try {
  const json document = json::parse(text_of_it);
  GradeReport report{.checks = document.at("checks"), .device = document.at("device")};
  for (const json& r : document.at("regions"))
    report.regions.push_back({.region = r.at("region"),
                              .code = r.at("code"),
                              .exit = static_cast<ExitCode>(r.at("exit").get<int>()),
                              .points = r.at("points"),
                              .say = r.at("say"),
                              .findings = r.at("findings"),
                              .picture = r.at("picture"),
                              .also = r.at("also")});
  return report;
} catch (const json::exception& e) {
  fail(ExitCode::fault, text("what the grading process says cannot be read: ", e.what()));
}

}  // namespace shardpipe
