// A table of a TOML file, read key by key, so that what is wrong or left over is refused by its line.
#include "toml_section.hpp"

#include <sstream>

#include "configuration.hpp"

namespace mogiri::daemon {

namespace {

std::string spelled(const toml::node& node) {
    std::ostringstream out;
    if (node.is_table())
        out << "{…}";
    else
        node.visit([&](const auto& value) {
            if constexpr (!toml::is_table<decltype(value)>)
                out << value;
        });
    return out.str();
}

} // namespace

void Section::text(const char* key, std::string& into) {
    if (const toml::node* node = find(key)) {
        if (!node->is_string())
            fail(key, *node, "must be a text in quotes");
        into = **node->as_string();
    }
}

void Section::path(const char* key, std::filesystem::path& into) {
    std::string value = into.string();
    text(key, value);
    into = value;
}

void Section::number(const char* key, int& into, int least, int most) {
    const toml::node* node = find(key);
    if (!node)
        return;
    const auto* integer = node->as_integer();
    if (!integer || **integer < least || **integer > most)
        fail(key, *node,
             "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    into = static_cast<int>(**integer);
}

Section Section::section(const char* key) {
    const toml::node* node = find(key);
    if (node && !node->is_table())
        fail(key, *node, "must be a table: write [" + full(key) + "]");
    return Section(file_, full(key), node ? node->as_table() : nullptr, places_);
}

std::map<std::string, std::string> Section::everything() {
    std::map<std::string, std::string> all;
    if (!table_)
        return all;
    for (const auto& [key, node] : *table_) {
        note(std::string(key.str()), node);
        if (node.is_string())
            all.emplace(key.str(), **node.as_string());
        else if (node.is_integer() || node.is_boolean())
            all.emplace(key.str(), spelled(node));
        else
            fail(std::string(key.str()), node, "must be a text, a whole number, true or false");
    }
    return all;
}

void Section::refuse_unknown() const {
    if (!table_)
        return;
    for (const auto& [key, node] : *table_) {
        if (known_.contains(std::string(key.str())))
            continue;
        std::string remedy = "unknown key; remove it, or use one of:";
        for (const std::string& name : known_)
            remedy += " " + name;
        fail(std::string(key.str()), node, remedy);
    }
}

const toml::node* Section::find(const char* key) {
    known_.insert(key);
    const toml::node* node = table_ ? table_->get(key) : nullptr;
    if (node)
        note(key, *node);
    return node;
}

void Section::note(const std::string& key, const toml::node& node) {
    known_.insert(key);
    places_[full(key)] = place(node);
}

std::string Section::place(const toml::node& node) const {
    return file_ + ":" + std::to_string(node.source().begin.line);
}

void Section::fail(const std::string& key, const toml::node& node, const std::string& remedy) const {
    // A mistyped secret does not go to a log.
    const bool secret = full(key).find("password") != std::string::npos || full(key) == "database.url";
    throw ConfigurationError(place(node) + ": " + full(key) + " = " +
                             (secret ? "(not shown)" : spelled(node)) + ": " + remedy);
}

} // namespace mogiri::daemon
