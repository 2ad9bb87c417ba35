// Takes calls from Redis, carries them out and answers them while nginx's request waits.
#pragma once

#include <chrono>
#include <stop_token>

#include "../ledger/cache_ledger.hpp"
#include "../ledger/call_ledger.hpp"
#include "../ledger/ticket_records.hpp"
#include "../pulse.hpp"
#include "../road/job_stream.hpp"
#include "verbs.hpp"

namespace mogiri::daemon {

// One thread's life with its two connections. Throws LostRedis, LostDatabase and refusals that blame the
// moment: the call in hand then stays in the stream, and is begun by the next life if there is still time.
class CallDesk {
  public:
    // `number`: 1 and up, tells the desks of a daemon apart. `office` outlives this object.
    CallDesk(PostOffice& office, const StreamOfJobs& jobs, int number, Pulse& pulse);

    // Returns at the stop, with the call in hand answered.
    void serve(const std::stop_token& stop);

    // One call's whole story. Public for tests.
    void attend(const ClaimedJob& claimed, const std::stop_token& stop = {});

  private:
    void write(const ClaimedJob& claimed, const Call& call, const Verb& verb);
    CallResult perform(const Call& call, const Verb& verb);
    std::vector<std::uint64_t> hold(const Call& call, const Verb& verb);
    void give_up(const Call& call, const std::vector<std::uint64_t>& held);
    bool in_time(const Call& call);
    void tell_door(const Call& call, const std::vector<std::uint64_t>& serials);
    void answer(const ClaimedJob& claimed, const Call& call, int status, const std::string& body,
                std::string_view life_s);
    void drop(const ClaimedJob& claimed, const Call& call);
    void discard(const ClaimedJob& claimed, const std::string& why);

    PostOffice& office_;
    StreamOfJobs jobs_;
    Pulse& pulse_;
    Redis redis_;
    Database database_;
    SettingsBook book_;
    JobStream stream_;
    CallLedger ledger_;
    CacheLedger cache_;
    TicketRecords records_;
    TicketPictures pictures_;
    ApplicationLedger applications_;
    CallTools tools_;
};

} // namespace mogiri::daemon
