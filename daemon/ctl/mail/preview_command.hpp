// `mogirictl mail preview`: every mail of an event with sample data, in a folder, as applicants would get it.
#pragma once

#include <string>
#include <vector>

#include "configuration.hpp"

namespace mogiri::daemon {

struct PreviewWish {
    std::string event;                         // slug; empty: the default event
    std::string directory;                     // made when it is not there
    std::vector<std::string> kinds, languages; // empty: all
    bool json = false;
};

// <kind>.<language>.eml, .txt and .html of each. Nothing is sent and nothing stored. Throws CommandFailure
// (input) where a template, a layout or the event's own words do not do.
void preview_mails(const Configuration& configuration, const PreviewWish& wish);

} // namespace mogiri::daemon
