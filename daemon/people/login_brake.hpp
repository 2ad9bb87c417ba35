// Slows down who tries passwords: for a name after 5 failures, for a network after 100, twice as long each
// time.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "../redis.hpp"

namespace mogiri::daemon {

// Its counts lie in Redis, so that they hold for all daemons; they are forgotten after a quarter of an hour.
// Names that nobody has are counted as others are.
class LoginBrake {
  public:
    // `redis` outlives this object. `origin`: the address that the attempt comes from.
    LoginBrake(Redis& redis, std::string_view login, std::string_view origin);

    // Before the password is looked at. 0: the try is counted; else nobody may try for so long. One step in
    // Redis, so that of many at once no more are let through.
    std::chrono::seconds wait();
    // The password was right.
    void release();

    static constexpr int free_of_a_name = 5, free_of_a_network = 100;
    static constexpr std::chrono::seconds longest{300}, remembered{900};

  private:
    Redis& redis_;
    std::string name_, network_;
};

// The /24 of an IPv4 address, the /48 of an IPv6 one: "192.0.2", "2001:db8:1".
std::string network_of(std::string_view origin);

} // namespace mogiri::daemon
