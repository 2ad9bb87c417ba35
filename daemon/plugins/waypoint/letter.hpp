// A composed mail taken apart again, for a service that wants its pieces.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mogiri::waypoint {

struct Enclosure {
    std::string name, type; // "山田 花子.png", "image/png"
    std::string content;
};

struct Letter {
    std::string from, reply_to, subject; // as headers say them, decoded
    std::string text, html;
    std::vector<Enclosure> enclosures;
};

// By GMime. What is not there stays empty.
Letter read_letter(std::string_view message);

// Without pictures that stand in the mail itself (src="cid:…"): enclosures have no Content-ID there.
std::string without_own_pictures(std::string_view html);

} // namespace mogiri::waypoint
