#include "tests/cost/measurements.h"

#include <algorithm>
#include <fstream>
#include <numeric>

#include "core/base/error.h"
#include "core/cost/roofline.h"
#include "tests/support/paths.h"

namespace shardpipe {
namespace {

bool starts_with(const std::string& all, const std::string& start) {
  return all.compare(0, start.size(), start) == 0;
}

// Fields of one CSV line; a field in double quotes may hold commas.
std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      fields.emplace_back();
    else
      fields.back() += c;
  }
  return fields;
}

// "allreduce_time;bytes=32768", "allreduce_busbw;KiB=32", "allreduce_busbw;8GiB;NVLS off", ...
double bytes_of(const std::string& metric) {
  const std::size_t at = metric.find(';');
  if (at == std::string::npos) return 0;
  const std::string size = metric.substr(at + 1);
  if (starts_with(size, "bytes=")) return std::stod(size.substr(6));
  if (starts_with(size, "KiB=")) return std::stod(size.substr(4)) * 1024;
  require(size.find("GiB") != std::string::npos, "a size in bytes, KiB or GiB");
  return std::stod(size) * 1024 * 1024 * 1024;
}

OpKind kind_of(const std::string& metric) {
  if (starts_with(metric, "allreduce")) return OpKind::all_reduce;
  if (starts_with(metric, "allgather")) return OpKind::all_gather;
  if (starts_with(metric, "reducescatter")) return OpKind::reduce_scatter;
  require(starts_with(metric, "sendrecv") || starts_with(metric, "p2p"), "a known metric");
  return OpKind::exchange;
}

// H200 and H20 have the links of an H100: NVLink 4, and here NDR InfiniBand.
std::string profile_of(const std::string& machine) {
  const bool two = machine.find("2 nodes") != std::string::npos ||
                   machine.find("inter-node") != std::string::npos;
  if (machine[0] == 'A') return two ? "two_nodes_A100" : "8xA100";
  return two ? "2x8xH100" : "8xH100";
}

// busbw = (bytes a ring sends) / time (nccl-tests, doc/PERFORMANCE.md).
double seconds_of(const Measurement& m, double value, const std::string& unit) {
  if (unit == "us") return value * 1e-6;
  require(unit == "GB/s", "a unit of us or GB/s");
  if (m.kind == OpKind::exchange) return 1 / (value * 1e9);
  return traffic_of(m.kind, Algorithm::ring, m.ranks, m.bytes).bytes / (value * 1e9);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::vector<double> factors(const std::vector<double>& ratios) {
  std::vector<double> factors;
  for (const double r : ratios) factors.push_back(std::max(r, 1 / r));
  return factors;
}

}  // namespace

std::vector<Measurement> read_measurements() {
  std::ifstream in(in_source("tests/cost/network_measurements.csv"));
  require(in.good(), "network_measurements.csv");
  std::vector<Measurement> all;
  std::string line;
  std::getline(in, line);
  require(line == "source,hw,gpus,metric,value,unit", "the columns of network_measurements.csv");
  while (std::getline(in, line)) {
    const std::vector<std::string> f = fields_of(line);
    require(f.size() == 6 && !f[0].empty(), "six fields, the first a source");
    Measurement m{.machine = f[1],
                  .profile = profile_of(f[1]),
                  .kind = kind_of(f[3]),
                  .ranks = std::stoi(f[2]),
                  .in_switch = f[3].find("NVLS off") == std::string::npos,
                  .bytes = bytes_of(f[3])};
    m.seconds = seconds_of(m, std::stod(f[4]), f[5]);
    all.push_back(m);
  }
  return all;
}

Hardware hardware_of(const std::string& profile) {
  const std::vector<std::string> names = hardware_names();
  const bool ours = std::find(names.begin(), names.end(), profile) != names.end();
  return load_hardware(ours ? profile : in_source("tests/cost/" + profile + ".json"));
}

double predicted_s(const Measurement& measured, const Hardware& hardware) {
  const int n = measured.ranks;
  if (measured.kind == OpKind::exchange) {
    const bool far = measured.machine.find("inter-node") != std::string::npos;
    const Link& link = far ? hardware.between : hardware.inside;
    return link.latency_s + measured.bytes / link.bytes_per_s;
  }
  Hardware used = hardware;
  if (!measured.in_switch)
    std::erase_if(used.inside.methods,
                  [](const Method& m) { return m.algorithm == Algorithm::in_switch; });
  std::vector<int> ranks(n);
  std::iota(ranks.begin(), ranks.end(), 0);
  return choose_algorithm(used, measured.kind, place(ranks, used.ranks_per_node), measured.bytes)
      .seconds;
}

double Agreement::median_factor() const { return median(factors(ratios)); }

double Agreement::worst_factor() const {
  const std::vector<double> all = factors(ratios);
  return *std::max_element(all.begin(), all.end());
}

std::vector<Agreement> agreements(const std::vector<Measurement>& measurements) {
  std::vector<Agreement> result;
  for (const Measurement& m : measurements) {
    if (m.bytes == 0) continue;
    auto it = std::find_if(result.begin(), result.end(), [&](const Agreement& a) {
      return a.machine == m.machine && a.kind == m.kind;
    });
    if (it == result.end())
      it =
          result.insert(result.end(), {.machine = m.machine, .profile = m.profile, .kind = m.kind});
    const std::string n = std::to_string(m.ranks);
    if (!it->ranks.ends_with(n)) it->ranks += (it->ranks.empty() ? "" : ", ") + n;
    it->ratios.push_back(predicted_s(m, hardware_of(m.profile)) / m.seconds);
  }
  return result;
}

}  // namespace shardpipe
