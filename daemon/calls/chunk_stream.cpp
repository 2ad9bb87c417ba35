// Gives an answer to nginx in chunks through Redis, a few ahead of its reader and no more.
#include "chunk_stream.hpp"

#include <redis_keys.hpp>

namespace mogiri::daemon {

namespace {

using namespace std::chrono_literals;

constexpr auto sign_of_life = 2s;

} // namespace

ChunkStream::ChunkStream(Redis& redis, std::string key, std::string channel, std::string call, Pulse& pulse,
                         std::stop_token stop)
    : redis_(redis), key_(std::move(key)), room_(redis_keys::room_for(key_)), channel_(std::move(channel)),
      call_(std::move(call)), pulse_(pulse), stop_(std::move(stop)) {}

void ChunkStream::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::string_view piece = bytes.substr(0, chunk_size);
        wait_for_room();
        push(ChunkKind::more, piece);
        bytes.remove_prefix(piece.size());
    }
}

// While there is nothing to give, an empty chunk says that there will be.
void ChunkStream::progress(std::int64_t) {
    pulse_.beat();
    if (Clock::now() - told_ < sign_of_life)
        return;
    wait_for_room();
    push(ChunkKind::more, {});
}

void ChunkStream::end() {
    push(ChunkKind::end, {});
}

void ChunkStream::fail() {
    push(ChunkKind::failed, {});
}

void ChunkStream::push(ChunkKind kind, std::string_view bytes) {
    redis_.queue({"RPUSH", key_, encode(Chunk{number_++, kind, bytes})});
    redis_.queue({"EXPIRE", key_, chunk_life_s});
    redis_.queue({"PUBLISH", channel_, call_ + " {}"});
    for (const Reply& reply : redis_.flush())
        if (reply.is_error())
            throw RefusedCommand(reply.string());
    --free_;
    told_ = Clock::now();
}

void ChunkStream::wait_for_room() {
    const auto given_up = Clock::now() + std::chrono::milliseconds(longest_stall_ms);
    do {
        pulse_.beat();
        look_at_clock();
        while (hear(0ms))
            ;
        if (free_ > 0)
            return;
    } while (hear(1000ms) || Clock::now() < given_up);
    throw StreamEnded("its reader has taken nothing for too long");
}

bool ChunkStream::hear(std::chrono::milliseconds wait) {
    const Reply reply = wait > 0ms ? redis_.command({"BLPOP", room_, std::to_string(wait / 1s)})
                                   : redis_.command({"LPOP", room_});
    if (reply.is_nil())
        return false;
    if ((wait > 0ms ? reply[1].text() : reply.text()) == "gone")
        throw StreamEnded("its reader is gone");
    ++free_;
    return true;
}

void ChunkStream::look_at_clock() const {
    if (stop_.stop_requested())
        throw StreamEnded("mogirid ends");
    if (Clock::now() - begun_ > std::chrono::milliseconds(longest_stream_ms))
        throw StreamEnded("it took too long");
}

} // namespace mogiri::daemon
