#pragma once

#include <expected>
#include <string>

#include <boost/program_options/options_description.hpp>

#include "account/secret.hpp"
#include "app/command.hpp"

namespace postern::app {

/// A new password and where it came from.
struct given_password {
    account::secret value;
    bool generated = false;  ///< nobody knows it yet: show it once
};

/// `--password-stdin` and `--generate-password`.
void describe_password(boost::program_options::options_description& options);

/// The password by the way the options name, else asked for twice on the terminal. What is wrong has been told.
[[nodiscard]] std::expected<given_password, exit_code> get_password(const invocation& call);

}  // namespace postern::app
