#include "scripted_server.hpp"

#include <array>
#include <stdexcept>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mogiri::smtp {

namespace {

const std::map<std::string, std::string> usual = {
    {"CONNECT", "220 here"},
    {"EHLO", "250-here\r\n250-SIZE 50000000\r\n250 AUTH LOGIN PLAIN"},
    {"AUTH", "235 known"},
    {"MAIL", "250 ok"},
    {"RCPT", "250 ok"},
    {"DATA", "354 go on"},
    {"BODY", ""},
    {"END", "250 2.0.0 queued"},
    {"NOOP", "250 ok"},
    {"QUIT", "221 bye"}};

} // namespace

// One connection. Nothing read or written when the other side or the test has ended it.
class ScriptedServer::Talk {
  public:
    Talk(ScriptedServer& server, int socket) : server_(server), socket_(socket) {}

    // False when the connection is to be closed.
    bool answer(const std::string& moment) {
        const std::string line = server_.next_answer(moment);
        if (line == drop)
            return false;
        if (line == silence) {
            read_line();
            return false;
        }
        if (!line.empty()) {
            const std::string bytes = line + "\r\n";
            ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        }
        return true;
    }

    bool take_message() {
        if (!answer("BODY"))
            return false;
        std::string message;
        for (std::string line; read_line(&line);) {
            if (line == ".") {
                const std::lock_guard lock(server_.mutex_);
                server_.messages_.push_back(message);
                return true;
            }
            message += (line.starts_with('.') ? line.substr(1) : line) + "\r\n";
        }
        return false;
    }

    bool read_line(std::string* line = nullptr) {
        std::size_t end;
        while ((end = read_.find("\r\n")) == read_.npos) {
            std::array<char, 65536> piece;
            const ssize_t got = ::recv(socket_, piece.data(), piece.size(), 0);
            if (got <= 0)
                return false;
            read_.append(piece.data(), static_cast<std::size_t>(got));
        }
        if (line)
            *line = read_.substr(0, end);
        read_.erase(0, end + 2);
        return true;
    }

    void run() {
        if (!answer("CONNECT"))
            return;
        for (std::string command; read_line(&command);) {
            const std::string verb = command.substr(0, 4);
            {
                const std::lock_guard lock(server_.mutex_);
                server_.commands_.push_back(command);
            }
            if (!answer(verb) || verb == "QUIT")
                return;
            if (verb == "DATA" && (!take_message() || !answer("END")))
                return;
        }
    }

  private:
    ScriptedServer& server_;
    int socket_;
    std::string read_;
};

ScriptedServer::ScriptedServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, plain, size) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, plain, &size) != 0)
        throw std::runtime_error("no port on loopback");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

ScriptedServer::~ScriptedServer() {
    ending_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    if (const int client = client_; client >= 0)
        ::shutdown(client, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
}

void ScriptedServer::serve() {
    int client;
    while ((client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0) {
        client_ = client;
        ++connections_;
        if (!ending_)
            Talk(*this, client).run();
        client_ = -1;
        ::close(client);
    }
}

void ScriptedServer::answer(const std::string& moment, const std::string& line) {
    const std::lock_guard lock(mutex_);
    answers_[moment].push_back(line);
}

std::string ScriptedServer::next_answer(const std::string& moment) {
    const std::lock_guard lock(mutex_);
    auto& planned = answers_[moment];
    if (planned.empty()) {
        const auto found = usual.find(moment);
        return found == usual.end() ? "500 what?" : found->second;
    }
    std::string line = planned.front();
    planned.pop_front();
    return line;
}

std::vector<std::string> ScriptedServer::commands() const {
    const std::lock_guard lock(mutex_);
    return commands_;
}

std::vector<std::string> ScriptedServer::messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
}

} // namespace mogiri::smtp
