// JSON that goes to a mail service, and what its answers say.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <jansson.h>

namespace mogiri::plugins {

struct JsonFreed {
    void operator()(json_t* value) const { json_decref(value); }
};
using Json = std::unique_ptr<json_t, JsonFreed>;

Json json_object_of(std::string_view text); // null when it is none

// Never null: bytes that are no UTF-8 become "?".
json_t* json_text(std::string_view text);

std::string base64(std::string_view bytes);

// Text at "a.b", or empty.
std::string text_at(const json_t* object, std::string_view path);

std::string dumped(const json_t* value);

// Printable ASCII on one line, without addresses: fit for the outbox.
std::string readable(std::string_view text, std::size_t length);

} // namespace mogiri::plugins
