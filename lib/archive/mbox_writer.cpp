#include "archive/mbox_writer.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "archive/mbox_form.hpp"

namespace postern::archive {
namespace {

constexpr std::array weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/// As asctime() writes it, in UTC.
std::string asctime(core::timestamp at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
    return fmt::format("{} {} {:2} {:02}:{:02}:{:02} {}", weekdays.at(std::chrono::weekday(day).c_encoding()),
                       months.at(static_cast<unsigned>(date.month()) - 1), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count(), static_cast<int>(date.year()));
}

}  // namespace

std::string mbox_writer::begin(std::string_view reverse_path, core::timestamp received_at, const flags& f) {
    at_start_ = true;
    matched_ = 0;
    std::string sender(reverse_path.empty() ? "MAILER-DAEMON" : reverse_path);
    // A quoted local part may hold blanks, and the line is read by counting them.
    std::ranges::replace_if(sender, [](unsigned char c) { return c <= ' ' || c == 0x7f; }, '_');
    return fmt::format("From {} {}\r\nStatus: {}O\r\nX-Status: {}{}\r\n", sender, asctime(received_at), f.seen ? "R" : "",
                       f.answered ? "A" : "", f.flagged ? "F" : "");
}

std::string mbox_writer::octets(std::string_view piece) {
    std::string out;
    out.reserve(piece.size() + 64);
    for (std::size_t i = 0; i < piece.size();) {
        const char c = piece[i];
        if (at_start_ && matched_ == 0 && c == '>') {
            out += c;  // one more of them is as good in front of "From " as in front of all
            ++i;
        } else if (at_start_ && c == mbox_from[matched_]) {
            ++i;
            if (++matched_ < mbox_from.size()) continue;
            out += '>';
            end_of_match();
            out += mbox_from;
        } else if (at_start_) {
            out += mbox_from.substr(0, matched_);
            end_of_match();
        } else {
            const auto end = std::min(piece.find('\n', i), piece.size() - 1) + 1;
            out += piece.substr(i, end - i);
            at_start_ = piece[end - 1] == '\n';
            i = end;
        }
    }
    return out;
}

void mbox_writer::end_of_match() {
    matched_ = 0;
    at_start_ = false;
}

std::string mbox_writer::end() { return std::string(mbox_from.substr(0, matched_)) + "\r\n"; }

}  // namespace postern::archive
