#include "core/clock.hpp"

#include "test/catch.hpp"

namespace clock_test {

using namespace postern::core;
using namespace std::chrono_literals;

namespace {

timestamp at(std::chrono::year_month_day date, std::chrono::seconds time) { return std::chrono::sys_days{date} + time; }

}  // namespace

TEST_CASE("a time is written as RFC 3339 and RFC 5322 want it, in UTC") {
    using namespace std::chrono;
    struct row {
        timestamp time;
        const char* rfc3339;
        const char* rfc5322;
    };
    const row rows[] = {
        {at(2026y / November / 23, 5h + 9min + 7s), "2026-11-23T05:09:07Z", "Mon, 23 Nov 2026 05:09:07 +0000"},
        {at(2024y / February / 29, 23h + 59min + 59s), "2024-02-29T23:59:59Z", "Thu, 29 Feb 2024 23:59:59 +0000"},  // leap day
        {at(1970y / January / 1, 0s), "1970-01-01T00:00:00Z", "Thu, 1 Jan 1970 00:00:00 +0000"},                    // the epoch
        {at(1969y / December / 31, 23h), "1969-12-31T23:00:00Z", "Wed, 31 Dec 1969 23:00:00 +0000"},                // before it
    };
    for (const auto& r : rows) {
        CHECK(to_rfc3339(r.time) == r.rfc3339);
        CHECK(to_rfc5322(r.time) == r.rfc5322);
    }
}

TEST_CASE("RFC 3339's own examples and spellings are read, and nothing else") {
    using namespace std::chrono;
    struct row {
        const char* text;
        std::optional<timestamp> time;
    };
    const row rows[] = {
        {"2026-11-23T05:09:07Z", at(2026y / November / 23, 5h + 9min + 7s)},
        {"1985-04-12t23:20:50.52z", at(1985y / April / 12, 23h + 20min + 50s) + 520ms},
        {"1996-12-19T16:39:57-08:00", at(1996y / December / 20, 39min + 57s)},
        {"1937-01-01T12:00:27.87+00:20", at(1937y / January / 1, 11h + 40min + 27s) + 870ms},
        {"1990-12-31T23:59:60Z", at(1991y / January / 1, 0s)},                      // a leap second
        {"2026-01-01T00:00:00.1234567Z", at(2026y / January / 1, 0s) + 123'456us},  // finer than we are
        {"2026-02-29T00:00:00Z", {}},                                               // no such day
        {"2026-13-01T00:00:00Z", {}},
        {"2026-01-01T24:00:00Z", {}},
        {"2026-01-01T00:00:61Z", {}},
        {"2026-01-01T00:00:00", {}},  // an offset is needed
        {"2026-01-01T00:00:00.Z", {}},
        {"2026-01-01T00:00:00+24:00", {}},
        {"2026-01-01T00:00:00+0100", {}},
        {"2026-01-01T00:00:00Z ", {}},
        {"2026-01-01 00:00:00Z", {}},
        {"0000-01-01T00:00:00Z", {}},
        {"+026-01-01T00:00:00Z", {}},
        {"", {}},
    };
    for (const auto& r : rows) {
        CAPTURE(r.text);
        CHECK(parse_rfc3339(r.text) == r.time);
    }
}

TEST_CASE("fractions of a second are cut, not rounded") {
    using namespace std::chrono;
    CHECK(to_rfc3339(at(2026y / January / 1, 0s) + 999'999us) == "2026-01-01T00:00:00Z");
}

TEST_CASE("a manual clock moves only when told") {
    manual_clock clock(timestamp{5s});
    CHECK(clock.now() == timestamp{5s});
    clock.advance(250ms);
    CHECK(clock.now() == timestamp{5250ms});
}

}  // namespace clock_test
