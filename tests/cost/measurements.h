// Published measurements (network_measurements.csv, each row with its source) and what the model
// says of them.
#pragma once

#include <string>
#include <vector>

#include "core/cost/hardware.h"
#include "core/device/op_info.h"

namespace shardpipe {

struct Measurement {
  std::string machine;  // as the source names it
  std::string profile;  // the machine it is compared with
  OpKind kind = OpKind::all_reduce;
  int ranks = 0;
  bool in_switch = true;  // false: measured with NVLS off
  double bytes = 0;       // 0: the source states a bandwidth only
  double seconds = 0;     // for bytes == 0: of one byte
};

std::vector<Measurement> read_measurements();

// A profile of the kit, or tests/cost/NAME.json.
Hardware hardware_of(const std::string& profile);

double predicted_s(const Measurement& measured, const Hardware& hardware);

// What the measurements of one kind on one machine say of the model.
struct Agreement {
  std::string machine, profile;
  OpKind kind = OpKind::all_reduce;
  std::string ranks = {};           // "2, 4, 8"
  std::vector<double> ratios = {};  // predicted / measured, in the order of the file

  // Of max(r, 1/r): 1.10 is an error of 10 %.
  double median_factor() const;
  double worst_factor() const;
};

// Grouped by machine and kind, in the order of the file. Rows without a size are left out.
std::vector<Agreement> agreements(const std::vector<Measurement>& measurements);

}  // namespace shardpipe
