// The bytes of a file to read. Two files implement it and CMake picks one: file_zlib.cc also reads
// .gz; file_plain.cc (no zlib on this machine) refuses it.
#pragma once

#include <string>

namespace shardpipe {

// usage_error "FILE: ..." if the file cannot be read.
std::string file_bytes(const std::string& file);

}  // namespace shardpipe
