#pragma once

#include "smtp/extensions.hpp"
#include "smtp/reply.hpp"

namespace postern::smtp {

/// What a server offers, read from its 250 reply to EHLO (RFC 5321 4.1.1.1): the other direction of extensions::ehlo_reply.
///
/// Keywords are taken in any case; unknown ones, and known ones with a parameter that makes no sense, are as if they were not
/// there. BINARYMIME counts only with CHUNKING (RFC 3030 section 3). "AUTH=LOGIN", which old servers send for old clients, is
/// read like "AUTH LOGIN". At most 32 mechanisms.
[[nodiscard]] extensions read_ehlo(const reply& ehlo);

}  // namespace postern::smtp
