#include "labs/check_report.h"

#include <cstdio>

#include "labs/planted_verdicts.h"

namespace shardpipe {
namespace {

// The bug that a bound is shown beside.
constexpr const char* kWhatBoundSees = "no_forward_all_reduce";

std::string number(double x) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.1e", x);
  return digits;
}

// "36 tensors           3.6e-07 off, bound 1.2e-05   blocks.1.mlp.down.weight".
std::string compared_text(const ComparedResult& c) {
  return text("           ", c.what, std::string(c.what.size() < 20 ? 20 - c.what.size() : 1, ' '),
              number(c.difference), " off, bound ", number(c.bound), "   ", c.where, "\n");
}

}  // namespace

std::string check_text(const LabResult& r) {
  if (!r.check) {
    if (r.options.device == "modelled") return "";
    return text("check      ",
                r.options.check ? "one rank: nothing to compare\n" : "left out (--no-check)\n");
  }
  const Check& c = *r.check;
  const std::string verdict =
      text("check      ", c.passed() ? "equal to " : "DIFFERS from ", c.against);
  if (c.bitwise && c.passed()) return verdict + ": bitwise\n";
  std::string out = verdict + "\n";
  for (const ComparedResult& one : c.compared) out += compared_text(one);
  const auto seen = planted_difference(kWhatBoundSees);
  out += text("           off: over the largest number of its kind",
              seen ? text("; a missing all_reduce: ", number(*seen)) : "", "\n");
  if (c.missing > 0) out += text("           ", c.missing, " numbers are on no rank\n");
  if (c.diverged)
    out += "           the training diverged: a loss is not a number, and is not on one rank\n";
  return out;
}

Json check_json(const Check& c) {
  Json compared = Json::list();
  const ComparedResult* closest = nullptr;
  const std::optional<double> seen = planted_difference(kWhatBoundSees);
  for (const ComparedResult& one : c.compared) {
    compared.push_back({{"what", one.what},
                        {"where", one.where},
                        {"difference", one.difference},
                        {"bound", one.bound},
                        {"scale", one.scale}});
    if (closest == nullptr || one.of_bound() > closest->of_bound()) closest = &one;
  }
  return {{"against", c.against},
          {"passed", c.passed()},
          {"bitwise", c.bitwise},
          {"compared", compared},
          {"missing_all_reduce", seen ? Json(*seen) : Json(nullptr)},
          {"missing", c.missing},
          {"diverged", c.diverged},
          {"max_abs_diff", closest != nullptr ? closest->difference * closest->scale : 0},
          {"bound", closest != nullptr ? closest->bound * closest->scale : 0}};
}

}  // namespace shardpipe
