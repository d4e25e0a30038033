// The flags of a command line: names, the variables they set, what they may be. They are parsed by
// a library that flags.cc alone includes: it is slow to compile.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace shardpipe {

// One flag, to say more about; as long as its Flags live.
class Flag {
 public:
  explicit Flag(CLI::Option& option) : option_(option) {}

  Flag& required();
  Flag& shows_default();                  // in --help: what the variable holds now
  Flag& group(const std::string& title);  // of --help; "": it is not shown
  Flag& one_of(const std::vector<std::string>& values);
  // The same, or what `accepts` takes, which --help calls `other`.
  Flag& one_of(const std::vector<std::string>& values, const std::string& other,
               bool (*accepts)(const std::string&));
  Flag& between(int least, int most);
  Flag& between(double least, double most);
  Flag& positive();
  Flag& existing_file();
  Flag& pairs();  // takes two values, and may be given again

  bool is_given() const;

 private:
  CLI::Option& option_;
};

class Flags {
 public:
  // command: "lab view", as a person types it after ./
  Flags(const std::string& command, const std::string& description);
  ~Flags();
  Flags(const Flags&) = delete;
  Flags& operator=(const Flags&) = delete;

  // The words after `name` (or, without dashes in it, those that stand alone) go into `variable`:
  // an int, std::int64_t, std::uint64_t, double, std::string, a vector of strings, or an optional
  // int, std::int64_t or std::uint64_t.
  template <class T>
  Flag add(const std::string& name, T& variable, const std::string& help);
  Flag add_switch(const std::string& name, bool& variable, const std::string& help);
  void example(const std::string& lines);  // below the flags

  // False if help was asked for: it is printed, or put into `help`. usage_error of one line for
  // flags and values that do not exist; it names --help.
  bool parse(const std::vector<std::string>& words, std::string* help = nullptr);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace shardpipe
