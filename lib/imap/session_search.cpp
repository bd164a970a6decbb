// SEARCH (RFC 9051 6.4.4): by what the mailbox's rows tell, and where they do not, by what is in the messages.
#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/post.hpp>

#include "core/format.hpp"
#include "imap/protocol/responses.hpp"
#include "imap/search_matcher.hpp"
#include "imap/session.hpp"

namespace postern::imap {

namespace {

constexpr auto judged_in_a_row = std::chrono::milliseconds(5);  // then others get their turn
constexpr std::uint32_t clock_looked_at_every = 64;             // messages

/// RFC 4731 section 3.1.
std::string extended_answer(const std::string& tag, const search_command& command, const std::vector<std::uint32_t>& found,
                            std::int64_t highest_modseq) {
    auto out = "* ESEARCH (TAG \"" + tag + "\")";
    if (command.by_uid) out += " UID";
    if (command.return_min && !found.empty()) out += fmt::format(" MIN {}", found.front());
    if (command.return_max && !found.empty()) out += fmt::format(" MAX {}", found.back());
    if (command.return_all && !found.empty()) {
        out += " ALL ";
        write_set(out, found);
    }
    if (command.return_count) out += fmt::format(" COUNT {}", found.size());
    if (highest_modseq != 0 && !found.empty()) out += fmt::format(" MODSEQ {}", highest_modseq);
    return out;
}

}  // namespace

session::answered session::on(search_command command) {
    const search_matcher matcher(std::move(command.key), *selected_, saved_);
    if (matcher.looks_for_too_much()) co_return answer{"NO [LIMIT] The text to look for is too long"};
    auto found = co_await search(matcher);
    if (!found) {
        if (command.return_save) saved_.clear();
        co_return answer_for(found.error());
    }
    // RFC 5182 2.1: of MIN and MAX alone, what they tell is saved.
    if (command.return_save && !command.return_all && !command.return_count && !found->empty() &&
        (command.return_min || command.return_max)) {
        std::vector<std::uint32_t> ends;
        if (command.return_min) ends.push_back(found->front());
        if (command.return_max && (ends.empty() || found->size() > 1)) ends.push_back(found->back());
        *found = std::move(ends);
    }
    std::int64_t highest_modseq = 0;  // RFC 7162 3.1.5: of those found, told where it was asked for
    if (matcher.asks_for_modseq()) {
        tell_modseq();
        for (const auto number : *found) highest_modseq = std::max(highest_modseq, selected_->at(number).entry.modseq);
    }
    std::vector<std::uint32_t> uids;
    if (command.by_uid || command.return_save) {
        for (const auto number : *found) uids.push_back(static_cast<std::uint32_t>(selected_->at(number).entry.uid));
    }
    auto& told = command.by_uid ? uids : *found;
    if (command.extended || enabled_rev2_) {
        const bool only_saved =
            command.return_save && !command.return_min && !command.return_max && !command.return_all && !command.return_count;
        if (!command.extended) command.return_all = true;
        if (!only_saved) say(extended_answer(tag_, command, told, highest_modseq));
    } else {
        out_ += "* SEARCH";
        for (const auto number : told) core::append(out_, " {}", number);
        if (highest_modseq != 0) core::append(out_, " (MODSEQ {})", highest_modseq);
        out_ += "\r\n";
    }
    if (command.return_save) saved_ = std::move(uids);
    co_return answer{"OK Done"};
}

/// The numbers of those found, ascending. What is not there any more is not found.
net::awaitable<core::result<std::vector<std::uint32_t>>> session::search(const search_matcher& matcher) {
    std::vector<std::uint32_t> found;
    const auto loop = co_await boost::asio::this_coro::executor;
    auto begun = std::chrono::steady_clock::now();
    for (std::uint32_t number = 1; number <= selected_->size(); ++number) {
        if (number % clock_looked_at_every == 0 && std::chrono::steady_clock::now() - begun > judged_in_a_row) {
            co_await boost::asio::post(loop, net::use_awaitable);
            begun = std::chrono::steady_clock::now();
        }
        if (stopping_) co_return core::fail(storage::errc::unavailable);
        const auto& m = selected_->at(number);
        if (m.gone) continue;
        auto is = matcher.judge(number, m.entry);
        if (!is) {
            const auto octets =
                co_await shared_.uses.database.messages().read_content(m.entry.message, shared_.uses.memory_message_size);
            if (!octets && octets.error().code == storage::errc::not_found) continue;
            if (!octets) co_return std::unexpected(octets.error());
            is = co_await shared_.uses.pool.run([&matcher, &m, number, octets = *octets]() -> std::optional<bool> {
                try {
                    return matcher.judge(number, m.entry, read_searched_text(*octets));
                } catch (const std::system_error&) {  // the medium: core::content
                    return std::nullopt;
                }
            });
            if (!is) co_return core::fail(storage::errc::unavailable);
        }
        if (*is) found.push_back(number);
    }
    co_return found;
}

}  // namespace postern::imap
