#include "archive/mbox_reader.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include "archive/mbox_form.hpp"

namespace postern::archive {
namespace {

constexpr std::size_t longest_line = 1000;  // of those that are looked at

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    for (std::size_t i = 0; i < line.size();) {
        const auto start = std::min(line.find_first_not_of(' ', i), line.size());
        const auto end = std::min(line.find(' ', start), line.size());
        if (end > start) words.push_back(line.substr(start, end - start));
        i = end;
    }
    return words;
}

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// "12:34:56" or "12:34".
std::optional<std::chrono::seconds> time_of_day(std::string_view text) {
    std::array<int, 3> parts{};
    std::size_t count = 0;
    for (bool more = true; more && count < parts.size(); ++count) {
        const auto end = std::min(text.find(':'), text.size());
        const auto part = number(text.substr(0, end));
        if (!part || *part < 0 || *part > 60) return std::nullopt;
        parts.at(count) = *part;
        more = end < text.size();
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (count < 2 || !text.empty() || parts[0] > 23) return std::nullopt;
    return std::chrono::hours(parts[0]) + std::chrono::minutes(parts[1]) + std::chrono::seconds(parts[2]);
}

/// "+0130"; what has letters is taken for UTC, as nobody knows which IST was meant.
std::chrono::minutes zone_of(std::string_view text) {
    const auto value = text.size() == 5 ? number(text.substr(1)) : std::nullopt;
    if (!value || (text[0] != '+' && text[0] != '-')) return {};
    const std::chrono::minutes east(*value / 100 * 60 + *value % 100);
    return text[0] == '+' ? east : -east;
}

std::string_view value_of(std::string_view line, std::string_view name) {
    if (line.size() <= name.size() || line[name.size()] != ':') return {};
    const bool same = std::ranges::equal(line.substr(0, name.size()), name,
                                         [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
    return same ? line.substr(name.size() + 1) : std::string_view{};
}

std::string_view without_line_end(std::string_view line) {
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

}  // namespace

std::optional<core::timestamp> date_of_from_line(std::string_view line) {
    const auto words = words_of(line);
    for (std::size_t i = 0; i + 3 < words.size(); ++i) {
        const auto* month = std::ranges::find(months, words[i]);
        const auto day = number(words[i + 1]);
        const auto time = time_of_day(words[i + 2]);
        if (month == months.end() || !day || !time) continue;
        // Of "2026", "CET 2026", "2026 +0100" and "+0100 2026" the year is the number without a sign.
        std::chrono::minutes zone{};
        for (auto rest = i + 3; rest < words.size() && rest < i + 5; ++rest) {
            const auto year = number(words[rest]);
            if (!year || *year < 1970 || words[rest][0] == '+') {
                zone = zone_of(words[rest]);
                continue;
            }
            if (rest + 1 < words.size()) zone = zone_of(words[rest + 1]);
            const auto date = std::chrono::year(*year) / static_cast<int>(month - months.begin() + 1) / *day;
            if (!date.ok() || *year > 9999) return std::nullopt;
            return core::timestamp(std::chrono::sys_days(date)) + *time - zone;
        }
    }
    return std::nullopt;
}

std::vector<mbox_event> mbox_reader::feed(std::string_view piece) {
    while (!piece.empty() && !strange_) {
        if (place_ != place::in_line) {
            place_ == place::line_start ? line_start(piece.front()) : from_line(piece.front());
            piece.remove_prefix(1);
            continue;
        }
        const auto end = piece.find('\n');
        text(piece.substr(0, end));
        if (end == std::string_view::npos) break;
        line_end();
        piece.remove_prefix(end + 1);
    }
    return std::exchange(events_, {});
}

std::vector<mbox_event> mbox_reader::finish() {
    if (!in_message_) {
        strange_ = strange_ || matched_ > 0 || !line_.empty();
        return std::exchange(events_, {});
    }
    if (quote_) text(">");
    text(mbox_from.substr(0, matched_));
    text(line_);
    end_message();
    return std::exchange(events_, {});
}

void mbox_reader::line_start(char c) {
    if (matched_ < mbox_from.size() && c == mbox_from[matched_]) {
        if (++matched_ < mbox_from.size()) return;
        matched_ = 0;
        if (std::exchange(quote_, false)) {
            place_ = place::in_line;
            text(mbox_from);  // the ">" in front of it was the quoting's
        } else {
            line_ = mbox_from;
            place_ = place::from_line;
        }
        return;
    }
    if (!in_message_) {
        strange_ = matched_ > 0 || (c != '\r' && c != '\n');  // empty lines may stand in front
        return;
    }
    if (matched_ == 0 && c == '>') {
        if (std::exchange(quote_, true)) text(">");
        return;
    }
    place_ = place::in_line;
    if (std::exchange(quote_, false)) text(">");
    if (matched_ > 0) text(mbox_from.substr(0, std::exchange(matched_, 0)));
    if (c == '\n') return line_end();
    text({&c, 1});
}

void mbox_reader::from_line(char c) {
    line_ += c;
    if (c != '\n') {
        if (line_.size() < longest_line) return;
        strange_ = !in_message_;
        if (strange_) return;
        place_ = place::in_line;
        return text(std::exchange(line_, {}));
    }
    const auto line = std::exchange(line_, {});
    const auto at = date_of_from_line(without_line_end(line));
    if (at || !in_message_) {
        if (in_message_) end_message();
        return begin_message(at, line.ends_with("\r\n"));
    }
    place_ = place::in_line;
    text(std::string_view(line).substr(0, line.size() - 1));
    line_end();
}

void mbox_reader::begin_message(std::optional<core::timestamp> at, bool crlf) {
    place_ = place::line_start;
    in_message_ = true;
    end_held_ = cr_ = false;
    line_empty_ = true;
    exact_ = crlf;
    head_ = head::leading;
    head_line_.clear();
    head_line_long_ = status_first_ = false;
    leading_ = 0;
    state_ = {};
    events_.push_back({.what = mbox_event::kind::begin, .received_at = at});
}

/// The last line end is the format's: always where the message is ours, else where it ends an empty line.
void mbox_reader::end_message() {
    const bool ours = exact_ && status_first_ && leading_ == 2;
    if (cr_) message_octets("\r");
    if (!ours && (end_held_ ? !held_line_empty_ : !line_empty_)) message_octets("\r\n");
    if (head_ == head::leading) leading_line();
    if (head_ == head::header && !head_line_.empty()) header_line();
    in_message_ = false;
    events_.push_back({.what = mbox_event::kind::end, .state = state_});
}

/// Octets within a line. A CR at the end may belong to the line end.
void mbox_reader::text(std::string_view octets) {
    if (octets.empty()) return;
    release_line_end();
    if (std::exchange(cr_, false)) {
        line_empty_ = false;
        message_octets("\r");
    }
    if (octets.ends_with('\r')) {
        cr_ = true;
        octets.remove_suffix(1);
    }
    line_empty_ = line_empty_ && octets.empty();
    message_octets(octets);
}

/// It is held back until it is known that the message goes on.
void mbox_reader::line_end() {
    release_line_end();
    crlf_held_ = std::exchange(cr_, false);
    held_line_empty_ = std::exchange(line_empty_, true);
    end_held_ = true;
    place_ = place::line_start;
}

void mbox_reader::release_line_end() {
    if (std::exchange(end_held_, false)) message_octets(!exact_ || crlf_held_ ? "\r\n" : "\n");
}

void mbox_reader::message_octets(std::string_view octets) {
    while (!octets.empty() && head_ != head::body) {
        const auto end = std::min(octets.find('\n'), octets.size() - 1) + 1;
        const auto line = octets.substr(0, end);
        octets.remove_prefix(end);
        if (head_ == head::header) {
            out(line);
            header_octets(line);
            continue;
        }
        head_line_ += line;
        if (head_line_.ends_with('\n') || head_line_.size() > longest_line) leading_line();
    }
    if (!octets.empty()) out(octets);
}

/// Fields that we, or Thunderbird, put in front are taken out: Status and X-Status, or X-Mozilla-Status, -Status2 and -Keys.
void mbox_reader::leading_line() {
    const auto line = without_line_end(head_line_);
    const bool is_status = leading_ == 0 && !value_of(line, "Status").empty();
    const bool is_x_status = leading_ == 1 && status_first_ && !value_of(line, "X-Status").empty();
    const bool is_mozilla = !status_first_ && leading_ < 3 && line.starts_with("X-Mozilla-");
    if (is_status) status_first_ = true;
    if (is_status || is_x_status || is_mozilla) {
        ++leading_;
        header_line();
        if (is_x_status) head_ = head::body;  // what the message's own fields say is not about its flags here
        return;
    }
    if (leading_ < 2) status_first_ = false;  // none of ours
    exact_ = exact_ && status_first_;
    head_ = head::header;
    const auto first = std::exchange(head_line_, {});
    out(first);
    header_octets(first);
}

void mbox_reader::header_octets(std::string_view octets) {
    if (head_line_.size() + octets.size() <= longest_line) {
        head_line_ += octets;
    } else {
        head_line_long_ = true;
    }
    if (octets.ends_with('\n')) header_line();
}

void mbox_reader::header_line() {
    const auto whole = std::exchange(head_line_, {});
    if (std::exchange(head_line_long_, false)) return;
    const auto line = without_line_end(whole);
    if (line.empty()) head_ = head::body;
    if (const auto letters = value_of(line, "Status"); letters.contains('R')) state_.seen = true;
    const auto more = value_of(line, "X-Status");
    if (more.contains('A')) state_.answered = true;
    if (more.contains('F')) state_.flagged = true;
    if (auto hex = value_of(line, "X-Mozilla-Status"); !hex.empty()) {
        hex.remove_prefix(std::min(hex.find_first_not_of(' '), hex.size()));
        unsigned bits = 0;
        std::from_chars(hex.data(), hex.data() + hex.size(), bits, 16);
        state_.seen = state_.seen || (bits & 0x1U) != 0;
        state_.answered = state_.answered || (bits & 0x2U) != 0;
        state_.flagged = state_.flagged || (bits & 0x4U) != 0;
    }
}

void mbox_reader::out(std::string_view octets) {
    if (octets.empty()) return;
    if (events_.empty() || events_.back().what != mbox_event::kind::octets) {
        events_.push_back({.what = mbox_event::kind::octets});
    }
    events_.back().octets += octets;
}

}  // namespace postern::archive
