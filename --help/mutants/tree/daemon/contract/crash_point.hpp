// Named places in the code where a test lets the process die, as kill -9 would just there.
//
// Only builds with tests have them (MOGIRI_TESTS). A test names one place at a time in the file that the
// environment variable MOGIRI_CRASH_FILE named when the process started; the first process to come by takes
// the name out and ends.
#pragma once

#ifdef MOGIRI_CRASH_POINTS

namespace mogiri {

void crash_point(const char* name) noexcept;

} // namespace mogiri

#define MOGIRI_CRASH_POINT(name) ::mogiri::crash_point(name)

#else

#define MOGIRI_CRASH_POINT(name) static_cast<void>(0)

#endif
