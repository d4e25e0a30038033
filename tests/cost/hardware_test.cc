// Profiles: all load, every number names its source, and what is wrong with a file is said in one
// line that names the file and the key.
#include "core/cost/hardware.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"

namespace shardpipe {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json profile(const std::string& name) {
  return json::parse(std::ifstream(in_source("core/cost/profiles/" + name + ".json")));
}

// Writes `content` to a file of its own, loads it and returns the message of the usage error.
std::string message_of(const std::string& content) {
  const fs::path path = in_build("broken_profile.json");
  std::ofstream(path) << content;
  try {
    load_hardware(path.string());
  } catch (const Error& e) {
    CHECK(e.code() == ExitCode::usage);
    const std::string message = e.what();
    CHECK(message.find("broken_profile.json") != std::string::npos);
    CHECK(message.find('\n') == std::string::npos);
    return message;
  }
  return "loaded";
}

std::string message_of(const char* pointer, const json& value) {
  json changed = profile("2x8xH100");
  changed[json::json_pointer(pointer)] = value;
  return message_of(changed.dump());
}

// Every object with numbers has a "source", or "sources" with an entry for each of them.
int count_sourced_numbers(const json& value, const std::string& where) {
  int numbers = 0;
  for (const auto& [key, member] : value.items()) {
    if (member.is_structured() && key != "sources")
      numbers += count_sourced_numbers(member, where + "/" + key);
    if (!member.is_number()) continue;
    ++numbers;
    INFO(where << "/" << key);
    const json source = value.contains("source")
                            ? value.at("source")
                            : value.value(json::json_pointer("/sources") / key, json());
    REQUIRE(source.is_string());
    CHECK(source.get<std::string>().size() > 5);
  }
  return numbers;
}

}  // namespace

TEST_CASE("the profiles of the kit load and make sense") {
  CHECK(hardware_names() == std::vector<std::string>{"2x8xH100", "4x4xH100-ethernet", "8xA100",
                                                     "8xH100", "8xlaptop", "laptop"});
  for (const std::string& name : hardware_names()) {
    const Hardware h = load_hardware(name);
    INFO(name);
    CHECK(h.name == name);
    CHECK(h.max_ranks() >= 8);
    CHECK(h.bf16.peak_flops_per_s >= h.f32.peak_flops_per_s);
    CHECK(h.launch_s > 0);
  }
  CHECK(load_hardware("2x8xH100").max_ranks() == 16);
}

TEST_CASE("every number of a profile names its source") {
  for (const std::string& name : hardware_names())
    CHECK(count_sourced_numbers(profile(name), name) > 15);
}

TEST_CASE("two nodes are the same node twice") {
  const json one = profile("8xH100"), two = profile("2x8xH100");
  for (const char* part : {"memory", "operation", "compute", "inside_node"})
    CHECK(one.at(part) == two.at(part));
}

TEST_CASE("eight laptops on a switch are laptops: only the links differ") {
  const json one = profile("laptop");
  json eight = profile("8xlaptop");
  for (const char* part : {"operation", "compute"}) CHECK(one.at(part) == eight.at(part));
  for (const char* figure : {"bytes", "bytes_per_s"})
    CHECK(one.at("memory").at(figure) == eight.at("memory").at(figure));
}

TEST_CASE("efficiency rises with the size and is half at half_flops") {
  const Throughput t{.peak_flops_per_s = 1e12,
                     .achievable_fraction = 0.8,
                     .half_flops = 1e9,
                     .least_efficiency = 0.05};
  CHECK(t.efficiency(1e9) == Approx(0.5));
  CHECK(t.efficiency(1) == 0.05);
  CHECK(t.seconds(1e9) == Approx(1e9 / (1e12 * 0.8 * 0.5)));
  CHECK(t.seconds(0) == 0);
  double last_s = 0;
  for (double flops = 1; flops < 1e15; flops *= 2) {
    CHECK(t.seconds(flops) > last_s);
    last_s = t.seconds(flops);
  }
}

