// The event file: TOML read into JSON, each key remembered with its line, so that an error can point at it.
#include "event_file.hpp"

#include <fstream>
#include <iterator>
#include <map>

#include <toml++/toml.h>

namespace mogiri::daemon {

namespace {

using Lines = std::map<std::string, unsigned>; // by path: "form[0].field[3].type"

std::string place(const std::string& file, unsigned line) {
    return file + ":" + std::to_string(line);
}

std::string two_digits(int number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

// The line of a path, or of the nearest one around it: a key that is missing has no line of its own.
unsigned line_of(const Lines& lines, std::string path) {
    for (;;) {
        if (auto found = lines.find(path); found != lines.end())
            return found->second;
        auto cut = path.find_last_of(".[");
        if (cut == std::string::npos)
            return 1;
        path.resize(cut);
    }
}

class Converter {
  public:
    Converter(const std::string& file, Lines& lines) : file_(file), lines_(lines) {}

    Json table(const toml::table& from, const std::string& path) {
        Json to(json_object());
        for (const auto& [key, value] : from) {
            std::string name(key.str());
            std::string inner = path.empty() ? name : path + "." + name;
            lines_[inner] = key.source().begin.line;
            json_object_set_new(to.get(), name.c_str(), node(value, inner).release());
        }
        return to;
    }

  private:
    Json array(const toml::array& from, const std::string& path) {
        Json to(json_array());
        for (std::size_t i = 0; i < from.size(); ++i) {
            std::string inner = path + "[" + std::to_string(i) + "]";
            lines_[inner] = from[i].source().begin.line;
            json_array_append_new(to.get(), node(from[i], inner).release());
        }
        return to;
    }

    Json node(const toml::node& from, const std::string& path) {
        switch (from.type()) {
        case toml::node_type::table:
            return table(*from.as_table(), path);
        case toml::node_type::array:
            return array(*from.as_array(), path);
        case toml::node_type::string:
            return text(from.as_string()->get());
        case toml::node_type::integer:
            return Json(json_integer(from.as_integer()->get()));
        case toml::node_type::floating_point:
            return Json(json_real(from.as_floating_point()->get()));
        case toml::node_type::boolean:
            return Json(json_boolean(from.as_boolean()->get()));
        case toml::node_type::date:
            return date(from.as_date()->get());
        case toml::node_type::time:
            return time(from.as_time()->get());
        case toml::node_type::date_time:
        case toml::node_type::none:
            break;
        }
        throw EventFileError(place(file_, from.source().begin.line) + ": " + path +
                             ": a date with a time: write the date and the times as keys of their own");
    }

    // TOML's own dates and times are taken as well as quoted ones.
    static Json date(const toml::date& day) {
        return text(std::to_string(day.year) + "-" + two_digits(day.month) + "-" + two_digits(day.day));
    }
    static Json time(const toml::time& moment) {
        std::string seconds = moment.second ? ":" + two_digits(moment.second) : "";
        return text(two_digits(moment.hour) + ":" + two_digits(moment.minute) + seconds);
    }
    static Json text(const std::string& value) { return Json(json_stringn(value.data(), value.size())); }

    const std::string& file_;
    Lines& lines_;
};

} // namespace

EventFile EventFile::load(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in || in.bad())
        throw EventFileError(path + ": cannot be read: name a file that you may read");
    return parse(text, path);
}

EventFile EventFile::parse(const std::string& text, const std::string& path) {
    Lines lines;
    Json definition;
    try {
        definition = Converter(path, lines).table(toml::parse(text, path), "");
    } catch (const toml::parse_error& error) {
        throw EventFileError(place(path, error.source().begin.line) + ": " +
                             std::string(error.description()));
    }
    try {
        EventSettings settings = EventSettings::from_json(definition.get());
        return EventFile(path, std::move(definition), std::move(settings));
    } catch (const SettingsError& error) {
        throw EventFileError(place(path, line_of(lines, error.path())) + ": " + error.what(), error.path());
    }
}

void EventFile::force_day(int day) {
    set("forced_day", day);
}

void EventFile::set_form_seconds(int seconds) {
    set("form_seconds", seconds);
}

void EventFile::set(const char* key, int value) {
    json_object_set_new(definition_.get(), key, json_integer(value));
    try {
        settings_ = EventSettings::from_json(definition_.get());
    } catch (const SettingsError& error) {
        throw EventFileError(path_ + ", with an option of the command line: " + error.what());
    }
}

} // namespace mogiri::daemon
