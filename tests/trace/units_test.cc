#include "core/trace/units.h"

#include "tests/support/catch.h"

namespace shardpipe {

TEST_CASE("numbers are printed with four figures in the unit that fits") {
  CHECK(time_text(0) == "0 ns");
  CHECK(time_text(999) == "999 ns");
  CHECK(time_text(1000) == "1.000 us");
  CHECK(time_text(12345) == "12.35 us");
  CHECK(time_text(999999) == "1.000 ms");
  CHECK(time_text(123456789) == "123.5 ms");
  CHECK(time_text(5'000'000'000'000) == "5000.0 s");
  CHECK(bytes_text(1023) == "1023 B");
  CHECK(bytes_text(1536) == "1.500 KiB");
  CHECK(bandwidth_text(450e9) == "450.0 GB/s");
  CHECK(percent_text(1, 3) == "33.3 %");
  CHECK(percent_text(0, 0) == "-");
}

TEST_CASE("names fit into one line of a table") {
  CHECK(width_of("\x1b[38;5;75m▇▇\x1b[0m é") == 4);
  CHECK(printable("a\nb\x1b[0m", 20) == "a\\nb\\x1b[0m");
  CHECK(printable("ééééé", 5) == "ééééé");
  CHECK(printable("éééééé", 5) == "éé...");
  CHECK(pad("é", 3) == "  é");
  CHECK(pad("é", -3) == "é  ");
  CHECK(pad("long", 3) == "long");
}

TEST_CASE("sentences are broken at spaces") {
  CHECK(wrapped("one two three", 2, 40) == "  one two three\n");
  CHECK(wrapped("one two three", 2, 9) == "  one two\n      three\n");
  CHECK(wrapped("averylongword ééé", 0, 4) == "averylongword\n    ééé\n");
  CHECK(wrapped("", 3, 10) == "   \n");
}

}  // namespace shardpipe
