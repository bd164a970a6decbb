#include "imap/protocol/command_parser.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "imap/protocol/command_arguments.hpp"
#include "imap/protocol/parse_cursor.hpp"

namespace postern::imap {

namespace {

template <typename Command>
std::optional<command> bare(parse_cursor& /*in*/) {
    return Command{};
}

template <typename Command>
std::optional<command> of_mailbox(parse_cursor& in) {
    if (!in.space()) return std::nullopt;
    auto name = in.mailbox();
    if (!name) return std::nullopt;
    return Command{std::move(*name)};
}

std::optional<command> parse_subscription(parse_cursor& in, bool wanted) {
    if (!in.space()) return std::nullopt;
    auto name = in.mailbox();
    if (!name) return std::nullopt;
    return subscribe_command{std::move(*name), wanted};
}

std::optional<command> parse_rename(parse_cursor& in) {
    if (!in.space()) return std::nullopt;
    auto from = in.mailbox();
    if (!from || !in.space()) return std::nullopt;
    auto to = in.mailbox();
    if (!to) return std::nullopt;
    return rename_command{std::move(*from), std::move(*to)};
}

std::optional<command> parse_login(parse_cursor& in) {
    if (!in.space()) return std::nullopt;
    auto user = in.astring();
    if (!user || !in.space()) return std::nullopt;
    auto password = in.astring();
    if (!password) return std::nullopt;
    return login_command{std::move(*user), std::move(*password)};
}

std::optional<command> parse_authenticate(parse_cursor& in) {
    if (!in.space()) return std::nullopt;
    const auto mechanism = in.atom();
    if (!mechanism) return std::nullopt;
    authenticate_command authenticate{.mechanism = to_upper(*mechanism), .initial_response = std::nullopt};
    if (!in.take(' ')) return authenticate;
    authenticate.initial_response = in.base64();
    if (!authenticate.initial_response) return std::nullopt;
    return authenticate;
}

std::optional<command> parse_enable(parse_cursor& in) {
    enable_command enable;
    if (!in.space()) return std::nullopt;
    do {
        const auto capability = in.atom();
        if (!capability) return std::nullopt;
        enable.capabilities.push_back(to_upper(*capability));
    } while (in.take(' '));
    return enable;
}

/// RFC 2971 3.1: NIL, or pairs of a field and its value, which may be NIL.
std::optional<command> parse_id(parse_cursor& in) {
    if (!in.space()) return std::nullopt;
    if (in.take_keyword("NIL")) return id_command{};
    const auto pair = [&] { return in.string() && in.space() && (in.take_keyword("NIL") || in.string()); };
    if (!in.list(pair, true)) return std::nullopt;
    return id_command{};
}

std::optional<command> parse_uid_expunge(parse_cursor& in) {
    if (!in.space()) return std::nullopt;
    auto uids = in.set();
    if (!uids) return std::nullopt;
    return expunge_command{std::move(*uids)};
}

struct known_command {
    std::string_view name;
    std::optional<command> (*parse)(parse_cursor& in);
};

constexpr std::array<known_command, 6> uid_commands{{
    {"COPY", [](parse_cursor& in) { return parse_copy(in, true, false); }},
    {"EXPUNGE", parse_uid_expunge},
    {"FETCH", [](parse_cursor& in) { return parse_fetch(in, true); }},
    {"MOVE", [](parse_cursor& in) { return parse_copy(in, true, true); }},
    {"SEARCH", [](parse_cursor& in) { return parse_search(in, true); }},
    {"STORE", [](parse_cursor& in) { return parse_store(in, true); }},
}};

std::optional<command> parse_uid(parse_cursor& in) {
    if (!in.space()) return std::nullopt;
    const auto found = std::ranges::find(uid_commands, in.keyword(), &known_command::name);
    if (found == uid_commands.end()) return in.fail("UID goes with COPY, EXPUNGE, FETCH, MOVE, SEARCH and STORE");
    return found->parse(in);
}

constexpr std::array<known_command, 31> commands{{
    {"APPEND", parse_append},
    {"AUTHENTICATE", parse_authenticate},
    {"CAPABILITY", bare<capability_command>},
    {"CHECK", bare<check_command>},
    {"CLOSE", bare<close_command>},
    {"COPY", [](parse_cursor& in) { return parse_copy(in, false, false); }},
    {"CREATE", of_mailbox<create_command>},
    {"DELETE", of_mailbox<delete_command>},
    {"ENABLE", parse_enable},
    {"EXAMINE", [](parse_cursor& in) { return parse_select(in, true); }},
    {"EXPUNGE", bare<expunge_command>},
    {"FETCH", [](parse_cursor& in) { return parse_fetch(in, false); }},
    {"ID", parse_id},
    {"IDLE", bare<idle_command>},
    {"LIST", parse_list},
    {"LOGIN", parse_login},
    {"LOGOUT", bare<logout_command>},
    {"LSUB", parse_lsub},
    {"MOVE", [](parse_cursor& in) { return parse_copy(in, false, true); }},
    {"NAMESPACE", bare<namespace_command>},
    {"NOOP", bare<noop_command>},
    {"RENAME", parse_rename},
    {"SEARCH", [](parse_cursor& in) { return parse_search(in, false); }},
    {"SELECT", [](parse_cursor& in) { return parse_select(in, false); }},
    {"STARTTLS", bare<starttls_command>},
    {"STATUS", parse_status},
    {"STORE", [](parse_cursor& in) { return parse_store(in, false); }},
    {"SUBSCRIBE", [](parse_cursor& in) { return parse_subscription(in, true); }},
    {"UID", parse_uid},
    {"UNSELECT", bare<unselect_command>},
    {"UNSUBSCRIBE", [](parse_cursor& in) { return parse_subscription(in, false); }},
}};

std::optional<command> parse_named(parse_cursor& in) {
    const auto name = in.keyword();
    if (name.empty()) return in.fail("a command was expected");
    const auto found = std::ranges::find(commands, name, &known_command::name);
    if (found == commands.end()) return in.fail("the command is not known");
    auto parsed = found->parse(in);
    if (parsed && !in.at_end()) return in.fail("there is more than the command takes");
    return parsed;
}

}  // namespace

std::optional<command> parse_copy(parse_cursor& in, bool by_uid, bool move) {
    if (!in.space()) return std::nullopt;
    auto messages = in.set();
    if (!messages || !in.space()) return std::nullopt;
    auto mailbox = in.mailbox();
    if (!mailbox) return std::nullopt;
    return copy_command{.by_uid = by_uid, .messages = std::move(*messages), .mailbox = std::move(*mailbox), .move = move};
}

std::optional<command> parse_select(parse_cursor& in, bool read_only) {
    if (!in.space()) return std::nullopt;
    auto mailbox = in.mailbox();
    if (!mailbox) return std::nullopt;
    select_command select{.mailbox = std::move(*mailbox), .read_only = read_only};
    if (!in.take(' ')) return select;
    const auto parameter = [&] {
        if (in.keyword() == "CONDSTORE") return select.condstore = true;
        in.fail("this parameter is not known");
        return false;
    };
    if (!in.list(parameter, false)) return std::nullopt;
    return select;
}

std::string_view read_tag(std::string_view octets) {
    const auto tag = parse_cursor(octets, true).tag();
    return tag.empty() ? "*" : tag;
}

std::expected<tagged_command, parse_failure> parse_command(std::string_view octets, bool utf8) {
    parse_cursor in(octets, utf8);
    std::string tag(in.tag());
    if (!tag.empty() && in.space()) {
        if (auto parsed = parse_named(in)) return tagged_command{std::move(tag), std::move(*parsed)};
    }
    if (tag.empty()) tag = "*";
    return std::unexpected(parse_failure{std::move(tag), std::string(in.failure()), in.failed_for_charset()});
}

}  // namespace postern::imap
