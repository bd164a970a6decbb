#include "core/clock.hpp"

#include <algorithm>
#include <array>

#include <fmt/compile.h>

namespace postern::core {

namespace {

struct civil {
    std::chrono::year_month_day date{};
    std::chrono::hh_mm_ss<std::chrono::seconds> time;
    std::chrono::weekday weekday{};
};

civil split(timestamp t) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(t);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    return {std::chrono::year_month_day{day}, std::chrono::hh_mm_ss{seconds - day}, std::chrono::weekday{day}};
}

/// Takes `digits` decimal digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    const auto taken = text.substr(0, digits);
    int value = 0;
    for (const char c : taken) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    if (taken.size() < digits) return std::nullopt;
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

/// What a local time is ahead of UTC; the rest of the text.
std::optional<std::chrono::minutes> read_offset(std::string_view text) {
    if (text == "Z" || text == "z") return std::chrono::minutes(0);
    const bool behind = text.starts_with('-');
    if (!take(text, "+-")) return std::nullopt;
    const auto hours = take_number(text, 2);
    if (!hours || !take(text, ":")) return std::nullopt;
    const auto minutes = take_number(text, 2);
    if (!minutes || !text.empty() || *hours > 23 || *minutes > 59) return std::nullopt;
    const std::chrono::minutes ahead(*hours * 60 + *minutes);
    return behind ? -ahead : ahead;
}

}  // namespace

timestamp system_clock::now() const { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

std::string to_rfc3339(timestamp t) {
    const auto c = split(t);
    return fmt::format(FMT_COMPILE("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z"), static_cast<int>(c.date.year()),
                       static_cast<unsigned>(c.date.month()), static_cast<unsigned>(c.date.day()), c.time.hours().count(),
                       c.time.minutes().count(), c.time.seconds().count());
}

std::optional<timestamp> parse_rfc3339(std::string_view text) {
    const auto year = take_number(text, 4);
    if (!year || *year == 0 || !take(text, "-")) return std::nullopt;
    const auto month = take_number(text, 2);
    if (!month || !take(text, "-")) return std::nullopt;
    const auto day = take_number(text, 2);
    if (!day || !take(text, "Tt")) return std::nullopt;
    const auto hour = take_number(text, 2);
    if (!hour || !take(text, ":")) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || !take(text, ":")) return std::nullopt;
    const auto second = take_number(text, 2);
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!second || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    int fraction = 0;
    if (take(text, ".")) {
        const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
        if (digits == 0) return std::nullopt;
        for (std::size_t i = 0; i < 6; ++i) fraction = fraction * 10 + (i < digits ? text[i] - '0' : 0);
        text.remove_prefix(digits);
    }
    const auto ahead = read_offset(text);
    if (!ahead) return std::nullopt;
    return timestamp(std::chrono::sys_days(date)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second) + std::chrono::microseconds(fraction) - *ahead;
}

std::string to_rfc5322(timestamp t) {
    static constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto c = split(t);
    return fmt::format(FMT_COMPILE("{}, {} {} {:04} {:02}:{:02}:{:02} +0000"), days.at(c.weekday.c_encoding()),
                       static_cast<unsigned>(c.date.day()), months.at(static_cast<unsigned>(c.date.month()) - 1),
                       static_cast<int>(c.date.year()), c.time.hours().count(), c.time.minutes().count(),
                       c.time.seconds().count());
}

}  // namespace postern::core
