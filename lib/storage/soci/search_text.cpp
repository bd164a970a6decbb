#include "storage/soci/search_text.hpp"

#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/format.hpp"

namespace postern::storage {
namespace {

using place = search_term::place;

class tsvector_text {
public:
    void add(const std::vector<std::string>& terms, std::string_view prefix = {}) {
        for (const auto& term : terms) {
            ++position_;
            add(term, "");
            if (!prefix.empty()) add(term, prefix);
        }
        ++position_;  // no phrase goes on from one field into the next
    }

    void add(std::string_view term, std::string_view prefix) { core::append(text_, "'{}{}':{} ", prefix, term, position_); }

    std::string take() { return std::move(text_); }

private:
    std::string text_;
    int position_ = 1;
};

std::string_view prefix_of(place in) {
    switch (in) {
        case place::sender: return "f:";
        case place::recipients: return "t:";
        case place::subject: return "s:";
        case place::anywhere: break;
    }
    return "";
}

std::string tsquery_phrase(const search_term& term) {
    std::string text;
    for (const auto& each : term.phrase.terms) {
        if (!text.empty()) text += " <-> ";
        text += fmt::format("'{}{}'", prefix_of(term.in), each);
    }
    if (term.phrase.prefix) text += ":*";
    return term.excluded ? "!(" + text + ")" : "(" + text + ")";
}

std::string_view columns_of(place in) {
    switch (in) {
        case place::sender: return "sender";
        case place::recipients: return "recipients";
        case place::subject: return "subject";
        case place::anywhere: break;
    }
    return "{sender recipients subject body attachments}";
}

std::string match_phrase(const search_term& term) {
    return fmt::format("{} : \"{}\"{}", columns_of(term.in), to_fts5(term.phrase.terms), term.phrase.prefix ? " *" : "");
}

}  // namespace

std::string to_tsvector(const search_document& document) {
    tsvector_text text;
    text.add(fmt::format("#{}", document.account.value), "");
    text.add(document.words.sender, "f:");
    text.add(document.words.recipients, "t:");
    text.add(document.words.subject, "s:");
    text.add(document.words.body);
    text.add(document.words.attachments);
    return text.take();
}

std::string to_tsquery(account_id account, const std::vector<search_term>& terms) {
    std::string text = fmt::format("'#{}'", account.value);
    for (const auto& term : terms) text += " & " + tsquery_phrase(term);
    return text;
}

std::string to_fts5(account_id account) { return fmt::format("a{}", account.value); }

std::string to_fts5(const std::vector<std::string>& terms) { return fmt::format("{}", fmt::join(terms, " ")); }

std::string to_match(account_id account, const std::vector<search_term>& terms) {
    std::string wanted = "account : " + to_fts5(account);
    std::string excluded;
    for (const auto& term : terms) {
        if (term.excluded) {
            excluded += (excluded.empty() ? "" : " OR ") + match_phrase(term);
        } else {
            wanted += " AND " + match_phrase(term);
        }
    }
    return excluded.empty() ? wanted : "(" + wanted + ") NOT (" + excluded + ")";
}

}  // namespace postern::storage
