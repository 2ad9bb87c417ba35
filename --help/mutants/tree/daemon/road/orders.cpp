// What a sysadmin orders about jobs by mogirictl, carried out by the road.
#include "orders.hpp"

#include <redis_keys.hpp>

#include "../journal.hpp"
#include "hand_over.hpp"

namespace mogiri::daemon {

namespace {

std::optional<ApplyJob> readable(const ClaimedJob& claimed) {
    try {
        return decode_apply_job(claimed.payload);
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
}

} // namespace

void Orders::carry_out() {
    std::vector<Order> orders;
    for (Row row : database_.query("SELECT id, kind, reason, event, stream_id FROM job_order "
                                   "WHERE done_at IS NULL ORDER BY id LIMIT 100"))
        orders.push_back({row.number(0), row.string(1), row.string(2),
                          static_cast<std::uint32_t>(row.number(3)), row.string(4)});
    for (const Order& order : orders) {
        const std::string_view outcome = order.kind == "bury" ? bury(order) : retry(order);
        database_.query(
            "UPDATE job_order SET done_at = now(), outcome = $2 WHERE id = $1 AND done_at IS NULL",
            {order.id, outcome});
        journal::info("order " + std::to_string(order.id) + " to " + order.kind + " job " + order.stream_id +
                      " of event " + std::to_string(order.event) + ": " + std::string(outcome));
    }
}

std::string_view Orders::bury(const Order& order) {
    const Reply entries =
        redis_.command({"XRANGE", redis_keys::jobs(order.event), order.stream_id, order.stream_id});
    if (entries.size() == 0)
        // Perhaps a daemon died after it had carried this out.
        return database_
                       .query("SELECT FROM dead_letter WHERE event = $1 AND stream_id = $2",
                              {order.event, order.stream_id})
                       .empty()
                   ? "gone"
                   : "done";
    const ClaimedJob claimed = job_of(order.event, entries[0], applications.field);
    const auto job = readable(claimed);
    const Burial burial = graveyard_.bury(claimed, job, "", order.reason);
    HandOver parcel(redis_);
    parcel.burial(claimed, job, burial);
    parcel.send();
    return burial.decision == Decision::failed ? "done" : "decided";
}

// mogirictl has resolved the letter in the transaction of its order, so that the job is decided anew. A newer
// letter says that this has happened, and failed again.
std::string_view Orders::retry(const Order& order) {
    const Result letters = database_.query("SELECT payload FROM dead_letter "
                                           "WHERE event = $1 AND stream_id = $2",
                                           {order.event, order.stream_id});
    const std::string payload = letters.empty() ? "" : letters[0].bytes(0);
    const auto job = readable({order.event, order.stream_id, payload});
    if (!job)
        return "gone";
    const std::string& application = job->id;
    if (!database_.query("SELECT FROM application WHERE id = $1", {application}).empty())
        return "decided";
    if (!database_
             .query("SELECT FROM dead_letter WHERE application = $1 AND resolved_at IS NULL", {application})
             .empty())
        return "done";
    redis_.command({"FCALL", "mogiri_retry", "2", redis_keys::application(order.event, application),
                    redis_keys::jobs(order.event), job->body_hash, answer_life_s, payload});
    return "done";
}

} // namespace mogiri::daemon
