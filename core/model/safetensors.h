// Tensors in a file (github.com/huggingface/safetensors, "Format"): 8 bytes of header length, a
// JSON header that says name, type, shape and place of each tensor, and the numbers, one tensor
// behind the other.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/input_file.h"
#include "core/tensor/tensor.h"

namespace shardpipe {

using Metadata = std::map<std::string, std::string>;  // the header's "__metadata__"

// What the header says of one tensor.
struct StoredTensor {
  std::string dtype = {};         // "F32", "I64", ...
  std::vector<Index> sizes = {};  // may be more than a Shape has
  std::uint64_t begin = 0;        // of its bytes in the file
};

// A file to read tensors from, by parts. Opening it reads the header and no number, and refuses
// what the format forbids: tensors that overlap, bytes that belong to none, names twice, sizes that
// do not fit, metadata that are no strings. Errors: usage, one line that names the file.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::string& file);

  const std::string& name() const { return file_.name(); }
  const Metadata& metadata() const { return metadata_; }
  const std::map<std::string, StoredTensor>& tensors() const { return tensors_; }

  // Usage error unless there is such a tensor, of this shape and of a type that is read: F32, F16
  // or BF16.
  const StoredTensor& find(const std::string& tensor, const Shape& shape) const;

  // into = numbers first, first + 1, ... of a tensor that find() gave. Threads may read at once.
  void read(const StoredTensor& tensor, Index first, std::span<float> into);

 private:
  void read_header(const std::string& head);

  InputFile file_;
  Metadata metadata_;
  std::map<std::string, StoredTensor> tensors_;
};

// What such a file begins with; the numbers of these tensors, F32, come behind it in this order.
std::string safetensors_beginning(
    const Metadata& metadata,
    const std::vector<std::pair<std::string, std::vector<Index>>>& tensors);

}  // namespace shardpipe
