// Whole safetensors files: what Python gives and gets.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/tensor/tensor.h"

namespace shardpipe {

struct FileTensor {
  std::vector<Index> sizes = {};
  std::vector<float> numbers = {};
};
using FileTensors = std::map<std::string, FileTensor>;

FileTensors read_tensors(const std::string& file);
void write_tensors(const std::string& file, const FileTensors& tensors);

}  // namespace shardpipe
