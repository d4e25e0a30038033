#include "core/base/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <optional>

#include "core/base/error.h"

namespace shardpipe {
namespace {

// Ranges of CLI11 let NaN pass.
CLI::Validator finite() {
  return CLI::Validator(
      [](const std::string& word) -> std::string {
        char* end = nullptr;
        const double value = std::strtod(word.c_str(), &end);
        const bool is_number = end != word.c_str() && *end == '\0';
        return is_number && !std::isfinite(value) ? word + " is no finite number" : "";
      },
      "");
}

}  // namespace

Flag& Flag::required() {
  option_.required();
  return *this;
}

Flag& Flag::shows_default() {
  option_.capture_default_str();
  return *this;
}

Flag& Flag::group(const std::string& title) {
  option_.group(title);
  return *this;
}

Flag& Flag::one_of(const std::vector<std::string>& values) {
  option_.check(CLI::IsMember(values));
  return *this;
}

Flag& Flag::one_of(const std::vector<std::string>& values, const std::string& other,
                   bool (*accepts)(const std::string&)) {
  const auto refusal = [accepts](const std::string& value) {
    return accepts(value) ? "" : value + " is not one of them";
  };
  option_.check(CLI::IsMember(values) | CLI::Validator(refusal, other));
  return *this;
}

Flag& Flag::between(int least, int most) {
  option_.check(CLI::Range(least, most));
  return *this;
}

Flag& Flag::between(double least, double most) {
  option_.check(finite())->check(CLI::Range(least, most));
  return *this;
}

Flag& Flag::positive() {
  option_.check(finite())->check(CLI::PositiveNumber);
  return *this;
}

Flag& Flag::existing_file() {
  option_.check(CLI::ExistingFile);
  return *this;
}

Flag& Flag::pairs() {
  option_.type_size(2)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  return *this;
}

bool Flag::is_given() const { return option_.count() > 0; }

Flags::Flags(const std::string& command, const std::string& description)
    : app_(std::make_unique<CLI::App>(description, command)) {
  app_->get_formatter()->column_width(34);
}

Flags::~Flags() = default;

template <class T>
Flag Flags::add(const std::string& name, T& variable, const std::string& help) {
  return Flag(*app_->add_option(name, variable, help));
}

template Flag Flags::add(const std::string&, int&, const std::string&);
template Flag Flags::add(const std::string&, std::int64_t&, const std::string&);
template Flag Flags::add(const std::string&, std::uint64_t&, const std::string&);
template Flag Flags::add(const std::string&, double&, const std::string&);
template Flag Flags::add(const std::string&, std::string&, const std::string&);
template Flag Flags::add(const std::string&, std::vector<std::string>&, const std::string&);
template Flag Flags::add(const std::string&, std::optional<int>&, const std::string&);
template Flag Flags::add(const std::string&, std::optional<std::int64_t>&, const std::string&);
template Flag Flags::add(const std::string&, std::optional<std::uint64_t>&, const std::string&);

Flag Flags::add_switch(const std::string& name, bool& variable, const std::string& help) {
  return Flag(*app_->add_flag(name, variable, help));
}

void Flags::example(const std::string& lines) { app_->footer(lines); }

bool Flags::parse(const std::vector<std::string>& words, std::string* help) {
  try {
    app_->parse(std::vector<std::string>(words.rbegin(), words.rend()));  // as CLI11 wants them
  } catch (const CLI::CallForHelp&) {
    if (help != nullptr)
      *help = app_->help();
    else
      std::cout << app_->help();
    return false;
  } catch (const CLI::ExtrasError&) {
    usage_error(text(app_->get_name(), " does not take ", app_->remaining().front(), " (see ./",
                     app_->get_name(), " --help)"));
  } catch (const CLI::ParseError& e) {
    usage_error(text(e.what(), " (see ./", app_->get_name(), " --help)"));
  }
  return true;
}

}  // namespace shardpipe
