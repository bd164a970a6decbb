// Whatever a remote replied, a client gave for addresses and a message held: the report is lines of bounded length ending in
// CRLF, without NUL, of bounded size, closed by its last boundary; and no value begins a field of its own.
#include <cstdint>
#include <string>
#include <vector>

#include "message/delivery_report.hpp"
#include "message/report_fields.hpp"
#include "require.hpp"

using namespace postern;

namespace {

/// The input cut at each 0xff: its first pieces are the strings, the rest is the original.
std::string take(std::string& input) {
    const auto end = input.find('\xff');
    auto piece = input.substr(0, end);
    input.erase(0, end == std::string::npos ? end : end + 1);
    return piece;
}

void require_lines(const std::string& octets) {
    for (std::size_t at = 0; at < octets.size();) {
        const auto end = octets.find("\r\n", at);
        require(end != std::string::npos && end - at <= 998);
        for (auto i = at; i < end; ++i) require(octets[i] != '\r' && octets[i] != '\n' && octets[i] != '\0');
        at = end + 2;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    std::string input(reinterpret_cast<const char*>(data + 1), size - 1);
    message::delivery_report report;
    report.hostname = "mx.example.test";
    report.unique = "k3j5h7g2f4d6s8a1";
    report.sender = "alice@example.test";
    report.smtputf8 = (data[0] & 1) != 0;
    report.return_full = (data[0] & 2) != 0;
    message::reported_recipient r;
    r.action = static_cast<message::report_action>(data[0] / 4 % 5);
    r.status = "5.0.0";
    r.remote_host = "mx.remote.test";
    r.reply = take(input);
    r.reason = take(input);
    r.address = take(input);
    r.original = take(input);
    report.envelope_id = take(input);
    report.recipients = {r, r};

    const auto fields = message::report_fields(report);
    require_lines(fields);
    std::size_t blanks = 0;
    for (auto at = fields.find("\r\n\r\n"); at != std::string::npos; at = fields.find("\r\n\r\n", at + 1)) ++blanks;
    require(blanks == report.recipients.size());

    const auto composed = message::compose(report, core::memory_content(input)).octets;
    require_lines(composed);
    require(composed.size() < 160'000);
    require(composed.ends_with("\r\n--=_k3j5h7g2f4d6s8a1--\r\n"));
    return 0;
}
