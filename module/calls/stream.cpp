// An answer that comes in chunks: from Redis to the client, as fast as the client takes it.
#include "calls/stream.hpp"

#include <utility>

#include "daemon/contract/redis_keys.hpp"
#include "http/context.hpp"
#include "http/reply.hpp"
#include "worker.hpp"

namespace mogiri::module {
namespace {

// A message may be lost: then a chunk is found a little later.
constexpr ngx_msec_t look_again_ms = 500;

// nginx's write event of the request.
void on_writable(ngx_http_request_t* raw) {
    guarded(ngx_cycle->log, [raw] { context(Request(raw)).on_writable(); });
}

// Owned by the request's pool. Whatever ends the request, Redis is told that nobody reads any more.
class Stream : public std::enable_shared_from_this<Stream> {
  public:
    explicit Stream(const CallOutcome& outcome)
        : parked_(outcome.parked), about_(*outcome.stream), room_(redis_keys::room_for(about_.key)),
          call_(outcome.call) {}
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream();

    ngx_int_t begin(Request request);

  private:
    ngx_int_t look(Request request);
    void take();
    void taken(RedisReply reply);
    void send(std::string_view bytes);
    void sent(ngx_int_t result);
    void writable();
    void finish();
    void break_off();

    std::shared_ptr<Parked> parked_;
    StreamedAnswer about_;
    std::string room_, call_;
    std::string run_id_{worker().redis.run_id()}; // of the Redis that has the chunks
    Answers::Waiter waiter_;
    std::int64_t begun_ms_ = now_ms(), heard_ms_ = begun_ms_;
    std::uint32_t next_ = 0;                // the chunk that is awaited
    bool taking_ = false, woken_ = false;   // asked Redis; told of a chunk meanwhile
    bool sending_ = false, broken_ = false; // the client has not all of the chunk; is to be ended
    bool over_ = false;                     // the last chunk came
    std::string chunk_;
    ngx_buf_t buffer_{};
    ngx_chain_t link_{&buffer_, nullptr};
};

Stream::~Stream() {
    if (!over_) {
        guarded(ngx_cycle->log, [this] {
            worker().redis.call({"FCALL", "mogiri_take_chunk", "2", about_.key, room_, chunk_life_s, "gone"},
                                [](RedisReply) {});
        });
    }
}

ngx_int_t Stream::begin(Request request) {
    ngx_http_request_t* raw = request.raw();
    const std::weak_ptr<Stream> weak = weak_from_this();
    context(request).on_writable = [weak] {
        if (const auto stream = weak.lock()) {
            stream->writable();
        }
    };
    waiter_ = worker().answers.wait_for(call_, [weak](std::string_view) {
        if (const auto stream = weak.lock()) {
            stream->woken_ = true;
            stream->take();
        }
    });
    const std::string disposition = "attachment; filename=\"" + about_.file_name + "\"";
    const ngx_int_t result = send_head(
        request, {.content_type = about_.content_type, .headers = {{"Content-Disposition", disposition}}});
    if (result == NGX_ERROR || result > NGX_OK || raw->header_only) {
        return result;
    }
    raw->write_event_handler = on_writable;
    parked_->wait_longer(look_again_ms, [weak](Request late) { return weak.lock()->look(late); });
    take();
    return Parked::still_parked;
}

// Every now and then: whether it goes on.
ngx_int_t Stream::look(Request request) {
    const std::int64_t now = now_ms();
    parked_->wait_longer(look_again_ms);
    if (!sending_) {
        take();
    }
    if (broken_ || (!sending_ && !taking_) || now - begun_ms_ > longest_stream_ms + longest_stall_ms ||
        (!sending_ && now - heard_ms_ > longest_stall_ms)) {
        context(request).outcome = "broken";
        return NGX_ERROR;
    }
    return Parked::still_parked;
}

void Stream::take() {
    if (taking_ || sending_ || broken_ || parked_->gone()) {
        return;
    }
    woken_ = false;
    if (worker().redis.run_id() != run_id_) { // it was away; the daemon has given up
        broken_ = true;
        return;
    }
    const std::weak_ptr<Stream> weak = weak_from_this();
    taking_ =
        worker().redis.call({"FCALL", "mogiri_take_chunk", "2", about_.key, room_, chunk_life_s, "next"},
                            [weak](RedisReply reply) {
                                if (const auto stream = weak.lock()) {
                                    stream->taken(reply);
                                }
                            });
}

void Stream::taken(RedisReply reply) {
    taking_ = false;
    if (parked_->gone()) {
        return;
    }
    if (reply.is_nil()) {
        if (woken_) {
            take();
        }
        return;
    }
    const auto chunk = reply.is_text() ? decode_chunk(reply.text()) : std::nullopt;
    // A Redis that came back a little older may tell one twice, or none where one was.
    if (!chunk || chunk->number != next_ || chunk->kind == ChunkKind::failed) {
        over_ = chunk && chunk->kind == ChunkKind::failed;
        return break_off();
    }
    ++next_;
    heard_ms_ = now_ms();
    if (chunk->kind == ChunkKind::end) {
        finish();
    } else if (chunk->bytes.empty()) { // a sign of life
        take();
    } else {
        send(chunk->bytes);
    }
}

void Stream::send(std::string_view bytes) {
    chunk_ = bytes;
    buffer_ = {};
    buffer_.start = buffer_.pos = borrowed(chunk_).data;
    buffer_.end = buffer_.last = buffer_.pos + chunk_.size();
    buffer_.memory = 1;
    buffer_.flush = 1;
    sending_ = true;
    sent(ngx_http_output_filter(parked_->request().raw(), &link_));
}

// The chunk's memory is the next one's when nginx holds nothing of it any more.
void Stream::sent(ngx_int_t result) {
    if (parked_->gone()) {
        return;
    }
    ngx_connection_t* connection = parked_->request().raw()->connection;
    ngx_event_t* write = connection->write;
    if (result == NGX_ERROR) {
        return break_off();
    }
    if (buffer_.pos != buffer_.last || parked_->request().raw()->buffered != 0 || connection->buffered != 0) {
        if (!write->delayed) {
            ngx_add_timer(write, static_cast<ngx_msec_t>(longest_stall_ms));
        }
        if (ngx_handle_write_event(write, 0) != NGX_OK) {
            break_off();
        }
        return;
    }
    if (write->timer_set && !write->delayed) {
        ngx_del_timer(write);
    }
    sending_ = false;
    heard_ms_ = now_ms();
    take();
}

void Stream::writable() {
    if (parked_->gone() || !sending_) {
        return;
    }
    ngx_http_request_t* raw = parked_->request().raw();
    if (raw->connection->write->timedout) { // the client takes nothing
        return break_off();
    }
    if (raw->connection->write->delayed) {
        if (ngx_handle_write_event(raw->connection->write, 0) != NGX_OK) {
            break_off();
        }
        return;
    }
    sent(ngx_http_output_filter(raw, nullptr));
}

void Stream::finish() {
    over_ = true;
    parked_->answer([](Request request) {
        context(request).outcome = "done";
        return ngx_http_send_special(request.raw(), NGX_HTTP_LAST);
    });
}

// In a moment: nginx may be in the middle of the request.
void Stream::break_off() {
    broken_ = true;
    parked_->wait_longer(1);
}

} // namespace

ngx_int_t stream(Request request, const CallOutcome& outcome) {
    const auto streamed = std::make_shared<Stream>(outcome);
    make_in_pool<std::shared_ptr<Stream>>(request.pool(), streamed);
    return streamed->begin(request);
}

} // namespace mogiri::module
