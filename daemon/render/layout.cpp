// The only reader of layout.toml: every key is checked, and what is not known is an error.
#include "layout.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <sstream>

#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include "placeholders.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::int64_t farthest = 16384;
constexpr std::uintmax_t largest_file = 1 << 20;

// One table of the file; remembers which keys were asked for, so that the rest can be refused.
class Section {
  public:
    Section(const std::filesystem::path& file, std::string path, const toml::table& table)
        : file_(file), path_(std::move(path)), table_(table) {}

    [[noreturn]] void refuse(std::string_view key, const std::string& remedy) const {
        const toml::node* node = table_.get(key);
        std::ostringstream text;
        text << file_.string() << ':' << (node ? node->source() : table_.source()).begin.line << ": " << path_
             << key;
        if (node)
            node->visit([&](const auto& value) { text << " = " << value; });
        text << ": " << remedy;
        throw LayoutError(text.str());
    }

    int number(std::string_view key, std::int64_t least, std::int64_t most, std::optional<int> missing = {}) {
        const std::string remedy = "must be from " + std::to_string(least) + " to " + std::to_string(most);
        const toml::node* node = find(key);
        if (!node && missing)
            return *missing;
        if (!node || !node->is_integer())
            refuse(key, remedy);
        const std::int64_t value = node->as_integer()->get();
        if (value < least || value > most)
            refuse(key, remedy);
        return static_cast<int>(value);
    }

    std::string text(std::string_view key, std::optional<std::string> missing = {}) {
        const toml::node* node = find(key);
        if (!node && missing)
            return *missing;
        if (!node || !node->is_string() || node->as_string()->get().empty())
            refuse(key, "must be a text");
        return node->as_string()->get();
    }

    bool truth(std::string_view key, bool missing) {
        const toml::node* node = find(key);
        if (!node)
            return missing;
        if (!node->is_boolean())
            refuse(key, "must be true or false");
        return node->as_boolean()->get();
    }

    Colour colour(std::string_view key) {
        const std::string value = text(key);
        unsigned rgb = 0;
        if (value.size() != 7 || value[0] != '#' ||
            value.find_first_not_of("0123456789abcdefABCDEF", 1) != value.npos)
            refuse(key, "must be a colour like \"#fee8c8\"");
        rgb = static_cast<unsigned>(std::stoul(value.substr(1), nullptr, 16));
        return {static_cast<std::uint8_t>(rgb >> 16), static_cast<std::uint8_t>(rgb >> 8),
                static_cast<std::uint8_t>(rgb)};
    }

    const toml::node* find(std::string_view key) {
        known_.emplace(key);
        return table_.get(key);
    }

    void refuse_unknown() const {
        for (const auto& [key, value] : table_)
            if (!known_.contains(std::string_view(key)))
                refuse(key, "is not a key of a layout");
    }

  private:
    const std::filesystem::path& file_;
    std::string path_;
    const toml::table& table_;
    std::set<std::string, std::less<>> known_;
};

void check_placeholders(const Section& section, const std::string& text) {
    for (std::size_t open = text.find('{'); open != text.npos; open = text.find('{', open + 1)) {
        const std::size_t close = text.find('}', open);
        const auto name =
            std::string_view(text).substr(open + 1, close == text.npos ? close : close - open - 1);
        if (close == text.npos || !is_placeholder(name))
            section.refuse("text", "{" + std::string(name) + "} is none of " + placeholder_list());
    }
}

std::optional<std::pair<Alignment, Alignment>> alignments(std::string_view anchor) {
    constexpr std::string_view across[] = {"left", "", "right"}, down[] = {"top", "", "bottom"};
    if (anchor == "center")
        return {{Alignment::middle, Alignment::middle}};
    for (int vertical = 0; vertical < 3; ++vertical)
        for (int horizontal = 0; horizontal < 3; ++horizontal) {
            std::string name(down[vertical]);
            if (!name.empty() && !across[horizontal].empty())
                name += ' ';
            if (name += across[horizontal]; name == anchor)
                return {{static_cast<Alignment>(horizontal), static_cast<Alignment>(vertical)}};
        }
    return std::nullopt;
}

