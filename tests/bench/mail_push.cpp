// Pushes ready-made mails into an SMTP server by libcurl alone and says how many a second: mail_push PORT
// CONNECTIONS COUNT FILE…
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <curl/curl.h>

namespace {

struct Rest {
    const std::string* mail;
    std::size_t at = 0;
};

std::size_t hand_over(char* into, std::size_t size, std::size_t count, void* rest) {
    Rest& mail = *static_cast<Rest*>(rest);
    const std::size_t length = mail.mail->copy(into, size * count, mail.at);
    mail.at += length;
    return length;
}

} // namespace

int main(int argc, char** argv) {
    const std::string url = std::string("smtp://127.0.0.1:") + argv[1] + "/bench.example.jp";
    const int connections = std::atoi(argv[2]), count = std::atoi(argv[3]);
    std::vector<std::string> mails;
    for (int i = 4; i < argc; ++i) {
        std::ostringstream text;
        text << std::ifstream(argv[i], std::ios::binary).rdbuf();
        mails.push_back(text.str());
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    std::atomic<int> next{0}, lost{0};
    std::atomic<std::size_t> bytes{0};
    const auto push = [&] {
        CURL* curl = curl_easy_init();
        curl_slist* recipients = curl_slist_append(nullptr, "student@example.jp");
        curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_MAIL_FROM, "tickets@example.jp");
        curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, hand_over);
        for (int mail = next++; mail < count; mail = next++) {
            Rest rest{&mails[static_cast<std::size_t>(mail) % mails.size()]};
            curl_easy_setopt(curl, CURLOPT_READDATA, &rest);
            curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(rest.mail->size()));
            lost += curl_easy_perform(curl) != CURLE_OK;
            bytes += rest.mail->size();
        }
        curl_slist_free_all(recipients);
        curl_easy_cleanup(curl);
    };
    const auto begun = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    for (int i = 0; i < connections; ++i)
        threads.emplace_back(push);
    for (std::thread& thread : threads)
        thread.join();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    std::printf("{\"per_second\": %.1f, \"bytes\": %.0f, \"lost\": %d}\n", count / seconds,
                static_cast<double>(bytes) / count, lost.load());
    return 0;
}
