#include "core/cost/hardware.h"

#include <algorithm>
#include <filesystem>

#include "core/base/data_root.h"
#include "core/base/error.h"
#include "core/base/input_file.h"
#include "core/base/json.h"

namespace shardpipe {
namespace {

namespace fs = std::filesystem;

constexpr InputUse kProfile = {.what = "a hardware profile", .most_bytes = kMiB};

constexpr int kMostRanks = 1'000'000;

fs::path profile_folder() { return fs::path(data_root()) / "core" / "cost" / "profiles"; }

// A JSON object and how to name it: "8xH100.json: key 'inside.latency_s' ...".
class Object {
 public:
  Object(const Json& value, std::string file, std::string path)
      : value_(value), file_(std::move(file)), path_(std::move(path)) {
    if (!value_.is_object()) wrong(path_, "is not an object");
  }

  Object object(const char* key) const { return Object(at(key), file_, name(key)); }

  std::vector<Object> list(const char* key) const {
    const Json& values = at(key);
    if (!values.is_list() || values.elements().empty())
      wrong(name(key), "is not a list of objects");
    std::vector<Object> objects;
    for (const Json& value : values.elements())
      objects.emplace_back(value, file_, text(name(key), "[", objects.size(), "]"));
    return objects;
  }

  std::string string(const char* key) const {
    if (!at(key).is_string()) wrong(name(key), "is not a string");
    return at(key).string();
  }

  double number(const char* key) const {
    if (!at(key).is_number()) wrong(name(key), "is not a number");
    const double value = at(key).number();
    if (value < 0) wrong(name(key), text("is negative: ", value));
    return value;
  }

  // For what is divided by.
  double positive(const char* key) const {
    const double value = number(key);
    if (value == 0) wrong(name(key), "must be above 0");
    return value;
  }

  double fraction(const char* key) const {
    const double value = positive(key);
    if (value > 1) wrong(name(key), text("must be at most 1, not ", value));
    return value;
  }

  int count(const char* key) const {
    const double value = positive(key);
    if (!at(key).is_integer() || value > kMostRanks)
      wrong(name(key),
            text("must be a whole number from 1 to ", kMostRanks, ", not ", at(key).dump()));
    return static_cast<int>(value);
  }

  [[noreturn]] void wrong(const std::string& key, const std::string& what) const {
    usage_error(text("hardware profile ", file_, ": ", key.empty() ? "the file" : "key '", key,
                     key.empty() ? " " : "' ", what));
  }
  std::string name(const char* key) const { return path_.empty() ? key : path_ + "." + key; }

 private:
  const Json& at(const char* key) const {
    const Json* found = value_.find(key);
    if (found == nullptr) wrong(name(key), "is missing");
    return *found;
  }

  const Json& value_;
  std::string file_, path_;
};

Algorithm algorithm_of(const Object& method) {
  const std::string given = method.string("algorithm");
  for (const Algorithm a : {Algorithm::ring, Algorithm::tree, Algorithm::one_shot,
                            Algorithm::two_shot, Algorithm::in_switch, Algorithm::hierarchical})
    if (given == name_of(a)) return a;
  method.wrong(
      method.name("algorithm"),
      text("must be ring, tree, one_shot, two_shot, in_switch or hierarchical, not '", given, "'"));
}

Throughput read_throughput(const Object& from) {
  return {.peak_flops_per_s = from.positive("peak_flops_per_s"),
          .achievable_fraction = from.fraction("achievable_fraction"),
          .half_flops = from.number("half_flops"),
          .least_efficiency = from.fraction("least_efficiency")};
}

// Every link has one method at least that knows all collectives and needs no second level.
Link read_link(const Object& from) {
  const Object message = from.object("message");
  Link link{.latency_s = message.number("latency_s"),
            .bytes_per_s = message.positive("bytes_per_s"),
            .node_bytes_per_s = 1,
            .methods = {}};
  bool complete = false;
  for (const Object& method : from.list("collectives")) {
    const Algorithm algorithm = algorithm_of(method);
    complete |= has_traffic(OpKind::all_gather, algorithm);
    link.methods.push_back({.algorithm = algorithm,
                            .base_s = method.number("base_s"),
                            .step_s = method.number("step_s"),
                            .bytes_per_s = method.positive("bytes_per_s")});
  }
  if (!complete) from.wrong(from.name("collectives"), "has no ring, tree, one_shot or two_shot");
  return link;
}

Hardware read_hardware(const Object& from) {
  Hardware h;
  h.name = from.string("name");
  h.description = from.string("description");
  h.nodes = from.count("nodes");
  h.ranks_per_node = from.count("ranks_per_node");
  if (h.ranks_per_node > kMostRanks / h.nodes)
    from.wrong("ranks_per_node", text(h.ranks_per_node, " in ", h.nodes, " nodes: at most ",
                                      kMostRanks, " ranks in all"));
  const Object memory = from.object("memory");
  h.memory_bytes = memory.positive("bytes");
  h.memory_bytes_per_s = memory.positive("bytes_per_s");
  const Object operation = from.object("operation");
  h.kernel_minimum_s = operation.number("kernel_minimum_s");
  h.launch_s = operation.number("launch_s");
  h.bf16 = read_throughput(from.object("compute").object("bf16"));
  h.f32 = read_throughput(from.object("compute").object("f32"));
  h.inside = read_link(from.object("inside_node"));
  if (h.nodes > 1) {
    const Object between = from.object("between_nodes");
    h.between = read_link(between);
    h.between.node_bytes_per_s = between.object("node").positive("bytes_per_s");
  }
  return h;
}

fs::path find_profile(const std::string& name) {
  if (name.size() > 5 && name.substr(name.size() - 5) == ".json") return name;
  std::string known;
  for (const std::string& n : hardware_names()) {
    if (n == name) return profile_folder() / (n + ".json");
    known += (known.empty() ? "" : ", ") + n;
  }
  usage_error(text("no hardware profile '", name, "': there are ", known,
                   ", or give a path that ends in .json"));
}

}  // namespace

Hardware load_hardware(const std::string& name_or_path) {
  const fs::path path = find_profile(name_or_path);
  std::string why;
  const std::string document = InputFile(path.string(), kProfile).all();
  const std::optional<Json> value = parse_json(document, &why);
  if (!value) usage_error(text("hardware profile ", path.string(), " is not JSON: ", why));
  return read_hardware(Object(*value, path.string(), ""));
}

std::vector<std::string> hardware_names() {
  std::vector<std::string> names;
  for (const std::string& file : files_in(profile_folder().string(), ".json"))
    names.push_back(fs::path(file).stem().string());
  if (names.empty())
    usage_error(text("no hardware profiles in ", profile_folder().string(),
                     ": the environment variable SHARDPIPE_DATA_DIR names the folder that holds "
                     "core/cost/profiles"));
  std::sort(names.begin(), names.end());
  return names;
}

void check_ranks(const Hardware& hardware, int ranks) {
  if (ranks <= hardware.max_ranks()) return;
  usage_error(text(ranks, " ranks do not fit ", hardware.name, ": it has ", hardware.max_ranks(),
                   " (", hardware.nodes, hardware.nodes == 1 ? " node" : " nodes", " of ",
                   hardware.ranks_per_node, ")"));
}

}  // namespace shardpipe
