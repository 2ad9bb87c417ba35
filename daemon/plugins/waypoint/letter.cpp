#include "letter.hpp"

#include <memory>
#include <mutex>

#include <gmime/gmime.h>

namespace mogiri::waypoint {

namespace {

struct Unreferenced {
    void operator()(gpointer object) const { g_object_unref(object); }
};
template <typename Object> using Reference = std::unique_ptr<Object, Unreferenced>;

std::string taken(char* text) {
    const std::unique_ptr<char, decltype(&g_free)> owned(text, g_free);
    return owned ? owned.get() : "";
}

std::string mailboxes(InternetAddressList* list) {
    return list ? taken(internet_address_list_to_string(list, nullptr, FALSE)) : "";
}

std::string decoded(GMimePart* part) {
    GMimeDataWrapper* data = g_mime_part_get_content(part);
    if (!data)
        return {};
    GByteArray* bytes = g_byte_array_new();
    const Reference<GMimeStream> stream(g_mime_stream_mem_new_with_byte_array(bytes)); // takes the bytes
    g_mime_data_wrapper_write_to_stream(data, stream.get());
    return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

void on_part(GMimeObject*, GMimeObject* object, gpointer into) {
    if (!GMIME_IS_PART(object))
        return;
    Letter& letter = *static_cast<Letter*>(into);
    GMimePart* part = GMIME_PART(object);
    GMimeContentType* type = g_mime_object_get_content_type(object);
    const char* name = g_mime_part_get_filename(part);
    if (name)
        letter.enclosures.push_back({name, taken(g_mime_content_type_get_mime_type(type)), decoded(part)});
    else if (g_mime_content_type_is_type(type, "text", "html"))
        letter.html = decoded(part);
    else if (g_mime_content_type_is_type(type, "text", "plain"))
        letter.text = decoded(part);
}

} // namespace

Letter read_letter(std::string_view message) {
    static std::once_flag once;
    std::call_once(once, g_mime_init);
    Letter letter;
    const Reference<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(message.data(), message.size()));
    const Reference<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
    const Reference<GMimeMessage> mail(g_mime_parser_construct_message(parser.get(), nullptr));
    if (!mail)
        return letter;
    letter.from = mailboxes(g_mime_message_get_from(mail.get()));
    letter.reply_to = mailboxes(g_mime_message_get_reply_to(mail.get()));
    if (const char* subject = g_mime_message_get_subject(mail.get()))
        letter.subject = subject;
    g_mime_message_foreach(mail.get(), on_part, &letter);
    return letter;
}

std::string without_own_pictures(std::string_view html) {
    std::string rest;
    while (!html.empty()) {
        const std::size_t begin = html.find("<img ");
        const std::size_t end = begin == html.npos ? begin : html.find('>', begin);
        if (end == html.npos)
            return rest.append(html);
        const std::string_view tag = html.substr(begin, end + 1 - begin);
        rest.append(html.substr(0, tag.find("\"cid:") == tag.npos ? end + 1 : begin));
        html.remove_prefix(end + 1);
    }
    return rest;
}

} // namespace mogiri::waypoint
