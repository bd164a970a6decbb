#include "storage/soci/flag_edit.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "message/ascii.hpp"
#include "storage/errc.hpp"

namespace postern::storage {
namespace {

/// RFC 9051 2.3.2: "\Seen" and "\SEEN" are one flag, and so are keywords.
std::string folded(std::string_view keyword) {
    std::string text(keyword);
    std::ranges::transform(text, text.begin(), message::lower);
    return text;
}

bool can_be_kept(std::string_view keyword) {
    return !keyword.empty() && keyword.size() <= entry_flags::longest_keyword &&
           std::ranges::all_of(keyword, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::unexpected<core::error> too_many() {
    return core::fail(errc::refused, fmt::format("at most {} keywords", entry_flags::most_keywords));
}

}  // namespace

core::result<flag_edit> flag_edit::make(const flag_change& wanted) {
    flag_edit made(wanted);
    if (wanted.what == flag_change::action::remove) return made;
    if (made.keywords_.size() > entry_flags::most_keywords) return too_many();
    if (!std::ranges::all_of(wanted.flags.keywords, can_be_kept)) {
        return core::fail(errc::refused, fmt::format("a keyword has 1 to {} octets of printable ASCII without a blank",
                                                     entry_flags::longest_keyword));
    }
    return made;
}

flag_edit::flag_edit(const flag_change& wanted) : what_(wanted.what), wanted_(wanted.flags) {
    for (auto& keyword : std::exchange(wanted_.keywords, {})) keywords_.emplace(folded(keyword), keyword);
}

core::result<entry_flags> flag_edit::apply(entry_flags now) const {
    for (const auto flag :
         {&entry_flags::seen, &entry_flags::flagged, &entry_flags::answered, &entry_flags::deleted, &entry_flags::draft}) {
        const bool named = wanted_.*flag;
        switch (what_) {
            case flag_change::action::replace: now.*flag = named; break;
            case flag_change::action::add: now.*flag = now.*flag || named; break;
            case flag_change::action::remove: now.*flag = now.*flag && !named; break;
        }
    }
    now.keywords = apply_keywords(now.keywords);
    if (now.keywords.size() > entry_flags::most_keywords) return too_many();
    return now;
}

std::vector<std::string> flag_edit::apply_keywords(const std::vector<std::string>& now) const {
    auto added = keywords_;
    std::vector<std::string> all;
    for (const auto& keyword : now) {
        const bool named = added.erase(folded(keyword)) > 0;
        if (what_ == flag_change::action::add || named == (what_ == flag_change::action::replace)) all.push_back(keyword);
    }
    if (what_ != flag_change::action::remove) {
        for (const auto& [key, keyword] : added) all.push_back(keyword);
    }
    std::ranges::sort(all);
    return all;
}

std::string to_column(const std::vector<std::string>& keywords) { return fmt::format("{}", fmt::join(keywords, " ")); }

std::vector<std::string> keywords_from_column(std::string_view column) {
    std::vector<std::string> all;
    while (!column.empty()) {
        const auto end = std::min(column.find(' '), column.size());
        all.emplace_back(column.substr(0, end));
        column.remove_prefix(std::min(end + 1, column.size()));
    }
    return all;
}

}  // namespace postern::storage
