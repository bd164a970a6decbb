#include "smtp/enhanced_status.hpp"

#include <fmt/format.h>

namespace postern::smtp {

std::string to_string(enhanced_status s) { return fmt::format("{}.{}.{}", s.klass, s.subject, s.detail); }

}  // namespace postern::smtp
