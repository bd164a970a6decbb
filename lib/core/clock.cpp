#include "core/clock.hpp"

#include <array>

#include <fmt/format.h>

namespace postern::core {

namespace {

struct civil {
    std::chrono::year_month_day date;
    std::chrono::hh_mm_ss<std::chrono::seconds> time;
    std::chrono::weekday weekday;
};

civil split(timestamp t) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(t);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    return {std::chrono::year_month_day{day}, std::chrono::hh_mm_ss{seconds - day}, std::chrono::weekday{day}};
}

}  // namespace

timestamp system_clock::now() const { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

std::string to_rfc3339(timestamp t) {
    const auto c = split(t);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(c.date.year()),
                       static_cast<unsigned>(c.date.month()), static_cast<unsigned>(c.date.day()), c.time.hours().count(),
                       c.time.minutes().count(), c.time.seconds().count());
}

std::string to_rfc5322(timestamp t) {
    static constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto c = split(t);
    return fmt::format("{}, {} {} {:04} {:02}:{:02}:{:02} +0000", days.at(c.weekday.c_encoding()),
                       static_cast<unsigned>(c.date.day()), months.at(static_cast<unsigned>(c.date.month()) - 1),
                       static_cast<int>(c.date.year()), c.time.hours().count(), c.time.minutes().count(),
                       c.time.seconds().count());
}

}  // namespace postern::core
