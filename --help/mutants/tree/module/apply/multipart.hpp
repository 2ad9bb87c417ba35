// A form as multipart/form-data (RFC 7578), read strictly and without files.
#pragma once

#include "apply/form_body.hpp"

namespace mogiri::module {

// The boundary that a Content-Type names (RFC 2046, 5.1.1: at most 70 characters); nothing when it names
// none.
std::optional<std::string> boundary_of(std::string_view content_type);

// As read_urlencoded(): an empty field counts as not there. A file is no text: an error of its field.
ReadBody read_multipart(std::string_view body, std::string_view boundary);

} // namespace mogiri::module
