// Sends HTTP requests at times fixed in advance, whether or not earlier ones were answered, over many
// connections.
//
// usage: open_loop PORT CONNECTIONS PATIENCE_MS <REQUESTS
// REQUESTS: per request "<microseconds after the start> <bytes>\n" and the bytes. For each one line comes
// out, in their order: status (0: no whole answer), microseconds from the fixed time to the answer's last
// byte, and to it from the start. A late start of the request counts as the server's slowness. A connection
// is opened when a request needs one, and kept as long as the server keeps it.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

struct Request {
    microseconds due{};
    std::string bytes;
    int status = 0;
    microseconds answered{-1};
};

struct Connection {
    int socket = -1;
    Request* request = nullptr; // in hand
    std::size_t sent = 0;
    std::string answer;
};

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "open_loop: %s: %s\n", what, std::strerror(errno));
    std::exit(1);
}

// The value of a header line, or nothing; `head` begins with the status line.
std::string header(const std::string& head, const char* name) {
    const std::size_t length = std::strlen(name);
    for (std::size_t at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2))
        if (strncasecmp(head.c_str() + at + 2, name, length) == 0 && head[at + 2 + length] == ':') {
            const std::size_t from = head.find_first_not_of(' ', at + 3 + length);
            return head.substr(from, head.find("\r\n", from) - from);
        }
    return {};
}

class Load {
  public:
    Load(int port, std::size_t most_connections, std::vector<Request>& requests)
        : requests_(requests), most_(most_connections), epoll_(epoll_create1(EPOLL_CLOEXEC)),
          timer_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
        address_.sin_family = AF_INET;
        address_.sin_port = htons(static_cast<std::uint16_t>(port));
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        epoll_event event{};
        event.events = EPOLLIN;
        if (epoll_ctl(epoll_, EPOLL_CTL_ADD, timer_, &event) != 0)
            fail("epoll");
    }

    void run(microseconds patience) {
        start_ = Clock::now();
        const microseconds end = (requests_.empty() ? microseconds{} : requests_.back().due) + patience;
        std::vector<epoll_event> events(256);
        while (ended_ < requests_.size() && now() < end) {
            begin_due();
            const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 100);
            for (int i = 0; i < count; ++i)
                if (auto* connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr))
                    turn(*connection);
        }
    }

  private:
    microseconds now() const { return std::chrono::duration_cast<microseconds>(Clock::now() - start_); }

    void begin_due() {
        for (; next_ < requests_.size() && requests_[next_].due <= now(); ++next_)
            waiting_.push_back(&requests_[next_]);
        while (!waiting_.empty() && begin(*waiting_.front()))
            waiting_.pop_front();
        if (next_ == requests_.size())
            return;
        const auto wait = std::max(requests_[next_].due - now(), microseconds(1)).count();
        itimerspec when{};
        when.it_value = {wait / 1'000'000, wait % 1'000'000 * 1000};
        std::uint64_t past = 0;
        while (read(timer_, &past, sizeof past) > 0) {
        }
        timerfd_settime(timer_, 0, &when, nullptr);
    }

    // False when all connections are busy.
    bool begin(Request& request) {
        Connection* connection = nullptr;
        if (!idle_.empty()) {
            connection = idle_.back();
            idle_.pop_back();
        } else if (connections_.size() < most_) {
            connection = connections_.emplace_back(std::make_unique<Connection>()).get();
        } else {
            return false;
        }
        connection->request = &request;
        connection->sent = 0;
        connection->answer.clear();
        if (connection->socket < 0)
            open(*connection);
        turn(*connection);
        return true;
    }

    void open(Connection& connection) {
        connection.socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (connection.socket < 0)
            fail("socket");
        const int on = 1;
        setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (connect(connection.socket, reinterpret_cast<sockaddr*>(&address_), sizeof address_) != 0 &&
            errno != EINPROGRESS)
            fail("connect");
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLET;
        event.data.ptr = &connection;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event);
    }

    void close_it(Connection& connection) {
        close(connection.socket);
        connection.socket = -1;
    }

    // Writes and reads as far as it goes.
    void turn(Connection& connection) {
        if (connection.socket < 0)
            return;
        while (connection.request && connection.sent < connection.request->bytes.size()) {
            const std::string& bytes = connection.request->bytes;
            const ssize_t written = send(connection.socket, bytes.data() + connection.sent,
                                         bytes.size() - connection.sent, MSG_NOSIGNAL);
            if (written < 0)
                break;
            connection.sent += static_cast<std::size_t>(written);
        }
        char buffer[16384];
        for (;;) {
            const ssize_t got = recv(connection.socket, buffer, sizeof buffer, 0);
            if (got < 0 && (errno == EAGAIN || errno == ENOTCONN))
                return;
            if (got <= 0)
                return lose(connection);
            connection.answer.append(buffer, static_cast<std::size_t>(got));
            if (connection.request && whole(connection.answer))
                return finish(connection);
        }
    }

    static bool whole(const std::string& answer) {
        const std::size_t body = answer.find("\r\n\r\n");
        if (body == std::string::npos)
            return false;
        const std::string length = header(answer.substr(0, body + 2), "Content-Length");
        return !length.empty() && answer.size() >= body + 4 + std::stoul(length);
    }

    void finish(Connection& connection) {
        Request& request = *connection.request;
        request.status = std::atoi(connection.answer.c_str() + std::strlen("HTTP/1.1 "));
        request.answered = now();
        if (header(connection.answer.substr(0, connection.answer.find("\r\n\r\n") + 2), "Connection") ==
            "close")
            close_it(connection);
        release(connection);
    }

    // Closed by the server: a request that it had begun is lost, one on a kept connection is sent again.
    void lose(Connection& connection) {
        close_it(connection);
        if (!connection.request)
            return;
        if (connection.answer.empty() && kept_[connection.request]++ == 0) {
            connection.sent = 0;
            open(connection);
            return turn(connection);
        }
        release(connection);
    }

    void release(Connection& connection) {
        connection.request = nullptr;
        idle_.push_back(&connection);
        ++ended_;
    }

    struct Tries {
        std::vector<std::uint8_t> counts;
        const Request* first = nullptr;
        std::uint8_t& operator[](const Request* request) {
            return counts[static_cast<std::size_t>(request - first)];
        }
    };

    std::vector<Request>& requests_;
    std::size_t most_, next_ = 0, ended_ = 0;
    int epoll_, timer_;
    sockaddr_in address_{};
    Clock::time_point start_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<Connection*> idle_;
    std::deque<Request*> waiting_;
    Tries kept_{std::vector<std::uint8_t>(requests_.size()), requests_.data()};
};

std::vector<Request> read_requests(std::istream& in) {
    std::vector<Request> requests;
    long long due = 0;
    std::size_t size = 0;
    while (in >> due >> size && in.get() == '\n') {
        Request& request = requests.emplace_back();
        request.due = microseconds(due);
        request.bytes.resize(size);
        in.read(request.bytes.data(), static_cast<std::streamsize>(size));
    }
    return requests;
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fputs("usage: open_loop PORT CONNECTIONS PATIENCE_MS <REQUESTS\n", stderr);
        return 2;
    }
    std::ios::sync_with_stdio(false);
    std::vector<Request> requests = read_requests(std::cin);
    Load load(std::atoi(argv[1]), std::strtoul(argv[2], nullptr, 10), requests);
    load.run(std::chrono::milliseconds(std::atoi(argv[3])));
    for (const Request& request : requests)
        std::cout << request.status << ' ' << (request.answered - request.due).count() << ' '
                  << request.answered.count() << '\n';
}
