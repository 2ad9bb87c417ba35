// The events' settings as the ledger has them, read again only when their version changed.
#include "settings_book.hpp"

#include "settings_document.hpp"

namespace mogiri::daemon {

void SettingsBook::refresh(Database& database) {
    std::vector<std::uint32_t> numbers;
    std::vector<std::uint64_t> versions;
    for (const auto& [number, event] : events_) {
        numbers.push_back(number);
        versions.push_back(event.settings.version);
    }
    const std::string select = "SELECT (extract(epoch FROM state_since) * 1000)::bigint, "
                               "       CASE WHEN known.version IS DISTINCT FROM event.version THEN " +
                               published_definition +
                               " END FROM event LEFT JOIN unnest($1::integer[], $2::bigint[]) AS known "
                               "(number, version) USING (number)";
    const Result rows = database.query(select.c_str(), {numbers, versions});
    for (Row row : rows) {
        if (row.is_null(1))
            continue;
        BookedEvent event{EventSettings::parse(row.text(1)), row.number(0)};
        events_.insert_or_assign(event.settings.number, std::move(event));
    }
}

const BookedEvent* SettingsBook::find(std::uint32_t event) const {
    const auto found = events_.find(event);
    return found == events_.end() ? nullptr : &found->second;
}

std::vector<std::uint32_t> SettingsBook::numbers() const {
    std::vector<std::uint32_t> numbers;
    for (const auto& [number, event] : events_)
        numbers.push_back(number);
    return numbers;
}

} // namespace mogiri::daemon
