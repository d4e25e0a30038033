// Builds the documents that stand beside the events of a Chrome trace: names, lanes, versions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"

namespace shardpipe {

class HeaderBuilder {
 public:
  static constexpr int kMostValues = 1'000'000;  // far beyond any list of names or lanes

  void begin() {
    root_ = nlohmann::json();
    open_.clear();
  }
  void key(std::string key) { key_ = std::move(key); }
  void open(nlohmann::json container) { open_.push_back(add(std::move(container))); }
  void close() { open_.pop_back(); }
  nlohmann::json* add(nlohmann::json value) {
    if (++num_values_ > kMostValues)
      usage_error(text("more than ", kMostValues, " values beside the events"));
    if (open_.empty()) return &(root_ = std::move(value));
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return &open_.back()->back();
    }
    return &((*open_.back())[key_] = std::move(value));
  }
  const nlohmann::json& document() const { return root_; }

 private:
  nlohmann::json root_;
  std::vector<nlohmann::json*> open_;
  std::string key_;
  int num_values_ = 0;
};

}  // namespace shardpipe
