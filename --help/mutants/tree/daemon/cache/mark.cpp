// What the daemon reads out of `{e}:ready` and what it makes of it when the event must be rebuilt.
#include "mark.hpp"

#include <ready_mark.hpp>

#include <charconv>

namespace mogiri::daemon {

namespace {

constexpr std::string_view closed = "closed ";

} // namespace

std::string closed_mark(std::uint64_t epoch) {
    return std::string(closed) + std::to_string(epoch);
}

std::optional<std::uint64_t> epoch_of_mark(std::string_view text) {
    if (const auto mark = decode_ready_mark(text))
        return mark->epoch;
    if (!text.starts_with(closed))
        return std::nullopt;
    text.remove_prefix(closed.size());
    std::uint64_t epoch = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), epoch);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return epoch;
}

std::optional<std::string> reason_to_rebuild(std::string_view text, const CacheState& known) {
    const auto mark = decode_ready_mark(text);
    if (!mark && text.starts_with(closed))
        return "it was closed for a rebuild";
    if (!mark)
        return known.epoch == 0 ? "it is new" : "Redis has no ready mark of it";
    if (mark->epoch != known.epoch)
        return "Redis is in epoch " + std::to_string(mark->epoch) + ", the ledger in " +
               std::to_string(known.epoch);
    if (mark->batch < known.batch)
        return "Redis went back from batch " + std::to_string(known.batch) + " to " +
               std::to_string(mark->batch);
    if (!known.rebuild_reason.empty())
        return known.rebuild_reason;
    return std::nullopt;
}

} // namespace mogiri::daemon
