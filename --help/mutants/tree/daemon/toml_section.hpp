// A table of a TOML file, read key by key, so that what is wrong or left over is refused by its line.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include <toml++/toml.h>

namespace mogiri::daemon {

using Places = std::map<std::string, std::string>; // as in Configuration

// Every member but refuse_unknown() leaves the value as it is when the file has no such key, and throws
// ConfigurationError when it has a wrong one.
class Section {
  public:
    // `name` is empty for the file's top; `table` may be null; `places` outlives this object.
    Section(std::string file, std::string name, const toml::table* table, Places& places)
        : file_(std::move(file)), name_(std::move(name)), table_(table), places_(places) {}

    void text(const char* key, std::string& into);
    void path(const char* key, std::filesystem::path& into);
    void number(const char* key, int& into, int least, int most);
    Section section(const char* key);
    // Every key as text, for a mail transport.
    std::map<std::string, std::string> everything();

    void ignore(const char* key) { known_.insert(key); }
    void refuse_unknown() const;

  private:
    const toml::node* find(const char* key);
    void note(const std::string& key, const toml::node& node);
    std::string full(const std::string& key) const { return name_.empty() ? key : name_ + "." + key; }
    std::string place(const toml::node& node) const;
    [[noreturn]] void fail(const std::string& key, const toml::node& node, const std::string& remedy) const;

    std::string file_, name_;
    const toml::table* table_;
    Places& places_;
    std::set<std::string> known_;
};

} // namespace mogiri::daemon
