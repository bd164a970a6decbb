#pragma once

#include <string>

namespace postern::config {

/// Something wrong in what a person gave, with all that is needed to put it right, on one line and without secrets:
/// `/etc/postern/postern.conf:12: limits.recipients = "5" is out of range; must be a whole number from 100 to 100000`.
struct problem {
    enum class origin { command_line, environment, file };

    origin from;
    std::string text;
};

}  // namespace postern::config
