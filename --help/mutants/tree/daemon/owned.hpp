// Owners of C handles: as large as a pointer, freed by the handle's own function.
#pragma once

#include <memory>

namespace mogiri::daemon {

template <auto Free> struct Freed {
    template <typename Handle> void operator()(Handle* handle) const { Free(handle); }
};

template <typename Handle, auto Free> using Owned = std::unique_ptr<Handle, Freed<Free>>;

} // namespace mogiri::daemon