TEST_CASE("an unknown name lists the names there are") {
  try {
    load_hardware("8xH1000");
    FAIL("must throw");
  } catch (const Error& e) {
    CHECK(e.code() == ExitCode::usage);
    CHECK(std::string(e.what()) ==
          "no hardware profile '8xH1000': there are 2x8xH100, 4x4xH100-ethernet, 8xA100, 8xH100, "
          "8xlaptop, laptop, or give a path that ends in .json");
  }
}

TEST_CASE("a broken profile is refused by file and key") {
  using Catch::Matchers::Contains;
  CHECK_THAT(message_of("{"), Contains("is not JSON"));
  CHECK_THAT(message_of("[]"), Contains("the file is not an object"));
  CHECK_THAT(message_of("{}"), Contains("key 'name' is missing"));
  CHECK_THAT(message_of("/memory/bytes_per_s", -1),
             Contains("key 'memory.bytes_per_s' is negative: -1"));
  CHECK_THAT(message_of("/memory/bytes_per_s", 0),
             Contains("key 'memory.bytes_per_s' must be above 0"));
  CHECK_THAT(message_of("/compute/bf16/half_flops", "6e9"),
             Contains("key 'compute.bf16.half_flops' is not a number"));
  CHECK_THAT(message_of("/compute/f32/achievable_fraction", 81),
             Contains("key 'compute.f32.achievable_fraction' must be at most 1, not 81"));
  CHECK_THAT(message_of("/nodes", 1.5), Contains("key 'nodes' must be a whole number"));
  CHECK_THAT(message_of("/inside_node", 3), Contains("key 'inside_node' is not an object"));
  CHECK_THAT(message_of("/inside_node/collectives/1/algorithm", "rings"),
             Contains("key 'inside_node.collectives[1].algorithm' must be ring, tree"));
  CHECK_THAT(message_of("/inside_node/collectives/0/algorithm", "in_switch"),
             Contains("key 'inside_node.collectives' has no ring"));
  CHECK_THAT(message_of("/between_nodes/collectives", json::array()),
             Contains("key 'between_nodes.collectives' is not a list"));
  json cut = profile("2x8xH100");
  cut.erase("between_nodes");
  CHECK_THAT(message_of(cut.dump()), Contains("key 'between_nodes' is missing"));
  CHECK(message_of(profile("2x8xH100").dump()) == "loaded");
}

TEST_CASE("a path ends in .json; a file that is not there is a usage error") {
  CHECK(load_hardware(in_source("tests/cost/two_nodes_A100.json")).nodes == 2);
  CHECK_THROWS_AS(load_hardware("/nowhere/machine.json"), Error);
}

TEST_CASE("SHARDPIPE_DATA_DIR names another data root") {
  const fs::path root = in_build("data_root");
  fs::create_directories(root / "core/cost/profiles");
  fs::copy_file(in_source("tests/cost/two_nodes_A100.json"), root / "core/cost/profiles/mine.json",
                fs::copy_options::overwrite_existing);
  setenv("SHARDPIPE_DATA_DIR", root.c_str(), 1);
  const std::vector<std::string> names = hardware_names();
  const int nodes = load_hardware("mine").nodes;
  setenv("SHARDPIPE_DATA_DIR", "/nowhere", 1);
  CHECK_THROWS_AS(hardware_names(), Error);
  unsetenv("SHARDPIPE_DATA_DIR");
  CHECK(names == std::vector<std::string>{"mine"});
  CHECK(nodes == 2);
}

TEST_CASE("more ranks than the machine has are refused") {
  const Hardware h = load_hardware("2x8xH100");
  CHECK_NOTHROW(check_ranks(h, 16));
  try {
    check_ranks(h, 17);
    FAIL("must throw");
  } catch (const Error& e) {
    CHECK(e.code() == ExitCode::usage);
    CHECK(std::string(e.what()) == "17 ranks do not fit 2x8xH100: it has 16 (2 nodes of 8)");
  }
}

}  // namespace shardpipe
