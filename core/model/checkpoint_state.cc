// The metadata of a checkpoint: what the run is of, and where it stands.
#include <charconv>
#include <limits>
#include <set>

#include "core/model/checkpoint.h"

namespace shardpipe {
namespace {

constexpr const char* kVersionKey = "shardpipe.version";
constexpr const char* kVersion = "1";
constexpr const char* kConfig = "config.";  // before the name of a ConfigKey
constexpr const char* kOption = "option.";  // before the name of one that may change
constexpr const char* kWayPast = " (--weights-only takes its weights alone)";

// Of a file of this format: what the metadata say under a key.
const std::string& value_of(const SafetensorsFile& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end())
    usage_error(text(file.name(), ": its metadata lack ", key, kWayPast));
  return found->second;
}

template <class Integer>
Integer number_of(const SafetensorsFile& file, const std::string& key, Integer most) {
  const std::string& words = value_of(file, key);
  Integer number = 0;
  const char* const end = words.data() + words.size();
  const auto parsed = std::from_chars(words.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || number < 0 || number > most)
    usage_error(text(file.name(), ": its ", key, " is '", words, "' (allowed: 0 to ", most, ")"));
  return number;
}

void refuse_other_version(const SafetensorsFile& file) {
  const auto found = file.metadata().find(kVersionKey);
  if (found == file.metadata().end())
    usage_error(text(file.name(), ": does not say which run it is of", kWayPast));
  if (found->second != kVersion)
    usage_error(text(file.name(), ": is a checkpoint of version ", found->second,
                     ", and this program reads version ", kVersion, kWayPast));
}

// "heads 4, here 8", for every key of the config that differs.
std::vector<std::string> differences(const SafetensorsFile& file, const DecoderConfig& config) {
  std::vector<std::string> all;
  std::set<std::string> known;
  for (const ConfigKey& key : keys_of(config)) {
    known.insert(kConfig + key.name);
    const auto found = file.metadata().find(kConfig + key.name);
    const std::string& saved = found != file.metadata().end() ? found->second
                               : key.if_absent                ? *key.if_absent
                                                              : value_of(file, kConfig + key.name);
    if (saved != key.value) all.push_back(text(key.name, " ", saved, ", here ", key.value));
  }
  for (const auto& [key, value] : file.metadata())
    if (key.starts_with(kConfig) && !known.contains(key))
      all.push_back(text(key.substr(std::string(kConfig).size()), " ", value,
                         ", which this program does not know"));
  return all;
}

}  // namespace

Metadata checkpoint_metadata(const DecoderConfig& config, const RunState& state) {
  Metadata metadata = {
      {"format", "pt"},  // what other programs look for
      {kVersionKey, kVersion},    {"seed", text(state.seed)},          {"text", state.text},
      {"step", text(state.step)}, {"sequences", text(state.sequences)}};
  for (const ConfigKey& key : keys_of(config)) metadata[kConfig + key.name] = key.value;
  for (const auto& [name, value] : state.options) metadata[kOption + name] = value;
  return metadata;
}

RunState state_in(const SafetensorsFile& file, const DecoderConfig& config, std::uint64_t seed,
                  const std::string& text_hash) {
  constexpr int kMostSteps = 1'000'000'000;  // as many again may follow
  refuse_other_version(file);
  std::vector<std::string> differ = differences(file, config);
  RunState state = {
      .seed = number_of(file, "seed", std::numeric_limits<std::uint64_t>::max()),
      .text = value_of(file, "text"),
      .step = number_of(file, "step", kMostSteps),
      .sequences = number_of(file, "sequences", std::numeric_limits<std::uint64_t>::max())};
  if (state.seed != seed) differ.push_back(text("seed ", state.seed, ", here ", seed));
  if (state.text != text_hash) differ.push_back(text("text ", state.text, ", here ", text_hash));
  const std::size_t prefix = std::string(kOption).size();
  for (const auto& [key, value] : file.metadata())
    if (key.starts_with(kOption)) state.options[key.substr(prefix)] = value;
  if (differ.empty()) return state;
  std::string words;
  for (const std::string& one : differ) words += (words.empty() ? "" : "; ") + one;
  usage_error(text(file.name(), ": is of another run: ", words, kWayPast));
}

}  // namespace shardpipe
