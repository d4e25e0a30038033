// Traces as a binary file: about a quarter of the JSON, and nothing in it has to be parsed. All
// numbers little-endian, each part at a multiple of 8 bytes, gaps filled with zeros:
//   16 bytes   "shardpipe-trace" and a zero
//   u32        version of the format: 1
//   u32        number of columns: 15
//   u64        spans
//   u64        bytes of the metadata
//   metadata   JSON, as "metadata" of the Chrome traces (metadata.h): lanes, groups, names, ...
//   columns    a u64: how many values, one of each span or 1 that all spans have; then these:
//              i64 posted_ns, waited_ns (posted to ready), busy_ns (ready to end), sequence, bytes
//              f64 flops
//              i32 lane, name, group, step, stage, microbatch, layer, waits_for
//              u16 kind + 256 * phase
// Columns of one value are what makes it small: few traces use all tags.
#pragma once

#include <string>

#include "core/base/input_file.h"
#include "core/base/output_file.h"
#include "core/trace/trace.h"

namespace shardpipe {

bool is_binary(InputFile& file);  // by its first bytes

// usage_error as OutputFile's; the second opens `file` for it.
void write_binary(const Trace& trace, OutputFile& out);
void write_binary(const Trace& trace, const std::string& file);

// The trace that write_binary wrote, unchanged in every field. usage_error "FILE: ..." for anything
// else: each length is held against the file's, each index against its table.
Trace read_binary(InputFile& file);

}  // namespace shardpipe
