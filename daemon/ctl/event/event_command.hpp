// `mogirictl event …`: an organiser's file becomes the event, and what events there are.
#pragma once

#include <optional>
#include <string>

#include "configuration.hpp"

namespace mogiri::daemon {

struct EventApply {
    std::string file;
    bool dry_run = false;
    bool make_default = false;
    std::optional<int> force_day;
    std::optional<int> form_seconds;
    bool json = false;
};

struct EventShow {
    std::string slug;
    bool json = false;
};

struct EventCopy {
    std::string slug, new_slug;
    bool json = false;
};

struct EventStep {
    std::string slug;
    std::string state; // as event files spell it
    bool json = false;
};

struct EventDayWish {
    std::string slug;
    int day = 0;
    bool json = false;
};

struct EventResetWish {
    std::string slug, confirm, reason;
    bool json = false;
};

// Those that write return when mogirid has published it, and throw CommandFailure (unpublished) when it has
// not within 10 seconds.
void apply_event(const Configuration& configuration, const EventApply& wish);
void list_events(const Configuration& configuration, bool json);
void show_event(const Configuration& configuration, const EventShow& wish);
void copy_event(const Configuration& configuration, const EventCopy& wish);
void change_state(const Configuration& configuration, const EventStep& wish);
// The current day, whatever the clock says; 0: by the clock.
void force_day(const Configuration& configuration, const EventDayWish& wish);
// All uses of the event's tickets are given back, or nothing counts towards limits any more; `confirm`: the
// slug again.
void reset_event_use(const Configuration& configuration, const EventResetWish& wish);
void reset_event_counts(const Configuration& configuration, const EventResetWish& wish);

} // namespace mogiri::daemon
