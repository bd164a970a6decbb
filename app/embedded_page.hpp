#pragma once

#include <span>

#include "http/page/static_files.hpp"

namespace postern::app {

/// What is in app/web, as it was when the program was built.
[[nodiscard]] std::span<const http::static_file> embedded_page();

}  // namespace postern::app
