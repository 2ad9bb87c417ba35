// One call of mogiri_publish: ticket records for the door.
#include "publish_command.hpp"

#include <redis_keys.hpp>

namespace mogiri::daemon {

PublishCommand::PublishCommand(std::uint32_t event, PublishMode mode)
    : event_(event), mode_(mode), keys_{redis_keys::ready(event)} {}

void PublishCommand::add(std::uint64_t serial, const std::string& record) {
    keys_.push_back(redis_keys::ticket(event_, serial));
    records_.push_back(record);
}

std::vector<std::string> PublishCommand::words(const std::string& run_id) const {
    std::vector<std::string> words{"FCALL", "mogiri_publish", std::to_string(keys_.size())};
    words.insert(words.end(), keys_.begin(), keys_.end());
    words.push_back(run_id);
    words.emplace_back(mode_ == PublishMode::merge ? "merge" : "replace");
    words.insert(words.end(), records_.begin(), records_.end());
    return words;
}

} // namespace mogiri::daemon
