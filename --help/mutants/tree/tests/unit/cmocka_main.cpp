// main() of the unit tests: GoogleTest, printing in cmocka's formats when its variables ask for them.
// CMOCKA_MESSAGE_OUTPUT is stdout, subunit, tap or xml in any case; CMOCKA_XML_FILE names the XML's file, %g
// in it the suite, and a file that is there already is not written over (then stderr), as cmocka(3) has it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace {

using testing::TestInfo;
using testing::TestSuite;

std::string name_of(const TestInfo& test) {
    return test.name();
}

std::string failure_of(const TestInfo& test) {
    std::ostringstream text;
    for (int i = 0; i < test.result()->total_part_count(); ++i) {
        const auto& part = test.result()->GetTestPartResult(i);
        if (part.failed())
            text << (part.file_name() ? part.file_name() : "?") << ":" << part.line_number() << ": "
                 << part.message() << "\n";
    }
    return text.str();
}

std::string with_each_line(const std::string& text, const std::string& prefix) {
    std::istringstream lines(text);
    std::string line, result;
    while (std::getline(lines, line))
        result += prefix + line + "\n";
    return result;
}

class StdoutPrinter : public testing::EmptyTestEventListener {
    void OnTestSuiteStart(const TestSuite& suite) override {
        std::printf("[==========] %s: Running %d test(s).\n", suite.name(), suite.test_to_run_count());
    }
    void OnTestStart(const TestInfo& test) override { std::printf("[ RUN      ] %s\n", test.name()); }
    void OnTestEnd(const TestInfo& test) override {
        const char* end = test.result()->Skipped()  ? "  SKIPPED "
                          : test.result()->Passed() ? "       OK "
                                                    : "  FAILED  ";
        std::printf("%s[%s] %s\n", failure_of(test).c_str(), end, test.name());
    }
    void OnTestSuiteEnd(const TestSuite& suite) override {
        std::printf("[==========] %s: %d test(s) run.\n[  PASSED  ] %d test(s).\n", suite.name(),
                    suite.test_to_run_count(), suite.successful_test_count());
        if (suite.failed_test_count() > 0)
            std::printf("[  FAILED  ] %d test(s).\n", suite.failed_test_count());
    }
};

class SubunitPrinter : public testing::EmptyTestEventListener {
    void OnTestStart(const TestInfo& test) override { std::printf("test: %s\n", test.name()); }
    void OnTestEnd(const TestInfo& test) override {
        if (test.result()->Skipped())
            std::printf("skip: %s\n", test.name());
        else if (test.result()->Passed())
            std::printf("success: %s\n", test.name());
        else
            std::printf("failure: %s [\n%s]\n", test.name(), failure_of(test).c_str());
    }
};

class TapPrinter : public testing::EmptyTestEventListener {
    void OnTestSuiteStart(const TestSuite& suite) override {
        number_ = 0;
        std::printf("1..%d\n", suite.test_to_run_count());
    }
    void OnTestEnd(const TestInfo& test) override {
        ++number_;
        if (test.result()->Skipped())
            std::printf("ok %d # SKIP %s\n", number_, test.name());
        else
            std::printf("%s %d - %s\n%s", test.result()->Passed() ? "ok" : "not ok", number_, test.name(),
                        with_each_line(failure_of(test), "# ").c_str());
    }
    void OnTestSuiteEnd(const TestSuite& suite) override {
        std::printf("# %s - %s\n", suite.Passed() ? "ok" : "not ok", suite.name());
    }
    int number_ = 0;
};

class XmlPrinter : public testing::EmptyTestEventListener {
    void OnTestSuiteEnd(const TestSuite& suite) override {
        std::ostringstream text;
        text << "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<testsuites>\n"
             << "  <testsuite name=\"" << suite.name() << "\" time=\"" << seconds(suite.elapsed_time())
             << "\" tests=\"" << suite.test_to_run_count() << "\" failures=\"" << suite.failed_test_count()
             << "\" errors=\"0\" skipped=\"" << suite.skipped_test_count() << "\" >\n";
        for (int i = 0; i < suite.total_test_count(); ++i)
            if (const TestInfo& test = *suite.GetTestInfo(i); test.should_run())
                print(text, test);
        text << "  </testsuite>\n</testsuites>\n";
        write(suite.name(), text.str());
    }

    static std::string seconds(testing::TimeInMillis elapsed) {
        char text[32];
        std::snprintf(text, sizeof text, "%.3f", static_cast<double>(elapsed) / 1000);
        return text;
    }

    static void print(std::ostream& out, const TestInfo& test) {
        out << "    <testcase name=\"" << name_of(test) << "\" time=\""
            << seconds(test.result()->elapsed_time()) << "\" >\n";
        if (test.result()->Failed()) {
            std::string failure = failure_of(test);
            for (std::size_t at = 0; (at = failure.find("]]>", at)) != std::string::npos; at += 3)
                failure.replace(at, 3, "]] >");
            out << "      <failure><![CDATA[" << failure << "]]></failure>\n";
        } else if (test.result()->Skipped()) {
            out << "      <skipped/>\n";
        }
        out << "    </testcase>\n";
    }

    void write(const std::string& suite, const std::string& text) {
        const char* wanted = std::getenv("CMOCKA_XML_FILE");
        if (!wanted) {
            std::cerr << text;
            return;
        }
        std::string path = wanted;
        const auto place = path.find("%g");
        if (place != std::string::npos)
            path.replace(place, 2, suite);
        const bool ours = path == last_path_; // all suites of this run go to one file where %g is not used
        if (std::filesystem::exists(path) && !ours) {
            std::cerr << text;
            return;
        }
        last_path_ = path;
        std::ofstream(path, ours ? std::ios::app : std::ios::out) << text;
    }
    std::string last_path_;
};

testing::TestEventListener* printer_of(std::string format) {
    std::transform(format.begin(), format.end(), format.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    if (format == "stdout")
        return new StdoutPrinter;
    if (format == "subunit")
        return new SubunitPrinter;
    if (format == "tap")
        return new TapPrinter;
    if (format == "xml")
        return new XmlPrinter;
    return nullptr;
}

} // namespace

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    const char* format = std::getenv("CMOCKA_MESSAGE_OUTPUT");
    if (testing::TestEventListener* printer = format ? printer_of(format) : nullptr) {
        auto& listeners = testing::UnitTest::GetInstance()->listeners();
        delete listeners.Release(listeners.default_result_printer());
        listeners.Append(printer); // GoogleTest owns it from here
    }
    return RUN_ALL_TESTS();
}
