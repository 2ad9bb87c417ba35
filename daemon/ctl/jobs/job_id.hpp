// How a job is called on mogirictl's command line: 1/1781913600000-0, d3, m17.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mogiri::daemon {

struct JobId {
    enum class Kind {
        road,   // event and entry of its stream: an application on its way
        letter, // d and the number of a dead letter
        mail,   // m and the number of a row in mail_outbox
    };
    Kind kind = Kind::road;
    std::uint32_t event = 0; // of the road
    std::string stream_id;   // of the road
    std::int64_t number = 0; // of the others
};

// Throws CommandFailure (usage).
JobId parse_job_id(std::string_view text);

std::string road_job_id(std::uint32_t event, const std::string& stream_id);

} // namespace mogiri::daemon
