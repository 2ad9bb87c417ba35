// Calls and their answers as JSON.
#include "call.hpp"

#include <array>
#include <charconv>
#include <stdexcept>

#include "base32.hpp"
#include "digest.hpp"
#include "json_owner.hpp"

namespace mogiri {

namespace {

constexpr std::size_t hash_size = 32;
constexpr std::size_t chunk_head = 9; // number and kind

std::string string_at(const json_t* object, const char* key) {
    const json_t* value = json_object_get(object, key);
    if (!json_is_string(value))
        throw std::invalid_argument(std::string("\"") + key + "\" is no string");
    return std::string(text_of(value));
}

std::int64_t number_at(const json_t* object, const char* key) {
    const json_t* value = json_object_get(object, key);
    if (!json_is_integer(value))
        throw std::invalid_argument(std::string("\"") + key + "\" is no whole number");
    return json_integer_value(value);
}

std::string nested(const json_t* object, const char* key) {
    const json_t* value = json_object_get(object, key);
    if (!json_is_object(value))
        throw std::invalid_argument(std::string("\"") + key + "\" is no object");
    return json_text(value);
}

} // namespace

std::string encode(const Call& call) {
    const Json object(json_object());
    json_object_set_new(object.get(), "id", json_of(call.id));
    json_object_set_new(object.get(), "event", json_integer(call.event));
    json_object_set_new(object.get(), "verb", json_of(call.verb));
    json_object_set_new(object.get(), "actor", json_of(call.actor));
    json_object_set_new(object.get(), "arguments", parse_json(call.arguments).release());
    json_object_set_new(object.get(), "body_hash", json_of(call.body_hash));
    json_object_set_new(object.get(), "deadline_ms", json_integer(call.deadline_ms));
    json_object_set_new(object.get(), "reply", json_of(call.reply));
    if (!call.origin.empty())
        json_object_set_new(object.get(), "origin", json_of(call.origin));
    return json_text(object.get());
}

Call decode_call(std::string_view json) {
    const Json document = parse_json(json);
    const json_t* object = document.get();
    Call call;
    call.id = string_at(object, "id");
    call.event = static_cast<std::uint32_t>(number_at(object, "event"));
    call.verb = string_at(object, "verb");
    call.actor = string_at(object, "actor");
    call.arguments = nested(object, "arguments");
    call.body_hash = string_at(object, "body_hash");
    call.deadline_ms = number_at(object, "deadline_ms");
    call.reply = string_at(object, "reply");
    call.origin = text_of(json_object_get(object, "origin"));
    if (call.id.empty() || call.body_hash.size() != hash_size)
        throw std::invalid_argument("no call id or no body hash");
    return call;
}

std::string call_body_hash(std::string_view verb, std::string_view actor, std::string_view arguments) {
    const Json object(json_object());
    json_object_set_new(object.get(), "verb", json_of(verb));
    json_object_set_new(object.get(), "actor", json_of(actor));
    json_object_set_new(object.get(), "arguments", parse_json(arguments).release());
    const Digest digest = sha256(json_text(object.get()));
    return hex(std::span(digest).first(hash_size / 2));
}

std::string call_id(const MasterKeys& keys, std::uint32_t event, std::string_view actor,
                    std::string_view idempotency_key) {
    // The older of two keys: a repeat finds its call while keys are being changed.
    std::string name(actor);
    name.append(1, '\0').append(idempotency_key);
    const Digest digest = hmac_sha256(keys.derive("call", event, keys.key_ids().back()), name);
    return base32_encode({digest.data(), 16});
}

std::string random_call_id() {
    std::array<std::uint8_t, 16> bytes{};
    random_bytes(bytes);
    return base32_encode(bytes);
}

std::string encode(const CallAnswer& answer) {
    const Json object(json_object());
    json_object_set_new(object.get(), "call", json_of(answer.call));
    json_object_set_new(object.get(), "status", json_integer(answer.status));
    json_object_set_new(object.get(), "body", parse_json(answer.body).release());
    return json_text(object.get());
}

CallAnswer decode_call_answer(std::string_view json) {
    const Json document = parse_json(json);
    return {string_at(document.get(), "call"), static_cast<int>(number_at(document.get(), "status")),
            nested(document.get(), "body")};
}

std::string pending_call(const Call& call) {
    return call.body_hash + std::to_string(call.deadline_ms);
}

std::optional<CallAnswer> stored_call_answer(std::string_view text) {
    if (text.size() <= hash_size)
        throw std::invalid_argument("a call's entry is cut off");
    if (text[hash_size] != '{')
        return std::nullopt;
    return decode_call_answer(text.substr(hash_size));
}

std::string encode(const BigAnswer& big) {
    const Json object(json_object());
    json_t* where = json_object();
    json_object_set_new(object.get(), "big", where);
    json_object_set_new(where, "key", json_of(big.key));
    json_object_set_new(where, "size", json_integer(big.size));
    json_object_set_new(where, "type", json_of(big.content_type));
    return json_text(object.get());
}

std::string encode(const StreamedAnswer& streamed) {
    const Json object(json_object());
    json_t* where = json_object();
    json_object_set_new(object.get(), "stream", where);
    json_object_set_new(where, "key", json_of(streamed.key));
    json_object_set_new(where, "name", json_of(streamed.file_name));
    json_object_set_new(where, "type", json_of(streamed.content_type));
    return json_text(object.get());
}

std::optional<StreamedAnswer> streamed_answer(std::string_view body) {
    const Json document = parse_json(body);
    const json_t* where = json_object_get(document.get(), "stream");
    if (!json_is_object(where))
        return std::nullopt;
    return StreamedAnswer{string_at(where, "key"), string_at(where, "type"), string_at(where, "name")};
}

std::string encode(const Chunk& chunk) {
    std::string text(chunk_head, '0');
    for (std::size_t place = chunk_head - 1, rest = chunk.number; rest > 0 && place-- > 0; rest /= 10)
        text[place] = static_cast<char>('0' + rest % 10);
    text[chunk_head - 1] = static_cast<char>(chunk.kind);
    return text.append(chunk.bytes);
}

std::optional<Chunk> decode_chunk(std::string_view text) {
    Chunk chunk;
    if (text.size() < chunk_head)
        return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + chunk_head - 1, chunk.number);
    if (error != std::errc{} || end != text.data() + chunk_head - 1)
        return std::nullopt;
    chunk.kind = static_cast<ChunkKind>(text[chunk_head - 1]);
    if (chunk.kind != ChunkKind::more && chunk.kind != ChunkKind::end && chunk.kind != ChunkKind::failed)
        return std::nullopt;
    chunk.bytes = text.substr(chunk_head);
    return chunk;
}

std::optional<BigAnswer> big_answer(std::string_view body) {
    const Json document = parse_json(body);
    const json_t* where = json_object_get(document.get(), "big");
    if (!json_is_object(where))
        return std::nullopt;
    return BigAnswer{string_at(where, "key"), number_at(where, "size"), string_at(where, "type")};
}

} // namespace mogiri
