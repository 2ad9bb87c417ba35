// Reads a roster from CSV.
#include "roster_file.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include <form.hpp>
#include <plain_text.hpp>

namespace mogiri::daemon {

namespace {

constexpr std::array<std::string_view, 4> columns{"id", "name", "address", "class"};
constexpr std::size_t longest_value = 200; // bytes

struct CsvRow {
    std::size_t line = 0;
    std::vector<std::string> values;
    std::string fault; // of its quotes
};

class CsvReader {
  public:
    explicit CsvReader(std::string_view text) : rest_(text) {
        if (rest_.starts_with("\xef\xbb\xbf"))
            rest_.remove_prefix(3);
    }

    // False at the end of the file. Empty lines are no rows.
    bool next(CsvRow& row) {
        while (skip_line_end()) {
        }
        if (rest_.empty())
            return false;
        row = {line_, {}, {}};
        for (;;) {
            row.values.push_back(rest_.starts_with('"') ? quoted(row) : plain());
            if (rest_.empty() || skip_line_end())
                return true;
            if (rest_.front() != ',') {
                row.fault = "has text behind a closing quote; write a quote within quotes twice";
                rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
                continue;
            }
            rest_.remove_prefix(1);
        }
    }

  private:
    bool skip_line_end() {
        if (rest_.starts_with("\r\n"))
            rest_.remove_prefix(2);
        else if (rest_.starts_with('\n'))
            rest_.remove_prefix(1);
        else
            return false;
        return ++line_, true;
    }

    std::string plain() {
        const std::size_t end = std::min(rest_.find_first_of(",\n"), rest_.size());
        std::string value(rest_.substr(0, end));
        rest_.remove_prefix(end);
        if (value.ends_with('\r') && !rest_.starts_with(','))
            value.pop_back();
        return value;
    }

    std::string quoted(CsvRow& row) {
        std::string value;
        rest_.remove_prefix(1);
        for (;;) {
            const std::size_t quote = std::min(rest_.find('"'), rest_.size());
            const std::string_view piece = rest_.substr(0, quote);
            line_ += static_cast<std::size_t>(std::count(piece.begin(), piece.end(), '\n'));
            value += piece;
            rest_.remove_prefix(quote);
            if (rest_.empty()) {
                row.fault = "has a quote that is never closed";
                return value;
            }
            rest_.remove_prefix(1);
            if (!rest_.starts_with('"'))
                return value;
            value += '"';
            rest_.remove_prefix(1);
        }
    }

    std::string_view rest_;
    std::size_t line_ = 1;
};

// Which column of the file holds which of ours.
std::array<std::size_t, 4> read_header(const CsvRow& row) {
    std::array<std::size_t, 4> places{};
    for (std::size_t column = 0; column < columns.size(); ++column) {
        const auto found = std::find(row.values.begin(), row.values.end(), columns[column]);
        if (found == row.values.end() || row.values.size() != columns.size())
            throw RosterFileError("the first line of the file must be: id,name,address,class");
        places[column] = static_cast<std::size_t>(found - row.values.begin());
    }
    return places;
}

} // namespace

RosterFile read_roster_file(std::string_view text, const Form& form) {
    CsvReader reader(text);
    CsvRow row;
    if (!reader.next(row))
        throw RosterFileError("the file is empty; its first line must be: id,name,address,class");
    const auto places = read_header(row);
    RosterFile file;
    std::map<std::string, std::size_t> lines; // of ids
    while (reader.next(row)) {
        std::optional<BadRow> bad;
        const auto complain = [&](std::string_view column, const std::string& value, std::string remedy) {
            if (!bad)
                bad = BadRow{row.line, std::string(column), value, std::move(remedy)};
        };
        if (!row.fault.empty())
            complain("", "", row.fault);
        if (row.values.size() != columns.size())
            complain("", "", "has " + std::to_string(row.values.size()) + " columns; give four");
        for (std::size_t column = 0; !bad && column < columns.size(); ++column) {
            std::string& value = row.values[places[column]];
            value = trimmed(value);
            if (!is_valid_utf8(value))
                complain(columns[column], "", "is not UTF-8; save the file as UTF-8");
            else if (has_control_character(value))
                complain(columns[column], "", "has a control character or a line break; remove it");
            else if (value.size() > longest_value)
                complain(columns[column], "", "is longer than 200 bytes; shorten it");
        }
        if (!bad) {
            const auto value = [&](std::size_t column) { return row.values[places[column]]; };
            RosterEntry entry{value(0), value(1), normalized_address(value(2)), value(3)};
            if (entry.id.empty())
                complain("id", "", "is missing; give what names the applicant");
            else if (const auto [line, is_new] = lines.emplace(entry.id, row.line); !is_new)
                complain("id", entry.id,
                         "stands in line " + std::to_string(line->second) + " too; keep one of them");
            if (!entry.address.empty() && !address_is_acceptable(value(2)))
                complain("address", value(2), "is no mail address; correct it, or leave it empty for any");
            else if (!entry.address.empty() && !domain_is_allowed(form, value(2)))
                complain("address", value(2), "is of no domain that the form takes; correct it or the form");
            if (!bad)
                file.entries.push_back(std::move(entry));
        }
        if (bad)
            file.bad.push_back(*bad);
    }
    return file;
}

} // namespace mogiri::daemon
