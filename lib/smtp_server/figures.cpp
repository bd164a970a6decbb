#include "smtp_server/figures.hpp"

#include <algorithm>

namespace postern::smtp_server {

namespace {

constexpr std::array<std::string_view, refusals> words{"unknown_user", "mailbox_disabled", "mailbox_full", "not_allowed",
                                                       "bad_address",  "bad_message",      "too_large",    "loop",
                                                       "limit",        "authentication",   "protocol",     "unavailable"};

struct rule {
    int subject;  // RFC 3463 section 3: the second number, the third
    int detail;   // -1: any
    refusal why;
};

constexpr rule reasons[] = {
    {1, 1, refusal::unknown_user},
    {1, -1, refusal::bad_address},
    {2, 1, refusal::mailbox_disabled},
    {2, 2, refusal::mailbox_full},
    {3, 4, refusal::too_large},
    {3, -1, refusal::unavailable},
    {4, 6, refusal::loop},
    {5, 3, refusal::limit},
    {5, -1, refusal::protocol},
    {6, 7, refusal::bad_address},
    {6, -1, refusal::bad_message},
    {7, 1, refusal::not_allowed},
    {7, -1, refusal::authentication},
};

}  // namespace

std::optional<refusal> refusal_of(const smtp::reply& r) {
    if (r.is_positive() || !r.status) return std::nullopt;
    const auto& s = *r.status;
    if (s.subject == 4 && s.detail == 2) return std::nullopt;  // silence
    if (s.subject == 3 && s.detail == 2) return std::nullopt;  // our end
    if (s.subject == 7 && (r.code == 421 || r.code == 450)) return refusal::limit;
    const auto* found = std::ranges::find_if(
        reasons, [&](const rule& one) { return one.subject == s.subject && (one.detail == -1 || one.detail == s.detail); });
    return found == std::end(reasons) ? refusal::protocol : found->why;
}

figures::figures(core::metrics& in, const std::string& listener)
    : sessions(in.level("postern_smtp_sessions", "SMTP sessions open now", {{"listener", listener}})),
      connections(in.count("postern_smtp_connections_total", "SMTP connections begun", {{"listener", listener}})),
      accepted(in.count("postern_accepted_total", "Messages that became ours", {{"via", listener}})) {
    for (std::size_t i = 0; i < refusals; ++i) {
        refused_.at(i) = in.count("postern_refused_total", "Replies to SMTP clients that said no, by reason",
                                  {{"listener", listener}, {"reason", std::string(words.at(i))}});
    }
}

void figures::count(const smtp::reply& r) const {
    if (const auto why = refusal_of(r)) count(*why);
}

}  // namespace postern::smtp_server
