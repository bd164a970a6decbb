#include "app/password_source.hpp"

#include <utility>

#include "account/password.hpp"
#include "app/terminal.hpp"
#include "core/random.hpp"

namespace postern::app {

namespace {

/// Asked before any work, so that a person need not type the second time in vain.
std::expected<given_password, exit_code> checked(account::secret password) {
    if (const auto right = account::check_new_password(password.reveal()); !right)
        return std::unexpected(refuse(right.error().message()));
    return given_password{std::move(password)};
}

std::expected<given_password, exit_code> from_terminal() {
    auto first = ask_hidden("Password");
    if (!first) return std::unexpected(refuse("no password was given"));
    auto password = checked(account::secret(std::move(*first)));
    if (!password) return password;
    auto again = ask_hidden("Password again");
    const account::secret repeated(std::move(again).value_or(""));
    if (repeated.reveal() != password->value.reveal()) return std::unexpected(refuse("the two passwords are not the same"));
    return password;
}

}  // namespace

void describe_password(boost::program_options::options_description& options) {
    options.add_options()("password-stdin", "read the password from the first line of standard input")(
        "generate-password", "make a password and print it, once");
}

std::expected<given_password, exit_code> get_password(const invocation& call) {
    const bool from_stdin = call.has("password-stdin");
    if (from_stdin && call.has("generate-password"))
        return std::unexpected(misuse(call.command, "--password-stdin and --generate-password exclude each other"));
    if (call.has("generate-password")) {
        core::system_random random;
        return given_password{account::generate_password(random), true};
    }
    if (from_stdin) {
        auto line = read_line();
        if (!line) return std::unexpected(refuse("standard input holds no password, or a line that is too long"));
        return checked(account::secret(std::move(*line)));
    }
    if (can_ask()) return from_terminal();
    return std::unexpected(
        misuse(call.command, "there is no terminal to ask for a password; use --password-stdin or --generate-password"));
}

}  // namespace postern::app
