#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "account/sasl/mechanisms.hpp"
#include "account/sasl/saslprep.hpp"
#include "account/sasl/scram_message.hpp"
#include "core/unicode.hpp"
#include "require.hpp"

using namespace postern;
using namespace postern::account;

namespace {

/// Lets in who has the one password, in whatever mechanism, and looks at what gets as far as to it.
class gate final : public sasl_accounts {
public:
    net::awaitable<login_result> verify(std::string login, secret password, boost::asio::ip::address) override {
        require(!login.empty() && login.size() <= sasl::max_response && core::is_utf8(password.reveal()));
        if (password.reveal() != "right") co_return std::unexpected(login_failure{});
        co_return storage::account{};
    }
    net::awaitable<std::expected<scram_login, login_failure>> find_scram(std::string login, boost::asio::ip::address) override {
        require(core::is_utf8(login) && !login.empty() && !login.contains('\0'));
        co_return scram_login{{}, {storage::scram_key{storage::app_password_id{1}, {}, {}}}};
    }
    net::awaitable<login_result> conclude_scram(std::string, std::optional<storage::app_password_id> fits,
                                                boost::asio::ip::address) override {
        require(!fits);  // nobody finds the proof by chance
        co_return std::unexpected(login_failure{});
    }
};

class no_random final : public core::random_source {
public:
    void fill(std::span<std::byte> out) override { std::ranges::fill(out, std::byte{0}); }
};

net::awaitable<void> exchange(std::shared_ptr<sasl::mechanism> m, std::string_view responses) {
    for (int turn = 0; turn < 8; ++turn) {
        const auto end = std::min(responses.find('\n'), responses.size());
        auto given = turn == 0 && end == 0 ? std::nullopt : std::optional(secret(responses.substr(0, end)));
        responses.remove_prefix(std::min(end + 1, responses.size()));
        const auto step = co_await m->respond(std::move(given));
        if (!std::holds_alternative<sasl::challenge>(step)) co_return;
        require(std::get<sasl::challenge>(step).octets.size() <= 2 * sasl::max_response);
    }
}

}  // namespace

/// Whatever a client answers, an exchange ends, asks only what may be asked, and lets nobody in for nothing. The first octet
/// picks the mechanism; the responses are lines.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view responses(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (const auto first = sasl::parse_client_first(responses)) require(first->gs2_header + first->bare == responses);
    if (const auto final = sasl::parse_client_final(responses)) require(responses.starts_with(final->without_proof));
    if (const auto prepared = sasl::saslprep(responses)) require(!prepared->empty() && core::is_utf8(*prepared));

    gate accounts;
    no_random random;
    const auto names = sasl::offered(true);
    const sasl::context with{accounts, random, boost::asio::ip::make_address("192.0.2.1"), std::string(32, 'x')};
    boost::asio::io_context loop;
    std::exception_ptr escaped;
    boost::asio::co_spawn(loop, exchange(sasl::make_mechanism(names[data[0] % names.size()], with), responses),
                          [&](std::exception_ptr e) { escaped = e; });
    loop.run();
    require(!escaped);
    return 0;
}
