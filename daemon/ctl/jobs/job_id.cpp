// How a job is called on mogirictl's command line.
#include "ctl/jobs/job_id.hpp"

#include <charconv>
#include <optional>

#include "ctl/exit_status.hpp"

namespace mogiri::daemon {

namespace {

template <typename T> std::optional<T> whole_number(std::string_view text) {
    T number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

} // namespace

JobId parse_job_id(std::string_view text) {
    JobId id;
    if (!text.empty() && (text.front() == 'd' || text.front() == 'm')) {
        id.kind = text.front() == 'd' ? JobId::Kind::letter : JobId::Kind::mail;
        if (const auto number = whole_number<std::int64_t>(text.substr(1)); number && *number > 0) {
            id.number = *number;
            return id;
        }
    }
    const std::size_t slash = text.find('/'), dash = text.find('-');
    if (slash < dash && dash < text.size()) {
        const auto event = whole_number<std::uint32_t>(text.substr(0, slash));
        if (event && whole_number<std::uint64_t>(text.substr(slash + 1, dash - slash - 1)) &&
            whole_number<std::uint64_t>(text.substr(dash + 1))) {
            id.event = *event;
            id.stream_id = text.substr(slash + 1);
            return id;
        }
    }
    throw CommandFailure(ExitStatus::usage,
                         "\"" + std::string(text) +
                             "\" is no job: as `mogirictl jobs list` shows them, 1/1781913600000-0 is an "
                             "application on its way, d3 a dead letter, m17 a mail");
}

std::string road_job_id(std::uint32_t event, const std::string& stream_id) {
    return std::to_string(event) + "/" + stream_id;
}

} // namespace mogiri::daemon