int start_of(int point, int length, Alignment alignment) {
    switch (alignment) {
    case Alignment::start:
        return point;
    case Alignment::middle:
        return point - length / 2;
    case Alignment::end:
        break;
    }
    return point - length;
}

TextPlace read_text(Section section, const std::filesystem::path& file) {
    TextPlace place;
    if (const toml::node* node = section.find("text"); node && node->is_table()) {
        Section languages(file, "text.", *node->as_table());
        place.ja = languages.text("ja");
        place.en = languages.text("en");
        languages.refuse_unknown();
    } else {
        place.ja = place.en = section.text("text");
    }
    check_placeholders(section, place.ja);
    check_placeholders(section, place.en);
    const auto anchor = alignments(section.text("anchor", "center"));
    if (!anchor)
        section.refuse("anchor", "must be \"center\" or of top, bottom, left, right, like \"top left\"");
    std::tie(place.horizontal, place.vertical) = *anchor;
    place.size = section.number("size", 4, 2000);
    place.smallest = section.number("smallest", 1, place.size, std::max(1, place.size * 45 / 100));
    place.wrap = section.truth("wrap", false);
    place.box.width = section.number("width", 1, farthest);
    place.box.height = section.number("height", 1, farthest, place.size * 3 / 2);
    place.box.x = start_of(section.number("x", 0, farthest), place.box.width, place.horizontal);
    place.box.y = start_of(section.number("y", 0, farthest), place.box.height, place.vertical);
    place.font = section.text("font");
    place.weight = section.number("weight", 100, 900, 400);
    place.tracking = section.number("tracking", -100, 1000, 0);
    place.colour = section.colour("colour");
    section.refuse_unknown();
    return place;
}

QrPlace read_qr(Section section) {
    QrPlace place;
    place.x = section.number("x", 0, farthest);
    place.y = section.number("y", 0, farthest);
    place.size = section.number("size", 37, farthest);
    place.quiet_zone = section.number("quiet_zone", 0, 20, 4);
    place.dark = section.colour("dark");
    place.light = section.colour("light");
    const std::string level = section.text("error_correction", "H");
    constexpr std::string_view levels = "LMQH";
    if (level.size() != 1 || levels.find(level[0]) == levels.npos)
        section.refuse("error_correction", "must be \"L\", \"M\", \"Q\" or \"H\"");
    place.error_correction = static_cast<ErrorCorrection>(levels.find(level[0]));
    section.refuse_unknown();
    return place;
}

} // namespace

Layout Layout::load(const std::filesystem::path& file) {
    std::error_code error;
    if (const auto size = std::filesystem::file_size(file, error); error || size > largest_file)
        throw LayoutError(file.string() + ": " + (error ? error.message() : "is too large to be a layout"));
    std::ifstream in(file, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    if (!in)
        throw LayoutError(file.string() + ": cannot be read");
    return parse(text, file);
}

Layout Layout::parse(std::string_view text, const std::filesystem::path& file) {
    toml::table document;
    try {
        document = toml::parse(text, file.string());
    } catch (const toml::parse_error& error) {
        throw LayoutError(file.string() + ":" + std::to_string(error.source().begin.line) + ": " +
                          std::string(error.description()));
    }
    Layout layout;
    layout.file = file;
    Section top(file, "", document);
    const std::string background = top.text("background");
    if (background.find('/') != background.npos)
        top.refuse("background", "must be a file in the folder of the layout");
    layout.background = file.parent_path() / background;
    layout.resolution = top.number("resolution", 36, 2400, 300);
    const toml::node* qr = top.find("qr");
    if (!qr || !qr->is_table())
        top.refuse("qr", "must be a table");
    layout.qr = read_qr({file, "qr.", *qr->as_table()});
    if (const toml::node* texts = top.find("text")) {
        if (!texts->is_array_of_tables())
            top.refuse("text", "must be tables [[text]]");
        for (std::size_t index = 0; const toml::node& text : *texts->as_array())
            layout.texts.push_back(
                read_text({file, "text[" + std::to_string(index++) + "].", *text.as_table()}, file));
    }
    top.refuse_unknown();
    return layout;
}

} // namespace mogiri::daemon
