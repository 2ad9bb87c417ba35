// What Redis answers: hiredis's reader, fed in two parts, and all that nginx's workers read out of its
// replies.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

#include <hiredis/hiredis.h>

#include <checkin.hpp>
#include <ready_mark.hpp>
#include <ticket_record.hpp>

#include "module/redis/reply.hpp"

namespace {

using namespace mogiri;

void read_text(std::string_view text) {
    if (const auto record = decode_ticket_record(text);
        record && decode_ticket_record(encode(*record)) != record)
        std::abort();
    if (const auto scans = decode_logged_scans(text);
        scans && scans->size() * logged_scan_size != text.size())
        std::abort();
    static_cast<void>(decode_logged_scans(logged_first_entries(text)));
    static_cast<void>(decode_checkin_reply(text, {}, 0));
    static_cast<void>(decode_ready_mark(text));
}

void walk(const module::RedisReply& reply, int depth) {
    read_text(reply.text());
    static_cast<void>(reply.integer());
    static_cast<void>(reply.is_error("NOTREADY") || reply.is_nil() || reply.is_text() || reply.is_integer());
    for (std::size_t i = 0; depth < 8 && i <= reply.size(); ++i) // one beyond the end: reads as nil
        walk(reply[i], depth + 1);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    read_text(input);
    const std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader(redisReaderCreate(),
                                                                          redisReaderFree);
    const std::size_t half = size / 2;
    for (const std::string_view part : {input.substr(0, half), input.substr(half)}) {
        if (redisReaderFeed(reader.get(), part.data(), part.size()) != REDIS_OK)
            return 0;
        void* reply = nullptr;
        while (redisReaderGetReply(reader.get(), &reply) == REDIS_OK && reply != nullptr) {
            walk(module::RedisReply(static_cast<redisReply*>(reply)), 0);
            freeReplyObject(std::exchange(reply, nullptr));
        }
    }
    return 0;
}
