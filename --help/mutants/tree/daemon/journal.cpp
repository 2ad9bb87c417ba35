// The daemon's log, to stderr, where journald takes it.
#include "journal.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace mogiri::daemon::journal {

namespace {

spdlog::logger& logger() {
    static const std::shared_ptr<spdlog::logger> shared = [] {
        auto made =
            std::make_shared<spdlog::logger>("mogirid", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
        made->flush_on(spdlog::level::info);
        return made;
    }();
    return *shared;
}

} // namespace

void set_level(const std::string& level) {
    logger().set_level(spdlog::level::from_str(level));
}

void debug(std::string_view text) {
    logger().debug("{}", text);
}
void info(std::string_view text) {
    logger().info("{}", text);
}
void warn(std::string_view text) {
    logger().warn("{}", text);
}
void error(std::string_view text) {
    logger().error("{}", text);
}

} // namespace mogiri::daemon::journal
