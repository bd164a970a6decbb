#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "imap/protocol/command_arguments.hpp"

namespace postern::imap {

namespace {

using namespace std::string_view_literals;

constexpr std::array<std::string_view, 12> month_names{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};

std::optional<unsigned> digit(parse_cursor& in) {
    for (unsigned value = 0; value < 10; ++value) {
        if (in.take(static_cast<char>('0' + value))) return value;
    }
    return in.fail("a date has too few digits");
}

/// Exactly `count` digits.
std::optional<unsigned> digits(parse_cursor& in, unsigned count) {
    unsigned value = 0;
    for (; count > 0; --count) {
        const auto next = digit(in);
        if (!next) return std::nullopt;
        value = value * 10 + *next;
    }
    return value;
}

std::optional<unsigned> month(parse_cursor& in) {
    const auto name = in.letters();
    for (unsigned i = 0; i < month_names.size(); ++i) {
        if (name == month_names.at(i)) return i + 1;
    }
    return in.fail("a month was expected");
}

/// d-Mon-yyyy, with one digit or two.
std::optional<std::chrono::sys_days> date_text(parse_cursor& in) {
    auto day = digit(in);
    if (!day) return std::nullopt;
    if (in.next_is_digit()) *day = *day * 10 + digit(in).value_or(0);
    if (!in.expect('-', "a date is not well-formed")) return std::nullopt;
    const auto name = month(in);
    if (!name || !in.expect('-', "a date is not well-formed")) return std::nullopt;
    const auto year = digits(in, 4);
    if (!year) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*name),
                                           std::chrono::day(*day)};
    if (!date.ok() || *year == 0) return in.fail("there is no such day");
    return std::chrono::sys_days(date);
}

std::optional<std::chrono::seconds> time_of_day(parse_cursor& in) {
    constexpr auto otherwise = "a time is not well-formed"sv;
    const auto hours = digits(in, 2);
    if (!hours || !in.expect(':', otherwise)) return std::nullopt;
    const auto minutes = digits(in, 2);
    if (!minutes || !in.expect(':', otherwise)) return std::nullopt;
    const auto seconds = digits(in, 2);
    if (!seconds) return std::nullopt;
    // A leap second is the one that follows.
    if (*hours > 23 || *minutes > 59 || *seconds > 60) return in.fail("there is no such time");
    return std::chrono::hours(*hours) + std::chrono::minutes(*minutes) + std::chrono::seconds(*seconds);
}

/// What the local time is ahead of UTC.
std::optional<std::chrono::minutes> zone(parse_cursor& in) {
    const bool behind = in.take('-');
    if (!behind && !in.expect('+', "a zone was expected")) return std::nullopt;
    const auto hours = digits(in, 2);
    if (!hours) return std::nullopt;
    const auto minutes = digits(in, 2);
    if (!minutes) return std::nullopt;
    if (*hours > 23 || *minutes > 59) return in.fail("there is no such zone");
    const std::chrono::minutes ahead(*hours * 60 + *minutes);
    return behind ? -ahead : ahead;
}

}  // namespace

std::optional<core::timestamp> parse_date(parse_cursor& in) {
    const bool quoted = in.take('"');
    const auto day = date_text(in);
    if (!day || (quoted && !in.expect('"', "a date is not well-formed"))) return std::nullopt;
    return core::timestamp(*day);
}

std::optional<core::timestamp> parse_date_time(parse_cursor& in) {
    if (!in.expect('"', "a date and time was expected")) return std::nullopt;
    in.take(' ');  // date-day-fixed: a blank in place of the first of two digits; some leave it out
    const auto day = date_text(in);
    if (!day || !in.space()) return std::nullopt;
    const auto time = time_of_day(in);
    if (!time || !in.space()) return std::nullopt;
    const auto ahead = zone(in);
    if (!ahead || !in.expect('"', "a date is not well-formed")) return std::nullopt;
    const core::timestamp at(*day + *time - *ahead);
    constexpr core::timestamp end{std::chrono::sys_days(std::chrono::year(10000) / 1 / 1)};
    if (at < core::timestamp{} || at >= end) return in.fail("a date is not of the years 1970 to 9999");
    return at;
}

}  // namespace postern::imap
