#include "message/notification.hpp"

#include "test/catch.hpp"

namespace notification_test {

using postern::core::memory_content;
using postern::message::is_notification;

TEST_CASE("a report is known by its type") {
    const auto [header, expected] = GENERATE(table<std::string, bool>({
        {"Content-Type: multipart/report; report-type=disposition-notification; boundary=x\r\n", true},
        {"Subject: read\r\ncontent-type:\r\n MULTIPART/Report; boundary=\"x\"\r\n", true},
        {"Content-Type: multipart/mixed; boundary=x\r\n", false},
        {"Content-Type: text/plain; x=\"multipart/report\"\r\n", false},
        {"Subject: multipart/report\r\n", false},
        {"", false},
    }));
    CHECK(is_notification(memory_content(header + "\r\nContent-Type: multipart/report; boundary=x\r\n")) == expected);
}

}  // namespace notification_test
