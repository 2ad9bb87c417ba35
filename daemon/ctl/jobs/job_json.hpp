// What the lists and the single views of jobs put into JSON alike.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "contract/json_owner.hpp"

namespace mogiri::daemon {

inline void set(const Json& object, const char* name, std::string_view text) {
    json_object_set_new(object.get(), name, json_of(text));
}
inline void set(const Json& object, const char* name, std::int64_t number) {
    json_object_set_new(object.get(), name, json_integer(number));
}

inline void set_fault(const Json& job, std::int64_t faults, const std::string& sqlstate,
                      const std::string& reason) {
    set(job, "faults", faults);
    set(job, "sqlstate", sqlstate);
    set(job, "reason", reason);
}

} // namespace mogiri::daemon
