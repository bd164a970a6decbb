#include "http/caller.hpp"

#include <utility>

#include <fmt/format.h>

namespace postern::http {

namespace {

std::unexpected<problem> lacks(std::string_view scopes) {
    return std::unexpected(problem{
        status::forbidden,
        fmt::format("This token may not do that. It needs the scope {}.", scopes),
        {},
        {{"WWW-Authenticate", fmt::format(R"(Bearer realm="postern", error="insufficient_scope", scope="{}")", scopes)}}});
}

outcome<void> check_scopes(const storage::token_scopes& has, access needs) {
    switch (needs) {
        case access::anyone: break;
        case access::read:
            if (!has.read) return lacks("read");
            break;
        case access::send:
            if (!has.send) return lacks("send");
            break;
        case access::change:
            if (!has.read || !has.send) return lacks("read send");
            break;
        case access::account: return refuse(status::forbidden, "No token may do that. Please sign in with your password.");
        case access::admin:
            if (!has.admin) return lacks("admin");
            break;
    }
    return {};
}

}  // namespace

outcome<void> authorize(const caller& who, access needs) {
    if (who.by == caller::proof::token) {
        if (auto may = check_scopes(who.scopes, needs); !may) return may;
    }
    // Also with a token of that scope: its owner may have ceased to be one.
    if (needs == access::admin && !who.account.admin) return refuse(status::forbidden, "This is for administrators only.");
    return {};
}

}  // namespace postern::http
