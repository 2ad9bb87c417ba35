// A mail server on loopback that answers as its test says: one connection after the other, in a thread of its
// own.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mogiri::smtp {

class ScriptedServer {
  public:
    ScriptedServer();
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;
    ~ScriptedServer();

    int port() const { return port_; }

    // The next answer to "CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "BODY" (while the message comes),
    // "END" (after it), "NOOP", "QUIT"; after that the usual one again. What these two mean besides a line:
    static constexpr const char* drop = "drop";
    static constexpr const char* silence = "silence";
    void answer(const std::string& moment, const std::string& line);

    int connections() const { return connections_; }
    std::vector<std::string> commands() const;
    std::vector<std::string> messages() const; // without the dots that SMTP adds

  private:
    class Talk;

    void serve();
    std::string next_answer(const std::string& moment);

    int listener_ = -1, port_ = 0;
    std::atomic<int> connections_ = 0, client_ = -1;
    std::atomic<bool> ending_ = false;
    mutable std::mutex mutex_;
    std::map<std::string, std::deque<std::string>> answers_;
    std::vector<std::string> commands_, messages_;
    std::thread thread_;
};

} // namespace mogiri::smtp
