// What staff take away: exports, streamed.
#include "export_verb.hpp"

#include <charconv>
#include <memory>

#include <redis_keys.hpp>

#include "../exports/export.hpp"
#include "../journal.hpp"
#include "../people/accounts.hpp"
#include "ask.hpp"
#include "chunk_stream.hpp"

namespace mogiri::daemon {

namespace {

// Throws ExportFault.
ExportWish wish_of(const Call& call, const json_t* query) {
    ExportWish wish{call.verb.substr(call.verb.find('.') + 1), {}, call.event};
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(const_cast<json_t*>(query), name, value) {
        const std::string_view text = text_of(value);
        if (name == std::string_view("format") && !text.empty())
            wish.format = text;
        else if (name == std::string_view("day")) {
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wish.day);
            if (error != std::errc{} || end != text.data() + text.size() || wish.day < 1)
                throw ExportFault("day", "invalid_format");
        } else
            throw ExportFault(name, name == std::string_view("format") ? "not_in_list" : "unknown_field");
    }
    return wish;
}

void run(Export& made, ChunkStream& stream, const std::string& name) {
    try {
        made.run(stream);
        stream.end();
        journal::info(name + ": " + std::to_string(made.rows()) + " rows");
        return;
    } catch (const StreamEnded& ended) {
        journal::warn(name + ": not to its end: " + ended.what());
    } catch (const LostRedis&) {
        throw; // nginx has noticed, too
    } catch (const std::exception& failed) {
        journal::error(name + ": not to its end: " + failed.what());
    }
    stream.fail();
}

} // namespace

CallResult stream_export(CallTools& tools, const Call& call, const json_t* arguments) {
    try {
        const auto made = std::make_shared<Export>(tools.office.configuration().database,
                                                   wish_of(call, Ask(tools, arguments).query()));
        {
            Transaction transaction(tools.database);
            act_as(tools.database, call.actor, call.origin, call.verb);
            made->note(tools.database);
            transaction.commit();
        }
        const std::string key = redis_keys::chunks(call.event, call.id);
        CallResult result{200,
                          encode(StreamedAnswer{key, std::string(made->content_type()), made->file_name()})};
        result.afterwards = [made, key, &redis = tools.redis, channel = call.reply, id = call.id,
                             name = "call " + call.id + ", " + call.verb](Pulse& pulse,
                                                                          const std::stop_token& stop) {
            ChunkStream stream(redis, key, channel, id, pulse, stop);
            run(*made, stream, name);
        };
        return result;
    } catch (const ExportFault& fault) {
        return fault.field() == "event" ? refusal(404, "not_found") : invalid(fault.field(), fault.what());
    }
}

} // namespace mogiri::daemon
