// Filters, searches, sorts and pages what a resource's SELECT finds.
#include "listing.hpp"

#include <algorithm>
#include <charconv>

#include <base32.hpp>
#include <json_owner.hpp>

namespace mogiri::daemon {

namespace {

constexpr int usual_limit = 50, most = 200;

struct Column {
    std::string name;
    bool is_number = false;
};

std::vector<Column> columns_in(std::string_view list) {
    std::vector<Column> columns;
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(' '), list.size());
        std::string_view name = list.substr(0, end);
        list.remove_prefix(std::min(end + 1, list.size()));
        const bool is_number = name.starts_with('#');
        columns.push_back({std::string(name.substr(is_number ? 1 : 0)), is_number});
    }
    return columns;
}

std::optional<Column> column_in(std::string_view list, std::string_view name) {
    for (Column& column : columns_in(list))
        if (column.name == name)
            return std::move(column);
    return std::nullopt;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// Where a page ended: the sorted column's value and the key, both as texts.
std::string cursor_of(std::string_view value, std::string_view key) {
    const Json place(json_array());
    json_array_append_new(place.get(), json_of(value));
    json_array_append_new(place.get(), json_of(key));
    const std::string text = json_text(place.get());
    return base32_encode({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::pair<std::string, std::string> place_in(std::string_view cursor) {
    const auto bytes = base32_decode(cursor);
    try {
        const Json place = parse_json(bytes ? std::string(bytes->begin(), bytes->end()) : "");
        const json_t *value = json_array_get(place.get(), 0), *key = json_array_get(place.get(), 1);
        if (json_is_string(value) && json_is_string(key))
            return {std::string(text_of(value)), std::string(text_of(key))};
    } catch (const std::invalid_argument&) {
    }
    throw ListingFault("after", "invalid_format");
}

// One statement while it is being put together.
class Statement {
  public:
    Statement(const Resource& resource, std::uint32_t event)
        : resource_(resource), key_(columns_in(resource.key)[0]) {
        parameters_.emplace_back(event);
        const Column first = columns_in(resource.sorts)[0];
        sort_ = first.name;
        downwards_ = resource.newest_first;
    }

    void wish(const std::string& name, const std::string& value);
    std::string answer(Database& database);

  private:
    std::string parameter(Parameter value) {
        parameters_.push_back(std::move(value));
        return "$" + std::to_string(parameters_.size());
    }
    void where(const std::string& condition) { where_ += (where_.empty() ? " WHERE " : " AND ") + condition; }
    void search(const std::string& text);

    const Resource& resource_;
    Column key_;
    std::string where_, sort_;
    bool downwards_, counted_ = false;
    std::optional<std::pair<std::string, std::string>> after_;
    std::int64_t limit_ = usual_limit;
    std::vector<Parameter> parameters_;
};

void Statement::wish(const std::string& name, const std::string& value) {
    if (name == "limit") {
        const auto number = whole_number(value);
        if (!number || *number < 1 || *number > most)
            throw ListingFault(name, "out_of_range");
        limit_ = *number;
    } else if (name == "count") {
        if (value != "true")
            throw ListingFault(name, "not_in_list");
        counted_ = true;
    } else if (name == "after") {
        after_ = place_in(value);
    } else if (name == "sort") {
        downwards_ = value.starts_with('-');
        sort_ = value.substr(downwards_ ? 1 : 0);
        if (!column_in(resource_.sorts, sort_))
            throw ListingFault(name, "not_in_list");
    } else if (name == "q" && !resource_.searched.empty()) {
        search(value);
    } else if ((name == "since" || name == "until") && !resource_.time.empty()) {
        where("row." + std::string(resource_.time) + (name == "since" ? " >= " : " < ") + parameter(value));
    } else if (const auto column = column_in(resource_.filters, name)) {
        if (column->is_number) {
            const auto number = whole_number(value);
            if (!number)
                throw ListingFault(name, "invalid_format");
            where("row." + name + " = " + parameter(*number) + "::bigint");
        } else {
            where("row." + name + "::text = " + parameter(value) + "::text");
        }
    } else {
        throw ListingFault(name, "unknown_field");
    }
}

void Statement::search(const std::string& text) {
    std::string all; // each folded by itself: most are plain ASCII, of which there is little to fold
    for (const Column& column : columns_in(resource_.searched))
        all += ", folded(row." + column.name + "::text)";
    where("position(folded(" + parameter(text) + "::text) IN concat_ws(' '" + all + ")) > 0");
}

std::string Statement::answer(Database& database) {
    std::string count;
    if (counted_)
        count =
            ",\"count\":" +
            database
                .query(("SELECT count(*) FROM (" + std::string(resource_.sql) + ") AS row" + where_).c_str(),
                       parameters_)[0]
                .string(0);
    if (after_)
        where("(row." + sort_ + ", row." + key_.name + ") " + (downwards_ ? "<" : ">") + " (" +
              parameter(after_->first) + ", " + parameter(after_->second) + ")");
    const std::string direction = downwards_ ? " DESC" : "";
    const std::string order = " ORDER BY row." + sort_ + direction + ", row." + key_.name + direction;
    // The page is cut before it is written as JSON: else every row that could stand on it would be.
    const std::string sql = "SELECT row_to_json(row), row." + sort_ + "::text, row." + key_.name +
                            "::text FROM (SELECT row.* FROM (" + std::string(resource_.sql) + ") AS row" +
                            where_ + order + " LIMIT " + std::to_string(limit_ + 1) + ") AS row" + order;
    const Result rows = database.query(sql.c_str(), parameters_);
    std::string items;
    const int shown = static_cast<int>(std::min<std::int64_t>(rows.rows(), limit_));
    for (int i = 0; i < shown; ++i)
        items.append(i > 0 ? "," : "").append(rows[i].text(0));
    std::string next;
    if (rows.rows() > shown)
        next = ",\"next\":\"" + cursor_of(rows[shown - 1].text(1), rows[shown - 1].text(2)) + "\"";
    return "{\"items\":[" + items + "]" + next + count + "}";
}

} // namespace

std::string list(Database& database, const Resource& resource, std::uint32_t event, const Wishes& wishes) {
    Statement statement(resource, event);
    for (const auto& [name, value] : wishes)
        statement.wish(name, value);
    try {
        return statement.answer(database);
    } catch (const RefusedStatement& refused) {
        // A time that is none, or a place that no page ended at.
        if (!refused.sqlstate().starts_with("22"))
            throw;
        const bool of_time = std::ranges::any_of(
            wishes, [](const auto& wish) { return wish.first == "since" || wish.first == "until"; });
        throw ListingFault(of_time ? "since" : "after", "invalid_format");
    }
}

std::optional<std::string> show(Database& database, const Resource& resource, std::uint32_t event,
                                std::string_view key) {
    const Column column = columns_in(resource.key)[0];
    const auto number = whole_number(key);
    if (column.is_number && !number)
        return std::nullopt;
    const std::string more = resource.more.empty() ? "" : ", " + std::string(resource.more);
    const std::string sql = "SELECT row_to_json(shown) FROM (SELECT row.*" + more + " FROM (" +
                            std::string(resource.sql) + ") AS row WHERE row." + column.name +
                            (column.is_number ? " = $2::bigint" : "::text = $2::text") + ") AS shown";
    const Result rows = database.query(sql.c_str(), {event, key});
    return rows.empty() ? std::nullopt : std::optional(rows[0].string(0));
}

} // namespace mogiri::daemon
