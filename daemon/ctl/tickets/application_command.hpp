// `mogirictl application …`: what was applied for, saying yes or no to it, and taking it back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "configuration.hpp"

namespace mogiri::daemon {

struct ApplicationWish {
    std::string event; // slug; empty: all
    std::string form, state, applicant;
    std::int64_t limit = 100;
    bool personal = false, json = false;
};

struct Cancellation {
    std::vector<std::string> applications;
    std::string reason;
    bool json = false;
};

enum class Verdict { approve, reject };

struct Approval {
    std::vector<std::string> applications;
    std::string reason;
    bool json = false;
};

void list_applications(const Configuration& configuration, const ApplicationWish& wish);
void show_application(const Configuration& configuration, const std::string& id, const ApplicationWish& wish);

// Returns when the door knows it. Throws CommandFailure (unpublished) when mogirid has not published it
// within 10 seconds.
void cancel_applications(const Configuration& configuration, const Cancellation& wish);
void judge_applications(const Configuration& configuration, Verdict verdict, const Approval& wish);

} // namespace mogiri::daemon
