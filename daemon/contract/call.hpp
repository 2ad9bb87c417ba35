// A call: what nginx asks the daemon to do while a request waits, and the answer that comes back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "master_keys.hpp"

namespace mogiri {

// Stream `{e}:calls`, field "call": this as JSON with sorted keys, no blanks.
struct Call {
    std::string id; // 26 base32 characters, as application ids
    std::uint32_t event = 0;
    std::string verb;             // "application.resend"
    std::string actor;            // who asks, as far as nginx knows: "application:<id>", "account:<number>"
    std::string arguments;        // a JSON object in the same spelling
    std::string body_hash;        // 32 hex digits: call_body_hash()
    std::int64_t deadline_ms = 0; // by Redis's clock; after it the call is not begun
    std::string reply;            // channel "answers:<worker id>"; empty: nobody waits
    std::string origin = {};      // the address that it came from; empty: not told
};

std::string encode(const Call& call);
// Throws std::invalid_argument.
Call decode_call(std::string_view json);

// Of what makes two calls with one id equal: verb, actor and arguments.
std::string call_body_hash(std::string_view verb, std::string_view actor, std::string_view arguments);

// The same for the same actor and idempotency key, so that a repeated write is known as such.
std::string call_id(const MasterKeys& keys, std::uint32_t event, std::string_view actor,
                    std::string_view idempotency_key);
// Of a read, which nobody repeats.
std::string random_call_id();

// Stored under `{e}:c:<id>` behind the body hash, and published as "<call id> <json>".
struct CallAnswer {
    std::string call;
    int status = 200; // as HTTP has them
    std::string body; // JSON
};

std::string encode(const CallAnswer& answer);
// Throws std::invalid_argument.
CallAnswer decode_call_answer(std::string_view json);

// What `{e}:c:<id>` holds while there is no answer: the body hash and the call's deadline.
std::string pending_call(const Call& call);
// The answer in what `{e}:c:<id>` holds; nothing while there is none. Throws std::invalid_argument.
std::optional<CallAnswer> stored_call_answer(std::string_view text);

// A big answer lies under its own key; the answer's body says where: {"big":{"key","size","type"}}.
struct BigAnswer {
    std::string key;
    std::int64_t size = 0;
    std::string content_type;
};

std::string encode(const BigAnswer& big);
// Nothing when the body is no such one.
std::optional<BigAnswer> big_answer(std::string_view body);

// One that comes in chunks while it is made; the answer's body says where: {"stream":{"key","name","type"}}.
struct StreamedAnswer {
    std::string key;
    std::string content_type, file_name;
};

std::string encode(const StreamedAnswer& streamed);
// Nothing when the body is no such one.
std::optional<StreamedAnswer> streamed_answer(std::string_view body);

// A chunk, as a list under that key holds it: its number (8 digits, from 0 on), what it is (a letter), bytes.
enum class ChunkKind : char { more = 'D', end = 'E', failed = 'F' };
struct Chunk {
    std::uint32_t number = 0;
    ChunkKind kind = ChunkKind::more;
    std::string_view bytes = {};
};

std::string encode(const Chunk& chunk);
// Nothing when it is none.
std::optional<Chunk> decode_chunk(std::string_view text);

inline constexpr std::size_t chunk_size = 128 * 1024; // at most
inline constexpr int most_chunks_ahead = 8;          // that nobody has taken
inline constexpr std::string_view chunk_life_s = "60";
// A reader who takes nothing for so long, or a writer who gives nothing, is given up.
inline constexpr std::int64_t longest_stall_ms = 30'000;
// However well it goes.
inline constexpr std::int64_t longest_stream_ms = 600'000;

// How long Redis keeps it, in seconds as commands take them: the answer to a write 7 days, to what did
// nothing (a read, a refusal) and what has no answer yet a moment; a big answer a minute.
inline constexpr std::string_view written_call_life_s = "604800";
inline constexpr std::string_view passing_call_life_s = "30";
inline constexpr std::string_view big_answer_life_s = "60";

} // namespace mogiri
