// Numbers that a person types are kept as they are.
#include "labs/learn/number.h"

#include "tests/support/catch.h"

namespace shardpipe {

TEST_CASE("a number is written with all of its digits") {
  CHECK(all_digits(7340032) == "7340032");
  CHECK(all_digits(0.1) == "0.1");
  for (const double number : {0.0, -3.5, 1835008.0, 1e300, 1.0 / 3})
    CHECK(number_in(all_digits(number)) == number);
}

TEST_CASE("a line is a number as a whole or none") {
  CHECK(number_in("12.5") == 12.5);
  for (const char* line : {"", "12 ", "twelve", "1,5", "7x"}) CHECK_FALSE(number_in(line));
}

}  // namespace shardpipe
