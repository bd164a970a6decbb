#include "account/sasl/scram_sha256.hpp"

#include <utility>

#include <fmt/format.h>

#include "account/sasl/credentials.hpp"
#include "account/sasl/saslprep.hpp"
#include "account/scram.hpp"
#include "core/base64.hpp"
#include "core/random.hpp"

namespace postern::account::sasl {

namespace {

constexpr std::string_view exporter = "tls-exporter";
constexpr std::size_t nonce_length = 26;  // 130 random bits

refusal fail(std::string_view server_error) { return {.detail = std::string(server_error)}; }

std::string_view text_of(const auto& octets) { return {reinterpret_cast<const char*>(octets.data()), octets.size()}; }

/// The key that the proof fits. Tries all of them, and one when there is none, so that time tells little.
const storage::scram_key* fitting(const std::vector<storage::scram_key>& keys, std::string_view message,
                                  std::string_view proof) {
    static const storage::scram_key nobodys{};
    const storage::scram_key* found = nullptr;
    if (keys.empty()) static_cast<void>(proof_fits(nobodys.stored_key, message, proof));
    for (const auto& key : keys) {
        if (proof_fits(key.stored_key, message, proof)) found = &key;
    }
    return found;
}

}  // namespace

net::awaitable<step> scram_sha256::respond(std::optional<secret> response) {
    if (!response) co_return challenge{};  // RFC 4422 5: the client speaks first, so it is asked with nothing
    const auto message = response->reveal();
    if (message.size() > max_response) co_return malformed("SCRAM: message too long");
    switch (state_) {
        case state::first: co_return co_await on_first(message);
        case state::final: co_return co_await on_final(message);
        case state::acknowledgement: break;
    }
    if (!message.empty() || !account_) co_return malformed("SCRAM: something follows the end");
    co_return std::move(*account_);
}

net::awaitable<step> scram_sha256::on_first(std::string_view message) {
    auto first = parse_client_first(message);
    if (!first) co_return malformed(std::string(first.error()));
    if (auto refused = check_binding(*first)) co_return std::move(*refused);
    auto name = saslprep(first->name);
    if (!name) co_return malformed("invalid-username-encoding");
    if (!is_own(first->authzid, first->name)) co_return fail("other-error");

    auto login = co_await with_.accounts.find_scram(*name, with_.client);
    if (!login) co_return refuse(login.error());
    first_ = std::move(*first);
    name_ = std::move(*name);
    login_ = std::move(*login);
    nonce_ = first_.nonce + core::random_text(with_.random, nonce_length);
    server_first_ = fmt::format("r={},s={},i={}", nonce_, core::encode_base64(text_of(login_.parameters.salt)),
                                login_.parameters.iterations);
    state_ = state::final;
    co_return challenge{server_first_};
}

/// RFC 5802 section 6.
std::optional<refusal> scram_sha256::check_binding(const client_first& first) const {
    using enum client_first::binding;
    if (first.flag == required) {
        if (!plus_) return fail("channel-binding-not-supported");
        if (first.binding_type != exporter) return fail("unsupported-channel-binding-type");
        return std::nullopt;
    }
    // The client believes that we do not offer -PLUS, and we do: somebody between us took it off the list.
    if (first.flag == not_offered && with_.tls_exporter) return fail("server-does-support-channel-binding");
    if (plus_) return fail("channel-bindings-dont-match");
    return std::nullopt;
}

net::awaitable<step> scram_sha256::on_final(std::string_view message) {
    const auto final = parse_client_final(message);
    if (!final) co_return malformed(std::string(final.error()));
    const auto binding = first_.gs2_header + (plus_ ? with_.tls_exporter.value_or("") : "");
    if (final->binding != binding) co_return fail("channel-bindings-dont-match");
    if (final->nonce != nonce_) co_return fail("other-error");

    const auto auth_message = fmt::format("{},{},{}", first_.bare, server_first_, final->without_proof);
    const auto* key = fitting(login_.keys, auth_message, final->proof);
    const auto fits = key == nullptr ? std::nullopt : std::optional(key->id);
    auto outcome = co_await with_.accounts.conclude_scram(name_, fits, with_.client);
    if (!outcome) co_return refuse(outcome.error(), "invalid-proof");
    if (key == nullptr) co_return fail("invalid-proof");
    account_ = std::move(*outcome);
    state_ = state::acknowledgement;
    co_return challenge{"v=" + core::encode_base64(server_signature(key->server_key, auth_message))};
}

}  // namespace postern::account::sasl
